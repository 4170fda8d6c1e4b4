"""Whose a post is: found by its code, also one typed with slips; and forgotten, where its author wants that.

What the code then allows is in `services`; making and comparing codes is in `keepcode`, slips are in `typos`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import transaction

from wearemany.adapters import clock, words
from wearemany.errors import N_, Refused
from wearemany.photos.keepcode import normalise
from wearemany.photos.models import CodeForgetting, Post
from wearemany.photos.readiness import is_confirmed, locked
from wearemany.photos.services import code_digest, post_by_code
from wearemany.photos.typos import OddWord, mend
from wearemany.worker.claims import RELEASED, LeaseLost, claim, finish_deleted, retry
from wearemany.worker.loop import wake_on_commit
from wearemany.worker.scrub import scrub

LEASE_S = 60.0
_BATCH = 50


@dataclass(frozen=True)
class TypedCode:
    """What became of a typed code. `code` is the post's own where one was found, else what was typed, made plain.

    `odd` are the words that stand in no list of ours; they are the same whether or not there is such a post.
    """

    post: Post | None
    code: str = field(repr=False)
    is_mended: bool = False
    odd: tuple[OddWord, ...] = field(default=(), repr=False)


def post_by_typed(text: str) -> TypedCode:
    """Return the post of a code as somebody typed it; slips are mended, at most `typos.CODES_MAX` ways.

    One question to the database for all of them; the caller counts one guess.
    """
    code = normalise(text)
    if (post := post_by_code(text)) is not None:
        return TypedCode(post, code)
    mended = mend(text, [words.load(name) for name in words.LISTS])
    by_digest = {code_digest(meant): meant for meant in mended.codes}
    owned = Post.objects.filter(code_digest__in=list(by_digest), erased=False).select_related("campaign")
    found = {bytes(row.code_digest or b""): row for row in owned}
    for digest, meant in by_digest.items():
        if digest in found:
            return TypedCode(found[digest], meant, is_mended=True)
    return TypedCode(None, code, odd=mended.odd)


def wants_no_code(post: Post) -> bool:
    """Tell whether the post's code is to be forgotten by itself."""
    return CodeForgetting.objects.filter(post=post).exists()


def can_be_forgotten(post: Post) -> bool:
    """Tell whether nothing waits for the author any more, so that nobody need come back."""
    return post.ready and is_confirmed(post)


def code_forget(*, post: Post) -> None:
    """Forget whose a post is: it stays, and no code opens it from this transaction on. Twice is once.

    The worker then wipes the digest out of the database's own files. Raises Refused `code-needed` while the post
    waits for its author, who could not come back to it.
    """
    with transaction.atomic():
        now = locked(post.pk)
        if not can_be_forgotten(now):
            raise Refused(
                "code-needed",
                N_(
                    "Your post still waits for you. Please say first that the picture is right, or take the post back."
                ),
            )
        Post.objects.filter(pk=now.pk).update(code_digest=None)
        CodeForgetting.objects.update_or_create(
            post=now, defaults={"due_at": clock.now(), "attempts": 0, **RELEASED}
        )
        wake_on_commit()


def codes_forget_pending() -> int:
    """Forget the codes that are due, then wipe the database's own files; the rows are kept until both is done."""
    rows = claim(CodeForgetting, limit=_BATCH, lease_s=LEASE_S)
    if not rows:
        return 0
    Post.objects.filter(pk__in=[row.pk for row in rows]).update(code_digest=None)
    is_clean = scrub()
    for row in rows:
        try:
            if is_clean:
                finish_deleted(row)
            else:
                retry(row, code="database-busy")
        except LeaseLost:
            continue
    return len(rows)
