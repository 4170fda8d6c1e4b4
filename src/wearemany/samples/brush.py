"""The hand: curves, soft-edged patches and the canvas they are laid on. Knows nothing of people or places."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageDraw, ImageFilter

WIDTH_PX = 960
HEIGHT_PX = 1200

Array = NDArray[np.float32]
Colour = tuple[float, float, float]


def as_points(points: ArrayLike) -> Array:
    """Return corner points as one array of x, y rows."""
    return np.asarray(points, dtype=np.float32).reshape(-1, 2)


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


def _catmull_rom(p0: Array, p1: Array, p2: Array, p3: Array, steps: int) -> Array:
    t = np.linspace(0, 1, steps, endpoint=False, dtype=np.float32)[None, :, None]
    a, b, c, d = (q[:, None, :] for q in (p0, p1, p2, p3))
    out = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    return np.asarray(out.reshape(-1, 2), dtype=np.float32)


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
    count = max(len(first), len(second))
    return np.asarray(resampled(first, count) * (1 - share) + resampled(second, count) * share, np.float32)


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
        c, s = np.cos(self.roll), np.sin(self.roll)
        turned = np.stack([p[:, 0] * c - p[:, 1] * s, p[:, 0] * s + p[:, 1] * c], 1)
        return np.asarray(turned + np.array([self.x, self.y]), dtype=np.float32)

    def upright(self) -> "Frame":
        """Return the same place without the tilt of the head, for the body below it."""
        return Frame(self.x, self.y, self.unit_px)


@dataclass(frozen=True)
class Patch:
    """A soft-edged piece of the picture: where it lies, and how much of each of its pixels it covers."""

    left: int
    top: int
    cover: Array

    @property
    def right(self) -> int:
        """Return the first column right of it."""
        return self.left + int(self.cover.shape[1])

    @property
    def bottom(self) -> int:
        """Return the first row below it."""
        return self.top + int(self.cover.shape[0])

    def within(self, other: "Patch") -> "Patch":
        """Return the part of this patch that lies on the other one."""
        left, top = max(self.left, other.left), max(self.top, other.top)
        right, bottom = min(self.right, other.right), min(self.bottom, other.bottom)
        if right <= left or bottom <= top:
            return EMPTY
        mine = self.cover[top - self.top : bottom - self.top, left - self.left : right - self.left]
        theirs = other.cover[top - other.top : bottom - other.top, left - other.left : right - other.left]
        return Patch(left, top, mine * theirs)

    def grid(self, frame: Frame) -> tuple[Array, Array]:
        """Return each pixel's place in the person's own coordinates."""
        y, x = np.mgrid[self.top : self.bottom, self.left : self.right].astype(np.float32)
        x, y = (x - frame.x) / frame.unit_px, (y - frame.y) / frame.unit_px
        c, s = np.float32(np.cos(frame.roll)), np.float32(np.sin(frame.roll))
        return x * c + y * s, y * c - x * s


EMPTY = Patch(0, 0, np.zeros((0, 0), dtype=np.float32))


def _box(outlines: list[Array], margin: float) -> tuple[int, int, int, int]:
    every = np.concatenate(outlines)
    left, top = np.floor(every.min(0) - margin).astype(int)
    right, bottom = np.ceil(every.max(0) + margin).astype(int) + 1
    return max(left, 0), max(top, 0), min(right, WIDTH_PX), min(bottom, HEIGHT_PX)


def cut(*outlines: Array, feather_px: float = 0.0) -> Patch:
    """Return the patch inside the outlines (in pixels); feathered edges are drawn small, for they hide no detail."""
    scale = 2.0 if feather_px < 1.5 else 1.0 if feather_px < 4 else 0.5 if feather_px < 10 else 0.25
    left, top, right, bottom = _box(list(outlines), 2.5 * feather_px + 2)
    if right <= left or bottom <= top:
        return EMPTY
    step = max(1, round(1 / scale))
    right, bottom = right + (left - right) % step, bottom + (top - bottom) % step
    size = (round((right - left) * scale), round((bottom - top) * scale))
    sheet = Image.new("L", size)
    pen = ImageDraw.Draw(sheet)
    for outline in outlines:
        if len(outline) > 2:
            pen.polygon(((outline - (left, top)) * scale).ravel().tolist(), fill=255)
    return _finished(sheet, left, top, (right - left, bottom - top), feather_px * scale)


def hairlines(lines: list[Array], width_px: float, feather_px: float = 0.0) -> Patch:
    """Return the patch covered by many thin lines."""
    if not lines:
        return EMPTY
    left, top, right, bottom = _box(lines, width_px + 2.5 * feather_px + 2)
    if right <= left or bottom <= top:
        return EMPTY
    scale = 2.0 if feather_px < 1.5 else 1.0
    sheet = Image.new("L", (round((right - left) * scale), round((bottom - top) * scale)))
    pen = ImageDraw.Draw(sheet)
    for line in lines:
        pen.line(
            ((line - (left, top)) * scale).ravel().tolist(), fill=255, width=max(1, round(width_px * scale))
        )
    return _finished(sheet, left, top, (right - left, bottom - top), feather_px * scale)


def _finished(sheet: Image.Image, left: int, top: int, size: tuple[int, int], blur: float) -> Patch:
    if blur > 0.3:
        sheet = sheet.filter(ImageFilter.GaussianBlur(blur))
    if sheet.size[0] == 2 * size[0]:
        sheet = sheet.reduce(2)
    elif sheet.size != size:
        sheet = sheet.resize(size, Image.Resampling.BILINEAR)
    cover = np.asarray(sheet, dtype=np.float32) * np.float32(1 / 255)
    return Patch(left, top, cover[: HEIGHT_PX - top, : WIDTH_PX - left])


class Canvas:
    """The picture while it is painted: light values 0 to 255, and how fine the brush was where."""

    def __init__(self, ground: Image.Image) -> None:
        self.light: Array = np.asarray(ground.convert("RGB"), dtype=np.float32).copy()
        self.fineness: NDArray[np.uint8] = np.zeros((HEIGHT_PX, WIDTH_PX), dtype=np.uint8)

    def lay(self, patch: Patch, colour: Colour | Array, strength: float = 1.0) -> None:
        """Lay a colour (one, or one per pixel) on the patch."""
        spot = self.light[patch.top : patch.bottom, patch.left : patch.right]
        paint = np.asarray(colour, dtype=np.float32)
        spot += (patch.cover * np.float32(strength))[..., None] * (paint - spot)

    def glaze(self, patch: Patch, tint: Colour, strength: float = 1.0) -> None:
        """Multiply the patch by a tint (1 leaves as it is), as a thin dark or light wash does."""
        spot = self.light[patch.top : patch.bottom, patch.left : patch.right]
        spot *= 1 + (patch.cover * np.float32(strength))[..., None] * (np.asarray(tint, np.float32) - 1)

    def refine(self, patch: Patch, level: int) -> None:
        """Note that a finer brush was used here: 0 broad, 1 cloth and hair, 2 faces."""
        spot = self.fineness[patch.top : patch.bottom, patch.left : patch.right]
        np.maximum(spot, np.where(patch.cover > 0.4, np.uint8(level), np.uint8(0)), out=spot)
