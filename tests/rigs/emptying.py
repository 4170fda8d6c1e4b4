"""Leaving empty tables after a test that really commits: only what has rows is emptied.

Django's own way (`flush`) truncates every table and makes its permissions and content types anew, in the time of
several small tests. Nothing here reads those, so they stay as the migrations left them.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db import connection, transaction

KEPT = {"django_content_type", "auth_permission"}


def empty_tables(test_case: Any = None) -> None:
    """Delete all rows there are; stands in for what Django does at the end of a `TransactionTestCase`."""
    with connection.cursor() as cursor:
        cursor.execute(_question(connection.vendor))
        filled = [name for (name,) in cursor.fetchall()]
        # Keys of other tables are looked at when the transaction ends, so the order does not matter.
        with transaction.atomic():
            for name in filled:
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(name)}")


@cache
def _question(vendor: str) -> str:
    """Return the statement that names the tables with rows."""
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    quoted = connection.ops.quote_name
    return " UNION ALL ".join(
        f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {quoted(name)})" for name in sorted({*tables} - KEPT)
    )
