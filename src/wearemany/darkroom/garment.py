"""What the main person wears, measured: where the garment is, and which colours it has under corrected light.

A first reader without a network: the torso below the face, skin and background excluded. `segment` is where
a network will come in: given the working picture and the main face it returns, per pixel, the likelihood that
there is a garment; everything after it stays the same.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from wearemany.darkroom.colour import linear_of, memberships, to_oklab
from wearemany.darkroom.decode import Picture
from wearemany.darkroom.developed import FaceBox, GarmentReading
from wearemany.darkroom.light import read_light
from wearemany.darkroom.orders import COLOURS
from wearemany.darkroom.outline import outline_of
from wearemany.darkroom.torso import garment_likelihood

Mask = npt.NDArray[np.float64]
Segment = Callable[[Picture, FaceBox], Mask]

WORKING_PX = 224
# Fitted on street photos judged by eye. Half of the people call a garment red when a sixth of what is taken for
# garment is clearly red: the rest is folds, prints, open jackets and the mask's own mistakes. Before a wall of the
# same colour more is asked, because part of it may be wall.
_HALF_SAY_SO = 0.16
_MORE_BEFORE_THE_SAME = 0.14
_STEEPNESS = 22.0


def read_garment(
    picture: Picture, faces: tuple[FaceBox, ...], segment: Segment | None = None
) -> GarmentReading:
    """Measure the garment of the first face's person; `found` is false without a face or a garment."""
    if not faces:
        return GarmentReading(found=False)
    small, main = picture.within(WORKING_PX), faces[0]
    linear = linear_of(small.pixels)
    light = read_light(linear.reshape(-1, 3), _skin_of(linear, small, main))
    lab = to_oklab(linear * np.array(light.gains))
    mask = segment(small, main) if segment else garment_likelihood(lab, small.transform, main.box)
    weight = mask.reshape(-1)
    if weight.sum() < 12:
        return GarmentReading(found=False, light=light.oddness, brightness=light.brightness)
    terms = memberships(lab.reshape(-1, 3))
    shares = _weighted(terms, weight)
    clear = _weighted((terms > 0.5).astype(np.float64), weight)
    behind = _weighted(terms, 1.0 - weight)
    chances = _likelihoods((shares + clear) / 2, behind)
    return GarmentReading(
        found=True,
        garment_colour=COLOURS[int(np.argmax(shares))],
        shares=tuple(zip(COLOURS, map(float, shares), strict=True)),
        likelihoods=tuple(zip(COLOURS, map(float, chances), strict=True)),
        outline=outline_of(mask),
        seen=min(1.0, float(weight.sum()) / max(1.0, main.box.area * mask.size)),
        light=light.oddness,
        brightness=light.brightness,
    )


def _skin_of(linear: npt.NDArray[np.float64], small: Picture, face: FaceBox) -> npt.NDArray[np.float64]:
    """Return the pixels of cheeks and nose: the middle of the face box."""
    left, top, right, bottom = small.transform.pixels(face.box)
    width, height = right - left, bottom - top
    rows = slice(top + int(height * 0.35), max(top + int(height * 0.75), top + int(height * 0.35) + 1))
    columns = slice(left + int(width * 0.2), max(left + int(width * 0.8), left + int(width * 0.2) + 1))
    pixels: npt.NDArray[np.float64] = linear[rows, columns].reshape(-1, 3)
    return pixels


def _weighted(terms: Mask, weight: Mask) -> Mask:
    """Return the share of each term under a weight per pixel."""
    shares: Mask = (terms * weight[:, None]).sum(axis=0) / max(float(weight.sum()), 1e-9)
    return shares


def _likelihoods(shares: Mask, behind: Mask) -> Mask:
    """Return how likely a person calls the garment by each term, from its share on the garment and behind it."""
    half_say_so = _HALF_SAY_SO + _MORE_BEFORE_THE_SAME * behind
    chances: Mask = 1.0 / (1.0 + np.exp(-_STEEPNESS * (shares - half_say_so)))
    return chances
