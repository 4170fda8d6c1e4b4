"""How well the colour check does on photos with truth, on harder ones made of them, and beside simpler rules.

Usage: python bench/colour.py PHOTOS WORK [--most N] [--only NAME ...]

PHOTOS holds ccp/, garments/ and make_stress.py. WORK keeps what was made. Each photo is read by a network that did not
learn from it (training/folds/); photos without such a network are left out. Nothing was tuned on
the harder pictures.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import colour_baselines as baselines
import numpy as np
from colour_marks import Marks, macro_f1
from colour_sets import CAMERAS, LIGHTS, SIDE_PX, UPPER, Sample, backed, patterned, recoloured
from PIL import Image

from wearemany.adapters.inference import PARSER_MODEL, face_network, parser_network
from wearemany.adapters.sandbox import default_models_folder
from wearemany.darkroom.colour import linear_of
from wearemany.darkroom.decode import Picture
from wearemany.darkroom.faces import find_faces
from wearemany.darkroom.garment import read_garment
from wearemany.darkroom.orders import COLOURS, CallSpec
from wearemany.darkroom.parse import Frame, ParserNetwork, parse
from wearemany.darkroom.verdict import judge

FOLDS = Path(__file__).parents[1] / "training" / "folds"
SEED, HOW_MANY = 7, 2
GIVEN = ("plain", "redback", "redshirt", "warm", "dim", "redlight")
CHROMATIC = ("red", "orange", "yellow", "green", "blue", "purple", "pink")
Made = tuple[str, str, Picture, str, str]
"""Set, photo, picture, the truth (yes, no, unsure), the colour called."""


class Bench:
    """The photos, the networks, and what each judge said so far."""

    def __init__(self, photos: Path, work: Path, most: int) -> None:
        self.photos, self.work, self.most = photos / "ccp", work, most
        self.faces = face_network(default_models_folder())
        self.parsers: dict[int, ParserNetwork] = {
            at: parser_network(FOLDS / f"fold-{at}.onnx")
            for at in range(HOW_MANY)
            if (FOLDS / f"fold-{at}.onnx").exists()
        }
        with (self.photos / "labels.csv").open() as file:
            self.labels = {row["id"]: row for row in csv.DictReader(file)}
        with (self.photos / "selfie_boxes.csv").open() as file:
            self.boxes = {
                row["id"]: tuple(int(row[edge]) for edge in ("x0", "y0", "x1", "y1"))
                for row in csv.DictReader(file)
            }
        self.marks: dict[str, dict[str, Marks]] = defaultdict(lambda: defaultdict(Marks))
        self.ms: list[float] = []

    def parser(self, name: str) -> ParserNetwork | None:
        """Return the network that has not learned from a photo."""
        fold = int(hashlib.sha256(f"{SEED}-{name}".encode()).hexdigest()[:12], 16) % HOW_MANY
        return self.parsers.get(fold)

    def chosen(self, rows: Iterable[dict[str, str]], *, salt: str) -> list[dict[str, str]]:
        """Return all that are disputable, and `most` each of clear reds and others, always the same ones."""
        rows = [row for row in rows if self.parser(row["id"])]
        order = sorted(rows, key=lambda row: hashlib.sha256((salt + row["id"]).encode()).digest())
        unsure = [row for row in order if row["red_top"] == "unsure"]
        clear = ([row for row in order if row["red_top"] == truth][: self.most] for truth in ("yes", "no"))
        return [*unsure, *(row for rows in clear for row in rows)]

    def sample(self, name: str) -> Sample:
        """Open a photo's selfie crop with its mask."""
        image = Image.open(self.photos / "photos" / f"{name}.jpg").convert("RGB").crop(self.boxes[name])
        pixels = np.asarray(image.resize(SIDE_PX, Image.Resampling.LANCZOS), np.float64) / 255
        mask = Image.open(self.photos / "masks" / f"{name}.png").crop(self.boxes[name])
        return Sample(name, pixels, np.asarray(mask.resize(SIDE_PX, Image.Resampling.NEAREST)))

    def judge(self, made: Made) -> None:
        """Let everybody judge a picture."""
        group, name, picture, truth, colour = made
        spec = CallSpec(colour=colour, garments="top")
        faces = find_faces(picture, self.faces).faces
        began = time.process_time()
        ours = judge(spec, read_garment(picture, faces, self.parser(name), "top"), faces)
        self.ms.append((time.process_time() - began) * 1000)
        places = judge(spec, read_garment(picture, faces), faces)
        self.marks[group]["ours"].said.append((truth, ours.kind))
        self.marks[group]["usual places"].said.append((truth, places.kind))
        if colour == "red":
            for rule in (baselines.whole_picture_hsv, baselines.torso_hsv, baselines.torso_oklab):
                kind = "accept" if rule(picture, faces) >= 0.5 else "refuse"
                self.marks[group][rule.__name__.replace("_", " ")].said.append((truth, kind))


def given(bench: Bench, source: Path) -> Iterator[Made]:
    """Yield the six sets as they are made by the photos' own script."""
    folder = bench.work / "stress"
    if not (folder / "redlight" / "labels.csv").exists():
        command = [sys.executable, str(source / "make_stress.py"), str(folder), str(source / "ccp")]
        subprocess.run(command, check=True, capture_output=True)
    for group in GIVEN:
        with (folder / group / "labels.csv").open() as file:
            rows = list(csv.DictReader(file))
        for row in bench.chosen(rows, salt=group):
            image = Image.open(folder / group / "photos" / f"{row['id']}.jpg").convert("RGB")
            yield f"given: {group}", row["id"], Picture(np.asarray(image)), row["red_top"], "red"


def harder(bench: Bench) -> Iterator[Made]:
    """Yield pictures made of the masks."""
    rows = [row for row in bench.labels.values() if row["has_mask"] == "1" and row["red_top"] == "no"]
    kinds = [
        *(("back", kind) for kind in ("wall", "vehicle", "banner")),
        *(("worn", colour) for colour in COLOURS),
    ]
    kinds += [("neighbour", colour) for colour in ("orange", "pink", "brown", "purple")]
    kinds += [("light", kind) for kind in LIGHTS] + [("camera", kind) for kind in CAMERAS]
    kinds += [("pattern", kind) for kind in ("stripes", "plaid", "print")]
    kinds += [("elsewhere", kind) for kind in ("skirt or trousers", "hair", "bag, scarf, hat")]
    kinds += [("layered", "red under an open jacket")]
    for what, kind in kinds:
        for row in bench.chosen(rows, salt=what + kind):
            sample = bench.sample(row["id"])
            yield from _made(sample, what, kind, np.random.default_rng(int(row["id"])))


def _made(sample: Sample, what: str, kind: str, random: np.random.Generator) -> Iterator[Made]:
    upper = sample.is_one_of(*UPPER)
    if upper.mean() < 0.04:
        return
    group, truth, called = f"{what}: {kind}", "no", "red"
    if what == "back":
        pixels = backed(sample, kind, random)
    elif what == "worn":
        pixels, truth, called = recoloured(sample, upper, kind, random), "yes", kind
    elif what == "neighbour":
        pixels = recoloured(sample, upper, kind, random)
    elif what in ("light", "camera"):
        truth = "yes" if random.random() < 0.5 else "no"
        worn = (
            "red"
            if truth == "yes"
            else str(random.choice(["orange", "pink", "brown", "blue", "green", "grey"]))
        )
        pixels = {**LIGHTS, **CAMERAS}[kind](recoloured(sample, upper, worn, random), random)
    elif what == "pattern":
        pixels, truth = patterned(sample, kind, random), "unsure"
    elif what == "layered":
        inner = sample.is_one_of(3)
        if not (inner.mean() > 0.02 and sample.is_one_of(4).mean() > 0.02):
            return
        pixels, truth = recoloured(sample, inner, "red", random), "yes"
    else:
        where = sample.is_one_of({"hair": 2, "skirt or trousers": 6}.get(kind, 7))
        if where.mean() < 0.01:
            return
        pixels = recoloured(sample, where, "red", random)
    picture = Picture((np.clip(pixels, 0, 1) * 255 + 0.5).astype(np.uint8))
    yield group, sample.name, picture, truth, called


def full_photos(bench: Bench) -> Iterator[Made]:
    """Yield whole photos of clear and disputable reds, and of others."""
    for row in bench.chosen(bench.labels.values(), salt="full"):
        image = Image.open(bench.photos / "photos" / f"{row['id']}.jpg").convert("RGB")
        yield "real: full photos", row["id"], Picture(np.asarray(image)), row["red_top"], "red"


def tell_overlap(bench: Bench) -> None:
    """Print the upper garment's overlap on selfie boxes, by the lightness of the face's skin."""
    found: list[tuple[float, float]] = []
    for name, row in bench.labels.items():
        network = bench.parser(name)
        if row["has_mask"] != "1" or network is None:
            continue
        sample = bench.sample(name)
        picture = Picture((sample.pixels * 255 + 0.5).astype(np.uint8))
        seen = parse(picture, Frame(0, 0, *SIDE_PX), network)
        chances = np.stack([np.asarray(Image.fromarray(plane).resize(SIDE_PX)) for plane in seen.chances])
        said = chances[list(UPPER)].sum(axis=0) > np.delete(chances, UPPER, axis=0).max(axis=0)
        true = sample.is_one_of(*UPPER)
        if not true.any():
            continue
        skin = sample.is_one_of(1) & (np.arange(SIDE_PX[1])[:, None] < SIDE_PX[1] * 0.4)
        light = float(np.median(linear_of(picture.pixels)[skin].mean(axis=1))) if skin.sum() > 200 else np.nan
        found.append((light, float((said & true).sum() / (said | true).sum())))
    lights, overlaps = np.array(found).T
    third = np.nanpercentile(lights, [33, 67])
    groups = {
        "darker": lights < third[0],
        "between": (lights >= third[0]) & (lights < third[1]),
        "lighter": lights >= third[1],
    }
    told = ", ".join(f"{name} {overlaps[chosen].mean():.3f}" for name, chosen in groups.items())
    print(
        f"upper garment, intersection over union, {len(found)} selfie boxes: {overlaps.mean():.3f} "
        f"(skin as photographed: {told})"
    )


def tell_colours(bench: Bench) -> None:
    """Print how well each judged colour is named on selfie boxes: does the call for it accept?"""
    truths, said = [], []
    for name, row in bench.labels.items():
        network = bench.parser(name)
        if not row["color"] or network is None:
            continue
        image = Image.open(bench.photos / "photos" / f"{name}.jpg").convert("RGB").crop(bench.boxes[name])
        picture = Picture(np.asarray(image.resize(SIDE_PX, Image.Resampling.LANCZOS)))
        faces = find_faces(picture, bench.faces).faces
        reading = read_garment(picture, faces, network, "top")
        truths.append(row["color"])
        said.append(
            {c for c in COLOURS if judge(CallSpec(colour=c, garments="top"), reading, faces).kind == "accept"}
        )
    mean, each = macro_f1(truths, said, CHROMATIC)
    print(
        f"judged colours, {len(truths)} selfie boxes: macro F1 {mean:.3f} "
        f"({', '.join(f'{c} {v:.2f}' for c, v in each.items())})"
    )


def tell_nobody(bench: Bench, folder: Path) -> None:
    """Print how many photos of clothes without a person would be accepted, each for red and for what it seems to be."""
    paths = sorted((folder / "photos").glob("*.jpg"))
    accepted = faces_seen = 0
    network = parser_network()
    for path in paths:
        picture = Picture(np.asarray(Image.open(path).convert("RGB"))).within(1600)
        faces = find_faces(picture, bench.faces).faces
        faces_seen += bool(faces)
        reading = read_garment(picture, faces, network)
        accepted += any(
            judge(CallSpec(colour=c), reading, faces).kind == "accept"
            for c in {"red", reading.garment_colour} - {""}
        )
    print(f"nobody in the picture, {len(paths)} photos: accepted {accepted}; a face was seen in {faces_seen}")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--most", type=int, default=10_000, help="pictures of a set")
    parser.add_argument(
        "--only", nargs="*", default=[], choices=("overlap", "colours", "nobody", "given", "full", "harder")
    )
    chosen = parser.parse_args()
    bench = Bench(chosen.photos, chosen.work, chosen.most)
    parts = chosen.only or ["overlap", "colours", "nobody", "given", "full", "harder"]
    size = PARSER_MODEL.stat().st_size
    print(
        f"model {size / 1e6:.2f} MB; networks that did not learn from the photo: "
        f"folds {sorted(bench.parsers)} of {HOW_MANY}"
    )
    if "overlap" in parts:
        tell_overlap(bench)
    if "colours" in parts:
        tell_colours(bench)
    if "nobody" in parts:
        tell_nobody(bench, chosen.photos / "garments")
    sources = {
        "given": lambda: given(bench, chosen.photos),
        "full": lambda: full_photos(bench),
        "harder": lambda: harder(bench),
    }
    for part, source in sources.items():
        if part not in parts:
            continue
        last = ""
        for made in source():
            if last and made[0] != last:
                _print(bench, last)
            bench.judge(made)
            last = made[0]
        if last:
            _print(bench, last)
    if bench.ms:
        print(
            f"after decoding and faces: median {np.median(bench.ms):.0f} ms of processor time, "
            f"95 % {np.percentile(bench.ms, 95):.0f} ms"
        )


def _print(bench: Bench, group: str) -> None:
    for judge_name, marks in bench.marks[group].items():
        print(f"{group:34} {len(marks.said):4} {judge_name:18} {marks.told()}", flush=True)


if __name__ == "__main__":
    main()
