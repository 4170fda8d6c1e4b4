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
LARGEST_EXPOSURE = 12.0
_ODD_CAST = 1.1
"""Warm lamps are a cast of about 0.7, red stage light of 1.2 and more."""
_BRIGHT = 0.6
_NORM = 5.0
_DOUBT_WARM, _DOUBT_COLD = 0.3, 0.2
"""The guess is wrong by up to so much: of a cast no larger nothing is taken out, of one much larger nearly all.
Brick, wood, gold and deep skin are warm under any light; where all is cold, it is the light more often."""
_BY_FACE = np.array(
    [
        [-0.032, 0.526, -0.217, 0.067, 0.090, 0.303, 0.108, -0.016],
        [0.008, -0.271, 0.644, 0.193, -0.061, 0.106, 0.404, -0.006],
    ]
)
_BY_SCENE = np.array([[-0.042, 0.541, -0.202, 0.302, 0.174], [0.026, -0.241, 0.915, 0.254, 0.054]])
"""Log casts of red and of blue from: one; the brightest parts; the mean; for faces also skin, and how light it is."""


@dataclass(frozen=True)
class Light:
    """Gains for red, green and blue that make the light neutral and the picture bright enough, how odd the light
    is (0 to 1), and how bright the brightest parts were (0 to 1)."""

    gains: tuple[float, float, float]
    oddness: float
    brightness: float


def read_light(linear: Floats, around: Floats, face: Floats | None) -> Light:
    """Estimate the light: how bright, from the whole picture; its cast, from around the garment and the face's skin.

    All are pixels in linear light, shape (n, 3). The garment's own tell nothing: an orange coat is not a warm lamp.
    """
    bright = np.power(np.mean(np.power(around, _NORM), axis=0), 1 / _NORM) + 1e-4
    seen = [1.0, *_ratios(bright), *_ratios(around.mean(axis=0) + 1e-4)]
    if face is not None and len(face):
        skin = np.median(face, axis=0) + 1e-4
        red, blue = _ratios(skin)
        seen += [red - SKIN_RED, blue - SKIN_BLUE, 1.0 + float(np.log(skin[1] / bright[1]))]
    cast = (_BY_FACE if len(seen) > _BY_SCENE.shape[1] else _BY_SCENE) @ np.array(seen)
    size = float(np.hypot(*cast))
    doubt = _DOUBT_WARM if cast[0] > cast[1] else _DOUBT_COLD
    cast = cast * max(0.0, 1.0 - (doubt / max(size, 1e-6)) ** 2)
    brightness = float(np.percentile(linear.max(axis=1), 97))
    exposure = _within(_BRIGHT / max(brightness, 1e-3), LARGEST_EXPOSURE) if brightness < _BRIGHT else 1.0
    red, blue = (exposure * float(np.exp(-_within(float(part), LARGEST_CAST))) for part in cast)
    return Light((red, exposure, blue), min(1.0, size / _ODD_CAST), min(1.0, brightness))


def _ratios(light: Floats) -> tuple[float, float]:
    """Return log red over green and log blue over green."""
    return float(np.log(light[0] / light[1])), float(np.log(light[2] / light[1]))


def _within(value: float, most: float) -> float:
    return max(-most, min(value, most))
