"""What a network makes of a picture: which cells show skin, hair, a top, a coat, a dress, trousers or nothing of it.

A network looks at a frame: a box of three by four hung on a face, head to waist (bust) or head to feet (figure).
How a frame lies, how its pixels are brought to the network's size, and what its answer means is all here, so that
the same file of weights can be run elsewhere. The network is given as a callable; this room opens no file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from wearemany.darkroom.decode import Picture, Pixels
from wearemany.darkroom.geometry import Box

Planes = npt.NDArray[np.float32]
Cells = npt.NDArray[np.float32]
ParserNetwork = Callable[[Planes], Planes]
"""Planes of shape (n, 3, height, width), RGB from 0 to 1, become chances (n, classes, height / 2, width / 2)."""

CLASSES = ("background", "skin", "hair", "top", "outerwear", "full body", "lower body", "other")
HEIGHT_PX, WIDTH_PX = 192, 144
CELL_PX = 2
CLOSER_HEIGHT_PX, CLOSER_WIDTH_PX = 256, 192
"""A closer look is taken at this size, as the network learned, and laid on the cells of the usual one."""
NOTHING = 128
"""The value of pixels where a frame looks beyond the picture."""
BUST_FACES, FIGURE_FACES = 4.22, 9.0
"""How many faces high a frame is: from half a face above the face to the waist, or to the feet."""
_ABOVE_FACES = 0.5


@dataclass(frozen=True)
class Frame:
    """A box in pixels of a picture; it may reach beyond the picture."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Parse:
    """A frame as the network saw it.

    `pixels` are the frame's own, (HEIGHT_PX, WIDTH_PX, 3); `chances` are (classes, rows, columns), one cell for
    CELL_PX pixels each way; `is_picture` (rows, columns) is false where the frame looks beyond the picture.
    """

    frame: Frame
    pixels: Pixels
    chances: Cells
    is_picture: npt.NDArray[np.bool_]

    def chance(self, *names: str) -> Cells:
        """Return per cell the chance that it shows one of these classes."""
        summed: Cells = self.chances[[CLASSES.index(name) for name in names]].sum(axis=0)
        return summed


def frame_below(face: Box, picture: Picture, *, faces_high: float = BUST_FACES) -> Frame:
    """Return the frame that hangs on a face."""
    width_px, height_px = picture.size.width_px, picture.size.height_px
    face_px = face.height * height_px
    height = faces_high * face_px
    width = height * WIDTH_PX / HEIGHT_PX
    return Frame(
        left=face.centre[0] * width_px - width / 2,
        top=face.top * height_px - _ABOVE_FACES * face_px,
        width=width,
        height=height,
    )


def frame_around(picture: Picture) -> Frame:
    """Return the smallest frame that holds a whole picture, the picture in its middle."""
    width_px, height_px = float(picture.size.width_px), float(picture.size.height_px)
    height = max(height_px, width_px * HEIGHT_PX / WIDTH_PX)
    width = height * WIDTH_PX / HEIGHT_PX
    return Frame((width_px - width) / 2, (height_px - height) / 2, width, height)


def parse(picture: Picture, frame: Frame, network: ParserNetwork, *, closer: bool = False) -> Parse:
    """Look at a frame of a picture; the same pixels always give the same answer.

    `closer` looks at more pixels, both ways round, and takes the mean: better edges for three times the work.
    """
    pixels, is_picture = _framed(picture, frame, HEIGHT_PX, WIDTH_PX)
    if closer:
        seen = _planes(_framed(picture, frame, CLOSER_HEIGHT_PX, CLOSER_WIDTH_PX)[0])
        plain, mirrored = network(np.concatenate([seen, seen[..., ::-1]]))
        chances = _DOWN @ ((plain + mirrored[..., ::-1]) / 2) @ _ACROSS.T
    else:
        chances = network(_planes(pixels))[0]
    half = CELL_PX // 2
    return Parse(frame, pixels, chances, is_picture[half::CELL_PX, half::CELL_PX])


def _planes(pixels: Pixels) -> Planes:
    planes: Planes = (pixels.transpose(2, 0, 1)[None] / np.float32(255)).astype(np.float32)
    return planes


def _shares(coarse: int, fine: int) -> Cells:
    """Return how much of each coarse cell each fine one covers, (coarse, fine): a row adds up to one."""
    edges = np.arange(coarse + 1) * fine / coarse
    each = np.arange(fine)
    covered = np.minimum(edges[1:, None], each + 1) - np.maximum(edges[:-1, None], each)
    shares: Cells = (np.clip(covered, 0, 1) * coarse / fine).astype(np.float32)
    return shares


_DOWN = _shares(HEIGHT_PX // CELL_PX, CLOSER_HEIGHT_PX // CELL_PX)
_ACROSS = _shares(WIDTH_PX // CELL_PX, CLOSER_WIDTH_PX // CELL_PX)


def _framed(
    picture: Picture, frame: Frame, height_px: int, width_px: int
) -> tuple[Pixels, npt.NDArray[np.bool_]]:
    """Bring the part of the frame that lies in the picture to its place in a picture of this size, nothing around."""
    across, down = width_px / frame.width, height_px / frame.height
    left, right = max(0.0, frame.left), min(float(picture.size.width_px), frame.left + frame.width)
    top, bottom = max(0.0, frame.top), min(float(picture.size.height_px), frame.top + frame.height)
    pixels = np.full((height_px, width_px, 3), NOTHING, dtype=np.uint8)
    is_picture = np.zeros((height_px, width_px), dtype=np.bool_)
    first, last = round((left - frame.left) * across), round((right - frame.left) * across)
    upper, lower = round((top - frame.top) * down), round((bottom - frame.top) * down)
    if last <= first or lower <= upper or right <= left or bottom <= top:
        return pixels, is_picture
    part = picture.image.resize(
        (last - first, lower - upper),
        Image.Resampling.BILINEAR,
        box=(left, top, right, bottom),
        reducing_gap=2.0,
    )
    pixels[upper:lower, first:last] = np.asarray(part)
    is_picture[upper:lower, first:last] = True
    return pixels, is_picture
