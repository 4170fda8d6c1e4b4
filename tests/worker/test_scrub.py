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
    """A row that was written, changed and deleted is in none of the database's own files afterwards."""
    for number in range(200):
        DoomedBlob.objects.create(blob=f"{NEEDLE}-{number}", due_at=clock.now())
    DoomedBlob.objects.update(trouble="changed")
    assert database_holds(house, NEEDLE)
    DoomedBlob.objects.all().delete()
    assert scrub() is True
    assert not database_holds(house, NEEDLE)


def database_holds(house: House, needle: str) -> bool:
    """Look for the needle in SQLite's files, or in every page of PostgreSQL's table of doomed blobs."""
    if connection.vendor == "sqlite":
        return bool(house.trace_of(needle.encode()))
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
        cursor.execute("SELECT pg_read_binary_file(pg_relation_filepath('doomed_blob'))")
        return needle.encode() in bytes(cursor.fetchone()[0])


def test_it_does_not_pretend_inside_a_transaction(transactional_db: None, house: House) -> None:
    """Inside a transaction nothing can be wiped, and it says so; the transaction itself goes on."""
    with transaction.atomic():
        DoomedBlob.objects.create(blob="u/kept", due_at=clock.now())
        assert scrub() is False
    assert DoomedBlob.objects.filter(blob="u/kept").exists()
