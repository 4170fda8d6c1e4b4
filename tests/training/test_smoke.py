"""The training script on a handful of drawn people: it learns, goes on where it stopped, and writes a model."""

from __future__ import annotations

import csv
import hashlib
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from wearemany.adapters.inference import parser_network
from wearemany.darkroom.parse import CELL_PX, CLASSES, HEIGHT_PX, WIDTH_PX

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-training" / "bin" / "python"
INSTALLED = ROOT / ".venv-training" / ".installed"
PEOPLE = 6

pytestmark = [
    pytest.mark.training,
    pytest.mark.skipif(
        not INSTALLED.exists(), reason="`./run prove` and `./run train` install what training needs"
    ),
]

STRAIGHTENING = """
import sys
import torch
sys.path.insert(0, sys.argv[1])
from muon import straighten

torch.manual_seed(7)
wide = torch.randn(2, 16, 90) @ torch.diag(torch.logspace(-1.5, 1.5, 90))
left, lengths, right = torch.linalg.svd(wide, full_matrices=False)
assert lengths.max() > 5 * lengths.min()
even = straighten(wide)
lengths = torch.linalg.svdvals(even)
assert 0.6 < lengths.min() and lengths.max() < 1.3, lengths
assert (even * (left @ right)).sum() > 0.95 * even.norm() * (left @ right).norm()
assert torch.allclose(straighten(wide.mT), even.mT)
"""


def drawn_photos(folder: Path) -> Path:
    """Lay out a few drawn people with masks as the real photos are."""
    for name in ("photos", "masks"):
        (folder / name).mkdir(parents=True)
    y, x = np.mgrid[0:300, 0:200]
    labels, boxes = [], []
    for at in range(PEOPLE):
        random = np.random.default_rng(at)
        mask = np.zeros((300, 200), np.uint8)
        mask[(y > 110) & (np.abs(x - 100) < 55)] = 3
        mask[((x - 100) / 24) ** 2 + ((y - 70) / 32) ** 2 < 1] = 1
        mask[(((x - 100) / 30) ** 2 + ((y - 55) / 30) ** 2 < 1) & (y < 55)] = 2
        pixels = random.integers(0, 255, (8, 3))[mask] + random.normal(0, 6, (300, 200, 3))
        Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(folder / "photos" / f"{at:04}.jpg")
        Image.fromarray(mask).save(folder / "masks" / f"{at:04}.png")
        labels.append({"id": f"{at:04}", "has_mask": "1"})
        boxes.append({"id": f"{at:04}", "x0": 30, "y0": 20, "x1": 170, "y1": 207})
    for name, rows in (("labels.csv", labels), ("selfie_boxes.csv", boxes)):
        with (folder / name).open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
    return folder


def run(photos: Path, out: Path, *, steps: int) -> str:
    """Run the script as anyone would."""
    command = [str(PYTHON), str(ROOT / "training" / "train.py"), str(photos), str(out)]
    options = f"--steps {steps} --batch 3 --fold 0 --folds 2 --threads 1".split()
    done = subprocess.run([*command, *options], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_all_directions_are_moved_alike() -> None:
    """What Muon makes of a gradient has its directions and none that is much longer than another, wide or tall."""
    command = [str(PYTHON), "-c", STRAIGHTENING, str(ROOT / "training")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-3000:]


def test_a_short_training_writes_a_model_that_the_program_can_run(tmp_path: Path) -> None:
    """A few steps, a second call that goes on instead of beginning anew, and a file that answers for every cell."""
    photos, out = drawn_photos(tmp_path / "photos"), tmp_path / "run"
    assert "held out" in run(photos, out, steps=4)
    before = (out / "parser.onnx").read_bytes()
    run(photos, out, steps=4)
    assert (out / "parser.onnx").read_bytes() == before
    content = (out / "parser.onnx").read_bytes()
    assert hashlib.sha256(content).hexdigest() == (out / "parser.onnx.sha256").read_text().strip()
    assert len(content) < 5_000_000
    chances = parser_network(out / "parser.onnx")(np.zeros((1, 3, HEIGHT_PX, WIDTH_PX), np.float32))
    assert chances.shape == (1, len(CLASSES), HEIGHT_PX // CELL_PX, WIDTH_PX // CELL_PX)
    assert np.allclose(chances.sum(axis=1), 1.0, atol=1e-4)
