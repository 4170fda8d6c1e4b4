"""Which sample is sent when: the opening post first, the doubtful ones spread over the rest. Values only."""

from __future__ import annotations

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
            return "repeat", 3
    return ("two_people" if number >= FIRST and number % 17 == 5 else "ordinary"), number
