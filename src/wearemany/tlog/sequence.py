"""How a log grows: from its right edge and new entries to new files, a new edge and a new root.

`plan` decides nothing and writes nothing; whoever stores the files follows the order of `wall.log`.
The edge is all that must be kept to go on: the hashes of the incomplete tile of every level.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wearemany.tlog.merkle import EMPTY_ROOT, HASH_BYTES, leaf_hash, root_of
from wearemany.tlog.tiles import ENTRIES_LEVEL, FULL_WIDTH, Tile, levels, pack_bundle, widths

_SIZE_BYTES = 8


class EdgeMismatch(ValueError):
    """The edge and the entries said to lie on it do not belong together."""


@dataclass(frozen=True)
class Edge:
    """The right edge of a tree of `size` leaves: per level of tiles, the hashes of the incomplete tile."""

    size: int = 0
    hashes: tuple[tuple[bytes, ...], ...] = ()

    @property
    def root(self) -> bytes:
        """Return the root of the tree that this is the edge of."""
        right: tuple[bytes, ...] = ()
        for level in self.hashes:
            row = level + right
            right = (root_of(row),) if row else ()
        return right[0] if right else EMPTY_ROOT

    @property
    def tail_width(self) -> int:
        """Return how many entries the incomplete entry bundle holds."""
        return self.size % FULL_WIDTH

    def to_bytes(self) -> bytes:
        """Return the edge for storage: the size in eight bytes, then the hashes, lowest level first."""
        return self.size.to_bytes(_SIZE_BYTES, "big") + b"".join(b"".join(level) for level in self.hashes)

    @classmethod
    def from_bytes(cls, data: bytes) -> Edge:
        """Read a stored edge; empty bytes are the edge of an empty tree. `EdgeMismatch` when damaged."""
        if not data:
            return cls()
        size = int.from_bytes(data[:_SIZE_BYTES], "big")
        rows: list[tuple[bytes, ...]] = []
        place = _SIZE_BYTES
        for level in range(levels(size)):
            end = place + widths(level, size)[1] * HASH_BYTES
            rows.append(tuple(data[at : at + HASH_BYTES] for at in range(place, end, HASH_BYTES)))
            place = end
        if place != len(data):
            raise EdgeMismatch("a stored edge has the wrong length for its size")
        return cls(size, tuple(rows))


@dataclass(frozen=True)
class LogFile:
    """A file of the log to be stored: a full one never changes, a partial one is replaced by a wider one."""

    tile: Tile
    data: bytes

    @property
    def path(self) -> str:
        """Return the path relative to the log's prefix."""
        return self.tile.path


@dataclass(frozen=True)
class Batch:
    """What storing new entries amounts to: the files, and the edge after it."""

    edge: Edge
    files: tuple[LogFile, ...]

    @property
    def root(self) -> bytes:
        """Return the root above everything."""
        return self.edge.root


def plan(edge: Edge, entries: Sequence[bytes], *, tail: Sequence[bytes]) -> Batch:
    """Plan the appending of `entries`; `tail` are the entries of the incomplete bundle, as stored elsewhere.

    The tail is checked against the edge (`EdgeMismatch`): a store that lost or changed an entry is
    found before anything is signed over it.
    """
    known = edge.hashes[0] if edge.hashes else ()
    if tuple(leaf_hash(entry) for entry in tail) != known:
        raise EdgeMismatch("the stored entries are not those on the tree's edge")
    bundles = _bundles(edge, [*tail, *entries]) if entries else []
    grown = grow(edge, [leaf_hash(entry) for entry in entries])
    return Batch(grown.edge, (*bundles, *grown.files))


def grow(edge: Edge, leaves: Sequence[bytes]) -> Batch:
    """Plan the appending of leaf hashes: the tiles alone, without the entries' own bundles."""
    files: list[LogFile] = []
    rows: list[tuple[bytes, ...]] = []
    grown = list(leaves)
    size = edge.size + len(grown)
    for level in range(levels(size)):
        before = edge.hashes[level] if level < len(edge.hashes) else ()
        row = [*before, *grown]
        first = widths(level, edge.size)[0]
        complete = len(row) // FULL_WIDTH
        tiles = [row[at * FULL_WIDTH : (at + 1) * FULL_WIDTH] for at in range(complete)]
        files += [LogFile(Tile(level, first + at), b"".join(tile)) for at, tile in enumerate(tiles)]
        rest = row[complete * FULL_WIDTH :]
        if rest and grown:
            files.append(LogFile(Tile(level, first + complete, len(rest)), b"".join(rest)))
        rows.append(tuple(rest))
        grown = [root_of(tile) for tile in tiles]
    return Batch(Edge(size, tuple(rows)), tuple(files))


def _bundles(edge: Edge, entries: list[bytes]) -> list[LogFile]:
    first = edge.size // FULL_WIDTH
    chunks = [entries[at : at + FULL_WIDTH] for at in range(0, len(entries), FULL_WIDTH)]
    return [
        LogFile(Tile(ENTRIES_LEVEL, first + at, len(chunk)), pack_bundle(chunk))
        for at, chunk in enumerate(chunks)
    ]
