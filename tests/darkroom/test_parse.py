"""Frames, and what a parse makes of a person: pure parts with a network of arithmetic, then the real weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from wearemany.adapters.inference import PARSER_MODEL, model_digest, parser_network
from wearemany.darkroom.decode import Picture
from wearemany.darkroom.developed import FaceBox, GarmentReading
from wearemany.darkroom.garment import read_garment
from wearemany.darkroom.geometry import Box
from wearemany.darkroom.orders import CallSpec, Garments
from wearemany.darkroom.parse import (
    CELL_PX,
    CLASSES,
    HEIGHT_PX,
    NOTHING,
    WIDTH_PX,
    Planes,
    frame_around,
    frame_below,
    parse,
)
from wearemany.darkroom.verdict import judge
from wearemany.errors import Broken

# What the network of arithmetic takes a colour for; a colour that is not here is background.
SEEN = {
    (200, 150, 125): "skin",
    (200, 25, 35): "top",
    (201, 25, 35): "outerwear",
    (202, 25, 35): "lower body",
    (203, 25, 35): "other",
    (40, 80, 170): "top",
    (22, 22, 26): "outerwear",
    (60, 62, 66): "lower body",
}
WALL, SKIN, RED_TOP, RED_SKIRT, RED_BAG = (
    (170, 175, 180),
    (200, 150, 125),
    (200, 25, 35),
    (202, 25, 35),
    (203, 25, 35),
)
BLUE_TOP, BLACK_COAT, GREY_TROUSERS = (40, 80, 170), (22, 22, 26), (60, 62, 66)


def network_of_colours(planes: Planes) -> Planes:
    """Be sure of every cell, by its colour alone."""
    half = CELL_PX // 2
    pixels = np.rint(planes[0, :, half::CELL_PX, half::CELL_PX] * 255).astype(int)
    chances = np.zeros((1, len(CLASSES), HEIGHT_PX // CELL_PX, WIDTH_PX // CELL_PX), np.float32)
    chances[0, 0] = 1.0
    for colour, name in SEEN.items():
        is_it = (pixels == np.array(colour)[:, None, None]).all(axis=0)
        chances[0, 0][is_it], chances[0, CLASSES.index(name)][is_it] = 0.0, 1.0
    return chances


def standing(
    *,
    top: tuple[int, int, int] = BLUE_TOP,
    coat: tuple[int, int, int] | None = None,
    lower: tuple[int, int, int] = GREY_TROUSERS,
    bag: bool = False,
    wall: tuple[int, int, int] = WALL,
) -> tuple[Picture, FaceBox]:
    """Draw somebody in flat colours whose bust frame is the whole picture, and say where the face is."""
    height, width = HEIGHT_PX, WIDTH_PX
    y, x = np.mgrid[0:height, 0:width]
    face_px = height / 4.22
    pixels = np.full((height, width, 3), wall, np.uint8)
    body = (np.abs(x - width / 2) < 40) & (y > 78)
    pixels[body] = top
    if coat:
        pixels[body & (np.abs(x - width / 2) > 14)] = coat
    pixels[body & (y > 165)] = lower
    pixels[((x - width / 2) / 16) ** 2 + ((y - face_px) / 24) ** 2 < 1] = SKIN
    if bag:
        pixels[120:175, 4:34] = RED_BAG
    box = Box(
        0.5 - 0.4 * face_px / width,
        0.5 * face_px / height,
        0.5 + 0.4 * face_px / width,
        1.5 * face_px / height,
    )
    return Picture(pixels), FaceBox(box, 0.9)


def read(picture: Picture, *faces: FaceBox, garments: Garments = "anything") -> GarmentReading:
    """Read with the network of arithmetic."""
    return read_garment(picture, faces, network_of_colours, garments)


def kind(reading: GarmentReading, *faces: FaceBox, garments: Garments = "anything") -> str:
    """Judge for a call in red."""
    return judge(CallSpec(garments=garments), reading, faces).kind


def test_a_frame_hangs_on_the_face_and_keeps_its_proportions() -> None:
    """Half a face above it, 4.22 faces high, three by four, the face in the middle, also beyond the picture."""
    frame = frame_below(Box(0.4, 0.1, 0.6, 0.3), Picture(np.zeros((1000, 800, 3), np.uint8)))
    assert (frame.top, frame.height) == pytest.approx((0.0, 844.0))
    assert frame.width / frame.height == pytest.approx(0.75)
    assert frame.left + frame.width / 2 == pytest.approx(400.0)
    beside = frame_below(Box(0.0, 0.8, 0.1, 1.0), Picture(np.zeros((1000, 800, 3), np.uint8)))
    assert beside.left < 0 and beside.top + beside.height > 1000


def test_beyond_the_picture_there_is_nothing() -> None:
    """Cells outside the picture are grey for the network and never count as seen."""
    picture = Picture(np.full((100, 100, 3), 250, np.uint8))
    seen = parse(picture, frame_around(picture), network_of_colours)
    outside = ~seen.is_picture
    assert outside.any() and seen.is_picture.any()
    assert (seen.pixels[::CELL_PX, ::CELL_PX][outside][:40] == NOTHING).all()


def test_red_under_an_open_coat_is_red() -> None:
    """The inner garment speaks for itself when it is plainly to be seen."""
    picture, face = standing(top=RED_TOP, coat=BLACK_COAT)
    assert kind(read(picture, face, garments="top"), face, garments="top") == "accept"


def test_a_bag_is_not_worn_and_a_wall_is_no_shirt() -> None:
    """Neither a red bag nor a red wall makes a blue shirt red."""
    picture, face = standing(bag=True)
    assert kind(read(picture, face), face) == "refuse"
    picture, face = standing(wall=(190, 26, 36))
    assert kind(read(picture, face), face) == "refuse"


def test_a_red_skirt_counts_for_anything_worn_and_not_for_a_top() -> None:
    """The organiser's choice decides."""
    picture, face = standing(lower=RED_SKIRT)
    assert kind(read(picture, face), face) == "accept"
    assert kind(read(picture, face, garments="top"), face, garments="top") == "refuse"


def test_the_neighbours_shirt_is_not_the_authors() -> None:
    """Of two people side by side the first face's person is read."""
    blue, face = standing()
    red, _ = standing(top=RED_TOP)
    both = Picture(np.concatenate([blue.pixels[:, 30:114], red.pixels[:, 30:114]], axis=1))

    def moved(by: float) -> FaceBox:
        box = face.box
        left, right = ((edge * WIDTH_PX - 30) / 168 + by for edge in (box.left, box.right))
        return FaceBox(Box(left, box.top, right, box.bottom), 0.9)

    assert read(both, moved(0.0), moved(0.5)).garment_colour == "blue"
    assert read(both, moved(0.5), moved(0.0)).garment_colour == "red"


def test_without_a_garment_a_person_looks() -> None:
    """A face before a wall has nothing to be judged."""
    picture, face = standing(top=WALL, lower=WALL)
    reading = read(picture, face)
    assert not reading.found and kind(reading, face) == "refer"


def test_the_outline_lies_where_the_garment_is() -> None:
    """Its points are fractions of the picture, and it goes around the body."""
    picture, face = standing(top=RED_TOP)
    (polygon,) = read(picture, face).outline
    assert min(x for x, _ in polygon) == pytest.approx(0.5 - 40 / WIDTH_PX, abs=0.04)
    assert max(x for x, _ in polygon) == pytest.approx(0.5 + 40 / WIDTH_PX, abs=0.04)
    assert all(0.0 <= part <= 1.0 for point in polygon for part in point)


def test_the_weights_that_travel_with_the_program_are_the_ones_written_down(tmp_path: Path) -> None:
    """The file answers for every cell; one changed byte is Broken and never an answer."""
    chances = parser_network()(np.full((1, 3, HEIGHT_PX, WIDTH_PX), 0.5, np.float32))
    assert chances.shape == (1, len(CLASSES), HEIGHT_PX // CELL_PX, WIDTH_PX // CELL_PX)
    assert np.allclose(chances.sum(axis=1), 1.0, atol=1e-4)
    content = PARSER_MODEL.read_bytes()
    assert len(content) <= 2_000_000
    bent = tmp_path / "parser.onnx"
    bent.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    (tmp_path / "parser.onnx.sha256").write_text(model_digest() + "\n")
    with pytest.raises(Broken) as broken:
        parser_network(bent)
    assert broken.value.code == "parser-missing"
