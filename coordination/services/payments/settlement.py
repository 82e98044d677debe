"""The bank's answers taken back in: payments become paid or refused, or a part of one comes back, each with
its entry.

With every message all that the bank has said of its runs is worked out anew (`settling`), and what comes out
otherwise than before is carried out. What came back takes its invoice back: it is held until a person of the
payments queue has looked. Also here: a manager who confirms a run from the bank's paper.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from audit import clock, ledger, trail
from audit.subjects import Subject
from audit.trail import Change, Stamp
from reviews import channel
from reviews import services as reviews
from reviews.access import may_now
from reviews.errors import NotAllowed

from ... import rights
from ...models import BankAnswer, Document, Invoice, Payment, PaymentBatch, State
from ...tasks.announce import announce
from ...translation.canonical import BankLine, BankReport
from . import bank_outcomes, doubts, findings, invoice_moves, reported
from .approval import BATCH_STATUS, find, lock_batch, lock_batches
from .bank_outcomes import Answers
from .errors import NotApproved
from .run_status import run_status
from .settling import RANK, Outcome, Settlement, settle

Status = PaymentBatch.Status
STANDING = ("status", "returned")
"""What the bank's word changes of a payment."""


@dataclass
class Moved:
    """What a message changes: payments that have left, those of which something came back or is in doubt, and
    those of which there is something else to say than before."""

    paid: list[UUID] = field(default_factory=list)
    back: list[UUID] = field(default_factory=list)
    reworded: list[UUID] = field(default_factory=list)
    changed: list[Payment] = field(default_factory=list)


def take(report: BankReport, document: Document, *, by: str, at: datetime) -> list[BankAnswer]:
    """Carry out what a message says. The caller's transaction wrote the document; any repetition changes
    nothing."""
    runs = reported.concerned(report)
    lock_batches(runs)
    told = reported.earlier(runs, document)
    current = reported.message(document, report)
    rows = reported.rows(runs, [m.report for _, m in told.values()])
    given = reported.given(list(rows.values()))
    before = settle([m for _, m in told.values()], given)
    after = settle([*(m for _, m in told.values()), current], given)
    payments = {key: p for key, p in rows.items() if p.batch_id in runs}
    answers = bank_outcomes.write(after, before, current, payments, told)
    moved = _moved(payments, before, after)
    changes = _write(moved.changed, Stamp(by, at, f"bank message {report.number}"))
    _tell_runs(report, document, answers, changes, by, at)
    _move_invoices(payments, moved, after, document, by, at)
    doubts.ask(report, document, answers, by, at)
    announce([("payments", ""), ("flow", "")] if payments else [("payments", "")], work=bool(payments))
    return answers.new


# --- what changes -------------------------------------------------------------------------------------------


def _moved(payments: dict[UUID, Payment], before: Settlement, after: Settlement) -> Moved:
    """How payments stand now otherwise than before. None goes back to where it was: what a person said, and
    what was paid again on the strength of it, is not taken back by a message."""
    moved = Moved()
    for key, payment in sorted(payments.items()):
        then, now = before.outcomes[key], after.outcomes[key]
        if payment.status not in RANK:
            continue
        was = (payment.status, payment.returned)
        payment.status = max(payment.status, now.status, key=lambda s: RANK[s])
        payment.returned = _returned(payment, now)
        if (payment.status, payment.returned) != was:
            moved.changed.append(payment)
        back = (payment.status == "refused" or payment.returned) and (payment.status, payment.returned) != was
        if back or (now.contradicted and not then.contradicted):
            moved.back.append(key)
        elif payment.status == "paid" != was[0]:
            moved.paid.append(key)
        elif now.words != then.words and (now.status == "refused" or now.returned):
            moved.reworded.append(key)
    return moved


def _returned(payment: Payment, now: Outcome) -> Decimal | None:
    """How much of a payment came back that is still paid for the rest."""
    if payment.status != "paid":
        return None
    return max(filter(None, (payment.returned, now.returned)), default=None)


def _write(changed: Sequence[Payment], stamp: Stamp) -> dict[UUID, list[Change]]:
    """Payments and runs as they stand now, with their history; the changes by run."""
    out: dict[UUID, list[Change]] = defaultdict(list)
    for payment, change in zip(changed, trail.update(list(changed), STANDING, stamp), strict=True):
        out[payment.batch_id].append(change)
    runs = []
    for key in out:
        run = PaymentBatch.objects.get(pk=key)
        status = run_status(run)
        if status != run.status:
            run.status = status
            runs.append(run)
    for run, change in zip(runs, trail.update(runs, BATCH_STATUS, stamp), strict=True):
        out[run.id].append(change)
    return out


def _tell_runs(
    report: BankReport,
    document: Document,
    answers: Answers,
    changes: dict[UUID, list[Change]],
    by: str,
    at: datetime,
) -> None:
    """One entry per run that the message speaks of, or of which it explains what was said before."""
    by_run: dict[UUID, list[BankAnswer]] = defaultdict(list)
    for answer in (*answers.new, *answers.again):
        if answer.payment is not None:
            by_run[answer.payment.batch_id].append(answer)
    ledger.append(
        [
            ledger.Event(
                Subject.of("payment_batch", run),
                "payment.reported",
                by,
                at,
                _source(document, report.number) | {"answers": [_line_data(a, document) for a in said]},
                changes.get(run, []),
            )
            for run, said in sorted(by_run.items())
        ]
    )


def _source(document: Document, number: str) -> dict[str, Any]:
    return {
        "document": {
            "id": str(document.id),
            "kind": document.kind,
            "number": number,
            "sha256": document.content_id,
            "format": document.source_format,
        }
    }


def _line_data(answer: BankAnswer, document: Document) -> dict[str, str]:
    invoice = answer.payment.invoice.number if answer.payment else ""
    before = answer.document.number if answer.document_id != document.id else ""
    shown = {
        "invoice": invoice,
        "payment": str(answer.payment_id or ""),
        "status": answer.status,
        "code": answer.code,
        "reason": answer.reason,
        "result": answer.result,
        "note": answer.note,
        "said_before_in": before,
    }
    return {k: v for k, v in shown.items() if v}


def _move_invoices(
    payments: dict[UUID, Payment], moved: Moved, after: Settlement, document: Document, by: str, at: datetime
) -> None:
    """Invoices go forward with the money, and back with what came back."""

    def told(payment: Payment, line: BankLine | None) -> dict[str, Any]:
        bank = {"bank": _bank(line)} if line else {}
        return _source(document, document.number) | {"run": str(payment.batch.number)} | bank

    left = [payments[k] for k in moved.paid]
    lines = {k: o.left_by.line for k, o in after.outcomes.items() if o.left_by}
    invoice_moves.arrived(left, by, at, {p.invoice_id: told(p, lines.get(p.id)) for p in left})
    rows = Invoice.objects.in_bulk([payments[k].invoice_id for k in (*moved.back, *moved.reworded)])
    for key in (*moved.back, *moved.reworded):
        payment, outcome = payments[key], after.outcomes[key]
        row, finding = rows[payment.invoice_id], findings.refusal_finding(payment, outcome)
        over = row.state in {State.REJECTED, State.VOID}
        if over or (key in moved.reworded and invoice_moves.held(row, finding) is None):
            continue
        line = outcome.told_by.line if outcome.told_by else None
        invoice_moves.back(row, finding, findings.entry(payment, outcome), by, at, told(payment, line))


def _bank(line: BankLine) -> dict[str, str]:
    day = line.day.isoformat() if line.day else ""
    shown = {"status": line.status, "code": line.code, "reason": line.reason, "text": line.text, "day": day}
    return {k: v for k, v in shown.items() if v}


# --- a person confirms --------------------------------------------------------------------------------------


@transaction.atomic
def confirm(number: int, *, by: User, via: str = channel.COMMAND) -> PaymentBatch:
    """A person confirms from the bank's paper that a run was executed: what the bank has not refused is
    paid."""
    lock_batch(Subject.of("payment_batch", find(number).id))
    batch = find(number)
    if batch.status != Status.EXPORTED:
        raise NotApproved("Only an exported run can be confirmed.")
    if not may_now(by, rights.RUN_PAYMENTS):
        raise NotAllowed("Payment runs are confirmed by managers.")
    at, actor = clock.now(), reviews.person(by)
    payments = list(
        batch.payments.filter(status=Payment.Status.EXPORTED).select_related("invoice").order_by("id")
    )
    stamp = Stamp(actor, at, f"payment run {number} executed")
    batch.status = Status.EXECUTED
    for payment in payments:
        payment.status = Payment.Status.PAID
    changes = trail.update([batch], BATCH_STATUS, stamp) + trail.update(payments, STANDING, stamp)
    total = sum((p.amount for p in payments), Decimal(0))
    data = {"number": str(number), "count": str(len(payments)), "sum": f"{total:.2f}"} | channel.door(via)
    ledger.append(
        [ledger.Event(Subject.of("payment_batch", batch.id), "payment.confirmed", actor, at, data, changes)]
    )
    run = {p.invoice_id: {"run": str(number)} for p in payments}
    invoice_moves.arrived(payments, actor, at, run)
    announce([("payments", ""), ("flow", "")], work=True)
    return batch


__all__: Sequence[str] = ["confirm", "take"]
