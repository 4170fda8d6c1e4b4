"""Where faces are. Places only: nothing here describes, compares or remembers a face.

The network is CenterFace; it is given as a callable, so this room opens no file.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from wearemany.darkroom.closer import look_closer
from wearemany.darkroom.decode import Picture
from wearemany.darkroom.developed import FaceBox
from wearemany.darkroom.face_maps import CELL_PX, FaceNetwork, read_places
from wearemany.darkroom.geometry import Box, Size
from wearemany.darkroom.orders import CoverChoice

# Large faces are found in a small picture, small faces in a large one, the smallest by a closer look at weak places.
LOOKS_PX = (960, 320)
# A larger copy shows smaller faces; so whoever is to cover it looks as much closer.
LARGER_LOOK_PX = 1440
_LARGER_FROM_PX = 2000
FOUND_FROM = 0.35
SUSPECTED_FROM = 0.2
LOOKED_AT_FROM = 0.05
FAINT_BELOW = 0.5
SMALL_BELOW_PX = 14
MOST_FACES = 400
_SAME_FACE = 0.35


@dataclass(frozen=True)
class FacesReading:
    """The faces found, the main one first; places that may be faces but were too weak to count; heads without any."""

    faces: tuple[FaceBox, ...]
    suspected: tuple[FaceBox, ...]
    heads: tuple[Box, ...] = ()

    @property
    def main(self) -> FaceBox | None:
        """The face that the picture is most about."""
        return self.faces[0] if self.faces else None


def find_faces(picture: Picture, network: FaceNetwork) -> FacesReading:
    """Return the faces of an upright picture, the largest and most central first."""
    boxes: list[FaceBox] = []
    small = picture
    is_larger = picture.size.long_px > _LARGER_FROM_PX
    for long_px in (LARGER_LOOK_PX, *LOOKS_PX) if is_larger else LOOKS_PX:
        small = small.within(long_px, is_plain=True)
        boxes.extend(_look(small, network))
    single = _without_doubles(boxes)
    found = [face for face in single if face.score >= FOUND_FROM]
    closer = look_closer(picture, _apart(single, found), network)
    single = _without_doubles([face for face in (*single, *closer) if face.score >= SUSPECTED_FROM])
    found = [face for face in single if face.score >= FOUND_FROM]
    found.sort(key=lambda face: _prominence(face.box, picture.size), reverse=True)
    return FacesReading(tuple(found[:MOST_FACES]), tuple(_apart(single, found)[:MOST_FACES]))


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
    if reading.suspected or reading.heads:
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


def _look(small: Picture, network: FaceNetwork) -> list[FaceBox]:
    """Run the network once, the picture padded to whole cells so that its proportions stay."""
    width, height = small.size.width_px, small.size.height_px
    planes = np.zeros((1, 3, -(-height // CELL_PX) * CELL_PX, -(-width // CELL_PX) * CELL_PX), dtype=np.uint8)
    planes[0, :, :height, :width] = small.pixels.transpose(2, 0, 1)
    places = read_places(network(planes), least=LOOKED_AT_FROM, most=2 * MOST_FACES)
    boxes = [FaceBox(small.transform.box(*edges), score) for score, *edges in places.tolist()]
    return [face for face in boxes if face.box.area > 0]


def _apart(weak: list[FaceBox], found: list[FaceBox]) -> list[FaceBox]:
    """Return the faces that were not found and do not lie in one that was."""
    return [
        face
        for face in weak
        if face.score < FOUND_FROM and not any(other.box.covers(face.box) > 0.3 for other in found)
    ]


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
