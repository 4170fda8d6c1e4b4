"""The first samples, developed at set-up by the real darkroom, so that a demo stands within seconds.

`python -m wearemany.samples.readymade` paints and develops them; the set-up calls it. A development is used only when
the order that the campaign gives is the very one it was made for; otherwise the server's darkroom does it.
"""

from __future__ import annotations

import io
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from wearemany.adapters.frames import packed, read_frame
from wearemany.adapters.sandbox import Darkroom
from wearemany.campaigns.presets import RULES
from wearemany.config.options import read_options
from wearemany.darkroom.developed import Developed
from wearemany.darkroom.orders import CallSpec, DevelopOrder, Limits
from wearemany.samples import gallery
from wearemany.samples.cues import FIRST, cover_of, kind_and_seed

SIZES_PX = (160, 640)
PRESET = "everyday"


def developed(number: int, order: DevelopOrder) -> Developed | None:
    """Return what the darkroom made of one of the first samples; None when it was not asked just this."""
    path = _path(number)
    try:
        header, blobs = read_frame(io.BytesIO(path.read_bytes()).read)
        return (
            Developed.from_json(header["developed"], blobs=blobs)
            if DevelopOrder.from_json(header["order"]) == order
            else None
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def main() -> None:
    """Paint and develop the first samples on every processor."""
    gallery.main()
    children = os.cpu_count() or 1
    with Darkroom(children=children) as darkroom, ThreadPoolExecutor(children) as threads:
        list(threads.map(lambda number: _make(darkroom, number), range(FIRST)))


def _make(darkroom: Darkroom, number: int) -> None:
    order = _order(number)
    made = darkroom.develop(gallery.picture(*kind_and_seed(number, FIRST)), order)
    path = _path(number)
    draft = path.with_suffix(".draft")
    draft.write_bytes(b"".join(packed({"order": order.to_json(), "developed": made.to_json()}, made.blobs())))
    draft.replace(path)


def _path(number: int) -> Path:
    """Return where a development is kept: by what is shown there, since another may come to stand at its place."""
    kind, seed = kind_and_seed(number, FIRST)
    return gallery.folder() / f"developed-{kind}-{seed}-{gallery.hand()}"


def _order(number: int) -> DevelopOrder:
    """Return the order that the sample campaign gives for a sample, on a server with the options' defaults."""
    options = read_options({})
    limits = {name: options[f"UPLOAD_MAX_{name.upper()}"] for name in ("bytes", "pixels", "side_px")}
    return DevelopOrder(
        spec=CallSpec(colour="red"),
        cover=cover_of(number, kind_and_seed(number, FIRST)[0]),
        drawn=(),
        main_px=RULES[PRESET].main_px,
        sizes_px=SIZES_PX,
        limits=Limits.from_json(limits),
    )


if __name__ == "__main__":
    main()
