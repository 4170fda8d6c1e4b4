"""The matcher: tails the wall and finds posts that show the same picture again. Marks, the log then amends.

Compares fingerprints of covered pictures; never says which other post it was. A post is a repeat when every
photo of it was there before, in another living post with a lower place. Photo entries do not wait for this:
the number says "checked for repeats" as far as the matcher's cursor.
"""

from __future__ import annotations

from collections.abc import Iterable

from wearemany.campaigns.models import Campaign
from wearemany.campaigns.services import stream_version_bump
from wearemany.photos.models import Development
from wearemany.wall.consume import cursor_advance, cursor_position, entries_unread
from wearemany.wall.models import Entry
from wearemany.worker.loop import wake_on_commit

CONSUMER = "repeats"
SAME_UP_TO_BITS = 31
LEAST_QUALITY = 50

Prints = dict[int, list[int]]
"""Fingerprints as whole numbers, by the place of their post in the log."""


def match_pending() -> int:
    """Look at every published post that the matcher has not seen, and mark those that repeat another."""
    return sum(_match(campaign) for campaign in Campaign.objects.order_by("pk"))


def checked_size(campaign: Campaign) -> int:
    """Return up to which entry the log was checked for repeats."""
    return cursor_position(CONSUMER, campaign)


def _match(campaign: Campaign) -> int:
    unread = entries_unread(CONSUMER, campaign)
    if not unread:
        return 0
    end = unread[-1].position + 1
    fresh = [entry for entry in unread if entry.kind == "post" and entry.live and entry.post_id]
    if fresh:
        prints = _prints(campaign, end=end)
        for entry in fresh:
            if _is_repeat(entry.position, prints):
                Entry.objects.filter(pk=entry.pk).update(is_repeat=True)
                stream_version_bump(campaign.pk)
                wake_on_commit()
    cursor_advance(CONSUMER, campaign, position=end)
    return len(unread)


def _prints(campaign: Campaign, *, end: int) -> Prints:
    """Return the fingerprints of living posts before `end`; pictures with too little in them prove nothing."""
    places = dict(
        Entry.objects.filter(
            campaign=campaign, kind="post", live=True, position__lt=end, post__isnull=False
        ).values_list("post_id", "position")
    )
    rows = Development.objects.filter(
        photo__post__campaign=campaign, fingerprint_quality__gte=LEAST_QUALITY
    ).values_list("photo__post_id", "fingerprint")
    prints: Prints = {}
    for post_id, fingerprint in rows:
        if post_id in places:
            prints.setdefault(places[post_id], []).append(int.from_bytes(bytes(fingerprint), "big"))
    return prints


def _is_repeat(position: int, prints: Prints) -> bool:
    mine = prints.get(position)
    if not mine:
        return False
    earlier = [found for place, row in prints.items() if place < position for found in row]
    return all(_is_near(one, earlier) for one in mine)


def _is_near(one: int, others: Iterable[int]) -> bool:
    return any((one ^ other).bit_count() <= SAME_UP_TO_BITS for other in others)
