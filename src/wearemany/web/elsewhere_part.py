"""The keep-page's part about one's own post elsewhere, as values: what can be had, which link is shown or waits."""

from __future__ import annotations

from dataclasses import dataclass

from wearemany.photos.elsewhere import LINK_MAX, has_card, may_go_elsewhere
from wearemany.photos.models import Post
from wearemany.rendering.keep_page import KeepPage
from wearemany.wall.queries import PostState

_HIDDEN = frozenset({PostState.REJECTED, PostState.WITHDRAWN})


@dataclass(frozen=True)
class ElsewherePart:
    """`photos` are (id, number) of those that a card can be made of; `waits` says that a person looks at the link."""

    photos: tuple[tuple[str, int], ...]
    has_card: bool
    is_shown: bool
    waits: bool
    limit: int


def may_be_shared(post: Post, state: PostState) -> bool:
    """Tell whether there is the part: not where posts lead nowhere else, and not for a post that nobody is to see."""
    return may_go_elsewhere(post) and state not in _HIDDEN


def elsewhere_part(post: Post, keep: KeepPage) -> ElsewherePart | None:
    """Return the part of a post's keep-page; None where there is none."""
    if not may_be_shared(post, keep.state):
        return None
    return ElsewherePart(
        photos=tuple((photo.id, photo.number) for photo in keep.photos if photo.state != "refused"),
        has_card=has_card(post),
        is_shown=bool(post.elsewhere),
        waits=bool(post.edit.get("elsewhere")),
        limit=LINK_MAX,
    )
