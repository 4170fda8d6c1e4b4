"""What an act costs the database, counted in its own steps; and many approved posts at once.

SQLite counts what its machine does for a statement; that is exact and the same on every computer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.db.models import AutoField, Model

from tests.rig import KEYS
from wearemany.adapters import clock
from wearemany.ids import ID_BYTES, opaque
from wearemany.moderation.models import Decision
from wearemany.photos.models import Development, Photo, Post, PostKey, Rendition, Untold

STEP = 20


@contextmanager
def steps_counted() -> Iterator[list[int]]:
    """Count the steps of SQLite's machine, in units of twenty."""
    counted = [0]

    def count() -> int:
        counted[0] += 1
        return 0

    connection.connection.set_progress_handler(count, STEP)
    try:
        yield counted
    finally:
        connection.connection.set_progress_handler(None, STEP)


def cost(act: Callable[[], object]) -> int:
    """Return what an act costs the database once everything is warm."""
    act()
    with steps_counted() as counted:
        act()
    return counted[0]


def fresh_ids(count: int) -> list[str]:
    """Return identifiers as rows have them."""
    return [opaque(clock.random_bytes(ID_BYTES)) for _ in range(count)]


def copied(kind: type[Model], original: object, **changes: list[Any]) -> None:
    """Copy a row as often as the lists are long, inside the database, with these columns changed."""
    table, key = kind._meta.db_table, kind._meta.pk
    assert key is not None
    columns = [field.column for field in kind._meta.concrete_fields if not isinstance(field, AutoField)]
    taken = ["%s" if column in changes else f'"{column}"' for column in columns]
    names = ", ".join(f'"{column}"' for column in columns)
    statement = (
        f'insert into "{table}" ({names}) select {", ".join(taken)} from "{table}" where "{key.column}" = %s'
    )
    values = zip(*(changes[column] for column in columns if column in changes), strict=True)
    with connection.cursor() as cursor:
        cursor.executemany(statement, [(*row, original) for row in values])


class Template:
    """One approved post, and as many twins of its rows as are asked for."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self._photo = post.photos.get()
        self._rendition = self._photo.renditions.get(size="main", format="webp")
        self._decision = post.decisions.get()

    def write(self, count: int) -> None:
        """Write that many approved posts in one transaction, cheaply: the stations before are no part of this."""
        posts, photos = fresh_ids(count), fresh_ids(count)
        key, salt = KEYS.new_key(), clock.random_bytes(32)
        with transaction.atomic():
            copied(Post, self._post.pk, id=posts, code_digest=[None] * count)
            PostKey.objects.bulk_create(
                PostKey(
                    post_id=post,
                    wrapped_key=KEYS.wrap(key, owner=f"post:{post}"),
                    wrapped_salt=KEYS.wrap(salt, owner=f"salt:{post}"),
                )
                for post in posts
            )
            copied(Photo, self._photo.pk, id=photos, post_id=posts)
            copied(Development, self._photo.pk, photo_id=photos)
            digests = [hashlib.sha256(photo.encode()).digest() for photo in photos]
            names = {"name": fresh_ids(count), "blob": fresh_ids(count), "digest": digests}
            copied(Rendition, self._rendition.pk, photo_id=photos, **names)
            copied(Decision, self._decision.pk, post_id=posts)
            Untold.objects.bulk_create(
                Untold(post_id=post, campaign_id=self._post.campaign_id) for post in posts
            )
