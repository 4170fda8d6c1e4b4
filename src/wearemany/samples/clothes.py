"""Necks, shoulders and what is worn: cloth shaded in folds, with collars, ribs, lapels, stripes and scarves."""

import numpy as np

from wearemany.samples.brush import (
    Array,
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
    tapered,
)
from wearemany.samples.cloth import cloth, lay_stripes
from wearemany.samples.garments import GARMENTS, paint_scarf
from wearemany.samples.palette import SKINS
from wearemany.samples.people import Person


def _mirrored(half: Points) -> Array:
    right = np.array(half, dtype=np.float32)
    return np.concatenate([right, right[::-1] * np.array([-1, 1], dtype=np.float32)])


def _torso(person: Person) -> Array:
    wide = 2.04 if person.woman else 2.3
    bulk = 0.16 if person.garment in ("coat", "hoodie", "sweater") else 0.0
    w = wide + bulk
    return _mirrored(
        [(0.0, 1.86), (0.5, 1.76), (0.92, 1.96 - bulk * 0.4), (w * 0.8, 2.2 - bulk * 0.5), (w, 2.62),
         (w + 0.12, 3.4), (w + 0.16, 4.6), (w + 0.1, 6.0), (w - 0.1, 9.0), (0.0, 9.0)]
    )  # fmt: skip


def _arms(canvas: Canvas, person: Person, body: Frame, torso: Patch, side: float) -> None:
    """Set the arms apart from the trunk with shade, and round their outer edge."""
    unit, dye = body.unit_px, person.dye
    w = 2.04 if person.woman else 2.3
    for k in (-1.0, 1.0):
        gap = curve_open(
            np.array([(w - 0.4, 2.9), (w - 0.34, 3.5), (w - 0.46, 4.5), (w - 0.5, 5.6), (w - 0.5, 7.5)])
            * (k, 1)
        )
        canvas.lay(
            hairlines([body.at(gap)], unit * 0.2, feather_px=unit * 0.09).within(torso), dye.deep, 0.75
        )
        canvas.lay(
            cut(tapered(body.at(gap), (1, unit * 0.1, unit * 0.12)), feather_px=unit * 0.02).within(torso),
            dye.deep,
            0.7,
        )
        edge = curve_open(
            np.array([(w - 0.3, 2.42), (w - 0.08, 2.9), (w - 0.02, 4.0), (w - 0.06, 6)]) * (k, 1)
        )
        tone = (dye.lit, 0.6) if k * side > 0 else (dye.deep, 0.45)
        canvas.lay(
            hairlines([body.at(edge)], unit * 0.16, feather_px=unit * 0.09).within(torso), tone[0], tone[1]
        )


def paint_body(
    canvas: Canvas, person: Person, frame: Frame, rng: np.random.Generator, *, side: float
) -> None:
    """Paint neck and clothes below a head."""
    body = frame.upright()
    _neck(canvas, person, frame, body, side)
    torso = cut(body.at(curve_closed(_torso(person), 6)))
    hole = cut(body.at(curve_closed(_neckline(person))))
    torso = torso.without(hole)
    cloth(canvas, torso, body, person.dye, rng, side=side)
    _arms(canvas, person, body, torso, side)
    if person.pattern == "stripes":
        lay_stripes(canvas, torso, body)
    canvas.refine(torso, 1)
    unit = body.unit_px
    chin_shade = cut(
        body.at(curve_closed(path("-0.75 1.5, 0.75 1.5, 0.95 2, 0.3 2.35, -0.4 2.35, -0.95 2"))),
        feather_px=unit * 0.16,
    )
    canvas.glaze(chin_shade.within(torso), (0.72, 0.68, 0.72), 0.75)
    GARMENTS[person.garment](canvas, person, body, torso, side)
    if person.scarf is not None:
        paint_scarf(canvas, person.scarf, body, rng, side)


def _neckline(person: Person) -> Points:
    low, wide = {
        "tshirt": (2.22, 0.62),
        "sweater": (2.12, 0.6),
        "rollneck": (1.7, 0.4),
        "coat": (2.9, 0.56),
        "shirt": (2.5, 0.5),
        "hoodie": (2.3, 0.62),
        "dress": (2.66, 0.86),
    }[person.garment]
    sharp = person.garment in ("coat", "shirt")
    mid = low - 0.55 if sharp else low - 0.12
    return [
        (-wide, 1.5),
        (-wide, 1.86),
        (-wide * (0.45 if sharp else 0.72), mid),
        (0, low),
        (wide * (0.45 if sharp else 0.72), mid),
        (wide, 1.86),
        (wide, 1.5),
        (0, 1.2),
    ]


def _neck(canvas: Canvas, person: Person, frame: Frame, body: Frame, side: float) -> None:
    tones = SKINS[person.skin].tones
    w = 0.5 if person.woman else 0.64
    top = np.array([(-w, 0.9), (w, 0.9)])
    points = [
        *top,
        (w * 0.98, 1.45),
        (w + 0.12, 1.78),
        (w + 0.6, 2.02),
        (1.3, 2.2),
        (0.9, 3.2),
        (-0.9, 3.2),
        (-1.3, 2.2),
        (-w - 0.6, 2.02),
        (-w - 0.12, 1.78),
        (-w * 0.98, 1.45),
    ]
    neck = cut(body.at(curve_closed(points)))
    unit = body.unit_px
    canvas.lay(neck, tones[2])
    canvas.lay(
        cut(
            body.at(
                curve_closed(
                    [(-side * 0.2, 0.9), (-side * 1.2, 1.0), (-side * 1.2, 2.3), (-side * 0.35, 2.0)]
                )
            ),
            feather_px=unit * 0.16,
        ).within(neck),
        tones[1],
        0.8,
    )
    under = frame.at(curve_closed(path("-0.8 0.9, 0.8 0.9, 0.72 1.4, 0.3 1.82, -0.3 1.82, -0.72 1.4")))
    canvas.lay(cut(under, feather_px=unit * 0.09).within(neck), tones[0], 0.62)
    bones = [body.at(curve_open([(k * 0.16, 2.16), (k * 0.5, 2.1), (k * 1.05, 2.02)])) for k in (-1, 1)]
    canvas.lay(hairlines(bones, unit * 0.05, feather_px=unit * 0.035).within(neck), tones[1], 0.7)
    canvas.lay(
        hairlines([moved(b, 0, -unit * 0.07) for b in bones], unit * 0.05, feather_px=unit * 0.035).within(
            neck
        ),
        tones[3],
        0.6,
    )
    canvas.refine(neck, 2)


def paint_arm(
    canvas: Canvas, person: Person, frame: Frame, rng: np.random.Generator, *, side: float, hand: float
) -> None:
    """Paint the sleeve that reaches for the camera, out of the lower corner of the picture."""
    body = frame.upright()
    unit = body.unit_px
    wide = 2.04 if person.woman else 2.3
    sleeve = np.array(
        [
            (wide * 0.8, 2.34),
            (wide + 0.12, 2.55),
            (wide + 0.75, 3.2),
            (wide + 1.6, 3.7),
            (wide + 1.7, 5.6),
            (wide + 0.4, 5.3),
            (wide - 0.25, 4.2),
            (wide - 0.34, 3.1),
        ]
    ) * (hand, 1)
    spot = cut(body.at(curve_closed(sleeve)))
    canvas.glaze(
        cut(body.at(curve_closed(moved(sleeve, -hand * 0.12, 0.08))), feather_px=unit * 0.12),
        (0.6, 0.56, 0.6),
        0.55,
    )
    cloth(canvas, spot, Frame(body.x + hand * unit * 1.6, body.y, unit), person.dye, rng, side=side)
    lit = cut(
        body.at(
            curve_closed(
                np.array(
                    [
                        (wide + 0.0, 2.66),
                        (wide + 0.7, 3.35),
                        (wide + 1.5, 3.9),
                        (wide + 1.2, 4.2),
                        (wide + 0.4, 3.6),
                    ]
                )
                * (hand, 1)
            )
        ),
        feather_px=unit * 0.14,
    )
    canvas.lay(lit.within(spot), person.dye.lit, 0.5)
    canvas.refine(spot, 1)
