"""Tiles and entry bundles as C2SP tlog-tiles names and frames them: paths there and back, widths, framing.

A full tile holds 256 hashes (8 levels of the tree) and never changes; a partial one holds fewer and is
named after how many. Entry bundles go by the same numbers. What entries mean is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

FULL_WIDTH = 256
LEVEL_BITS = 8
HIGHEST_LEVEL = 5
ENTRIES_LEVEL = -1
LONGEST_ENTRY_BYTES = 0xFFFF
LONGEST_PATH = 64

_PATH = re.compile(
    r"tile/(?P<level>entries|[0-9])/(?P<index>(?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


class PathMalformed(ValueError):
    """The path names no tile and no entry bundle."""


class BundleMalformed(ValueError):
    """The bytes are not a bundle of that many entries."""


@dataclass(frozen=True)
class Tile:
    """A tile's place: its level (`ENTRIES_LEVEL` for an entry bundle), its index there, and its width."""

    level: int
    index: int
    width: int = FULL_WIDTH

    @property
    def is_full(self) -> bool:
        """Tell whether the tile is complete and so will never change."""
        return self.width == FULL_WIDTH

    @property
    def path(self) -> str:
        """Return the path relative to the log's prefix, such as `tile/0/x001/234.p/7`."""
        level = "entries" if self.level == ENTRIES_LEVEL else str(self.level)
        partial = "" if self.is_full else f".p/{self.width}"
        return f"tile/{level}/{index_path(self.index)}{partial}"


def index_path(index: int) -> str:
    """Write an index in groups of three digits, every group but the last marked with `x`."""
    groups = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        groups.append(f"x{index % 1000:03d}")
    return "/".join(reversed(groups))


def parse_path(path: str) -> Tile:
    """Return what a path names; anything but the one right spelling raises `PathMalformed`."""
    match = _PATH.fullmatch(path) if len(path) <= LONGEST_PATH and path.isascii() else None
    if match is None:
        raise PathMalformed("not the path of a tile")
    level = ENTRIES_LEVEL if match["level"] == "entries" else int(match["level"])
    index = int(match["index"].replace("x", "").replace("/", ""))
    tile = Tile(level, index, int(match["width"] or FULL_WIDTH))
    if level > HIGHEST_LEVEL or tile.path != path:
        raise PathMalformed("not the only spelling of a tile's path")
    return tile


def widths(level: int, size: int) -> tuple[int, int]:
    """Return how many full tiles a tree of `size` leaves has at a level, and the partial one's width or 0."""
    nodes = size >> (LEVEL_BITS * max(level, 0))
    return divmod(nodes, FULL_WIDTH)


def tiles_at(level: int, size: int) -> Iterator[Tile]:
    """Yield the tiles of one level that a tree of `size` leaves is made of, left to right."""
    full, partial = widths(level, size)
    for index in range(full):
        yield Tile(level, index)
    if partial:
        yield Tile(level, full, partial)


def levels(size: int) -> int:
    """Return how many levels of tiles a tree of `size` leaves has."""
    return (size.bit_length() + LEVEL_BITS - 1) // LEVEL_BITS


def tiles_of(size: int) -> Iterator[Tile]:
    """Yield every entry bundle and every tile of a tree of `size` leaves, entries first, then upwards."""
    for level in (ENTRIES_LEVEL, *range(levels(size))):
        yield from tiles_at(level, size)


def pack_bundle(entries: Sequence[bytes]) -> bytes:
    """Frame entries, each behind its length in two big-endian bytes; ValueError for one that is too long."""
    if any(len(entry) > LONGEST_ENTRY_BYTES for entry in entries):
        raise ValueError("an entry of a bundle has at most 65,535 bytes")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def unpack_bundle(data: bytes, *, width: int) -> list[bytes]:
    """Return the `width` entries of a bundle; `BundleMalformed` when it holds fewer, more, or half of one."""
    entries: list[bytes] = []
    place = 0
    while place < len(data):
        end = place + 2 + int.from_bytes(data[place : place + 2], "big")
        if place + 2 > len(data) or end > len(data):
            raise BundleMalformed("the bundle ends inside an entry")
        entries.append(data[place + 2 : end])
        place = end
    if len(entries) != width:
        raise BundleMalformed(f"the bundle holds {len(entries)} entries instead of {width}")
    return entries
