"""Checking the ledger: pure functions over rows, so that the same checks run in the product and on a bundle.

Each finding has a code, a subject, a sequence number and a sentence. No ORM here; `inspection.py` feeds the rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .canonical import leaf_hash

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that should not be."""

    code: str
    subject: str
    seq: int | None
    detail: str

    def as_json(self) -> dict[str, object]:
        return {"code": self.code, "subject": self.subject, "seq": self.seq, "detail": self.detail}


@dataclass(frozen=True, slots=True)
class EntryRow:
    """A ledger row as stored."""

    id: int
    subject: str
    seq: int
    prev: str
    body: str
    hash: str
    type: str
    actor: str
    recorded_at: str


@dataclass(frozen=True, slots=True)
class Bound:
    """A history row as an entry names it."""

    table: str
    key: str
    history_id: int
    sha256: str


def check_entry(row: EntryRow) -> Iterator[Finding]:
    """Body, hash and the columns that repeat the body agree."""
    if leaf_hash(row.body.encode()) != row.hash:
        yield Finding(
            "hash_mismatch", row.subject, row.seq, "The body does not give the hash that is stored with it."
        )
    try:
        body = json.loads(row.body)
    except ValueError:
        yield Finding("body_unreadable", row.subject, row.seq, "The body is not JSON.")
        return
    stored = {
        "subject": row.subject, "sequence": str(row.seq), "prev": row.prev, "type": row.type, "authid": row.actor,
        "time": row.recorded_at,
    }  # fmt: skip
    for name, value in stored.items():
        if body.get(name) != value:
            yield Finding(
                "column_mismatch", row.subject, row.seq, f"The column for {name} does not repeat the body."
            )


def check_chain(rows: Iterable[EntryRow]) -> Iterator[Finding]:
    """Rows in order of subject and sequence: each follows the one before, from the first on, without a gap."""
    subject, seq, prev = "", 0, GENESIS
    for row in rows:
        if row.subject != subject:
            subject, seq, prev = row.subject, 0, GENESIS
        if row.seq != seq + 1:
            yield Finding(
                "sequence_gap", row.subject, row.seq, f"Entry {seq + 1} is missing before entry {row.seq}."
            )
        elif row.prev != prev:
            yield Finding(
                "chain_broken", row.subject, row.seq, f"Entry {row.seq} does not follow the entry before it."
            )
        seq, prev = row.seq, row.hash


def bound_rows(row: EntryRow) -> list[Bound]:
    """The history rows that an entry binds."""
    try:
        changes = json.loads(row.body).get("data", {}).get("changes", [])
        return [Bound(table, key, int(history_id), sha) for table, key, history_id, sha in changes]
    except (ValueError, AttributeError, TypeError):
        return []
