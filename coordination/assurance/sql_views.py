"""The documented views for SQL access: definitions as data, from which schema, comments and `docs/sql.md` are
held alike.

All that an auditor's login reads lies in the schema `audit_read`. Account numbers are masked. Every view is
empty for a login whose time is over, also in a connection that was opened before (`VALID UNTIL` alone only
bars the door).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from audit import hardening
from audit.roles import VIEWS as SCHEMA

from .sql_view_columns import VIEWS, View

IBAN = (
    r"\m([A-Z]{2}[0-9]{2})(?:(?: ?[A-Z0-9]{4}){2} ?[A-Z0-9]{3}|(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?)\M"
)
"""ISO 13616: country, check digits and 11 to 30 more, in groups of four or not. Country and check digits
stay."""
ACCOUNT_KEY = r'("(?:account|other_accounts)":\[?\{[^{}]*"number":"|"verified":")([^"]{4})[^"]{4,}(")'
"""Account numbers of other forms, by the keys under which entries carry them."""

OPEN = """SELECT coalesce(
  (SELECT rolvaliduntil > clock_timestamp() FROM pg_catalog.pg_roles WHERE rolname = session_user), true)"""
MASK = """SELECT CASE WHEN length(account) > 8 THEN left(account, 4) || '…' || right(account, 4)
  WHEN account <> '' THEN '…' ELSE account END"""

FUNCTIONS: tuple[tuple[str, str, str], ...] = (
    (
        "access_open()",
        "boolean LANGUAGE sql STABLE",
        OPEN,
    ),
    (
        "mask_account(account text)",
        "text LANGUAGE sql IMMUTABLE",
        MASK,
    ),
    (
        "mask_text(content text)",
        "text LANGUAGE sql IMMUTABLE",
        (
            rf"SELECT regexp_replace(regexp_replace(content, '{IBAN}', '\1…', 'g'), '{ACCOUNT_KEY}',"
            r" '\1\2…\3', 'g')"
        ),
    ),
)
"""Signature, properties, body."""


@dataclass(frozen=True, slots=True)
class Definition:
    """Everything that makes the schema, and the digest by which it is known again."""

    statements: tuple[str, ...]

    @property
    def mark(self) -> str:
        digest = hashlib.sha256("\n".join(self.statements).encode()).hexdigest()
        return f"Documented views of Countersign, {digest[:16]}"


def present() -> list[View]:
    """Views whose tables exist here."""
    tables = set(connection.introspection.table_names())
    return [v for v in VIEWS if set(v.tables) <= tables]


def definition(views: Iterable[View]) -> Definition:
    out = [f"CREATE SCHEMA {SCHEMA}"]
    for signature, properties, body in FUNCTIONS:
        out.append(f"CREATE FUNCTION {SCHEMA}.{signature} RETURNS {properties} AS $body${body}$body$")
    for view in views:
        columns = ",\n  ".join(f'{c.sql} AS "{c.name}"' for c in view.columns)
        source = f"SELECT {columns}\nFROM {view.source}\nWHERE (SELECT {SCHEMA}.access_open())"
        out.append(f"CREATE VIEW {SCHEMA}.{view.name} AS {source}")
        out.append(f"COMMENT ON VIEW {SCHEMA}.{view.name} IS {_literal(view.purpose)}")
        out += [
            f'COMMENT ON COLUMN {SCHEMA}.{view.name}."{c.name}" IS {_literal(c.meaning)}'
            for c in view.columns
        ]
    return Definition(tuple(out))


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@transaction.atomic
def install() -> bool:
    """Make or renew the schema, and the rights on it where there are roles; False when it was as it should
    be."""
    views = present()
    wanted = definition(views)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT obj_description(n.oid), (SELECT count(*) FROM pg_class c WHERE c.relnamespace = n.oid AND"
            " relkind = 'v') FROM pg_namespace n WHERE nspname = %s",
            [SCHEMA],
        )
        found = cursor.fetchone()
        if found == (wanted.mark, len(views)):
            return False
        cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        for statement in (*wanted.statements, f"COMMENT ON SCHEMA {SCHEMA} IS {_literal(wanted.mark)}"):
            cursor.execute(statement)
    return True


def drop_views(plan: Any) -> None:
    """Before migrations: no view may hold on to a column that is about to change. They come back
    afterwards."""
    if plan:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")


def after_migrate() -> None:
    """The views as they have to be, and new objects under the rights of the roles."""
    install()
    hardening.renew()
