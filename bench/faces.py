"""How often faces are found: by size, turn and skin. Usage: python bench/faces.py CCP_FOLDER [COUNT]

Each photo of the set shows one person. Where the head is follows from the set's own boxes, not from our finder.
Skin is told by its typology angle (ITA, from lightness and yellowness of the skin that the set's masks mark in the
head). Bystanders are set, small, into a picture of the public size that shows four others; faces of passers-by that
the photos have themselves count as "further", as mistakes do. Groups are made by putting three people side by side,
one of them made hard to see: there the question is whether a missed head was at least suspected, so that a person
looks.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageFilter

from wearemany.adapters.inference import face_network
from wearemany.adapters.sandbox import default_models_folder
from wearemany.darkroom import faces
from wearemany.darkroom.decode import Picture

FACE_OF_BOX, TOP_OF_BOX = 1 / 4.22, 0.5 / 4.22
SIZES_PX = (6, 8, 10, 12, 16, 24, 48)
TURNS = (0, 15, 30, 45, 90, 180)
TONES = ((55, "very light"), (41, "light"), (28, "intermediate"), (10, "tan"), (-30, "brown"), (-999, "dark"))
SKIN = 1
PUBLIC = (1200, 1600)
BYSTANDERS_PX = (12, 16, 20, 24, 30, 40)
NETWORK = face_network(default_models_folder())
_LAB = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB")


@dataclass(frozen=True)
class Shot:
    """One photo: the middle of its face, its height, and the skin's ITA where a mask tells it."""

    image: Image.Image
    x: float
    y: float
    face_px: float
    ita: float | None


def shots(folder: Path, count: int) -> Iterator[Shot]:
    """Yield up to `count` photos, evenly over the set."""
    rows = [
        row for row in csv.DictReader((folder / "selfie_boxes.csv").open()) if row["source"] != "fallback"
    ]
    for row in rows[:: max(1, len(rows) // count)][:count]:
        x0, y0, x1, y1 = (int(row[name]) for name in ("x0", "y0", "x1", "y1"))
        face_px = (y1 - y0) * FACE_OF_BOX
        image = Image.open(folder / "photos" / f"{row['id']}.jpg").convert("RGB")
        middle = ((x0 + x1) / 2, y0 + (y1 - y0) * TOP_OF_BOX + face_px / 2)
        yield Shot(
            image, *middle, face_px, skin_angle(folder / "masks" / f"{row['id']}.png", image, middle, face_px)
        )


def skin_angle(mask: Path, image: Image.Image, middle: tuple[float, float], face_px: float) -> float | None:
    """Return the ITA in degrees of the masked skin around the face; None where there is too little."""
    if not mask.exists():
        return None
    half = face_px * 0.6
    box = tuple(round(v) for v in (middle[0] - half, middle[1] - half, middle[0] + half, middle[1] + half))
    skin = np.asarray(Image.open(mask).crop(box)) == SKIN
    if skin.sum() < 80:
        return None
    lab = np.asarray(ImageCms.applyTransform(image.crop(box), _LAB)).astype(float)[skin]
    yellow = np.median(((lab[:, 2] + 128) % 256) - 128)
    return float(np.degrees(np.arctan2(np.median(lab[:, 0]) * 100 / 255 - 50, yellow)))


def found(image: Image.Image, x: float, y: float, face_px: float) -> tuple[bool, bool]:
    """Return whether a face was found where the head is, and whether one was at least suspected there."""
    reading = faces.find_faces(Picture(np.asarray(image)), NETWORK)

    def is_there(box_faces: tuple[faces.FaceBox, ...]) -> bool:
        return any(
            abs(face.box.centre[0] * image.width - x) < face_px
            and abs(face.box.centre[1] * image.height - y) < face_px
            for face in box_faces
        )

    return is_there(reading.faces), is_there(reading.suspected)


def scaled(shot: Shot, face_px: float) -> tuple[Image.Image, float, float, float]:
    """Return the shot in a canvas of its own size, shrunk so that the face is so high."""
    share = face_px / shot.face_px
    size = (max(1, round(shot.image.width * share)), max(1, round(shot.image.height * share)))
    canvas = Image.new("RGB", shot.image.size, (128, 128, 128))
    canvas.paste(shot.image.resize(size, Image.Resampling.LANCZOS), (0, 0))
    return canvas, shot.x * share, shot.y * share, face_px


def turned(shot: Shot, degrees: float) -> tuple[Image.Image, float, float, float]:
    """Return the shot turned around the middle of its face."""
    image = shot.image.rotate(
        degrees, Image.Resampling.BICUBIC, center=(shot.x, shot.y), fillcolor=(128, 128, 128)
    )
    return image, shot.x, shot.y, shot.face_px


def line(name: str, answers: list[tuple[bool, bool]]) -> str:
    """Return a row of a table: how many were found, and how many of the others were suspected."""
    hits, suspected = sum(hit for hit, _ in answers), sum(not hit and weak for hit, weak in answers)
    share = 100 * hits / max(1, len(answers))
    return f"| {name} | {len(answers)} | {share:.1f} % | {suspected} of {len(answers) - hits} |"


def bystander(people: list[Shot], shot: Shot, face_px: float, chance: np.random.Generator) -> list[int]:
    """Set a person, so small, into a picture of four others at the public size; return whether the face was found, or
    suspected, how many of the others were, and how many further places were found and suspected."""
    canvas, heads = Image.new("RGB", PUBLIC, (120, 120, 120)), []
    half = PUBLIC[0] // 2, PUBLIC[1] // 2
    for at, one in enumerate(chance.choice(len(people), 4, replace=False)):
        other, left, top = people[one], at % 2 * half[0], at // 2 * half[1]
        share = min(half[0] / other.image.width, half[1] / other.image.height)
        size = round(other.image.width * share), round(other.image.height * share)
        canvas.paste(other.image.resize(size, Image.Resampling.LANCZOS), (left, top))
        heads.append((other.x * share + left, other.y * share + top, other.face_px * share))
    share, reach = face_px / shot.face_px, shot.face_px * 2.2
    left, top = max(0, round(shot.x - reach)), max(0, round(shot.y - reach))
    small = shot.image.crop(
        (
            left,
            top,
            min(shot.image.width, round(shot.x + reach)),
            min(shot.image.height, round(shot.y + 2 * reach)),
        )
    )
    small = small.resize((round(small.width * share), round(small.height * share)), Image.Resampling.LANCZOS)
    for _ in range(50):
        corner = int(chance.integers(PUBLIC[0] - small.width)), int(chance.integers(PUBLIC[1] - small.height))
        x, y = corner[0] + (shot.x - left) * share, corner[1] + (shot.y - top) * share
        if all(max(abs(x - hx), abs(y - hy)) > 2.2 * px + small.height for hx, hy, px in heads):
            break
    canvas.paste(small, corner)
    reading = faces.find_faces(Picture(np.asarray(canvas)), NETWORK)
    places = [(x, y, face_px), *heads]
    hits, weak = ([near(face, places) for face in group] for group in (reading.faces, reading.suspected))
    return [0 in hits, 0 in weak and 0 not in hits, len(set(hits) - {0, -1}), hits.count(-1), weak.count(-1)]


def near(face: faces.FaceBox, heads: list[tuple[float, float, float]]) -> int:
    """Return which head a face lies at, -1 for none."""
    x, y = face.box.centre[0] * PUBLIC[0], face.box.centre[1] * PUBLIC[1]
    return next((at for at, (hx, hy, px) in enumerate(heads) if max(abs(x - hx), abs(y - hy)) < px), -1)


def bystanders(name: str, people: list[Shot], chosen: list[Shot], face_px: float) -> str:
    """Return a row of the table of bystanders."""
    chance = np.random.default_rng(round(face_px))
    sums = np.sum([bystander(people, shot, face_px, chance) for shot in chosen], axis=0)
    count = len(chosen)
    share, others = 100 * sums[0] / count, 100 * sums[2] / count / 4
    further = f"{sums[3] / count:.1f} + {sums[4] / count:.1f}"
    return (
        f"| {name} | {count} | {share:.1f} % | {sums[1]} of {count - sums[0]} | {others:.1f} % | {further} |"
    )


def grouped(
    one: Shot, two: Shot, three: Shot, chance: np.random.Generator
) -> tuple[Image.Image, list[tuple[float, float, float]]]:
    """Return three people side by side, the last one far away, blurred or turned, and where their heads are."""
    hard = (
        lambda: scaled(three, float(chance.uniform(7, 14))),
        lambda: turned(three, float(chance.uniform(50, 130))),
        lambda: (
            three.image.filter(ImageFilter.GaussianBlur(three.face_px / 7)),
            three.x,
            three.y,
            three.face_px,
        ),
    )[int(chance.integers(3))]()
    parts = [(one.image, one.x, one.y, one.face_px), (two.image, two.x, two.y, two.face_px), hard]
    canvas = Image.new(
        "RGB", (sum(part[0].width for part in parts), max(part[0].height for part in parts)), (128, 128, 128)
    )
    heads, left = [], 0
    for image, x, y, face_px in parts:
        canvas.paste(image, (left, 0))
        heads.append((x + left, y, face_px))
        left += image.width
    return canvas, heads


def groups(people: list[Shot], *, suspected_from: float) -> str:
    """Return a row: how many groups lacked a head, how many of these were sent to a person, and false alarms."""
    faces.SUSPECTED_FROM = suspected_from
    chance = np.random.default_rng(3)
    lacking = sent = alarms = whole = 0
    for at in range(0, len(people) - 2, 3):
        canvas, heads = grouped(*people[at : at + 3], chance)
        reading = faces.find_faces(Picture(np.asarray(canvas)), NETWORK)
        is_flagged = bool(
            {"fewer-faces-than-heads", "small-face", "faint-face"}
            & set(faces.advise(reading, Picture(np.asarray(canvas)).size))
        )
        seen = [
            any(
                abs(f.box.centre[0] * canvas.width - x) < px and abs(f.box.centre[1] * canvas.height - y) < px
                for f in reading.faces
            )
            for x, y, px in heads
        ]
        if all(seen):
            whole, alarms = whole + 1, alarms + is_flagged
        else:
            lacking, sent = lacking + 1, sent + is_flagged
    return f"| {suspected_from} | {whole + lacking} | {lacking} | {sent} | {alarms} of {whole} |"


def main(folder: Path, count: int) -> None:
    """Print the tables."""
    people = list(shots(folder, count))
    few = people[:: max(1, len(people) // 120)]
    head = "| photos | found | suspected, of those not found |\n| --- | --- | --- | --- |"
    print(f"| face, px high {head}")
    for px in SIZES_PX:
        print(line(str(px), [found(*scaled(shot, px)) for shot in few]))
    print(f"\n| turned by, degrees {head}")
    for degrees in TURNS:
        print(line(str(degrees), [found(*turned(shot, degrees)) for shot in few]))
    beside = "photos | found | suspected, of those not found | the four others found | further: found + suspected |"
    print(f"\n| bystander's face, px high of 1600 | {beside}\n| --- | --- | --- | --- | --- | --- |")
    for px in BYSTANDERS_PX:
        print(bystanders(str(px), people, few, px), flush=True)
    tones = []
    above = 999.0
    for least, name in TONES:
        group = [shot for shot in people if shot.ita is not None and least <= shot.ita < above]
        tones.append((f"{name} (ITA from {least}°)" if least > -999 else name, group))
        above = least
    print(f"\n| skin (as photographed) {head}")
    for name, group in tones:
        print(line(name, [found(shot.image, shot.x, shot.y, shot.face_px) for shot in group]))
    print(f"\n| skin (bystander's face 16 px high of 1600) | {beside}\n| --- | --- | --- | --- | --- | --- |")
    for name, group in tones:
        print(bystanders(name, people, group[:60], 16), flush=True)
    print("\n| suspected from | groups of three | a head not found | sent to a person | false alarms |")
    print("| --- | --- | --- | --- | --- |")
    for level in (0.35, 0.2, 0.1, 0.05):
        print(groups(few, suspected_from=level), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 400)
