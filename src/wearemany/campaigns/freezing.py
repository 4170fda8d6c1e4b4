"""The panic switch: doors, wall, or both stand still, at once on every node, and go on where they stopped.

Frozen doors take no posts and no comments. A frozen wall gets no new lines: approved posts and removals wait in
their order, and whatever is taken back is out of sight at once all the same. Taking back, hiding oneself, keep-pages
and deciding go on as ever. Nothing waits in memory: the two columns say it all, and each node reads them.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from wearemany.campaigns.models import Campaign
from wearemany.campaigns.services import visible_version_bump
from wearemany.errors import N_, Refused
from wearemany.worker.loop import wake_on_commit

DOORS, WALL = "doors", "wall"
PARTS = (DOORS, WALL)


def campaign_freeze(*, campaign: Campaign, parts: Collection[str]) -> None:
    """Let these parts stand still; twice is once. From the commit on nothing more goes on the wall, on any node."""
    _set(campaign, parts, to=True)


def campaign_thaw(*, campaign: Campaign, parts: Collection[str]) -> None:
    """Let these parts go on where they stopped; twice is once."""
    _set(campaign, parts, to=False)


def campaign_guard(*, campaign: Campaign) -> None:
    """Ask browsers for a small proof of work before a post counts as undoubted; twice is once."""
    _write(campaign, guarded=True)


def campaign_unguard(*, campaign: Campaign) -> None:
    """Ask for it no more; what waits for a person meanwhile goes on waiting."""
    _write(campaign, guarded=False)


def campaign_word_ask(*, campaign: Campaign) -> None:
    """Ask for the word of the day in every picture; a person looks at each post. Twice is once."""
    _write(campaign, asks_word=True)


def campaign_word_drop(*, campaign: Campaign) -> None:
    """Ask for it no more; what waits for a person meanwhile goes on waiting."""
    _write(campaign, asks_word=False)


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


def _set(campaign: Campaign, parts: Collection[str], *, to: bool) -> None:
    if not parts or not set(parts) <= set(PARTS):
        raise Refused("freeze-what", N_("Please say what it is about: the doors, the wall, or both."))
    _write(campaign, **{f"{part}_frozen": to for part in parts})


def _write(campaign: Campaign, **columns: bool) -> None:
    with transaction.atomic():
        Campaign.objects.filter(pk=campaign.pk).update(**columns)
        visible_version_bump(campaign.pk)
        wake_on_commit()
    campaign.refresh_from_db()
