"""What the colour check is compared with: colour rules that need no network. Each gives a score for red from 0 to 1."""

from __future__ import annotations

import numpy as np
from PIL import Image

from wearemany.darkroom.colour import linear_of, to_oklab
from wearemany.darkroom.decode import Picture
from wearemany.darkroom.developed import FaceBox

Pixels = np.ndarray
# A share of red of a third or more reads as red: chosen by hand, fitted to nothing.
_FULL_SHARE = 1 / 3
REDDISH_FROM, REDDISH_TO = 330, 20


def whole_picture_hsv(picture: Picture, faces: tuple[FaceBox, ...]) -> float:
    """Count red pixels of the whole picture."""
    return _score(_is_red_hsv(np.asarray(picture.image.resize((120, 160)))).mean())


def torso_hsv(picture: Picture, faces: tuple[FaceBox, ...]) -> float:
    """Count red pixels of a box below the face."""
    return _score(_is_red_hsv(_torso(picture, faces)).mean())


def torso_oklab(picture: Picture, faces: tuple[FaceBox, ...]) -> float:
    """Count pixels of a box below the face whose Oklab hue and strength are red's."""
    lab = to_oklab(linear_of(_torso(picture, faces)))
    hue = np.rad2deg(np.arctan2(lab[..., 2], lab[..., 1]))
    strength = np.hypot(lab[..., 1], lab[..., 2])
    return _score(float(((hue > 8) & (hue < 42) & (strength > 0.11)).mean()))


def _score(share: float) -> float:
    return min(1.0, float(share) / _FULL_SHARE * 0.5)


def _torso(picture: Picture, faces: tuple[FaceBox, ...]) -> Pixels:
    """Return a box two faces wide from one face below the chin to two and a half; the lower middle without a face."""
    height, width = picture.pixels.shape[:2]
    if not faces:
        return np.asarray(
            picture.image.crop((width // 4, height // 2, width * 3 // 4, height)).resize((64, 64))
        )
    box = faces[0].box
    high, middle = box.height * height, box.centre[0] * width
    top = min(box.bottom * height + 0.6 * high, height - 8)
    edges = (max(0, middle - high * 0.8), top, min(width, middle + high * 0.8), min(height, top + 1.8 * high))
    return np.asarray(Image.fromarray(picture.pixels).crop(tuple(int(e) for e in edges)).resize((64, 64)))


def _is_red_hsv(pixels: Pixels) -> Pixels:
    hsv = np.asarray(Image.fromarray(pixels).convert("HSV")).astype(float)
    hue, strength, value = hsv[..., 0] * 360 / 255, hsv[..., 1] / 255, hsv[..., 2] / 255
    return ((hue > REDDISH_FROM) | (hue < REDDISH_TO)) & (strength > 0.45) & (value > 0.2)
