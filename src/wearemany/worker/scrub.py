"""What deleting rows leaves behind in the database's own files, and how it is wiped.

SQLite: `secure_delete` overwrites deleted rows, yet old pages live on in the write-ahead log until it is cut,
and rebalanced pages may keep copies: so VACUUM, then cut the log. PostgreSQL keeps dead rows until its
autovacuum comes by, and its own write-ahead log and any archive of it are out of reach: the operator's manual says so.
"""

from __future__ import annotations

import sqlite3

from django.db import OperationalError, connection

VACUUM_MAX_BYTES = 200_000_000
_PATIENCE_MS = 2_000


def scrub() -> bool:
    """Wipe what deleted rows left in the database's files; True when nothing is left that we can reach.

    Not inside a transaction. False when readers held the files for longer than two seconds: try again later,
    nothing has changed. A database over 200 MB is not vacuumed, since writers would wait for many seconds;
    there the overwriting and the cut log must do.
    """
    if connection.vendor != "sqlite":
        return True
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
