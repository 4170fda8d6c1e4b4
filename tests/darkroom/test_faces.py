"""Small faces: weak places are looked at again, enlarged; what is found there counts."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from wearemany.adapters.inference import face_network
from wearemany.darkroom.closer import FRAME_PX, FRAMES_ACROSS, MOST_FRAMES, look_closer
from wearemany.darkroom.decode import Picture, decode
from wearemany.darkroom.developed import FaceBox
from wearemany.darkroom.face_maps import FaceMaps, Planes, read_places
from wearemany.darkroom.faces import find_faces
from wearemany.darkroom.geometry import Box
from wearemany.darkroom.intake import admit
from wearemany.darkroom.orders import Limits
from wearemany.samples.painter import paint
from wearemany.samples.scenes import scene

WIDTH_PX, HEIGHT_PX = 1200, 1600


def shy(planes: Planes) -> FaceMaps:
    """See white squares on black; the smaller, the less sure: 30 px high and more are clear, 8 px a trace."""
    rows, columns = planes.shape[2] // 4, planes.shape[3] // 4
    heat = np.zeros((1, 1, rows, columns), dtype=np.float32)
    scale = np.zeros((1, 2, rows, columns), dtype=np.float32)
    white = planes[0].min(axis=0) > 128
    for y, x in zip(*np.nonzero(white & ~np.roll(white, 1, 0) & ~np.roll(white, 1, 1)), strict=True):
        high = int(np.argmin(np.append(white[y:, x], False)))
        wide = int(np.argmin(np.append(white[y, x:], False)))
        at = (y + high // 2) // 4, (x + wide // 2) // 4
        heat[0, 0, at[0], at[1]] = max(heat[0, 0, at[0], at[1]], min(0.9, high * 0.03 - 0.1))
        scale[0, :, at[0], at[1]] = np.log(np.array([high, wide]) / 4)
    return FaceMaps(heat, scale, np.zeros_like(scale))


def squares(*places: tuple[int, int], side_px: int) -> Picture:
    """Draw white squares on black, each given by its left upper corner."""
    pixels = np.zeros((HEIGHT_PX, WIDTH_PX, 3), dtype=np.uint8)
    for left, top in places:
        pixels[top : top + side_px, left : left + side_px] = 255
    return Picture(pixels)


def box(left: int, top: int, side_px: int) -> Box:
    return Box(left / WIDTH_PX, top / HEIGHT_PX, (left + side_px) / WIDTH_PX, (top + side_px) / HEIGHT_PX)


@pytest.mark.parametrize("corner", [(500, 700), (0, 0), (WIDTH_PX - 12, HEIGHT_PX - 12), (0, 800)])
def test_a_face_that_leaves_a_trace_is_found_by_a_closer_look(corner: tuple[int, int]) -> None:
    """Also in a corner and at an edge, and its box lies where the face is."""
    reading = find_faces(squares(corner, side_px=12), shy)
    (face,) = reading.faces
    assert face.box.overlap(box(*corner, 12)) > 0.6
    assert face.score > 0.8
    assert reading.suspected == ()


def test_what_a_closer_look_does_not_see_is_not_made_a_face() -> None:
    """A place of which nothing is left when it is enlarged stays what it was."""
    picture = squares(side_px=12)
    assert look_closer(picture, [FaceBox(box(300, 300, 12), 0.1)], shy) == []


def test_a_crowd_costs_one_sheet() -> None:
    """However many weak places there are, the surest are looked at, in one look of bounded size."""
    corners = [(20 + 60 * column, 20 + 60 * row) for row in range(26) for column in range(19)]
    shapes = []

    def counted(planes: Planes) -> FaceMaps:
        shapes.append(planes.shape[2:])
        return shy(planes)

    reading = find_faces(squares(*corners, side_px=12), counted)
    assert len(shapes) == 3
    assert shapes[-1] == (MOST_FRAMES // FRAMES_ACROSS * FRAME_PX, FRAMES_ACROSS * FRAME_PX)
    assert len(reading.faces) == MOST_FRAMES


def test_one_weak_place_costs_one_frame() -> None:
    """The sheet is as large as there are places."""
    seen = []
    look_closer(
        squares(side_px=1), [FaceBox(box(9, 9, 9), 0.1)], lambda planes: seen.append(planes) or shy(planes)
    )
    assert seen[0].shape == (1, 3, FRAME_PX, FRAME_PX)


def test_a_picture_smaller_than_a_frame_is_looked_at_whole() -> None:
    """Nothing is read beyond its edges."""
    pixels = np.zeros((20, 9, 3), dtype=np.uint8)
    pixels[4:12, 2:7] = 255
    assert find_faces(Picture(pixels), shy).faces


def test_only_peaks_are_places() -> None:
    """Of neighbouring cells the warmest counts; the surest place comes first; edges follow scale and offset."""
    heat = np.zeros((1, 1, 8, 8), dtype=np.float32)
    heat[0, 0, 2, 2:4] = (0.5, 0.6)
    heat[0, 0, 6, 6] = 0.9
    scale = np.full((1, 2, 8, 8), np.log(2.0), dtype=np.float32)
    places = read_places(FaceMaps(heat, scale, np.zeros_like(scale)), least=0.2, most=9)
    assert places[:, 0].tolist() == pytest.approx([0.9, 0.6])
    assert places[1, 1:].tolist() == pytest.approx([10, 6, 18, 14])


def test_a_bystander_whose_face_is_24_px_high_is_found(models) -> None:
    """Drawn people stand small in pictures of the public size; the shipped network finds at least seven of eight."""
    network, found = face_network(models), 0
    for seed in range(8):
        large = decode(admit(paint(scene(seed)), Limits()), long_px=HEIGHT_PX)
        face = find_faces(large, network).main
        assert face
        share = 24 / (face.box.height * large.size.height_px)
        size = round(large.size.width_px * share), round(large.size.height_px * share)
        canvas = Image.new("RGB", (WIDTH_PX, HEIGHT_PX), (150, 140, 130))
        canvas.paste(large.image.resize(size, Image.Resampling.LANCZOS), (700, 400))
        seen = find_faces(Picture(np.asarray(canvas)), network).faces
        x, y = (
            (700 + face.box.centre[0] * size[0]) / WIDTH_PX,
            (400 + face.box.centre[1] * size[1]) / HEIGHT_PX,
        )
        found += any(abs(f.box.centre[0] - x) < 0.02 and abs(f.box.centre[1] - y) < 0.02 for f in seen)
    assert found >= 7
