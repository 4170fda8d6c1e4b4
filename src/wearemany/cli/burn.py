"""`wearemany burn`: the end of a campaign in one act, and the promise to look in that burns it when nobody does."""

from __future__ import annotations

import argparse
import sys
import time

from wearemany.campaigns.models import Campaign
from wearemany.campaigns.services import campaign_by_handle
from wearemany.cli.command import Command, argument
from wearemany.errors import N_, Refused
from wearemany.moderation.erasing import OUT_OF_REACH
from wearemany.moderation.purging import campaign_erase_progress, check_in_set, checked_in
from wearemany.pipeline import STEPS_BURNING
from wearemany.wall.burning import campaign_burn
from wearemany.worker.loop import run_until_idle


def burn(chosen: argparse.Namespace) -> int:
    """Burn campaigns, then erase what is left unless told to leave that to the server."""
    if chosen.sure != chosen.handle:
        raise Refused(
            "burn-not-sure",
            N_("Nothing was burned. Say it twice: wearemany burn now %(handle)s --sure %(handle)s"),
            handle=chosen.handle,
        )
    everything = chosen.handle == "everything"
    campaigns = list(Campaign.objects.all()) if everything else [campaign_by_handle(chosen.handle)]
    began_s = time.monotonic()
    posts = sum(campaign_burn(campaign) for campaign in campaigns)
    took_s = time.monotonic() - began_s
    print(f"The keys of {posts} posts are destroyed; the doors are closed. {took_s:.1f} s", flush=True)
    while not chosen.leave and not all(map(_is_done, campaigns)):
        if not run_until_idle(STEPS_BURNING, rounds=1):
            time.sleep(0.2)
        _say_progress(campaigns)
    print("What nobody can call back:")
    for sentence in OUT_OF_REACH:
        print(f"- {sentence}")
    return 0


def check_in(chosen: argparse.Namespace) -> int:
    """Look in, promise to, or end the promise."""
    campaign = campaign_by_handle(chosen.handle)
    if chosen.every is not None:
        check_in_set(campaign=campaign, every_days=chosen.every)
        if chosen.every == 0:
            print("Nothing burns when nobody looks in.")
            return 0
    print(f"Look in again before {checked_in(campaign=campaign):%Y-%m-%d %H:%M} UTC, or it burns.")
    return 0


def _is_done(campaign: Campaign) -> bool:
    progress = campaign_erase_progress(campaign)
    return progress is not None and progress.done_day is not None


def _say_progress(campaigns: list[Campaign]) -> None:
    found = [progress for campaign in campaigns if (progress := campaign_erase_progress(campaign))]
    erased, posts = sum(one.erased for one in found), sum(one.posts for one in found)
    print(
        f"\rErased {erased:,} of {posts:,}", end="\n" if erased == posts else "", file=sys.stderr, flush=True
    )


_HANDLE = argument("handle", help="the campaign's address")

COMMANDS = (
    Command(
        "burn",
        "now",
        "Burn a campaign: doors closed, keys destroyed, everything personal erased. The log and its number stay.",
        "wearemany burn now we-are-many --sure we-are-many",
        burn,
        (
            argument("handle", help="the campaign's address, or the word `everything`"),
            argument("--sure", default="", metavar="HANDLE", help="the same again; there is no undo"),
            argument(
                "--leave", action="store_true", help="return when the keys are gone, the server does the rest"
            ),
        ),
    ),
    Command(
        "burn",
        "check-in",
        "Say that somebody is still there; with --every, promise it: the campaign burns when nobody looks in.",
        "wearemany burn check-in we-are-many --every 7",
        check_in,
        (
            _HANDLE,
            argument(
                "--every", type=int, metavar="DAYS", help="from now on every so many days; 0 ends the promise"
            ),
        ),
    ),
)
