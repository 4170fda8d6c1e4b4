"""What a dead process had claimed is due again at once; what a living one holds is left alone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from tests.rig import House
from wearemany.adapters import clock
from wearemany.photos.models import DoomedBlob
from wearemany.worker import alive
from wearemany.worker.claims import claim, owner_name

pytestmark = [pytest.mark.database, pytest.mark.django_db]

WORKER = """
import django; django.setup()
from wearemany.worker import alive, claims
alive.begin()
print(claims._owner, flush=True)
input()
"""


@contextmanager
def another_worker(data: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run a process that has taken its name; yields it with the name."""
    environment = {
        **os.environ,
        "WEAREMANY_DATA": str(data),
        "DJANGO_SETTINGS_MODULE": "wearemany.config.settings",
    }
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", WORKER], env=environment, text=True, **pipes) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def claimed_as(name: str) -> DoomedBlob:
    """Claim a row under a name."""
    blob = DoomedBlob.objects.create(blob=f"u/{name}", due_at=clock.now() - timedelta(seconds=1))
    owner_name(name)
    try:
        claim(DoomedBlob, limit=1, lease_s=60)
    finally:
        owner_name("")
    blob.refresh_from_db()
    assert blob.lease_owner.startswith(name) and len(blob.lease_owner) == 26
    return blob


def test_what_a_killed_worker_had_claimed_is_due_at_once(house: House) -> None:
    """While it lives nobody touches its rows; killed, the next look gives them back with the attempt counted."""
    with another_worker(house.folder) as (worker, name):
        claimed_as(name)
        assert alive.leases_release_pending() == 0
        assert claim(DoomedBlob, limit=1, lease_s=60) == []
        worker.kill()
        worker.wait()
        assert alive.leases_release_pending() == 0, "it has just looked"
        house.restarted()
        assert alive.leases_release_pending() == 1
    (row,) = claim(DoomedBlob, limit=1, lease_s=60)
    assert row.attempts == 2
    assert list((house.folder / "alive").iterdir()) == []


def test_a_worker_of_another_machine_is_not_taken_for_dead(house: House) -> None:
    """Its lock is not here to be looked at, so its lease runs out as ever."""
    (house.folder / "alive").mkdir()
    claimed_as("abcdefghij")
    assert alive.leases_release_pending() == 0
    house.clock.advance(61)
    assert len(claim(DoomedBlob, limit=1, lease_s=60)) == 1


def test_a_process_does_not_take_itself_for_dead(house: House) -> None:
    """Its own lock is held by another descriptor of its own, which counts."""
    try:
        alive.begin()
        (name,) = [path.name for path in (house.folder / "alive").iterdir()]
        claimed_as(name)
        assert alive.leases_release_pending() == 0
        assert [path.name for path in (house.folder / "alive").iterdir()] == [name]
    finally:
        owner_name("")
        os.close(alive._held.pop())
