"""A chart's shapes as numbers for SVG: posts by day as bars, posts on the wall as a line. Pure; words stand outside it.

However many days there are, a chart has at most `BARS_MAX` bars: each then stands for several days.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 920, 240
BARS_MAX = 92
_GAP = 0.2


@dataclass(frozen=True)
class Bar:
    """One bar, in the chart's own units."""

    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True)
class Chart:
    """`bars` rise to `most_joined`, `line` to `most_posts`; each bar stands for `days_a_bar` days from `first` on."""

    bars: tuple[Bar, ...]
    line: str
    area: str
    first: datetime.date
    last: datetime.date
    days_a_bar: int
    most_joined: int
    most_posts: int


def chart(days: Sequence[tuple[datetime.date, int, int]]) -> Chart | None:
    """Draw (day, joined, posts at its end), in the order of days; None where there is nothing to draw."""
    if not days:
        return None
    first, last = days[0][0], days[-1][0]
    span = (last - first).days + 1
    days_a_bar = -(-span // BARS_MAX)
    count = -(-span // days_a_bar)
    joined, posts = [0] * count, [0] * count
    standing: dict[int, int] = {}
    for day, came, stand in days:
        place = (day - first).days // days_a_bar
        joined[place] += came
        standing[place] = stand
    now = 0
    for place in range(count):
        now = standing.get(place, now)
        posts[place] = now
    most_joined, most_posts = max(joined), max(posts)
    step = WIDTH / count
    bars = tuple(
        Bar(*(_text(value) for value in _bar(came, most_joined, place, step)))
        for place, came in enumerate(joined)
        if came
    )
    corners = [
        f"{_text((place + 0.5) * step)},{_text(_height(stand, most_posts))}"
        for place, stand in enumerate(posts)
    ]
    if count == 1:
        corners = [
            f"0,{_text(_height(posts[0], most_posts))}",
            f"{WIDTH},{_text(_height(posts[0], most_posts))}",
        ]
    line = "M" + "L".join(corners)
    left, right = corners[0].split(",")[0], corners[-1].split(",")[0]
    area = f"{line}L{right},{HEIGHT}L{left},{HEIGHT}Z"
    return Chart(bars, line, area, first, last, days_a_bar, most_joined, most_posts)


def _bar(came: int, most: int, place: int, step: float) -> tuple[float, float, float, float]:
    top = _height(came, most)
    return ((place + _GAP / 2) * step, top, step * (1 - _GAP), HEIGHT - top)


def _height(value: int, most: int) -> float:
    """Return how far from the top a value lies; the largest has a little air above it."""
    return HEIGHT - (HEIGHT - 8) * max(value, 0) / most if most > 0 else float(HEIGHT)


def _text(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
