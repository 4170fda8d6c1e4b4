"""The signed counts that a mirror keeps, one a day: with them one can tell later whether all were shown one list."""

from __future__ import annotations

import datetime
from contextlib import suppress
from pathlib import Path

from wearemany.wall.folder import write_file

FOLDER = "days"
_ENDING = ".txt"


def day_keep(folder: Path, day: datetime.date, note: bytes) -> None:
    """Keep the newest signed count of a day; one of before gives way to it."""
    write_file(folder / day_path(day), note)


def days_kept(folder: Path) -> tuple[datetime.date, ...]:
    """Return the days of which a signed count is kept, newest first."""
    found: list[datetime.date] = []
    for path in (folder / FOLDER).glob(f"*{_ENDING}"):
        with suppress(ValueError):
            found.append(datetime.date.fromisoformat(path.name.removesuffix(_ENDING)))
    return tuple(sorted(found, reverse=True))


def day_path(day: datetime.date) -> str:
    """Return the path of a day's signed count within the mirror."""
    return f"{FOLDER}/{day.isoformat()}{_ENDING}"
