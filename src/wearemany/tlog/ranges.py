"""The hash of any range of leaves, out of published tiles: what proofs are made of where nobody keeps the whole tree.

Pure: tiles come from a `read`, and are believed. Whoever hands a proof on to others lets them verify it.
"""

from __future__ import annotations

from collections.abc import Callable

from wearemany.tlog.merkle import HASH_BYTES, RangeHash, node_hash, root_of
from wearemany.tlog.tiles import FULL_WIDTH, LEVEL_BITS, Tile, widths

ReadTile = Callable[[Tile], bytes]
"""Given a tile, its bytes; those of a wider one in its place will do."""


def ranges_in_tiles(read: ReadTile, *, size: int) -> RangeHash:
    """Return a `RangeHash` over the tiles of a tree of `size` leaves; each tile is read at most once."""
    kept: dict[tuple[int, int], bytes] = {}

    def nodes(level: int, first: int, end: int) -> list[bytes]:
        index = first // FULL_WIDTH
        if (level, index) not in kept:
            full, partial = widths(level, size)
            width = FULL_WIDTH if index < full else partial
            kept[level, index] = read(Tile(level, index, width))[: width * HASH_BYTES]
        start = (first - index * FULL_WIDTH) * HASH_BYTES
        tile = kept[level, index][start : start + (end - first) * HASH_BYTES]
        return [tile[at : at + HASH_BYTES] for at in range(0, len(tile), HASH_BYTES)]

    def hash_of(start: int, end: int) -> bytes:
        height = (end - start).bit_length() - 1
        if end - start != 1 << height:
            middle = start + (1 << height)
            return node_hash(hash_of(start, middle), hash_of(middle, end))
        level, inside = divmod(height, LEVEL_BITS)
        first = start >> (LEVEL_BITS * level)
        return root_of(nodes(level, first, first + (1 << inside)))

    return hash_of
