"""The panic switch: doors, wall, or both stand still, at once on every node, and go on where they stopped.

Frozen doors take no posts and no comments. A frozen wall gets no new lines: approved posts and removals wait in
their order, and whatever is taken back is out of sight at once all the same. Taking back, hiding oneself, keep-pages
and deciding go on as ever. Nothing waits in memory: the two columns say it all, and each node reads them.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from django.db import transaction

from wearemany.campaigns.models import Campaign
from wearemany.campaigns.services import visible_version_bump
from wearemany.errors import N_, Refused
from wearemany.worker.loop import wake_on_commit

DOORS, WALL = "doors", "wall"
PARTS = (DOORS, WALL)


class Turn(Protocol):
    """A service that turns one switch of a campaign one way; twice is once."""

    def __call__(self, *, campaign: Campaign) -> None:
        """Turn it."""


def _turns(column: str) -> tuple[Turn, Turn]:
    """Return the two services of a switch: on, and off again."""

    def on(*, campaign: Campaign) -> None:
        _write(campaign, **{column: True})

    def off(*, campaign: Campaign) -> None:
        _write(campaign, **{column: False})

    return on, off


campaign_guard, campaign_unguard = _turns("guarded")
"""Ask browsers for a small proof of work before a post counts as undoubted; ask no more, what waits goes on waiting."""

campaign_word_ask, campaign_word_drop = _turns("asks_word")
"""Ask for the word of the day in every picture, and a person looks at each; ask no more, what waits goes on waiting."""


def campaign_freeze(*, campaign: Campaign, parts: Collection[str]) -> None:
    """Let these parts stand still; twice is once. From the commit on nothing more goes on the wall, on any node."""
    _write(campaign, **dict.fromkeys(_columns(parts), True))


def campaign_thaw(*, campaign: Campaign, parts: Collection[str]) -> None:
    """Let these parts go on where they stopped; twice is once."""
    _write(campaign, **dict.fromkeys(_columns(parts), False))


def is_guarded(campaign: Campaign) -> bool:
    """Tell whether browsers are asked for a proof of work, as the row says now."""
    return Campaign.objects.filter(pk=campaign.pk, guarded=True).exists()


def wall_moves(campaign: Campaign) -> bool:
    """Tell whether the wall may grow, as the row says now."""
    return Campaign.objects.filter(pk=campaign.pk, wall_frozen=False).exists()


def wall_moves_still(campaign: Campaign) -> bool:
    """Tell the same inside a transaction, and keep whoever wants to freeze it waiting until that ends.

    Ask it last: others lock a post first and the campaign after it.
    """
    return Campaign.objects.select_for_update(no_key=True).filter(pk=campaign.pk, wall_frozen=False).exists()


def _columns(parts: Collection[str]) -> list[str]:
    if not parts or not set(parts) <= set(PARTS):
        raise Refused("freeze-what", N_("Please say what it is about: the doors, the wall, or both."))
    return [f"{part}_frozen" for part in parts]


def _write(campaign: Campaign, **columns: bool) -> None:
    """Turn switches. Where they stand so already no page is made anew, and no node is told."""
    with transaction.atomic():
        if Campaign.objects.filter(pk=campaign.pk).exclude(**columns).update(**columns):
            visible_version_bump(campaign.pk)
            wake_on_commit()
    campaign.refresh_from_db()
