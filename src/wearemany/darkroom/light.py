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
LARGEST_CAST = 0.75
LARGEST_EXPOSURE = 6.0
_SCENE_SAYS_AT_MOST = 0.3
_BRIGHT = 0.6
_NORM = 5.0
_FACE_WEIGHT = 0.6


@dataclass(frozen=True)
class Light:
    """Gains for red, green and blue that make the light neutral and the picture bright enough, how odd the light
    is (0 to 1), and how bright the brightest parts were (0 to 1)."""

    gains: tuple[float, float, float]
    oddness: float
    brightness: float


def read_light(linear: Floats, face: Floats | None) -> Light:
    """Estimate the light from the whole picture and, where there is one, from the skin of the face.

    `linear` and `face` are pixels in linear light of shape (n, 3).
    """
    mean = np.power(np.mean(np.power(linear, _NORM), axis=0), 1 / _NORM) + 1e-6
    red, blue = (float(np.log(mean[at] / mean[1])) for at in (0, 2))
    odd_red, odd_blue = red, blue
    if face is not None and len(face):
        middle = np.median(face, axis=0) + 1e-4
        odd_red = _beyond(float(np.log(middle[0] / middle[1])) - SKIN_RED)
        odd_blue = _beyond(float(np.log(middle[2] / middle[1])) - SKIN_BLUE)
        red = _FACE_WEIGHT * odd_red + (1 - _FACE_WEIGHT) * _within(red, _SCENE_SAYS_AT_MOST)
        blue = _FACE_WEIGHT * odd_blue + (1 - _FACE_WEIGHT) * _within(blue, _SCENE_SAYS_AT_MOST)
    oddness = min(1.0, max(abs(odd_red), abs(odd_blue)) / LARGEST_CAST)
    brightness = float(np.percentile(linear.max(axis=1), 97))
    exposure = _within(_BRIGHT / max(brightness, 1e-3), LARGEST_EXPOSURE) if brightness < _BRIGHT else 1.0
    gains = tuple(exposure * float(np.exp(-_within(cast, LARGEST_CAST))) for cast in (red, 0.0, blue))
    return Light((gains[0], gains[1], gains[2]), oddness, min(1.0, brightness))


def _within(value: float, most: float) -> float:
    return max(-most, min(value, most))


def _beyond(deviation: float) -> float:
    """Return the part of a deviation that is more than skins differ among themselves."""
    return float(np.sign(deviation) * max(0.0, abs(deviation) - SKIN_TOLERANCE))
