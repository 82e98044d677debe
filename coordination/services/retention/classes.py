"""What is past its class, and removing it where the class allows: in groups, each with the entry that lists
it.

The database lets erasable rows go only in a transaction that has such an entry (`audit.guards`). What a legal
hold covers stays. Everything here is found by SQL, so that a report over years of data costs a handful of
queries.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import connection, transaction

from audit import canonical, clock, commitments, ledger
from audit.models import Personal
from reviews.access import may_now
from reviews.errors import NotAllowed
from reviews.services import person

from ... import rights
from ...governance import retention
from ...governance.retention import Class
from .legal_holds import HELD

TYPE = "retention.applied"
AT_ONCE = 500
"""Rows of one entry."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a class lies: SQL for its rows as (key, began, held). `remove` (keys, actor, moment) takes rows
    out, for an erasable class."""

    query: str
    remove: Callable[[Sequence[str], str, datetime], int] | None = None


@dataclass(frozen=True, slots=True)
class RetentionStatus:
    """How a class stands: everything in it, past its time, and of that under a legal hold."""

    of: Class
    count: int
    oldest: datetime | None
    past: int
    held: int
    cutoff: datetime | None

    @property
    def due(self) -> int:
        """What `apply` removes."""
        return self.past - self.held if self.of.erasable else 0


@dataclass(frozen=True, slots=True)
class Applied:
    """What was removed of a class, and what a legal hold kept."""

    of: Class
    removed: int
    held: int


def _remove_texts(keys: Sequence[str], actor: str, at: datetime) -> int:
    rows = Personal.objects.filter(commitment__in=keys)
    return commitments.erase(rows, by=actor, why="its time of retention is over", at=at)


def _remove_looks(keys: Sequence[str], _actor: str, _at: datetime) -> int:
    return _run("DELETE FROM coordination_accessrecord WHERE id = ANY(%s::bigint[])", list(keys))


def _empty_bytes(keys: Sequence[str], _actor: str, _at: datetime) -> int:
    return _run(r"UPDATE coordination_content SET data = '\x' WHERE sha256 = ANY(%s)", list(keys))


def _run(statement: str, keys: list[str]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, [keys])
        return int(cursor.rowcount)


HELD_INVOICE = HELD.format(subject="'invoice/' || n.id")

SOURCES: dict[str, Source] = {
    "ledger": Source("SELECT e.id::text, e.recorded_at, false FROM audit_entry e"),
    "invoices": Source(
        f"SELECT n.id::text, n.received_at, {HELD_INVOICE} FROM coordination_invoice n"  # noqa: S608 - our own texts
    ),
    "payments": Source("SELECT b.id::text, b.proposed_at, false FROM coordination_paymentbatch b"),
    "policies": Source(
        "SELECT p.id::text, (SELECT min(n.activated_at) FROM coordination_policyversion n WHERE n.revision >"
        " p.revision), false FROM coordination_policyversion p WHERE p.status = 'retired'"
    ),
    "personal_texts": Source(
        f"SELECT t.commitment, t.at, {HELD.format(subject='t.about')} FROM audit_personal t",  # noqa: S608
        _remove_texts,
    ),
    "access_log": Source(
        f"SELECT a.id::text, a.at, {HELD.format(subject='a.subject')} FROM coordination_accessrecord a",  # noqa: S608
        _remove_looks,
    ),
    "quarantined_bytes": Source(
        """SELECT c.sha256, max(k.history_date), false FROM coordination_content c
        JOIN coordination_quarantine q ON q.content_id = c.sha256 JOIN coordination_historicalquarantine k
            ON k.id = q.id
        WHERE c.size > 0 AND octet_length(c.data) > 0
        AND NOT EXISTS (SELECT 1 FROM coordination_quarantine o WHERE o.content_id = c.sha256
            AND o.status = 'open')
        AND NOT EXISTS (SELECT 1 FROM coordination_document d WHERE d.content_id = c.sha256)
        AND NOT EXISTS (SELECT 1 FROM coordination_translationmap m WHERE m.sample_id = c.sha256)
        AND NOT EXISTS (SELECT 1 FROM coordination_paymentbatch b WHERE b.file_sha256 = c.sha256)
        GROUP BY c.sha256""",
        _empty_bytes,
    ),
}
"""Class -> where it lies."""


COUNT = """
SELECT count(*), min(began), count(*) FILTER (WHERE began < %s), count(*) FILTER (WHERE began < %s AND held)
FROM ({query}) AS s(key, began, held)
"""
PAST = """
SELECT key, began FROM ({query}) AS s(key, began, held) WHERE began < %s AND NOT held ORDER BY began, key
    LIMIT %s
"""


def report(now: datetime | None = None) -> list[RetentionStatus]:
    """How every class stands."""
    moment = now or clock.now()
    return [_status(one, moment) for one in retention.default().classes]


def _status(one: Class, now: datetime) -> RetentionStatus:
    cutoff = one.cutoff(now)
    with connection.cursor() as cursor:
        cursor.execute(COUNT.format(query=SOURCES[one.key].query), [cutoff, cutoff])
        total, oldest, past, held = cursor.fetchone()
    return RetentionStatus(one, total, oldest, past, held, cutoff)


def apply(*, by: User | None = None, now: datetime | None = None) -> list[Applied]:
    """Remove what is past its class, where the class is erasable and no hold covers it.

    A group of rows goes with its entry or not at all; a run that is cut short is simply run again. `by` is a
    manager, or None for the operator of the machine.
    """
    if by is not None and not may_now(by, rights.KEEP_RECORDS):
        raise NotAllowed("What is past its time is removed by managers.")
    actor, moment = person(by) if by else "system:command-line", now or clock.now()
    out = []
    for standing in report(moment):
        removed = 0
        if standing.of.erasable:
            while group := _remove_group(standing.of, actor, moment):
                removed += group
        out.append(Applied(standing.of, removed, standing.held))
    return out


@transaction.atomic
def _remove_group(one: Class, actor: str, moment: datetime) -> int:
    """Remove the oldest rows of a class that are past their time, at most `AT_ONCE`; their number."""
    subject = f"retention/{one.key}"
    ledger.lock(subject)
    source, cutoff = SOURCES[one.key], one.cutoff(moment)
    rows = _past(source, cutoff)
    if not rows or source.remove is None:
        return 0
    at, keys = clock.now(), [key for key, _ in rows]
    data: dict[str, Any] = {
        "class": one.key,
        "keep": one.words,
        "before": cutoff,
        "count": str(len(keys)),
        "removed": keys,
        "oldest": rows[0][1],
        "newest": rows[-1][1],
        "classes_sha256": retention.default().sha256,
        "sha256": canonical.sha256("\n".join(keys).encode()),
    }
    ledger.append([ledger.Event(subject, TYPE, actor, at, data)])
    return source.remove(keys, actor, at)


def _past(source: Source, cutoff: datetime | None) -> list[tuple[str, datetime]]:
    with connection.cursor() as cursor:
        cursor.execute(PAST.format(query=source.query), [cutoff, AT_ONCE])
        return list(cursor.fetchall())
