"""Who of this machine's workers is alive, so that what a dead one held need not wait until its lease runs out.

Each working process holds the system's lock on a file of its own in the data folder's `alive`; its leases begin
with the file's name. The lock goes with the process, however it ends: whoever can take it knows that nobody works
under that name.
Where the system has no such locks, or a worker died on another machine, the lease runs out as ever.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from django.conf import settings

from wearemany.adapters import clock
from wearemany.ids import ID_BYTES, opaque
from wearemany.worker.claims import RELEASED, owner_name
from wearemany.worker.due import Due
from wearemany.worker.seldom import Seldom

LOOK_EVERY_S = 5.0
_NAME_LETTERS = 10
_watch = Seldom(every_s=LOOK_EVERY_S)
_held: list[int] = []


def begin() -> None:
    """Take a name for this process's leases and hold its lock until the process ends."""
    folder = _folder()
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        while True:
            name = opaque(clock.random_bytes(ID_BYTES))[:_NAME_LETTERS]
            handle = os.open(folder / name, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            fcntl.flock(handle, fcntl.LOCK_EX)
            if os.fstat(handle).st_nlink:
                break
            # Somebody took the lock before us, and took the file for that of a dead process.
            os.close(handle)
    except OSError:
        return
    _held.append(handle)
    owner_name(name)


def leases_release_pending() -> int:
    """Every few seconds, give back what processes that are dead by now had claimed; returns how many rows.

    The attempt stays counted. A row that its dead owner had finished is not touched, since it names no owner.
    """
    if not _watch.is_time():
        return 0
    folder = _folder()
    return sum(_released(folder / name) for name in _names(folder))


def _released(path: Path) -> int:
    try:
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return 0
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        rows = sum(
            model._default_manager.filter(lease_owner__startswith=path.name).update(**RELEASED)
            for model in Due.__subclasses__()
        )
        # After the rows: killed in between, the next look finds the file again.
        path.unlink(missing_ok=True)
        return rows
    except OSError:
        return 0
    finally:
        os.close(handle)


def _folder() -> Path:
    return Path(settings.WEAREMANY["DATA"]) / "alive"


def _names(folder: Path) -> list[str]:
    try:
        return [name for name in os.listdir(folder) if len(name) == _NAME_LETTERS and name.isalnum()]
    except OSError:
        return []
