"""Colours that a file declares without a profile: read what it says, and bring its colours to sRGB.

Phones that write AVIF or HEIC may say "P3" in four bytes of a colour box, a PNG in a chunk or two. Taken for sRGB,
every red would be paler than it was, and the colour is what a campaign asks for.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

from wearemany.darkroom.colour import Floats, to_linear

DISPLAY_P3 = 12
SRGB = 1
_SRGB_CURVE = 13
_BOX = b"colrnclx"
_CHUNK = b"\x00\x00\x00\x04cICP"
_P3_CHROMATICITY = (0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06)
_SAME_CHROMATICITY = 0.002
_SRGB_GAMMA = 0.45455
_SAME_GAMMA = 0.02
_GAMMAS = (0.1, 2.0)
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


def declared_in_png(upload: bytes, info: dict[str | tuple[int, int], Any]) -> tuple[int | None, float | None]:
    """Return the number of a PNG's primaries and its gamma, None each when it does not say or a profile does.

    `info` is what its reader found. In order of rank: a code (cICP), which takes the profile out of `info`; a profile;
    "this is sRGB"; gamma and chromaticities. A code with another curve than sRGB's, such as HDR's, is passed over.
    """
    at = upload.find(_CHUNK, 0, max(0, upload.find(b"IDAT"))) + len(_CHUNK)
    if at >= len(_CHUNK) and upload[at + 1] == _SRGB_CURVE and upload[at] in (SRGB, DISPLAY_P3):
        info.pop("icc_profile", None)
        return upload[at], None
    if info.get("icc_profile") or "srgb" in info:
        return None, None
    told = info.get("chromaticity") or (0.0,)
    is_p3 = max(abs(a - b) for a, b in zip(told, _P3_CHROMATICITY, strict=False)) <= _SAME_CHROMATICITY
    return DISPLAY_P3 if is_p3 else None, info.get("gamma")


def with_srgb_curve(image: Image.Image, gamma: float) -> Image.Image:
    """Return an RGB image whose values a PNG's gamma made of light, with sRGB's curve; nonsense is passed over."""
    if abs(gamma - _SRGB_GAMMA) <= _SAME_GAMMA or not _GAMMAS[0] <= gamma <= _GAMMAS[1]:
        return image
    light = (np.arange(256) / 255) ** (1 / gamma)
    return image.point(np.rint(255 * _encoded(light)).astype(int).tolist() * 3)


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
