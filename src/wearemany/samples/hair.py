"""Hair, headscarves and hats: a part behind the head and shoulders, and a part in front."""

import numpy as np

from wearemany.samples.brush import (
    Array,
    Canvas,
    Frame,
    Points,
    curve_closed,
    curve_open,
    cut,
    hairlines,
    path,
)
from wearemany.samples.headwear import drape, paint_beanie, paint_headscarf, paint_kerchief
from wearemany.samples.palette import HAIRS
from wearemany.samples.people import Person
from wearemany.samples.shapes import back_shape, curtains, locks_of, mirrored
from wearemany.samples.strands import paint_cap, paint_curls, paint_lock

_CAP_OUT: Points = path(
    "-1.04 0.16, -1.14 -0.5, -1.02 -1.2, -0.58 -1.7, 0.06 -1.84, 0.68 -1.66, 1.08 -1.12, 1.15 -0.5, 1.04 0.16"
)
_CAP_IN: Points = path(
    "-0.97 0.1, -0.92 -0.3, -0.84 -0.66, -0.52 -0.86, -0.1 -0.9, 0.36 -0.86, 0.8 -0.66, 0.92 -0.3, 0.97 0.1"
)


_CAPS = ("crop", "beanie", "quiff", "pixie")
_FRINGE_OUT: Points = path("-0.99 -0.5, -0.9 -1.1, -0.5 -1.52, 0 -1.66, 0.5 -1.52, 0.9 -1.1, 0.99 -0.5")
_FRINGE_IN: Points = path("-0.93 -0.28, -0.7 -0.4, -0.35 -0.46, 0 -0.47, 0.35 -0.46, 0.7 -0.4, 0.93 -0.28")


_AFRO: Points = path(
    "-1.18 0.5, -1.5 -0.1, -1.52 -0.85, -1.15 -1.6, -0.45 -2.02, "
    "0.4 -2.04, 1.12 -1.64, 1.52 -0.9, 1.5 -0.1, 1.2 0.5"
)
_FACE_HOLE: Points = path(
    "-0.92 0.6, -0.93 -0.1, -0.82 -0.52, -0.4 -0.78, 0.15 -0.8, "
    "0.62 -0.66, 0.9 -0.25, 0.92 0.6, 0.5 1.4, -0.5 1.4"
)


def paint_back(canvas: Canvas, person: Person, frame: Frame, rng: np.random.Generator) -> None:
    """Paint the hair that lies behind neck and shoulders."""
    hair = HAIRS[person.hair_colour]
    if person.hair in ("long", "waves", "bob", "fringe"):
        patch = cut(frame.at(curve_closed(back_shape(person))))
        canvas.lay(patch, hair.deep)
        canvas.refine(patch, 1)
        low = max(v for _, v in back_shape(person))
        lines = []
        for u in rng.uniform(-1.3, 1.3, 60):
            wave = 0.07 if person.hair == "waves" else 0.015
            v = np.linspace(-0.6, low, 18)
            lines.append(frame.at(np.stack([u + wave * np.sin(v * 4 + u * 3), v], 1)))
        canvas.lay(hairlines(lines, frame.unit_px * 0.03).within(patch), hair.plain, 0.55)
    elif person.hair == "bun":
        ball = cut(
            frame.at(curve_closed(path("-0.5 -1.75, -0.42 -2.2, 0 -2.4, 0.44 -2.2, 0.52 -1.75, 0 -1.5")))
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
        drape(
            canvas,
            path(
                "0 -1.85, 0.75 -1.6, 1.22 -0.9, 1.34 0.2, 1.3 1.1, 1.75 2.2, "
                "0 2.9, -1.75 2.2, -1.3 1.1, -1.34 0.2, -1.22 -0.9, -0.75 -1.6"
            ),
            frame,
            person.head_dye,
        )


def paint_front(
    canvas: Canvas, person: Person, frame: Frame, rng: np.random.Generator, *, side: float
) -> None:
    """Paint the hair, scarf or hat that frames the face."""
    hair = HAIRS[person.hair_colour]
    style = person.hair
    if style == "headscarf":
        paint_headscarf(canvas, person.head_dye, frame, side)
    elif style == "kerchief":
        for lock in curtains(0.05, 0.82, 0.0):
            paint_lock(canvas, lock, frame, hair, rng, side=side, wave=0)
        paint_kerchief(canvas, person.head_dye, frame, rng)
    elif style == "curls":
        hole = cut(frame.at(curve_closed(_FACE_HOLE)))
        paint_curls(
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
            paint_cap(canvas, _CAP_OUT, _CAP_IN, frame, hair, rng, side=side)
        wave = 0.055 if style == "waves" else 0.0
        for lock in locks_of(style):
            paint_lock(canvas, lock, frame, hair, rng, side=side, wave=wave)
    if style == "fringe":
        paint_cap(canvas, _FRINGE_OUT, _FRINGE_IN, frame, hair, rng, side=side)
    if style == "beanie":
        paint_beanie(canvas, person.head_dye, frame)


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
    shape: Points = [*half, (0, low + 0.1), *mirrored(half[:0:-1])]
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
    for lean, colour, strength in ((-side, hair.deep, 0.75), (side, hair.lit, 0.4)):
        edge = frame.at(
            curve_open([(lean * 0.4, -1.5), (lean * 0.9, -0.7), (lean * 0.85, 0.4), (lean * 0.7, low)])
        )
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
