"""What the face network answers, and the places read out of it. Numbers only: which are faces is told elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Planes = npt.NDArray[np.uint8]
"""Pictures as the network takes them: (1, 3, height, width); red, green and blue from 0 to 255."""
Maps = npt.NDArray[np.float32]

STRIDE = 4
CELL_PX = 32
"""The network wants whole cells of so many pixels each way."""
_LARGEST_LOG = 6.0


@dataclass(frozen=True)
class FaceMaps:
    """What the network returns, each of shape (1, channels, height / 4, width / 4): how much a place is the
    middle of a face (0 to 1), log height and width, offset of the middle within its cell."""

    heat: Maps
    scale: Maps
    offset: Maps


FaceNetwork = Callable[[Planes], FaceMaps]


def read_places(maps: FaceMaps, *, least: float, most: int) -> Maps:
    """Return the surest peaks of heat from `least` on, surest first: score and four edges in px."""
    heat = maps.heat[0, 0]
    rows, columns = np.nonzero((heat >= least) & (heat >= _highest_around(heat)))
    order = np.argsort(-heat[rows, columns], kind="stable")[:most]
    rows, columns = rows[order], columns[order]
    half_height, half_width = np.exp(np.minimum(maps.scale[0][:2, rows, columns], _LARGEST_LOG)) * (
        STRIDE / 2
    )
    off_y, off_x = maps.offset[0][:2, rows, columns]
    y, x = (rows + off_y + 0.5) * STRIDE, (columns + off_x + 0.5) * STRIDE
    score = np.minimum(heat[rows, columns], 1.0)
    found = np.stack([score, x - half_width, y - half_height, x + half_width, y + half_height], axis=1)
    return found.astype(np.float32)


def _highest_around(heat: Maps) -> Maps:
    """Return the highest of each cell and its eight neighbours."""
    for axis in (0, 1):
        padded = np.pad(heat, [(1, 1) if at == axis else (0, 0) for at in (0, 1)])
        length = heat.shape[axis]
        heat = np.maximum.reduce([padded.take(range(at, at + length), axis=axis) for at in range(3)])
    return heat
