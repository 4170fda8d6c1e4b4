"""Reading along: each consumer has a cursor per campaign, and sees every published entry once, in order.

A consumer that dies before it moved its cursor sees the same entries again, so what it does with them must be
harmless to repeat. Entries that are not public yet are not shown to anybody.
"""

from __future__ import annotations

from wearemany.campaigns.models import Campaign
from wearemany.wall.models import Cursor, Entry
from wearemany.wall.queries import entries_between

BATCH_MAX = 200


def entries_unread(consumer: str, campaign: Campaign, *, limit: int = BATCH_MAX) -> list[Entry]:
    """Return the next published entries that this consumer has not read, oldest first."""
    position = cursor_position(consumer, campaign)
    return entries_between(campaign, first=position, end=position + limit)


def cursor_position(consumer: str, campaign: Campaign) -> int:
    """Return the position of the next entry that this consumer will read."""
    cursor = Cursor.objects.filter(consumer=consumer, campaign=campaign).first()
    return cursor.position if cursor else 0


def cursor_advance(consumer: str, campaign: Campaign, *, position: int) -> None:
    """Say that everything before `position` is read; never moves back, so that a slow twin does no harm."""
    cursor, _ = Cursor.objects.get_or_create(consumer=consumer, campaign=campaign)
    Cursor.objects.filter(pk=cursor.pk, position__lt=position).update(position=position)
