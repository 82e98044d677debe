"""Verifying this database: every entry, every chain, and history bound to the ledger both ways. In bounded
memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import DatabaseError, connection, transaction

from . import roles, sealing, trail
from .canonical import instant, sha256
from .models import Checkpoint
from .sealed import LEDGER, Seals
from .verify import GENESIS, Bound, EntryRow, Finding, bound_rows, check_chain, check_entry, read_body
from .verify import Checkpoint as Signed
from .words import how_many

CHUNK = 2000
UNREADABLE = (LookupError, TypeError, AttributeError, ValueError, RecursionError)
"""What reading an entry raises that is none."""
LARGEST = 2**63 - 1
"""No history row has a larger number: so many are there for a column."""
ENTRIES = """
SELECT e.id, e.subject, e.seq, e.prev, e.body, e.hash, e.type, e.actor, e.recorded_at, l.leaf_index
FROM audit_entry e LEFT JOIN audit_leaf l ON l.entry_id = e.id ORDER BY e.subject, e.seq
"""
SINCE = """
SELECT e.id, e.subject, e.seq, e.prev, e.body, e.hash, e.type, e.actor, e.recorded_at, l.leaf_index
FROM audit_entry e LEFT JOIN audit_leaf l ON l.entry_id = e.id
WHERE e.tx >= %s AND (l.leaf_index >= %s OR l.leaf_index IS NULL) ORDER BY e.subject, e.seq
"""
Check = Callable[[], Iterable[Finding]]
"""A check of what lies above the ledger; it runs in the same snapshot of the database."""


@dataclass
class Verified:
    """What a verification looked at and found. `since`: leaves that an earlier one had verified; 0:
    everything."""

    entries: int = 0
    history_rows: int = 0
    size: int = 0
    root: str = ""
    since: int = 0
    retained: tuple[int, ...] = ()
    findings: list[Finding] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "entries": self.entries,
            "size": self.size,
            "root": self.root or None,
            "since": self.since,
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


def verify(
    *, retained: Sequence[Signed] = (), since: Checkpoint | None = None, beside: Sequence[Check] = ()
) -> Verified:
    """The ledger against itself, its seals and history, in one snapshot of the database.

    `retained`: checkpoints that somebody kept. `since`: only what was sealed after this checkpoint, and not
    yet; what it covers is taken on its signed root. `beside`: further checks. In a transaction of the caller
    it sees what that sees.
    """
    out = Verified(since=since.size if since else 0, retained=tuple(r.size for r in retained))
    seen: dict[str, Seen] = {trail.codec(m).history_table: Seen() for m in trail.tracked_models()}
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        out.findings += _lag()  # before the reading, which may take minutes itself
        seals = Seals(retained, out.since)
        out.findings += roles.check_roles()
        out.findings += _chained(_counted(_entries(since), out, seen, seals), since)
        out.findings += seals.findings()
        out.size, out.root = seals.size, seals.root
        for model in trail.tracked_models() if since is None else ():
            out.findings += _unbound(trail.codec(model), seen[trail.codec(model).history_table])
            out.findings += _stale_rows(trail.codec(model))
        out.history_rows = sum(s.count for s in seen.values())
        for check in beside:
            out.findings += _to_its_end(check)
    return out


def _to_its_end(check: Check) -> list[Finding]:
    """What a check finds; where an entry that it reads is none, that it broke off. So who spoils one entry
    keeps no other from being found."""
    try:
        with transaction.atomic():
            return list(check())
    except (DatabaseError, *UNREADABLE) as error:
        if connection.connection is None or connection.connection.closed:
            raise
        why = " ".join(str(error).split())[:200]
        name = getattr(check, "__name__", "rows").replace("_", " ").strip()
        detail = f"The check of {name} broke off at something that it cannot read: {why}"
        return [Finding("check_broken_off", LEDGER, None, detail)]


def _lag() -> Iterator[Finding]:
    """Once there are seals, entries that wait longer than two intervals say that the sealer is down."""
    behind = sealing.lag() if sealing.latest() else None
    if behind is not None and behind.late:
        minutes = int(behind.age.total_seconds() // 60)
        waiting = how_many(behind.count, "entry is", "entries are")
        oldest = how_many(minutes, "minute")
        detail = f"{waiting} not sealed, the oldest for {oldest}. Run `manage.py up` or `manage.py seal`."
        yield Finding("seal_lag", LEDGER, None, detail)


def _entries(since: Checkpoint | None) -> Iterator[tuple[EntryRow, int | None]]:
    """Entries in order of their chains, each with its place in the tree."""
    with connection.chunked_cursor() as cursor:
        if since is None:
            cursor.execute(ENTRIES)
        else:
            cursor.execute(SINCE, [since.floor, since.size])
        while rows := cursor.fetchmany(CHUNK):
            for *columns, recorded_at, leaf in rows:
                values: list[Any] = [*columns, instant(recorded_at)]
                yield EntryRow(*values), leaf


def _chained(rows: Iterable[EntryRow], since: Checkpoint | None) -> Iterator[Finding]:
    """The chains, each from its first entry on; after `since` from the entry before the first that is new."""
    return check_chain(rows) if since is None else check_chain(rows, _before)


def _before(row: EntryRow) -> tuple[int, str]:
    """Sequence and hash of the entry before this one as it stands; nought before the first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq, hash FROM audit_entry WHERE subject = %s AND seq < %s ORDER BY seq DESC LIMIT 1",
            [row.subject, row.seq],
        )
        found = cursor.fetchone()
    return found or (0, GENESIS)


def _counted(
    rows: Iterable[tuple[EntryRow, int | None]], out: Verified, seen: dict[str, Seen], seals: Seals
) -> Iterator[EntryRow]:
    """Pass rows on to the chain check, checking each, its seal and its bound history on the way."""
    pending: list[tuple[EntryRow, Bound]] = []
    for row, leaf in rows:
        out.entries += 1
        body = read_body(row)
        out.findings += check_entry(row, body)
        out.findings += seals.entry(row, leaf)
        pending += [(row, b) for b in bound_rows(body)]
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
        kept = [b.history_id for _, b in items if 0 < b.history_id <= LARGEST]
        digests = dict(_digests(codecs[table], kept))
        for row, bound in items:
            if bound.history_id not in digests:
                yield Finding(
                    "history_missing",
                    row.subject,
                    row.seq,
                    f"History row {bound.history_id} of {table} is gone.",
                )
                continue
            if digests[bound.history_id] != bound.sha256:
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
    return ((history_id, sha256(text)) for history_id, text in codec.versions(ids))


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
            f" (SELECT DISTINCT ON ({key}) * FROM {codec.history_table} ORDER BY {key}, history_id DESC) h ON"
            f" h.{key} = l.{key}"
            f" WHERE (h.history_type IS DISTINCT FROM '-' AND ROW({live}) IS DISTINCT FROM ROW({past}))"
            f" OR (h.history_type = '-' AND l.{key} IS NOT NULL)"
        )
        for (name,) in cursor.fetchall():
            yield Finding(
                "row_differs", f"{codec.table}/{name}", None, "The live row is not its newest history row."
            )
