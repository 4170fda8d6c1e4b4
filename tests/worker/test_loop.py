"""The loop: round after round, woken by commits, stopped by nothing but its stop."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from wearemany.errors import TryAgain
from wearemany.worker.loop import run, run_until_idle, wake, wake_on_commit

PATIENCE_S = 10.0


def until(holds: Callable[[], bool]) -> bool:
    """Wait until something holds; False when it never did."""
    end = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True


class Work:
    """A step that handles what was put in."""

    def __init__(self) -> None:
        self.waiting = 0
        self.done = 0
        self.looks = 0

    def __call__(self) -> int:
        self.looks += 1
        if not self.waiting:
            return 0
        self.waiting -= 1
        self.done += 1
        return 1


class Loop:
    """A loop in a thread of its own."""

    def __init__(self, *steps: Callable[[], int], look_every_s: float) -> None:
        self.stop = threading.Event()
        self.thread = threading.Thread(
            target=run, args=(steps, self.stop), kwargs={"look_every_s": look_every_s}
        )

    def __enter__(self) -> Loop:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        wake()
        self.thread.join(PATIENCE_S)
        assert not self.thread.is_alive()


def test_a_wake_is_heard_at_once() -> None:
    """A loop that would look again in an hour starts as soon as it is woken."""
    work = Work()
    with Loop(work, look_every_s=3600):
        assert until(lambda: work.looks > 0)
        work.waiting = 3
        wake()
        assert until(lambda: work.done == 3)


def test_other_processes_work_is_found_by_looking() -> None:
    """Work that nobody rang for is found at the next look."""
    work = Work()
    with Loop(work, look_every_s=0.02):
        work.waiting = 1
        assert until(lambda: work.done == 1)


def test_an_idle_loop_sleeps() -> None:
    """With nothing to do the steps are not run over and over."""
    work = Work()
    with Loop(work, look_every_s=3600):
        assert until(lambda: work.looks > 0)
        time.sleep(0.1)
        assert work.looks <= 2


def test_a_failing_step_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    """One step fails every time; the next one still gets all its work done, and the failing one is paused."""
    failures = []

    def failing() -> int:
        failures.append(1)
        raise TryAgain("feed-asleep", "The feed sleeps.", cause="Olga's address is 192.0.2.7")

    work = Work()
    work.waiting = 5
    with caplog.at_level(logging.ERROR), Loop(failing, work, look_every_s=0.005):
        assert until(lambda: work.done == 5)
        time.sleep(0.1)
    assert len(failures) < 3
    assert "feed-asleep" in caplog.text


def test_a_failure_is_logged_without_what_it_says(caplog: pytest.LogCaptureFixture) -> None:
    """An unexpected error is logged by its type and place: its text may hold somebody's words."""

    def clumsy() -> int:
        raise ValueError("caption of Vera, posted 12:34:56")

    with caplog.at_level(logging.DEBUG), Loop(clumsy, look_every_s=0.005):
        assert until(lambda: "ValueError" in caplog.text)
    assert "test_loop.py" in caplog.text
    assert "Vera" not in caplog.text
    assert "12:34:56" not in caplog.text


def test_until_idle_runs_later_steps_for_earlier_ones() -> None:
    """What one step leaves behind the next one finds, and the first one may find that again."""
    first, second = Work(), Work()
    first.waiting = 2

    def hands_on() -> int:
        handled = first()
        second.waiting += handled
        return handled

    assert run_until_idle((second, hands_on)) == 4
    assert (first.done, second.done) == (2, 2)


@pytest.mark.database
def test_a_commit_wakes_and_a_rollback_does_not(transactional_db: None) -> None:
    """The loop is woken when the rows are there to be found, not before."""
    work = Work()
    with Loop(work, look_every_s=3600):
        assert until(lambda: work.looks > 0)
        time.sleep(0.05)
        looks = work.looks
        with transaction.atomic():
            wake_on_commit()
            time.sleep(0.05)
            assert work.looks == looks
        assert until(lambda: work.looks > looks)
        time.sleep(0.05)
        looks = work.looks
        with pytest.raises(RuntimeError), transaction.atomic():
            wake_on_commit()
            raise RuntimeError
        time.sleep(0.05)
        assert work.looks == looks


@pytest.mark.database
def test_the_loop_closes_its_connections(transactional_db: None) -> None:
    """A loop that has ended leaves no connection of its thread open."""
    seen = []

    def touching() -> int:
        connection.ensure_connection()
        seen.append(connection.connection)
        return 0

    with Loop(touching, look_every_s=0.01):
        assert until(lambda: bool(seen))
    with pytest.raises(Exception, match=r"(?i)closed"):
        seen[-1].cursor().execute("SELECT 1")
