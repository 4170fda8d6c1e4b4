"""The loop: runs every step, round after round, until nothing is due, then waits to be woken.

Work is in rows, so the loop knows nothing that could be lost: it may be killed at any moment, and any
number of loops may run in any number of processes. A commit in this process wakes it (`wake_on_commit`);
for other processes' commits there are hints (`hints`), and it looks every second.
"""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.db import close_old_connections, connections, transaction

from wearemany.adapters import clock
from wearemany.errors import WeAreManyError
from wearemany.worker.hints import tell_on_commit

Step = Callable[[], int]
"""Does what is due, or a batch of it, and returns how many rows it handled; 0 means idle."""

LOOK_EVERY_S = 1.0
_LONGEST_PAUSE_S = 60.0
_log = logging.getLogger("wearemany.worker")


class _Bell:
    """Wakes every loop of this process; a ring while nobody waits is not lost."""

    def __init__(self) -> None:
        self._rung = threading.Condition()
        self._times = 0

    def ring(self) -> None:
        with self._rung:
            self._times += 1
            self._rung.notify_all()

    def times(self) -> int:
        with self._rung:
            return self._times

    def wait(self, *, heard: int, longest_s: float) -> None:
        with self._rung:
            self._rung.wait_for(lambda: self._times != heard, timeout=longest_s)


_bell = _Bell()


def wake() -> None:
    """Make the loops of this process look now; cheap, from any thread."""
    _bell.ring()


def wake_on_commit() -> None:
    """Wake the loops once the current transaction is committed, here and elsewhere; at once when there is none."""
    transaction.on_commit(wake)
    tell_on_commit()


@dataclass
class _Paused:
    """A step that failed: left out until `until_s`, twice as long each time. Owned by one loop's thread."""

    failures: int = 0
    until_s: float = 0.0


def run(steps: Sequence[Step], stop: threading.Event, *, look_every_s: float = LOOK_EVERY_S) -> None:
    """Run `steps` in order, round after round, until `stop` is set (then call `wake` to end at once).

    A step that fails is logged by its error's code alone and paused; the others go on.
    """
    pauses = {step: _Paused() for step in steps}
    try:
        while not stop.is_set():
            heard = _bell.times()
            handled = 0
            for step in steps:
                if stop.is_set():
                    break
                handled += _attempt(step, pauses[step])
            close_old_connections()
            if not handled and not stop.is_set():
                _bell.wait(heard=heard, longest_s=look_every_s)
    finally:
        connections.close_all()


def run_until_idle(steps: Sequence[Step], *, rounds: int = 1000) -> int:
    """Run `steps` round after round until a whole round handles nothing; errors pass on to the caller.

    Returns how many rows were handled. For commands, imports and tests.
    """
    total = 0
    for _ in range(rounds):
        handled = sum(step() for step in steps)
        total += handled
        if not handled:
            break
    return total


def _attempt(step: Step, paused: _Paused) -> int:
    if paused.failures and clock.monotonic_s() < paused.until_s:
        return 0
    try:
        handled = step()
    except Exception as error:
        # Whatever it is, the other steps must go on: a broken feed may not stop people from taking posts back.
        paused.failures += 1
        paused.until_s = clock.monotonic_s() + min(_LONGEST_PAUSE_S, 2.0 ** min(paused.failures - 1, 10))
        _log.error("step %s failed: %s", _name(step), describe(error))
        return 0
    paused.failures = 0
    return handled


def describe(error: BaseException) -> str:
    """Return what may be logged of an error: its code, or its type and place; never its text or values."""
    if isinstance(error, WeAreManyError):
        return error.code
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"


def _name(step: Step) -> str:
    return f"{getattr(step, '__module__', '?')}.{getattr(step, '__name__', '?')}"
