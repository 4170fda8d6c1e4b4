"""The ballast: laid where there is room, given up once, and while it is given up the store takes nothing in."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.conf import settings
from django.db import OperationalError, connection

from tests.cast import Cast
from tests.darkroom.test_full_disk import database_without_room
from wearemany.adapters import ballast
from wearemany.adapters.blobs import FolderBlobs
from wearemany.errors import TryAgain
from wearemany.worker.room import ballast_lay_pending, finds_room


def test_it_is_laid_once_given_up_once_and_laid_anew(tmp_path: Path) -> None:
    """Each act says whether it did something; without any such file nothing was given up."""
    assert not ballast.is_given_up(tmp_path) and not ballast.give_up(tmp_path)
    assert ballast.lay(tmp_path) and not ballast.lay(tmp_path)
    assert (tmp_path / ballast.NAME).stat().st_size == ballast.SIZE_BYTES
    assert ballast.give_up(tmp_path) and not ballast.give_up(tmp_path)
    assert ballast.is_given_up(tmp_path)
    assert ballast.lay(tmp_path) and not ballast.is_given_up(tmp_path)


def test_it_is_not_what_fills_a_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where little is free it stays given up."""
    few = shutil.disk_usage(tmp_path)._replace(free=ballast.LAID_FROM_FREE_BYTES - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: few)
    assert not ballast.lay(tmp_path)


def test_while_it_is_given_up_the_store_takes_nothing_in(tmp_path: Path) -> None:
    """Reading and deleting go on; writing is refused as on a full disk."""
    store = FolderBlobs(tmp_path / "blobs")
    store.put("u/one", b"there")
    ballast.lay(tmp_path)
    ballast.give_up(tmp_path)
    with pytest.raises(TryAgain) as full:
        store.put("u/two", b"new")
    assert full.value.code == "storage-full"
    assert store.get("u/one") == b"there"
    store.delete("u/one")
    ballast.lay(tmp_path)
    store.put("u/two", b"new")


@pytest.mark.django_db(transaction=True)
def test_an_act_finds_the_room_of_the_ballast(committed_cast: Cast) -> None:
    """A full database is tried once more when there was ballast to give up; without any its error stands."""
    folder = settings.WEAREMANY["DATA"]
    tries = []

    @finds_room
    def act(name: str) -> str:
        tries.append(name)
        if len(tries) < 2:
            raise OperationalError("database or disk is full")
        return name

    if connection.vendor != "sqlite":
        pytest.skip("a PostgreSQL server has a disk of its own")
    with pytest.raises(OperationalError):
        act("one")
    tries.clear()
    assert ballast_lay_pending() == 1 and act("two") == "two" and tries == ["two", "two"]
    assert ballast.is_given_up(folder)


@pytest.mark.django_db(transaction=True)
def test_an_act_that_finds_none_changes_nothing(committed_cast: Cast) -> None:
    """In a database that really cannot grow the second try fails as the first one did, and says so."""
    if connection.vendor != "sqlite":
        pytest.skip("a PostgreSQL server has a disk of its own")
    ballast.lay(settings.WEAREMANY["DATA"])

    @finds_room
    def act() -> None:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE room (much BLOB)")
            cursor.execute("INSERT INTO room VALUES (zeroblob(9000000))")

    with database_without_room(), pytest.raises(OperationalError, match="full"):
        act()
    assert ballast.is_given_up(settings.WEAREMANY["DATA"])
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS room")
