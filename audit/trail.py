"""History of tracked rows: written in sets beside the rows themselves, each row bound to a ledger entry by
SHA-256.

`django-simple-history` gives the tables and the reading interface. Its signal path writes one row at a time
and nothing that the ledger could bind, so rows that matter are written here: live row and history row
together, and the digests are handed to the ledger entry of the same transaction. The actor is always an
argument, never ambient.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, cast

import orjson
from django.apps import apps
from django.db import connection, models
from django.db.models import BigAutoField, CharField, TextField
from psycopg import sql
from simple_history.models import HistoricalRecords

from .canonical import _plain
from .errors import Untracked

NUMBERS = frozenset({int, bool, Decimal})
"""Nought and false say something; other values that are false are empty."""
META = ("history_date", "history_change_reason", "history_type", "history_user_id")


def history(*, no_index: Sequence[str] = ()) -> HistoricalRecords:
    """History with big ids and a text actor; `no_index` drops copied indexes that no query on history
    uses."""
    return HistoricalRecords(
        history_id_field=BigAutoField(),
        history_user_id_field=CharField(max_length=200),
        history_user_getter=lambda row: row.history_user_id,
        history_user_setter=lambda row, actor: setattr(row, "history_user_id", actor),
        history_change_reason_field=TextField(),
        no_db_index=["id", *no_index],
    )


@dataclass(frozen=True, slots=True)
class Change:
    """One history row as a ledger entry names it: [table, key, history id, sha256]."""

    table: str
    key: str
    history_id: int
    sha256: str

    def as_json(self) -> list[str]:
        return [self.table, self.key, str(self.history_id), self.sha256]


class Codec:
    """How one tracked model is written and digested, derived once from its meta."""

    def __init__(self, model: type[models.Model]) -> None:
        manager = getattr(model._meta, "simple_history_manager_attribute", None)
        if manager is None:
            raise Untracked(f"{model._meta.label} is not tracked; add `history = trail.history()` to it.")
        self.model = model
        self.table = model._meta.db_table
        self.history_model: type[models.Model] = getattr(model, manager).model
        self.history_table = self.history_model._meta.db_table
        fields = model._meta.concrete_fields
        self.attributes = tuple(f.attname for f in fields)
        self.columns = tuple(cast(str, f.column) for f in fields)
        self.quanta = {
            i: Decimal(1).scaleb(-f.decimal_places)
            for i, f in enumerate(fields)
            if isinstance(f, models.DecimalField)
        }
        self.json_at = tuple(i for i, f in enumerate(fields) if isinstance(f, models.JSONField))
        self.types = tuple(_plain_type(f.db_type(connection)) for f in fields)
        self.array_at = frozenset(i for i, t in enumerate(self.types) if t.endswith("[]"))
        self.key_at = self.attributes.index(model._meta.pk.attname)

    def values(self, row: models.Model) -> list[Any]:
        """Column values of a live row, decimals at the scale the database keeps."""
        values = [getattr(row, name) for name in self.attributes]
        for i, quantum in self.quanta.items():
            if values[i] is not None:
                values[i] = Decimal(values[i]).quantize(quantum)
        return values

    def digest(self, history_id: int, values: Sequence[Any], meta: tuple[datetime, str, str, str]) -> str:
        """SHA-256 of `text`: what a ledger entry binds."""
        return hashlib.sha256(self.text(history_id, values, meta)).hexdigest()

    def text(self, history_id: int, values: Sequence[Any], meta: tuple[datetime, str, str, str]) -> bytes:
        """A version of a row as JSON: table, history id, date, reason, type, actor, and its columns by name.

        Empty columns (null, empty text, list or object) are left out, so that a column added later, which is
        empty in every older row, changes no digest.
        """
        told = {n: v for n, v in zip(self.columns, values, strict=True) if v or v.__class__ in NUMBERS}
        return orjson.dumps(
            [self.history_table, str(history_id), *meta, told],
            default=_plain,
            option=orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME,
        )

    def database_values(self, values: Sequence[Any]) -> list[Any]:
        """The same values as COPY takes them (JSON as text)."""
        out = list(values)
        for i in self.json_at:
            if out[i] is not None:
                out[i] = orjson.dumps(out[i], default=_plain).decode()
        return out

    def versions(self, ids: Sequence[int]) -> Iterator[tuple[int, bytes]]:
        """Versions of rows as they stand in the history table: id and text."""
        quote = connection.ops.quote_name
        columns = ", ".join(quote(c) for c in [*self.columns, "history_id", *META])
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {columns} FROM {self.history_table} WHERE history_id = ANY(%s)",  # noqa: S608 - names from model meta
                [list(ids)],
            )
            for row in cursor.fetchall():
                values = list(row[: len(self.columns)])
                for i in self.json_at:
                    values[i] = orjson.loads(values[i]) if isinstance(values[i], str) else values[i]
                history_id, meta = row[len(self.columns)], row[len(self.columns) + 1 :]
                yield history_id, self.text(history_id, values, tuple(meta))


def _plain_type(db_type: str | None) -> str:
    """The column's type without its length or scale: parameters are cast to it, the column itself checks the
    rest."""
    text = db_type or "text"
    return text.split("(")[0] + ("[]" if text.endswith("[]") else "")


@cache
def codec(model: type[models.Model]) -> Codec:
    return Codec(model)


def tracked_models() -> list[type[models.Model]]:
    """Every model with history, in a stable order."""
    return [
        m
        for m in sorted(apps.get_models(), key=lambda m: m._meta.db_table)
        if hasattr(m._meta, "simple_history_manager_attribute")
    ]


def append_only_models() -> list[type[models.Model]]:
    """Every model whose rows are only inserted: ledger, decisions, facts and all history tables."""
    marked = [m for m in apps.get_models() if getattr(m, "append_only", False)]
    return sorted(marked + [codec(m).history_model for m in tracked_models()], key=lambda m: m._meta.db_table)


def erasable_models() -> list[type[models.Model]]:
    """Every model whose rows may leave, in a transaction that writes the entry about it; they never
    change."""
    marked = [m for m in apps.get_models() if getattr(m, "erasable", False)]
    return sorted(marked, key=lambda m: m._meta.db_table)


def blankable_models() -> list[type[models.Model]]:
    """Append-only models with columns (`erasable_columns`) that may be emptied with an entry; the rows
    stay."""
    return [m for m in append_only_models() if getattr(m, "erasable_columns", ())]


def renewable_models() -> list[type[models.Model]]:
    """Append-only models with columns (`renewable_columns`) that may be written anew with an entry of one of
    the types `renewed_under`: what is worked out of facts that such an entry adds to."""
    return [m for m in append_only_models() if getattr(m, "renewable_columns", ())]


def allot(sequence: str, count: int) -> list[int]:
    """`count` fresh values of a sequence in one round trip."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s::regclass) FROM generate_series(1, %s)", [sequence, count])
        return [row[0] for row in cursor.fetchall()]


def copy_in(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows by COPY. What the database refuses is raised as Django's error, as from any other write."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    connection.ensure_connection()
    with (
        connection.wrap_database_errors,
        connection.connection.cursor() as cursor,
        cursor.copy(statement) as copy,
    ):
        for row in rows:
            copy.write_row(row)


def insert_facts(rows: Sequence[models.Model]) -> None:
    """Insert rows of one append-only model that has no history: the row itself is the history."""
    if not rows:
        return
    fields = [f for f in rows[0]._meta.concrete_fields if getattr(rows[0], f.attname) is not None or f.null]
    json_at = {i for i, f in enumerate(fields) if isinstance(f, models.JSONField)}
    names = [f.attname for f in fields]

    def values(row: models.Model) -> list[Any]:
        out = [getattr(row, name) for name in names]
        for i in json_at:
            out[i] = orjson.dumps(out[i], default=_plain).decode()
        return out

    copy_in(rows[0]._meta.db_table, [cast(str, f.column) for f in fields], map(values, rows))


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who changes rows, when and why; the same for all rows of one step."""

    actor: str
    at: datetime
    reason: str


def insert(rows: Sequence[models.Model], stamp: Stamp | Callable[[models.Model], Stamp]) -> list[Change]:
    """Insert tracked rows of one model with their history. Changes come back in the order of `rows`."""
    if not rows:
        return []
    c = codec(type(rows[0]))
    live = [c.values(row) for row in rows]
    copy_in(c.table, c.columns, map(c.database_values, live))
    return _record(c, live, "+", [stamp if isinstance(stamp, Stamp) else stamp(row) for row in rows])


@dataclass(frozen=True, slots=True)
class Version:
    """A tracked row as it stands at one moment of a transaction: its model's codec and its column values."""

    codec: Codec
    values: list[Any]

    @property
    def key(self) -> Any:
        return self.values[self.codec.key_at]


def version(row: models.Model) -> Version:
    """The row as it stands now. It must be complete, every column loaded: history keeps whole rows."""
    c = codec(type(row))
    return Version(c, c.values(row))


def update(
    rows: Sequence[models.Model], fields: Sequence[str], stamp: Stamp | Callable[[models.Model], Stamp]
) -> list[Change]:
    """Write `fields` of tracked rows of one model, with their history, in two statements for the whole set.

    The rows must be complete (every column loaded) and locked by the caller: history keeps whole rows.
    """
    stamps = [stamp if isinstance(stamp, Stamp) else stamp(row) for row in rows]
    return update_through([version(row) for row in rows], fields, stamps)


def update_through(
    versions: Sequence[Version], fields: Sequence[str], stamps: Sequence[Stamp]
) -> list[Change]:
    """The same for rows of one model that went through several versions: each version is history, in this
    order, and the row itself is written once, as its last one."""
    if not versions:
        return []
    c = versions[0].codec
    last = {v.key: v.values for v in versions}
    _update_live(c, list(last.values()), fields)
    return _record(c, [v.values for v in versions], "~", stamps)


def _update_live(c: Codec, live: Sequence[Sequence[Any]], fields: Sequence[str]) -> None:
    at = [c.key_at, *(c.attributes.index(f) for f in fields)]
    rows = [c.database_values(values) for values in live]
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        cursor.execute(_update_statement(c.model, tuple(fields)), [_column(c, rows, i) for i in at])
        if cursor.rowcount != len(live):
            raise Untracked(f"{c.table}: {len(live)} rows to update, {cursor.rowcount} found.")


def _column(c: Codec, rows: Sequence[Sequence[Any]], i: int) -> list[Any]:
    """One column of all rows; an array column travels as text, since PostgreSQL has no arrays of ragged
    arrays."""
    if i in c.array_at:
        return [None if row[i] is None else as_array(row[i]) for row in rows]
    return [row[i] for row in rows]


def as_array(items: Sequence[str]) -> str:
    """A text array as PostgreSQL reads it."""
    quoted = (item.replace("\\", "\\\\").replace('"', '\\"') for item in items)
    return "{" + ",".join(f'"{item}"' for item in quoted) + "}"


@cache
def _update_statement(model: type[models.Model], fields: tuple[str, ...]) -> str:
    c = codec(model)
    at = [c.key_at, *(c.attributes.index(f) for f in fields)]
    quote = connection.ops.quote_name
    names = [quote(c.columns[i]) for i in at]
    types = ["text" if i in c.array_at else c.types[i] for i in at]
    sets = (
        f"{n} = v.{n}::{c.types[i]}" if i in c.array_at else f"{n} = v.{n}"
        for n, i in zip(names[1:], at[1:], strict=True)
    )
    arrays = ", ".join(f"%s::{t}[]" for t in types)
    return (
        f"UPDATE {quote(c.table)} t SET {', '.join(sets)} FROM unnest({arrays}) AS v({', '.join(names)})"  # noqa: S608 - names from model meta
        f" WHERE t.{names[0]} = v.{names[0]}"
    )


def _record(c: Codec, live: Sequence[list[Any]], kind: str, stamps: Sequence[Stamp]) -> list[Change]:
    ids = allot(f"{c.history_table}_history_id_seq", len(live))
    changes, history_rows = [], []
    for values, history_id, s in zip(live, ids, stamps, strict=True):
        meta = (s.at, s.reason, kind, s.actor)
        changes.append(
            Change(c.history_table, str(values[c.key_at]), history_id, c.digest(history_id, values, meta))
        )
        history_rows.append([*c.database_values(values), history_id, *meta])
    copy_in(c.history_table, [*c.columns, "history_id", *META], history_rows)
    return changes
