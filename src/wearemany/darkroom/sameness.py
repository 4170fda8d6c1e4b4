"""The second look: are two small covered pictures the same picture, place by place? Of pixels alone, never of faces.

A fingerprint sums up the whole picture: people in one pose before one wall may share it, and one that was made to
collide does. So the other picture is laid over the first (moved, sized, turned a little), its tones are brought to
the first one's, and then every place must agree. What is the same but for its encoding agrees everywhere; another
person before the same wall agrees where the wall is.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

LONG_PX = 144
LEAST_OVERLAP = 0.6
LEAST_SEEN = 0.5
LEAST_SCALE, MOST_SCALE = 0.75, 1.34

_LEVELS = (32, 64, LONG_PX)
_ROUNDS = (30, 15, 8)
_WINDOW = 5
_STEADY = 60.0
_PLAIN = 4.0
_GROWN = 0.12

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_AS_IT_LIES: Floats = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])


@dataclass(frozen=True)
class Sameness:
    """How well two pictures agree once laid over each other.

    `worst` is the agreement of the place that agrees least, a square of a thirtieth of the longer side; `share` how
    much of all there is to see agrees. Both from 0 to 1.
    """

    worst: float
    share: float


NOT_ALIKE = Sameness(0.0, 0.0)


@dataclass(frozen=True)
class Sight:
    """An encoded picture, and where covers lie in it: boxes as fractions of its sides (left, top, right, bottom)."""

    content: bytes
    covers: tuple[tuple[float, ...], ...] = ()


def look_again(one: Sight, other: Sight, *, turned: int = 0) -> Sameness:
    """Compare two pictures; the other is turned in one of the eight ways of `turning` first.

    Covers are left out: the finder lays them a little otherwise each time, and they hide what could be compared. Where
    they hide too much, nothing agrees. Raises OSError or ValueError when one of them is no picture.
    """
    first, second = _luma(one.content), _turned(_luma(other.content), turned)
    hidden = _hidden(first.shape, one.covers)
    hidden_too = _turned(_hidden(_luma(other.content).shape, other.covers), turned)
    ratio = (first.shape[1] / first.shape[0]) / (second.shape[1] / second.shape[0])
    if not LEAST_SCALE <= ratio <= MOST_SCALE:
        return NOT_ALIKE
    warp = _AS_IT_LIES
    for long_px, rounds in zip(_LEVELS, _ROUNDS, strict=True):
        below, above = _sized(first, first.shape, long_px), _sized(second, first.shape, long_px)
        warp = _laid_over(below, above, warp, rounds)
    clear = _sized(hidden, first.shape, LONG_PX) == 0
    hidden_too = _sized(hidden_too, first.shape, LONG_PX)
    # Where there is little to hold on to, laying over can make it worse.
    seen = (_compared(below, above, way, clear, hidden_too) for way in (warp, _AS_IT_LIES))
    return max(seen, key=lambda one: (one.share, one.worst))


def _compared(below: Floats, above: Floats, warp: Floats, clear: Mask, hidden: Floats) -> Sameness:
    """Compare what lies over each other by a warp, where neither picture is covered."""
    scale = np.sqrt(abs(np.linalg.det(warp[:, :2])))
    seen, inside = _warped(above, warp)
    if not LEAST_SCALE <= scale <= MOST_SCALE or inside.mean() < LEAST_OVERLAP:
        return NOT_ALIKE
    inside &= clear & (_warped(hidden, warp)[0] <= 0)
    if inside.mean() < LEAST_SEEN:
        return NOT_ALIKE
    return _agreement(below, _in_tones_of(below, seen, inside), inside)


def _luma(content: bytes) -> Floats:
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(image.convert("L"), dtype=np.float64)


def _hidden(shape: tuple[int, ...], covers: tuple[tuple[float, ...], ...]) -> Floats:
    """Return 1 where a cover lies, a little grown, and 0 elsewhere."""
    hidden = np.zeros(shape)
    for left, top, right, bottom in covers:
        more_x, more_y = (right - left) * _GROWN, (bottom - top) * _GROWN
        rows = slice(_edge(top - more_y, shape[0]), _edge(bottom + more_y, shape[0]) + 1)
        hidden[rows, _edge(left - more_x, shape[1]) : _edge(right + more_x, shape[1]) + 1] = 1.0
    return hidden


def _edge(fraction: float, length: int) -> int:
    return int(min(max(fraction, 0.0), 1.0) * length)


def _turned(luma: Floats, way: int) -> Floats:
    return np.ascontiguousarray(np.rot90(luma[:, ::-1] if way & 4 else luma, way & 3))


def _sized(luma: Floats, shape: tuple[int, ...], long_px: int) -> Floats:
    """Return the picture in the proportions of `shape`, its longer side as asked."""
    longest = max(shape)
    size = (max(8, round(shape[1] * long_px / longest)), max(8, round(shape[0] * long_px / longest)))
    image = Image.fromarray(luma.astype(np.float32)).resize(size, Image.Resampling.BOX, reducing_gap=None)
    return np.asarray(image, dtype=np.float64)


def _grid(shape: tuple[int, ...]) -> tuple[Floats, Floats]:
    """Return x and y of every pixel; the picture is two units wide and high, its middle at nought."""
    height, width = shape
    x, y = (np.arange(width) + 0.5) / width * 2 - 1, (np.arange(height) + 0.5) / height * 2 - 1
    return np.broadcast_to(x, shape), np.broadcast_to(y[:, None], shape)


def _warped(luma: Floats, warp: Floats) -> tuple[Floats, Mask]:
    """Return what lies over each pixel of the first picture, and where there is anything."""
    height, width = luma.shape
    x, y = _grid(luma.shape)
    column = (warp[0, 0] * x + warp[0, 1] * y + warp[0, 2] + 1) * width / 2 - 0.5
    row = (warp[1, 0] * x + warp[1, 1] * y + warp[1, 2] + 1) * height / 2 - 0.5
    inside = (column > -0.5) & (column < width - 0.5) & (row > -0.5) & (row < height - 0.5)
    column, row = np.clip(column, 0, width - 1.001), np.clip(row, 0, height - 1.001)
    left, top = column.astype(np.int64), row.astype(np.int64)
    dx, dy = column - left, row - top
    upper = luma[top, left] * (1 - dx) + luma[top, left + 1] * dx
    lower = luma[top + 1, left] * (1 - dx) + luma[top + 1, left + 1] * dx
    return upper * (1 - dy) + lower * dy, inside


def _laid_over(below: Floats, above: Floats, warp: Floats, rounds: int) -> Floats:
    """Move, size and turn `above` so that it correlates best with `below` (Evangelidis and Psarakis, 2008)."""
    x, y = _grid(below.shape)
    down, across = np.gradient(above)
    across, down = across * above.shape[1] / 2, down * above.shape[0] / 2
    for _ in range(rounds):
        seen, inside = _warped(above, warp)
        if inside.mean() < LEAST_OVERLAP / 2:
            return warp
        gx, gy = _warped(across, warp)[0], _warped(down, warp)[0]
        slopes = np.stack([gx * x, gx * y, gx, gy * x, gy * y, gy])[:, inside]
        want, have = below[inside] - below[inside].mean(), seen[inside] - seen[inside].mean()
        normal = slopes @ slopes.T + np.eye(6) * 1e-6 * (slopes * slopes).sum() / 6
        on_have, on_want = slopes @ have, slopes @ want
        solved = np.linalg.solve(normal, np.stack([on_have, on_want], axis=1))
        less = want @ have - on_want @ solved[:, 0]
        if less <= 0:
            return warp
        gain = (have @ have - on_have @ solved[:, 0]) / less
        step = solved[:, 1] * gain - solved[:, 0]
        warp = warp + step.reshape(2, 3)
        if np.abs(step).max() < 1e-4:
            return warp
    return warp


def _in_tones_of(below: Floats, seen: Floats, inside: Mask) -> Floats:
    """Return the second picture with the first one's distribution of tones: brightness, contrast and gamma go."""
    shares = np.linspace(0, 1, 33)
    have, want = np.quantile(seen[inside], shares), np.quantile(below[inside], shares)
    return np.interp(seen, have + np.arange(33) * 1e-6, want)


def _agreement(below: Floats, seen: Floats, inside: Mask) -> Sameness:
    """Compare neighbourhood by neighbourhood (structural similarity, with what is nearly plain held steady)."""
    weight = _blurred(inside.astype(np.float64))
    weight = np.maximum(weight, 1e-9)

    def mean(values: Floats) -> Floats:
        return _blurred(values * inside) / weight

    one, two = mean(below), mean(seen)
    spread_one, spread_two = mean(below * below) - one * one, mean(seen * seen) - two * two
    together = mean(below * seen) - one * two
    structure = (2 * together + _STEADY) / (spread_one + spread_two + _STEADY)
    light = (2 * one * two + _STEADY) / (one * one + two * two + _STEADY)
    agree = np.clip(structure * light, 0, 1)[inside & (weight > 0.6)]
    there = np.maximum(spread_one, spread_two)[inside & (weight > 0.6)] + _PLAIN
    return Sameness(float(agree.min()), float((agree * there).sum() / there.sum()))


def _blurred(values: Floats) -> Floats:
    """Return the mean over a square window around each pixel, cut off at the edges as nothing."""
    half = _WINDOW // 2
    for axis in (0, 1):
        pad = [(half + 1, half) if at == axis else (0, 0) for at in (0, 1)]
        sums = np.cumsum(np.pad(values, pad), axis=axis)
        ahead, behind = (slice(_WINDOW, None), slice(None, -_WINDOW))
        values = sums[ahead] - sums[behind] if axis == 0 else sums[:, ahead] - sums[:, behind]
    return values / _WINDOW**2
