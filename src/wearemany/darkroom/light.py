"""The colour of the light, and the picture as it would look under neutral light: bounded, never heroic."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wearemany.darkroom.colour import Floats

# Typical log ratios of skin in linear light under neutral light: red over green, and blue over green. They differ
# far less between dark and light skin than lightness does.
SKIN_RED = 0.62
SKIN_BLUE = -0.38
SKIN_TOLERANCE = 0.22
LARGEST_GAIN = 0.75
_NORM = 5.0
_FACE_WEIGHT = 0.6


@dataclass(frozen=True)
class Light:
    """Gains for red, green and blue that make the light neutral, how odd it is, and how dark the picture was."""

    gains: tuple[float, float, float]
    oddness: float
    brightness: float


def read_light(linear: Floats, face: Floats | None) -> Light:
    """Estimate the light from the whole picture and, where there is one, from the skin of the face.

    `linear` and `face` are pixels in linear light of shape (n, 3).
    """
    mean = np.power(np.mean(np.power(linear, _NORM), axis=0), 1 / _NORM) + 1e-6
    red, blue = np.log(mean[0] / mean[1]), np.log(mean[2] / mean[1])
    if face is not None and len(face):
        middle = np.median(face, axis=0) + 1e-4
        skin_red = _beyond(np.log(middle[0] / middle[1]) - SKIN_RED)
        skin_blue = _beyond(np.log(middle[2] / middle[1]) - SKIN_BLUE)
        red = _FACE_WEIGHT * skin_red + (1 - _FACE_WEIGHT) * np.clip(red, -0.3, 0.3)
        blue = _FACE_WEIGHT * skin_blue + (1 - _FACE_WEIGHT) * np.clip(blue, -0.3, 0.3)
    oddness = min(1.0, float(max(abs(red), abs(blue)) / LARGEST_GAIN))
    red, blue = (float(np.clip(cast, -LARGEST_GAIN, LARGEST_GAIN)) for cast in (red, blue))
    return Light((float(np.exp(-red)), 1.0, float(np.exp(-blue))), oddness, float(np.median(linear)))


def _beyond(deviation: float) -> float:
    """Return the part of a deviation that is more than skins differ among themselves."""
    return float(np.sign(deviation) * max(0.0, abs(deviation) - SKIN_TOLERANCE))
