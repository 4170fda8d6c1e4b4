"""The data folder in somebody else's hands: what it says of when people came, beyond the day."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cast import Cast
from tests.rig import NOON
from tests.web.walls import stand
from wearemany.adapters import clock, server
from wearemany.wall.export import log_export

pytestmark = [pytest.mark.database, pytest.mark.threat("D")]

MIDNIGHT = datetime(NOON.year, NOON.month, NOON.day, tzinfo=UTC).timestamp()


def dates_below(folder: Path) -> set[float]:
    return {os.stat(path).st_mtime for path in folder.rglob("*") if path.is_file()}


def test_no_file_tells_more_than_its_day(committed_cast: Cast, tmp_path: Path) -> None:
    """Pictures, tiles, checkpoints, exported copies: dated by the day, on the server and wherever they are carried."""
    stand(committed_cast, "one", "two")
    assert dates_below(committed_cast.house.folder / "blobs") == {MIDNIGHT}
    log_export(committed_cast.campaign, folder=tmp_path / "export")
    assert dates_below(tmp_path / "export") == {MIDNIGHT}
    committed_cast.house.clock.advance(86_400)
    stand(committed_cast, "three")
    assert dates_below(committed_cast.house.folder / "blobs") == {MIDNIGHT, MIDNIGHT + 86_400}


def test_no_name_of_a_file_tells_a_time_or_an_order(committed_cast: Cast) -> None:
    """Names in the store are random; sorted by name the pictures lie in no order of arrival."""
    posts = stand(committed_cast, *(f"post {number}" for number in range(12)))
    assert len(posts) == 12
    names = list(server.store().list("r"))
    assert len(names) == 72
    for key in names:
        assert re.fullmatch(r"r/[a-z0-9/]+", key) and "2026" not in key


def test_the_logs_own_files_keep_no_second(committed_cast: Cast) -> None:
    """No tile, entry, checkpoint or key file holds a time of day; a partial tile is gone when the full one is up."""
    stand(committed_cast, *(f"post {number}" for number in range(3)))
    handle = committed_cast.campaign.handle
    for key in server.store().list(f"log/{handle}"):
        content = server.store().get(key)
        for trace in (b"12:34", b"T12", b"123456", str(int(NOON.timestamp())).encode()):
            assert trace not in content, key
    assert clock.now() == NOON
