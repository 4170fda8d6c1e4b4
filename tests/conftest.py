"""What every test may ask for: a server in a temporary folder, time that stands still, and the standing cast."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections
from django.test import TransactionTestCase
from hypothesis import settings as hypothesis_settings

from tests.cast import Cast, gather
from tests.rig import House, house_in
from tests.rigs.emptying import empty_tables

# Many tests share two cores: a slow example says something of the machine, not of the code.
hypothesis_settings.register_profile("house", deadline=None)
hypothesis_settings.load_profile("house")

# pytest-django builds on Django's own test case, and has no other way to say how tables become empty.
TransactionTestCase._fixture_teardown = empty_tables


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Put the SQLite test database into a real file: locks, WAL and erased pages are to be the real ones.

    Only its syncing is off, as no test pulls this machine's plug; that costs minutes on a slow disk.
    """
    connection = connections["default"]
    if connection.vendor == "sqlite":
        folder = tmp_path_factory.mktemp("database")
        connection.settings_dict["TEST"]["NAME"] = str(folder / "wearemany.sqlite3")
        options = connection.settings_dict["OPTIONS"]
        options["init_command"] = options["init_command"].replace("synchronous=FULL", "synchronous=OFF")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A server's parts: fixed keys, a blob folder, a stand-in darkroom, and the clock stopped at noon."""
    with house_in(tmp_path) as built:
        yield built


@pytest.fixture
def cast(db: None, house: House) -> Cast:
    """The standing cast around one everyday campaign, in a test's own transaction."""
    return gather(house)


@pytest.fixture
def committed_cast(transactional_db: None, house: House) -> Cast:
    """The standing cast, really committed: for threads, crashes and what happens after a commit."""
    return gather(house)
