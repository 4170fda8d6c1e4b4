"""Whose a post is: found by its code, also by one that was typed with slips.

What the code then allows is in `services`; making and comparing codes is in `keepcode`, slips are in `typos`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from wearemany.adapters import words
from wearemany.photos.keepcode import normalise
from wearemany.photos.models import Post
from wearemany.photos.services import code_digest, post_by_code
from wearemany.photos.typos import OddWord, mend


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
