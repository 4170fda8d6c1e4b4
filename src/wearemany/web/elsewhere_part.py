"""The keep-page's part about one's own post elsewhere, as values: what can be had, which link is shown or waits."""

from __future__ import annotations

from dataclasses import dataclass

from wearemany.photos.elsewhere import LINK_MAX, has_card, may_go_elsewhere
from wearemany.photos.models import Post
from wearemany.wall.queries import PostState, post_state

_HIDDEN = frozenset({PostState.REJECTED, PostState.WITHDRAWN})


@dataclass(frozen=True)
class ElsewherePart:
    """`photos` are (id, number) of those that a card can be made of; `waits` says that a person looks at the link."""

    photos: tuple[tuple[str, int], ...]
    has_card: bool
    is_shown: bool
    waits: bool
    limit: int


def elsewhere_part(post: Post) -> ElsewherePart | None:
    """Return the part; None where posts lead nowhere else, and for a post that nobody is to see."""
    if not may_go_elsewhere(post) or post_state(post) in _HIDDEN:
        return None
    photos = post.photos.filter(refused_code="").order_by("position").values_list("pk", "position")
    return ElsewherePart(
        photos=tuple((photo_id, position + 1) for photo_id, position in photos),
        has_card=has_card(post),
        is_shown=bool(post.elsewhere),
        waits=bool(post.edit.get("elsewhere")),
        limit=LINK_MAX,
    )
