"""The mirrors that the organisers name, and which of them stand in the signed list: those proved within the last day.

Each is looked at once a day by the worker (`mirrors_probe_pending`), more often while something is wrong. A mirror that
shows what was taken back leaves the list at once; one that cannot be reached leaves when its last proof is a day old.
"""

from __future__ import annotations

import datetime
from urllib.parse import urlsplit

from django.db import transaction

from wearemany.adapters import clock, server
from wearemany.adapters.fetch import Way
from wearemany.campaigns.models import Campaign
from wearemany.campaigns.services import campaign_day
from wearemany.doors import DoorMalformed, parse_mirror
from wearemany.errors import N_, Refused
from wearemany.wall.log import public_log
from wearemany.wall.mirrors.offer import pictures_of_entries
from wearemany.wall.mirrors.probe import UNREACHABLE, Measure, mirror_look
from wearemany.wall.models import Entry, Mirror
from wearemany.wall.queries import number, public_entries
from wearemany.worker.claims import RELEASED, LeaseLost, claim
from wearemany.worker.loop import wake_on_commit

MIRRORS_MAX = 50
LISTED_FOR = datetime.timedelta(hours=26)
"""How long a proof holds: a day, and two hours in which the next look may fail and be repeated."""
_LOOK_AGAIN = datetime.timedelta(hours=22)
_LOOK_AGAIN_SOON = datetime.timedelta(minutes=30)
_LEASE_S = 900.0
_REMOVED_LOOKED_AT = 20
_OTHERS_DRAWN = 10
_MOST_LOOKED_AT = 25


def mirror_add(*, campaign: Campaign, url: str) -> Mirror:
    """Name a mirror; it is looked at soon, and listed once it has proved that it follows. Twice is once."""
    try:
        url = parse_mirror(url.strip())
    except DoorMalformed as error:
        raise _unusable(str(error)) from error
    if not urlsplit(url).path.endswith("/"):
        url = f"{url}/"
    if Mirror.objects.filter(campaign=campaign).exclude(url=url).count() >= MIRRORS_MAX:
        raise Refused(
            "mirrors-many", N_("There are %(limit)s copies already. Take one off first."), limit=MIRRORS_MAX
        )
    with transaction.atomic():
        row, _ = Mirror.objects.update_or_create(
            campaign=campaign, url=url, defaults={"due_at": clock.now(), "attempts": 0, **RELEASED}
        )
        wake_on_commit()
    return row


def mirror_remove(*, campaign: Campaign, url: str) -> None:
    """Take a mirror off the list, and look at it no more. Twice is once."""
    Mirror.objects.filter(campaign=campaign, url=url).delete()


def mirrors_of(campaign: Campaign) -> list[Mirror]:
    """Return the campaign's mirrors by address, listed or not."""
    return list(Mirror.objects.filter(campaign=campaign).order_by("url"))


def is_listed(mirror: Mirror) -> bool:
    """Tell whether a mirror stands in the signed list now."""
    return mirror.proved_at is not None and mirror.proved_at > clock.now() - LISTED_FOR


def mirrors_listed(*, origin: str | None = None) -> tuple[str, ...]:
    """Return the addresses of mirrors that follow: of the log with this origin, or of all campaigns."""
    rows = Mirror.objects.filter(proved_at__gt=clock.now() - LISTED_FOR)
    if origin is not None:
        rows = rows.filter(campaign__origin=origin)
    return tuple(rows.order_by("url").values_list("url", flat=True).distinct())


def mirrors_probe_pending(*, way: Way | None = None) -> int:
    """Look at mirrors that are due, one after the other. Looking twice is harmless; a killed look is done again."""
    rows = claim(Mirror, limit=1, lease_s=_LEASE_S)
    for row in rows:
        mirror_probe(row, way=way)
    return len(rows)


def mirror_probe(row: Mirror, *, way: Way | None = None) -> str:
    """Look at one mirror now, keep what came of it, and return the finding; empty when it follows."""
    mirror = Mirror.objects.select_related("campaign").get(pk=row.pk)
    finding = mirror_look(mirror.url, _measure(mirror.campaign), way=way or server.way())
    now = clock.now()
    proved_at = now if not finding else mirror.proved_at if finding == UNREACHABLE else None
    wait = _LOOK_AGAIN_SOON if finding else _LOOK_AGAIN
    kept = Mirror.objects.filter(pk=row.pk, lease_owner=row.lease_owner).update(
        **RELEASED, due_at=now + wait, attempts=0, proved_at=proved_at, looked_at=now, finding=finding
    )
    if not kept:
        raise LeaseLost
    return finding


def _measure(campaign: Campaign) -> Measure:
    """Return what a mirror of the campaign must have by now, and what it may not.

    Entries know their day only: those of the day before yesterday are surely more than a day old.
    """
    published = number(campaign).size
    old = Entry.objects.filter(
        campaign=campaign,
        position__lt=published,
        day__lte=campaign_day(campaign) - datetime.timedelta(days=2),
    )
    newest = old.order_by("-position").values_list("position", flat=True).first()
    posts = Entry.objects.filter(campaign=campaign, position__lt=published)
    removed = (
        posts.filter(kind="removed").order_by("-position").values_list("of", flat=True)[:_REMOVED_LOOKED_AT]
    )
    drawn = [int.from_bytes(clock.random_bytes(8), "big") % max(published, 1) for _ in range(_OTHERS_DRAWN)]
    others = posts.filter(kind="post", position__in=drawn).values_list("position", flat=True)
    places = {place for place in (*removed, *others) if place is not None}
    may = pictures_of_entries(campaign, public_entries(campaign).filter(position__in=places))
    gone = sorted(places - {picture.position for picture in may}, reverse=True)
    return Measure(
        verifier=public_log(campaign).signer.verifier,
        least_size=0 if newest is None else newest + 1,
        gone=tuple(gone[:_MOST_LOOKED_AT]),
        now=clock.now(),
    )


def _unusable(cause: str) -> Refused:
    return Refused(
        "mirror-address-unusable",
        N_("Give the whole address of the copy, such as https://shelf.example/red/."),
        cause=cause,
    )
