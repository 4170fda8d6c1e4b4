"""Draws one card and ends: an order and a covered picture come by standard input, the card goes to standard output.

Run as `python -m wearemany.adapters.card_child`. As limited as the darkroom's children, but without their models, so
that it is there in a moment and nothing of it stays.
"""

from __future__ import annotations

import io
import os
from pathlib import Path

from PIL import Image

from wearemany import darkroom
from wearemany.adapters.child_pipe import answer_write, order_read
from wearemany.adapters.confine import allow_photo_time, confine
from wearemany.darkroom.card import draw_card
from wearemany.darkroom.geometry import Box
from wearemany.darkroom.lettering import Lettering
from wearemany.darkroom.orders import CardOrder

FONT = Path(darkroom.__file__).with_name("fonts") / "DejaVuSansCondensed-Bold.ttf"
NICENESS = 5


def main() -> None:
    """Load what drawing needs, give up every right, draw one card."""
    os.nice(NICENESS)
    lettering = Lettering(FONT.read_bytes())
    _warm_up(lettering)
    holds = confine()
    answer_write({"ready": True, "holds": list(holds)})
    header, blobs = order_read()
    allow_photo_time()
    try:
        card = draw_card(blobs[0], CardOrder.from_json(header["order"]), lettering)
    except Exception as error:
        answer_write({"failed": repr(error)[:500]})
    else:
        answer_write({"card": True}, (card,))


def _warm_up(lettering: Lettering) -> None:
    """Let every lazy import happen before the rights are given up."""
    buffer = io.BytesIO()
    Image.new("RGB", (80, 100)).save(buffer, "WEBP")
    plain = CardOrder(
        "post", Box(0.0, 0.0, 1.0, 1.0), colour="red", phrase="א", tag="#A", handle="a", link="a"
    )
    draw_card(buffer.getvalue(), plain, lettering)


if __name__ == "__main__":
    main()
