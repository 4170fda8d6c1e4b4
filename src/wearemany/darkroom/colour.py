"""Colour as people name it: Oklab, and eleven basic terms with soft edges.

Oklab is Björn Ottosson's (2020); the terms are Berlin and Kay's. Each term is a few typical colours;
a colour belongs to a term by how near it lies to them, so that wine red is partly red and partly brown.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from wearemany.darkroom.orders import COLOURS

Floats = npt.NDArray[np.float64]

_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)

# Typical garment colours in sRGB, under neutral light: full, in shade, and washed out.
TYPICAL: dict[str, tuple[tuple[int, int, int], ...]] = {
    "red": ((200, 25, 35), (165, 20, 30), (225, 45, 50), (130, 14, 24), (185, 50, 52), (240, 60, 60), (95, 12, 18),
            (172, 66, 61), (232, 60, 30), (150, 35, 30)),
    "orange": ((240, 120, 20), (215, 95, 25), (250, 150, 70), (190, 80, 25), (245, 105, 35), (196, 118, 66)),
    "yellow": ((245, 210, 40), (225, 185, 30), (250, 230, 120), (200, 160, 40), (240, 225, 90), (176, 152, 84)),
    "green": ((40, 130, 60), (20, 80, 45), (110, 160, 80), (90, 110, 50), (120, 200, 150), (50, 65, 40),
              (0, 150, 130), (80, 112, 95), (87, 105, 87), (46, 63, 52), (134, 159, 145)),
    "blue": ((40, 80, 170), (25, 40, 90), (90, 140, 210), (37, 43, 64), (150, 190, 230), (85, 95, 115),
             (0, 130, 190), (111, 137, 166), (139, 170, 194)),
    "purple": ((110, 45, 140), (75, 30, 90), (150, 110, 190), (60, 30, 60), (130, 60, 120), (134, 61, 89),
               (159, 130, 156)),
    "pink": ((240, 130, 170), (250, 185, 205), (230, 80, 140), (225, 150, 160), (245, 200, 195), (215, 60, 110),
             (197, 101, 141), (198, 160, 162), (170, 10, 85), (190, 20, 105)),
    "brown": ((110, 65, 35), (75, 45, 28), (150, 100, 60), (168, 142, 116), (60, 35, 28), (140, 75, 50), (104, 83, 65),
              (138, 117, 97), (187, 176, 160), (75, 50, 42)),
    "black": ((10, 10, 10), (22, 22, 26), (37, 37, 42), (53, 53, 58), (66, 66, 71)),
    "white": ((250, 250, 250), (226, 234, 240), (240, 235, 222), (198, 199, 204)),
    "grey": ((128, 128, 128), (103, 105, 110), (160, 161, 166), (84, 84, 89), (145, 140, 136), (178, 180, 186)),
}  # fmt: skip
_SOFTNESS = 0.04
_EDGE = 0.15
# Lightness counts less than hue and strength: folds and shade change it most.
_WEIGHTS = np.array([0.45, 1.0, 1.0])
# Little strength tells more than the same step between strong colours: a loden coat is green, though it is near grey.
_FIRST_STEPS, _FIRST_STEPS_END = 0.03, 0.02


def to_linear(srgb: Floats) -> Floats:
    """Return linear light for sRGB values from 0 to 1."""
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


_LINEAR = to_linear(np.arange(256) / 255.0)


def linear_of(pixels: npt.NDArray[np.uint8]) -> Floats:
    """Return linear light for sRGB pixels of eight bits."""
    return _LINEAR[pixels]


def to_oklab(linear: Floats) -> Floats:
    """Return Oklab (lightness, a, b) for linear light; the last axis holds the channels."""
    lab: Floats = np.cbrt(np.maximum(linear, 0.0) @ _TO_LMS.T) @ _TO_LAB.T
    return lab


def _as_told_apart(lab: Floats) -> Floats:
    """Return Oklab colours as people tell terms apart: lightness counts less, the first steps away from grey more."""
    strength = np.hypot(lab[..., 1], lab[..., 2])
    more = 1.0 + _FIRST_STEPS * -np.expm1(-strength / _FIRST_STEPS_END) / np.maximum(strength, 1e-9)
    apart: Floats = lab * _WEIGHTS
    apart[..., 1:] *= more[..., None]
    return apart


def _prototypes() -> tuple[Floats, npt.NDArray[np.intp]]:
    colours = [(rgb, at) for at, term in enumerate(COLOURS) for rgb in TYPICAL[term]]
    linear = to_linear(np.array([rgb for rgb, _ in colours], dtype=np.float64) / 255.0)
    return _as_told_apart(to_oklab(linear)), np.array([at for _, at in colours])


def nearness(lab: Floats, picked: str, tolerance: float) -> Floats:
    """Return how much each colour is the picked one (#rrggbb): within the tolerance, with a soft edge. Shape (n,)."""
    srgb = np.array([int(picked[at : at + 2], 16) for at in (1, 3, 5)], dtype=np.float64) / 255.0
    apart = np.linalg.norm((lab - to_oklab(to_linear(srgb))) * _WEIGHTS, axis=-1)
    near: Floats = 1.0 / (1.0 + np.exp((apart - tolerance) / (_EDGE * tolerance)))
    return near


_PLACES, _TERMS = _prototypes()
_PLACES_32 = _PLACES.astype(np.float32)
_PLACES_SQUARED = (_PLACES_32**2).sum(axis=1)
_TERM_STARTS = np.searchsorted(_TERMS, np.arange(len(COLOURS)))


def memberships(lab: Floats) -> Floats:
    """Return how much each colour belongs to each of COLOURS: shape (n, 11), each row adds up to one.

    The squared distances come out of one matrix product, and only the nearest place of a term is ever
    needed: this is where a photo's time goes, so it is done in single precision.
    """
    weighted = _as_told_apart(lab).astype(np.float32)
    apart = _PLACES_SQUARED[:, None] - 2.0 * (_PLACES_32 @ weighted.T)
    nearest = np.stack([part.min(axis=0) for part in np.split(apart, _TERM_STARTS[1:])])
    belongs = np.exp((nearest.min(axis=0) - nearest) / np.float32(2 * _SOFTNESS**2))
    shares: Floats = (belongs / belongs.sum(axis=0)).T.astype(np.float64)
    return shares
