"""A closer look at weak places: each is cut out of the full picture, brought to one height, and looked at again.

A small face is faint where the whole picture is seen at once, but seldom leaves no trace. Looking at all of it
enlarged would take longer than everything else in the darkroom; all traces together fill one small sheet.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from wearemany.darkroom.decode import Picture
from wearemany.darkroom.developed import FaceBox
from wearemany.darkroom.face_maps import FaceNetwork, Maps, Planes, read_places

FACE_PX = 40
FRAME_PX = 64
FRAMES_ACROSS = 8
MOST_FRAMES = 64
_LEAST_SCORE = 0.05
_LEAST_PX = 4.0

_Part = tuple[float, float, float, float]


def look_closer(picture: Picture, weak: Sequence[FaceBox], network: FaceNetwork) -> list[FaceBox]:
    """Return what the closer look sees at each of the first MOST_FRAMES places, none where it sees nothing."""
    chosen = weak[:MOST_FRAMES]
    if not chosen:
        return []
    parts = [_part(picture, face) for face in chosen]
    places = read_places(network(_sheet(picture, parts)), least=_LEAST_SCORE, most=8 * MOST_FRAMES)
    seen = (
        _seen(picture, places, at, face, part)
        for at, (face, part) in enumerate(zip(chosen, parts, strict=True))
    )
    return [face for face in seen if face]


def _part(picture: Picture, face: FaceBox) -> _Part:
    """Return the part of the picture, in pixels, in which this face would be FACE_PX high."""
    width, height = picture.size.width_px, picture.size.height_px
    face_px = max(face.box.height * height, face.box.width * width, _LEAST_PX)
    side = min(face_px * FRAME_PX / FACE_PX, width, height)
    left = min(max(face.box.centre[0] * width - side / 2, 0.0), width - side)
    top = min(max(face.box.centre[1] * height - side / 2, 0.0), height - side)
    return left, top, left + side, top + side


def _sheet(picture: Picture, parts: Sequence[_Part]) -> Planes:
    """Return all parts side by side, as the network takes them."""
    image = picture.image
    rows = -(-len(parts) // FRAMES_ACROSS)
    sheet = Image.new("RGB", (min(len(parts), FRAMES_ACROSS) * FRAME_PX, rows * FRAME_PX))
    for at, part in enumerate(parts):
        frame = image.resize((FRAME_PX, FRAME_PX), Image.Resampling.BICUBIC, box=part)
        sheet.paste(frame, (at % FRAMES_ACROSS * FRAME_PX, at // FRAMES_ACROSS * FRAME_PX))
    return np.asarray(sheet).transpose(2, 0, 1)[None]


def _seen(picture: Picture, places: Maps, at: int, face: FaceBox, part: _Part) -> FaceBox | None:
    """Return the surest place in a frame whose middle lies within the face that was asked about."""
    left, top = at % FRAMES_ACROSS * FRAME_PX, at // FRAMES_ACROSS * FRAME_PX
    enlarged = FRAME_PX / (part[2] - part[0])
    width, height = picture.size.width_px, picture.size.height_px
    middle_x = left + (face.box.centre[0] * width - part[0]) * enlarged
    middle_y = top + (face.box.centre[1] * height - part[1]) * enlarged
    apart = np.maximum(
        abs((places[:, 1] + places[:, 3]) / 2 - middle_x), abs((places[:, 2] + places[:, 4]) / 2 - middle_y)
    )
    near = places[apart < FACE_PX / 2]
    if not len(near):
        return None
    score, x0, y0, x1, y1 = (float(value) for value in near[0])
    box = picture.transform.box(
        part[0] + (x0 - left) / enlarged,
        part[1] + (y0 - top) / enlarged,
        part[0] + (x1 - left) / enlarged,
        part[1] + (y1 - top) / enlarged,
    )
    return FaceBox(box, score) if box.area > 0 else None
