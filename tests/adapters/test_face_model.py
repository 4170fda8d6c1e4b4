"""The face finder's network as we run it says what the network in the wheel says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from wearemany.adapters import face_model, inference
from wearemany.adapters.face_graph import HEAT, OFFSET, PICTURE, SCALE
from wearemany.adapters.inference import face_network

CLOSE = 1e-4


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the checked face model."""
    return face_model.ensure(tmp_path_factory.mktemp("models"))


def noise(*shape: int) -> np.ndarray:
    """Draw something with detail everywhere."""
    return np.random.default_rng(4).integers(0, 256, shape, dtype=np.uint8)


def test_cut_in_two_the_network_says_what_the_wheels_file_says(models: Path) -> None:
    """The same maps to a ten-thousandth, at the one size that the wheel's own file takes."""
    whole = onnxruntime.InferenceSession(face_model._source_bytes(), providers=["CPUExecutionProvider"])
    taken = next(entry for entry in whole.get_inputs() if entry.name == PICTURE)
    planes = noise(*taken.shape)
    expected = whole.run([HEAT, SCALE, OFFSET], {PICTURE: planes.astype(np.float32)})
    maps = face_network(models)(planes)
    for ours, theirs in zip((maps.heat, maps.scale, maps.offset), expected, strict=True):
        assert np.abs(ours - theirs).max() < CLOSE


@pytest.mark.parametrize("height", [32, 160, 192, 352])
def test_strips_leave_no_seam(models: Path, monkeypatch: pytest.MonkeyPatch, height: int) -> None:
    """A picture seen in strips gives the maps of the picture seen at once, whatever is left for the last strip."""
    planes, network = noise(1, 3, height, 64), face_network(models)
    in_strips = network(planes)
    monkeypatch.setattr(inference, "STRIP_PX", 10_000)
    at_once = network(planes)
    for ours, theirs in zip(
        (in_strips.heat, in_strips.scale, in_strips.offset),
        (at_once.heat, at_once.scale, at_once.offset),
        strict=True,
    ):
        assert ours.shape == theirs.shape
        assert np.abs(ours - theirs).max() < CLOSE
