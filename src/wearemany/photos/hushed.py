"""The words of a post that the team has taken out of sight, sealed: at rest no row says what a rejected post said.

Caption, name, link, waiting edit and descriptions lie in one column, under a key made of the post's salt and the
server's pepper; it dies with the salt, first of all when the post is erased, and is not touched when the pictures'
key is changed. Whoever may still read them (the author by the code, the person who answers an appeal) does so through
`words_of` and `words_stood`; once the post is approved again they stand in their columns as before.

Functions that write expect to run inside a transaction in which the post is locked.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from wearemany.adapters import server
from wearemany.adapters.sealed import open_sealed, seal
from wearemany.photos.models import Photo, Post
from wearemany.photos.secrets import post_salt, post_salts

_COLUMNS = ("caption", "name", "elsewhere", "edit")
_PURPOSE = "hushed words"


def words_hush(post: Post) -> bool:
    """Seal the words of a post; twice is once. False when they are sealed already, or its keys are gone."""
    salt = None if post.hushed is not None else post_salt(post.pk)
    if salt is None:
        return False
    words = {name: getattr(post, name) for name in _COLUMNS}
    words["alts"] = {photo.pk: photo.alt for photo in post.photos.all()}
    post.hushed = seal(_key(salt), json.dumps(words, ensure_ascii=False).encode())
    _put(
        post,
        {"caption": "", "name": "", "elsewhere": "", "edit": {}, "alts": dict.fromkeys(words["alts"], "")},
    )
    return True


def words_voice(post: Post) -> None:
    """Put the words back where everybody's stand; twice is once."""
    words = words_hushed(post)
    if words is not None:
        post.hushed = None
        _put(post, words)


@contextmanager
def voiced(post: Post) -> Iterator[None]:
    """Let the words stand in their columns while somebody changes them, and seal what they are then."""
    was_hushed = post.hushed is not None
    words_voice(post)
    yield
    if was_hushed:
        post.refresh_from_db()
        words_hush(post)


def words_hushed(post: Post) -> dict[str, Any] | None:
    """Return the sealed words: caption, name, elsewhere, edit, and alts by photo; None when none are sealed."""
    if post.hushed is None:
        return None
    salt = post_salt(post.pk)
    return _opened(post, salt) if salt is not None else None


def captions_of(posts: Iterable[Post]) -> dict[str, str]:
    """Return the captions of many posts by their ids, sealed ones too; one more query when there are any."""
    posts = list(posts)
    salts = post_salts(post.pk for post in posts if post.hushed is not None)
    return {
        post.pk: _opened(post, salts[post.pk])["caption"] if post.pk in salts else post.caption
        for post in posts
    }


def _opened(post: Post, salt: bytes) -> dict[str, Any]:
    assert post.hushed is not None
    words: dict[str, Any] = json.loads(open_sealed(_key(salt), bytes(post.hushed)))
    return words


def _put(post: Post, words: dict[str, Any]) -> None:
    for name in _COLUMNS:
        setattr(post, name, words[name])
    post.save(update_fields=[*_COLUMNS, "hushed"])
    for photo_id, alt in words["alts"].items():
        Photo.objects.filter(pk=photo_id, post=post).update(alt=alt)


def _key(salt: bytes) -> bytes:
    return server.keys().peppered(salt, purpose=_PURPOSE)
