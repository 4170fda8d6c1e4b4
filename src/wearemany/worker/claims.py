"""Claim due rows, and let them go: done, again later, or given up.

One conditional UPDATE decides who works on a row; it means the same on SQLite and PostgreSQL, where it
also steps over rows that another worker is just taking. A claim is a lease: whoever dies simply lets it
run out. Every way of letting go checks that the lease is still ours, so a worker that was asleep for too
long cannot write over the one that took its place.

What does not live here: what the work is (the stations' `steps`), when to look (`loop`), who has died (`alive`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, TypeVar

from django.db import connections, router, transaction
from django.db.models import F, Q

from wearemany.adapters import clock
from wearemany.errors import N_, TryAgain
from wearemany.ids import ID_BYTES, opaque
from wearemany.worker.due import Due

DueRow = TypeVar("DueRow", bound=Due)

FIRST_DELAY_S = 2.0
LONGEST_DELAY_S = 600.0
RELEASED: dict[str, Any] = {"lease_until": None, "lease_owner": ""}
DONE: dict[str, Any] = {**RELEASED, "due_at": None, "attempts": 0, "trouble": ""}


_owner = ""


def owner_name(name: str) -> None:
    """Let all leases that this process takes from now on begin with a name; see `alive`."""
    global _owner
    _owner = name


class LeaseLost(TryAgain):
    """The lease ran out and another worker has the row now; nothing was written."""

    def __init__(self) -> None:
        super().__init__("lease-lost", N_("Another worker has taken this over. Nothing is lost."))


def claim(model: type[DueRow], *, limit: int, lease_s: float, only: Q | None = None) -> list[DueRow]:
    """Take up to `limit` due rows for `lease_s` seconds and return them, the longest due first; `only` of some.

    `attempts` counts this claim already, so a worker that is killed in the middle has used one up. Returns
    an empty list when nothing is due, without taking the database's write lock.
    """
    now = clock.now()
    free = Q(due_at__lte=now) & (Q(lease_until=None) | Q(lease_until__lte=now))
    if only is not None:
        free &= only
    if not model._default_manager.filter(free).exists():
        return []
    owner = _owner + opaque(clock.random_bytes(ID_BYTES))[len(_owner) :]
    candidates = model._default_manager.filter(free).order_by("due_at")
    features = connections[router.db_for_write(model)].features
    if features.has_select_for_update_skip_locked:
        candidates = candidates.select_for_update(skip_locked=True)
    with transaction.atomic():
        # Two statements: as one, PostgreSQL may run the inner one again and again and take more than `limit`.
        # The condition stands in the second too: where rows cannot be locked, another worker may be quicker.
        chosen = list(candidates.values_list("pk", flat=True)[:limit])
        model._default_manager.filter(free, pk__in=chosen).update(
            lease_owner=owner, lease_until=now + timedelta(seconds=lease_s), attempts=F("attempts") + 1
        )
    return list(model._default_manager.filter(due_at__lte=now, lease_owner=owner).order_by("due_at"))


def finish(row: Due) -> None:
    """Mark the row as done: nothing is due, and no time stays in it. Raises LeaseLost.

    Call it first in the transaction that records the work: it locks the row and proves that it is still ours.
    """
    _let_go(row, **DONE)


def finish_deleted(row: Due) -> None:
    """Delete the row, because it was nothing but the work. Raises LeaseLost."""
    model = type(row)
    deleted, _ = model._default_manager.filter(pk=row.pk, lease_owner=row.lease_owner).delete()
    if not deleted:
        raise LeaseLost


def retry(row: Due, *, code: str, give_up_after: int | None = None) -> bool:
    """Put the row back after a failure, for twice as long each time; True when that was the last attempt.

    After `give_up_after` attempts the row stays with `trouble` set and is not due again; None never
    gives up. Raises LeaseLost.
    """
    if give_up_after is not None and row.attempts >= give_up_after:
        _let_go(row, **RELEASED, due_at=None, trouble=code[:60])
        row.lease_owner = ""
        return True
    due_at = clock.now() + timedelta(seconds=delay_s(row.attempts))
    _let_go(row, **RELEASED, due_at=due_at, trouble=code[:60])
    return False


def postpone(row: Due, *, code: str, wait_s: float) -> None:
    """Put the row back for `wait_s` seconds without counting the attempt: the fault was not the row's.

    For a full disk or a store out of reach. Raises LeaseLost.
    """
    due_at = clock.now() + timedelta(seconds=wait_s)
    _let_go(row, **RELEASED, due_at=due_at, trouble=code[:60], attempts=max(0, row.attempts - 1))


def delay_s(attempts: int) -> float:
    """Return how long to wait after so many attempts: 2, 4, 8 … seconds, at most ten minutes."""
    return min(LONGEST_DELAY_S, FIRST_DELAY_S * 2.0 ** min(max(attempts, 1) - 1, 30))


def _let_go(row: Due, **fields: Any) -> None:
    model = type(row)
    if not model._default_manager.filter(pk=row.pk, lease_owner=row.lease_owner).update(**fields):
        raise LeaseLost
