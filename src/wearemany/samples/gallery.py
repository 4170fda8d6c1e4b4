"""Painted samples that are kept beside the environment: a picture takes a quarter of a second to paint.

A picture's name carries a digest of the drawing code: a changed hand is never mixed up with an older one's pictures.
"""

from __future__ import annotations

import hashlib
import io
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

from PIL import Image

from wearemany.samples.cues import FIRST, kind_and_seed
from wearemany.samples.painter import paint
from wearemany.samples.scenes import Scene, repeat_of, scene

SENT_PX = (720, 900)
DRAWING = Path(__file__).resolve().parent
NOT_DRAWING = frozenset(
    {
        "__main__.py",
        "cues.py",
        "easel.py",
        "gallery.py",
        "programme.py",
        "readymade.py",
        "sending.py",
        "words.py",
    }
)


def picture(kind: str, seed: int) -> bytes:
    """Return the painting of a scene, from the folder when it was painted before."""
    path = folder() / f"{kind}-{seed}-{hand()}.jpg"
    try:
        return path.read_bytes()
    except OSError:
        painted = as_sent(paint(scene_of(kind, seed)))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        draft.write_bytes(painted)
        draft.replace(path)
    except OSError:
        # A read-only or full environment costs time, not the demo.
        return painted
    return painted


def as_sent(painted: bytes) -> bytes:
    """Return the painting as a phone on a slow line sends it: smaller, so that a demo's many are checked sooner."""
    picture = Image.open(io.BytesIO(painted))
    out = io.BytesIO()
    picture.resize(SENT_PX, Image.Resampling.LANCZOS).save(out, "JPEG", quality=88)
    return out.getvalue()


def scene_of(kind: str, seed: int) -> Scene:
    """Return the scene of a sample; a repeat is an ordinary one saved again."""
    return repeat_of(scene(seed)) if kind == "repeat" else scene(seed, kind)


def folder() -> Path:
    """Return where painted samples are kept."""
    return Path(sys.prefix) / "share" / "wearemany" / "samples"


@cache
def hand() -> str:
    """Return a short digest of the drawing code."""
    digest = hashlib.sha256()
    for path in sorted(DRAWING.glob("*.py")):
        if path.name not in NOT_DRAWING:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _paint_number(number: int) -> None:
    picture(*kind_and_seed(number, FIRST))


def main() -> None:
    """Paint what a demo shows first, on every processor."""
    with ProcessPoolExecutor() as painters:
        list(painters.map(_paint_number, range(FIRST)))
