"""The darkroom's child: reads orders from its standard input, answers on its standard output, touches nothing else.

Run as `python -m wearemany.adapters.darkroom_child MODELS_FOLDER`. It imports no Django, opens no file after
its models, and writes none. An upload exists here only in memory. Whoever takes this process over with a
malicious picture finds a process without network, files or privileges; it is ended after a few dozen photos.
"""

from __future__ import annotations

import ctypes
import io
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from wearemany.adapters.confine import allow_photo_time, confine
from wearemany.adapters.frames import Header, packed, read_frame
from wearemany.adapters.inference import face_network
from wearemany.darkroom.develop import Eyes, cover_more, develop
from wearemany.darkroom.developed import Developed
from wearemany.darkroom.orders import DevelopOrder
from wearemany.errors import Refused

STDIN, STDOUT = 0, 1
NICENESS = 5
_PIECE_BYTES = 1 << 20


def main(models: Path) -> None:
    """Load the models, give up every right, then answer orders until the parent closes the pipe."""
    os.nice(NICENESS)
    eyes = Eyes(face_network(models))
    _warm_up(eyes)
    let_go = _let_go()
    let_go(0)
    holds = confine()
    _answer({"ready": True, "holds": list(holds)})
    while True:
        try:
            order, blobs = read_frame(_read_exactly)
        except EOFError:
            return
        allow_photo_time()
        _answer(*_develop(order, blobs, eyes))
        # Within a photo memory is kept, since asking the system for it again and again costs half the time;
        # between photos it is given back, since a child at rest shall be small.
        order, blobs = {}, []
        let_go(0)


def _develop(header: Header, blobs: Sequence[bytes], eyes: Eyes) -> tuple[Header, Sequence[bytes]]:
    """Do one order and say how it went; only codes and plain values go back, never a sentence."""
    began = time.perf_counter()
    order = DevelopOrder.from_json(header["order"])
    try:
        again = header["verb"] == "cover-more"
        developed = cover_more(blobs[0], order) if again else develop(blobs[0], order, eyes)
    except Refused as error:
        return {"refused": error.code, "values": error.values, "cause": error.cause[:500]}, ()
    except MemoryError:
        return {"refused": "photo-too-complicated", "values": {}, "cause": "out of memory"}, ()
    except Exception as error:
        # Whatever a picture can make libraries raise is this photo's failure, not the darkroom's.
        return {
            "refused": "photo-broke-the-checker",
            "values": {},
            "cause": repr(error)[:500],
            "tired": True,
        }, ()
    return _timed(developed, began)


def _timed(developed: Developed, began: float) -> tuple[Header, Sequence[bytes]]:
    timed = replace(developed, ms=round((time.perf_counter() - began) * 1000))
    return {"developed": timed.to_json()}, timed.blobs()


def _warm_up(eyes: Eyes) -> None:
    """Let every lazy import and allocation happen before the rights are given up."""
    for width, height in ((640, 480), (320, 256)):
        eyes.faces(np.zeros((1, 3, height, width), dtype=np.float32))
    grey = Image.fromarray(np.full((80, 64, 3), 128, dtype=np.uint8))
    for container in ("JPEG", "PNG", "WEBP", "AVIF", "GIF"):
        buffer = io.BytesIO()
        grey.save(buffer, container)
        develop(buffer.getvalue(), DevelopOrder(), eyes)


def _let_go() -> Callable[[int], int]:
    """Return the C library's `malloc_trim`, or something that does nothing where there is none."""
    return getattr(ctypes.CDLL(None), "malloc_trim", lambda _: 0)


def _read_exactly(count: int) -> bytes:
    parts, left = [], count
    while left:
        part = os.read(STDIN, min(left, _PIECE_BYTES))
        if not part:
            raise EOFError
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _answer(header: Header, blobs: Sequence[bytes] = ()) -> None:
    for part in packed(header, blobs):
        view = memoryview(part)
        while view:
            view = view[os.write(STDOUT, view) :]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
