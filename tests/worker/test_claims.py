"""Due rows: who gets them, for how long, and what becomes of them."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection

from tests.rig import House
from wearemany.adapters import clock
from wearemany.photos.models import DoomedBlob
from wearemany.worker.claims import LeaseLost, claim, delay_s, finish, finish_deleted, postpone, retry

pytestmark = pytest.mark.database


def due(count: int = 1) -> None:
    """Leave some rows to be worked on."""
    for number in range(count):
        DoomedBlob.objects.create(blob=f"u/{number}", due_at=clock.now() - timedelta(seconds=count - number))


def test_a_due_row_is_claimed_once(db: None, house: House) -> None:
    """While a lease lives nobody else gets the row, and a finished row is never due again."""
    due()
    (row,) = claim(DoomedBlob, limit=5, lease_s=60)
    assert claim(DoomedBlob, limit=5, lease_s=60) == []
    finish(row)
    house.clock.advance(3600)
    assert claim(DoomedBlob, limit=5, lease_s=60) == []
    row.refresh_from_db()
    assert (row.due_at, row.lease_until, row.lease_owner, row.attempts) == (None, None, "", 0)


def test_the_longest_due_come_first_and_no_more_than_asked(db: None, house: House) -> None:
    """A claim takes at most `limit` rows, the longest due first, and leaves what is not due yet."""
    due(4)
    DoomedBlob.objects.create(blob="u/later", due_at=clock.now() + timedelta(seconds=1))
    assert [row.blob for row in claim(DoomedBlob, limit=3, lease_s=60)] == ["u/0", "u/1", "u/2"]
    assert [row.blob for row in claim(DoomedBlob, limit=3, lease_s=60)] == ["u/3"]


def test_a_dead_workers_row_goes_to_the_next(db: None, house: House) -> None:
    """When a lease has run out the row is claimed again, and its attempts tell of the one that died."""
    due()
    (dead,) = claim(DoomedBlob, limit=1, lease_s=60)
    house.clock.advance(60)
    (next_one,) = claim(DoomedBlob, limit=1, lease_s=60)
    assert next_one.attempts == 2
    with pytest.raises(LeaseLost):
        finish(dead)
    with pytest.raises(LeaseLost):
        retry(dead, code="late")
    with pytest.raises(LeaseLost):
        finish_deleted(dead)
    finish_deleted(next_one)
    assert not DoomedBlob.objects.exists()


def test_a_failure_waits_twice_as_long_each_time(db: None, house: House) -> None:
    """Retries come after 2, 4, 8 seconds, at most ten minutes apart; the last error's code stays readable."""
    due()
    for wait_s in (2, 4, 8):
        (row,) = claim(DoomedBlob, limit=1, lease_s=60)
        assert retry(row, code="store-asleep") is False
        house.clock.advance(wait_s - 0.1)
        assert claim(DoomedBlob, limit=1, lease_s=60) == []
        house.clock.advance(0.1)
    row.refresh_from_db()
    assert row.trouble == "store-asleep"
    assert delay_s(1) == 2
    assert delay_s(30_000) == 600


def test_a_hopeless_row_is_given_up(db: None, house: House) -> None:
    """After the last attempt the row is due no more and keeps the trouble for the operator."""
    due()
    (row,) = claim(DoomedBlob, limit=1, lease_s=60)
    assert retry(row, code="hopeless", give_up_after=1) is True
    house.clock.advance(10_000)
    assert claim(DoomedBlob, limit=1, lease_s=60) == []
    row.refresh_from_db()
    assert (row.trouble, row.due_at) == ("hopeless", None)


def test_a_postponed_row_keeps_its_attempts(db: None, house: House) -> None:
    """Somebody else's fault, such as a full disk, uses up no attempt."""
    due()
    for _ in range(5):
        (row,) = claim(DoomedBlob, limit=1, lease_s=60)
        assert row.attempts == 1
        postpone(row, code="storage-full", wait_s=20)
        house.clock.advance(20)


def test_two_workers_share_the_rows(transactional_db: None, house: House) -> None:
    """Several threads claiming at once get every row exactly once."""
    due(40)
    got: list[str] = []
    lock = threading.Lock()

    def work() -> None:
        try:
            while rows := claim(DoomedBlob, limit=3, lease_s=600):
                with lock:
                    got.extend(row.blob for row in rows)
                for row in rows:
                    finish_deleted(row)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # A thread may find nothing free while another is just taking rows; what is left is taken now.
    work()
    assert sorted(got) == sorted({f"u/{number}" for number in range(40)})
    assert not DoomedBlob.objects.exists()
