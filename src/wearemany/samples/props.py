"""Pictures without a face: somebody from behind, a jumper held up, and the scribbled posters of a small raid."""

import numpy as np
from PIL import Image, ImageDraw

from wearemany.samples.brush import (
    HEIGHT_PX,
    WIDTH_PX,
    Canvas,
    Frame,
    curve_closed,
    curve_open,
    cut,
    hairlines,
    moved,
    path,
    tapered,
)
from wearemany.samples.cloth import cloth
from wearemany.samples.hair import paint_behind_head
from wearemany.samples.palette import SKINS
from wearemany.samples.people import Person


def paint_behind(canvas: Canvas, person: Person, rng: np.random.Generator, *, side: float) -> None:
    """Paint somebody who looks away into the place."""
    frame = Frame(WIDTH_PX * 0.5, 430, 150)
    unit = frame.unit_px
    neck = cut(frame.at(curve_closed(path("-0.5 0.8, 0.5 0.8, 0.56 1.9, -0.56 1.9"))))
    canvas.lay(neck, SKINS[person.skin].tones[1])
    half = path("0 1.72, 0.6 1.7, 1.5 2.05, 2 2.6, 2.3 4, 2.5 9")
    torso = cut(frame.at(curve_closed(np.array(half + [(-u, v) for u, v in half[:0:-1]]), 6)))
    cloth(canvas, torso, frame, person.dye, rng, side=side)
    canvas.refine(torso, 1)
    collar = frame.at(curve_open([(-0.62, 1.62), (0, 1.8), (0.62, 1.62)]))
    canvas.lay(hairlines([collar], unit * 0.2), person.dye.plain)
    canvas.lay(
        hairlines([moved(collar, 0, unit * 0.1)], unit * 0.05, feather_px=unit * 0.03), person.dye.deep, 0.7
    )
    seam = frame.at(curve_open([(0, 1.9), (0.03, 4), (0, 8)]))
    canvas.lay(hairlines([seam], unit * 0.12, feather_px=unit * 0.09).within(torso), person.dye.deep, 0.5)
    paint_behind_head(canvas, person, frame, rng, side=side)


def paint_held(canvas: Canvas, person: Person, rng: np.random.Generator, *, side: float) -> None:
    """Paint a jumper on a hanger."""
    frame = Frame(WIDTH_PX * 0.5, 180, 170)
    unit = frame.unit_px
    hook = curve_open(path("0 0.75, 0 0.3, 0.2 0.12, 0.05 -0.06, -0.14 0.06"))
    canvas.lay(cut(tapered(frame.at(hook), (unit * 0.06, unit * 0.06))), (70, 66, 68))
    canvas.lay(
        cut(
            tapered(frame.at([(-1.5, 1.24), (0, 0.72), (1.5, 1.24)]), (unit * 0.14, unit * 0.14, unit * 0.14))
        ),
        (156, 108, 66),
    )
    half = path("0 1.12, 0.4 0.94, 0.62 0.9, 1.5 1.24, 1.8 1.7, 2.3 4.2, 1.86 4.4, 1.42 2.7, 1.5 4.9, 0 5")
    shape = np.array(half + [(-u, v) for u, v in half[::-1]], dtype=np.float32)
    jumper = cut(frame.at(curve_closed(shape, 5)))
    shadow = cut(moved(frame.at(curve_closed(shape, 5)), 22, 26), feather_px=18)
    canvas.glaze(shadow, (0.62, 0.6, 0.66), 0.7)
    cloth(canvas, jumper, Frame(frame.x, frame.y - unit, unit), person.dye, rng, side=side)
    canvas.refine(jumper, 1)
    for line, width in (
        ([(-0.6, 0.92), (0, 1.16), (0.6, 0.92)], 0.18),
        ([(-1.5, 4.84), (0, 4.94), (1.5, 4.84)], 0.24),
    ):
        band = hairlines([frame.at(curve_open(line))], unit * width)
        canvas.lay(band, person.dye.plain)
        edge = moved(frame.at(curve_open(line)), 0, -(unit * width * 0.5))
        canvas.lay(hairlines([edge], unit * 0.04, feather_px=2), person.dye.deep, 0.7)
    ribs = [frame.at([(u, 4.8), (u, 5.04)]) for u in np.linspace(-1.45, 1.45, 30)]
    canvas.lay(hairlines(ribs, 3, feather_px=1), person.dye.deep, 0.5)
    for k in (-1, 1):
        inner = frame.at(curve_open([(k * 1.42, 2.0), (k * 1.44, 2.8), (k * 1.5, 4.7)]))
        canvas.lay(
            hairlines([inner], unit * 0.1, feather_px=unit * 0.05).within(jumper), person.dye.deep, 0.8
        )


def poster(seed: int) -> Image.Image:
    """Return one of the raid's posters: the same scribble each time but for a little shake of the hand."""
    rng, shake = np.random.default_rng(99), np.random.default_rng(seed)
    image = Image.new("RGB", (WIDTH_PX, HEIGHT_PX), (214, 210, 198))
    pen = ImageDraw.Draw(image)
    pen.rectangle((90, 110, WIDTH_PX - 90, HEIGHT_PX - 130), fill=(232, 226, 170))
    for k in range(26):
        points = (
            np.cumsum(rng.normal(0, 70, (14, 2)), 0)
            + rng.uniform((200, 260), (760, 900))
            + shake.normal(0, 6, (14, 2))
        )
        ink = ((38, 38, 44), (60, 60, 66), (44, 62, 110))[k % 3]
        pen.line([tuple(p) for p in points], fill=ink, width=int(rng.integers(4, 13)), joint="curve")
    for k in range(5):
        y = 250 + 150 * k + float(shake.normal(0, 4))
        pen.line([(170, y), (790, y + rng.normal(0, 30))], fill=(30, 30, 34), width=22)
    pen.line([(160, 190), (800, 1010)], fill=(26, 26, 30), width=34)
    pen.line([(800, 190), (160, 1010)], fill=(26, 26, 30), width=34)
    return image
