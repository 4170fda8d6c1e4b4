"""Face covers: opaque, head-shaped, in a woven tint of the campaign's colour with a small sign.

Nothing of the pixels beneath shines through or shapes the cover: its look depends on the box and the colour
alone, so that no later trick can bring a face back.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view
from PIL import Image, ImageDraw

from wearemany.darkroom.decode import Picture
from wearemany.darkroom.geometry import Box

# Ground and thread of the cloth, in sRGB, for each basic term. Calm enough for a wall of hundreds.
TINTS: dict[str, tuple[tuple[int, int, int], tuple[int, int, int]]] = {
    "red": ((178, 34, 44), (206, 74, 76)),
    "orange": ((214, 108, 32), (234, 146, 78)),
    "yellow": ((222, 178, 44), (240, 208, 104)),
    "green": ((44, 116, 72), (88, 152, 108)),
    "blue": ((42, 84, 152), (86, 128, 188)),
    "purple": ((104, 62, 138), (142, 102, 172)),
    "pink": ((214, 104, 146), (234, 148, 178)),
    "brown": ((112, 76, 50), (148, 110, 80)),
    "black": ((38, 38, 42), (74, 74, 80)),
    "white": ((226, 224, 218), (246, 245, 241)),
    "grey": ((122, 124, 128), (156, 158, 162)),
}

# A face box runs from forehead to chin and from cheek to cheek; hair, ears and jaw lie outside it.
HEAD_WIDTH = 1.62
HEAD_HEIGHT = 1.72
HEAD_LIFT = 0.14
LEAST_HEAD_PX = 10
DRAWN_MARGIN = 1.04
_SIGN_FROM_PX = 36
_FINER = 3

Pixels = npt.NDArray[np.uint8]


def cover(picture: Picture, *, heads: Sequence[Box], drawn: Sequence[Box], colour: str) -> Picture:
    """Return the picture with every head and every drawn box covered; the given picture is left as it was."""
    pixels = picture.pixels.copy()
    width, height = picture.size.width_px, picture.size.height_px
    for box in heads:
        centre_x = box.centre[0] * width
        head_height = max(box.height * height * HEAD_HEIGHT, LEAST_HEAD_PX)
        head_width = max(box.width * width * HEAD_WIDTH, head_height * 0.68)
        centre_y = box.centre[1] * height - box.height * height * HEAD_LIFT
        _lay(pixels, _head(round(head_width), round(head_height)), centre_x, centre_y, colour)
    for box in drawn:
        box_width = round(max(box.width * width * DRAWN_MARGIN, LEAST_HEAD_PX))
        box_height = round(max(box.height * height * DRAWN_MARGIN, LEAST_HEAD_PX))
        patch = _rounded(box_width, box_height)
        _lay(pixels, patch, box.centre[0] * width, box.centre[1] * height, colour)
    return Picture(pixels)


def head_of(face: Box) -> Box:
    """Return the box, in fractions and clipped, that a cover of this face fills."""
    centre_x, centre_y = face.centre[0], face.centre[1] - face.height * HEAD_LIFT
    half_width, half_height = face.width * HEAD_WIDTH / 2, face.height * HEAD_HEIGHT / 2
    return Box(
        centre_x - half_width, centre_y - half_height, centre_x + half_width, centre_y + half_height
    ).clipped()


def _head(width_px: int, height_px: int) -> Pixels:
    """Return the opacity (0 or 255, soft only at the rim) of a head shape: an egg, wider above."""
    y = (np.arange(height_px * _FINER) + 0.5) / (height_px * _FINER) * 2 - 1
    x = (np.arange(width_px * _FINER) + 0.5) / (width_px * _FINER) * 2 - 1
    half = np.clip(1 - np.abs(y) ** 2.5, 0, 1) ** (1 / 2.5) * np.where(y > 0, 1 - 0.10 * y * y, 1.0)
    inside = (np.abs(x)[None, :] <= half[:, None]).astype(np.uint8) * 255
    return np.asarray(Image.fromarray(inside).reduce(_FINER))


def _rounded(width_px: int, height_px: int) -> Pixels:
    """Return the opacity of a box with slightly rounded corners."""
    shape = Image.new("L", (width_px * _FINER, height_px * _FINER), 0)
    radius = round(min(width_px, height_px) * _FINER * 0.06)
    ImageDraw.Draw(shape).rounded_rectangle((0, 0, shape.width - 1, shape.height - 1), radius, fill=255)
    return np.asarray(shape.reduce(_FINER))


def _lay(pixels: Pixels, opacity: Pixels, centre_x: float, centre_y: float, colour: str) -> None:
    """Lay a patch of cloth over the picture, in place. Only the one-pixel rim mixes with what is beneath."""
    patch_height, patch_width = opacity.shape
    left, top = round(centre_x - patch_width / 2), round(centre_y - patch_height / 2)
    height, width = pixels.shape[:2]
    x0, y0, x1, y1 = (
        max(left, 0),
        max(top, 0),
        min(left + patch_width, width),
        min(top + patch_height, height),
    )
    if x0 >= x1 or y0 >= y1:
        return
    inside = (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))
    alpha = opacity[inside]
    cloth = _cloth(patch_width, patch_height, colour)[inside]
    beneath = pixels[y0:y1, x0:x1]
    opaque = alpha == 255
    for at in range(3):
        np.copyto(beneath[..., at], cloth[..., at], where=opaque)
    rim = np.nonzero((alpha > 0) & (alpha < 255))
    share = alpha[rim][:, None].astype(np.float32) / 255.0
    beneath[rim] = np.rint(cloth[rim] * share + beneath[rim] * (1 - share))


def _cloth(width_px: int, height_px: int, colour: str) -> Pixels:
    """Return a patch of woven cloth, lit from above, with the sign of the campaign in its middle."""
    ground, thread = (np.array(tint, dtype=np.float32) for tint in TINTS[colour])
    y, x = (np.arange(length, dtype=np.float32) for length in (height_px, width_px))
    light = (1.06 - 0.16 * (y / height_px))[:, None] - 0.05 * np.abs(x / width_px - 0.5)
    weave = 0.45 * _weave(width_px, height_px)
    patch = np.empty((height_px, width_px, 3), dtype=np.uint8)
    for at in range(3):
        patch[..., at] = np.clip((ground[at] + (thread[at] - ground[at]) * weave) * light, 0, 255)
    if min(width_px, height_px) < _SIGN_FROM_PX:
        return patch
    sign = _sign(width_px, height_px)
    drawn = np.nonzero(sign)
    share = sign[drawn][:, None].astype(np.float32) / 255.0
    ink = np.array((255, 252, 246) if ground.mean() < 170 else (60, 56, 52), dtype=np.float32)
    patch[drawn] = np.clip(patch[drawn] * (1 - 0.82 * share) + ink * 0.82 * share, 0, 255)
    return patch


def _weave(width_px: int, height_px: int) -> npt.NDArray[np.float32]:
    """Return how much of the thread is seen, 0 to 1: waves along both diagonals, each worked out once."""
    pitch = max(3.0, height_px / 22)
    along = np.arange(1 - height_px, width_px + height_px - 1, dtype=np.float32)
    waves = sliding_window_view(np.sin(along * 2 * np.pi / pitch), width_px)
    down, up = waves[height_px - 1 :], waves[height_px - 1 :: -1]
    return np.asarray(0.5 + 0.5 * down * up)


def _sign(width_px: int, height_px: int) -> Pixels:
    """Return the opacity of the sign: three people side by side, head and shoulders."""
    shape = Image.new("L", (width_px * _FINER, height_px * _FINER), 0)
    draw = ImageDraw.Draw(shape)
    unit = min(shape.width, shape.height) * 0.075
    for offset, scale in ((-2.3, 0.8), (2.3, 0.8), (0.0, 1.0)):
        x, y, size = (
            shape.width / 2 + offset * unit,
            shape.height / 2 + (1 - scale) * unit * 1.4,
            unit * scale,
        )
        draw.ellipse((x - size * 0.75, y - size * 2.0, x + size * 0.75, y - size * 0.5), fill=255)
        draw.pieslice((x - size * 1.35, y - size * 0.25, x + size * 1.35, y + size * 2.6), 180, 360, fill=255)
    return np.asarray(shape.reduce(_FINER))
