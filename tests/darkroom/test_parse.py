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
from wearemany.darkroom.orders import CallSpec, Garments, spec_asked
from wearemany.darkroom.parse import (
    CELL_PX,
    CLASSES,
    CLOSER_HEIGHT_PX,
    CLOSER_WIDTH_PX,
    HEIGHT_PX,
    NOTHING,
    WIDTH_PX,
    Planes,
    frame_around,
    frame_below,
    parse,
)
from wearemany.darkroom.verdict import judge
from wearemany.errors import Broken, Refused

# What the network of arithmetic takes a colour for; a colour that is not here is background.
SEEN = {
    (200, 150, 125): "skin",
    (200, 25, 35): "top",
    (201, 25, 35): "outerwear",
    (202, 25, 35): "lower body",
    (203, 25, 35): "other",
    (204, 25, 35): "full body",
    (40, 80, 170): "top",
    (244, 244, 240): "top",
    (22, 22, 26): "outerwear",
    (60, 62, 66): "lower body",
}
WALL, SKIN, RED_TOP, RED_SKIRT, RED_BAG, RED_DRESS = (
    (170, 175, 180),
    (200, 150, 125),
    (200, 25, 35),
    (202, 25, 35),
    (203, 25, 35),
    (204, 25, 35),
)
BLUE_TOP, BLACK_COAT, GREY_TROUSERS = (40, 80, 170), (22, 22, 26), (60, 62, 66)
WHITE_TOP = (244, 244, 240)


def network_of_colours(planes: Planes) -> Planes:
    """Be sure of every cell, by its colour alone."""
    half = CELL_PX // 2
    pixels = np.rint(planes[:, :, half::CELL_PX, half::CELL_PX] * 255).astype(int)
    chances = np.zeros((len(pixels), len(CLASSES), *pixels.shape[2:]), np.float32)
    chances[:, 0] = 1.0
    for colour, name in SEEN.items():
        is_it = (pixels == np.array(colour)[:, None, None]).all(axis=1)
        chances[:, 0][is_it], chances[:, CLASSES.index(name)][is_it] = 0.0, 1.0
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
    return read_garment(picture, faces, network_of_colours, CallSpec(garments=garments))


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


def test_a_closer_look_is_laid_on_the_same_cells_and_leans_to_no_side() -> None:
    """More pixels, both ways round: edges come out where they are, and a mirrored picture gives a mirrored answer."""
    picture, face = standing(top=RED_TOP, bag=True)
    frame = frame_below(face.box, picture)
    usual, closer = (parse(picture, frame, network_of_colours, closer=closer) for closer in (False, True))
    assert closer.chances.shape == usual.chances.shape and (closer.pixels == usual.pixels).all()
    assert np.allclose(closer.chances.sum(axis=0), 1.0, atol=1e-5)
    assert np.abs(closer.chance("top") - usual.chance("top")).mean() < 0.02
    turned = parse(Picture(picture.pixels[:, ::-1].copy()), frame, network_of_colours, closer=True)
    assert np.allclose(turned.chances[..., ::-1], closer.chances, atol=1e-5)


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


def test_a_dress_that_does_not_reach_above_the_waist_is_a_skirt() -> None:
    """The parse takes a skirt below a shirt for a dress; where a real one is worn, it counts as a top does."""
    picture, face = standing(lower=RED_DRESS)
    assert kind(read(picture, face, garments="top"), face, garments="top") == "refuse"
    assert kind(read(picture, face), face) == "accept"
    picture, face = standing(top=RED_DRESS, lower=RED_DRESS)
    assert kind(read(picture, face, garments="top"), face, garments="top") == "accept"


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


def test_a_shirt_that_is_all_the_colour_there_is_speaks_for_itself() -> None:
    """A narrow strip of strong red under a black coat is red; beside as much blue and green it is one of many."""
    picture, face = standing(top=RED_TOP, coat=BLACK_COAT)
    pixels = picture.pixels.copy()
    inside = (pixels == np.array(RED_TOP)).all(axis=2)
    inside[:, WIDTH_PX // 2 - 5 : WIDTH_PX // 2 + 5] = False
    pixels[inside] = BLACK_COAT
    narrow = Picture(pixels.copy())
    assert kind(read(narrow, face, garments="top"), face, garments="top") == "accept"
    coat = (pixels == np.array(BLACK_COAT)).all(axis=2)
    pixels[coat] = BLUE_TOP
    assert kind(read(Picture(pixels), face, garments="top"), face, garments="top") != "accept"


@pytest.mark.parametrize("every", [6, 10, 16])
def test_red_and_white_stripes_are_for_a_person(every: int) -> None:
    """However broad they are: white is a colour of the cloth, as black may be shade."""
    picture, face = standing(top=RED_TOP, lower=RED_TOP)
    pixels = picture.pixels.copy()
    rows = (np.arange(HEIGHT_PX) // every % 2 == 0)[:, None]
    pixels[(pixels == np.array(RED_TOP)).all(axis=2) & rows] = WHITE_TOP
    striped = Picture(pixels)
    assert kind(read(striped, face, garments="top"), face, garments="top") == "refer"


def test_a_picked_colour_is_asked_for_within_its_tolerance() -> None:
    """The picked red and a shade of it are worn, blue is not; a narrow tolerance leaves another red out."""
    picture, face = standing(top=RED_TOP)

    def said(picked: str, tolerance: float) -> str:
        spec = spec_asked(colour="red", garments="top", picked=picked, tolerance=tolerance)
        return judge(spec, read_garment(picture, (face,), network_of_colours, spec), (face,)).kind

    assert said("#C81923", 0.07) == said("#b41a28", 0.07) == "accept"
    assert said("#f05a5a", 0.02) != "accept" and said("#2850aa", 0.2) == "refuse"
    for wrong, tolerance in (("crimson", 0.07), ("#c8192", 0.07), ("#c81923", 0.5)):
        with pytest.raises(Refused) as refused:
            spec_asked(colour="red", garments="top", picked=wrong, tolerance=tolerance)
        assert refused.value.code == "picked-unusable"


def test_what_is_hardly_a_face_is_no_person() -> None:
    """A print on a red shirt that lies flat looks a little like a face: a person looks, and nothing is accepted."""
    picture, face = standing(top=RED_TOP)
    assert kind(read(picture, face), FaceBox(face.box, 0.5)) == "refer"
    assert kind(read(picture, face), face) == "accept"


def test_where_no_face_is_expected_whoever_is_seen_is_read() -> None:
    """A call may do without faces: then the parse alone says what is worn. Otherwise a person looks."""
    picture, _ = standing(top=RED_TOP)
    for expects_face, answer in ((True, "refer"), (False, "accept")):
        spec = CallSpec(expects_face=expects_face)
        assert judge(spec, read_garment(picture, (), network_of_colours, spec), ()).kind == answer


def test_the_weights_that_travel_with_the_program_are_the_ones_written_down(tmp_path: Path) -> None:
    """The file answers for every cell; one changed byte is Broken and never an answer."""
    network = parser_network()
    for count, height, width in ((1, HEIGHT_PX, WIDTH_PX), (2, CLOSER_HEIGHT_PX, CLOSER_WIDTH_PX)):
        chances = network(np.full((count, 3, height, width), 0.5, np.float32))
        assert chances.shape == (count, len(CLASSES), height // CELL_PX, width // CELL_PX)
        assert np.allclose(chances.sum(axis=1), 1.0, atol=1e-4)
    content = PARSER_MODEL.read_bytes()
    assert len(content) <= 3_000_000
    bent = tmp_path / "parser.onnx"
    bent.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    (tmp_path / "parser.onnx.sha256").write_text(model_digest() + "\n")
    with pytest.raises(Broken) as broken:
        parser_network(bent)
    assert broken.value.code == "parser-missing"
