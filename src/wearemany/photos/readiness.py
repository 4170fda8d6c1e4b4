"""When a post is complete, and how it is handed on to moderation: by one mark in its own row.

Moderation's step looks for `awaits_decision`, takes the post up, and comes back here to say so. Every
function that writes expects to run inside a transaction in which `locked` has fetched the post.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Protocol

from wearemany.adapters import clock
from wearemany.errors import N_, Refused
from wearemany.photos.hushed import words_hushed
from wearemany.photos.models import CodeForgetting, CoverChoice, Post
from wearemany.worker.loop import wake_on_commit

CODE_WORKS_STILL = timedelta(minutes=15)
"""For how long the code of a post that is to have none opens it, once nothing waits for its author."""

_COLUMNS = ("caption", "name", "people", "elsewhere")


class Described(Protocol):
    """A photo with its description, as a row or as a view of it."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def alt(self) -> str:
        """What its author wrote of it."""


def locked(post_id: str) -> Post:
    """Return the post as it is now, locked until the transaction ends (SQLite locks as a whole).

    Raises Refused `post-gone` when it is erased: whatever somebody wanted of it, there is nothing left.
    """
    post = Post.objects.select_for_update().filter(pk=post_id, erased=False).first()
    if post is None:
        raise Refused("post-gone", N_("This post was taken back or erased. Nothing of it is left here."))
    return post


def settle(post: Post) -> None:
    """Work out whether every photo is developed, and hand the post on when it is and its cover is confirmed."""
    photos = list(post.photos.select_related("development"))
    post.ready = bool(photos) and all(
        photo.due_at is None and not photo.refused_code and hasattr(photo, "development") for photo in photos
    )
    post.awaits_decision = post.ready and is_confirmed(post)
    post.save(update_fields=["ready", "awaits_decision"])
    # Where the author wants no code: the page that is still open works a little longer, then nobody's does.
    CodeForgetting.objects.filter(post=post).update(
        due_at=clock.now() + CODE_WORKS_STILL if post.awaits_decision else None
    )
    if post.awaits_decision:
        wake_on_commit()


def is_confirmed(post: Post) -> bool:
    """Tell whether the author has seen what will be public, where that must be."""
    return post.confirmed or post.cover == CoverChoice.NOBODY


def was_handed_on(post: Post) -> bool:
    """Tell whether moderation may have seen the post: from then on changed words wait in `edit`."""
    developed = all(hasattr(photo, "development") for photo in post.photos.select_related("development"))
    return developed and is_confirmed(post)


def post_taken_up(post: Post) -> None:
    """Moderation's word that it has the post in hand; until the next mark it need not look again."""
    Post.objects.filter(pk=post.pk).update(awaits_decision=False)
    post.awaits_decision = False


def words_of(post: Post) -> dict[str, Any]:
    """Return the words as they will be once everything is decided: the row's, with the waiting edit over them.

    Keys: caption, name, people, elsewhere, alts (a list in the photos' order). What a moderator and the author see.
    """
    return words_stood(post) | waiting_edit(post)


def words_stood(post: Post, photos: Iterable[Described] | None = None) -> dict[str, Any]:
    """Return the words as they stand, or stood before the post was taken out of sight, without a waiting edit.

    `photos` are the post's own, in order, where the caller has them already.
    """
    sealed = words_hushed(post)
    stood: dict[str, Any] = sealed or {name: getattr(post, name) for name in ("caption", "name", "elsewhere")}
    alts = sealed["alts"] if sealed else {}
    return {
        "caption": stood["caption"],
        "name": stood["name"],
        "people": post.people,
        "elsewhere": stood["elsewhere"],
        "alts": [
            alts.get(photo.id, photo.alt) for photo in (post.photos.all() if photos is None else photos)
        ],
    }


def waiting_edit(post: Post) -> dict[str, Any]:
    """Return the words that wait to be decided."""
    sealed = words_hushed(post)
    return dict(sealed["edit"] if sealed else post.edit)


def words_write(post: Post, words: dict[str, Any]) -> None:
    """Put words into the rows that everybody reads; `words` has some of the keys of `words_of`."""
    for photo, alt in zip(post.photos.all(), words.get("alts", ()), strict=False):
        type(photo).objects.filter(pk=photo.pk).update(alt=alt)
    for name in _COLUMNS:
        setattr(post, name, words.get(name, getattr(post, name)))
    post.save(update_fields=_COLUMNS)


def post_edit_apply(post: Post) -> None:
    """Let the waiting edit count, now that it is decided; the wall sees it by `edit_version`."""
    if not post.edit:
        return
    words_write(post, post.edit)
    # The log says nothing of a link: it must not get a line because of one.
    post.edit_version += bool(post.edit.keys() - {"elsewhere"})
    post.edit = {}
    post.save(update_fields=["edit", "edit_version"])
