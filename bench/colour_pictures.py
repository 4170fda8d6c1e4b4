"""The pictures of the colour bench: the six sets that are given, harder ones made of the masks, whole photos."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from colour_judging import Bench, Made
from colour_sets import CAMERAS, LIGHTS, UPPER, Sample, backed, patterned, recoloured
from PIL import Image

from wearemany.darkroom.decode import Picture
from wearemany.darkroom.orders import COLOURS

GIVEN = ("plain", "redback", "redshirt", "warm", "dim", "redlight")
NEIGHBOURS = ("orange", "pink", "brown", "purple")
BACKS = ("wall", "vehicle", "banner")


def given(bench: Bench, source: Path) -> Iterator[Made]:
    """Yield the six sets as they are made by the photos' own script."""
    folder = bench.work / "stress"
    if not (folder / "redlight" / "labels.csv").exists():
        command = [sys.executable, str(source / "make_stress.py"), str(folder), str(source / "ccp")]
        subprocess.run(command, check=True, capture_output=True)
    for group in GIVEN:
        with (folder / group / "labels.csv").open() as file:
            rows = list(csv.DictReader(file))
        for row in rows if group == "plain" else bench.chosen(rows, salt=group):
            image = Image.open(folder / group / "photos" / f"{row['id']}.jpg").convert("RGB")
            yield f"given: {group}", row["id"], Picture(np.asarray(image)), row["red_top"], "red"


def harder(bench: Bench) -> Iterator[Made]:
    """Yield pictures made of the masks."""
    rows = [row for row in bench.labels.values() if row["has_mask"] == "1" and row["red_top"] == "no"]
    kinds = [
        *(("back", kind) for kind in BACKS),
        *(("worn", colour) for colour in COLOURS),
    ]
    kinds += [("neighbour", colour) for colour in NEIGHBOURS]
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
