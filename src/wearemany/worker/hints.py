"""Hints between processes on PostgreSQL: a commit in one makes the others look now, and not only next second.

A hint says nothing but "look". It may be lost, late or doubled without harm: everybody looks every second anyway.
On SQLite there are no hints: one machine looks often enough.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

import psycopg
from django.db import connection

_CHANNEL = "wearemany_look"
_LISTEN_S = 1.0
_AGAIN_AFTER_S = 1.0
_log = logging.getLogger("wearemany.worker")


def tell_on_commit() -> None:
    """Tell the other processes to look, when the current transaction commits; at once when there is none."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"NOTIFY {_CHANNEL}")


def listen(stop: threading.Event, heard: Callable[[], None]) -> None:
    """Call `heard` for each hint until `stop` is set; on a connection of its own, made again when it is lost.

    Returns at once where there are no hints. `heard` is also called whenever the connection was made: what was
    said before was not heard.
    """
    if connection.vendor != "postgresql":
        return
    wanted = connection.get_connection_params()
    given: dict[str, Any] = {
        name: value for name, value in wanted.items() if name not in ("cursor_factory", "context")
    }
    while not stop.is_set():
        try:
            with psycopg.connect(**given, autocommit=True) as line:
                line.execute(f"SET application_name = 'wearemany hints {given.get('application_name', '')}'")
                line.execute(f"LISTEN {_CHANNEL}")
                heard()
                while not stop.is_set():
                    for _ in line.notifies(timeout=_LISTEN_S, stop_after=1):
                        heard()
        except psycopg.Error as error:
            _log.info("no hints from the database for a while: %s", type(error).__name__)
            stop.wait(_AGAIN_AFTER_S)
