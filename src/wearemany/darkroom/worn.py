"""What the main person wears, as weights on a grid of cells: by the network, or by usual places where there is none.

Inner and outer garments are kept apart: a red shirt under a black coat is a red shirt. What lies with another
person of the picture is left out. No colour is judged here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wearemany.darkroom.colour import Floats, linear_of, to_oklab
from wearemany.darkroom.decode import Picture
from wearemany.darkroom.developed import FaceBox
from wearemany.darkroom.geometry import Box, Polygon, Size
from wearemany.darkroom.light import Light, read_light
from wearemany.darkroom.outline import outline_of
from wearemany.darkroom.parse import (
    BUST_FACES,
    CELL_PX,
    Parse,
    ParserNetwork,
    frame_around,
    frame_below,
    parse,
)
from wearemany.darkroom.torso import garment_likelihood

WORKING_PX = 224
UPPER = ("inner", "outer", "dress")
"""The regions of an upper garment; `lower` and `accessory` count only where anything worn does."""
_CLASS_OF = {"inner": "top", "outer": "outerwear", "dress": "full body", "lower": "lower body"}
_FACES_WIDE = 1.1
_WAIST_FACES = 2.0
"""From the middle of the face down, in heights of it."""
_DRESS_FROM = 0.15
"""So much of a dress at least lies above the waist; a skirt below a shirt looks like one to the parse."""
_LEAST_AROUND = 200
"""So many cells beside the garment tell the light; of fewer, everything has to."""
_FACE_SHARE = 1 / 24
"""How much of a frame a face has, about: head to waist it is a fifth as high and wide."""


@dataclass(frozen=True)
class Worn:
    """Cells in Oklab under corrected light (rows, columns, 3), the weight of each region on them, and the ground's.

    `face_cells` is how many cells the face covers: the measure of how much garment is to be expected.
    """

    lab: Floats
    light: Light
    regions: tuple[tuple[str, Floats], ...]
    ground: Floats
    face_cells: float
    outline: tuple[Polygon, ...]

    def weight(self, *names: str) -> Floats:
        """Return the weight of these regions together, per cell."""
        chosen = [weight for name, weight in self.regions if name in names]
        together: Floats = np.sum(chosen, axis=0) if chosen else np.zeros(self.lab.shape[:2])
        return together


def worn_by_places(picture: Picture, face: FaceBox) -> Worn:
    """Find the garment where one usually is below a face; one region, for want of better."""
    small = picture.within(WORKING_PX)
    linear = linear_of(small.pixels)
    pixels = linear.reshape(-1, 3)
    light = read_light(pixels, pixels, _cheeks(linear, small, face))
    lab = to_oklab(linear * np.array(light.gains))
    mask = garment_likelihood(lab, small.transform, face.box)
    return Worn(lab, light, (("inner", mask),), 1.0 - mask, face.box.area * mask.size, outline_of(mask))


def worn_by_parse(picture: Picture, faces: tuple[FaceBox, ...], network: ParserNetwork) -> Worn:
    """Find what the first face's person wears by the network's parse of the frame below that face."""
    frame = frame_below(faces[0].box, picture, faces_high=BUST_FACES)
    return worn_in(parse(picture, frame, network, closer=True), faces, picture.size)


def worn_by_anybody(picture: Picture, network: ParserNetwork) -> Worn:
    """Find what is worn in a picture that is not expected to show a face: the whole of it is looked at."""
    return worn_in(parse(picture, frame_around(picture), network, closer=True), (), picture.size)


def worn_in(seen: Parse, faces: tuple[FaceBox, ...], size: Size) -> Worn:
    """Weigh the regions of a parse for the first face's person, or for everybody where there is no face."""
    rows, columns = seen.is_picture.shape
    linear = _means(linear_of(seen.pixels))
    skin = (seen.chance("skin") > 0.6) & seen.is_picture
    mine = seen.is_picture
    face_cells = rows * columns * _FACE_SHARE
    if faces:
        face = faces[0].box
        place_x, place_y = _in_faces(seen, face, size)
        skin &= (np.abs(place_x) < 0.6) & (np.abs(place_y) < 0.6)
        mine = mine & _nearest_to_first(seen, faces, size)
        face_cells *= (
            face.width * face.height * size.pixels / (seen.frame.width * seen.frame.height) / _FACE_SHARE
        )
    upper = seen.chance("top", "outerwear", "full body")
    around = seen.is_picture & (upper < 0.5)
    light = read_light(
        linear[seen.is_picture],
        linear[around if around.sum() >= _LEAST_AROUND else seen.is_picture],
        linear[skin] if skin.sum() >= 10 else None,
    )
    likeliest = upper >= np.max(
        [seen.chance(name) for name in ("background", "skin", "hair", "lower body", "other")], axis=0
    )
    regions = [
        (name, (seen.chance(_CLASS_OF[name]) * (likeliest & mine)).astype(np.float64)) for name in UPPER
    ]
    if faces:
        regions += _also_worn(seen, place_x, place_y, mine)
        regions = _skirt_told_from_dress(dict(regions), place_y)
    ground = (seen.chance("background") * seen.is_picture).astype(np.float64)
    outline = _placed(outline_of((upper * (likeliest & mine) > 0).astype(np.float64)), seen, size)
    return Worn(to_oklab(linear * np.array(light.gains)), light, tuple(regions), ground, face_cells, outline)


def _means(linear: Floats) -> Floats:
    """Return the mean of each cell's pixels, two each way."""
    down = linear[::CELL_PX] + linear[1::CELL_PX]
    across: Floats = down[:, ::CELL_PX] + down[:, 1::CELL_PX]
    return across / CELL_PX**2


def _also_worn(seen: Parse, x: Floats, y: Floats, mine: npt.NDArray[np.bool_]) -> list[tuple[str, Floats]]:
    """Return what else may be worn: below the waist, and a hat or scarf, which is not a bag, by where it lies."""
    others = [seen.chance(name) for name in ("background", "skin", "hair", "top", "outerwear", "full body")]
    lower, other = seen.chance("lower body"), seen.chance("other")
    likely_lower = (lower >= np.max([*others, other], axis=0)) & mine
    likely_other = (other >= np.max([*others, lower], axis=0)) & mine
    is_hat = (np.abs(x) < _FACES_WIDE) & (y < -0.25)
    is_scarf = (np.abs(x) < _FACES_WIDE) & (y > 0.4) & (y < 1.6)
    return [
        ("lower", (lower * likely_lower).astype(np.float64)),
        ("accessory", (other * (likely_other & (is_hat | is_scarf))).astype(np.float64)),
    ]


def _skirt_told_from_dress(regions: dict[str, Floats], y: Floats) -> list[tuple[str, Floats]]:
    """Call a dress that hardly reaches above the waist a skirt, which is lower."""
    dress = regions["dress"]
    if dress[y < _WAIST_FACES].sum() < _DRESS_FROM * dress.sum():
        regions |= {"lower": regions["lower"] + dress, "dress": np.zeros_like(dress)}
    return list(regions.items())


def _in_faces(seen: Parse, face: Box, size: Size) -> tuple[Floats, Floats]:
    """Return how far each cell lies from the middle of a face, right and down, in heights of that face."""
    rows, columns = seen.is_picture.shape
    height_px = face.height * size.height_px
    x = seen.frame.left + (np.arange(columns) + 0.5) / columns * seen.frame.width
    y = seen.frame.top + (np.arange(rows) + 0.5) / rows * seen.frame.height
    right, down = np.meshgrid(
        (x - face.centre[0] * size.width_px) / height_px,
        (y - face.centre[1] * size.height_px) / height_px,
    )
    return right, down


def _nearest_to_first(seen: Parse, faces: tuple[FaceBox, ...], size: Size) -> npt.NDArray[np.bool_]:
    """Return which cells lie nearer to the body below the first face than to that below another of like size."""
    own = faces[0].box
    nearest = np.ones(seen.is_picture.shape, dtype=np.bool_)
    own_x, own_y = _in_faces(seen, own, size)
    for other in faces[1:]:
        if other.box.height * 3 < own.height:
            continue
        x, y = _in_faces(seen, other.box, size)
        nearest &= (np.abs(own_x) <= np.abs(x)) | (y < -0.7)
    return nearest & (own_y > -2)


def _placed(polygons: tuple[Polygon, ...], seen: Parse, size: Size) -> tuple[Polygon, ...]:
    """Bring polygons from fractions of the frame to fractions of the picture."""
    frame = seen.frame

    def inside(value: float) -> float:
        return min(1.0, max(0.0, value))

    return tuple(
        tuple(
            (
                inside((frame.left + x * frame.width) / size.width_px),
                inside((frame.top + y * frame.height) / size.height_px),
            )
            for x, y in polygon
        )
        for polygon in polygons
    )


def _cheeks(linear: Floats, small: Picture, face: FaceBox) -> Floats:
    """Return the pixels of cheeks and nose: the middle of the face box."""
    left, top, right, bottom = small.transform.pixels(face.box)
    width, height = right - left, bottom - top
    rows = slice(top + int(height * 0.35), max(top + int(height * 0.75), top + int(height * 0.35) + 1))
    columns = slice(left + int(width * 0.2), max(left + int(width * 0.8), left + int(width * 0.2) + 1))
    pixels: Floats = linear[rows, columns].reshape(-1, 3)
    return pixels
