"""Frames on a pipe: a JSON header and raw blobs, both with lengths, read under caps. Nothing is ever unpickled."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Sequence
from typing import Any

Header = dict[str, Any]

_HEAD = struct.Struct("!II")
_LENGTH = struct.Struct("!Q")
MOST_HEADER_BYTES = 1_000_000
MOST_BLOBS = 64
MOST_BLOB_BYTES = 200_000_000


def packed(header: Header, blobs: Sequence[bytes] = ()) -> list[bytes]:
    """Return the parts of a frame, to be written one after the other; blobs are not copied."""
    encoded = json.dumps(header, allow_nan=False).encode()
    parts = [_HEAD.pack(len(encoded), len(blobs)), encoded]
    for blob in blobs:
        parts += [_LENGTH.pack(len(blob)), blob]
    return parts


def read_frame(read_exactly: Callable[[int], bytes]) -> tuple[Header, list[bytes]]:
    """Read one frame; EOFError when the other side is gone, ValueError when it is not a frame within the caps."""
    header_bytes, count = _HEAD.unpack(read_exactly(_HEAD.size))
    if header_bytes > MOST_HEADER_BYTES or count > MOST_BLOBS:
        raise ValueError("not a frame")
    header = json.loads(read_exactly(header_bytes))
    if not isinstance(header, dict):
        raise ValueError("a frame's header is an object")
    blobs, left = [], MOST_BLOB_BYTES
    for _ in range(count):
        (length,) = _LENGTH.unpack(read_exactly(_LENGTH.size))
        left -= length
        if left < 0:
            raise ValueError("a frame too large")
        blobs.append(read_exactly(length))
    return header, blobs
