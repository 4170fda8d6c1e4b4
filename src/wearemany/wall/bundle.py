"""An entry bundle as it was read: where its entries lie, and their hashes. Pure.

`tlog.tiles.unpack_bundle` is the rule; here is the same framing for millions of entries, found by their braces at
once and then checked link by link, or unpacked by the rule where that does not come out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wearemany.tlog.tiles import unpack_bundle

_FRAME_BYTES = 2
_BRACE = ord("{")


@dataclass(frozen=True, eq=False)
class Bundle:
    """A bundle's bytes, and the places in them where each entry begins and ends."""

    data: bytes
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts)

    def line(self, place: int) -> bytes:
        """Return one entry's bytes."""
        return self.data[self.starts[place] : self.ends[place]]

    def part(self, first: int, end: int) -> Bundle:
        """Return a bundle of the entries in [first, end) alone."""
        return Bundle(self.data, self.starts[first:end], self.ends[first:end])

    def leaf_hashes(self) -> list[bytes]:
        """Return the entries' hashes as leaves of the tree (RFC 6962), the same as `merkle.leaf_hash` of each."""
        # The low byte of each length becomes the zero that a leaf is hashed behind: no copy is made for it.
        marked = np.frombuffer(self.data, np.uint8).copy()
        marked[self.starts - 1] = 0
        sha256, content = hashlib.sha256, marked.tobytes()
        bounds = zip((self.starts - 1).tolist(), self.ends.tolist(), strict=True)
        return [sha256(content[start:end]).digest() for start, end in bounds]


def read_bundle(data: bytes, *, width: int) -> Bundle:
    """Return the bundle of `width` entries; `BundleMalformed` when it holds fewer, more, or half of one."""
    content = np.frombuffer(data, np.uint8)
    starts = np.flatnonzero(content == _BRACE)
    if len(starts) == width and width and starts[0] == _FRAME_BYTES:
        high, low = (content[starts - back].astype(np.int64) for back in (2, 1))
        ends = starts + high * 256 + low
        if ends[-1] == len(data) and bool((ends[:-1] + _FRAME_BYTES == starts[1:]).all()):
            return Bundle(data, starts, ends)
    lengths = np.array([len(line) for line in unpack_bundle(data, width=width)], np.int64)
    ends = np.cumsum(lengths + _FRAME_BYTES, dtype=np.int64)
    return Bundle(data, ends - lengths, ends)


def joined(bundles: Sequence[Bundle]) -> Bundle:
    """Return several bundles as one."""
    shifts = np.cumsum([0, *(len(bundle.data) for bundle in bundles)])
    moved = [
        (bundle.starts + shift, bundle.ends + shift) for bundle, shift in zip(bundles, shifts, strict=False)
    ]
    starts, ends = (np.concatenate(places) for places in zip(*moved, strict=True))
    return Bundle(b"".join(bundle.data for bundle in bundles), starts, ends)
