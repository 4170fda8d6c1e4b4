"""`wearemany erase`: have a post or everything personal of a campaign erased, undo that, see how far it is."""

from __future__ import annotations

import argparse
import json

from wearemany.accounts.services import account_by_name
from wearemany.campaigns.models import Campaign
from wearemany.campaigns.services import campaign_by_handle
from wearemany.cli.command import Command, argument
from wearemany.errors import N_, Refused
from wearemany.moderation.erasing import OUT_OF_REACH, erase_now
from wearemany.moderation.purging import (
    campaign_erase_progress,
    campaign_purge,
    campaign_purge_of,
    campaign_purge_undo,
    delay,
    post_purge,
    post_purge_of,
    posts_purged,
)
from wearemany.moderation.services import decision_undo
from wearemany.photos.models import Post
from wearemany.wall.burning import campaign_burn
from wearemany.wall.log import append_campaign
from wearemany.wall.models import Entry


def erase_post(chosen: argparse.Namespace) -> int:
    """Ask for a post's erasure, or agree to it."""
    post = _post(chosen)
    is_now = post_purge(post=post, account=account_by_name(chosen.account))
    if is_now:
        erase_now(post=post)
    append_campaign(post.campaign)
    if is_now:
        print("Erased.")
        _say_out_of_reach()
    else:
        _say_waits()
    return 0


def erase_campaign(chosen: argparse.Namespace) -> int:
    """Ask for a campaign's erasure, or agree to it."""
    campaign = campaign_by_handle(chosen.handle)
    if not campaign_purge(campaign=campaign, account=account_by_name(chosen.account)):
        _say_waits()
        return 0
    posts = campaign_burn(campaign)
    print(f"The keys of {posts} posts are destroyed; the rest is erased while the server runs.")
    _say_out_of_reach()
    return 0


def undo(chosen: argparse.Namespace) -> int:
    """Undo what was asked for and is not carried out yet."""
    if chosen.number is None:
        campaign_purge_undo(campaign=campaign_by_handle(chosen.handle))
    else:
        post = _post(chosen)
        if post_purge_of(post) is None:
            raise Refused("erasure-none", N_("Nobody asked for this to be erased."))
        decision_undo(post=post)
        append_campaign(post.campaign)
    print("Undone. What was in sight before is in sight again.")
    return 0


def show(chosen: argparse.Namespace) -> int:
    """Print what waits to be erased, and how far a campaign's erasure is."""
    campaign = campaign_by_handle(chosen.handle)
    facts = _facts(campaign)
    if chosen.json:
        print(json.dumps(facts, ensure_ascii=False))
    else:
        print("\n".join(f"{name}: {value}" for name, value in facts.items()))
    return 0


def _facts(campaign: Campaign) -> dict[str, object]:
    order, progress = campaign_purge_of(campaign), campaign_erase_progress(campaign)
    return {
        "campaign": "erased" if progress else "waits" if order else "not asked for",
        "due": order.due_at.isoformat() if order and order.due_at else "",
        "erased": progress.erased if progress else 0,
        "posts": progress.posts if progress else 0,
        "done": str(progress.done_day or "") if progress else "",
        "posts_waiting": posts_purged(campaign),
    }


def _post(chosen: argparse.Namespace) -> Post:
    """Return the post with this number, also when it is hidden already; Refused `post-unknown`."""
    rows = Entry.objects.filter(
        campaign=campaign_by_handle(chosen.handle), kind="post", position=chosen.number
    )
    entry = rows.select_related("post__campaign").first()
    if entry is None or entry.post is None:
        raise Refused("post-unknown", N_("There is no post with this number on the wall."))
    return entry.post


def _say_waits() -> None:
    hours = round(delay().total_seconds() / 3600)
    print(f"Hidden from everybody. It is erased in {hours} hours, or at once when a second person agrees.")


def _say_out_of_reach() -> None:
    print("What nobody can call back:")
    for sentence in OUT_OF_REACH:
        print(f"- {sentence}")


_HANDLE = argument("handle", help="the campaign's address")
_NUMBER = argument("number", type=int, help="the post's number on the wall, as in its address")
_ACCOUNT = argument("--account", required=True, metavar="NAME", help="in whose name; the second has another")

COMMANDS = (
    Command(
        "erase",
        "post",
        "Erase a post for good: hidden at once, erased when a second person says the same, or after the delay.",
        "wearemany erase post we-are-many 12 --account Olga",
        erase_post,
        (_HANDLE, _NUMBER, _ACCOUNT),
    ),
    Command(
        "erase",
        "campaign",
        "Erase everything personal of a campaign, by two people or after the delay; its log and its number stay.",
        "wearemany erase campaign we-are-many --account Olga",
        erase_campaign,
        (_HANDLE, _ACCOUNT),
    ),
    Command(
        "erase",
        "undo",
        "Undo an erasure that waits for a second person: what was in sight is in sight again.",
        "wearemany erase undo we-are-many",
        undo,
        (
            _HANDLE,
            argument(
                "number", type=int, nargs="?", help="the post's number; without one, the whole campaign"
            ),
        ),
    ),
    Command(
        "erase",
        "show",
        "Print what waits to be erased, and how far the erasure of a campaign is.",
        "wearemany erase show we-are-many",
        show,
        (_HANDLE, argument("--json", action="store_true", help="print JSON")),
    ),
)
