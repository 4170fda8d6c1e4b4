"""The colour bench's bars: what is asked at least, what is aimed at, what came out, and by how much a bar is missed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from colour_marks import Marks

Said = Mapping[str, Mapping[str, Marks]]
"""Per set and judge."""


@dataclass(frozen=True)
class Bar:
    """One row. `figures` are each judge's; the first is ours. A bar is a least, or a most where less is better."""

    name: str
    bar: float
    aim: float
    figures: tuple[float | None, ...]
    less: bool = False

    def told(self) -> str:
        """Return the row as a line."""
        ours = self.figures[0]
        if ours is None:
            verdict = "not measured"
        else:
            short = (ours - self.bar) if self.less else (self.bar - ours)
            verdict = "met" if short <= 1e-9 else f"missed by {short:.3f}"
            if short <= 1e-9 and ((ours <= self.aim) if self.less else (ours >= self.aim)):
                verdict = "aim met"
        sign = "<=" if self.less else ">="
        figures = "".join(f"{'-' if value is None else f'{value:.3f}':>9}" for value in self.figures)
        return f"{self.name:52}{sign} {self.bar:<7.3g}{self.aim:<7.3g}{figures}  {verdict}"


def bars_of_sets(said: Said, judges: Iterable[str]) -> list[Bar]:
    """Return the bars that hold for sets of pictures; of several sets the worst one stands in the row."""
    judges = tuple(judges)

    def row(
        name: str,
        groups: Iterable[str],
        mark: Callable[[Marks], float],
        *,
        bar: float,
        aim: float,
        less: bool,
    ) -> Bar:
        there = [said[group] for group in groups if group in said]
        worst = max if less else min
        figures = tuple(
            worst(found) if (found := [mark(one[judge]) for one in there if judge in one]) else None
            for judge in judges
        )
        return Bar(name, bar, aim, figures, less)

    def false(marks: Marks) -> float:
        return marks.accepted("no")

    def hits(marks: Marks) -> float:
        return marks.accepted("yes")

    hued = ("red", "pink", "orange", "purple", "blue", "green", "yellow")
    rows = [
        row(f"red behind: {kind}, false accepts", groups, false, bar=0.01, aim=0.002, less=True)
        for kind, groups in (
            ("wall", ("given: redback", "back: wall")),
            ("vehicle", ("back: vehicle",)),
            ("banner", ("back: banner",)),
        )
    ]
    rows += [row("made red, given: accepted", ("given: redshirt",), hits, bar=0.97, aim=0.99, less=False)]
    rows += [row(f"made {c}: accepted", (f"worn: {c}",), hits, bar=0.97, aim=0.99, less=False) for c in hued]
    rows += [
        row(f"made {c} (may refer more): accepted", (f"worn: {c}",), hits, bar=0.0, aim=0.97, less=False)
        for c in ("black", "white", "grey", "brown")
    ]
    rows += [
        row(
            f"made {c}, red called: false accepts", (f"neighbour: {c}",), false, bar=0.03, aim=0.01, less=True
        )
        for c in ("orange", "pink", "brown", "purple")
    ]
    lights = (
        "given: warm",
        "given: dim",
        *(f"light: {kind}" for kind in ("warm", "cold", "dim", "over", "mixed", "greenish")),
    )
    rows += [
        row(f"{light}: balanced accuracy", (light,), Marks.balanced, bar=0.95, aim=0.99, less=False)
        for light in lights
    ]
    rows += [
        row("given: red light: false accepts", ("given: redlight",), false, bar=0.01, aim=0.0, less=True)
    ]
    rows += [
        row("real selfie boxes, red tops: F1", ("given: plain",), Marks.f1, bar=0.94, aim=0.98, less=False),
        row(
            "real full photos, red tops: F1", ("real: full photos",), Marks.f1, bar=0.90, aim=0.96, less=False
        ),
    ]
    plain = ("given: plain",)
    rows += [
        row(
            "disputable ones referred",
            plain,
            lambda marks: marks.referred("unsure"),
            bar=0.60,
            aim=0.80,
            less=False,
        ),
        row(
            "clear ones referred",
            plain,
            lambda marks: marks.referred("yes", "no"),
            bar=0.08,
            aim=0.05,
            less=True,
        ),
    ]
    return rows


STEPS = (0.0, 0.1, 0.2, 0.4, 0.7, 0.9)


def calibration(scores: Iterable[tuple[str, float]]) -> list[tuple[float, float, int]]:
    """Return for each step of the score: its mean, how many of these wear the colour (disputable ones half), how many.

    `scores` are truths with scores.
    """
    worth = {"yes": 1.0, "unsure": 0.5, "no": 0.0}
    rows: list[list[tuple[float, float]]] = [[] for _ in STEPS]
    for truth, score in scores:
        rows[sum(score >= step for step in STEPS) - 1].append((score, worth[truth]))
    return [
        (sum(s for s, _ in row) / len(row), sum(w for _, w in row) / len(row), len(row))
        for row in rows
        if row
    ]


def diagram(points: Iterable[tuple[float, float, int]]) -> str:
    """Draw a reliability diagram as SVG: the score across, the share that wears the colour up; dots by count."""
    dots = "".join(
        f'<circle cx="{30 + 200 * score:.1f}" cy="{220 - 200 * share:.1f}" r="{2 + count**0.5 / 2:.1f}"/>'
        f'<text x="{30 + 200 * score + 8:.1f}" y="{220 - 200 * share - 8:.1f}">{count}</text>'
        for score, share, count in points
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 260 250" width="260" height="250" '
        'font-family="sans-serif" font-size="9">'
        '<rect x="30" y="20" width="200" height="200" fill="#fff" stroke="#777"/>'
        '<path d="M30 220 230 20" stroke="#777" stroke-dasharray="3"/>'
        '<text x="130" y="240" text-anchor="middle">score</text>'
        '<text x="14" y="120" text-anchor="middle" transform="rotate(-90 14 120)">share that wears it</text>'
        f'<g fill="#b3202a" fill-opacity=".7">{dots}</g></svg>\n'
    )
