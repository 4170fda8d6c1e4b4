"""The colour of the light, and the picture as it would look under neutral light: bounded, never heroic.

The light is guessed by a line fitted to street photos by day, as they are and with gains of known size laid on them.
Skin tells much of it, and tells it of dark and light skin alike: how light the skin is, beside the rest, is in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wearemany.darkroom.colour import Floats

# Typical log ratios of skin in linear light under neutral light: red over green, and blue over green.
SKIN_RED = 0.62
SKIN_BLUE = -0.38
LARGEST_CAST = 0.8
LARGEST_EXPOSURE = 6.0
_ODD_CAST = 1.1
"""Warm lamps are a cast of about 0.7, red stage light of 1.2 and more."""
_BRIGHT = 0.6
_NORM = 5.0
_DOUBT = 0.15
"""The guess is wrong by about so much in daylight: only what a cast has beyond it is taken out."""
_BY_FACE = np.array(
    [
        [-0.017, 0.609, -0.283, -0.074, 0.081, 0.374, 0.166, 0.007],
        [0.003, -0.289, 0.616, 0.133, -0.041, 0.143, 0.415, -0.021],
    ]
)
_BY_SCENE = np.array([[-0.028, 0.855, -0.147, 0.002, 0.097], [0.003, -0.216, 0.929, 0.166, 0.042]])
"""Log casts of red and of blue from: one; the brightest parts; the mean; for faces also skin, and how light it is."""


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
    bright = np.power(np.mean(np.power(linear, _NORM), axis=0), 1 / _NORM) + 1e-4
    seen = [1.0, *_ratios(bright), *_ratios(linear.mean(axis=0) + 1e-4)]
    if face is not None and len(face):
        skin = np.median(face, axis=0) + 1e-4
        red, blue = _ratios(skin)
        seen += [red - SKIN_RED, blue - SKIN_BLUE, 1.0 + float(np.log(skin[1] / bright[1]))]
    cast = (_BY_FACE if len(seen) > _BY_SCENE.shape[1] else _BY_SCENE) @ np.array(seen)
    size = float(np.hypot(*cast))
    cast = cast * max(0.0, 1.0 - _DOUBT / max(size, 1e-6))
    brightness = float(np.percentile(linear.max(axis=1), 97))
    exposure = _within(_BRIGHT / max(brightness, 1e-3), LARGEST_EXPOSURE) if brightness < _BRIGHT else 1.0
    red, blue = (exposure * float(np.exp(-_within(float(part), LARGEST_CAST))) for part in cast)
    return Light((red, exposure, blue), min(1.0, size / _ODD_CAST), min(1.0, brightness))


def _ratios(light: Floats) -> tuple[float, float]:
    """Return log red over green and log blue over green."""
    return float(np.log(light[0] / light[1])), float(np.log(light[2] / light[1]))


def _within(value: float, most: float) -> float:
    return max(-most, min(value, most))
