"""Verifying this database: every entry, every chain, and history bound to the ledger both ways. In bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from . import guards, trail
from .canonical import instant, loads
from .verify import Bound, EntryRow, Finding, bound_rows, check_chain, check_entry

CHUNK = 2000
COLUMNS = "id, subject, seq, prev, body, hash, type, actor, recorded_at"


@dataclass
class Verified:
    """What a verification looked at and found."""

    entries: int = 0
    history_rows: int = 0
    findings: list[Finding] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "entries": self.entries,
            "size": self.entries,
            "root": None,
            "history_rows": self.history_rows,
            "findings": [f.as_json() for f in self.findings],
        }


class Seen:
    """Which history ids of a table are bound: one bit each."""

    def __init__(self) -> None:
        self.bits = bytearray()
        self.count = 0

    def add(self, number: int) -> bool:
        """Mark; False when it was marked before."""
        byte, bit = divmod(number, 8)
        if byte >= len(self.bits):
            self.bits.extend(bytes(byte - len(self.bits) + 4096))
        fresh = not self.bits[byte] & 1 << bit
        self.bits[byte] |= 1 << bit
        self.count += fresh
        return fresh

    def __contains__(self, number: int) -> bool:
        byte, bit = divmod(number, 8)
        return byte < len(self.bits) and bool(self.bits[byte] & 1 << bit)


def verify() -> Verified:
    """The whole ledger against itself and against history, in one snapshot of the database.

    Inside a transaction of the caller it sees what that transaction sees.
    """
    out = Verified()
    seen: dict[str, Seen] = {trail.codec(m).history_table: Seen() for m in trail.tracked_models()}
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        out.findings += [
            Finding("guard_missing", name, None, "A trigger that protects this table is missing or off.")
            for name in guards.missing()
        ]
        out.findings += check_chain(_counted(_entries(), out, seen))
        for model in trail.tracked_models():
            out.findings += _unbound(trail.codec(model), seen[trail.codec(model).history_table])
            out.findings += _stale_rows(trail.codec(model))
        out.history_rows = sum(s.count for s in seen.values())
    return out


def _entries() -> Iterator[EntryRow]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(f"SELECT {COLUMNS} FROM audit_entry ORDER BY subject, seq")  # noqa: S608 - our own constant
        while rows := cursor.fetchmany(CHUNK):
            for row in rows:
                values: list[Any] = [*row[:-1], instant(row[-1])]
                yield EntryRow(*values)


def _counted(rows: Iterable[EntryRow], out: Verified, seen: dict[str, Seen]) -> Iterator[EntryRow]:
    """Pass rows on to the chain check, checking each and its bound history on the way."""
    pending: list[tuple[EntryRow, Bound]] = []
    for row in rows:
        out.entries += 1
        out.findings += check_entry(row)
        pending += [(row, b) for b in bound_rows(row)]
        if len(pending) >= CHUNK:
            out.findings += _bound(pending, seen)
            pending = []
        yield row
    out.findings += _bound(pending, seen)


def _bound(pending: list[tuple[EntryRow, Bound]], seen: dict[str, Seen]) -> Iterator[Finding]:
    """Each history row an entry names exists, is the one that was digested, and is named once."""
    by_table: dict[str, list[tuple[EntryRow, Bound]]] = {}
    for row, bound in pending:
        by_table.setdefault(bound.table, []).append((row, bound))
    codecs = {trail.codec(m).history_table: trail.codec(m) for m in trail.tracked_models()}
    for table, items in by_table.items():
        if table not in codecs:
            yield Finding(
                "history_unknown", items[0][0].subject, items[0][0].seq, f"There is no history table {table}."
            )
            continue
        digests = dict(_digests(codecs[table], [b.history_id for _, b in items]))
        for row, bound in items:
            if bound.history_id not in digests:
                yield Finding(
                    "history_missing",
                    row.subject,
                    row.seq,
                    f"History row {bound.history_id} of {table} is gone.",
                )
            elif digests[bound.history_id] != bound.sha256:
                yield Finding(
                    "history_altered",
                    row.subject,
                    row.seq,
                    f"History row {bound.history_id} of {table} is not what was recorded.",
                )
            if not seen[table].add(bound.history_id):
                yield Finding(
                    "history_twice",
                    row.subject,
                    row.seq,
                    f"History row {bound.history_id} of {table} is named by two entries.",
                )


def _digests(codec: trail.Codec, ids: list[int]) -> Iterator[tuple[int, str]]:
    columns = ", ".join(connection.ops.quote_name(c) for c in [*codec.columns, "history_id", *trail.META])
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {codec.history_table} WHERE history_id = ANY(%s)", [ids])  # noqa: S608 - names from model meta
        for row in cursor.fetchall():
            values = list(row[: len(codec.columns)])
            for i in codec.json_at:
                values[i] = loads(values[i]) if isinstance(values[i], str) else values[i]
            history_id, meta = row[len(codec.columns)], row[len(codec.columns) + 1 :]
            yield history_id, codec.digest(history_id, values, tuple(meta))


def _unbound(codec: trail.Codec, seen: Seen) -> Iterator[Finding]:
    """History rows that no entry names."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(f"SELECT history_id, {codec.columns[codec.key_at]} FROM {codec.history_table}")  # noqa: S608 - names from model meta
        while rows := cursor.fetchmany(CHUNK):
            for history_id, key in rows:
                if history_id not in seen:
                    detail = f"History row {history_id} of {codec.history_table} is in no entry."
                    yield Finding("history_unbound", f"{codec.table}/{key}", None, detail)


def _stale_rows(codec: trail.Codec) -> Iterator[Finding]:
    """Live rows that differ from their newest history row, and rows on one side only."""
    key = codec.columns[codec.key_at]
    quote = connection.ops.quote_name
    live, past = (", ".join(f"{a}.{quote(c)}" for c in codec.columns) for a in ("l", "h"))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT coalesce(l.{key}::text, h.{key}::text) FROM {codec.table} l FULL JOIN"  # noqa: S608 - names from model meta
            f" (SELECT DISTINCT ON ({key}) * FROM {codec.history_table} ORDER BY {key}, history_id DESC) h ON h.{key} = l.{key}"
            f" WHERE (h.history_type IS DISTINCT FROM '-' AND ROW({live}) IS DISTINCT FROM ROW({past}))"
            f" OR (h.history_type = '-' AND l.{key} IS NOT NULL)"
        )
        for (name,) in cursor.fetchall():
            yield Finding(
                "row_differs", f"{codec.table}/{name}", None, "The live row is not its newest history row."
            )
