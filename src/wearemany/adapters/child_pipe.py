"""The child's end of the pipes: frames from its standard input, answers to its standard output. Nothing else."""

from __future__ import annotations

import os
import select
from collections.abc import Sequence

from wearemany.adapters.frames import Header, packed, read_frame

STDIN, STDOUT = 0, 1
_PIECE_BYTES = 1 << 20


def is_asked_within(seconds: float) -> bool:
    """Say whether an order comes, or the end of the pipe, before so much time has passed."""
    poll = select.poll()
    poll.register(STDIN, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def order_read() -> tuple[Header, list[bytes]]:
    """Return the next order; EOFError when the parent has closed the pipe."""
    return read_frame(_read_exactly)


def answer_write(header: Header, blobs: Sequence[bytes] = ()) -> None:
    """Answer with one frame."""
    for part in packed(header, blobs):
        view = memoryview(part)
        while view:
            view = view[os.write(STDOUT, view) :]


def _read_exactly(count: int) -> bytes:
    parts, left = [], count
    while left:
        part = os.read(STDIN, min(left, _PIECE_BYTES))
        if not part:
            raise EOFError
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
