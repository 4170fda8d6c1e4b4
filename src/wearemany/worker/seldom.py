"""For steps that need to look only once in a while, such as once an hour."""

from __future__ import annotations

import weakref

from wearemany.adapters import clock

_all: weakref.WeakSet[Seldom] = weakref.WeakSet()


class Seldom:
    """Says now and then that it is time. It forgets itself with the process: looking too often is harmless."""

    def __init__(self, *, every_s: float) -> None:
        self._every_s = every_s
        self._next_s: float | None = None
        _all.add(self)

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


def forget_all() -> None:
    """Make every watch of this process answer yes next time; a process that begins anew, or a test."""
    for watch in list(_all):
        watch.forget()
