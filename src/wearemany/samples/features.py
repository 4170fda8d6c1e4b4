"""Eyes, brows, nose and mouth, each where it belongs on a face turned a little to one side."""

from dataclasses import dataclass

import numpy as np

from wearemany.samples.brush import (
    Array,
    Canvas,
    Colour,
    Frame,
    Patch,
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


@dataclass(frozen=True)
class _Smile:
    """The edges of a smiling mouth from corner to corner, where it sits and how far it opens."""

    bow: Array
    top: Array
    bite: Array
    low: Array
    rim: Array
    shift: Array
    width: float
    drop: float


def paint_mouth(canvas: Canvas, person: Person, frame: Frame, turn: float) -> None:
    """Paint a smiling mouth: closed, open with teeth, or laughing."""
    smile = _smile_of(person, turn)
    _paint_lips(canvas, person, frame, smile)
    if person.mouth == "closed":
        _paint_closed_line(canvas, person, frame, smile)
    else:
        _paint_open_mouth(canvas, person, frame, smile)
    _paint_gloss(canvas, person, frame, smile)
    for s in (-1, 1):
        _paint_fold_and_dimple(canvas, person, frame, smile, s)


def _smile_of(person: Person, turn: float) -> _Smile:
    v = MOUTH_V
    drop = {"closed": 0.06, "open": 0.2, "laugh": 0.3}[person.mouth]
    w = {"closed": 0.37, "open": 0.4, "laugh": 0.43}[person.mouth]
    full = 1.0 if person.woman else 0.72
    lift = 0.1 if person.mouth == "closed" else 0.08
    left, right = (-w, v - lift), (w, v - lift)
    bow = np.array(
        [
            left,
            (-0.2, v - 0.055 * full),
            (-0.07, v - 0.085 * full),
            (0, v - 0.06 * full),
            (0.07, v - 0.085 * full),
            (0.2, v - 0.055 * full),
            right,
        ]
    )
    top = np.array([left, (-0.22, v + 0.005), (0, v + 0.025), (0.22, v + 0.005), right])
    low = np.array([right, (0.25, v + drop * 0.72), (0, v + drop), (-0.25, v + drop * 0.72), left])
    rim = np.array(
        [
            right,
            (0.27, v + drop * 0.72 + 0.09 * full),
            (0, v + drop + 0.125 * full),
            (-0.27, v + drop * 0.72 + 0.09 * full),
            left,
        ]
    )
    bite = moved(low * (0.94, 1), 0, -0.07 if person.mouth == "open" else -0.14)
    shift = np.array([turn, 0])
    return _Smile(bow + shift, top + shift, bite + shift, low + shift, rim + shift, shift, width=w, drop=drop)


def _lip_colour(person: Person) -> Colour:
    skin = SKINS[person.skin]
    if person.woman:
        return skin.lips
    red, green, blue = (0.55 * a + 0.45 * b for a, b in zip(skin.lips, skin.tones[1], strict=True))
    return red, green, blue


def _paint_lips(canvas: Canvas, person: Person, frame: Frame, smile: _Smile) -> None:
    whole = cut(frame.at(np.concatenate([curve_open(smile.bow), curve_open(smile.rim)])))
    canvas.lay(whole, _lip_colour(person), 0.9)
    upper = cut(frame.at(np.concatenate([curve_open(smile.bow), curve_open(smile.top)[::-1]])))
    canvas.glaze(upper, (0.8, 0.76, 0.78))


def _paint_closed_line(canvas: Canvas, person: Person, frame: Frame, smile: _Smile) -> None:
    unit = frame.unit_px
    draw_line(
        canvas,
        frame.at(curve_open(moved(smile.top, 0, 0.015))),
        (unit * 0.03, unit * 0.05, unit * 0.03),
        SKINS[person.skin].tones[0],
        strength=0.8,
    )


def _paint_open_mouth(canvas: Canvas, person: Person, frame: Frame, smile: _Smile) -> None:
    inner = cut(frame.at(np.concatenate([curve_open(smile.top), curve_open(smile.low)])))
    canvas.lay(inner, (74, 22, 26))
    _paint_teeth(canvas, frame, smile, inner)
    if person.mouth == "laugh":
        _paint_tongue(canvas, frame, smile, inner)


def _paint_teeth(canvas: Canvas, frame: Frame, smile: _Smile, inner: Patch) -> None:
    teeth = np.concatenate([curve_open(smile.top), curve_open(smile.bite)])
    canvas.lay(cut(frame.at(teeth)).within(inner), (246, 240, 230))
    lip_shadow = cut(
        frame.at(curve_open(smile.top)),
        frame.at(np.concatenate([smile.top, (moved(smile.top, 0, 0.05))[::-1]])),
        feather_px=frame.unit_px * 0.02,
    )
    canvas.glaze(lip_shadow.within(inner), (0.8, 0.76, 0.76))


def _paint_tongue(canvas: Canvas, frame: Frame, smile: _Smile, inner: Patch) -> None:
    low = MOUTH_V + smile.drop
    tongue = np.array([(-0.2, low), (0, low - 0.1), (0.2, low), (0, low + 0.05)]) + smile.shift
    canvas.lay(cut(frame.at(curve_closed(tongue)), feather_px=2).within(inner), (196, 92, 92), 0.8)


def _paint_gloss(canvas: Canvas, person: Person, frame: Frame, smile: _Smile) -> None:
    low = MOUTH_V + smile.drop
    gloss = np.array([(-0.12, low + 0.05), (0, low + 0.07), (0.12, low + 0.05), (0, low + 0.035)])
    canvas.lay(
        cut(frame.at(curve_closed(gloss + smile.shift)), feather_px=frame.unit_px * 0.02),
        SKINS[person.skin].tones[4],
        0.4 if person.woman else 0.15,
    )


def _paint_fold_and_dimple(canvas: Canvas, person: Person, frame: Frame, smile: _Smile, s: float) -> None:
    tones = SKINS[person.skin].tones
    unit, v, w = frame.unit_px, MOUTH_V, smile.width
    fold = np.array([(s * 0.25, 0.55), (s * 0.43, 0.74), (s * (w + 0.1), v + 0.02)]) + smile.shift
    draw_line(
        canvas,
        frame.at(curve_open(fold)),
        (1, unit * 0.05, 1),
        tones[1],
        strength=0.55,
        feather_px=unit * 0.022,
    )
    dimple = np.array([(s * w, v - 0.12), (s * (w + 0.045), v - 0.06), (s * (w + 0.02), v)]) + smile.shift
    draw_line(
        canvas,
        frame.at(curve_open(dimple)),
        (1, unit * 0.05, 1),
        tones[0],
        strength=0.55,
        feather_px=unit * 0.014,
    )


@dataclass(frozen=True)
class _Eye:
    """Where one eye sits: its centre, the edges of its lids and the tip of its outermost lash."""

    centre: Array
    top: Array
    low: Array
    lash_tip: Array


def paint_eye(canvas: Canvas, person: Person, frame: Frame, s: float, turn: float, side: float) -> None:
    """Paint one eye with lid, lashes and the light in it."""
    eye = _eye_of(person, s, turn)
    _paint_eyeball(canvas, person, frame, eye, turn, side)
    _paint_lashes(canvas, person, frame, eye)
    _paint_lid_lines(canvas, person, frame, eye)


def _eye_of(person: Person, s: float, turn: float) -> _Eye:
    squint = 0.85 if person.mouth == "laugh" else 1.0
    wide = 0.215 if person.woman else 0.2
    centre = np.array([s * EYE_U + turn, 0.0])
    inner, outer = (-wide, 0.035), (wide + 0.01, 0.015)
    top = np.array([inner, (-0.11, -0.075 * squint), (0.03, -0.118 * squint), (0.15, -0.06), outer])
    low = np.array([outer, (0.1, 0.07 * squint), (-0.04, 0.078 * squint), inner])
    lash_tip = np.array([s * (wide + 0.075), -0.03])
    return _Eye(centre, top * (s, 1) + centre, low * (s, 1) + centre, lash_tip + centre)


def _paint_eyeball(canvas: Canvas, person: Person, frame: Frame, eye: _Eye, turn: float, side: float) -> None:
    unit = frame.unit_px
    dark, bright = _IRIS[person.eyes]
    white = cut(frame.at(np.concatenate([curve_open(eye.top), curve_open(eye.low)])))
    canvas.lay(white, (240, 234, 226))
    iris_at = moved(eye.centre, turn * 0.5, -0.012)
    angle = np.linspace(0, 2 * np.pi, 28)
    ring = np.stack([np.cos(angle), np.sin(angle)], 1)
    canvas.lay(cut(frame.at(ring * 0.108 + iris_at)).within(white), dark)
    canvas.lay(
        cut(frame.at(moved(ring * 0.07 + iris_at, 0, 0.03)), feather_px=unit * 0.02).within(white),
        bright,
        0.9,
    )
    canvas.lay(cut(frame.at(ring * 0.05 + iris_at)).within(white), (14, 10, 12))
    lid = np.concatenate([curve_open(eye.top), (moved(curve_open(eye.top), 0, 0.055))[::-1]])
    canvas.glaze(cut(frame.at(lid), feather_px=unit * 0.014).within(white), (0.58, 0.52, 0.52))
    canvas.lay(cut(frame.at(moved(ring * 0.026 + iris_at, 0.035 * side, -0.04))), (255, 255, 250))


def _paint_lashes(canvas: Canvas, person: Person, frame: Frame, eye: _Eye) -> None:
    unit = frame.unit_px
    lash: Colour = (34, 22, 22)
    line = curve_open(eye.top)
    if person.woman:
        tip = np.concatenate([line, [eye.lash_tip]])
        draw_line(
            canvas, frame.at(tip), (unit * 0.02, unit * 0.05, unit * 0.058, unit * 0.012), lash, strength=0.95
        )
    else:
        draw_line(canvas, frame.at(line), (unit * 0.018, unit * 0.036, unit * 0.03), lash, strength=0.85)


def _paint_lid_lines(canvas: Canvas, person: Person, frame: Frame, eye: _Eye) -> None:
    unit = frame.unit_px
    tones = SKINS[person.skin].tones
    draw_line(
        canvas,
        frame.at(curve_open(eye.low)),
        (unit * 0.02, unit * 0.014, unit * 0.012),
        tones[0],
        strength=0.7,
    )
    crease = moved(eye.top, 0, -0.07)
    draw_line(
        canvas,
        frame.at(curve_open(crease)),
        (1, unit * 0.026, 1),
        tones[0],
        strength=0.6,
        feather_px=unit * 0.008,
    )
    bag = moved(eye.low, 0, 0.055)
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
