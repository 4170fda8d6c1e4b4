"""Headscarves, kerchiefs and knitted hats."""

import numpy as np

from wearemany.samples.brush import (
    Canvas,
    Colour,
    Frame,
    Patch,
    Points,
    curve_closed,
    curve_open,
    cut,
    hairlines,
    moved,
    path,
)
from wearemany.samples.palette import Dye
from wearemany.samples.shapes import mirrored


def drape(canvas: Canvas, points: Points, frame: Frame, dye: Dye, hole: Patch | None = None) -> Patch:
    """Lay plain cloth inside a smooth outline, leaving the hole free."""
    patch = cut(frame.at(curve_closed(points)))
    if hole is not None:
        patch = patch.without(hole)
    canvas.lay(patch, dye.plain)
    canvas.refine(patch, 1)
    return patch


def paint_headscarf(canvas: Canvas, dye: Dye, frame: Frame, side: float) -> None:
    """Paint a headscarf with its folds round the face."""
    patch = _drape_headscarf(canvas, dye, frame)
    _shade_headscarf(canvas, dye, frame, side, patch)
    _paint_headscarf_rim(canvas, dye, frame, patch)
    _paint_headscarf_folds(canvas, dye, frame, patch)


def _drape_headscarf(canvas: Canvas, dye: Dye, frame: Frame) -> Patch:
    face = path(
        "0 -0.98, 0.55 -0.86, 0.86 -0.4, 0.9 0.2, 0.8 0.8, 0.5 1.25, "
        "0 1.42, -0.5 1.25, -0.8 0.8, -0.9 0.2, -0.86 -0.4, -0.55 -0.86"
    )
    cloth = path(
        "0 -1.85, 0.75 -1.62, 1.2 -0.9, 1.3 0.1, 1.22 1, 1.3 1.75, "
        "0.7 2.3, 0 2.42, -0.7 2.3, -1.3 1.75, -1.22 1, -1.3 0.1, "
        "-1.2 -0.9, -0.75 -1.62"
    )
    return drape(canvas, cloth, frame, dye, cut(frame.at(curve_closed(face))))


def _shade_headscarf(canvas: Canvas, dye: Dye, frame: Frame, side: float, patch: Patch) -> None:
    unit = frame.unit_px
    shaded: Points = [(-0.98 * side, -1.0), (-1.3 * side, 0.3), (-1.0 * side, 1.6), (-0.8 * side, 0.4)]
    shadow = cut(frame.at(curve_closed(shaded)), feather_px=unit * 0.16)
    canvas.lay(shadow.within(patch), dye.deep, 0.6)
    sunny: Points = [(0.3 * side, -1.55), (0.9 * side, -1.1), (1.1 * side, -0.2), (0.96 * side, -0.8)]
    light = cut(frame.at(curve_closed(sunny)), feather_px=unit * 0.12)
    canvas.lay(light.within(patch), dye.lit, 0.7)


def _paint_headscarf_rim(canvas: Canvas, dye: Dye, frame: Frame, patch: Patch) -> None:
    unit = frame.unit_px
    edge = path(
        "0 -1.02, 0.58 -0.9, 0.9 -0.42, 0.94 0.2, 0.84 0.82, 0.53 1.3, "
        "0 1.48, -0.53 1.3, -0.84 0.82, -0.94 0.2, -0.9 -0.42, "
        "-0.58 -0.9, 0 -1.02"
    )
    rim = hairlines([frame.at(curve_closed(edge))], unit * 0.1, feather_px=unit * 0.03)
    canvas.lay(rim.within(patch), dye.deep, 0.4)


def _paint_headscarf_folds(canvas: Canvas, dye: Dye, frame: Frame, patch: Patch) -> None:
    unit = frame.unit_px
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
    ridges = [moved(f, unit * 0.05, unit * 0.07) for f in folds]
    canvas.lay(hairlines(ridges, unit * 0.05, feather_px=unit * 0.025).within(patch), dye.lit, 0.45)


def paint_kerchief(canvas: Canvas, dye: Dye, frame: Frame, rng: np.random.Generator) -> None:
    """Paint a flowered kerchief knotted under the chin."""
    shape: Points = path(
        "0 -1.84, 0.72 -1.62, 1.16 -0.95, 1.24 0, 1.1 0.8, 0.55 1.5, "
        "0.2 1.66, 0.62 1.2, 0.9 0.5, 0.93 -0.2, 0.8 -0.74, 0.4 -1.04, "
        "0 -1.1"
    )
    patch = drape(canvas, [*shape, *mirrored(shape[::-1])[1:-1]], frame, dye)
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
                    path(
                        "-0.6 1.3, -0.92 0.5, -0.95 -0.2, -0.82 -0.78, -0.4 -1.08, "
                        "0 -1.14, 0.4 -1.08, 0.82 -0.78, 0.95 -0.2, 0.92 0.5, 0.6 1.3"
                    )
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
                path(
                    "-0.22 1.5, 0.22 1.5, 0.26 1.78, 0.55 2.2, 0.2 2.15, 0 1.8, "
                    "-0.2 2.15, -0.55 2.2, -0.26 1.78"
                )
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


def paint_beanie(canvas: Canvas, dye: Dye, frame: Frame) -> None:
    """Paint a knitted hat with a turned-up band."""
    patch = drape(
        canvas,
        path("-1.12 -0.6, -1.12 -1.2, -0.8 -1.8, 0 -2.06, 0.8 -1.8, 1.12 -1.2, 1.12 -0.6, 0 -0.78"),
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
        hairlines([moved(r, unit * 0.045, 0) for r in ribs], unit * 0.03, feather_px=1.6).within(patch),
        dye.lit,
        0.4,
    )
    band = drape(
        canvas,
        path("-1.14 -0.42, -1.16 -0.86, 0 -1.06, 1.16 -0.86, 1.14 -0.42, 0 -0.62"),
        frame,
        dye,
    )
    lines = [frame.at([(u, -0.4), (u * 1.01, -1.02)]) for u in np.linspace(-1.12, 1.12, 21)]
    canvas.lay(hairlines(lines, unit * 0.04, feather_px=1.6).within(band), dye.deep, 0.6)
    shade: Colour = (0.82, 0.8, 0.84)
    canvas.glaze(
        cut(frame.at(curve_closed(path("-1.1 -0.9, 0 -1.12, 1.1 -0.9, 0 -1"))), feather_px=unit * 0.05),
        shade,
    )
