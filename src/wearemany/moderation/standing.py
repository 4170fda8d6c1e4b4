"""What holds for a post now: the newest decision that was not undone, and whether a claim hides it meanwhile."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef

from wearemany.accounts.models import Account
from wearemany.moderation.models import Appeal, Claim, Decision, Report
from wearemany.photos.models import Post


def standing(post: Post) -> Decision | None:
    """Return the decision that holds for a post; None while nothing is decided."""
    return post.decisions.filter(undone=False).order_by("-position").first()


def standings(post_ids: Iterable[str]) -> dict[str, Decision]:
    """Return the decisions that hold for many posts, by post id, in one query."""
    rows = Decision.objects.filter(post__in=list(post_ids), undone=False).order_by("post_id", "position")
    return {row.post_id: row for row in rows}


def is_reported(post: str = "post") -> Exists:
    """Tell, as a condition on rows that name their post in the column `post`, whether reports of it wait."""
    return Exists(Report.objects.filter(post=OuterRef(post), open=True))


def is_appealed_against(account: Account, post: str = "post") -> Exists:
    """Tell, as such a condition, whether the author waits for another person than this one."""
    return Exists(Appeal.objects.filter(post=OuterRef(post), open=True, against__account=account))


def is_hidden(post: Post) -> bool:
    """Tell whether an open claim keeps the post out of sight until a person has looked."""
    return Claim.objects.filter(post=post, open=True, hides=True).exists()


def hidden_by_claim(post: str = "post") -> Exists:
    """Return the same as a condition, for a query whose rows name their post in the column `post`."""
    return Exists(Claim.objects.filter(post=OuterRef(post), open=True, hides=True))
