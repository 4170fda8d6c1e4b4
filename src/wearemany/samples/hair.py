"""Hair, headscarves and hats: a part behind the head and shoulders, and a part in front."""

from dataclasses import dataclass

import numpy as np

from wearemany.samples.brush import (
    Array,
    Canvas,
    Colour,
    Frame,
    Patch,
    between,
    curve_closed,
    curve_open,
    cut,
    hairlines,
    resampled,
)
from wearemany.samples.palette import HAIRS, Dye, HairColour
from wearemany.samples.people import Person

Points = list[tuple[float, float]]


@dataclass(frozen=True)
class Lock:
    """Hair between two lines that run from the parting outwards; its strands follow them."""

    first: Points
    last: Points
    shaded: float = 0.0


def _mirror(points: Points) -> Points:
    return [(-u, v) for u, v in points]


_CAP_OUT: Points = [(-1.04, 0.16), (-1.14, -0.5), (-1.02, -1.2), (-0.58, -1.7), (0.06, -1.84), (0.68, -1.66), (1.08, -1.12), (1.15, -0.5), (1.04, 0.16)]
_CAP_IN: Points = [(-0.97, 0.1), (-0.92, -0.3), (-0.84, -0.66), (-0.52, -0.86), (-0.1, -0.9), (0.36, -0.86), (0.8, -0.66), (0.92, -0.3), (0.97, 0.1)]


_CAPS = ("crop", "beanie", "quiff", "pixie")
_FRINGE_OUT: Points = [
    (-0.99, -0.5),
    (-0.9, -1.1),
    (-0.5, -1.52),
    (0, -1.66),
    (0.5, -1.52),
    (0.9, -1.1),
    (0.99, -0.5),
]
_FRINGE_IN: Points = [
    (-0.93, -0.28),
    (-0.7, -0.4),
    (-0.35, -0.46),
    (0, -0.47),
    (0.35, -0.46),
    (0.7, -0.4),
    (0.93, -0.28),
]


def _curtains(low: float, wide: float, part: float) -> list[Lock]:
    """Return two sides of hair falling from a parting, each ending in a soft point."""
    locks = []
    for k in (-1.0, 1.0):
        near = part * k
        outer: Points = [(near, -1.7), (0.58 + near * 0.2, -1.62), (1.06, -1.06), (1.2 * wide, -0.2), (1.25 * wide, low * 0.5), (1.16 * wide, low * 0.85), (0.9, low)]
        inner: Points = [(near, -1.28), (0.24 + near * 0.6, -1.06), (0.64, -0.74), (0.86, -0.15), (0.86, low * 0.45), (0.66, low * 0.8), (0.84, low)]
        locks.append(Lock([(u * k, v) for u, v in outer], [(u * k, v) for u, v in inner]))
    return locks


def _back_shape(person: Person) -> Points:
    low = {"long": 2.75, "waves": 2.6, "bob": 1.15, "fringe": 1.35}.get(person.hair, 0.4)
    wide = 1.28 if person.hair != "waves" else 1.42
    half: Points = [
        (0.0, -1.74),
        (0.62, -1.58),
        (1.1, -1.05),
        (wide - 0.06, 0.0),
        (wide, low * 0.6),
        (wide - 0.14, low),
        (0.5, low + 0.08),
    ]
    return half + _mirror(half[::-1])[:-1]


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


def _paint_lock(
    canvas: Canvas,
    lock: Lock,
    frame: Frame,
    hair: HairColour,
    rng: np.random.Generator,
    *,
    side: float,
    wave: float,
) -> None:
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


def _curl_mass(
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


_AFRO: Points = [
    (-1.18, 0.5),
    (-1.5, -0.1),
    (-1.52, -0.85),
    (-1.15, -1.6),
    (-0.45, -2.02),
    (0.4, -2.04),
    (1.12, -1.64),
    (1.52, -0.9),
    (1.5, -0.1),
    (1.2, 0.5),
]
_FACE_HOLE: Points = [(-0.92, 0.6), (-0.93, -0.1), (-0.82, -0.52), (-0.4, -0.78), (0.15, -0.8), (0.62, -0.66), (0.9, -0.25), (0.92, 0.6), (0.5, 1.4), (-0.5, 1.4)]


def paint_back(canvas: Canvas, person: Person, frame: Frame, rng: np.random.Generator) -> None:
    """Paint the hair that lies behind neck and shoulders."""
    hair = HAIRS[person.hair_colour]
    if person.hair in ("long", "waves", "bob", "fringe"):
        patch = cut(frame.at(curve_closed(_back_shape(person))))
        canvas.lay(patch, hair.deep)
        canvas.refine(patch, 1)
        low = max(v for _, v in _back_shape(person))
        lines = []
        for u in rng.uniform(-1.3, 1.3, 60):
            wave = 0.07 if person.hair == "waves" else 0.015
            v = np.linspace(-0.6, low, 18)
            lines.append(frame.at(np.stack([u + wave * np.sin(v * 4 + u * 3), v], 1)))
        canvas.lay(hairlines(lines, frame.unit_px * 0.03).within(patch), hair.plain, 0.55)
    elif person.hair == "bun":
        ball = cut(
            frame.at(
                curve_closed(
                    [(-0.5, -1.75), (-0.42, -2.2), (0, -2.4), (0.44, -2.2), (0.52, -1.75), (0, -1.5)]
                )
            )
        )
        canvas.lay(ball, hair.plain)
        canvas.refine(ball, 1)
        turns = [
            frame.at(
                curve_open(
                    [(-0.45 + k * 0.15, -1.7), (-0.3 + k * 0.2, -2.15), (0.1 + k * 0.1, -2.32 + k * 0.1)]
                )
            )
            for k in range(5)
        ]
        canvas.lay(hairlines(turns, frame.unit_px * 0.04).within(ball), hair.deep, 0.6)
        canvas.lay(hairlines([t + 7 for t in turns], frame.unit_px * 0.025).within(ball), hair.lit, 0.45)
    elif person.hair == "headscarf":
        _cloth(
            canvas,
            [
                (0, -1.85),
                (0.75, -1.6),
                (1.22, -0.9),
                (1.34, 0.2),
                (1.3, 1.1),
                (1.75, 2.2),
                (0, 2.9),
                (-1.75, 2.2),
                (-1.3, 1.1),
                (-1.34, 0.2),
                (-1.22, -0.9),
                (-0.75, -1.6),
            ],
            frame,
            person.head_dye,
        )


def _cloth(canvas: Canvas, points: Points, frame: Frame, dye: Dye, hole: Patch | None = None) -> Patch:
    patch = cut(frame.at(curve_closed(points)))
    if hole is not None:
        patch = patch.without(hole)
    canvas.lay(patch, dye.plain)
    canvas.refine(patch, 1)
    return patch


def paint_front(
    canvas: Canvas, person: Person, frame: Frame, rng: np.random.Generator, *, side: float
) -> None:
    """Paint the hair, scarf or hat that frames the face."""
    hair = HAIRS[person.hair_colour]
    style = person.hair
    if style == "headscarf":
        _headscarf(canvas, person.head_dye, frame, side)
    elif style == "kerchief":
        for lock in _curtains(0.05, 0.82, 0.0):
            _paint_lock(canvas, lock, frame, hair, rng, side=side, wave=0)
        _kerchief(canvas, person.head_dye, frame, rng)
    elif style == "curls":
        hole = cut(frame.at(curve_closed(_FACE_HOLE)))
        _curl_mass(
            canvas,
            _AFRO if person.woman else [(u * 0.84, v * 0.93 + 0.02) for u, v in _AFRO],
            frame,
            hair,
            rng,
            side=side,
            hole=hole,
        )
    else:
        if style in _CAPS:
            _paint_cap(canvas, _CAP_OUT, _CAP_IN, frame, hair, rng, side=side)
        wave = 0.055 if style == "waves" else 0.0
        for lock in _locks(style):
            _paint_lock(canvas, lock, frame, hair, rng, side=side, wave=wave)
    if style == "fringe":
        _paint_cap(canvas, _FRINGE_OUT, _FRINGE_IN, frame, hair, rng, side=side)
    if style == "beanie":
        _beanie(canvas, person.head_dye, frame)


def _locks(style: str) -> list[Lock]:
    if style in ("long", "waves"):
        return _curtains(2.55, 1.0, 0.12 if style == "long" else -0.25)
    if style == "bob":
        return _curtains(1.08, 1.02, -0.35)
    if style == "fringe":
        return _curtains(1.28, 1.0, 0.0)
    if style == "bun":
        return [
            Lock(
                [(0, -1.74), (-0.6, -1.62), (-1.05, -1.05), (-1.06, -0.2)],
                [(-0.02, -1.05), (-0.5, -0.98), (-0.84, -0.62), (-0.97, 0.1)],
            ),
            Lock(
                [(0, -1.74), (0.6, -1.62), (1.05, -1.05), (1.06, -0.2)],
                [(-0.02, -1.05), (0.46, -0.98), (0.82, -0.62), (0.97, 0.1)],
            ),
        ]
    if style == "braid":
        tail: Points = [(0.95, 0.2), (1.22, 0.9), (1.2, 1.6), (1.06, 2.3), (0.95, 2.9)]
        tail_in: Points = [(0.82, 0.3), (0.86, 0.9), (0.82, 1.6), (0.76, 2.3), (0.84, 2.9)]
        return [*_curtains(0.35, 0.9, -0.3), Lock(tail, tail_in)]
    if style == "thinning":
        return [
            Lock([(-1.02, 0.2), (-1.12, -0.3), (-1.02, -0.85)], [(-0.95, 0.1), (-0.94, -0.3), (-0.86, -0.8)]),
            Lock([(1.02, 0.2), (1.12, -0.3), (1.02, -0.85)], [(0.95, 0.1), (0.94, -0.3), (0.86, -0.8)]),
            Lock(
                [(-0.8, -1.24), (-0.3, -1.58), (0.3, -1.58), (0.8, -1.24)],
                [(-0.74, -1.16), (-0.3, -1.36), (0.3, -1.36), (0.74, -1.16)],
            ),
        ]
    if style == "parted":
        return [
            Lock(
                [(0.5, -1.62), (0.0, -1.82), (-0.7, -1.62), (-1.08, -1.0), (-1.06, -0.1)],
                [(0.5, -1.1), (0.1, -0.98), (-0.45, -0.9), (-0.85, -0.6), (-0.97, 0.0)],
            ),
            Lock(
                [(0.5, -1.62), (0.85, -1.4), (1.08, -0.85), (1.06, -0.1)],
                [(0.5, -1.1), (0.72, -0.9), (0.9, -0.5), (0.97, 0.0)],
            ),
        ]
    if style == "quiff":
        return [
            Lock(
                [(-0.98, -0.95), (-0.8, -1.55), (-0.1, -1.92), (0.75, -1.72), (1.02, -1.2)],
                [(-0.8, -0.78), (-0.45, -1.02), (0.1, -1.16), (0.6, -1.12), (0.9, -0.86)],
            )
        ]
    if style == "pixie":
        sweep: Points = [(0.55, -1.68), (0.0, -1.3), (-0.45, -0.85), (-0.98, -0.25)]
        return [Lock([(0.3, -1.78), (-0.5, -1.6), (-1.04, -1.0), (-1.08, 0.0)], sweep)]
    return []


def _paint_cap(
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
        bend = (a + b) / 2 + (0.05, -0.03)
        line = curve_open(
            [a + (b - a) * start, bend * 0.5 + (a + (b - a) * (start + end) / 2) * 0.5, a + (b - a) * end], 4
        )
        lines[int(rng.integers(2))].append(frame.at(line))
    canvas.lay(hairlines(lines[0], unit * 0.024).within(patch), hair.deep, 0.55)
    canvas.lay(hairlines(lines[1], unit * 0.018).within(patch), hair.lit, 0.42)
    tips = [
        frame.at(
            [low[i] + (rng.normal(0, 0.02), rng.uniform(0, 0.07)), low[i] + (rng.normal(0, 0.03), -0.12)]
        )
        for i in rng.integers(3, 57, 60)
    ]
    canvas.lay(hairlines(tips, unit * 0.022), hair.deep, 0.8)


def _headscarf(canvas: Canvas, dye: Dye, frame: Frame, side: float) -> None:
    hole = cut(
        frame.at(
            curve_closed(
                [
                    (0, -0.98),
                    (0.55, -0.86),
                    (0.86, -0.4),
                    (0.9, 0.2),
                    (0.8, 0.8),
                    (0.5, 1.25),
                    (0, 1.42),
                    (-0.5, 1.25),
                    (-0.8, 0.8),
                    (-0.9, 0.2),
                    (-0.86, -0.4),
                    (-0.55, -0.86),
                ]
            )
        )
    )
    patch = _cloth(
        canvas,
        [
            (0, -1.85),
            (0.75, -1.62),
            (1.2, -0.9),
            (1.3, 0.1),
            (1.22, 1.0),
            (1.3, 1.75),
            (0.7, 2.3),
            (0, 2.42),
            (-0.7, 2.3),
            (-1.3, 1.75),
            (-1.22, 1.0),
            (-1.3, 0.1),
            (-1.2, -0.9),
            (-0.75, -1.62),
        ],
        frame,
        dye,
        hole,
    )
    unit = frame.unit_px
    canvas.lay(
        cut(
            frame.at(
                curve_closed(
                    [(-0.98 * side, -1.0), (-1.3 * side, 0.3), (-1.0 * side, 1.6), (-0.8 * side, 0.4)]
                )
            ),
            feather_px=unit * 0.16,
        ).within(patch),
        dye.deep,
        0.6,
    )
    canvas.lay(
        cut(
            frame.at(
                curve_closed(
                    [(0.3 * side, -1.55), (0.9 * side, -1.1), (1.1 * side, -0.2), (0.96 * side, -0.8)]
                )
            ),
            feather_px=unit * 0.12,
        ).within(patch),
        dye.lit,
        0.7,
    )
    rim = hairlines(
        [
            frame.at(
                curve_closed(
                    [
                        (0, -1.02),
                        (0.58, -0.9),
                        (0.9, -0.42),
                        (0.94, 0.2),
                        (0.84, 0.82),
                        (0.53, 1.3),
                        (0, 1.48),
                        (-0.53, 1.3),
                        (-0.84, 0.82),
                        (-0.94, 0.2),
                        (-0.9, -0.42),
                        (-0.58, -0.9),
                        (0, -1.02),
                    ]
                )
            )
        ],
        unit * 0.1,
        feather_px=unit * 0.03,
    )
    canvas.lay(rim.within(patch), dye.deep, 0.4)
    folds = [
        frame.at(curve_open(f))
        for f in (
            [(-0.9, 0.9), (-0.5, 1.6), (0.3, 1.9)],
            [(-1.1, 1.0), (-0.7, 1.9), (0.4, 2.2)],
            [(0.95, 0.8), (0.7, 1.4), (0.1, 1.72)],
            [(1.15, 1.1), (0.9, 1.7), (0.2, 2.05)],
            [(-0.7, -1.5), (-1.0, -0.9), (-1.12, -0.1)],
        )
    ]
    canvas.lay(hairlines(folds, unit * 0.07, feather_px=unit * 0.03).within(patch), dye.deep, 0.6)
    canvas.lay(
        hairlines(
            [f + (unit * 0.05, unit * 0.07) for f in folds], unit * 0.05, feather_px=unit * 0.025
        ).within(patch),
        dye.lit,
        0.45,
    )


def _kerchief(canvas: Canvas, dye: Dye, frame: Frame, rng: np.random.Generator) -> None:
    shape: Points = [
        (0, -1.84),
        (0.72, -1.62),
        (1.16, -0.95),
        (1.24, 0.0),
        (1.1, 0.8),
        (0.55, 1.5),
        (0.2, 1.66),
        (0.62, 1.2),
        (0.9, 0.5),
        (0.93, -0.2),
        (0.8, -0.74),
        (0.4, -1.04),
        (0, -1.1),
    ]
    patch = _cloth(canvas, [*shape, *_mirror(shape[::-1])[1:-1]], frame, dye)
    unit = frame.unit_px
    angle = np.linspace(0, 2 * np.pi, 12)
    dot = np.stack([np.cos(angle), np.sin(angle)], 1)
    flowers = [frame.at(dot * 0.07 + rng.uniform((-1.2, -1.8), (1.2, 1.5))) for _ in range(60)]
    canvas.lay(cut(*flowers[:40]).within(patch), dye.lit, 0.9)
    canvas.lay(cut(*flowers[40:]).within(patch), dye.deep, 0.8)
    rim = hairlines(
        [
            frame.at(
                curve_open(
                    [
                        (-0.6, 1.3),
                        (-0.92, 0.5),
                        (-0.95, -0.2),
                        (-0.82, -0.78),
                        (-0.4, -1.08),
                        (0, -1.14),
                        (0.4, -1.08),
                        (0.82, -0.78),
                        (0.95, -0.2),
                        (0.92, 0.5),
                        (0.6, 1.3),
                    ]
                )
            )
        ],
        unit * 0.09,
        feather_px=unit * 0.03,
    )
    canvas.lay(rim.within(patch), dye.deep, 0.55)
    knot = cut(
        frame.at(
            curve_closed(
                [
                    (-0.22, 1.5),
                    (0.22, 1.5),
                    (0.26, 1.78),
                    (0.55, 2.2),
                    (0.2, 2.15),
                    (0, 1.8),
                    (-0.2, 2.15),
                    (-0.55, 2.2),
                    (-0.26, 1.78),
                ]
            )
        )
    )
    canvas.lay(knot, dye.plain)
    canvas.lay(
        hairlines(
            [
                frame.at([(-0.16, 1.6), (-0.36, 2.1)]),
                frame.at([(0.16, 1.6), (0.36, 2.1)]),
                frame.at([(-0.2, 1.78), (0.2, 1.78)]),
            ],
            unit * 0.06,
            feather_px=2,
        ).within(knot),
        dye.deep,
        0.7,
    )
    canvas.refine(knot, 1)


def _beanie(canvas: Canvas, dye: Dye, frame: Frame) -> None:
    patch = _cloth(
        canvas,
        [
            (-1.12, -0.6),
            (-1.12, -1.2),
            (-0.8, -1.8),
            (0, -2.06),
            (0.8, -1.8),
            (1.12, -1.2),
            (1.12, -0.6),
            (0, -0.78),
        ],
        frame,
        dye,
    )
    unit = frame.unit_px
    ribs = [
        frame.at(curve_open([(u, -0.7), (u * 0.95, -1.3), (u * 0.35, -2.0)]))
        for u in np.linspace(-1.05, 1.05, 17)
    ]
    canvas.lay(hairlines(ribs, unit * 0.035, feather_px=1.6).within(patch), dye.deep, 0.55)
    canvas.lay(
        hairlines([r + (unit * 0.045, 0) for r in ribs], unit * 0.03, feather_px=1.6).within(patch),
        dye.lit,
        0.4,
    )
    band = _cloth(
        canvas,
        [(-1.14, -0.42), (-1.16, -0.86), (0, -1.06), (1.16, -0.86), (1.14, -0.42), (0, -0.62)],
        frame,
        dye,
    )
    lines = [frame.at([(u, -0.4), (u * 1.01, -1.02)]) for u in np.linspace(-1.12, 1.12, 21)]
    canvas.lay(hairlines(lines, unit * 0.04, feather_px=1.6).within(band), dye.deep, 0.6)
    shade: Colour = (0.82, 0.8, 0.84)
    canvas.glaze(
        cut(
            frame.at(curve_closed([(-1.1, -0.9), (0, -1.12), (1.1, -0.9), (0, -1.0)])), feather_px=unit * 0.05
        ),
        shade,
    )


def paint_behind_head(
    canvas: Canvas, person: Person, frame: Frame, rng: np.random.Generator, *, side: float
) -> None:
    """Paint a head seen from behind: hair only."""
    hair = HAIRS[person.hair_colour]
    low = 2.4 if person.woman else 1.05
    wide = 1.16 if person.woman else 0.98
    half: Points = [
        (0, -1.72),
        (0.7, -1.5),
        (1.1, -0.9),
        (wide, 0.1),
        (wide * 0.98, low * 0.7),
        (wide * 0.6, low),
    ]
    shape: Points = [*half, (0, low + 0.1), *_mirror(half[:0:-1])]
    if not person.woman:
        for k in (-1, 1):
            ear = cut(
                frame.at(
                    curve_closed([(k * 0.95, -0.1), (k * 1.12, -0.14), (k * 1.12, 0.25), (k * 0.95, 0.36)])
                )
            )
            canvas.lay(ear, (190, 130, 104))
    patch = cut(frame.at(curve_closed(shape)))
    canvas.lay(patch, hair.plain)
    canvas.refine(patch, 1)
    unit = frame.unit_px
    for k, colour, strength in ((-side, hair.deep, 0.75), (side, hair.lit, 0.4)):
        edge = frame.at(curve_open([(k * 0.4, -1.5), (k * 0.9, -0.7), (k * 0.85, 0.4), (k * 0.7, low)]))
        canvas.lay(hairlines([edge], unit * 0.3, feather_px=unit * 0.16).within(patch), colour, strength)
    lines: list[list[Array]] = [[], []]
    for share in rng.uniform(-1, 1, 150):
        v = np.linspace(rng.uniform(-1.5, 0.4), rng.uniform(0.6, 1) * low, 12)
        u = (
            share * wide * np.sqrt(np.clip(1 - ((v + 0.2) / 1.75) ** 2, 0.12, 1))
            if not person.woman
            else share * wide * np.clip((v + 1.8) * 0.7, 0.3, 1)
        )
        lines[int(rng.integers(2))].append(frame.at(np.stack([u, v], 1)))
    canvas.lay(hairlines(lines[0], unit * 0.024).within(patch), hair.deep, 0.55)
    canvas.lay(hairlines(lines[1], unit * 0.018).within(patch), hair.lit, 0.36)
