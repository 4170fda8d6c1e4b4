"""PDQ: 256 bits that stay nearly the same when a picture is re-encoded or resized. Of the covered picture only.

After Facebook's PDQ description (2019): luminance, two box filters each way, 64 by 64 samples, the 16 by 16
lowest frequencies without the constant ones, each bit above or below their median.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from wearemany.darkroom.decode import Picture
from wearemany.darkroom.developed import Fingerprint

_SAMPLES = 64
_BITS_A_SIDE = 16
_LONGEST_PX = 512
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)

Floats = npt.NDArray[np.float32]


def _cosines() -> Floats:
    frequency = np.arange(1, _BITS_A_SIDE + 1)[:, None]
    sample = np.arange(_SAMPLES)[None, :]
    waves = np.sqrt(2.0 / _SAMPLES) * np.cos(np.pi / (2 * _SAMPLES) * frequency * (2 * sample + 1))
    return np.asarray(waves, dtype=np.float32)


_COSINES = _cosines()


def fingerprint(picture: Picture) -> Fingerprint:
    """Return the PDQ hash, highest bit first, and its quality (0 flat to 100 rich)."""
    luma: Floats = picture.within(_LONGEST_PX).pixels.astype(np.float32) @ _LUMA
    for _ in range(2):
        luma = _box_filter(_box_filter(luma, axis=1), axis=0)
    rows = ((np.arange(_SAMPLES) + 0.5) * luma.shape[0] / _SAMPLES).astype(int)
    columns = ((np.arange(_SAMPLES) + 0.5) * luma.shape[1] / _SAMPLES).astype(int)
    samples = luma[np.ix_(rows, columns)]
    waves = _COSINES @ samples @ _COSINES.T
    bits = (waves > np.median(waves)).reshape(-1)
    return Fingerprint(np.packbits(bits[::-1]).tobytes(), _quality(samples))


def distance(one: bytes, other: bytes) -> int:
    """Return how many of the 256 bits differ; up to 31 means the same picture."""
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).bit_count()


def _box_filter(values: Floats, *, axis: int) -> Floats:
    """Average over a window of about a 64th of the side, cut off at the edges."""
    length = values.shape[axis]
    window = (length + 2 * _SAMPLES - 1) // (2 * _SAMPLES)
    half = (window + 2) // 2
    sums = np.cumsum(np.moveaxis(values, axis, 0), axis=0, dtype=np.float64)
    sums = np.concatenate([np.zeros_like(sums[:1]), sums])
    last = np.minimum(np.arange(length) + half, length)
    first = np.maximum(np.arange(length) + half - window, 0)
    means = (sums[last] - sums[first]) / (last - first).reshape(-1, *([1] * (values.ndim - 1)))
    return np.asarray(np.moveaxis(means, 0, axis), dtype=np.float32)


def _quality(samples: Floats) -> int:
    """Return how much structure there is to compare, as PDQ defines it."""
    down = np.abs(np.trunc(np.diff(samples, axis=0) * 100 / 255)).sum()
    across = np.abs(np.trunc(np.diff(samples, axis=1) * 100 / 255)).sum()
    return int(min(100, (down + across) // 90))
