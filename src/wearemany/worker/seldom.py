"""For what is to happen only now and then: a step once an hour, an act a few times an hour. One process's memory."""

from __future__ import annotations

import threading
import weakref
from collections import defaultdict, deque

from wearemany.adapters import clock

_all: weakref.WeakSet[Forgetful] = weakref.WeakSet()


class Forgetful:
    """Something that lives in one process's memory and begins anew with it."""

    def __init__(self) -> None:
        _all.add(self)

    def forget(self) -> None:
        """Be as if the process had just begun."""


class Seldom(Forgetful):
    """Says now and then that it is time. It forgets itself with the process: looking too often is harmless."""

    def __init__(self, *, every_s: float) -> None:
        super().__init__()
        self._every_s = every_s
        self._next_s: float | None = None

    def is_time(self) -> bool:
        """Tell whether it is time, and count from now if so. Two threads may both be told yes."""
        now_s = clock.monotonic_s()
        if self._next_s is not None and now_s < self._next_s:
            return False
        self._next_s = now_s + self._every_s
        return True

    def forget(self) -> None:
        """Make the next question answer yes."""
        self._next_s = None


class AtMost(Forgetful):
    """Says yes a limited number of times within a span, for each key on its own. Any number of threads."""

    def __init__(self, *, every_s: float) -> None:
        super().__init__()
        self._every_s = every_s
        self._lock = threading.Lock()
        self._taken: defaultdict[int, deque[float]] = defaultdict(deque)

    def take(self, key: int, *, limit: int) -> bool:
        """Count one and answer yes, unless `limit` were counted for the key within the span."""
        now_s = clock.monotonic_s()
        with self._lock:
            taken = self._taken[key]
            while taken and taken[0] <= now_s - self._every_s:
                taken.popleft()
            if len(taken) >= limit:
                return False
            taken.append(now_s)
            return True

    def forget(self) -> None:
        """Count from nothing."""
        with self._lock:
            self._taken.clear()


def forget_all() -> None:
    """Make every watch of this process answer yes next time; a process that begins anew, or a test."""
    for watch in list(_all):
        watch.forget()
