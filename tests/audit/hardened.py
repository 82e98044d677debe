"""The database of the tests with its roles made, connections by them, and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from psycopg import sql

from audit import hardening, roles
from coordination.project.database.base import DatabaseWrapper


def soften() -> None:
    """Give everything back to the tests' own login, and remove the roles."""
    me = connection.get_connection_params()["user"]
    there = [roles.name(kind) for kind in sorted(roles.existing())]
    with connection.cursor() as cursor:
        for role in there:
            for statement in ("REASSIGN OWNED BY {r} TO {me}", "DROP OWNED BY {r}"):
                cursor.execute(_text(statement, r=role, me=me))
        for role in there:
            cursor.execute(_text("DROP ROLE {r}", r=role, me=me))
        cursor.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")
        cursor.execute(_text("GRANT CONNECT, TEMPORARY ON DATABASE {db} TO PUBLIC", db=database()))


def database() -> str:
    return str(connection.settings_dict["NAME"])


def _text(template: str, **names: str) -> str:
    parts = {k: sql.Identifier(v) for k, v in names.items()}
    connection.ensure_connection()
    return sql.SQL(template).format(**parts).as_string(connection.connection)


def forget(subjects: str) -> None:
    """Take entries back that a fixture committed, as no login of the product could."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER audit_append_only")
        cursor.execute("DELETE FROM audit_entry WHERE subject LIKE %s", [subjects])
        cursor.execute("ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_append_only")


def login(role: str, password: str) -> psycopg.Connection[Any]:
    """A connection of its own, by password, as anybody from outside would make it."""
    params = connection.get_connection_params()
    found: psycopg.Connection[Any] = psycopg.connect(
        host=params["host"],
        port=params["port"],
        dbname=params["dbname"],
        user=role,
        password=password,
        autocommit=True,
    )
    return found


@contextmanager
def product_as(role: str, password: str) -> Iterator[None]:
    """Let the product itself connect by another login."""
    original = DatabaseWrapper.get_connection_params

    def params(self: DatabaseWrapper) -> dict[str, Any]:
        return original(self) | {"user": role, "password": password}

    connection.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseWrapper, "get_connection_params", params)
        try:
            yield
        finally:
            connection.close()


def harden() -> dict[str, str]:
    """Make the roles; the outcome of each step by what it says."""
    return {line.what: line.outcome for line in hardening.harden()}
