"""`wearemany campaign freeze`, `thaw`, `guard`, `unguard`: against attacks, from the command."""

from __future__ import annotations

import argparse

from wearemany.campaigns.freezing import (
    DOORS,
    PARTS,
    WALL,
    campaign_freeze,
    campaign_guard,
    campaign_thaw,
    campaign_unguard,
)
from wearemany.campaigns.models import Campaign
from wearemany.campaigns.services import campaign_by_handle
from wearemany.cli.command import Command, argument


def freeze(chosen: argparse.Namespace) -> int:
    """Let campaigns stand still."""
    for campaign in _campaigns(chosen):
        campaign_freeze(campaign=campaign, parts=_parts(chosen))
        _tell(campaign)
    return 0


def thaw(chosen: argparse.Namespace) -> int:
    """Let campaigns go on."""
    for campaign in _campaigns(chosen):
        campaign_thaw(campaign=campaign, parts=_parts(chosen))
        _tell(campaign)
    return 0


def guard(chosen: argparse.Namespace) -> int:
    """Ask browsers for work."""
    for campaign in _campaigns(chosen):
        campaign_guard(campaign=campaign)
    return 0


def unguard(chosen: argparse.Namespace) -> int:
    """Ask for it no more."""
    for campaign in _campaigns(chosen):
        campaign_unguard(campaign=campaign)
    return 0


def _campaigns(chosen: argparse.Namespace) -> list[Campaign]:
    if chosen.handles:
        return [campaign_by_handle(handle) for handle in chosen.handles]
    return list(Campaign.objects.order_by("pk"))


def _parts(chosen: argparse.Namespace) -> tuple[str, ...]:
    named = [part for part in PARTS if getattr(chosen, part)]
    return tuple(named or PARTS)


def _tell(campaign: Campaign) -> None:
    doors = "frozen" if campaign.doors_frozen else "open"
    wall = "frozen" if campaign.wall_frozen else "moves"
    print(f"{campaign.handle}: {DOORS} {doors}, {WALL} {wall}")


_HANDLES = argument(
    "handles", nargs="*", metavar="handle", help="which campaigns; none named: every one here"
)
_ARGUMENTS = (
    _HANDLES,
    argument("--doors", action="store_true", help="only the doors: new posts and comments"),
    argument("--wall", action="store_true", help="only the wall: what is approved waits"),
)

COMMANDS = (
    Command(
        "campaign",
        "freeze",
        "The panic switch: take nothing new, and let nothing more onto the wall, at once on every node. "
        "Posts can still be taken back.",
        "wearemany campaign freeze we-are-many",
        freeze,
        _ARGUMENTS,
    ),
    Command(
        "campaign",
        "thaw",
        "Go on where freezing stopped: nothing is lost, and what waited comes in its order.",
        "wearemany campaign thaw we-are-many",
        thaw,
        _ARGUMENTS,
    ),
    Command(
        "campaign",
        "guard",
        "Under attack: ask browsers for a small proof of work; who has none still posts, and a person looks.",
        "wearemany campaign guard we-are-many",
        guard,
        (_HANDLES,),
    ),
    Command(
        "campaign",
        "unguard",
        "Ask browsers for no work any more.",
        "wearemany campaign unguard we-are-many",
        unguard,
        (_HANDLES,),
    ),
)
