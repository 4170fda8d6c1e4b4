"""PDQ: 256 bits that stay nearly the same when a picture is re-encoded or resized. Of the covered picture only.

After Facebook's PDQ description (2019): luminance, two box filters each way, 64 by 64 samples, the 16 by 16
lowest frequencies without the constant ones, each bit above or below their median. For the same pixels it gives the
reference implementation's bits, so that lists of others can be compared with: sums are made in single precision, in
its order. The picture is brought to 512 pixels before by our own resampling, which the description leaves open.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from wearemany.darkroom.decode import Picture
from wearemany.darkroom.developed import Fingerprint

_SAMPLES = 64
_BITS_A_SIDE = 16
_LEAST_PX = 5
_LONGEST_PX = 512
_LUMA = (0.299, 0.587, 0.114)

Floats = npt.NDArray[np.float32]


def _cosines() -> Floats:
    frequency = np.arange(1, _BITS_A_SIDE + 1)[:, None]
    sample = np.arange(_SAMPLES)[None, :]
    waves = np.float32(np.sqrt(2.0 / _SAMPLES)) * np.cos(
        np.pi / (2 * _SAMPLES) * frequency * (2 * sample + 1)
    )
    return np.asarray(waves, dtype=np.float32)


_COSINES = _cosines()


def fingerprint(picture: Picture) -> Fingerprint:
    """Return the PDQ hash, highest bit first, and its quality (0 flat to 100 rich)."""
    pixels = picture.within(_LONGEST_PX, is_plain=True).pixels
    if min(pixels.shape[:2]) < _LEAST_PX:
        return Fingerprint(bytes(_BITS_A_SIDE**2 // 8), 0)
    red, green, blue = (pixels[..., at] * share for at, share in enumerate(_LUMA))
    luma: Floats = (red + green + blue).astype(np.float32)
    if luma.shape != (_SAMPLES, _SAMPLES):
        luma = _sampled(luma)
    waves = _product(_product(_COSINES, luma), np.ascontiguousarray(_COSINES.T)).reshape(-1)
    # The lower of the two middle values, as the reference takes it.
    median = np.partition(waves, waves.size // 2 - 1)[waves.size // 2 - 1]
    return Fingerprint(np.packbits((waves > median)[::-1]).tobytes(), _quality(luma))


def _sampled(luma: Floats) -> Floats:
    """Return 64 by 64 samples of the blurred picture."""
    for _ in range(2):
        luma = _box_filter(np.ascontiguousarray(_box_filter(np.ascontiguousarray(luma.T)).T))
    rows = ((np.arange(_SAMPLES) + 0.5) * luma.shape[0] / _SAMPLES).astype(int)
    columns = ((np.arange(_SAMPLES) + 0.5) * luma.shape[1] / _SAMPLES).astype(int)
    return luma[np.ix_(rows, columns)]


def _box_filter(values: Floats) -> Floats:
    """Average each column over a window of about a 128th of its length, cut off at the edges.

    One running sum, a value added and one taken away in turn: its rounding errors are part of the bits.
    """
    length, across = values.shape
    window = (length + 2 * _SAMPLES - 1) // (2 * _SAMPLES)
    ahead = (window + 2) // 2
    sums, running = np.empty_like(values), np.zeros(across, dtype=np.float32)
    for at in range(length + ahead - 1):
        if at < length:
            running += values[at]
        if at >= window:
            running -= values[at - window]
        if at >= ahead - 1:
            sums[at - ahead + 1] = running
    places = np.arange(length)
    counts = np.minimum(places + ahead, length) - np.maximum(places + ahead - window, 0)
    return np.asarray(sums / counts[:, None].astype(np.float32))


def _product(one: Floats, other: Floats) -> Floats:
    """Multiply two matrices in single precision, summing in order; a library's product would sum in its own."""
    total = np.zeros((one.shape[0], other.shape[1]), dtype=np.float32)
    for at in range(one.shape[1]):
        total += one[:, at, None] * other[at]
    return total


def _quality(samples: Floats) -> int:
    """Return how much structure there is to compare, as PDQ defines it."""
    down = np.abs(np.trunc(np.diff(samples, axis=0) * 100 / 255)).sum()
    across = np.abs(np.trunc(np.diff(samples, axis=1) * 100 / 255)).sum()
    return int(min(100, (down + across) // 90))
