"""The ledger: one hash chain per subject, written in the transaction that changes the state.

An entry's body is a CloudEvents 1.0 envelope as canonical JSON; `hash = SHA-256(0x00 || body)`. Subject,
sequence and the previous hash are inside the body, so an entry cannot be moved. The caller holds the
subject's row lock (or is its creator): that lock is what keeps the chain from forking, and `UNIQUE(subject,
prev)` is what proves it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from . import canonical, clock, trail
from .errors import LedgerError
from .ids import new_id
from .models import GENESIS
from .trail import Change

SOURCE = "countersign"
COLUMNS = ("id", "subject", "seq", "prev", "body", "hash", "type", "actor", "recorded_at")


@dataclass(frozen=True, slots=True)
class Event:
    """What is to be recorded. `data` holds strings, booleans, lists and objects only."""

    subject: str
    type: str
    actor: str
    at: datetime
    data: dict[str, Any]
    changes: Sequence[Change] = ()
    correlation: str = ""
    causation: str = ""
    id: str = field(default_factory=lambda: str(new_id()))


@dataclass(frozen=True, slots=True)
class Appended:
    """Where an event stands in the ledger."""

    id: int
    subject: str
    seq: int
    hash: str


def heads(subjects: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Last (seq, hash) of each subject that has entries."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.subject, e.seq, e.hash FROM unnest(%s::text[]) AS s(subject) CROSS JOIN LATERAL"
            " (SELECT seq, hash FROM audit_entry WHERE subject = s.subject ORDER BY seq DESC LIMIT 1) e",
            [list(subjects)],
        )
        return {subject: (seq, hash_) for subject, seq, hash_ in cursor.fetchall()}


def append(events: Sequence[Event]) -> list[Appended]:
    """Record events in order. Must run inside the transaction that makes the changes they describe."""
    if not events:
        return []
    if not transaction.get_connection().in_atomic_block:
        raise LedgerError("A ledger entry is written in the transaction of the change it records.")
    last = heads(sorted({e.subject for e in events}))
    ids = trail.allot("audit_entry_id_seq", len(events))
    rows, done = [], []
    for entry_id, event in zip(ids, events, strict=True):
        seq, prev = last.get(event.subject, (0, GENESIS))
        body = canonical.dumps(envelope(event, seq + 1, prev))
        hash_ = canonical.leaf_hash(body)
        last[event.subject] = (seq + 1, hash_)
        rows.append(
            (entry_id, event.subject, seq + 1, prev, body.decode(), hash_, event.type, event.actor, event.at)
        )
        done.append(Appended(entry_id, event.subject, seq + 1, hash_))
    trail.copy_in("audit_entry", COLUMNS, rows)
    return done


def lock(subject: str) -> None:
    """Lock a subject that has no row of its own, to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [subject])


def data_of(body: str) -> dict[str, Any]:
    """What an entry recorded: the `data` of its body."""
    found: dict[str, Any] = canonical.loads(body)["data"]
    return found


def envelope(event: Event, seq: int, prev: str) -> dict[str, Any]:
    """The CloudEvents envelope; extension attributes are lower case by that specification. `clock` is there
    where the time is not the system's (`audit.clock`)."""
    data = event.data
    if event.changes:
        data = {**data, "changes": [c.as_json() for c in event.changes]}
    simulated = {"clock": clock.SIMULATED} if clock.is_simulated() else {}
    return simulated | {
        "specversion": "1.0",
        "id": event.id,
        "source": SOURCE,
        "type": event.type,
        "subject": event.subject,
        "time": canonical.instant(event.at),
        "sequence": str(seq),
        "prev": prev,
        "correlationid": event.correlation or event.subject,
        "causationid": event.causation,
        "authtype": event.actor.partition(":")[0],
        "authid": event.actor,
        "data": data,
    }
