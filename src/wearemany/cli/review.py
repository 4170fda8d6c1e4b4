"""`wearemany review`: what waits for a person, and deciding without the desk."""

from __future__ import annotations

import argparse
import json

from wearemany.accounts.services import account_by_name
from wearemany.campaigns.services import campaign_by_handle
from wearemany.cli.command import Command, argument
from wearemany.errors import N_, Refused
from wearemany.moderation.models import DecisionKind, Review
from wearemany.moderation.services import decision_make
from wearemany.photos.models import Post
from wearemany.wall.log import append_campaign


def listing(chosen: argparse.Namespace) -> int:
    """Print the open reviews of a campaign, in the queue's random order."""
    campaign = campaign_by_handle(chosen.handle)
    for review in Review.objects.filter(post__campaign=campaign, open=True).order_by("place"):
        row = {"review": review.post_id, "reasons": review.reasons}
        print(json.dumps(row) if chosen.json else f"{review.post_id}  {', '.join(review.reasons)}")
    return 0


def decide(chosen: argparse.Namespace) -> int:
    """Decide a post and let the wall take it up."""
    post = Post.objects.filter(pk=chosen.review).select_related("campaign").first()
    if post is None:
        raise Refused("review-unknown", N_("There is no such post. `review list` shows what waits."))
    account = account_by_name(chosen.account) if chosen.account else None
    decision_make(post=post, kind=DecisionKind(chosen.kind), reason=chosen.reason, account=account)
    append_campaign(post.campaign)
    print("Done.")
    return 0


COMMANDS = (
    Command(
        "review",
        "list",
        "List what waits for a person.",
        "wearemany review list we-are-many --json",
        listing,
        (
            argument("handle", help="the campaign's address"),
            argument("--json", action="store_true", help="print JSON, one line a post"),
        ),
    ),
    Command(
        "review",
        "decide",
        "Approve or reject a post.",
        "wearemany review decide 5k2m... approve",
        decide,
        (
            argument("review", help="the post, as `review list` shows it"),
            argument("kind", choices=("approve", "reject"), help="what to do"),
            argument("--reason", default="", help="why, one of the reason codes; needed to reject"),
            argument("--account", default="", metavar="NAME", help="in whose name"),
        ),
    ),
)
