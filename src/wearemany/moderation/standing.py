"""What holds for a post now: the newest decision that was not undone."""

from __future__ import annotations

from collections.abc import Iterable

from wearemany.moderation.models import Decision
from wearemany.photos.models import Post


def standing(post: Post) -> Decision | None:
    """Return the decision that holds for a post; None while nothing is decided."""
    return post.decisions.filter(undone=False).order_by("-position").first()


def standings(post_ids: Iterable[str]) -> dict[str, Decision]:
    """Return the decisions that hold for many posts, by post id, in one query."""
    rows = Decision.objects.filter(post__in=list(post_ids), undone=False).order_by("post_id", "position")
    return {row.post_id: row for row in rows}
