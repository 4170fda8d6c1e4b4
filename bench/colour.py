"""How well the colour check does on photos with truth.

Usage: python bench/colour.py LABELS.csv PHOTOS OUT.csv [BOXES.csv]

Runs `photo check`'s own code on every labelled photo (cut to its selfie box where BOXES is given) and writes
`id,prob,color,verdict` for the scorer that comes with the photos. Prints what the machine would do with the clear ones.
"""

from __future__ import annotations

import csv
import io
import sys
from collections import Counter
from pathlib import Path

from PIL import Image

from wearemany.adapters.sandbox import Darkroom
from wearemany.darkroom.orders import CallSpec, DevelopOrder
from wearemany.errors import Refused

ORDER = DevelopOrder(spec=CallSpec(colour="red", garments="top"), main_px=640, sizes_px=())


def upload_of(path: Path, box: tuple[int, ...] | None) -> bytes:
    """Read a photo, cut to its box where there is one."""
    if box is None:
        return path.read_bytes()
    buffer = io.BytesIO()
    Image.open(path).convert("RGB").crop(box).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def main(labels: Path, photos: Path, out: Path, boxes: Path | None) -> None:
    """Check every labelled photo and write one line for each."""
    rows = list(csv.DictReader(labels.open()))
    cut = {}
    if boxes:
        cut = {
            row["id"]: tuple(int(row[k]) for k in ("x0", "y0", "x1", "y1"))
            for row in csv.DictReader(boxes.open())
        }
    seen: Counter[tuple[str, str]] = Counter()
    with Darkroom(children=1) as darkroom, out.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "prob", "color", "verdict_kind"])
        for row in rows:
            try:
                developed = darkroom.develop(
                    upload_of(photos / f"{row['id']}.jpg", cut.get(row["id"])), ORDER
                )
            except Refused as error:
                seen[(row["red_top"], error.code)] += 1
                continue
            verdict, reading = developed.verdict, developed.reading
            assert verdict is not None and reading is not None
            writer.writerow([row["id"], f"{verdict.score:.4f}", reading.garment_colour, verdict.kind])
            seen[(row["red_top"], verdict.kind)] += 1
    for (label, kind), count in sorted(seen.items()):
        print(f"{label:7} {kind:24} {count}")


if __name__ == "__main__":
    paths = [Path(argument) for argument in sys.argv[1:]]
    main(paths[0], paths[1], paths[2], paths[3] if len(paths) > 3 else None)
