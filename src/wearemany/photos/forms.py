"""A fresh posting form: the secret code that will own the post, and the token that ties its uploads together.

Both are made before anything is sent, so that whatever is lost on the way can be sent again. Neither is in a row yet.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from wearemany.adapters import clock, words
from wearemany.ids import ID_BYTES, opaque
from wearemany.photos import keepcode


@dataclass(frozen=True)
class FreshForm:
    """What a form begins with."""

    code: str = field(repr=False)
    token: str = field(repr=False)


def form_fresh(language: str) -> FreshForm:
    """Return a fresh code, in the words of a reader of `language`, and a fresh token."""
    return FreshForm(
        code=keepcode.make(clock.random_bytes(keepcode.RANDOM_BYTES), words.load(language)),
        token=opaque(clock.random_bytes(ID_BYTES)),
    )
