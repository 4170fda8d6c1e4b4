"""The photos with masks as arrays on disk, cut once to a person's frame, and their folds. No drawing, no network.

A frame is what the product looks at: a box hung on the face. It is kept here with room around it, so that a
training step may move, turn, widen or tighten it without opening a photo again.
"""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor

CLASSES = ("background", "skin", "hair", "top", "outerwear", "full body", "lower body", "other")
LONG_PX = 512
WIDE_PX = 384
_ALIKE = 0.97


@dataclass(frozen=True)
class Photos:
    """All photos as one tensor of bytes: pixels (n, LONG_PX, WIDE_PX, 3), labels (n, LONG_PX, WIDE_PX).

    `sizes` is how much of that place a photo fills (height, width; the rest is nothing), `boxes` is its selfie
    box in that place: left, top, right, bottom in pixels.
    """

    ids: tuple[str, ...]
    pixels: Tensor
    labels: Tensor
    sizes: npt.NDArray[np.float32]
    boxes: npt.NDArray[np.float32]

    def to(self, device: torch.device) -> Photos:
        """Return the same photos in the memory of a device: 0.6 GB of them are quickest where they are looked at."""
        return replace(self, pixels=self.pixels.to(device), labels=self.labels.to(device))


def read_photos(source: Path, cache: Path, most: int | None = None) -> Photos:
    """Return the photos that have a mask; the first time they are decoded into `cache`, then only mapped."""
    with (source / "selfie_boxes.csv").open() as file:
        boxes = {
            row["id"]: [float(row[edge]) for edge in ("x0", "y0", "x1", "y1")] for row in csv.DictReader(file)
        }
    with (source / "labels.csv").open() as file:
        ids = tuple(
            row["id"] for row in csv.DictReader(file) if row["has_mask"] == "1" and row["id"] in boxes
        )[:most]
    cache.mkdir(parents=True, exist_ok=True)
    shape = (len(ids), LONG_PX, WIDE_PX)
    paths = [cache / f"{name}-{len(ids)}.npy" for name in ("pixels", "labels", "sizes", "boxes")]
    if not paths[3].exists():
        pixels = np.lib.format.open_memmap(paths[0], "w+", np.uint8, (*shape, 3))
        labels = np.lib.format.open_memmap(paths[1], "w+", np.uint8, shape)
        sizes, placed = np.zeros((len(ids), 2), np.float32), np.zeros((len(ids), 4), np.float32)
        for at, name in enumerate(ids):
            image = Image.open(source / "photos" / f"{name}.jpg").convert("RGB")
            mask = Image.open(source / "masks" / f"{name}.png")
            scale = min(LONG_PX / image.height, WIDE_PX / image.width)
            width, height = round(image.width * scale), round(image.height * scale)
            pixels[at, :height, :width] = np.asarray(image.resize((width, height), Image.Resampling.LANCZOS))
            labels[at, :height, :width] = np.asarray(mask.resize((width, height), Image.Resampling.NEAREST))
            sizes[at], placed[at] = (height, width), np.array(boxes[name]) * scale
        pixels.flush()
        labels.flush()
        np.save(paths[2], sizes)
        np.save(paths[3], placed)
    mapped = [torch.from_numpy(np.load(path, mmap_mode="c")) for path in paths[:2]]
    return Photos(ids, *mapped, np.load(paths[2]), np.load(paths[3]))


def fold_of(name: str, *, folds: int, seed: int) -> int:
    """Return the fold that a photo is held out in; the same name, number and seed always give the same fold."""
    return int(hashlib.sha256(f"{seed}-{name}".encode()).hexdigest()[:12], 16) % folds


def held_out(photos: Photos, *, fold: int, folds: int, seed: int) -> npt.NDArray[np.bool_]:
    """Return which photos are held out in a fold. Photos that are nearly the same are held out together."""
    tiny = np.stack([_tiny(photos, at) for at in range(len(photos.ids))])
    alike = tiny @ tiny.T >= _ALIKE
    first = alike.argmax(axis=1)
    return np.array([fold_of(photos.ids[at], folds=folds, seed=seed) == fold for at in first])


def _tiny(photos: Photos, at: int) -> npt.NDArray[np.float32]:
    height, width = (int(side) for side in photos.sizes[at])
    grey = Image.fromarray(photos.pixels[at, :height, :width].numpy()).convert("L").resize((16, 24))
    values = np.asarray(grey, np.float32).reshape(-1)
    values = values - values.mean()
    return values / (np.linalg.norm(values) + 1e-6)
