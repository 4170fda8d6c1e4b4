"""What deleting rows leaves behind in the database's own files, and how it is wiped.

SQLite: `secure_delete` overwrites deleted rows, yet old pages live on in the write-ahead log until it is cut,
and rebalanced pages may keep copies: so VACUUM, then cut the log.

PostgreSQL: dead rows keep their bytes until a table is written anew, so VACUUM FULL, table by table; a plain VACUUM
where that would hold up writers for many seconds. Its write-ahead log is asked to begin a new file and to let go of
the old ones, where the server's user may; whether it then deletes them, and keeps no archive, is the operator's
(`out_of_reach` says what does not hold, for the doctor).
"""

from __future__ import annotations

import sqlite3

from django.apps import apps
from django.db import OperationalError, connection
from django.db.backends.utils import CursorWrapper

VACUUM_MAX_BYTES = 200_000_000
VACUUM_FULL_MAX_BYTES = 64_000_000
_PATIENCE_MS = 2_000
_LOCK = 0x77616D5F
"""One process at a time; the number means nothing."""

_APPS = ("accounts", "campaigns", "conversations", "moderation", "photos", "sessions")
"""Whose tables hold anything of people; the log's own are public."""

_changes_seen: dict[tuple[str, str], int] = {}
"""Database and table -> updates and deletes when it was last written anew; forgotten with the process."""


def scrub() -> bool:
    """Wipe what deleted rows left in the database's files; True when nothing is left that we can reach.

    Not inside a transaction. False when readers held the files for longer than two seconds: try again later,
    nothing has changed. A large database is not written anew, since writers would wait for many seconds;
    there the overwriting and the cut log must do.
    """
    if connection.in_atomic_block:
        return False
    return _scrub_sqlite() if connection.vendor == "sqlite" else _scrub_postgres()


def out_of_reach() -> list[str]:
    """Return, a line each, what keeps PostgreSQL from forgetting what was erased; empty when nothing does."""
    if connection.vendor != "postgresql":
        return []
    wanted = (
        ("wal_recycle", "off", "old files of its log are kept for use again"),
        ("archive_mode", "off", "its log is archived"),
        ("log_min_error_statement", "panic", "its own log may hold what people wrote"),
        ("log_statement", "none", "its own log may hold what people wrote"),
    )
    with connection.cursor() as cursor:
        wrong = [
            f"{says}: set {name} = {value}" for name, value, says in wanted if _shown(cursor, name) != value
        ]
        if not _may_cut(cursor):
            wrong.append(
                "this server may not cut its log: GRANT pg_checkpoint, and EXECUTE ON pg_switch_wal()"
            )
    return wrong


def _scrub_sqlite() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        patience_before_ms = int(cursor.fetchone()[0])
        cursor.execute(f"PRAGMA busy_timeout={_PATIENCE_MS}")
        try:
            cursor.execute(
                "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
            )
            if int(cursor.fetchone()[0]) <= VACUUM_MAX_BYTES:
                cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            blocked = bool(cursor.fetchone()[0])
        except (OperationalError, sqlite3.OperationalError):
            return False
        finally:
            cursor.execute(f"PRAGMA busy_timeout={patience_before_ms}")
    return not blocked


def _scrub_postgres() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return False
        try:
            cursor.execute(f"SET lock_timeout = {_PATIENCE_MS}")
            cursor.execute("SELECT pg_stat_force_next_flush()")
            for table, size_bytes, changes in _tables(cursor):
                _write_anew(cursor, table, size_bytes=size_bytes, changes=changes)
            _log_cut(cursor)
        except OperationalError:
            return False
        finally:
            cursor.execute("SET lock_timeout = DEFAULT")
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
    return True


def _tables(cursor: CursorWrapper) -> list[tuple[str, int, int]]:
    """Return the tables that hold anything of people, with their bytes and how often a row was changed or deleted."""
    models = [
        model for label in _APPS for model in apps.get_app_config(label).get_models(include_auto_created=True)
    ]
    cursor.execute(
        "SELECT relname, pg_total_relation_size(relid), n_tup_upd + n_tup_del FROM pg_stat_user_tables "
        "WHERE schemaname = current_schema() AND relname = ANY(%s) ORDER BY relname",
        [[model._meta.db_table for model in models]],
    )
    return list(cursor.fetchall())


def _write_anew(cursor: CursorWrapper, table: str, *, size_bytes: int, changes: int) -> None:
    """Write a table anew unless nothing was deleted or changed since this process last did."""
    place = (str(connection.settings_dict["NAME"]), table)
    if _changes_seen.get(place) == changes:
        return
    # An autovacuum in between frees the room of dead rows and leaves their bytes in it, so their number says nothing.
    full = "(FULL) " if size_bytes <= VACUUM_FULL_MAX_BYTES else ""
    cursor.execute(f"VACUUM {full}{connection.ops.quote_name(table)}")
    _changes_seen[place] = changes


def _log_cut(cursor: CursorWrapper) -> None:
    if _may_cut(cursor):
        cursor.execute("SELECT pg_switch_wal()")
        cursor.execute("CHECKPOINT")


def _may_cut(cursor: CursorWrapper) -> bool:
    cursor.execute(
        "SELECT pg_has_role('pg_checkpoint', 'USAGE') AND has_function_privilege('pg_switch_wal()', 'EXECUTE')"
    )
    return bool(cursor.fetchone()[0])


def _shown(cursor: CursorWrapper, name: str) -> str:
    cursor.execute("SELECT current_setting(%s, true)", [name])
    return str(cursor.fetchone()[0])
