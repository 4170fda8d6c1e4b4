"""A HEIC's planes, reduced as they are, make the picture that its full decode makes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from wearemany.darkroom import decode as decoding
from wearemany.darkroom import heif
from wearemany.darkroom.decode import decode
from wearemany.darkroom.intake import admit
from wearemany.darkroom.orders import Limits
from wearemany.errors import Refused

RED = (Path(__file__).parent / "red-srgb.heic").read_bytes()
LONG_PX = 32


def test_planes_make_the_picture_of_the_usual_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Within 2 of 255, and by the planes: a picture of four times the sides has been reduced before it was RGB."""
    answers = []

    def watched(*given: object, **named: object) -> Image.Image | None:
        answers.append(heif.reduced_planes(*given, **named))
        return answers[-1]

    monkeypatch.setattr(decoding, "reduced_planes", watched)
    by_planes = decode(admit(RED, Limits()), long_px=LONG_PX)
    assert isinstance(answers[0], Image.Image)
    monkeypatch.setattr(heif, "_HEIF", None)
    as_usual = decode(admit(RED, Limits()), long_px=LONG_PX)
    assert answers[1] is None
    assert np.abs(by_planes.pixels.astype(int) - as_usual.pixels).max() <= 2


def test_a_picture_that_is_hardly_larger_goes_the_usual_way() -> None:
    """Colour has half the sides: below twice the size it would have to be enlarged."""
    size = admit(RED, Limits()).size
    assert heif.reduced_planes(RED, size.within(size.long_px - 1), factor=1) is None


def test_a_heic_cut_short_is_said_to_be_damaged() -> None:
    """Wherever it is cut, also where its header is whole."""
    for share in (0.5, 0.8, 0.95):
        with pytest.raises(Refused) as refused:
            decode(admit(RED[: int(len(RED) * share)], Limits()), long_px=LONG_PX)
        assert refused.value.code == "photo-damaged"


@pytest.mark.parametrize("number", [2, 5, 6])
def test_the_usual_matrix_is_that_of_jpeg(number: int) -> None:
    """Full range, and what files name who name nothing: as Pillow turns a JPEG's planes to RGB."""
    planes = np.random.default_rng(number).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    ours = Image.fromarray(planes).convert("RGB", heif.matrix_named(number, is_full=True))
    theirs = Image.fromarray(planes, mode="YCbCr").convert("RGB")
    assert np.abs(np.asarray(ours).astype(int) - np.asarray(theirs)).max() <= 1


@pytest.mark.parametrize("number", [1, 2, 9])
@pytest.mark.parametrize(("is_full", "black", "white"), [(True, 0, 255), (False, 16, 235)])
def test_black_is_black_and_white_is_white(number: int, is_full: bool, black: int, white: int) -> None:
    """In each matrix and range; and what has no colour has none."""
    matrix = heif.matrix_named(number, is_full=is_full)
    for light, expected in ((black, 0), (white, 255)):
        pixel = Image.new("RGB", (1, 1), (light, 128, 128)).convert("RGB", matrix).getpixel((0, 0))
        assert pixel == (expected,) * 3


def test_a_matrix_that_cameras_do_not_name_is_not_guessed() -> None:
    """The planes of a picture that is stored as RGB mean something else."""
    assert heif.matrix_named(0, is_full=True) is None
