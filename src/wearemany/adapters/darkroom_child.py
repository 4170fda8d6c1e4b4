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
from PIL import ExifTags, Image, ImageCms

from wearemany.adapters.child_pipe import answer_write, is_asked_within, order_read
from wearemany.adapters.confine import allow_photo_time, confine
from wearemany.adapters.frames import Header
from wearemany.adapters.inference import HEADS_MODEL, face_network, model_digest, parser_network
from wearemany.darkroom.develop import Eyes, cover_more, develop
from wearemany.darkroom.developed import Developed
from wearemany.darkroom.face_maps import FaceMaps, Planes
from wearemany.darkroom.intake import admit
from wearemany.darkroom.orders import DevelopOrder
from wearemany.errors import Refused

NICENESS = 5
AT_REST_S = 0.5
LARGE_PIXELS = 13_000_000
FULL = "photo-too-complicated"
CARDS = (
    ("JPEG", "RGB"),
    ("JPEG", "CMYK"),
    ("PNG", "RGBA"),
    ("PNG", "I;16"),
    ("WEBP", "RGBA"),
    ("AVIF", "RGB"),
    ("GIF", "P"),
)


def main(models: Path) -> None:
    """Load the models, give up every right, then answer orders until the parent closes the pipe."""
    os.nice(NICENESS)
    eyes = Eyes(face_network(models), parser_network(), model_digest(), heads=parser_network(HEADS_MODEL))
    warm_up(eyes)
    let_go = _let_go()
    let_go(0)
    holds = confine()
    answer_write({"ready": True, "holds": list(holds)})
    while True:
        try:
            order, blobs = order_read()
        except EOFError:
            return
        allow_photo_time()
        # Asking the system for memory again and again costs a tenth of a photo, so that it is kept from one to the
        # next. But a child at rest shall be small, and a large picture shall find all the room that there is.
        is_large = _is_large(order, blobs)
        if is_large:
            let_go(0)
        answer_write(*_develop(order, blobs, eyes))
        order, blobs = {}, []
        if is_large or not is_asked_within(AT_REST_S):
            let_go(0)


def _is_large(header: Header, blobs: Sequence[bytes]) -> bool:
    """Say whether a picture is larger than most phones make them; one whose header cannot be read is not."""
    try:
        return admit(blobs[0], DevelopOrder.from_json(header["order"]).limits).size.pixels > LARGE_PIXELS
    except Exception:
        # Whatever it is, developing meets it again and says it.
        return False


def _develop(header: Header, blobs: Sequence[bytes], eyes: Eyes) -> tuple[Header, Sequence[bytes]]:
    """Do one order and say how it went; only codes and plain values go back, never a sentence."""
    began = time.perf_counter()
    order = DevelopOrder.from_json(header["order"])
    try:
        again = header["verb"] == "cover-more"
        developed = cover_more(blobs[0], order) if again else develop(blobs[0], order, eyes)
    except Refused as error:
        # Libraries that ran out of memory say it so, too; a fresh child may have enough.
        is_full = error.code == FULL and "memory" in error.cause.lower()
        answer = {"refused": error.code, "values": error.values, "cause": error.cause[:500]}
        return {**answer, "full": is_full, "tired": is_full}, ()
    except MemoryError:
        return {"refused": FULL, "values": {}, "cause": "out of memory", "full": True, "tired": True}, ()
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


def warm_up(eyes: Eyes) -> None:
    """Let every late import and first allocation happen before the rights are given up; after, no module can be opened.

    The whole road is walked once for each kind of file, also with a face, though a grey card has none.
    """
    for width, height in ((736, 960), (320, 256), (512, 64)):
        eyes.faces(np.zeros((1, 3, height, width), dtype=np.uint8))
    shades = np.arange(80 * 64 * 3, dtype=np.uint32).reshape(80, 64, 3) * 40503 >> 16
    card = Image.fromarray(shades.astype(np.uint8))
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    exif, order = Image.Exif(), DevelopOrder(main_px=64, sizes_px=())
    exif[ExifTags.Base.Orientation] = 6
    for container, mode in CARDS:
        buffer = io.BytesIO()
        options = {} if container == "GIF" else {"exif": exif, "icc_profile": profile}
        card.convert("L").convert(mode).save(buffer, container, **options)
        developed = develop(buffer.getvalue(), order, replace(eyes, faces=_a_face))
    cover_more(developed.renditions[0].content, replace(order, drawn=(developed.crop,)))


def _a_face(planes: Planes) -> FaceMaps:
    """See one face in the middle of whatever there is, and a weak place in a corner."""
    rows, columns = planes.shape[2] // 4, planes.shape[3] // 4
    heat = np.zeros((1, 1, rows, columns), dtype=np.float32)
    heat[0, 0, rows // 3, columns // 2] = 0.9
    heat[0, 0, rows - 1, 0] = 0.1
    flat = np.ones((1, 2, rows, columns), dtype=np.float32)
    return FaceMaps(heat=heat, scale=flat, offset=flat)


def _let_go() -> Callable[[int], int]:
    """Return the C library's `malloc_trim`, or something that does nothing where there is none."""
    return getattr(ctypes.CDLL(None), "malloc_trim", lambda _: 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
