"""Wiping the database's own files."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from tests.rig import House
from wearemany.adapters import clock
from wearemany.photos.models import DoomedBlob
from wearemany.worker.scrub import scrub

pytestmark = pytest.mark.database
NEEDLE = "u/a-needle-that-nobody-else-would-write"


def test_nothing_deleted_is_left_in_the_files(transactional_db: None, house: House) -> None:
    """A row that was written, changed and deleted is in neither the database file nor its log afterwards."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL's files are the operator's; see the manual on seized servers")
    for number in range(200):
        DoomedBlob.objects.create(blob=f"{NEEDLE}-{number}", due_at=clock.now())
    assert house.trace_of(NEEDLE.encode())
    DoomedBlob.objects.all().delete()
    assert scrub() is True
    assert house.trace_of(NEEDLE.encode()) == []


def test_it_does_not_pretend_inside_a_transaction(transactional_db: None, house: House) -> None:
    """Inside a transaction nothing can be wiped, and it says so; the transaction itself goes on."""
    if connection.vendor != "sqlite":
        pytest.skip("there is nothing to wipe on PostgreSQL")
    with transaction.atomic():
        DoomedBlob.objects.create(blob="u/kept", due_at=clock.now())
        assert scrub() is False
    assert DoomedBlob.objects.filter(blob="u/kept").exists()
