"""How often a head whose face was not found goes to a person. Usage: python -m bench.heads CCP_FOLDER [COUNT]

Two photos of the set are put side by side, and the second person is made hard to find: as if seen from behind (hair
where the face was), covered, blurred, turned. Counted are those whose face was not found: whether anything at all was
suspected there, and whether a head was seen there. Beside them the false alarms: one person alone, from head to foot
and from head to waist, where every head has its face. Those the thresholds were chosen on are left out.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from bench.faces import NETWORK, Shot, shots, turned
from PIL import Image, ImageDraw, ImageFilter

from wearemany.adapters.inference import HEADS_MODEL, parser_network
from wearemany.darkroom.decode import Picture
from wearemany.darkroom.faces import FacesReading, find_faces
from wearemany.darkroom.geometry import Box
from wearemany.darkroom.heads import find_heads

CHOSEN_ON, LONG_PX = 90, 1600
PARSER = parser_network(HEADS_MODEL)
Placed = tuple[Image.Image, float, float, float]
"""A picture, the middle of a head in it, and the height of its face, all in pixels."""


def plain(shot: Shot) -> Placed:
    """Return the shot as it is."""
    return shot.image, shot.x, shot.y, shot.face_px


def painted(shot: Shot, patch: Image.Image, *, soft: float = 0.03) -> Placed:
    """Return the shot with an egg of the patch where its face was."""
    width, height = patch.size
    shape = Image.new("L", patch.size, 0)
    ImageDraw.Draw(shape).ellipse((0, 0, width - 1, height - 1), fill=255)
    image = shot.image.copy()
    corner = round(shot.x - width / 2), round(shot.y - height / 2)
    image.paste(patch, corner, shape.filter(ImageFilter.GaussianBlur(shot.face_px * soft)))
    return image, shot.x, shot.y, shot.face_px


def from_behind(shot: Shot) -> Placed:
    """Return the shot with what is on top of the head, mostly hair, where the face was."""
    face = shot.face_px
    top = (shot.x - 0.35 * face, shot.y - 0.62 * face, shot.x + 0.35 * face, shot.y - 0.42 * face)
    hair = np.median(np.asarray(shot.image.crop(tuple(map(round, top)))).reshape(-1, 3), axis=0)
    width, height = round(face * 0.9), round(face * 1.25)
    strands = np.random.default_rng(round(face)).normal(0, 8, (height, width, 1))
    light = np.linspace(-12, 12, width)[None, :, None]
    return painted(shot, Image.fromarray(np.clip(hair + strands + light, 0, 255).astype(np.uint8)))


def covered(shot: Shot) -> Placed:
    """Return the shot with the face under something dark."""
    size = round(shot.face_px), round(shot.face_px * 1.1)
    return painted(shot, Image.new("RGB", size, (30, 30, 34)))


def blurred(shot: Shot) -> Placed:
    """Return the shot with the face out of focus."""
    face = shot.face_px
    box = (shot.x - 0.6 * face, shot.y - 0.7 * face, shot.x + 0.6 * face, shot.y + 0.75 * face)
    box = tuple(map(round, box))
    image = shot.image.copy()
    image.paste(image.crop(box).filter(ImageFilter.GaussianBlur(face / 5)), box[:2])
    return image, shot.x, shot.y, face


HARD: dict[str, Callable[[Shot], Placed]] = {
    "as if from behind": from_behind,
    "covered": covered,
    "out of focus": blurred,
    "turned by 90 degrees": lambda shot: turned(shot, 90),
    "upside down": lambda shot: turned(shot, 180),
}


def beside(one: Placed, other: Placed) -> Placed:
    """Return both side by side, with the other's head."""
    canvas = Image.new(
        "RGB", (one[0].width + other[0].width, max(one[0].height, other[0].height)), (128, 128, 128)
    )
    canvas.paste(one[0], (0, 0))
    canvas.paste(other[0], (one[0].width, 0))
    return canvas, other[1] + one[0].width, other[2], other[3]


def to_waist(shot: Shot) -> Image.Image:
    """Return the part of a shot that a selfie shows."""
    face = shot.face_px
    left, top = max(0, round(shot.x - 2.2 * face)), max(0, round(shot.y - 1.6 * face))
    right, bottom = (
        min(shot.image.width, round(shot.x + 2.2 * face)),
        min(shot.image.height, round(shot.y + 4 * face)),
    )
    return shot.image.crop((left, top, right, bottom)).resize(
        (900, round(900 * (bottom - top) / (right - left)))
    )


def looked_at(image: Image.Image, took_ms: list[float]) -> tuple[FacesReading, tuple[Box, ...]]:
    """Return what both finders say."""
    picture = Picture(np.asarray(image)).within(LONG_PX)
    reading = find_faces(picture, NETWORK)
    began = time.process_time()
    heads = find_heads(picture, reading.faces, PARSER)
    took_ms.append((time.process_time() - began) * 1000)
    return reading, heads


def alone(name: str, images: Sequence[Image.Image], took_ms: list[float]) -> str:
    """Return a row of false alarms."""
    seen = [looked_at(image, took_ms) for image in images]
    suspected = sum(bool(reading.suspected) for reading, _ in seen)
    heads = sum(bool(heads) for _, heads in seen)
    more = sum(bool(heads) and not reading.suspected for reading, heads in seen)
    return f"| {name} | {len(images)} | {suspected} | {heads} | {more} |"


def missed(name: str, placed: Sequence[Placed], took_ms: list[float]) -> str:
    """Return a row of heads that were not found."""
    counts: Counter[str] = Counter()
    for one in placed:
        reading, heads = looked_at(one[0], took_ms)
        if any(_is_there(face.box, one) for face in reading.faces):
            continue
        counts["not found"] += 1
        counts["suspected"] += bool(reading.suspected)
        counts["there"] += any(_is_there(face.box, one) for face in reading.suspected)
        counts["head"] += any(_is_there(box, one, faces=1.5) for box in heads)
        counts["more"] += bool(heads) and not reading.suspected
    told = " | ".join(str(counts[key]) for key in ("not found", "suspected", "there", "head", "more"))
    return f"| {name} | {len(placed)} | {told} |"


def _is_there(box: Box, placed: Placed, *, faces: float = 1.0) -> bool:
    image, x, y, face_px = placed
    apart = abs(box.centre[0] * image.width - x), abs(box.centre[1] * image.height - y)
    return max(apart) < faces * face_px


def main(folder: Path, count: int) -> None:
    """Print the tables."""
    known = {shot.face_px for shot in shots(folder, CHOSEN_ON)}
    people = [shot for shot in shots(folder, 3 * count) if shot.face_px not in known][:count]
    took_ms: list[float] = []
    print("| every head has its face | photos | suspected | a head seen | sent to a person only by that |")
    print("| --- | --- | --- | --- | --- |")
    print(alone("alone, head to foot", [shot.image for shot in people], took_ms), flush=True)
    print(alone("alone, head to waist", [to_waist(shot) for shot in people], took_ms), flush=True)
    pairs = list(zip(people[::2], people[1::2], strict=False))
    two = [beside(plain(one), plain(other))[0] for one, other in pairs]
    print(alone("two side by side", two, took_ms), flush=True)
    print(
        "\n| the second of two | pairs | not found | anything suspected | suspected there | a head seen there | sent "
        "to a person only by a head |\n| --- | --- | --- | --- | --- | --- | --- |"
    )
    for name, hard in HARD.items():
        placed = [beside(plain(one), hard(other)) for one, other in pairs]
        print(missed(name, placed, took_ms), flush=True)
    print(f"\nlooking for heads takes {statistics.median(took_ms):.0f} ms")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 100)
