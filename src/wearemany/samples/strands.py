"""How hair is painted: locks that follow two lines, short hair across a band, and masses of curls."""

import numpy as np

from wearemany.samples.brush import (
    Array,
    Canvas,
    Frame,
    Patch,
    Points,
    between,
    curve_closed,
    curve_open,
    cut,
    hairlines,
    moved,
    resampled,
)
from wearemany.samples.palette import HairColour
from wearemany.samples.shapes import Lock


def _strands(lock: Lock, frame: Frame, rng: np.random.Generator, *, count: int, wave: float) -> list[Array]:
    first, last = curve_open(lock.first), curve_open(lock.last)
    lines = []
    for share in rng.uniform(0.02, 0.98, count):
        line = between(first, last, float(share))
        begin = int(rng.integers(0, max(1, len(line) // 2)))
        end = min(len(line), begin + int(rng.integers(len(line) // 3, len(line))))
        line = line[begin:end]
        if len(line) < 3:
            continue
        along = np.linspace(0, 6, len(line)) + rng.uniform(0, 6)
        line = line + np.stack([np.sin(along) * wave, np.zeros(len(line))], 1)
        lines.append(frame.at(line))
    return lines


def paint_lock(
    canvas: Canvas,
    lock: Lock,
    frame: Frame,
    hair: HairColour,
    rng: np.random.Generator,
    *,
    side: float,
    wave: float,
) -> None:
    """Paint a lock: its colour, its sheen on the lit side, its strands."""
    first, last = curve_open(lock.first), curve_open(lock.last)
    if wave:
        swing = (
            np.sin(np.linspace(0, 9, len(first)))[:, None]
            * np.array([wave * 1.6, 0])
            * np.linspace(0, 1, len(first))[:, None]
        )
        first = first + swing
        last = last + swing * 0.7
    patch = cut(frame.at(np.concatenate([first, last[::-1]])))
    canvas.lay(patch, hair.plain)
    canvas.refine(patch, 1)
    unit = frame.unit_px
    inner = between(first, last, 0.86)
    canvas.lay(
        hairlines([frame.at(inner)], unit * 0.22, feather_px=unit * 0.08).within(patch), hair.deep, 0.6
    )
    middle = between(first, last, 0.42)
    n = len(middle)
    outer_side = float(np.sign(middle[n // 2, 0]) or 1.0)
    sheen = middle[n // 6 : n // 2]
    if len(sheen) > 2:
        glow = hairlines([frame.at(sheen)], unit * 0.24, feather_px=unit * 0.1).within(patch)
        canvas.lay(glow, hair.lit, 0.78 if outer_side * side > 0 else 0.42)
    lines = _strands(Lock(first.tolist(), last.tolist()), frame, rng, count=46, wave=wave)
    third = len(lines) // 3
    canvas.lay(hairlines(lines[:third], unit * 0.022).within(patch), hair.deep, 0.5)
    canvas.lay(hairlines(lines[third : 2 * third], unit * 0.016).within(patch), hair.lit, 0.42)
    canvas.lay(hairlines(lines[2 * third :], unit * 0.03).within(patch), hair.plain, 0.5)


def paint_cap(
    canvas: Canvas,
    outer: Points,
    inner: Points,
    frame: Frame,
    hair: HairColour,
    rng: np.random.Generator,
    *,
    side: float,
) -> None:
    """Paint short hair: a band between two lines, its strands running across it."""
    out, low = resampled(curve_open(outer), 60), resampled(curve_open(inner), 60)
    patch = cut(frame.at(np.concatenate([out, low[::-1]])))
    canvas.lay(patch, hair.plain)
    canvas.refine(patch, 1)
    unit = frame.unit_px
    middle = between(low, out, 0.6)
    glow = middle[28:52] if side > 0 else middle[8:32]
    canvas.lay(hairlines([frame.at(low)], unit * 0.16, feather_px=unit * 0.07).within(patch), hair.deep, 0.7)
    canvas.lay(hairlines([frame.at(glow)], unit * 0.2, feather_px=unit * 0.1).within(patch), hair.lit, 0.75)
    lines: list[list[Array]] = [[], []]
    for i in rng.integers(0, 56, 150):
        to = int(np.clip(i + rng.integers(1, 7), 0, 59))
        a, b = low[i], out[to]
        start, end = sorted(rng.uniform(0, 1, 2))
        bend = moved((a + b) / 2, 0.05, -0.03)
        line = curve_open(
            [a + (b - a) * start, bend * 0.5 + (a + (b - a) * (start + end) / 2) * 0.5, a + (b - a) * end], 4
        )
        lines[int(rng.integers(2))].append(frame.at(line))
    canvas.lay(hairlines(lines[0], unit * 0.024).within(patch), hair.deep, 0.55)
    canvas.lay(hairlines(lines[1], unit * 0.018).within(patch), hair.lit, 0.42)
    tips = [
        frame.at(
            [
                moved(low[i], rng.normal(0, 0.02), rng.uniform(0, 0.07)),
                moved(low[i], rng.normal(0, 0.03), -0.12),
            ]
        )
        for i in rng.integers(3, 57, 60)
    ]
    canvas.lay(hairlines(tips, unit * 0.022), hair.deep, 0.8)


def paint_curls(
    canvas: Canvas,
    points: Points,
    frame: Frame,
    hair: HairColour,
    rng: np.random.Generator,
    *,
    side: float,
    hole: Patch | None = None,
) -> None:
    """Paint a mass of curls: a bumpy outline filled with little arcs, lit from one side."""
    ring = curve_closed(points, 6)
    bumps = [ring]
    angle = np.linspace(0, 2 * np.pi, 14)
    circle = np.stack([np.cos(angle), np.sin(angle)], 1)
    bumps += [circle * rng.uniform(0.1, 0.2) + ring[i] for i in range(0, len(ring), 2)]
    patch = cut(*[frame.at(b) for b in bumps])
    if hole is not None:
        patch = patch.without(hole)
    canvas.lay(patch, hair.plain)
    canvas.refine(patch, 1)
    low, high = ring.min(0), ring.max(0)
    arcs: list[list[Array]] = [[], [], []]
    for _ in range(460):
        at = rng.uniform(low, high)
        start, size = rng.uniform(0, 6.28), rng.uniform(0.05, 0.12)
        sweep = np.linspace(start, start + rng.uniform(2, 4.2), 8)
        lit = (at[0] - low[0]) / (high[0] - low[0])
        lit = (lit if side > 0 else 1 - lit) * 0.6 + 0.5 * (high[1] - at[1]) / (high[1] - low[1])
        tone = 2 if rng.random() < lit * 0.85 else 0 if rng.random() < 0.7 else 1
        arcs[tone].append(frame.at(np.stack([np.cos(sweep), np.sin(sweep)], 1) * size + at))
    for lines, colour, strength in zip(
        arcs, (hair.deep, hair.plain, hair.lit), (0.75, 0.8, 0.66), strict=True
    ):
        canvas.lay(hairlines(lines, frame.unit_px * 0.032).within(patch), colour, strength)
