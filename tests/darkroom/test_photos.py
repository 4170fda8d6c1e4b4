"""Real photos with truth, where they lie beside the project: faces are found, red is told from red walls."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from wearemany.adapters.sandbox import Darkroom
from wearemany.darkroom.developed import Developed
from wearemany.darkroom.orders import DevelopOrder

PHOTOS = Path(__file__).parents[2] / "../shared/photos/ccp"
ORDER = DevelopOrder(main_px=640, sizes_px=())
MOST_MISSED = 0.02
LEAST_FOUND_RED, MOST_FALSE_RED = 0.7, 0.02

pytestmark = pytest.mark.long


def developed_selfies(darkroom: Darkroom, *, every: int) -> Iterator[tuple[dict[str, str], Developed]]:
    """Develop all photos with red on top and every so many of the others, cut as selfies."""
    if not PHOTOS.is_dir():
        pytest.skip("the photos with truth are not beside the project (../shared/photos/ccp)")
    boxes = {row["id"]: row for row in csv.DictReader((PHOTOS / "selfie_boxes.csv").open())}
    rows = [row for row in csv.DictReader((PHOTOS / "labels.csv").open()) if row["id"] in boxes]
    for row in [row for row in rows if row["red_top"] == "yes"] + rows[::every]:
        box = tuple(int(boxes[row["id"]][name]) for name in ("x0", "y0", "x1", "y1"))
        buffer = io.BytesIO()
        Image.open(PHOTOS / "photos" / f"{row['id']}.jpg").convert("RGB").crop(box).save(
            buffer, "JPEG", quality=92
        )
        yield row, darkroom.develop(buffer.getvalue(), ORDER)


def test_faces_are_found_and_red_is_told(darkroom: Darkroom) -> None:
    """Nearly every face is found; most red tops reach a person or the wall; hardly anything else is accepted."""
    seen = list(developed_selfies(darkroom, every=12))
    kinds = [(row["red_top"], developed.verdict.kind) for row, developed in seen if developed.verdict]
    missed = sum(not developed.faces for _, developed in seen)
    reds = [kind for label, kind in kinds if label == "yes"]
    others = [kind for label, kind in kinds if label == "no"]
    assert missed <= MOST_MISSED * len(seen)
    assert sum(kind != "refuse" for kind in reds) >= LEAST_FOUND_RED * len(reds)
    assert sum(kind == "accept" for kind in others) <= MOST_FALSE_RED * len(others)
