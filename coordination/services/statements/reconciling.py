"""The work: notes are taken, statements reconciled, results written with history and ledger entry, and one
question asked about what differs. A reconciliation that finds what stands already writes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from audit import canonical, clock, ledger, trail
from audit.subjects import Subject
from audit.trail import Change, Stamp
from reviews import services as reviews
from reviews.models import Escalation, Verdict

from ...agents import statement_reconciliation as agent
from ...agents.statement_facts import OurDocument, Reconciliation, Stated, StatedLine
from ...facts import policies
from ...facts.documents import party
from ...facts.serialization import encode
from ...facts.vendor_directory import Directory
from ...models import Statement, StatementLine
from ...tasks.announce import announce
from . import books, questions

log = logging.getLogger("countersign.decisions")

ACTOR = f"agent:{agent.NAME}/{agent.VERSION}"
LOCK = 0x53544D54
RECORDED = 500
"""Documents of ours that the entry keeps whole; of more it keeps the digest."""

RESULT = ("kind", "sentence", "ours", "invoice_id", "payment_id", "suggestions")
STANDING = (
    "vendor_id",
    "status",
    "line_count",
    "matched",
    "timing",
    "differences",
    "their_sum",
    "our_balance",
    "own",
    "contradictions",
    "basis",
    "answered",
    "reconciled_at",
    "version",
)
TAKE = """
WITH taken AS (SELECT id FROM coordination_statementnote ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
DELETE FROM coordination_statementnote n USING taken WHERE n.id = taken.id RETURNING n.vendor_id, n.cause
"""


def step(limit: int = 200) -> int:
    """Take noted changes and reconcile what they concern. Returns how many notes were taken; 0 = nothing to
    do.

    One worker does this at a time: it locks several statements, and two could wait for each other crosswise.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
            if not cursor.fetchone()[0]:
                return 0
            cursor.execute(TAKE, [limit])
            notes = cursor.fetchall()
        causes: dict[UUID | None, str] = dict(notes)
        for statement in _concerned(causes):
            _reconcile_safely(statement, causes)
    return len(notes)


def _concerned(vendors: Iterable[UUID | None]) -> list[UUID]:
    """Statements of these vendors that still count, in the order in which they are locked."""
    keys = [v for v in vendors if v is not None]
    found = Statement.objects.filter(vendor__in=keys) | Statement.objects.filter(vendor=None)
    if None not in set(vendors):
        found = Statement.objects.filter(vendor__in=keys)
    return list(found.exclude(status=Statement.Status.SUPERSEDED).order_by("id").values_list("id", flat=True))


def _reconcile_safely(key: UUID, causes: dict[UUID | None, str]) -> None:
    """One statement that cannot be reconciled holds up no other, and says so."""
    try:
        with transaction.atomic():
            _reconcile(key, causes)
    except Exception as error:
        log.exception("%s: statement %s failed", agent.NAME, key)
        _fail(key, error)


def _fail(key: UUID, error: Exception) -> None:
    lock_statement(Subject.of("statement", key))
    row = Statement.objects.get(pk=key)
    now = clock.now()
    row.status, row.version = Statement.Status.FAILED, row.version + 1
    why = f"{type(error).__name__}: {error}"[:300]
    changes = trail.update([row], ("status", "version"), Stamp(ACTOR, now, why))
    ledger.append([ledger.Event(row.subject, "statement.failed", ACTOR, now, {"why": why}, changes)])


def lock_statement(subject: str) -> None:
    """Lock a statement as every writer of it does."""
    key = Subject(subject).key
    list(Statement.objects.locked().filter(pk=key).values_list("id"))


def _reconcile(key: UUID, causes: dict[UUID | None, str]) -> None:
    lock_statement(Subject.of("statement", key))
    row = Statement.objects.get(pk=key)
    lines = list(row.lines.order_by("position"))
    before = [getattr(row, name) for name in STANDING]
    if row.vendor_id is None:
        row.vendor_id = Directory.load().find(party(row.seller), row.vendor_ref)
    stated = as_stated(row, lines)
    known = books.load_books(row.vendor_id, stated) if row.vendor_id else []
    found = agent.reconcile(stated, known) if row.vendor_id else agent.of_unknown_vendor(stated)
    now = clock.now()
    changed = _results(lines, found)
    _set_status(row, found)
    if not changed and before == [getattr(row, name) for name in STANDING]:
        return
    row.reconciled_at, row.version = now, row.version + 1
    stamp = Stamp(ACTOR, now, "reconciled")
    changes = trail.update([row], STANDING, stamp) + trail.update(changed, RESULT, stamp)
    cause = causes.get(row.vendor_id) or causes.get(None, "")
    _record(row, stated, known, found, changes, cause, now)
    _ask(row, lines, found, now)
    announce([("statements", str(row.id)), (row.subject, str(row.id))])


def as_stated(row: Statement, lines: Sequence[StatementLine]) -> Stated:
    """The statement as the vendor wrote it."""
    return Stated(
        number=row.number,
        vendor=str(row.vendor_id or ""),
        on=row.statement_date,
        currency=row.currency,
        balance=row.balance,
        total_debit=row.total_debit,
        total_credit=row.total_credit,
        lines=tuple(
            StatedLine(x.position, x.reference, x.reference_date, x.type, x.amount, tuple(x.others))
            for x in lines
        ),
    )


def _results(lines: Sequence[StatementLine], found: Reconciliation) -> list[StatementLine]:
    """Put the results on the lines; those that changed."""
    changed = []
    for line, result in zip(lines, found.lines, strict=True):
        new = (
            result.kind,
            result.sentence,
            result.ours,
            UUID(result.document) if result.document else None,
            UUID(result.payment) if result.payment else None,
            encode(result.suggestions),
        )
        if tuple(getattr(line, name) for name in RESULT) != new:
            for name, value in zip(RESULT, new, strict=True):
                setattr(line, name, value)
            changed.append(line)
    return changed


def _set_status(row: Statement, found: Reconciliation) -> None:
    """How the statement stands now: what was counted, and whether somebody has to look."""
    row.line_count, row.matched, row.timing = (
        len(found.lines),
        len(found.of("matched")),
        len(found.of("timing")),
    )
    row.differences = len(found.differences)
    row.their_sum, row.our_balance = found.their_sum, found.our_balance
    row.own, row.contradictions = encode(found.own), encode(found.contradictions)
    row.basis = basis(found)
    if _newer(row):
        row.status = Statement.Status.SUPERSEDED
    elif found.agrees:
        row.status = Statement.Status.AGREED
    elif row.answered != row.basis or row.status not in {Statement.Status.ACCEPTED, Statement.Status.ASKED}:
        row.status = Statement.Status.OPEN


def basis(found: Reconciliation) -> str:
    """Names exactly these differences: an answer stands for them and for no others."""
    shown = {
        "lines": [
            [str(x.position), x.kind, str(x.theirs), str(x.ours), x.document] for x in found.differences
        ],
        "own": [[x.document, str(x.amount)] for x in found.own],
        "contradictions": [[x.what, str(x.stated), str(x.computed)] for x in found.contradictions],
    }
    return canonical.sha256(canonical.dumps(shown))


def _newer(row: Statement) -> bool:
    """Is there a later statement of the same vendor in the same currency? Both are looked at with every
    change."""
    if row.vendor_id is None:
        return False
    others = Statement.objects.filter(vendor=row.vendor_id, currency=row.currency).exclude(pk=row.pk)
    return any(_age(other) > _age(row) for other in others.only("statement_date", "received_at", "id"))


def _age(row: Statement) -> tuple[date, datetime, str]:
    return row.statement_date or date.min, row.received_at, str(row.id)


def _record(
    row: Statement,
    stated: Stated,
    known: Sequence[OurDocument],
    found: Reconciliation,
    changes: list[Change],
    cause: str,
    now: datetime,
) -> None:
    """The decision: what was read, what follows, and why."""
    policy = policies.active()
    facts = encode(list(known))
    data: dict[str, Any] = {
        "agent": agent.NAME,
        "agent_version": agent.VERSION,
        "path": f"coordination/{agent.NAME}",
        "cause": cause,
        "input": {
            "stated": encode(stated),
            "books": facts[:RECORDED],
            "books_count": str(len(facts)),
            "books_sha256": canonical.sha256(canonical.dumps(facts)),
        },
        "result": row.status,
        "reasoning": agent.reasoning(stated, found),
        "findings": encode(found.differences),
        "own": encode(found.own),
        "contradictions": encode(found.contradictions),
        "their_sum": str(found.their_sum),
        "our_balance": str(found.our_balance),
        "basis": row.basis,
        "policy": {"revision": str(policy.revision), "sha256": policy.sha256},
    }
    ledger.append([ledger.Event(row.subject, "statement.reconciled", ACTOR, now, data, changes)])


def _ask(row: Statement, lines: Sequence[StatementLine], found: Reconciliation, now: datetime) -> None:
    """One question about what differs; taken back when nothing does, or when it was answered for exactly
    this."""
    if row.status == Statement.Status.OPEN:
        reviews.ask([questions.about(row, lines, found, policies.active(), now)], at=now)
        announce([("inbox", "")])
    else:
        newer = row.status == Statement.Status.SUPERSEDED
        why = "a newer statement came" if newer else "nothing differs any more"
        reviews.withdraw([row.subject], by=ACTOR, why=why, at=now)


def answered(escalation: Escalation, verdict: Verdict, at: datetime) -> None:
    """A person accepted the differences, or has the vendor asked. It stands for exactly these differences."""
    row = Statement.objects.get(pk=Subject(escalation.subject).key)
    accepted = verdict.verdict == "approve"
    row.status = Statement.Status.ACCEPTED if accepted else Statement.Status.ASKED
    row.answered, row.version = row.basis, row.version + 1
    changes = trail.update(
        [row], ("status", "answered", "version"), Stamp(verdict.by, at, f"{row.status}: {verdict.reason}")
    )
    data = {
        "status": row.status,
        "reason": verdict.reason,
        "comment": verdict.comment,
        "basis": row.basis,
        "escalation": str(escalation.id),
    }
    ledger.append([ledger.Event(row.subject, "statement.answered", verdict.by, at, data, changes)])
    announce([("statements", str(row.id))])
