"""Heads whose face was not found, seen by a parser made of arithmetic: brown is hair, beige is skin, red is worn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.darkroom.conftest import encoded, person
from wearemany.darkroom.decode import Picture
from wearemany.darkroom.develop import Eyes, develop
from wearemany.darkroom.developed import FaceBox
from wearemany.darkroom.geometry import Box
from wearemany.darkroom.heads import MOST_FRAMES, find_heads, frames_over
from wearemany.darkroom.orders import DevelopOrder
from wearemany.darkroom.parse import CELL_PX, CLASSES, Planes

HAIR, SKIN, TOP, WALL = (90, 60, 30), (205, 160, 135), (190, 30, 40), (170, 175, 180)
_CLASS_OF = {"hair": HAIR, "skin": SKIN, "top": TOP, "background": WALL}


def parser(planes: Planes) -> Planes:
    """Say of each cell which of the four colours it is nearest to."""
    cells = planes[:, :, ::CELL_PX, ::CELL_PX].transpose(0, 2, 3, 1) * 255
    apart = {name: np.abs(cells - np.array(colour)).sum(axis=3) for name, colour in _CLASS_OF.items()}
    nearest = np.min(list(apart.values()), axis=0)
    chances = np.zeros((len(cells), len(CLASSES), *cells.shape[1:3]), np.float32)
    for name, distance in apart.items():
        chances[:, CLASSES.index(name)] = distance == nearest
    return chances


def people(*places: tuple[float, float], width: int = 900, height: int = 900, worn: bool = True) -> Picture:
    """Draw people from behind, by the middle of each head in fractions: hair, and below it what they wear."""
    pixels = np.full((height, width, 3), WALL, np.uint8)
    y, x = np.mgrid[0:height, 0:width]
    for across, down in places:
        left, top = across * width, down * height
        if worn:
            pixels[(np.abs(x - left) < 110) & (y > top + 50)] = TOP
        pixels[((x - left) / 60) ** 2 + ((y - top) / 75) ** 2 < 1] = HAIR
    return Picture(pixels)


def face(across: float, down: float, *, height: float = 0.12) -> FaceBox:
    """Return a face that was found there."""
    half = height / 2
    return FaceBox(Box(across - half * 0.8, down - half, across + half * 0.8, down + half), 0.9)


def test_a_head_without_a_face_is_seen_beside_one_with() -> None:
    """One of two has a face that was found; the other is a head, and about where it is is said."""
    heads = find_heads(people((0.3, 0.3), (0.8, 0.35)), [face(0.3, 0.3)], parser)
    assert heads
    for head in heads:
        assert abs(head.centre[0] - 0.8) < 0.03 and abs(head.centre[1] - 0.35) < 0.03


def test_whose_face_was_found_is_no_further_head() -> None:
    """Neither alone nor in company; without any face there is nothing to compare with, and a person looks anyway."""
    assert find_heads(people((0.5, 0.3)), [face(0.5, 0.3)], parser) == ()
    both = [face(0.3, 0.3), face(0.7, 0.35)]
    assert find_heads(people((0.3, 0.3), (0.7, 0.35)), both, parser) == ()
    assert find_heads(people((0.5, 0.3)), [], parser) == ()


def test_hands_bags_and_what_is_far_away_are_no_heads() -> None:
    """Skin without hair, hair with nothing worn below it, and anything much smaller than the face."""
    picture = people((0.3, 0.3))
    picture.pixels[500:560, 600:660] = SKIN
    picture.pixels[560:800, 560:700] = TOP
    assert find_heads(picture, [face(0.3, 0.3)], parser) == ()
    bag = people((0.3, 0.3))
    bag.pixels[500:600, 600:700] = HAIR
    assert find_heads(bag, [face(0.3, 0.3)], parser) == ()
    assert find_heads(people((0.3, 0.3), (0.75, 0.3)), [face(0.3, 0.3, height=0.5)], parser) == ()


@pytest.mark.parametrize("size", [(900, 1200), (1600, 1200), (1600, 400), (300, 1600), (64, 64), (4000, 100)])
def test_frames_show_the_whole_picture_or_as_much_as_there_are(size: tuple[int, int]) -> None:
    """All of the networks' own proportions, none beyond the picture, few; one for an upright photo."""
    width, height = size
    frames = frames_over(Picture(np.zeros((height, width, 3), np.uint8)))
    assert 1 <= len(frames) <= MOST_FRAMES and (len(frames) == 1 or size != (900, 1200))
    for frame in frames:
        assert frame.width / frame.height == pytest.approx(3 / 4)
        assert frame.left >= -1e-6 and frame.left + frame.width <= width + 1e-6
        assert frame.top >= -1e-6 and frame.top + frame.height <= height + 1e-6
    if max(size) / min(size) < 3:
        assert min(frame.left for frame in frames) < 1 and min(frame.top for frame in frames) < 1
        assert max(frame.left + frame.width for frame in frames) > width - 1


def test_a_person_looks_where_there_are_fewer_faces_than_heads(eyes: Eyes) -> None:
    """The road asks for heads where every face was sure, and says so in its advice, whatever is covered."""
    alone = person(height=900)
    beside = people((0.5, 0.3), width=675)
    picture = encoded(np.concatenate([alone, beside.pixels], axis=1))
    for cover in ("everybody", "nobody"):
        order = DevelopOrder(cover=cover)
        assert "fewer-faces-than-heads" in develop(picture, order, replace(eyes, heads=parser)).advice
        assert (
            "fewer-faces-than-heads" not in develop(encoded(alone), order, replace(eyes, heads=parser)).advice
        )
