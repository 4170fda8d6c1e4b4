"""Time and chance: the one place that reads the clock and draws random bytes.

Everything else asks here, so that a test can stop time or fix chance without patching. What does not live
here: time zones of campaigns, scheduling, identifiers (`ids` makes those out of bytes drawn here).
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta


class Clock:
    """Time and chance of this process; `frozen` and `seeded` replace them for the length of a test.

    One instance serves all threads. Stopping time stops `now` and `monotonic_s` alike; it does not stop
    `asyncio`'s own timers, `time.sleep` or the database's clock.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stopped_at: datetime | None = None
        self._stopped_monotonic_s = 0.0
        self._seed: bytes | None = None
        self._drawn = 0

    def now(self) -> datetime:
        """Return the time as an aware datetime in UTC."""
        with self._lock:
            return self._stopped_at or datetime.now(UTC)

    def monotonic_s(self) -> float:
        """Return seconds since an unknown start; never runs backwards, for measuring spans only."""
        with self._lock:
            return self._stopped_monotonic_s if self._stopped_at else time.monotonic()

    def random_bytes(self, count: int) -> bytes:
        """Return `count` bytes from the operating system, fit for keys."""
        with self._lock:
            if self._seed is None:
                return os.urandom(count)
            self._drawn += 1
            return hashlib.shake_256(self._seed + self._drawn.to_bytes(8, "big")).digest(count)

    def advance(self, seconds: float) -> None:
        """Move stopped time forward; only inside `frozen`."""
        with self._lock:
            if self._stopped_at is None:
                raise ValueError("time is running; it can be moved only while it is frozen")
            self._stopped_at += timedelta(seconds=seconds)
            self._stopped_monotonic_s += seconds

    @contextmanager
    def frozen(self, at: datetime) -> Iterator[Clock]:
        """Stop time at an aware moment until the block ends; for tests and drawn samples."""
        if at.tzinfo is None:
            raise ValueError("a frozen moment needs a time zone")
        with self._lock:
            before = (self._stopped_at, self._stopped_monotonic_s)
            self._stopped_monotonic_s = self._stopped_monotonic_s if self._stopped_at else time.monotonic()
            self._stopped_at = at.astimezone(UTC)
        try:
            yield self
        finally:
            with self._lock:
                self._stopped_at, self._stopped_monotonic_s = before

    @contextmanager
    def seeded(self, seed: bytes) -> Iterator[Clock]:
        """Make `random_bytes` repeatable until the block ends; for tests, never for kept keys."""
        with self._lock:
            before = (self._seed, self._drawn)
            self._seed, self._drawn = seed, 0
        try:
            yield self
        finally:
            with self._lock:
                self._seed, self._drawn = before


clock = Clock()


def now() -> datetime:
    """Return the time as an aware datetime in UTC."""
    return clock.now()


def monotonic_s() -> float:
    """Return seconds since an unknown start; for measuring spans only."""
    return clock.monotonic_s()


def random_bytes(count: int) -> bytes:
    """Return `count` bytes of the operating system's randomness, fit for keys."""
    return clock.random_bytes(count)


def day_start_s(moment: datetime) -> float:
    """Return when the day of a moment began in UTC, as a timestamp: all that the date of a file may tell."""
    return datetime.combine(moment.astimezone(UTC).date(), datetime.min.time(), UTC).timestamp()
