"""The whole pipeline on drawn people."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from tests.darkroom.conftest import encoded, person
from wearemany.darkroom.cover import TINTS
from wearemany.darkroom.develop import Eyes, cover_more, develop
from wearemany.darkroom.developed import Developed
from wearemany.darkroom.geometry import Box
from wearemany.darkroom.nearness import distance
from wearemany.darkroom.orders import COLOURS, PRESS_PX, CallSpec, DevelopOrder
from wearemany.errors import Refused


def pixels_of(developed: Developed, name: str = "main") -> np.ndarray:
    """Decode a rendition."""
    return np.asarray(Image.open(io.BytesIO(developed.rendition(name, format="webp").content)).convert("RGB"))


def test_a_person_in_red_is_accepted_and_told_so(eyes: Eyes) -> None:
    """A red shirt before a grey wall is accepted for red, with the garment's colour and outline."""
    developed = develop(encoded(person()), DevelopOrder(), eyes)
    assert developed.verdict is not None and developed.reading is not None
    assert developed.verdict.kind == "accept" and "wears-the-colour" in developed.verdict.reasons
    assert developed.reading.garment_colour == "red"
    assert all(
        0.0 <= part <= 1.0 for polygon in developed.reading.outline for point in polygon for part in point
    )
    assert developed.reading.outline


def test_a_red_wall_is_not_a_red_shirt(eyes: Eyes) -> None:
    """A blue shirt before a red wall is not accepted for red."""
    developed = develop(encoded(person(shirt=(40, 70, 150), wall=(190, 30, 40))), DevelopOrder(), eyes)
    assert developed.verdict is not None
    assert developed.verdict.kind != "accept"


@pytest.mark.parametrize("colour", COLOURS)
def test_each_basic_colour_is_recognised_by_its_own_tint(colour: str, eyes: Eyes) -> None:
    """A shirt in the tint of each colour reads as that colour."""
    wall = (120, 150, 120) if colour in ("grey", "white") else (170, 175, 180)
    developed = develop(encoded(person(shirt=TINTS[colour][0], wall=wall)), DevelopOrder(), eyes)
    assert developed.reading is not None
    assert developed.reading.garment_colour == colour


def test_without_a_face_a_person_looks(eyes: Eyes) -> None:
    """No face means refer, never refuse: the machine has nothing to start from."""
    developed = develop(encoded(np.full((480, 360, 3), (190, 30, 40), np.uint8)), DevelopOrder(), eyes)
    assert developed.verdict is not None
    assert (developed.verdict.kind, developed.verdict.reasons) == ("refer", ("no-face",))
    assert "no-face" in developed.advice


@pytest.mark.threat("E")
def test_a_covered_face_is_gone_from_everything_that_is_kept(eyes: Eyes) -> None:
    """The mark in the face stands in no rendition; neither size nor crop brings it back."""
    developed = develop(encoded(person()), DevelopOrder(cover="everybody"), eyes)
    assert [face.covered for face in developed.faces] == [True]
    for name in ("main", "640", "160"):
        red, green, blue = pixels_of(developed, name).astype(int).transpose(2, 0, 1)
        assert not ((red > 180) & (green < 110) & (blue > 180)).any()


@pytest.mark.threat("E")
def test_covers_do_not_depend_on_the_face_beneath(eyes: Eyes) -> None:
    """Two different faces at the same place end as the same pixels under the cover."""
    dark = person()
    light = dark.copy()
    face = (slice(120, 170), slice(200, 280))
    light[face] = np.where((light[face] == (255, 0, 255)).all(axis=2, keepdims=True), light[face], 250)
    one, other = (pixels_of(develop(encoded(p), DevelopOrder(), eyes)) for p in (dark, light))
    assert np.abs(one[130:200, 210:270].astype(int) - other[130:200, 210:270]).max() <= 8


def test_nobody_covered_shows_the_face_and_others_spares_the_author(eyes: Eyes) -> None:
    """With one face, `others` and `nobody` leave it to be seen."""
    for cover in ("others", "nobody"):
        developed = develop(encoded(person()), DevelopOrder(cover=cover), eyes)
        assert [face.covered for face in developed.faces] == [False]


def test_drawn_boxes_are_covered_whatever_the_choice(eyes: Eyes) -> None:
    """A drawn box is covered to its corners even when nobody's face is."""
    drawn = Box(0.1, 0.7, 0.3, 0.9)
    before = pixels_of(develop(encoded(person(wall=(0, 250, 0))), DevelopOrder(cover="nobody"), eyes))
    order = DevelopOrder(spec=CallSpec(colour="blue"), cover="nobody", drawn=(drawn,))
    after = pixels_of(develop(encoded(person(wall=(0, 250, 0))), order, eyes))
    height, width = before.shape[:2]
    inside = (slice(int(0.72 * height), int(0.88 * height)), slice(int(0.12 * width), int(0.28 * width)))
    assert (np.abs(before[inside].astype(int) - after[inside]).max(axis=2) > 20).all()


def test_cover_more_adds_covers_and_judges_nothing(eyes: Eyes) -> None:
    """A second pass over the main rendition covers the drawn box and carries no verdict."""
    first = develop(encoded(person()), DevelopOrder(), eyes)
    order = DevelopOrder(drawn=(Box(0.3, 0.7, 0.6, 0.95),))
    second = cover_more(first.rendition("main", format="webp").content, order)
    assert second.verdict is None and second.reading is None
    assert (second.width_px, second.height_px) == (first.width_px, first.height_px)
    assert distance(first.fingerprint.content, second.fingerprint.content) > 0
    assert second.renditions[0].sha256 != first.renditions[0].sha256


@pytest.mark.threat("E")
def test_a_face_that_was_shown_can_be_covered_later(eyes: Eyes) -> None:
    """From the stored picture alone, where the face was found then: nothing of it is left at any smaller size."""
    shown = develop(encoded(person()), DevelopOrder(cover="nobody"), eyes)
    (face,) = shown.faces
    main = shown.rendition("main", format="webp").content
    assert _marks(shown, "main"), "the mark in the face is there to be seen"
    order = DevelopOrder(cover="everybody", heads=(face.box,), main_px=640)
    covered = cover_more(main, DevelopOrder.from_json(order.to_json()))
    assert not any(_marks(covered, name) for name in ("main", "640", "160"))
    assert max(covered.width_px, covered.height_px) <= 640


def _marks(developed: Developed, name: str) -> bool:
    """Tell whether the mark of the drawn person's face can be made out."""
    red, green, blue = pixels_of(developed, name).astype(int).transpose(2, 0, 1)
    return bool(((red > 180) & (green < 110) & (blue > 180)).any())


def test_developing_twice_gives_the_same(eyes: Eyes) -> None:
    """Same bytes, same order, same photo to the last byte."""
    assert develop(encoded(person()), DevelopOrder(), eyes) == develop(
        encoded(person()), DevelopOrder(), eyes
    )


def test_renditions_are_as_large_as_asked_and_never_enlarged(eyes: Eyes) -> None:
    """A 640 px picture keeps 640 px; a large one is brought to the main size."""
    small = develop(encoded(person(height=640)), DevelopOrder(), eyes)
    assert {(r.name, max(r.width_px, r.height_px)) for r in small.renditions} == {
        ("main", 640),
        ("640", 640),
        ("160", 160),
    }
    large = develop(encoded(person(height=2000), "JPEG"), DevelopOrder(main_px=1280), eyes)
    assert (large.width_px, large.height_px) == (960, 1280)


def test_everything_travels_as_json_and_bytes(eyes: Eyes) -> None:
    """What the child sends is what the parent reads."""
    developed = develop(encoded(person()), DevelopOrder(), eyes)
    read = Developed.from_json(developed.to_json(), blobs=developed.blobs())
    assert read.to_json() == developed.to_json()
    assert read.blobs() == developed.blobs()
    order = DevelopOrder(
        spec=CallSpec(colour="blue", garments="top"), drawn=(Box(0.1, 0.2, 0.3, 0.4),), main_px=640
    )
    assert DevelopOrder.from_json(order.to_json()) == order


def test_the_crop_keeps_head_and_garment(eyes: Eyes) -> None:
    """The 4:5 crop contains the face and reaches into the garment."""
    wide = np.concatenate(
        [np.full((640, 500, 3), 150, np.uint8), person(), np.full((640, 200, 3), 150, np.uint8)], axis=1
    )
    developed = develop(encoded(wide), DevelopOrder(), eyes)
    crop, face = developed.crop, developed.faces[0].box
    assert crop.covers(face) > 0.999
    ratio = crop.width * developed.width_px / (crop.height * developed.height_px)
    assert abs(ratio - 0.8) < 0.01


def test_orders_that_make_no_sense_are_errors() -> None:
    """A colour, a threshold or a size outside the contract never reaches a child."""
    for wrong in ({"colour": "teal"}, {"accept": 0.2, "refer": 0.4}):
        with pytest.raises(ValueError):
            replace(CallSpec(), **wrong)
    with pytest.raises(ValueError):
        DevelopOrder(main_px=100_000)


def test_an_upload_over_the_byte_limit_is_refused_with_the_limit(eyes: Eyes) -> None:
    """The sentence says how large a photo may be."""
    with pytest.raises(Refused) as refused:
        develop(b"\xff\xd8\xff" + bytes(25_000_001), DevelopOrder(), eyes)
    assert refused.value.code == "upload-too-large" and "25 MB" in str(refused.value)


def test_a_copy_for_newspapers_is_larger_covered_and_clean(eyes: Eyes) -> None:
    """One JPEG beside the six files: as long as asked, with the same covers, and nothing but pixels and a frame."""
    exif = Image.Exif()
    exif[0x010F] = "A camera that gives its owner away"
    upload = encoded(person(height=4000), "JPEG", quality=92, exif=exif)
    order = DevelopOrder(press_px=PRESS_PX, drawn=(Box(0.1, 0.7, 0.3, 0.9),))
    developed = develop(upload, order, eyes)
    press = developed.rendition("press", format="jpeg")
    assert len(developed.renditions) == 7 and (press.width_px, press.height_px) == (2400, 3200)
    assert (developed.width_px, developed.height_px) == (1200, 1600)
    image = Image.open(io.BytesIO(press.content))
    assert not image.getexif() and set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert b"camera" not in press.content
    large, public = np.asarray(image.convert("RGB")), pixels_of(developed)
    red, green, blue = large.astype(int).transpose(2, 0, 1)
    assert not ((red > 180) & (green < 110) & (blue > 180)).any(), "the face is seen"
    small = np.asarray(image.convert("RGB").resize((1200, 1600), Image.Resampling.LANCZOS))
    assert np.abs(small.astype(int) - public).mean() < 4, "the same picture under the same covers"


def test_a_copy_for_newspapers_is_never_enlarged_and_only_made_when_asked(eyes: Eyes) -> None:
    """A small picture keeps its size; an order that does not ask gets six files."""
    press = develop(encoded(person()), DevelopOrder(press_px=PRESS_PX), eyes).rendition(
        "press", format="jpeg"
    )
    assert (press.width_px, press.height_px) == (480, 640)
    with pytest.raises(KeyError):
        develop(encoded(person()), DevelopOrder(), eyes).rendition("press", format="jpeg")


def test_more_cover_is_laid_on_the_copy_for_newspapers_too(eyes: Eyes) -> None:
    """Made anew from the largest copy, all seven are covered where it was drawn."""
    first = develop(encoded(person(height=3000)), DevelopOrder(press_px=PRESS_PX), eyes)
    drawn = Box(0.1, 0.1, 0.3, 0.3)
    again = cover_more(
        first.rendition("press", format="jpeg").content, DevelopOrder(press_px=PRESS_PX, drawn=(drawn,))
    )
    assert len(again.renditions) == 7
    for rendition in again.renditions:
        image = Image.open(io.BytesIO(rendition.content)).convert("RGB")
        inside = image.getpixel((image.width // 5, image.height // 5))
        assert np.abs(np.array(inside) - (170, 175, 180)).max() > 40, rendition.name
    assert again.rendition("press", format="jpeg").height_px == 3000
