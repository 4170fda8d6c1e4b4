"""The eight ways a picture may lie, told from its fingerprint alone: turned by quarters, and mirrored. No pixels.

PDQ's bits stand for waves across and down, each above or below the middle. Mirroring turns the sign of every second
wave across, turning by a quarter swaps across and down too. The middle is nearly nought, so only bits near it come out
otherwise than they would from the turned pixels: up to 14 of 256 when mirrored left to right, about 30 in the rarer
ways, which so are found only when little else was changed.
"""

from __future__ import annotations

SIDE = 16
BITS = SIDE * SIDE
WAYS = 8
"""Way `w` is: mirrored left to right first if `w & 4`, then `w & 3` quarter turns against the clock."""

_ACROSS = sum(1 << place for place in range(BITS) if place % SIDE % 2 == 0)
_DOWN = sum(1 << place for place in range(BITS) if place // SIDE % 2 == 0)


def turnings(fingerprint: bytes) -> tuple[bytes, ...]:
    """Return the fingerprint as it is and as it would be in the seven other ways."""
    upright = int.from_bytes(fingerprint, "big")
    ways = []
    for first in (upright, upright ^ _ACROSS):
        now = first
        for _ in range(4):
            ways.append(now.to_bytes(BITS // 8, "big"))
            now = _swapped(now) ^ _DOWN
    return tuple(ways)


def _swapped(bits: int) -> int:
    """Swap the waves across and the waves down."""
    text = f"{bits:0{BITS}b}"
    return int("".join(text[first::SIDE] for first in range(SIDE)), 2)
