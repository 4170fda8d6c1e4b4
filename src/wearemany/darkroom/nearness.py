"""How far apart two fingerprints are. Plain numbers alone: the process that serves pages asks it too. Pure."""

from __future__ import annotations


def distance(one: bytes, other: bytes) -> int:
    """Return how many of the 256 bits differ; up to 31 means the same picture."""
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).bit_count()
