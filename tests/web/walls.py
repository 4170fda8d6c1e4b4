"""Walls for the tests of pages: posts that walked the whole road in a moment, the log included."""

from __future__ import annotations

from typing import Any

from tests.cast import Cast, Supporter
from wearemany.campaigns.models import Campaign
from wearemany.moderation.services import decide_pending, decision_make
from wearemany.photos.models import Post
from wearemany.photos.services import post_confirm
from wearemany.photos.steps import blobs_doom_pending, develop_pending
from wearemany.wall.log import append_pending
from wearemany.worker.loop import run_until_idle

STATIONS = ((develop_pending, blobs_doom_pending), (decide_pending,), (append_pending, blobs_doom_pending))


def walk() -> None:
    """Take everybody one station further at a time, so that a crowd is appended to the log in one batch."""
    for steps in STATIONS:
        run_until_idle(steps)


def stand(cast: Cast, *captions: str, campaign: Campaign | None = None, **changes: Any) -> list[Post]:
    """Put one post a caption on the wall, released, and return them in order.

    Each is handed on alone: of posts that wait together, no row says which came first.
    """
    posts = []
    for number, caption in enumerate(captions):
        somebody: Supporter = cast.somebody(campaign)
        content = f"{number} {caption} {somebody.code}".encode()
        post = somebody.posts(content, caption=caption, **changes)
        run_until_idle(STATIONS[0])
        if post.cover != "nobody":
            post_confirm(post=post)
        run_until_idle(STATIONS[1])
        posts.append(post)
    for post in posts:
        post.refresh_from_db()
        if not post.decisions.exists():
            decision_make(post=post, kind="approve", account=cast.moderator)
    walk()
    return posts


def position_of(post: Post) -> int:
    """Return the post's public number."""
    return post.entries.get(kind="post").position
