"""Cards as the rest of the server sees them: a covered picture and an order go in, a JPEG comes out, nothing is kept.

Standard library only: Pillow lives in the child. A child is started for one card and is gone after it, so that any
node can do it, also one without a darkroom. One at a time; a few may wait; others are told to come again.
"""

from __future__ import annotations

import threading

from wearemany.adapters.sandbox import Child, ChildGoneError, ChildLateError
from wearemany.darkroom.orders import CardOrder
from wearemany.errors import N_, TryAgain

CHILD_MODULE = "wearemany.adapters.card_child"
WAITING_AT_ONCE = 2
WAIT_S = 6.0
CARD_BYTES_MAX = 4_000_000
_JPEG_BEGINS = b"\xff\xd8\xff"

_drawing = threading.BoundedSemaphore(1)
_waiting = threading.BoundedSemaphore(1 + WAITING_AT_ONCE)


def card_draw(main_rendition: bytes, order: CardOrder) -> bytes:
    """Return the card as JPEG. Raises TryAgain `card-busy` when others are being drawn, `card-failed` when it broke."""
    if not _waiting.acquire(blocking=False):
        raise _busy()
    try:
        if not _drawing.acquire(timeout=WAIT_S):
            raise _busy()
        try:
            return _drawn(main_rendition, order)
        finally:
            _drawing.release()
    finally:
        _waiting.release()


def _drawn(main_rendition: bytes, order: CardOrder) -> bytes:
    child = Child(CHILD_MODULE)
    try:
        child.wait_ready()
        header, blobs = child.exchange({"order": order.to_json()}, (main_rendition,))
    except (ChildGoneError, ChildLateError) as error:
        raise _failed(str(error)) from error
    finally:
        child.end()
    # What the child says is believed no further than it looks.
    if len(blobs) != 1 or not blobs[0].startswith(_JPEG_BEGINS) or len(blobs[0]) > CARD_BYTES_MAX:
        raise _failed(str(header.get("failed", "no picture"))[:500])
    return blobs[0]


def _busy() -> TryAgain:
    return TryAgain("card-busy", N_("Many cards are being drawn right now. Please try again in a minute."))


def _failed(cause: str) -> TryAgain:
    return TryAgain(
        "card-failed", N_("The card could not be drawn. Please try again in a minute."), cause=cause
    )
