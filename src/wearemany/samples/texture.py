"""What makes a picture plainly painted: brush strokes, paper and cloth grain. Made once, then kept in memory."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from wearemany.samples.brush import HEIGHT_PX, WIDTH_PX, Array, Canvas

_STROKES = ((46.0, 12.0, 5400), (34.0, 8.0, 9000), (10.0, 3.6, 26000))
"""Length and width in pixels and number of the strokes: for places, for cloth and hair, for faces."""
_TONE = (0.020, 0.022, 0.007)
_SHARE = (190, 140, 100)


def soft_noise(cells: tuple[int, int], size: tuple[int, int], seed: int) -> Array:
    """Return smooth noise around 0, about -1 to 1, as an array of rows; cells and size are width, height."""
    grains = np.random.default_rng(seed).standard_normal((cells[1], cells[0])).astype(np.float32)
    blown = Image.fromarray(grains).resize(size, Image.Resampling.BICUBIC)
    return np.asarray(blown, dtype=np.float32) * np.float32(0.7)


@lru_cache(maxsize=1)
def _paper() -> Array:
    """Return the paper's tooth as a factor near 1 for every pixel."""
    rng = np.random.default_rng(7)
    tooth = Image.fromarray(rng.standard_normal((HEIGHT_PX, WIDTH_PX)).astype(np.float32))
    fine = np.asarray(tooth.convert("F"), dtype=np.float32)
    weave = (fine + np.roll(fine, 1, 0) + np.roll(fine, 1, 1) + np.roll(fine, (1, 1), (0, 1))) / 2
    cloud = soft_noise((60, 75), (WIDTH_PX, HEIGHT_PX), 8) + soft_noise((240, 300), (WIDTH_PX, HEIGHT_PX), 9)
    return np.asarray(1 + 0.010 * weave + 0.012 * cloud, dtype=np.float32)


@lru_cache(maxsize=4)
def _stroke_field(level: int) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Return, for each pixel, the pixel its stroke took paint from, and a lightness factor (128 for one)."""
    length, width, count = _STROKES[level]
    rng = np.random.default_rng(20 + level)
    x, y = rng.uniform(-10, WIDTH_PX + 10, count), rng.uniform(-10, HEIGHT_PX + 10, count)
    sway = soft_noise((5, 6), (WIDTH_PX, HEIGHT_PX), 30 + level)
    xi, yi = np.clip(x, 0, WIDTH_PX - 1).astype(int), np.clip(y, 0, HEIGHT_PX - 1).astype(int)
    angle = -0.7 + 1.3 * sway[yi, xi] + rng.normal(0, 0.25, count)
    half = length * rng.uniform(0.3, 0.62, count)
    dx, dy = np.cos(angle) * half, np.sin(angle) * half
    own = np.mgrid[0:HEIGHT_PX, 0:WIDTH_PX].astype(np.int32)
    sheet = Image.new("I", (WIDTH_PX, HEIGHT_PX), 0)
    pen = ImageDraw.Draw(sheet)
    for i in range(count):
        pen.line(
            (x[i] - dx[i], y[i] - dy[i], x[i] + dx[i], y[i] + dy[i]),
            fill=i + 1,
            width=round(width * rng.uniform(0.6, 1.25)),
        )
    number = np.asarray(sheet, dtype=np.int32)
    source = np.concatenate([[0], yi * WIDTH_PX + xi]).astype(np.int32)[number]
    source = np.where(number == 0, own[0] * WIDTH_PX + own[1], source)
    same = np.concatenate([[0], rng.normal(0, _TONE[level], count)]).astype(np.float32)[number]
    factor = (1 + same) * _paper()
    return source.astype(np.int32), np.clip(factor * 128, 0, 255).astype(np.uint8)


@lru_cache(maxsize=1)
def _warm_up() -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    fields = [_stroke_field(level) for level in range(3)]
    return np.stack([f[0].ravel() for f in fields]), np.stack([f[1].ravel() for f in fields])


def painted(canvas: Canvas, wash: NDArray[np.uint8]) -> Image.Image:
    """Return the finished picture: every region redrawn with the strokes of its brush, on paper, in its light.

    The wash holds a factor for each pixel and channel, 128 for one.
    """
    sources, factors = _warm_up()
    fine = np.asarray(canvas.fineness).ravel()
    own = np.arange(fine.size, dtype=np.int32)
    place = fine.astype(np.int32) * fine.size + own
    source = sources.ravel()[place]
    np.copyto(source, own, where=fine[source] != fine)
    flat = np.asarray(canvas.picture.convert("RGBX")).view(np.uint32).ravel()
    stroked = Image.fromarray(flat[source].view(np.uint8).reshape(HEIGHT_PX, WIDTH_PX, 4)[..., :3].copy())
    share = canvas.fineness.point([_SHARE[min(i, 2)] for i in range(256)])
    blend = np.asarray(Image.composite(stroked, canvas.picture, share)).astype(np.uint16)
    blend *= factors.ravel()[place].reshape(HEIGHT_PX, WIDTH_PX, 1)
    blend >>= 7
    blend *= wash
    blend >>= 7
    return Image.fromarray(np.minimum(blend, 255).astype(np.uint8))
