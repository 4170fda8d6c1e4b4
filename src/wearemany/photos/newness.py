"""Is this a picture that the darkroom has not just seen? Only the order of turns asks, nobody is judged by it.

The fingerprints of the last few thousand pictures, of the last hour at most, in one process's memory.
"""

from __future__ import annotations

from collections import deque
from threading import Lock

from wearemany.adapters import clock
from wearemany.darkroom.developed import Developed
from wearemany.worker.seldom import Forgetful

NEAR_BITS = 60
QUALITY_LEAST = 50
REMEMBERED = 4_000
KEPT_S = 3600.0


class Newness(Forgetful):
    """What was seen lately. Any number of threads."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = Lock()
        self.forget()

    def forget(self) -> None:
        """Have seen nothing."""
        self._seen: deque[tuple[float, int]] = deque(maxlen=REMEMBERED)

    def is_new(self, developed: Developed) -> bool:
        """Tell whether a picture shows somebody and is like none of the last hour; and remember it."""
        if developed.fingerprint.quality < QUALITY_LEAST:
            return bool(developed.faces)
        bits = int.from_bytes(developed.fingerprint.content)
        now_s = clock.monotonic_s()
        with self._lock:
            while self._seen and self._seen[0][0] <= now_s - KEPT_S:
                self._seen.popleft()
            is_near = any((bits ^ other).bit_count() <= NEAR_BITS for _, other in self._seen)
            self._seen.append((now_s, bits))
        return bool(developed.faces) and not is_near


newness = Newness()
"""What this process's darkroom has seen."""
