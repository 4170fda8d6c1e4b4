"""The codes of a group's sitting: one secret of the leader, and from it each photo's own secret code and form token.

Pure. The leader's secret is seven words like any secret code; whoever has it has them all, so it is kept nowhere. A
slip's code says nothing of the secret or of the other slips.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence

from wearemany.ids import ID_BYTES, opaque
from wearemany.photos import keepcode


def is_sitting(text: str) -> bool:
    """Tell whether a text can be a leader's secret."""
    return len(keepcode.normalise(text).split()) == keepcode.WORDS


def list_of(sitting: str, lists: Mapping[str, Sequence[str]], *, fallback: str) -> str:
    """Return the language whose words the secret is made of: its slips are in that one, whatever the page's is."""
    words = set(keepcode.normalise(sitting).split())
    for language, known in lists.items():
        if words <= set(known):
            return language
    return fallback


def slip_code(sitting: str, number: int, words: Sequence[str]) -> str:
    """Return the secret code of the sitting's photo with this number."""
    return keepcode.make(_derived(sitting, f"code {number}"), words)


def slip_token(sitting: str, number: int) -> str:
    """Return the form token that ties the upload to this photo of this sitting."""
    return opaque(_derived(sitting, f"form {number}")[:ID_BYTES])


def _derived(sitting: str, purpose: str) -> bytes:
    return hmac.digest(keepcode.normalise(sitting).encode(), purpose.encode(), hashlib.sha256)
