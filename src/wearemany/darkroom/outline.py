"""The outline of a region as one simple polygon, for showing people what was looked at."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from wearemany.darkroom.geometry import Polygon

_STRIPS = 20
_LIKELY = 0.5
_ENDS = np.array([0.02, 0.98])
"""How far along a strip the outline lies: a few cells beyond are the parse's own mistakes."""


def outline_of(mask: npt.NDArray[np.float64]) -> tuple[Polygon, ...]:
    """Return the region where `mask` is at least a half, as one polygon in fractions; empty when there is none.

    Goes down the left edge and up the right one in strips: exact enough to point at a garment, and it gives
    away less of a body's shape than a contour would.
    """
    likely = mask >= _LIKELY
    rows = np.nonzero(likely.sum(axis=1) >= 2)[0]
    if len(rows) < 3:
        return ()
    height, width = likely.shape
    left, right = [], []
    for strip in np.array_split(rows, min(_STRIPS, len(rows))):
        columns = np.nonzero(likely[strip[0] : strip[-1] + 1].mean(axis=0) >= 0.4)[0]
        if len(columns) < 2:
            continue
        y = float((strip[0] + strip[-1] + 1) / 2 / height)
        first, last = np.interp(_ENDS * (len(columns) - 1), np.arange(len(columns)), columns)
        left.append((float(first / width), y))
        right.append((float((last + 1) / width), y))
    return (tuple(left + right[::-1]),) if len(left) >= 3 else ()
