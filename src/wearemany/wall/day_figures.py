"""Figures by day: kept in one row a day by a consumer that tails the wall, so that a page costs days, not entries.

Derived from the published entries alone. What the consumer has not reached yet is counted while reading, so that the
days always add up to the number; is that more than a moment's work, a reader is told that they are being counted. To
rebuild: `figures_forget`, and the worker counts again.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db import transaction
from django.db.models import Count, F, Q

from wearemany.campaigns.models import Campaign
from wearemany.tlog.checkpoint import Checkpoint, open_checkpoint
from wearemany.wall.audit import CHECKPOINT_PATH, Missing
from wearemany.wall.consume import cursor_position
from wearemany.wall.log import public_log
from wearemany.wall.models import Cursor, DayFigures, Entry
from wearemany.wall.queries import Number, number

CONSUMER = "figures"
BATCH_MAX = 20_000
BEHIND_MAX = 5_000
_LOOKS_MAX = 5


@dataclass(frozen=True)
class Day:
    """One day: posts that joined, posts that were taken back, posts on the wall at its end.

    `size` and `checkpoint` are of the signed count kept for that day; 0 and empty where none is.
    """

    day: datetime.date
    joined: int
    removed: int
    posts: int = 0
    size: int = 0
    checkpoint: str = ""


@dataclass(frozen=True)
class Figures:
    """The number, and the days that it comes from, oldest first; no days while there is too much to count."""

    number: Number
    days: tuple[Day, ...]
    is_counting: bool = False


def figures_pending() -> int:
    """Count the entries that were published since, for every campaign; returns how many."""
    return sum(_count(campaign) for campaign in Campaign.objects.order_by("pk"))


def figures_of(campaign: Campaign) -> Figures:
    """Return the number and its days as one moment of the log: the days' sum is the number."""
    for _ in range(_LOOKS_MAX):
        reached = cursor_position(CONSUMER, campaign)
        kept = {row.day: _day(row) for row in DayFigures.objects.filter(campaign=campaign)}
        now = number(campaign)
        # The consumer moved between the two looks: rows and cursor may be of two moments.
        if cursor_position(CONSUMER, campaign) == reached:
            break
    if now.size - reached > BEHIND_MAX:
        return Figures(now, (), is_counting=True)
    for day, joined, removed in _counted(campaign, first=reached, end=now.size):
        before = kept.get(day, Day(day, 0, 0))
        kept[day] = replace(before, joined=before.joined + joined, removed=before.removed + removed)
    return Figures(now, tuple(_summed(sorted(kept.values(), key=lambda each: each.day))))


def day_checkpoint(campaign: Campaign, day: datetime.date) -> str:
    """Return the signed count kept for a day; empty where there is none."""
    row = DayFigures.objects.filter(campaign=campaign, day=day).values_list("checkpoint", flat=True).first()
    return row or ""


def days_signed(campaign: Campaign, *, before: datetime.date, limit: int) -> tuple[Day, ...]:
    """Return the newest days before a day of which a signed count is kept, newest first."""
    rows = DayFigures.objects.filter(campaign=campaign, day__lt=before).exclude(checkpoint="")
    return tuple(_day(row) for row in rows.order_by("-day")[:limit])


def figures_forget(campaign: Campaign) -> None:
    """Forget all days, to be counted anew from the entries. Signed counts of past days are lost with them."""
    with transaction.atomic():
        DayFigures.objects.filter(campaign=campaign).delete()
        Cursor.objects.filter(campaign=campaign, consumer=CONSUMER).delete()


def _count(campaign: Campaign) -> int:
    reached = cursor_position(CONSUMER, campaign)
    published = number(campaign).size
    if reached >= published:
        return 0
    note, seen = _checkpoint(campaign)
    end = min(reached + BATCH_MAX, published, seen.size if seen else published)
    if end <= reached:
        return 0
    days = list(_counted(campaign, first=reached, end=end))
    last = Entry.objects.filter(campaign=campaign, position=end - 1).values_list("day", flat=True).first()
    with transaction.atomic():
        cursor, _ = Cursor.objects.select_for_update().get_or_create(consumer=CONSUMER, campaign=campaign)
        if cursor.position != reached:
            return 0
        for day, joined, removed in days:
            DayFigures.objects.get_or_create(campaign=campaign, day=day)
            DayFigures.objects.filter(campaign=campaign, day=day).update(
                joined=F("joined") + joined, removed=F("removed") + removed
            )
        if seen is not None and seen.size == end and last is not None:
            DayFigures.objects.filter(campaign=campaign, day=last).update(size=end, checkpoint=note)
        Cursor.objects.filter(pk=cursor.pk).update(position=end)
    return end - reached


def _checkpoint(campaign: Campaign) -> tuple[str, Checkpoint | None]:
    """Return the public checkpoint, as it is signed and as it reads."""
    log = public_log(campaign)
    try:
        note = log.read(CHECKPOINT_PATH)
    except Missing:
        return "", None
    return note.decode("utf-8"), open_checkpoint(note, log.signer.verifier)


def _counted(campaign: Campaign, *, first: int, end: int) -> Iterable[tuple[datetime.date, int, int]]:
    """Return (day, joined, removed) of the entries with positions in [first, end)."""
    if first >= end:
        return ()
    rows = Entry.objects.filter(campaign=campaign, position__gte=first, position__lt=end)
    counts = rows.order_by().values_list("day")
    return counts.annotate(
        joined=Count("pk", filter=Q(kind="post")), removed=Count("pk", filter=Q(kind="removed"))
    )


def _summed(days: Iterable[Day]) -> Iterable[Day]:
    posts = 0
    for day in days:
        posts += day.joined - day.removed
        yield replace(day, posts=posts)


def _day(row: DayFigures) -> Day:
    return Day(row.day, row.joined, row.removed, size=row.size, checkpoint=row.checkpoint)
