"""A brake on guessing secret codes: wrong ones are answered more slowly while there are many. Nobody is locked out.

It counts in this process's memory, for everybody together: no address is looked at, so nothing can be kept of
one. Seventy-seven random bits need no brake; it only makes a flood of guesses pointless and cheap to bear.
"""

from __future__ import annotations

import threading
from collections import deque

from wearemany.adapters import clock

FREE_A_MINUTE = 30
SLOWEST_S = 1.0
SLOWED_AT_ONCE = 2
_WINDOW_S = 60.0


class Brake:
    """Counts wrong codes of the last minute. Any number of threads; only two are ever made to wait."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wrong: deque[float] = deque(maxlen=10 * FREE_A_MINUTE)
        # A thread that waits serves nobody, so a flood must not be able to make all of them wait.
        self._waiting = threading.BoundedSemaphore(SLOWED_AT_ONCE)

    def delay_s(self) -> float:
        """Count one wrong code and return for how long its answer should wait."""
        now = clock.clock.monotonic_s()
        with self._lock:
            self._wrong.append(now)
            while self._wrong and self._wrong[0] < now - _WINDOW_S:
                self._wrong.popleft()
            over = len(self._wrong) - FREE_A_MINUTE
        return min(SLOWEST_S, 0.05 * over) if over > 0 else 0.0

    def wrong(self) -> None:
        """Take note of a wrong code, and wait if there were many."""
        delay_s = self.delay_s()
        if delay_s and self._waiting.acquire(blocking=False):
            try:
                threading.Event().wait(delay_s)
            finally:
                self._waiting.release()


brake = Brake()
