"""A progress bar on a terminal's standard error; silent where nobody watches. Standard library only."""

from __future__ import annotations

import sys
import time

_EVERY_S = 0.2
_WIDTH = 30


class Progress:
    """How far a long run has come. `step` is told how many are done; the last one ends the line."""

    def __init__(self, total: int, *, done: int = 0) -> None:
        self._total, self._first = total, done
        self._began, self._shown = time.monotonic(), 0.0

    def step(self, done: int) -> None:
        """Show that so many are done, a few times a second at most."""
        now = time.monotonic()
        is_last = done >= self._total
        if not sys.stderr.isatty() or (now - self._shown < _EVERY_S and not is_last):
            return
        self._shown = now
        end = "\n" if is_last else ""
        print(f"\r{self.line(done, now - self._began)}\x1b[K", end=end, file=sys.stderr, flush=True)

    def line(self, done: int, seconds: float) -> str:
        """Return the bar, the count and the time that is left, guessed from what this run has done."""
        filled = _WIDTH * done // max(1, self._total)
        left = (self._total - done) * seconds / max(1, done - self._first)
        rest = f", {_spoken(left)} left" if self._first < done < self._total else ""
        return f"[{'#' * filled}{'.' * (_WIDTH - filled)}] {done:,} of {self._total:,}{rest}"


def _spoken(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"
