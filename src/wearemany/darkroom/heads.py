"""Heads whose face was not found: hair and skin above clothes, where no face is known.

The garment parser knows hair and skin from everything else, from behind as well as from the front. It looks at the
whole picture in frames, and what belongs to no known face is a head that a person should look at. Only a hint: it
says where to look, covers nothing, and describes nobody.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from wearemany.darkroom.cover import head_of
from wearemany.darkroom.decode import Picture
from wearemany.darkroom.developed import FaceBox
from wearemany.darkroom.geometry import Box
from wearemany.darkroom.parse import HEIGHT_PX, WIDTH_PX, Cells, Frame, Parse, ParserNetwork, parse

# Chosen on 90 street photos alone, as busts, and in pairs one of whom was made hard to find; the figures, on others,
# stand in docs/develop/darkroom.md.
LIKELY_FROM = 0.3
SIDE_FROM_FACES = 0.4
CLOTHES_FROM = 0.5
MOST_FRAMES = 4
_AROUND_HEADS = 0.3
_LEAST_CELLS, _LEAST_HAIR_CELLS = 4, 3
_FLAT, _TALL = 0.4, 3.0
_STEP = 0.85

_Mask = npt.NDArray[np.bool_]


def find_heads(picture: Picture, known: Sequence[FaceBox], network: ParserNetwork) -> tuple[Box, ...]:
    """Return boxes around heads that belong to no known face; the first known one is the measure of size.

    A head that two frames show may come twice: what is asked is whether there is any.
    """
    if not known:
        return ()
    face_px = known[0].box.height * picture.size.height_px
    seen = (parse(picture, frame, network) for frame in frames_over(picture))
    return tuple(box for one in seen for box in _unexplained(one, picture, known, face_px=face_px))


def frames_over(picture: Picture) -> list[Frame]:
    """Return at most MOST_FRAMES frames of the network's own proportions that together show the picture."""
    width, height = float(picture.size.width_px), float(picture.size.height_px)
    across = min(width, height * WIDTH_PX / HEIGHT_PX)
    down = across * HEIGHT_PX / WIDTH_PX
    return [Frame(left, top, across, down) for top in _steps(height, down) for left in _steps(width, across)]


def _steps(length: float, window: float) -> list[float]:
    """Return where windows begin so that they overlap a little and fill the length, as far as there are enough."""
    count = min(MOST_FRAMES, math.ceil(max(0.0, length - window) / (window * _STEP)) + 1)
    return [(length - window) * at / max(1, count - 1) for at in range(count)]


def _unexplained(seen: Parse, picture: Picture, known: Sequence[FaceBox], *, face_px: float) -> Iterator[Box]:
    rows, columns = seen.is_picture.shape
    width, height = picture.size.width_px, picture.size.height_px
    x = (seen.frame.left + (np.arange(columns) + 0.5) / columns * seen.frame.width) / width
    y = (seen.frame.top + (np.arange(rows) + 0.5) / rows * seen.frame.height) / height
    likely = (seen.chance("hair", "skin") > LIKELY_FROM) & seen.is_picture
    hair = seen.chance("hair") > LIKELY_FROM
    clothes = seen.chance("top", "outerwear", "full body")
    heads = _at_heads(x, y, known)
    for place in _places(likely):
        ys, xs = place
        side_px = math.sqrt(len(ys)) * seen.frame.height / rows
        if side_px < SIDE_FROM_FACES * face_px or heads[ys, xs].any():
            continue
        if hair[ys, xs].sum() < _LEAST_HAIR_CELLS or not _is_above_clothes(place, clothes):
            continue
        half_x, half_y = seen.frame.width / columns / width / 2, seen.frame.height / rows / height / 2
        left, right = float(x[xs.min()]) - half_x, float(x[xs.max()]) + half_x
        yield Box(left, float(y[ys.min()]) - half_y, right, float(y[ys.max()]) + half_y).clipped()


def _at_heads(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], known: Sequence[FaceBox]) -> _Mask:
    """Return which cells lie at a known head, with some room around it."""
    inside = np.zeros((len(y), len(x)), dtype=np.bool_)
    for face in known:
        head = head_of(face.box)
        room_x, room_y = _AROUND_HEADS * head.width, _AROUND_HEADS * head.height
        inside |= np.outer(
            (y > head.top - room_y) & (y < head.bottom + room_y),
            (x > head.left - room_x) & (x < head.right + room_x),
        )
    return inside


def _is_above_clothes(place: tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]], clothes: Cells) -> bool:
    """Say whether a place has the proportions of a head and, below it, what a person wears."""
    ys, xs = place
    high, wide = int(np.ptp(ys)) + 1, int(np.ptp(xs)) + 1
    below = clothes[ys.max() + 1 : ys.max() + 1 + max(3, high), xs.min() : xs.max() + 1]
    return _FLAT < high / wide < _TALL and below.size > 0 and float(below.mean()) >= CLOTHES_FROM


def _places(mask: _Mask) -> Iterator[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
    """Yield rows and columns of each connected part of a mask that has some cells."""
    columns = mask.shape[1] + 1
    left = set(np.flatnonzero(np.pad(mask, ((0, 0), (0, 1)))).tolist())
    while left:
        edge = [left.pop()]
        part = list(edge)
        while edge:
            cell = edge.pop()
            near = left.intersection((cell - 1, cell + 1, cell - columns, cell + columns))
            left -= near
            part.extend(near)
            edge.extend(near)
        if len(part) >= _LEAST_CELLS:
            cells = np.array(part)
            yield cells // columns, cells % columns
