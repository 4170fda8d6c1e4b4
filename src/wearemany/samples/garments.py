"""What makes a garment that garment: collars, ribs, lapels, hoods, buttons, beads, a scarf on top."""

from collections.abc import Callable

import numpy as np

from wearemany.samples.brush import (
    Canvas,
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
from wearemany.samples.cloth import cloth
from wearemany.samples.palette import SKINS, Dye
from wearemany.samples.people import Person


def _band(canvas: Canvas, points: Points, body: Frame, dye: Dye, width: float, ribs: int) -> None:
    """Paint a knitted edge along a line."""
    unit = body.unit_px
    line = body.at(curve_open(points, 10))
    spot = hairlines([line], unit * width)
    canvas.lay(spot, dye.plain)
    canvas.lay(
        hairlines([moved(line, 0, unit * width * 0.45)], unit * 0.05, feather_px=unit * 0.03), dye.deep, 0.6
    )
    canvas.lay(
        hairlines([moved(line, 0, -(unit * width * 0.3))], unit * 0.04, feather_px=unit * 0.02).within(spot),
        dye.lit,
        0.5,
    )
    if ribs:
        along = np.gradient(line, axis=0)
        normal = (
            np.stack([-along[:, 1], along[:, 0]], 1)
            / np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-6)[:, None]
        )
        marks = [
            np.array([line[i] - normal[i] * unit * width * 0.5, line[i] + normal[i] * unit * width * 0.5])
            for i in range(0, len(line), 2)
        ]
        canvas.lay(hairlines(marks, 2.0, feather_px=0.8).within(spot), dye.deep, 0.45)
    canvas.refine(spot, 1)


def _crew(canvas: Canvas, person: Person, body: Frame, torso: Patch, side: float) -> None:
    _band(canvas, path("-0.64 1.84, -0.46 2.1, 0 2.24, 0.46 2.1, 0.64 1.84"), body, person.dye, 0.12, 0)


def _ribbed(canvas: Canvas, person: Person, body: Frame, torso: Patch, side: float) -> None:
    unit = body.unit_px
    columns = []
    for u in np.linspace(-1.1, 1.1, 6):
        v = np.linspace(2.5, 7, 60)
        columns.append(body.at(np.stack([u + 0.07 * np.sin(v * 9), v], 1)))
        columns.append(body.at(np.stack([u - 0.07 * np.sin(v * 9), v], 1)))
    canvas.lay(hairlines(columns, unit * 0.035, feather_px=1.6).within(torso), person.dye.deep, 0.42)
    canvas.lay(
        hairlines(
            [moved(c, -(unit * 0.03), -(unit * 0.03)) for c in columns], unit * 0.02, feather_px=1.6
        ).within(torso),
        person.dye.lit,
        0.3,
    )
    _band(canvas, path("-0.66 1.8, -0.46 2.04, 0 2.18, 0.46 2.04, 0.66 1.8"), body, person.dye, 0.2, 1)


def _rollneck(canvas: Canvas, person: Person, body: Frame, torso: Patch, side: float) -> None:
    unit, w = body.unit_px, 0.6 if person.woman else 0.7
    tube = cut(
        body.at(
            curve_closed(
                [
                    (-w, 1.34),
                    (0, 1.56),
                    (w, 1.34),
                    (w + 0.06, 1.7),
                    (w + 0.1, 2.0),
                    (0, 2.26),
                    (-w - 0.1, 2.0),
                    (-w - 0.06, 1.7),
                ]
            )
        )
    )
    canvas.lay(tube, person.dye.plain)
    canvas.refine(tube, 1)
    ribs = [
        body.at(curve_open([(u, 1.3 + 0.18 * (1 - (u / w) ** 2)), (u * 1.05, 1.7), (u * 1.1, 2.2)]))
        for u in np.linspace(-w, w, 15)
    ]
    canvas.lay(hairlines(ribs, unit * 0.03, feather_px=1.6).within(tube), person.dye.deep, 0.5)
    canvas.lay(
        cut(
            body.at(
                curve_closed([(-side * 0.1, 1.3), (-side * 0.9, 1.3), (-side * 0.9, 2.3), (-side * 0.2, 2.2)])
            ),
            feather_px=unit * 0.12,
        ).within(tube),
        person.dye.deep,
        0.55,
    )
    canvas.lay(
        cut(body.at(curve_closed([(-w, 1.3), (0, 1.5), (w, 1.3), (0, 1.72)])), feather_px=unit * 0.07).within(
            tube
        ),
        person.dye.deep,
        0.55,
    )
    fold = body.at(curve_open([(-w - 0.1, 1.76), (0, 2.02), (w + 0.1, 1.76)]))
    canvas.lay(hairlines([fold], unit * 0.06, feather_px=unit * 0.03).within(tube), person.dye.deep, 0.6)


def _shirt(canvas: Canvas, person: Person, body: Frame, torso: Patch, side: float) -> None:
    unit, dye = body.unit_px, person.dye
    placket = body.at([(0, 2.5), (0, 9)])
    canvas.lay(
        hairlines([moved(placket, unit * 0.13, 0)], unit * 0.03, feather_px=2).within(torso), dye.deep, 0.6
    )
    for v in (2.95, 3.65, 4.35, 5.05):
        button = body.at(curve_closed([(0, v - 0.06), (0.06, v), (0, v + 0.06), (-0.06, v)]))
        canvas.lay(cut(moved(button, 2, 3), feather_px=2), dye.deep, 0.7)
        canvas.lay(cut(button), (238, 226, 210))
        canvas.refine(cut(button), 2)
    for k in (-1.0, 1.0):
        collar = cut(
            body.at(np.array(path("0.46 1.58, 0.66 1.74, 0.92 2.16, 0.42 2.58, 0.02 2.44, 0.3 2.1")) * (k, 1))
        )
        canvas.glaze(
            cut(
                body.at(np.array(path("0.66 1.8, 1 2.2, 0.44 2.72, 0 2.5")) * (k, 1)),
                feather_px=unit * 0.05,
            ).within(torso),
            (0.62, 0.58, 0.62),
            0.7,
        )
        canvas.lay(collar, dye.lit if k * side > 0 else dye.plain)
        edge = body.at(np.array([(0.88, 2.14), (0.41, 2.5), (0.08, 2.4)]) * (k, 1))
        canvas.lay(hairlines([edge], unit * 0.025), dye.deep, 0.5)
        canvas.refine(collar, 1)


def _coat(canvas: Canvas, person: Person, body: Frame, torso: Patch, side: float) -> None:
    unit, dye = body.unit_px, person.dye
    inner = cut(body.at([(-0.5, 1.9), (0.5, 1.9), (0.0, 3.1)]))
    canvas.lay(inner, (236, 226, 210))
    canvas.glaze(
        cut(body.at(curve_closed([(-0.6, 1.7), (0.6, 1.7), (0, 2.5)])), feather_px=unit * 0.1).within(inner),
        (0.68, 0.64, 0.66),
    )
    canvas.lay(
        hairlines([body.at(curve_open([(-0.44, 1.98), (0, 2.2), (0.44, 1.98)]))], unit * 0.06, feather_px=1),
        (206, 192, 172),
        0.9,
    )
    canvas.refine(inner, 2)
    canvas.lay(
        hairlines(
            [body.at(curve_open([(0.02, 3.05), (0.1, 5), (0.12, 9)]))], unit * 0.05, feather_px=unit * 0.03
        ).within(torso),
        dye.deep,
        0.85,
    )
    for k in (-1.0, 1.0):
        lapel = np.array(
            path("0.44 1.56, 0.74 1.74, 0.98 2.12, 0.9 2.5, 1.08 2.6, 0.6 3.1, 0.02 3.6, 0.2 2.7")
        ) * (k, 1)
        canvas.glaze(
            cut(body.at(moved(lapel, k * 0.08, 0.1)), feather_px=unit * 0.06).within(torso),
            (0.55, 0.5, 0.55),
            0.8,
        )
        spot = cut(body.at(lapel))
        canvas.lay(spot, dye.plain)
        canvas.lay(
            cut(
                body.at(curve_closed(moved(lapel * (0.9, 1), k * 0.06, -0.05))), feather_px=unit * 0.12
            ).within(spot),
            dye.lit if k * side > 0 else dye.plain,
            0.55,
        )
        notch = body.at(np.array([(0.3, 2.3), (0.6, 2.5), (0.9, 2.5)]) * (k, 1))
        canvas.lay(hairlines([notch], unit * 0.03, feather_px=1), dye.deep, 0.75)
        canvas.refine(spot, 1)
    for v in (4.05, 4.85):
        button = body.at(moved(curve_closed([(0.0, v - 0.1), (0.1, v), (0.0, v + 0.1), (-0.1, v)]), 0.34, 0))
        canvas.lay(cut(moved(button, 3, 4), feather_px=3), dye.deep, 0.8)
        canvas.lay(cut(button), (58, 32, 30))
        canvas.refine(cut(button), 2)


def _hoodie(canvas: Canvas, person: Person, body: Frame, torso: Patch, side: float) -> None:
    unit, dye = body.unit_px, person.dye
    for k in (-1.0, 1.0):
        hood = cut(
            body.at(
                curve_closed(
                    np.array(path("0.5 1.46, 0.95 1.5, 1.24 1.86, 0.9 2.3, 0.3 2.62, 0 2.5, 0.4 2.15"))
                    * (k, 1)
                )
            )
        )
        canvas.lay(hood, dye.plain)
        canvas.lay(
            cut(
                body.at(curve_closed(np.array(path("0.8 1.5, 1.1 1.8, 0.8 2.1, 0.7 1.8")) * (k, 1))),
                feather_px=unit * 0.1,
            ).within(hood),
            dye.lit if k * side > 0 else dye.deep,
            0.6,
        )
        inner = body.at(curve_open(np.array(path("0.52 1.6, 0.56 1.95, 0.3 2.35, 0.02 2.48")) * (k, 1)))
        canvas.lay(hairlines([inner], unit * 0.09, feather_px=unit * 0.04).within(hood), dye.deep, 0.75)
        canvas.refine(hood, 1)
        cord = body.at(curve_open([(k * 0.22, 2.46), (k * 0.28, 2.9), (k * 0.24, 3.5)]))
        canvas.lay(hairlines([moved(cord, 3, 3)], unit * 0.05, feather_px=2), dye.deep, 0.5)
        canvas.lay(hairlines([cord], unit * 0.05), (240, 230, 216))


def _dress(canvas: Canvas, person: Person, body: Frame, torso: Patch, side: float) -> None:
    _band(
        canvas,
        path("-0.88 1.88, -0.66 2.42, 0 2.68, 0.66 2.42, 0.88 1.88"),
        body,
        person.dye,
        0.1,
        0,
    )
    unit = body.unit_px
    beads = [
        body.at(
            curve_closed(
                moved(
                    np.array(path("0 -0.05, 0.05 0, 0 0.05, -0.05 0")), u, 2.12 + 0.24 * (1 - (u / 0.6) ** 2)
                ),
                4,
            )
        )
        for u in np.linspace(-0.58, 0.58, 13)
    ]
    canvas.lay(cut(*[moved(b, 2, 3) for b in beads], feather_px=2), SKINS[person.skin].tones[0], 0.5)
    canvas.lay(cut(*beads), (244, 232, 208))
    canvas.refine(cut(*beads), 2)
    canvas.lay(
        cut(*[moved(b * 0.5 + b.mean(0) * 0.5, -(unit * 0.012), -(unit * 0.012)) for b in beads]),
        (255, 252, 244),
    )


def paint_scarf(canvas: Canvas, dye: Dye, body: Frame, rng: np.random.Generator, side: float) -> None:
    """Paint a scarf wound round the neck, one end hanging."""
    unit = body.unit_px
    tail = cut(body.at(curve_closed(path("0.2 2.1, 0.62 2.1, 0.74 3, 0.7 3.9, 0.22 3.94, 0.2 3"))))
    loop = cut(
        body.at(
            curve_closed(
                path(
                    "-0.86 1.5, -0.4 1.62, 0 1.68, 0.4 1.62, 0.86 1.5, 1.06 1.9, "
                    "0.8 2.3, 0.1 2.52, -0.7 2.36, -1.06 1.95"
                )
            )
        )
    )
    canvas.glaze(
        cut(
            body.at(curve_closed(path("-1.1 2, 1.1 2, 0.8 2.6, 0 2.8, -0.8 2.6"))),
            feather_px=unit * 0.1,
        ),
        (0.6, 0.56, 0.6),
        0.7,
    )
    for spot in (tail, loop):
        cloth(canvas, spot, Frame(body.x, body.y - unit, unit), dye, rng, side=side)
        canvas.refine(spot, 1)
    folds = [
        body.at(curve_open(f))
        for f in (
            [(-0.9, 1.75), (-0.2, 2.0), (0.9, 1.8)],
            [(-0.95, 2.0), (-0.2, 2.26), (0.85, 2.08)],
            [(-0.7, 1.62), (0, 1.8), (0.7, 1.66)],
        )
    ]
    canvas.lay(hairlines(folds, unit * 0.06, feather_px=unit * 0.03).within(loop), dye.deep, 0.7)
    canvas.lay(
        hairlines([moved(f, 0, unit * 0.08) for f in folds], unit * 0.05, feather_px=unit * 0.03).within(
            loop
        ),
        dye.lit,
        0.5,
    )
    fringe = [body.at([(u, 3.86), (u + 0.01, 4.08)]) for u in np.linspace(0.24, 0.7, 10)]
    canvas.lay(hairlines(fringe, unit * 0.03), dye.plain)
    top = cut(body.at(curve_closed(path("-0.8 1.5, 0 1.66, 0.8 1.5, 0 1.86"))), feather_px=unit * 0.08)
    canvas.lay(top.within(loop), dye.deep, 0.6)


GARMENTS: dict[str, Callable[[Canvas, Person, Frame, Patch, float], None]] = {
    "tshirt": _crew,
    "sweater": _ribbed,
    "rollneck": _rollneck,
    "coat": _coat,
    "shirt": _shirt,
    "hoodie": _hoodie,
    "dress": _dress,
}
"""How each garment is finished on the torso."""
