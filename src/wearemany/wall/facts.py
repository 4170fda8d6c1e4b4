"""What an entry would say of a post as it is now; gathered for many posts in a handful of queries.

Nothing here leaves this process but commitments and counts. Posts whose salt or pictures are gone have no facts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Count

from wearemany.photos.hushed import captions_of
from wearemany.photos.models import Development, Post, Rendition
from wearemany.photos.secrets import post_salts
from wearemany.wall.entry import commitment, entry_salt
from wearemany.wall.models import Entry

ACCEPTED = "accept"
_CHUNK = 500


@dataclass(frozen=True)
class Facts:
    """A post as its next entry would tell of it. `times` is how many commitments to it are in the log."""

    caption: str
    people: int
    digests: tuple[bytes, ...]
    wears_colour: bool
    times: int
    salt: bytes = field(repr=False)

    @property
    def photos(self) -> int:
        """Return how many pictures the post has."""
        return len(self.digests)

    def commitment(self, *, times: int | None = None) -> bytes:
        """Return the post's next commitment, or the one that it had after `times` others."""
        salt = entry_salt(self.salt, times=self.times if times is None else times)
        return commitment(salt, self.digests, self.caption)


def facts_of_posts(posts: Sequence[Post]) -> dict[str, Facts]:
    """Return the facts of posts by id; five queries for every five hundred of them."""
    found: dict[str, Facts] = {}
    for first in range(0, len(posts), _CHUNK):
        found |= _facts_of_chunk(posts[first : first + _CHUNK])
    return found


def _facts_of_chunk(posts: Sequence[Post]) -> dict[str, Facts]:
    ids = [post.pk for post in posts]
    captions = captions_of(posts)
    salts = post_salts(ids)
    digests: dict[str, list[bytes]] = {}
    mains = Rendition.objects.filter(photo__post__in=ids, size="main", format="webp")
    for post_id, digest in mains.order_by("photo__position").values_list("photo__post_id", "digest"):
        digests.setdefault(post_id, []).append(bytes(digest))
    accepted = Development.objects.filter(photo__post__in=ids, verdict=ACCEPTED)
    wearing = set(accepted.values_list("photo__post_id", flat=True))
    committed = Entry.objects.filter(post__in=ids, commitment__isnull=False)
    times = dict(committed.order_by().values_list("post_id").annotate(times=Count("pk")))
    return {
        post.pk: Facts(
            caption=captions[post.pk],
            people=post.people,
            digests=tuple(digests[post.pk]),
            wears_colour=post.pk in wearing,
            times=times.get(post.pk, 0),
            salt=salts[post.pk],
        )
        for post in posts
        if post.pk in salts and post.pk in digests
    }
