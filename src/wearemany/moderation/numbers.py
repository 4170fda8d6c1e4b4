"""Numbers that strangers keep, to see later what became of their word: made with the form, in no path, query or log."""

from __future__ import annotations

import base64

from wearemany.adapters import clock

NUMBER_BYTES = 10
NUMBER_LETTERS = 16
_MISREAD = str.maketrans("018", "olb")


def number_new() -> str:
    """Return a fresh number, in groups of four."""
    letters = base64.b32encode(clock.random_bytes(NUMBER_BYTES)).decode("ascii").lower()
    return "-".join(letters[place : place + 4] for place in range(0, NUMBER_LETTERS, 4))


def number_read(text: str) -> str:
    """Return a number as it was made from one as people write it: groups, capitals, 0 for o."""
    letters = "".join(sign for sign in text[:60].casefold() if sign.isalnum())
    return letters.translate(_MISREAD)


def number_kept(typed: str) -> str:
    """Return the number that a form carries, or a fresh one where it carries none."""
    return typed if len(number_read(typed)) == NUMBER_LETTERS else number_new()
