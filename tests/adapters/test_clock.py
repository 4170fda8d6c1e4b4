"""Time and chance: real unless a test stops them, and real again afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from wearemany.adapters import clock

MOMENT = datetime(2019, 3, 8, 12, 0, tzinfo=timezone(timedelta(hours=3)))


def test_now_knows_its_zone() -> None:
    """The time is aware, and in UTC."""
    assert clock.now().tzinfo is UTC
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_frozen_time_stands_and_is_moved_by_hand() -> None:
    """Inside the block both clocks stand, move together, and run again afterwards."""
    with clock.clock.frozen(MOMENT) as stopped:
        assert clock.now() == MOMENT == clock.now()
        assert clock.now().tzinfo is UTC
        started_s = clock.monotonic_s()
        stopped.advance(90)
        assert clock.now() - MOMENT == timedelta(seconds=90)
        assert clock.monotonic_s() - started_s == pytest.approx(90)
    assert clock.now() > MOMENT + timedelta(days=365)


def test_running_time_cannot_be_moved() -> None:
    """Moving time is for tests that stopped it."""
    with pytest.raises(ValueError):
        clock.clock.advance(1)
    with pytest.raises(ValueError), clock.clock.frozen(datetime(2019, 3, 8)):
        pass


def test_chance_repeats_only_when_seeded() -> None:
    """A seed fixes the draws in order; without one no two are alike."""
    with clock.clock.seeded(b"seed"):
        first = [clock.random_bytes(16), clock.random_bytes(16)]
    with clock.clock.seeded(b"seed"):
        second = [clock.random_bytes(16), clock.random_bytes(16)]
    assert first == second
    assert first[0] != first[1]
    assert clock.random_bytes(16) != clock.random_bytes(16)
    assert len(clock.random_bytes(7)) == 7
