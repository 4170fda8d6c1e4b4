"""A face: skin modelled by light, eyes, brows, nose, mouth, beard, glasses. Hair and clothes are painted elsewhere."""

import numpy as np
from PIL import Image

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
from wearemany.samples.features import (
    EYE_U,
    MOUTH_V,
    paint_brow,
    paint_eye,
    paint_mouth,
    paint_nose,
)
from wearemany.samples.palette import HAIRS, SKINS
from wearemany.samples.people import Person


def outline(person: Person) -> Array:
    """Return the face from crown to chin in the person's own coordinates."""
    jaw, cheek = person.jaw, person.cheeks
    half = [
        (0.0, -1.46),
        (0.52, -1.36),
        (0.86, -0.95),
        (0.97, -0.38),
        (0.965 * cheek, 0.14),
        (0.89 * cheek, 0.6),
        (0.68 * jaw, 1.04),
        (0.36 * jaw, 1.36),
    ]
    right = np.array(half, dtype=np.float32)
    left = right[:0:-1] * np.array([-1, 1], dtype=np.float32)
    return np.concatenate([right, np.array([[0.0, 1.45 if person.woman else 1.5]], np.float32), left])


def skin_colour(tones: tuple[Colour, ...], level: Array) -> Array:
    """Return the skin's colour for each pixel's lightness, 0 the deepest shade and 1 the brightest light."""
    stops = np.linspace(0, 1, len(tones))
    rgb = np.array(tones, dtype=np.float32)
    return np.stack([np.interp(level, stops, rgb[:, i]) for i in range(3)], -1).astype(np.float32)


def _blob(u: Array, v: Array, at: tuple[float, float], radii: tuple[float, float]) -> Array:
    return np.asarray(np.exp(-(((u - at[0]) / radii[0]) ** 2) - ((v - at[1]) / radii[1]) ** 2), np.float32)


def _modelled(u: Array, v: Array, person: Person, side: float, turn: float) -> tuple[Array, Array]:
    """Return lightness and blush of the skin: a rounded head first, then every hollow and every ridge."""
    round_u, round_v = u / 1.1, (v + 0.02) / 1.72
    depth = np.sqrt(np.clip(1 - round_u**2 - round_v**2, 0.02, 1))
    level = 0.24 + 0.46 * depth + 0.17 * side * round_u - 0.10 * round_v
    f = u - turn
    for s in (-1, 1):
        level -= 0.17 * _blob(f, v, (s * EYE_U, -0.06), (0.3, 0.17))
        level -= 0.08 * _blob(f, v, (s * 0.19, -0.02), (0.09, 0.2))
        level += 0.08 * _blob(f, v, (s * 0.42, -0.4), (0.3, 0.1))
        level += 0.13 * _blob(f, v, (s * 0.54, 0.42), (0.24, 0.17))
        level -= 0.10 * _blob(f, v, (s * 0.47, 0.9), (0.12, 0.2))
        level -= 0.05 * _blob(f, v, (s * 0.4, 0.16), (0.2, 0.05))
    n = f - 0.6 * turn
    level += 0.15 * _blob(n, v, (0.02 * side, 0.18), (0.075, 0.34))
    level += 0.17 * _blob(n, v, (0.03 * side, 0.5), (0.11, 0.09))
    level -= 0.24 * _blob(n, v, (-side * 0.17, 0.3), (0.08, 0.27))
    level -= 0.1 * _blob(n, v, (side * 0.2, 0.42), (0.06, 0.16))
    level -= 0.14 * _blob(n, v, (-side * 0.2, 0.56), (0.08, 0.08))
    level -= 0.26 * _blob(n, v, (0, 0.675), (0.22, 0.055))
    level -= 0.13 * _blob(f, v, (0, MOUTH_V + 0.27), (0.24, 0.07))
    level += 0.10 * _blob(f, v, (0, 1.3), (0.2, 0.1))
    level += 0.10 * _blob(f, v, (0.2 * side, -0.75), (0.5, 0.28))
    level -= 0.16 * _blob(f, v, (0, -1.25), (1.1, 0.3))
    blush = 0.42 * (_blob(f, v, (-0.56, 0.46), (0.27, 0.19)) + _blob(f, v, (0.56, 0.46), (0.27, 0.19)))
    blush += 0.3 * _blob(n, v, (0, 0.52), (0.16, 0.12)) + 0.1 * _blob(f, v, (0, 1.3), (0.3, 0.15))
    blush += 0.16 * (_blob(u, v, (-1.04, 0.2), (0.12, 0.3)) + _blob(u, v, (1.04, 0.2), (0.12, 0.3)))
    return np.asarray(np.clip(level, 0, 1), np.float32), np.asarray(np.clip(blush, 0, 0.6), np.float32)


def paint_head(canvas: Canvas, person: Person, frame: Frame, side: float, turn: float) -> Patch:
    """Paint ears, skin and features; return the face's patch."""
    skin = SKINS[person.skin]
    ears = [
        curve_closed(
            np.array(path("0.93 -0.16, 1.1 -0.2, 1.15 0.05, 1.08 0.34, 0.97 0.46, 0.9 0.3")) * (s, 1)
        )
        for s in (-1, 1)
    ]
    for s, ear in zip((-1, 1), ears, strict=True):
        spot = cut(frame.at(ear))
        canvas.lay(spot, skin.tones[2] if s * side > 0 else skin.tones[1])
        canvas.lay(cut(frame.at(ear * 0.97), feather_px=frame.unit_px * 0.06).within(spot), skin.blush, 0.35)
        canvas.refine(spot, 2)
    face = cut(frame.at(curve_closed(outline(person))))
    u, v = face.grid(frame, 2)
    level, blush = _modelled(u, v, person, side, turn)
    colour = skin_colour(skin.tones, level)
    colour += blush[..., None] * (np.array(skin.blush, np.float32) - colour)
    size = face.cover.size
    smooth = Image.fromarray(np.clip(colour, 0, 255).astype(np.uint8)).resize(size, Image.Resampling.BILINEAR)
    canvas.lay(face, np.asarray(smooth, np.float32))
    canvas.refine(face, 2)
    if person.age >= 50:
        _lines_of_age(canvas, person, frame, turn, face)
    if person.freckles:
        _freckles(canvas, person, frame, face)
    paint_nose(canvas, person, frame, turn)
    paint_mouth(canvas, person, frame, turn * 1.15)
    for k in (-1.0, 1.0):
        paint_eye(canvas, person, frame, k, turn, side)
        paint_brow(canvas, person, frame, k, turn)
    return face


def _lines_of_age(canvas: Canvas, person: Person, frame: Frame, turn: float, face: Patch) -> None:
    tones = SKINS[person.skin].tones
    unit = frame.unit_px
    lines = []
    for s in (-1, 1):
        lines += [
            np.array([(s * 0.68, 0.02), (s * 0.8, 0.0), (s * 0.88, 0.05)]),
            np.array([(s * 0.68, 0.06), (s * 0.8, 0.11), (s * 0.86, 0.19)]),
        ]
        lines.append(np.array([(s * 0.24, 0.24), (s * 0.4, 0.3), (s * 0.56, 0.24)]))
    for v in (-0.62, -0.76):
        lines.append(np.array([(-0.46, v + 0.03), (0.0, v), (0.46, v + 0.03)]))
    for line in lines:
        curve = frame.at(curve_open(line + np.array([turn, 0])))
        spot = cut(tapered(curve, (0.5, unit * 0.035, 0.5)), feather_px=unit * 0.008)
        canvas.lay(spot.within(face), tones[1], 0.5 if person.age > 60 else 0.28)


def _freckles(canvas: Canvas, person: Person, frame: Frame, face: Patch) -> None:
    rng = np.random.default_rng(round(person.cheeks * 1e6))
    dots = []
    for _ in range(30):
        u, v = rng.normal(0, 0.42), 0.34 + rng.normal(0, 0.14)
        dots.append(
            frame.at(
                curve_closed(np.array([(u, v - 0.014), (u + 0.015, v), (u, v + 0.014), (u - 0.015, v)]), 4)
            )
        )
    canvas.lay(cut(*dots, feather_px=1.0).within(face), (172, 100, 66), 0.42)


def paint_beard(canvas: Canvas, person: Person, frame: Frame, face: Patch, turn: float) -> None:
    """Paint a beard over the jaw, leaving lips and teeth free."""
    if person.beard == "none":
        return
    hair = HAIRS[person.hair_colour]
    low = {"stubble": 1.5, "short": 1.56, "full": 1.74}[person.beard]
    strength = {"stubble": 0.22, "short": 0.6, "full": 0.78}[person.beard]
    outer = np.array(
        [
            (-0.97, 0.05),
            (-0.92, 0.7),
            (-0.66, 1.2),
            (-0.3, low - 0.05),
            (0, low),
            (0.3, low - 0.05),
            (0.66, 1.2),
            (0.92, 0.7),
            (0.97, 0.05),
        ]
    )
    inner = moved(
        np.array(path("0.88 0.3, 0.66 0.74, 0.34 0.73, 0 0.715, -0.34 0.73, -0.66 0.74, -0.88 0.3")),
        turn * 0.6,
        0,
    )
    edge = np.concatenate([curve_open(outer), curve_open(inner)])
    spot = cut(frame.at(edge), feather_px=frame.unit_px * 0.035)
    drop = {"closed": 0.1, "open": 0.24, "laugh": 0.34}[person.mouth]
    v = MOUTH_V
    gap = curve_closed(
        moved(
            np.array(
                [
                    (-0.42, v - 0.06),
                    (0, v - 0.04),
                    (0.42, v - 0.06),
                    (0.28, v + drop * 0.8),
                    (0, v + drop),
                    (-0.28, v + drop * 0.8),
                ]
            ),
            turn * 1.15,
            0,
        )
    )
    hole = cut(frame.at(gap), feather_px=frame.unit_px * 0.02)
    spot = spot.without(hole)
    canvas.lay(spot, hair.plain if person.beard != "stubble" else hair.deep, strength)
    rng = np.random.default_rng(round(person.jaw * 1e6))
    lines = []
    for _ in range(260 if person.beard != "stubble" else 120):
        u, w = rng.uniform(-0.95, 0.95), rng.uniform(0.5, low)
        fall = rng.uniform(0.06, 0.13) if person.beard != "stubble" else 0.022
        lines.append(frame.at([(u, w), (u * 0.97 + rng.normal(0, 0.02), w + fall)]))
    half = len(lines) // 2
    canvas.lay(hairlines(lines[:half], 1.5).within(spot), hair.deep, 0.42)
    canvas.lay(hairlines(lines[half:], 1.5).within(spot), hair.lit, 0.32)


def paint_glasses(canvas: Canvas, person: Person, frame: Frame, turn: float) -> None:
    """Paint glasses over the eyes."""
    if person.glasses == "none":
        return
    unit = frame.unit_px
    frame_colour: Colour = (
        (52, 34, 30) if person.hair_colour in ("fair", "auburn", "chestnut") else (36, 38, 48)
    )
    angle = np.linspace(0, 2 * np.pi, 41)
    power = 1.0 if person.glasses == "round" else 0.55
    c, s = np.cos(angle), np.sin(angle)
    ring = np.stack([np.sign(c) * np.abs(c) ** power * 0.31, np.sign(s) * np.abs(s) ** power * 0.27], 1)
    for k in (-1, 1):
        line = frame.at(moved(ring, k * (EYE_U + 0.01) + turn, 0.03))
        canvas.lay(cut(line, feather_px=2), (236, 244, 250), 0.09)
        canvas.lay(hairlines([line], unit * 0.034), frame_colour, 0.95)
        gleam = moved(
            np.array(path("-0.14 -0.17, -0.05 -0.2, -0.16 0.04, -0.22 0.02")), k * EYE_U + turn, 0.03
        )
        canvas.lay(cut(frame.at(gleam), feather_px=3), (255, 255, 255), 0.2)
        arm = frame.at([(k * 0.72 + turn, -0.04), (k * 1.0, -0.08)])
        canvas.lay(hairlines([arm], unit * 0.036), frame_colour, 0.9)
    bridge = frame.at(curve_open(moved(np.array([(-0.1, 0.0), (0, -0.045), (0.1, 0.0)]), turn * 1.1, 0)))
    canvas.lay(hairlines([bridge], unit * 0.036), frame_colour, 0.95)
