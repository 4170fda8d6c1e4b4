"""Drawn pictures and a face network made of arithmetic: the pure rooms are tested without weights or photos."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from wearemany.adapters.face_model import ensure
from wearemany.adapters.sandbox import Darkroom
from wearemany.darkroom.develop import Eyes
from wearemany.darkroom.face_maps import FaceMaps, Planes

TRIALS = Path(__file__).parents[2] / "../shared/trials"
MARK = (255, 0, 255)


def encoded(pixels: np.ndarray, container: str = "PNG", **options: object) -> bytes:
    """Encode an array of pixels."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, container, **options)
    return buffer.getvalue()


def person(
    *,
    shirt: tuple[int, int, int] = (190, 30, 40),
    wall: tuple[int, int, int] = (170, 175, 180),
    height: int = 640,
) -> np.ndarray:
    """Draw a person without a face of their own: skin with a magenta mark that the drawn network takes for a face."""
    width = height * 3 // 4
    y, x = np.mgrid[0:height, 0:width] / np.array([height, width]).reshape(2, 1, 1)
    noise = np.random.default_rng(7).normal(0, 4, (height, width, 1))
    pixels = np.full((height, width, 3), wall, dtype=np.float64)
    torso = (y > 0.52) & (np.abs(x - 0.5) < np.clip(0.2 + (y - 0.52), 0, 0.36))
    pixels[torso] = shirt
    pixels[((x - 0.5) / 0.13) ** 2 + ((y - 0.3) / 0.15) ** 2 < 1] = (205, 160, 135)
    pixels[(np.abs(x - 0.5) < 0.05) & (y > 0.4) & (y < 0.53)] = (200, 152, 128)
    pixels = np.clip(pixels + noise, 0, 255)
    pixels[(np.abs(x - 0.5) < 0.02) & (np.abs(y - 0.3) < 0.015)] = MARK
    return pixels.astype(np.uint8)


def drawn_faces(planes: Planes) -> FaceMaps:
    """Find magenta marks: a face 13 times as wide and 20 times as high around each."""
    height, width = planes.shape[2] // 4, planes.shape[3] // 4
    red, green, blue = planes[0]
    marked = ((red > 200) & (green < 90) & (blue > 200)).astype(np.float32)
    heat, scale = np.zeros((1, 1, height, width), np.float32), np.zeros((1, 2, height, width), np.float32)
    rows, columns = np.nonzero(marked)
    if len(rows):
        middle = int(rows.mean()) // 4, int(columns.mean()) // 4
        heat[0, 0, middle[0], middle[1]] = 0.9
        scale[0, 0, middle[0], middle[1]] = np.log(max(np.ptp(rows) * 10, 8) / 4)
        scale[0, 1, middle[0], middle[1]] = np.log(max(np.ptp(columns) * 6.5, 8) / 4)
    return FaceMaps(heat=heat, scale=scale, offset=np.zeros((1, 2, height, width), np.float32))


@pytest.fixture
def eyes() -> Eyes:
    """Eyes that see the marks of drawn people."""
    return Eyes(drawn_faces)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the checked face model."""
    folder = tmp_path_factory.mktemp("models")
    ensure(folder)
    return folder


@pytest.fixture(scope="session")
def darkroom(models: Path) -> Iterator[Darkroom]:
    """A real darkroom with two children."""
    with Darkroom(models=models, children=2) as room:
        yield room


@pytest.fixture
def trial() -> Callable[[str], Path]:
    """Give a trial's folder, or skip when it is not beside the project."""

    def folder(name: str) -> Path:
        path = TRIALS / name
        if not path.is_dir():
            pytest.skip(f"the trial {name} is not beside the project (../shared/trials/{name})")
        return path

    return folder
