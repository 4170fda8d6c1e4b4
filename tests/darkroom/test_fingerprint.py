"""PDQ: near for the same picture, far for another one."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from wearemany.darkroom.decode import Picture
from wearemany.darkroom.fingerprint import distance, fingerprint

SAME = 31


def scene(seed: int) -> Picture:
    """Draw a smooth random scene."""
    coarse = np.random.default_rng(seed).integers(0, 255, (12, 9, 3), dtype=np.uint8)
    return Picture(np.asarray(Image.fromarray(coarse).resize((600, 800), Image.Resampling.BICUBIC)))


def test_encoding_and_size_change_little() -> None:
    """A strongly compressed or a half-size copy is the same picture."""
    picture = scene(1)
    buffer = io.BytesIO()
    picture.image().save(buffer, "JPEG", quality=30)
    again = Picture(np.asarray(Image.open(buffer)))
    half = Picture(np.asarray(picture.image().resize((300, 400))))
    original = fingerprint(picture).content
    assert distance(original, fingerprint(again).content) <= SAME
    assert distance(original, fingerprint(half).content) <= SAME


def test_other_pictures_are_far() -> None:
    """Unrelated pictures differ in about half of the bits."""
    hashes = [fingerprint(scene(seed)).content for seed in range(12)]
    apart = [distance(one, other) for at, one in enumerate(hashes) for other in hashes[:at]]
    assert min(apart) > 80


def test_a_flat_picture_says_that_it_cannot_be_compared() -> None:
    """Quality 0 for a plain wall, 32 bytes in any case."""
    flat = fingerprint(Picture(np.full((50, 700, 3), 130, np.uint8)))
    assert (len(flat.content), flat.quality) == (32, 0)
    assert fingerprint(scene(3)).quality >= 50
