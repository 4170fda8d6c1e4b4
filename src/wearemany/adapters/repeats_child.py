"""Finds near fingerprints, or looks at two pictures: orders by standard input, answers by standard output.

Run as `python -m wearemany.adapters.repeats_child prints` or `... looks`. Two errands for two children: the one that
holds a campaign's fingerprints never sees a picture, and the one that opens pictures holds nothing.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image

from wearemany.adapters.child_pipe import answer_write, order_read
from wearemany.adapters.confine import allow_photo_time, confine
from wearemany.adapters.frames import Header
from wearemany.darkroom.prints import PRINT_BYTES, Prints
from wearemany.darkroom.sameness import Sight, look_again

NICENESS = 5
# Ten million prints, and room to make a block anew.
PRINTS_BYTES_MAX = 3_000_000_000
PRINTS_CPU_S = 1_000_000

Answer = tuple[Header, Sequence[bytes]]
Errand = Callable[[Header, Sequence[bytes]], Answer]


def main(errand: str) -> None:
    """Load what is needed, give up every right, then answer until the parent closes the pipe."""
    os.nice(NICENESS)
    if errand == "prints":
        do, holds = _prints(Prints()), confine(resident_bytes=PRINTS_BYTES_MAX, cpu_s=PRINTS_CPU_S)
    else:
        _warm_up()
        do, holds = _look, confine()
    answer_write({"ready": True, "holds": list(holds)})
    while True:
        try:
            header, blobs = order_read()
        except EOFError:
            return
        answer_write(*do(header, blobs))


def _prints(prints: Prints) -> Errand:
    def do(header: Header, blobs: Sequence[bytes]) -> Answer:
        verb = header["verb"]
        if verb == "add":
            prints.add(np.frombuffer(blobs[0], dtype=np.int64), _rows(blobs[1]))
        elif verb == "remove":
            prints.remove(np.frombuffer(blobs[0], dtype=np.int64))
        elif verb == "near":
            near = prints.near(_rows(blobs[0]), within_bits=int(header["within_bits"]))
            columns = (near.asked, near.labels, near.bits)
            return {"near": len(near)}, [column.astype(np.int64).tobytes() for column in columns]
        return {"prints": len(prints), "memory_bytes": prints.memory_bytes}, ()

    return do


def _look(header: Header, blobs: Sequence[bytes]) -> Answer:
    allow_photo_time()
    covers = [tuple(tuple(float(edge) for edge in box) for box in boxes) for boxes in header["covers"]]
    try:
        seen = look_again(
            Sight(blobs[0], covers[0]), Sight(blobs[1], covers[1]), turned=int(header["turned"])
        )
    except Exception as error:
        return {"failed": repr(error)[:500]}, ()
    return {"worst": seen.worst, "share": seen.share}, ()


def _rows(blob: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.uint64]]:
    return np.frombuffer(blob, dtype=np.uint64).reshape(-1, PRINT_BYTES // 8)


def _warm_up() -> None:
    """Let every lazy import happen before the rights are given up."""
    buffer = io.BytesIO()
    shades = np.arange(80 * 64 * 3, dtype=np.uint32).reshape(80, 64, 3) * 40503 >> 16
    Image.fromarray(shades.astype(np.uint8)).save(buffer, "WEBP")
    look_again(Sight(buffer.getvalue()), Sight(buffer.getvalue(), ((0.4, 0.1, 0.6, 0.3),)), turned=4)


if __name__ == "__main__":
    main(sys.argv[1])
