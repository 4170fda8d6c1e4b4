"""Who judges in the colour bench: our reader by the fold's network, usual places, and simpler rules; what each said."""

from __future__ import annotations

import csv
import hashlib
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import colour_baselines as baselines
import numpy as np
from colour_marks import Marks
from colour_sets import SIDE_PX, Sample
from PIL import Image

from wearemany.adapters.inference import face_network, parser_network
from wearemany.adapters.sandbox import default_models_folder
from wearemany.darkroom.decode import Picture
from wearemany.darkroom.developed import FaceBox
from wearemany.darkroom.faces import find_faces
from wearemany.darkroom.garment import read_garment
from wearemany.darkroom.orders import CallSpec, Garments
from wearemany.darkroom.parse import ParserNetwork
from wearemany.darkroom.verdict import judge

FOLDS = Path(__file__).parents[1] / "training" / "folds"
SEED, HOW_MANY = 7, 4
NEAR_COPIES = {"0984": "0078"}
"""A photo that is nearly the same as another one, and was held out with it (`training/photos.py`)."""
OURS, PLACES = "ours", "usual places"
SIMPLE = (baselines.whole_picture_hsv, baselines.torso_hsv, baselines.torso_oklab)
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
        self.scores: list[tuple[str, str, str, str, float]] = []

    def parser(self, name: str) -> ParserNetwork | None:
        """Return the network that has not learned from a photo."""
        name = NEAR_COPIES.get(name, name)
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

    def picture(self, name: str) -> Picture:
        """Open a photo's selfie crop."""
        image = Image.open(self.photos / "photos" / f"{name}.jpg").convert("RGB").crop(self.boxes[name])
        return Picture(np.asarray(image.resize(SIDE_PX, Image.Resampling.LANCZOS)))

    def faces_in(self, picture: Picture) -> tuple[FaceBox, ...]:
        """Find the faces as the program does."""
        return find_faces(picture, self.faces).faces

    def judge(self, made: Made, *, garments: Garments = "top") -> None:
        """Let everybody judge a picture."""
        group, name, picture, truth, colour = made
        spec = CallSpec(colour=colour, garments=garments)
        faces = self.faces_in(picture)
        began = time.thread_time()
        reading = read_garment(picture, faces, self.parser(name), spec)
        ours = judge(spec, reading, faces)
        self.ms.append((time.thread_time() - began) * 1000)
        self.marks[group][OURS].said.append((truth, ours.kind))
        self.scores.append((group, name, truth, ours.kind, reading.likelihood(colour)))
        if garments != "top":
            return
        places = judge(spec, read_garment(picture, faces, None, spec), faces)
        self.marks[group][PLACES].said.append((truth, places.kind))
        for rule in SIMPLE if colour == "red" else ():
            kind = "accept" if rule(picture, faces) >= 0.5 else "refuse"
            self.marks[group][rule.__name__.replace("_", " ")].said.append((truth, kind))
