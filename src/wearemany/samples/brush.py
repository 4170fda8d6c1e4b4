"""The hand: curves, soft-edged patches and the canvas they are laid on. Knows nothing of people or places."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter

WIDTH_PX = 960
HEIGHT_PX = 1200

Array = NDArray[np.float32]
Colour = tuple[float, float, float]
Points = list[tuple[float, float]]


def path(text: str) -> Points:
    """Return the points that the text lists: "x y, x y, ..."."""
    return [(float(x), float(y)) for x, y in (pair.split() for pair in text.split(","))]


def as_points(points: ArrayLike) -> Array:
    """Return corner points as one array of x, y rows."""
    return np.asarray(points, dtype=np.float32).reshape(-1, 2)


def moved(points: ArrayLike, right: float, down: float) -> Array:
    """Return the points (or the one point) moved."""
    return np.asarray(points, dtype=np.float32) + np.array([right, down], dtype=np.float32)


def curve_closed(points: ArrayLike, steps: int = 8) -> Array:
    """Return a smooth loop through the points."""
    p1 = as_points(points)
    return _catmull_rom(np.roll(p1, 1, 0), p1, np.roll(p1, -1, 0), np.roll(p1, -2, 0), steps)


def curve_open(points: ArrayLike, steps: int = 8) -> Array:
    """Return a smooth line through the points, from the first to the last."""
    p = as_points(points)
    padded = np.concatenate([p[:1], p, p[-1:]])
    line = _catmull_rom(padded[:-3], padded[1:-2], padded[2:-1], padded[3:], steps)
    return np.concatenate([line, p[-1:]])


@lru_cache(maxsize=16)
def _spline_weights(steps: int) -> Array:
    """Return how much each of four neighbouring points counts at each step from the second to the third."""
    t = np.arange(steps, dtype=np.float32) / steps
    weights = [2 * t**2 - t - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, t**3 - t**2]
    return (np.stack(weights, 1) * 0.5).astype(np.float32)


def _catmull_rom(p0: Array, p1: Array, p2: Array, p3: Array, steps: int) -> Array:
    corners = np.stack([p0, p1, p2, p3], 1)
    line: Array = np.matmul(_spline_weights(steps)[None], corners).reshape(-1, 2)
    return line


def tapered(line: Array, widths: ArrayLike) -> Array:
    """Return the outline of a stroke along the line whose width swells and thins as given."""
    along = np.gradient(line, axis=0)
    length = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-6)
    normal = np.stack([-along[:, 1], along[:, 0]], 1) / length[:, None]
    given = np.asarray(widths, dtype=np.float32)
    width = np.interp(np.linspace(0, 1, len(line)), np.linspace(0, 1, len(given)), given)[:, None] / 2
    return np.concatenate([line + normal * width, (line - normal * width)[::-1]]).astype(np.float32)


def between(first: Array, second: Array, share: float) -> Array:
    """Return the line that lies this share of the way from the first line to the second."""
    if len(first) != len(second):
        count = max(len(first), len(second))
        first, second = resampled(first, count), resampled(second, count)
    return np.asarray(first * (1 - share) + second * share, np.float32)


def resampled(line: Array, count: int) -> Array:
    """Return the line with this many points."""
    old, new = np.linspace(0, 1, len(line)), np.linspace(0, 1, count)
    return np.stack([np.interp(new, old, line[:, 0]), np.interp(new, old, line[:, 1])], 1).astype(np.float32)


@dataclass(frozen=True)
class Frame:
    """Where a head stands: a person's own coordinates, one unit to half the width of a face."""

    x: float
    y: float
    unit_px: float
    roll: float = 0.0

    def at(self, points: ArrayLike) -> Array:
        """Return the points in pixels."""
        p = as_points(points) * self.unit_px
        c, s = math.cos(self.roll), math.sin(self.roll)
        turn = np.array([[c, s], [-s, c]], dtype=np.float32)
        return np.asarray(p @ turn + np.array([self.x, self.y], dtype=np.float32), dtype=np.float32)

    def upright(self) -> "Frame":
        """Return the same place without the tilt of the head, for the body below it."""
        return Frame(self.x, self.y, self.unit_px)


@dataclass(frozen=True)
class Patch:
    """A soft-edged piece of the picture: where it lies, and how much of each of its pixels it covers."""

    left: int
    top: int
    cover: Image.Image

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Return left, top, right and bottom in the picture."""
        return self.left, self.top, self.left + self.cover.width, self.top + self.cover.height

    def within(self, other: "Patch") -> "Patch":
        """Return the part of this patch that lies on the other one."""
        box = _overlap(self.box, other.box)
        if box is None:
            return EMPTY
        return Patch(box[0], box[1], ImageChops.multiply(self._part(box), other._part(box)))

    def without(self, hole: "Patch") -> "Patch":
        """Return this patch with the hole taken out."""
        box = _overlap(self.box, hole.box)
        if box is None:
            return self
        cover = self.cover.copy()
        left_over = ImageChops.multiply(self._part(box), ImageChops.invert(hole._part(box)))
        cover.paste(left_over, (box[0] - self.left, box[1] - self.top))
        return Patch(self.left, self.top, cover)

    def _part(self, box: tuple[int, int, int, int]) -> Image.Image:
        return self.cover.crop((box[0] - self.left, box[1] - self.top, box[2] - self.left, box[3] - self.top))

    def grid(self, frame: Frame, step: int) -> tuple[Array, Array]:
        """Return the place of every step-th pixel, both ways, in the person's own coordinates."""
        left, top, right, bottom = self.box
        y, x = np.mgrid[top:bottom:step, left:right:step].astype(np.float32)
        x, y = (x - frame.x) / frame.unit_px, (y - frame.y) / frame.unit_px
        c, s = np.float32(np.cos(frame.roll)), np.float32(np.sin(frame.roll))
        return x * c + y * s, y * c - x * s


EMPTY = Patch(0, 0, Image.new("L", (0, 0)))


def _overlap(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> tuple[int, int, int, int] | None:
    box = max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])
    return box if box[2] > box[0] and box[3] > box[1] else None


def _box(outlines: list[Array], margin: float) -> tuple[int, int, int, int]:
    every = np.concatenate(outlines)
    left, top = np.floor(every.min(0) - margin).astype(int)
    right, bottom = np.ceil(every.max(0) + margin).astype(int) + 1
    return max(left, 0), max(top, 0), min(right, WIDTH_PX), min(bottom, HEIGHT_PX)


def _scale(feather_px: float) -> float:
    """Return how large a mask is drawn: twice over for crisp edges, small for soft ones, which hide no detail."""
    return 2.0 if feather_px < 1.5 else 1.0 if feather_px < 3 else 0.5 if feather_px < 8 else 0.25


def _sheet(outlines: list[Array], margin_px: float, scale: float) -> tuple[Image.Image, int, int]:
    left, top, right, bottom = _box(outlines, margin_px)
    size = (max(0, right - left), max(0, bottom - top))
    if 0 in size:
        return EMPTY.cover, 0, 0
    return Image.new("L", (int(np.ceil(size[0] * scale)), int(np.ceil(size[1] * scale)))), left, top


def cut(*outlines: Array, feather_px: float = 0.0) -> Patch:
    """Return the patch inside the outlines, which are in pixels."""
    scale = _scale(feather_px)
    sheet, left, top = _sheet(list(outlines), 2.5 * feather_px + 2, scale)
    if sheet.width == 0:
        return EMPTY
    pen = ImageDraw.Draw(sheet)
    for outline in outlines:
        if len(outline) > 2:
            pen.polygon(((moved(outline, -left, -top)) * scale).ravel().tolist(), fill=255)
    return _finished(sheet, left, top, feather_px, scale)


def hairlines(lines: list[Array], width_px: float, feather_px: float = 0.0) -> Patch:
    """Return the patch covered by many thin lines."""
    if not lines:
        return EMPTY
    scale = _scale(feather_px)
    sheet, left, top = _sheet(lines, width_px + 2.5 * feather_px + 2, scale)
    if sheet.width == 0:
        return EMPTY
    pen = ImageDraw.Draw(sheet)
    width = max(1, round(width_px * scale))
    for line in lines:
        pen.line(((moved(line, -left, -top)) * scale).ravel().tolist(), fill=255, width=width)
    return _finished(sheet, left, top, feather_px, scale)


def _finished(sheet: Image.Image, left: int, top: int, feather_px: float, scale: float) -> Patch:
    if feather_px * scale > 0.3:
        sheet = sheet.filter(ImageFilter.GaussianBlur(feather_px * scale))
    if scale == 2.0:
        sheet = sheet.reduce(2)
    elif scale < 1.0:
        step = round(1 / scale)
        sheet = sheet.resize((sheet.width * step, sheet.height * step), Image.Resampling.BILINEAR)
        sheet = sheet.crop((0, 0, min(sheet.width, WIDTH_PX - left), min(sheet.height, HEIGHT_PX - top)))
    return Patch(left, top, sheet)


@lru_cache(maxsize=256)
def _scaled(strength: float) -> list[int]:
    return [round(i * strength) for i in range(256)]


_SOLID = [255 * (i > 100) for i in range(256)]


class Canvas:
    """The picture while it is painted, and how fine the brush was where."""

    def __init__(self, ground: Image.Image) -> None:
        self.picture = ground.convert("RGB")
        self.fineness = Image.new("L", (WIDTH_PX, HEIGHT_PX), 0)

    def lay(self, patch: Patch, colour: Colour | Array, strength: float = 1.0) -> None:
        """Lay a colour (one, or one for each pixel) on the patch."""
        if patch.cover.width == 0:
            return
        mask = patch.cover if strength >= 1 else patch.cover.point(_scaled(strength))
        if isinstance(colour, tuple):
            self.picture.paste((round(colour[0]), round(colour[1]), round(colour[2])), patch.box, mask)
        else:
            self.picture.paste(Image.fromarray(np.clip(colour, 0, 255).astype(np.uint8)), patch.box, mask)

    def glaze(self, patch: Patch, tint: Colour, strength: float = 1.0) -> None:
        """Multiply the patch by a tint of at most 1, as a thin dark wash does."""
        if patch.cover.width == 0:
            return
        below = self.picture.crop(patch.box)
        wash = Image.new(
            "RGB", below.size, (round(tint[0] * 255), round(tint[1] * 255), round(tint[2] * 255))
        )
        mask = patch.cover.point(_scaled(strength))
        self.picture.paste(ImageChops.multiply(below, wash), patch.box, mask)

    def refine(self, patch: Patch, level: int) -> None:
        """Note that a finer brush was used here: 0 broad, 1 cloth and hair, 2 faces."""
        if patch.cover.width:
            self.fineness.paste(level, patch.box, patch.cover.point(_SOLID))
