"""Eyes, brows, nose and mouth, each where it belongs on a face turned a little to one side."""

import numpy as np

from wearemany.samples.brush import (
    Array,
    Canvas,
    Colour,
    Frame,
    curve_closed,
    curve_open,
    cut,
    hairlines,
    moved,
    path,
    tapered,
)
from wearemany.samples.palette import HAIRS, SKINS
from wearemany.samples.people import Person

_IRIS: dict[str, tuple[Colour, Colour]] = {
    "brown": ((46, 26, 18), (104, 62, 36)),
    "hazel": ((58, 40, 20), (132, 94, 48)),
    "blue": ((36, 62, 92), (104, 148, 184)),
    "green": ((42, 66, 46), (112, 142, 96)),
    "grey": ((56, 66, 74), (132, 146, 154)),
}
EYE_U = 0.405
MOUTH_V = 0.93


def draw_line(
    canvas: Canvas,
    line: Array,
    widths: tuple[float, ...],
    colour: Colour,
    *,
    strength: float,
    feather_px: float = 0.0,
) -> None:
    """Draw a swelling stroke along a line."""
    canvas.lay(cut(tapered(line, widths), feather_px=feather_px), colour, strength)


def paint_nose(canvas: Canvas, person: Person, frame: Frame, turn: float) -> None:
    """Paint nostrils, wings and the light on the tip."""
    tones = SKINS[person.skin].tones
    unit, at = frame.unit_px, 1.6 * turn
    for s in (-1, 1):
        wing = moved(
            np.array([(s * 0.19, 0.47), (s * 0.235, 0.56), (s * 0.2, 0.64), (s * 0.14, 0.645)]), at, 0
        )
        draw_line(
            canvas,
            frame.at(curve_open(wing)),
            (1, unit * 0.045, 1),
            tones[0],
            strength=0.5,
            feather_px=unit * 0.015,
        )
        hole = moved(
            np.array([(s * 0.06, 0.635), (s * 0.11, 0.61), (s * 0.15, 0.635), (s * 0.1, 0.66)]), at, 0
        )
        canvas.lay(cut(frame.at(curve_closed(hole)), feather_px=unit * 0.008), tones[0], 0.85)
    shine = moved(np.array(path("0 0.44, 0.05 0.49, 0 0.53, -0.04 0.49")), at, 0)
    canvas.lay(cut(frame.at(curve_closed(shine)), feather_px=unit * 0.03), tones[4], 0.75)


def paint_mouth(canvas: Canvas, person: Person, frame: Frame, turn: float) -> None:
    """Paint a smiling mouth: closed, open with teeth, or laughing."""
    skin = SKINS[person.skin]
    unit, v = frame.unit_px, MOUTH_V
    drop = {"closed": 0.06, "open": 0.2, "laugh": 0.3}[person.mouth]
    w = {"closed": 0.37, "open": 0.4, "laugh": 0.43}[person.mouth]
    full = 1.0 if person.woman else 0.72
    lift = 0.1 if person.mouth == "closed" else 0.08
    top = np.array([(-w, v - lift), (-0.22, v + 0.005), (0, v + 0.025), (0.22, v + 0.005), (w, v - lift)])
    low = np.array(
        [(w, v - lift), (0.25, v + drop * 0.72), (0, v + drop), (-0.25, v + drop * 0.72), (-w, v - lift)]
    )
    bow = np.array(
        [
            (-w, v - lift),
            (-0.2, v - 0.055 * full),
            (-0.07, v - 0.085 * full),
            (0, v - 0.06 * full),
            (0.07, v - 0.085 * full),
            (0.2, v - 0.055 * full),
            (w, v - lift),
        ]
    )
    rim = np.array(
        [
            (w, v - lift),
            (0.27, v + drop * 0.72 + 0.09 * full),
            (0, v + drop + 0.125 * full),
            (-0.27, v + drop * 0.72 + 0.09 * full),
            (-w, v - lift),
        ]
    )
    shift = np.array([turn, 0])
    lips = (
        skin.lips
        if person.woman
        else tuple(0.55 * a + 0.45 * b for a, b in zip(skin.lips, skin.tones[1], strict=True))
    )
    lip_colour: Colour = (lips[0], lips[1], lips[2])
    whole = cut(frame.at(np.concatenate([curve_open(bow + shift), curve_open(rim + shift)])))
    canvas.lay(whole, lip_colour, 0.9)
    upper = cut(frame.at(np.concatenate([curve_open(bow + shift), curve_open(top + shift)[::-1]])))
    canvas.glaze(upper, (0.8, 0.76, 0.78))
    inner = cut(frame.at(np.concatenate([curve_open(top + shift), curve_open(low + shift)])))
    if person.mouth == "closed":
        draw_line(
            canvas,
            frame.at(curve_open(moved(top + shift, 0, 0.015))),
            (unit * 0.03, unit * 0.05, unit * 0.03),
            skin.tones[0],
            strength=0.8,
        )
    else:
        canvas.lay(inner, (74, 22, 26))
        teeth = np.concatenate(
            [
                curve_open(top + shift),
                curve_open(moved(low * (0.94, 1), 0, -0.07 if person.mouth == "open" else -0.14) + shift),
            ]
        )
        canvas.lay(cut(frame.at(teeth)).within(inner), (246, 240, 230))
        canvas.glaze(
            cut(
                frame.at(curve_open(moved(top + shift, 0, -0.0))),
                frame.at(np.concatenate([top + shift, (moved(top + shift, 0, 0.05))[::-1]])),
                feather_px=unit * 0.02,
            ).within(inner),
            (0.8, 0.76, 0.76),
        )
        if person.mouth == "laugh":
            tongue = (
                np.array([(-0.2, v + drop), (0, v + drop - 0.1), (0.2, v + drop), (0, v + drop + 0.05)])
                + shift
            )
            canvas.lay(cut(frame.at(curve_closed(tongue)), feather_px=2).within(inner), (196, 92, 92), 0.8)
    gloss = (
        np.array(
            [(-0.12, v + drop + 0.05), (0, v + drop + 0.07), (0.12, v + drop + 0.05), (0, v + drop + 0.035)]
        )
        + shift
    )
    canvas.lay(
        cut(frame.at(curve_closed(gloss)), feather_px=unit * 0.02),
        skin.tones[4],
        0.4 if person.woman else 0.15,
    )
    for s in (-1, 1):
        fold = np.array([(s * 0.25, 0.55), (s * 0.43, 0.74), (s * (w + 0.1), v + 0.02)]) + shift
        draw_line(
            canvas,
            frame.at(curve_open(fold)),
            (1, unit * 0.05, 1),
            skin.tones[1],
            strength=0.55,
            feather_px=unit * 0.022,
        )
        dimple = (
            np.array([(s * (w + 0.0), v - 0.12), (s * (w + 0.045), v - 0.06), (s * (w + 0.02), v)]) + shift
        )
        draw_line(
            canvas,
            frame.at(curve_open(dimple)),
            (1, unit * 0.05, 1),
            skin.tones[0],
            strength=0.55,
            feather_px=unit * 0.014,
        )


def paint_eye(canvas: Canvas, person: Person, frame: Frame, s: float, turn: float, side: float) -> None:
    """Paint one eye with lid, lashes and the light in it."""
    unit = frame.unit_px
    dark, bright = _IRIS[person.eyes]
    squint = 0.85 if person.mouth == "laugh" else 1.0
    wide = 0.215 if person.woman else 0.2
    centre = np.array([s * EYE_U + turn, 0.0])
    top = (
        np.array(
            [
                (-wide, 0.035),
                (-0.11, -0.075 * squint),
                (0.03, -0.118 * squint),
                (0.15, -0.06),
                (wide + 0.01, 0.015),
            ]
        )
        * (s, 1)
        + centre
    )
    low = (
        np.array([(wide + 0.01, 0.015), (0.1, 0.07 * squint), (-0.04, 0.078 * squint), (-wide, 0.035)])
        * (s, 1)
        + centre
    )
    white = cut(frame.at(np.concatenate([curve_open(top), curve_open(low)])))
    canvas.lay(white, (240, 234, 226))
    iris_at = moved(centre, turn * 0.5, -0.012)
    angle = np.linspace(0, 2 * np.pi, 28)
    ring = np.stack([np.cos(angle), np.sin(angle)], 1)
    canvas.lay(cut(frame.at(ring * 0.108 + iris_at)).within(white), dark)
    canvas.lay(
        cut(frame.at(moved(ring * 0.07 + iris_at, 0, 0.03)), feather_px=unit * 0.02).within(white),
        bright,
        0.9,
    )
    canvas.lay(cut(frame.at(ring * 0.05 + iris_at)).within(white), (14, 10, 12))
    lid = np.concatenate([curve_open(top), (moved(curve_open(top), 0, 0.055))[::-1]])
    canvas.glaze(cut(frame.at(lid), feather_px=unit * 0.014).within(white), (0.58, 0.52, 0.52))
    canvas.lay(cut(frame.at(moved(ring * 0.026 + iris_at, 0.035 * side, -0.04))), (255, 255, 250))
    tones = SKINS[person.skin].tones
    lash: Colour = (34, 22, 22)
    if person.woman:
        tip = np.concatenate([curve_open(top), np.array([[s * (wide + 0.075), -0.03]]) + centre])
        draw_line(
            canvas, frame.at(tip), (unit * 0.02, unit * 0.05, unit * 0.058, unit * 0.012), lash, strength=0.95
        )
    else:
        draw_line(
            canvas, frame.at(curve_open(top)), (unit * 0.018, unit * 0.036, unit * 0.03), lash, strength=0.85
        )
    draw_line(
        canvas, frame.at(curve_open(low)), (unit * 0.02, unit * 0.014, unit * 0.012), tones[0], strength=0.7
    )
    crease = moved(top * (1, 1), 0, -0.07)
    draw_line(
        canvas,
        frame.at(curve_open(crease)),
        (1, unit * 0.026, 1),
        tones[0],
        strength=0.6,
        feather_px=unit * 0.008,
    )
    bag = moved(low, 0, 0.055)
    draw_line(
        canvas,
        frame.at(curve_open(bag)),
        (1, unit * 0.03, 1),
        tones[1],
        strength=0.5,
        feather_px=unit * 0.014,
    )


def paint_brow(canvas: Canvas, person: Person, frame: Frame, s: float, turn: float) -> None:
    """Paint one brow, hair by hair."""
    hair = HAIRS["dark" if person.hair_colour == "black" else person.hair_colour]
    thick = (0.07 if person.woman else 0.105) * frame.unit_px
    arch = -0.37 if person.woman else -0.33
    line = moved(
        np.array([(0.17, arch + 0.07), (0.36, arch - 0.03), (0.54, arch - 0.02), (0.7, arch + 0.09)])
        * (
            s,
            1,
        ),
        turn,
        0,
    )
    curve = frame.at(curve_open(line))
    draw_line(
        canvas,
        curve,
        (thick * 0.7, thick, thick * 0.75, 1),
        hair.deep if person.age < 60 else hair.plain,
        strength=0.78,
        feather_px=frame.unit_px * 0.01,
    )
    hairs = []
    for i in range(2, len(curve) - 3, 2):
        step = curve[i + 2] - curve[i]
        hairs.append(
            np.array(
                [moved(curve[i], 0, thick * 0.35), moved(curve[i] + step * 0.9, 0, -(thick * 0.4))],
                dtype=np.float32,
            )
        )
    canvas.lay(hairlines(hairs, 1.2), hair.deep, 0.5)
