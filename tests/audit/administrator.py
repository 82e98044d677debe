"""What somebody can do who runs the database: a superuser with the guards off, who leaves no other trace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from audit import guards


@contextmanager
def administrator(table: str) -> Iterator[CursorWrapper]:
    """A superuser who switches the guards of a table off and, tidily, on again."""
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal", [table]
        )
        names = [name for (name,) in cursor.fetchall()]
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield cursor
        connection.check_constraints()
        for name in names:
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")
    assert guards.missing() == []


def attack(table: str, statement: str, *parameters: Any) -> None:
    """Run one statement as administrator; it must change something."""
    with administrator(table) as cursor:
        cursor.execute(statement, parameters)
        assert cursor.rowcount > 0, "the attack changed nothing"
