"""Harder pictures for the colour bench, made of the photos' masks: truth holds by construction. Draws, scores nothing.

Each maker takes a selfie crop and its mask (or none) and returns the picture and what is true of it.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from wearemany.darkroom.colour import to_linear, to_oklab

Floats = np.ndarray
Random = np.random.Generator
SIDE_PX = (480, 640)
UPPER = (3, 4, 5)
_TO_LMS = np.linalg.inv(
    np.array(
        [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
         [0.0259040371, 0.7827717662, -0.8086757660]]
    )
)  # fmt: skip
_TO_RGB = np.linalg.inv(
    np.array(
        [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
         [0.0883024619, 0.2817188376, 0.6299787005]]
    )
)  # fmt: skip
# Typical clear cloth: Oklab lightness, strength, hue in degrees.
CLOTH: dict[str, tuple[float, float, float]] = {
    "red": (0.52, 0.20, 26),
    "orange": (0.70, 0.17, 56),
    "yellow": (0.86, 0.16, 96),
    "green": (0.52, 0.13, 147),
    "blue": (0.45, 0.14, 260),
    "purple": (0.42, 0.15, 308),
    "pink": (0.75, 0.13, 356),
    "brown": (0.40, 0.06, 55),
    "black": (0.18, 0.005, 0),
    "white": (0.93, 0.005, 90),
    "grey": (0.60, 0.005, 250),
}


@dataclass(frozen=True)
class Sample:
    """A selfie crop of 480 x 640 with values from 0 to 1, and the class of every pixel."""

    name: str
    pixels: Floats
    classes: Floats

    def is_one_of(self, *classes: int) -> Floats:
        """Return where the mask has one of these classes."""
        return np.isin(self.classes, classes)


def to_srgb(linear: Floats) -> Floats:
    """Return sRGB values, cut off at what a screen can show."""
    linear = np.clip(linear, 0, 1)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def recoloured(sample: Sample, where: Floats, colour: str, random: Random) -> Floats:
    """Give cloth another colour; folds, shade and texture stay."""
    lab = to_oklab(to_linear(sample.pixels))
    level, strength, hue = CLOTH[colour]
    hue += random.normal(0, 3.0)
    own = lab[..., 0]
    light = np.clip(level + random.normal(0, 0.03) + 0.7 * (own - np.median(own[where])), 0.06, 0.97)
    strong = strength * np.clip(1 - np.abs(light - level) * 1.2, 0.25, 1)
    new = np.stack([light, strong * np.cos(np.deg2rad(hue)), strong * np.sin(np.deg2rad(hue))], axis=-1)
    return _laid(sample.pixels, to_srgb((new @ _TO_LMS.T) ** 3 @ _TO_RGB.T), where)


def backed(sample: Sample, kind: str, random: Random) -> Floats:
    """Put a red wall, vehicle or banner behind the person."""
    height, width = sample.classes.shape
    y, x = np.mgrid[0:height, 0:width]
    base = np.array([[0.75, 0.08, 0.10], [0.62, 0.05, 0.08], [0.80, 0.16, 0.10], [0.55, 0.12, 0.12]])[
        random.integers(4)
    ]
    shade = 1 - 0.3 * np.hypot(
        (x - random.uniform(0, width)) / width, (y - random.uniform(0, height)) / height
    )
    back = base * shade[..., None] + random.normal(0, 0.015, (height, width, 3))
    where = sample.classes == 0
    if kind == "wall":
        joints = ((y % 40) < 3) | (((x + 40 * ((y // 40) % 2)) % 80) < 3)
        back = np.where(joints[..., None], back * 0.4 + 0.35, back)
    elif kind == "vehicle":
        where = where & (y > height * random.uniform(0.2, 0.45))
        glass = (np.abs((x % 200) - 100) < 70) & (y < height * 0.6)
        back = np.where(glass[..., None], 0.18, back)
    else:
        top = random.uniform(0.1, 0.5) * height
        where = where & (y > top) & (y < top + 0.45 * height)
        letters = ((x // 14) % 3 == 0) & (np.abs(y - top - 0.2 * height) < 30)
        back = np.where(letters[..., None], 0.95, back)
    return _laid(sample.pixels, np.clip(back, 0, 1), where)


def patterned(sample: Sample, kind: str, random: Random) -> Floats:
    """Make the upper garment red with white, as stripes, plaid or prints."""
    where = sample.is_one_of(*UPPER)
    red, white = (recoloured(sample, where, colour, random) for colour in ("red", "white"))
    y, x = np.mgrid[0 : where.shape[0], 0 : where.shape[1]]
    every = random.uniform(24, 60)
    plain = (y / every) % 1 < 0.5
    if kind == "plaid":
        plain = plain ^ ((x / every) % 1 < 0.5)
    elif kind == "print":
        plain = ((y / every) % 1 - 0.5) ** 2 + ((x / every) % 1 - 0.5) ** 2 > 0.09
    return np.where(plain[..., None], red, white)


def _linear(make: Callable[[Floats, Random], Floats]) -> Callable[[Floats, Random], Floats]:
    """Lift a change of linear light to one of pixels, with a sensor's noise, cut off where a sensor is full."""

    def changed(pixels: Floats, random: Random) -> Floats:
        light = make(to_linear(pixels), random)
        light = light + random.normal(0, 1, light.shape) * np.sqrt(np.maximum(light, 0) * 0.0004 + 0.00002)
        return to_srgb(light)

    return changed


def _mixed(light: Floats, random: Random) -> Floats:
    across = (
        np.linspace(0, 1, light.shape[1])[None, :, None]
        if random.random() < 0.5
        else np.linspace(0, 1, light.shape[0])[:, None, None]
    )
    return light * (np.array([1.35, 0.95, 0.5]) * across + np.array([0.7, 0.95, 1.3]) * (1 - across))


LIGHTS: dict[str, Callable[[Floats, Random], Floats]] = {
    "warm": _linear(lambda light, random: light * np.array([1.3, 0.92, 0.5]) * random.uniform(0.8, 1.3)),
    "cold": _linear(lambda light, random: light * np.array([0.68, 0.95, 1.4]) * random.uniform(0.8, 1.2)),
    "dim": _linear(lambda light, random: light * random.uniform(0.06, 0.15)),
    "over": _linear(lambda light, random: light * random.uniform(1.8, 2.8)),
    "mixed": _linear(_mixed),
    "greenish": _linear(lambda light, random: light * np.array([0.8, 1.15, 0.75])),
}


def _through_jpeg(pixels: Floats, random: Random) -> Floats:
    small = Image.fromarray((pixels * 255 + 0.5).astype(np.uint8)).resize((240, 320))
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=35)
    return np.asarray(Image.open(buffer).convert("RGB").resize(SIDE_PX), np.float64) / 255


def _blurred(pixels: Floats, random: Random) -> Floats:
    image = Image.fromarray((pixels * 255 + 0.5).astype(np.uint8)).filter(ImageFilter.BoxBlur((9, 1)))
    return np.asarray(image, np.float64) / 255


def _tilted(pixels: Floats, random: Random) -> Floats:
    image = Image.fromarray((pixels[:, ::-1] * 255 + 0.5).astype(np.uint8))
    return (
        np.asarray(image.rotate(random.choice([-15, -10, 10, 15]), fillcolor=(128, 128, 128)), np.float64)
        / 255
    )


CAMERAS: dict[str, Callable[[Floats, Random], Floats]] = {
    "small and compressed": _through_jpeg,
    "moved": _blurred,
    "mirrored and tilted": _tilted,
}


def _laid(under: Floats, over: Floats, where: Floats) -> Floats:
    """Lay one picture over another where told, with soft edges."""
    soft = Image.fromarray((where * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(1.2))
    share = np.asarray(soft, np.float64)[..., None] / 255
    return under * (1 - share) + over * share
