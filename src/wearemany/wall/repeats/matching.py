"""The matcher: tails the wall and finds photos that show the same picture again. Marks; the log then amends.

    read      the next entries; who came, changed, went         crash: read again
    look      fingerprints near by, then pixels                 crash: looked again
    write     what was found, who repeats, the cursor, at once  crash: it happened, or it did not
    amend     the log's next batch, from rows                   crash: the rows still say so

Compares covered pictures alone; nobody is told which other post it was. Photo entries do not wait for this: the number
says "checked for repeats" as far as the cursor. One process a campaign at a time keeps the fingerprints in memory, by
a lease that it lengthens with every batch; another one makes them anew from the rows. What is near is in `sought`, who
repeats in `pictures`, the questions to people in `questions`.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from wearemany.adapters import clock
from wearemany.adapters.repeats import SecondLook
from wearemany.campaigns.models import Campaign
from wearemany.ids import ID_BYTES, opaque
from wearemany.photos.models import Photo, Post
from wearemany.wall.consume import cursor_advance, cursor_position, entries_unread
from wearemany.wall.models import Entry, Matching, Resemblance, Sighting
from wearemany.wall.queries import number
from wearemany.wall.repeats.groups import repeats_before, standing_settle
from wearemany.wall.repeats.looking import Finding, Shelf, findings
from wearemany.wall.repeats.questions import may_ask
from wearemany.worker.claims import LeaseLost
from wearemany.worker.seldom import Seldom

CONSUMER = "repeats"
BATCH = 50
LEASE_S = 120.0
PLACE_BYTES = 8

# The fingerprints that this process keeps, and what proves that it is the one; all forgotten with the process.
_begun = Seldom(every_s=math.inf)
_one_at_a_time = threading.Lock()
_shelves: dict[int, Shelf] = {}
_owner = ""
_second_look = SecondLook()


def match_pending() -> int:
    """Look at published entries that the matcher has not seen, a batch for each campaign; return how many."""
    # Another thread of this process has other things to do meanwhile.
    if not _one_at_a_time.acquire(blocking=False):
        return 0
    try:
        if _begun.is_time():
            _begin_anew()
        return sum(_match(campaign) for campaign in Campaign.objects.order_by("pk"))
    finally:
        _one_at_a_time.release()


def checked_size(campaign: Campaign) -> int:
    """Return up to which entry the log was checked for repeats."""
    return cursor_position(CONSUMER, campaign)


def _begin_anew() -> None:
    global _owner
    _owner = opaque(clock.random_bytes(ID_BYTES))
    for shelf in _shelves.values():
        shelf.close()
    _shelves.clear()
    _second_look.close()


def _match(campaign: Campaign) -> int:
    begin = cursor_position(CONSUMER, campaign)
    if begin >= number(campaign).size:
        return 0
    if not _leased(campaign):
        _drop(campaign)
        return 0
    unread = entries_unread(CONSUMER, campaign, limit=BATCH)
    if not unread:
        return 0
    try:
        shelf = _shelf(campaign, unread[0].position)
        found = findings(campaign, unread, shelf=shelf, look=_second_look)
        end = unread[-1].position + 1
        _write(campaign, unread, found, end=end)
        shelf.end = end
    except BaseException:
        # What the shelf has read may not be what the rows say now; the next one is made from them.
        _drop(campaign)
        raise
    return len(unread)


def _leased(campaign: Campaign) -> bool:
    """Take or lengthen the lease; False while another process has it."""
    now = clock.now()
    Matching.objects.get_or_create(campaign=campaign)
    free = Q(lease_owner=_owner) | Q(lease_until=None) | Q(lease_until__lte=now)
    lease = {"lease_owner": _owner, "lease_until": now + timedelta(seconds=LEASE_S)}
    return bool(Matching.objects.filter(free, campaign=campaign).update(**lease))


def _shelf(campaign: Campaign, begin: int) -> Shelf:
    """Return the fingerprints of what stands before `begin`, those at hand when they go just that far."""
    shelf = _shelves.get(campaign.pk)
    if shelf is None or shelf.end != begin:
        _drop(campaign)
        shelf = _shelves[campaign.pk] = Shelf(campaign, end=begin)
    return shelf


def _drop(campaign: Campaign) -> None:
    shelf = _shelves.pop(campaign.pk, None)
    if shelf is not None:
        shelf.close()


def _write(campaign: Campaign, unread: Sequence[Entry], found: Sequence[Finding], *, end: int) -> None:
    """Write all of a batch in one transaction. Raises LeaseLost when another process took over meanwhile."""
    with transaction.atomic():
        if not Matching.objects.select_for_update().filter(campaign=campaign, lease_owner=_owner).exists():
            raise LeaseLost
        photos = {photo for finding in found for photo in (finding.photo_id, finding.earlier_id)}
        owners = dict(Photo.objects.filter(pk__in=photos).values_list("pk", "post"))
        living = Post.objects.select_for_update().filter(pk__in=set(owners.values()), erased=False)
        alive = set(living.order_by("pk").values_list("pk", flat=True))
        for finding in found:
            if {owners.get(finding.photo_id), owners.get(finding.earlier_id)} <= alive:
                _write_finding(campaign, finding)
        fresh = {entry.post_id for entry in unread if entry.kind == "post" and entry.post_id}
        # Whoever was a repeat stood behind somebody lower, who stands there still: only others leave a gap.
        gone = [entry.of for entry in unread if entry.kind == "removed" and entry.of is not None]
        if Entry.objects.filter(campaign=campaign, position__in=gone, is_repeat=False).exists():
            fresh |= set(repeats_before(campaign, end))
        standing_settle(campaign, sorted(fresh))
        cursor_advance(CONSUMER, campaign, position=end)


def _write_finding(campaign: Campaign, finding: Finding) -> None:
    """Link a photo to the picture of an earlier one, or leave the question to a person. Twice is once."""
    if Sighting.objects.filter(photo=finding.photo_id).exists():
        return
    earlier, _ = Sighting.objects.get_or_create(
        photo_id=finding.earlier_id, defaults={"campaign": campaign, "picture": _fresh_name()}
    )
    if finding.is_certain:
        Sighting.objects.create(photo_id=finding.photo_id, campaign=campaign, picture=earlier.picture)
        Resemblance.objects.filter(photo=finding.photo_id).delete()
        return
    Sighting.objects.create(photo_id=finding.photo_id, campaign=campaign, picture=_fresh_name())
    if not may_ask(campaign, earlier.picture):
        return
    Resemblance.objects.get_or_create(
        photo_id=finding.photo_id,
        defaults={
            "campaign": campaign,
            "earlier_id": finding.earlier_id,
            "picture": earlier.picture,
            "turned": finding.turned,
            "place": clock.random_bytes(PLACE_BYTES),
        },
    )


def _fresh_name() -> str:
    return opaque(clock.random_bytes(ID_BYTES))
