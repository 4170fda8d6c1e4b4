"""Hashes of any range of leaves out of tiles alone: what a proof needs, in as many tiles as the tree is high.

Tiles come from a callable; nothing is known here of where they lie, or of what the leaves mean.
"""

from __future__ import annotations

from collections.abc import Callable

from wearemany.tlog.merkle import HASH_BYTES, RangeHash, root_of
from wearemany.tlog.tiles import FULL_WIDTH, LEVEL_BITS, Tile, widths

TileRead = Callable[[Tile], bytes]
"""Given a tile, its bytes; those of the full tile may stand in for a partial one."""


def hashes_beside(read: TileRead, *, size: int) -> RangeHash:
    """Return the `RangeHash` of the tree of `size` leaves whose tiles `read` gives.

    A range must be one that proofs ask for: it begins at a multiple of its length rounded up to a power of two.
    """

    def hash_of(start: int, end: int) -> bytes:
        whole = 1 << ((end - start).bit_length() - 1)
        parts = [_subtree(read, start, whole, size=size)]
        if start + whole < end:
            parts.append(hash_of(start + whole, end))
        return root_of(parts)

    return hash_of


def _subtree(read: TileRead, start: int, length: int, *, size: int) -> bytes:
    """Return the hash above `length` leaves, a power of two, from the one tile that holds it or what is below it."""
    level = (length.bit_length() - 1) // LEVEL_BITS
    index, place = divmod(start >> (LEVEL_BITS * level), FULL_WIDTH)
    count = length >> (LEVEL_BITS * level)
    full, partial = widths(level, size)
    tile = read(Tile(level, index, FULL_WIDTH if index < full else partial))
    return root_of([tile[at * HASH_BYTES : (at + 1) * HASH_BYTES] for at in range(place, place + count)])
