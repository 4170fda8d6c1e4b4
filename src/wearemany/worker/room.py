"""Acts that take away find room on a full disk: the ballast is given up for them, and laid anew when there is room.

Only where the database is a file of ours. A PostgreSQL server has a disk of its own, which its operator watches.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.db import OperationalError, connection

from wearemany.adapters import ballast
from wearemany.worker.seldom import Seldom

_watch = Seldom(every_s=20.0)
_Given = ParamSpec("_Given")
_Answer = TypeVar("_Answer")


def finds_room(act: Callable[_Given, _Answer]) -> Callable[_Given, _Answer]:
    """Let an act that opens its own transaction be tried once more with the ballast's room, when the database had none.

    What the first try wrote is undone by then.
    """

    @wraps(act)
    def tried(*args: _Given.args, **kwargs: _Given.kwargs) -> _Answer:
        try:
            return act(*args, **kwargs)
        except OperationalError as error:
            is_full = connection.vendor == "sqlite" and "locked" not in str(error)
            if not is_full or connection.in_atomic_block or not ballast.give_up(settings.WEAREMANY["DATA"]):
                raise
        return act(*args, **kwargs)

    return tried


def ballast_lay_pending() -> int:
    """Now and then, lay the ballast where it is not; 1 when that was done."""
    if connection.vendor != "sqlite" or not _watch.is_time():
        return 0
    return int(ballast.lay(settings.WEAREMANY["DATA"]))
