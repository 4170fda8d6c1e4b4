"""Primaries that a file declares by number, without a profile: read them, and bring Display P3's colours to sRGB.

Phones that write AVIF or HEIC may say "P3" in four bytes of a colour box. Taken for sRGB, every red would be paler
than it was, and the colour is what a campaign asks for.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from PIL import Image, ImageFilter

from wearemany.darkroom.colour import Floats, to_linear

DISPLAY_P3 = 12
_BOX = b"colrnclx"
_HEADER_BYTES = 64_000
_STEPS = 33
_TO_SRGB = np.array(
    [
        [1.22494018, -0.22494018, 0.0],
        [-0.04205695, 1.04205695, 0.0],
        [-0.01963755, -0.07863605, 1.09827360],
    ]
)


def declared_primaries(upload: bytes) -> int | None:
    """Return the number of the primaries in the first colour box of an AVIF or HEIF; None when there is none."""
    at = upload.find(_BOX, 0, _HEADER_BYTES)
    return int.from_bytes(upload[at + len(_BOX) : at + len(_BOX) + 2], "big") if at >= 0 else None


def in_srgb_from_p3(image: Image.Image) -> Image.Image:
    """Return an RGB image of Display P3 values as sRGB; what sRGB does not reach comes to its edge."""
    return image.filter(_table())


@cache
def _table() -> ImageFilter.Color3DLUT:
    steps = np.linspace(0.0, 1.0, _STEPS)
    blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")
    linear = to_linear(np.stack([red, green, blue], axis=-1)) @ _TO_SRGB.T
    return ImageFilter.Color3DLUT(_STEPS, _encoded(np.clip(linear, 0.0, 1.0)).reshape(-1).tolist())


def _encoded(linear: Floats) -> Floats:
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
