"""Which sample is sent when: the opening post first, the doubtful ones spread over the rest. Values only."""

from __future__ import annotations

from wearemany.darkroom.orders import CoverChoice

FIRST = 24
"""So many posts stand on the wall before the demo says that it is ready."""

WAITING = (
    ("burgundy", 11),
    ("stripes", 12),
    ("no_face", 13),
    ("burgundy", 14),
    ("stripes", 15),
    ("other_colour", 16),
    ("red_wall", 17),
    ("raid", 21),
    ("raid", 22),
    ("raid", 23),
    ("raid", 24),
    ("no_face", 18),
)
"""Kind and seed of those that wait for a person, so that the desk has something to decide."""

UNCLEAR = (
    7, 9, 10, 24, 29, 40, 45, 49, 50, 51, 52, 60, 68, 77, 80, 81, 84, 91, 93, 97, 113, 127, 128, 140, 156,
    158, 167, 174, 203, 211, 212, 213, 214, 220, 222, 223, 233,
)  # fmt: skip
"""Ordinary seeds in whose brush strokes the face finder, as a demo sends them, suspects one face more, or finds a
faint one: a person would have to look."""


def kind_and_seed(number: int, count: int) -> tuple[str, int]:
    """Return what sample `number` of `count` is: the opening post first, the doubtful ones spread over the rest."""
    if number == 0:
        return "opening", 1
    rest = max(1, count - FIRST)
    if number >= FIRST:
        place = number - FIRST
        # The n-th of a dozen comes when n twelfths of the rest have gone.
        before, now = place * len(WAITING) // rest, (place + 1) * len(WAITING) // rest
        if now > before:
            return WAITING[before]
        if place == rest // 2:
            return "repeat", 4
    if number >= FIRST and number % 50 == 5:
        return "two_people", number
    return "ordinary", _clear_seed(number)


def cover_of(number: int, kind: str) -> CoverChoice:
    """Return whose faces are covered: now and then everybody's, most often nobody's own."""
    if kind in ("opening", "two_people", "repeat"):
        return "nobody"
    return "everybody" if number % 7 == 3 else "others"


def _clear_seed(number: int) -> int:
    """Return the seed that stands at this place when the unclear ones are left out."""
    seed = number
    while (beyond := number + sum(unclear <= seed for unclear in UNCLEAR)) != seed:
        seed = beyond
    return seed
