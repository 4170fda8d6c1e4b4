"""Where faces are. Places only: nothing here describes, compares or remembers a face.

The network is CenterFace; it is given as a callable, so this room opens no file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from wearemany.darkroom.decode import Picture
from wearemany.darkroom.developed import FaceBox
from wearemany.darkroom.geometry import Box, Size
from wearemany.darkroom.orders import CoverChoice

Planes = npt.NDArray[np.float32]


@dataclass(frozen=True)
class FaceMaps:
    """What the network returns, each of shape (1, channels, height / 4, width / 4): how much a place is the
    middle of a face (0 to 1), log height and width, offset of the middle within its cell."""

    heat: Planes
    scale: Planes
    offset: Planes


FaceNetwork = Callable[[Planes], FaceMaps]

# Large faces are found in a small picture, small faces in a large one; both looks cost 80 ms.
LOOKS_PX = (320, 640)
FOUND_FROM = 0.35
SUSPECTED_FROM = 0.2
FAINT_BELOW = 0.5
SMALL_BELOW_PX = 14
MOST_FACES = 400
_STRIDE = 4
_SAME_FACE = 0.35


@dataclass(frozen=True)
class FacesReading:
    """The faces found, the main one first, and places that may be faces but were too weak to count."""

    faces: tuple[FaceBox, ...]
    suspected: tuple[FaceBox, ...]

    @property
    def main(self) -> FaceBox | None:
        """The face that the picture is most about."""
        return self.faces[0] if self.faces else None


def find_faces(picture: Picture, network: FaceNetwork) -> FacesReading:
    """Return the faces of an upright picture, the largest and most central first."""
    boxes: list[FaceBox] = []
    for long_px in LOOKS_PX:
        boxes.extend(_look(picture, network, long_px=long_px))
    single = _without_doubles(boxes)
    found = [face for face in single if face.score >= FOUND_FROM]
    suspected = [face for face in single if face.score < FOUND_FROM]
    apart = [face for face in suspected if not any(f.box.covers(face.box) > 0.3 for f in found)]
    found.sort(key=lambda face: _prominence(face.box, picture.size), reverse=True)
    return FacesReading(tuple(found[:MOST_FACES]), tuple(apart[:MOST_FACES]))


def choose_covered(faces: tuple[FaceBox, ...], *, cover: CoverChoice) -> tuple[FaceBox, ...]:
    """Mark the faces that the choice covers; the first face is the author's."""
    if cover == "nobody":
        return faces
    return tuple(replace(face, covered=cover == "everybody" or at > 0) for at, face in enumerate(faces))


def advise(reading: FacesReading, size: Size) -> tuple[str, ...]:
    """Return codes for what a person should look at before the covered picture is trusted."""
    codes = []
    if any(
        min(f.box.width * size.width_px, f.box.height * size.height_px) < SMALL_BELOW_PX
        for f in reading.faces
    ):
        codes.append("small-face")
    if any(face.score < FAINT_BELOW for face in reading.faces):
        codes.append("faint-face")
    if reading.suspected:
        codes.append("fewer-faces-than-heads")
    if not reading.faces:
        codes.append("no-face")
    if len(people(reading.faces)) > 1:
        codes.append("several-people")
    return tuple(codes)


def people(faces: tuple[FaceBox, ...]) -> tuple[FaceBox, ...]:
    """Return the faces that belong to the people the picture is about: at least a third as high as the main one."""
    if not faces:
        return ()
    return tuple(
        face for face in faces if face.box.height * 3 >= faces[0].box.height and face.score >= FAINT_BELOW
    )


def _look(picture: Picture, network: FaceNetwork, *, long_px: int) -> list[FaceBox]:
    """Run the network once, the picture padded to whole cells so that its proportions stay."""
    small = picture.within(long_px)
    width, height = small.size.width_px, small.size.height_px
    planes = np.zeros((1, 3, -(-height // 32) * 32, -(-width // 32) * 32), dtype=np.float32)
    planes[0, :, :height, :width] = small.pixels.transpose(2, 0, 1)
    maps = network(planes)
    heat = maps.heat[0, 0]
    rows, columns = np.nonzero(heat >= SUSPECTED_FROM)
    order = np.argsort(heat[rows, columns])[::-1][: 4 * MOST_FACES]
    found = []
    for row, column in zip(rows[order], columns[order], strict=True):
        face_height = float(np.exp(min(maps.scale[0, 0, row, column], 6.0))) * _STRIDE
        face_width = float(np.exp(min(maps.scale[0, 1, row, column], 6.0))) * _STRIDE
        middle_y = (row + float(maps.offset[0, 0, row, column]) + 0.5) * _STRIDE
        middle_x = (column + float(maps.offset[0, 1, row, column]) + 0.5) * _STRIDE
        box = small.transform.box(
            middle_x - face_width / 2,
            middle_y - face_height / 2,
            middle_x + face_width / 2,
            middle_y + face_height / 2,
        )
        if box.area > 0:
            found.append(FaceBox(box, min(1.0, float(heat[row, column]))))
    return found


def _without_doubles(boxes: list[FaceBox]) -> list[FaceBox]:
    """Keep the surest box of each face."""
    kept: list[FaceBox] = []
    for face in sorted(boxes, key=lambda face: face.score, reverse=True):
        if all(
            face.box.overlap(other.box) < _SAME_FACE and not _nested(face.box, other.box) for other in kept
        ):
            kept.append(face)
    return kept


def _nested(one: Box, other: Box) -> bool:
    return max(one.covers(other), other.covers(one)) > 0.85 and min(one.area, other.area) * 6 > max(
        one.area, other.area
    )


def _prominence(box: Box, size: Size) -> float:
    """Return how much the picture is about this face: its height, less when it stands at the side."""
    aside = abs(box.centre[0] - 0.5)
    return box.height * size.height_px * (1.0 - 0.8 * aside)
