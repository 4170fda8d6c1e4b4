"""PDQ: near for the same picture, far for another one, and the reference implementation's very bits."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from wearemany.darkroom.decode import Picture
from wearemany.darkroom.fingerprint import fingerprint
from wearemany.darkroom.nearness import distance

SAME = 31
PHOTOS = Path(__file__).parents[2] / "../shared/photos/ccp/photos"
SIZES_PX = (512, 400, 333, 128, 64)

# Height, width, and what the reference implementation (pdqhash 0.2.8) says of the pictures that `ripples` draws.
REFERENCE = (
    (512, 384, "e1c6c386878e0f0e1e0e3e1e7c1ef03ee07e80fc01fc03fc1ff8ffe0ffc0c000", 100),
    (200, 301, "11aa15542a55d6b52d255b6d36c94c99911b66339c6371c7878e7c1ec0fc3ff0", 100),
    (64, 64, "a9310e3fcec0e443ca7f665362520b371234001798b784f70bb46dd76c937df5", 100),
    (65, 64, "f8a788e7f2c222c54eae260516834155b226364589a6c5b79a31adb7583b5dff", 100),
    (128, 129, "d4aaa5554a5592ab652adb5536954dab934a64d59b25664b99926665999b6666", 100),
    (40, 500, "4ad5b2a965aac9559ad52495c9aa335aee951125e6691d9a62759cc963139cee", 100),
)


def scene(seed: int) -> Picture:
    """Draw a smooth random scene."""
    coarse = np.random.default_rng(seed).integers(0, 255, (12, 9, 3), dtype=np.uint8)
    return Picture(np.asarray(Image.fromarray(coarse).resize((600, 800), Image.Resampling.BICUBIC)))


def test_encoding_and_size_change_little() -> None:
    """A strongly compressed or a half-size copy is the same picture."""
    picture = scene(1)
    buffer = io.BytesIO()
    picture.image.save(buffer, "JPEG", quality=30)
    again = Picture(np.asarray(Image.open(buffer)))
    half = Picture(np.asarray(picture.image.resize((300, 400))))
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


def ripples(seed: int, height: int, width: int) -> Picture:
    """Draw a picture of whole-number arithmetic alone, the same on every machine."""
    y, x = np.mgrid[0:height, 0:width]
    across, down, both = x * (seed * 7 + 3), y * (seed * 5 + 11), (x * y // (37 + seed)) % 199
    planes = [((across + x * c) % 251 + (down - y * c) % 241 + both) // 3 for c in range(3)]
    return Picture(np.stack(planes, axis=2).astype(np.uint8))


@pytest.mark.parametrize("seed", range(len(REFERENCE)))
def test_the_bits_are_those_of_the_reference(seed: int) -> None:
    """What others keep in lists can be compared with what we make."""
    height, width, bits, quality = REFERENCE[seed]
    made = fingerprint(ripples(seed, height, width))
    assert (made.content.hex(), made.quality) == (bits, quality)


def test_a_picture_too_small_to_compare_says_so() -> None:
    """Under five pixels there is nothing to hash."""
    tiny = fingerprint(Picture(np.full((4, 90, 3), 200, np.uint8)))
    assert (tiny.content, tiny.quality) == (bytes(32), 0)


@pytest.mark.long
def test_two_hundred_photos_have_the_bits_of_the_reference() -> None:
    """Every bit of every photo, at five sizes, beside the reference implementation itself."""
    reference = pytest.importorskip(
        "pdqhash", reason="the reference is not installed here: pip install pdqhash"
    )
    if not PHOTOS.is_dir():
        pytest.skip("the photos are not beside the project (../shared/photos/ccp)")
    wrong = []
    for number, path in enumerate(sorted(PHOTOS.iterdir())[:200]):
        picture = Picture(np.asarray(Image.open(path).convert("RGB"))).within(
            SIZES_PX[number % len(SIZES_PX)]
        )
        vector, quality = reference.compute(picture.pixels)
        made = fingerprint(picture)
        if (np.packbits(vector.astype(np.uint8)).tobytes(), quality) != (made.content, made.quality):
            wrong.append(path.name)
    assert wrong == []
