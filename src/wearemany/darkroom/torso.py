"""Where the garment is, without a network: places that usually show one, corrected by the picture's own colours.

Every place around a face has a usual share of garment, skin, hair and ground. The picture's colours are put into
a few groups; a group that mostly lies where the ground is usual is ground everywhere, one that mostly lies on
the torso is garment up to the sleeves. So a red wall stays a wall, and skin stays skin, whatever their colour.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from wearemany.darkroom.colour import Floats
from wearemany.darkroom.geometry import Box, Transform
from wearemany.darkroom.places import CLASSES, likely_places

GROUPS = 16
_ROUNDS_OF_GROUPS = 6
_ROUNDS_OF_CLASSES = 4
_LIGHTNESS_WEIGHT = 0.6
_SMOOTHING_PX = 2


def garment_likelihood(lab: Floats, transform: Transform, face: Box) -> Floats:
    """Return per pixel (height, width) how likely it shows the garment of the person with this face, 0 to 1."""
    height, width = lab.shape[:2]
    x = ((np.arange(width) + 0.5) / width - face.centre[0]) / face.width
    y = ((np.arange(height) + 0.5) / height - face.top) / face.height
    x_faces, y_faces = np.meshgrid(x, y)
    usual = likely_places(x_faces, y_faces).reshape(len(CLASSES), -1)
    groups = _grouped(lab.reshape(-1, 3) * np.array([_LIGHTNESS_WEIGHT, 1.0, 1.0]))
    likely = usual
    for _ in range(_ROUNDS_OF_CLASSES):
        colours = np.stack([np.bincount(groups, weights=row, minlength=GROUPS) for row in likely])
        colours = (colours + 1.0) / (colours.sum(axis=1, keepdims=True) + GROUPS)
        likely = usual * colours[:, groups]
        likely = likely / likely.sum(axis=0, keepdims=True)
    return _smoothed(likely[CLASSES.index("garment")].reshape(height, width))


def _grouped(colours: Floats) -> npt.NDArray[np.intp]:
    """Put colours into GROUPS groups of similar ones; the same colours always give the same groups."""
    order = np.argsort(colours @ np.array([1.0, 1.7, 0.6]), kind="stable")
    middles = colours[order[np.linspace(0, len(order) - 1, GROUPS).astype(int)]]
    sample = colours[:: max(1, len(colours) // 6000)]
    for _ in range(_ROUNDS_OF_GROUPS):
        nearest = _nearest(sample, middles)
        counts = np.bincount(nearest, minlength=GROUPS)
        sums = np.stack(
            [np.bincount(nearest, weights=sample[:, at], minlength=GROUPS) for at in range(3)], axis=1
        )
        middles = np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], middles)
    return _nearest(colours, middles)


def _nearest(colours: Floats, middles: Floats) -> npt.NDArray[np.intp]:
    apart = (middles**2).sum(axis=1)[None, :] - 2 * colours @ middles.T
    return np.asarray(apart.argmin(axis=1))


def _smoothed(mask: Floats) -> Floats:
    """Average over a small window: single pixels of another colour belong to what surrounds them."""
    for axis in (0, 1):
        length = mask.shape[axis]
        sums = np.cumsum(np.moveaxis(mask, axis, 0), axis=0)
        sums = np.concatenate([np.zeros_like(sums[:1]), sums])
        last = np.minimum(np.arange(length) + _SMOOTHING_PX + 1, length)
        first = np.maximum(np.arange(length) - _SMOOTHING_PX, 0)
        mask = np.moveaxis((sums[last] - sums[first]) / (last - first)[:, None], 0, axis)
    return mask
