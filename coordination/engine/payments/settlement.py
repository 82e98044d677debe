"""The bank's answers taken back in: payments become paid or refused, each with its entry on run and invoice.

A refused payment takes its invoice back: it is held until a person of the payments queue has looked, then it may be
paid again. Also here: a manager who confirms a run from the bank's paper.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from audit import ledger, trail
from audit.ids import new_id
from audit.trail import Change, Stamp
from reviews import channel
from reviews import services as reviews
from reviews.errors import NotAllowed

from ...agents.base import Evidence, Finding
from ...agents.identity import masked
from ...models import FINAL, BankAnswer, Document, Hold, Invoice, Payment, PaymentBatch, State
from ...translation.canonical import BankLine, BankReport
from ...translation.iso20022 import reasons
from ..announce import announce
from . import doubts, matching, moves
from .answers import Known, Reading, read
from .approval import BATCH_STATUS, PAY_STATUS, find, lock_batch, lock_batches
from .doubts import Doubt
from .errors import NotApproved
from .matching import Match
from .selection import ACCOUNT_REFUSED

Status = PaymentBatch.Status


@dataclass
class Settled:
    """What one message did, before it is written."""

    answers: list[BankAnswer] = field(default_factory=list)
    paid: dict[UUID, BankLine] = field(default_factory=dict)
    refused: dict[UUID, tuple[BankLine, str]] = field(default_factory=dict)
    alarms: dict[UUID, BankLine] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)


def take(report: BankReport, document: Document, *, by: str, at: datetime) -> list[BankAnswer]:
    """Carry out what a message says. The caller's transaction wrote the document; any repetition changes nothing."""
    runs = matching.concerned(report)
    lock_batches(runs)
    matches = matching.match(report, runs)
    payments = {m.payment.id: m.payment for m in matches if m.payment}
    before = _told(payments)
    done = Settled()
    for found in matches:
        _one(found, report, document, before, done, at)
    trail.insert_facts(done.answers)
    changes = _write(payments, done, Stamp(by, at, f"bank message {report.number}"))
    _tell_runs(report, document, done, changes, by, at)
    _move_invoices(payments, done, document, by, at)
    doubts.ask(report, document, done.doubts, by, at)
    announce([("payments", ""), ("flow", "")] if payments else [("payments", "")], work=bool(payments))
    return done.answers


# --- reading -------------------------------------------------------------------------------------------------------


@dataclass
class Told:
    """What the bank said last of a payment that changed it."""

    came_back: bool = False
    on: date | None = None


def _told(payments: dict[UUID, Payment]) -> dict[UUID, Told]:
    """For each payment the word that its status stands on."""
    said = BankAnswer.objects.filter(payment__in=list(payments), result=BankAnswer.Result.APPLIED)
    found: dict[UUID, Told] = defaultdict(Told)
    for key, status, day in said.order_by("id").values_list("payment_id", "status", "day"):
        if key is not None:
            found[key] = Told(status in {"returned", "credited"}, day)
    return found


def _one(
    found: Match,
    report: BankReport,
    document: Document,
    before: dict[UUID, Told],
    done: Settled,
    at: datetime,
) -> None:
    reading = _reading(found, report, before)
    line, payment = found.line, found.payment
    answer = (
        BankAnswer(
            id=new_id(), document=document, position=found.position, payment=payment, status=line.status,
            code=line.code, reason=line.reason, text=line.text,
            reference=line.end_to_end_id or line.group_id or line.message_id, amount=line.amount,
            currency=line.currency[:3], day=line.day, said_at=report.created_at or at, result=reading.result,
            note=reading.note,
        )
    )  # fmt: skip
    done.answers.append(answer)
    if reading.asks:
        done.doubts.append(Doubt(answer, early=reading.early))
    if payment is None:
        return
    if reading.alarm:
        done.alarms[payment.id] = line
    if not reading.status:
        return
    payment.status = reading.status
    before[payment.id] = Told(line.status in {"returned", "credited"}, line.day)
    done.paid.pop(payment.id, None)
    if reading.status == Payment.Status.PAID:
        done.paid[payment.id] = line
    else:
        done.refused[payment.id] = (line, reading.note)


def _reading(found: Match, report: BankReport, before: dict[UUID, Told]) -> Reading:
    payment = found.payment
    if (
        payment is None
    ):  # statements of an account tell of much that is not ours, answers to our files of nothing else
        return Reading("unknown", found.why, asks=report.kind == "payment_status")
    if found.conflict:
        return Reading("conflict", found.why, asks=True)
    told, line = before[payment.id], found.line
    if line.day is None and report.created_at is not None:
        line = replace(line, day=report.created_at.date())
    day = payment.terms.execute_on
    return read(line, Known(payment.status, payment.amount, payment.currency, told.came_back, told.on, day))


# --- writing -------------------------------------------------------------------------------------------------------


def _write(payments: dict[UUID, Payment], done: Settled, stamp: Stamp) -> dict[UUID, list[Change]]:
    """Payments and runs as they stand now, with their history; the changes by run."""
    changed = [payments[key] for key in sorted({*done.paid, *done.refused})]
    out: dict[UUID, list[Change]] = defaultdict(list)
    for payment, change in zip(changed, trail.update(changed, PAY_STATUS, stamp), strict=True):
        out[payment.batch_id].append(change)
    runs = []
    for key in out:
        run = PaymentBatch.objects.get(pk=key)
        status = standing(run)
        if status != run.status:
            run.status = status
            runs.append(run)
    for run, change in zip(runs, trail.update(runs, BATCH_STATUS, stamp), strict=True):
        out[run.id].append(change)
    return out


def standing(run: PaymentBatch) -> str:
    """A run is executed when the bank has answered for every payment, refused when it carried out none."""
    states = set(run.payments.exclude(status=Payment.Status.CANCELLED).values_list("status", flat=True))
    if states - {Payment.Status.PAID, Payment.Status.REFUSED}:
        return Status.EXPORTED
    return Status.EXECUTED if Payment.Status.PAID in states else Status.REFUSED


def _tell_runs(
    report: BankReport,
    document: Document,
    done: Settled,
    changes: dict[UUID, list[Change]],
    by: str,
    at: datetime,
) -> None:
    """One entry per run that the message speaks of."""
    by_run: dict[UUID, list[BankAnswer]] = defaultdict(list)
    for answer in done.answers:
        if answer.payment is not None:
            by_run[answer.payment.batch_id].append(answer)
    ledger.append(
        [
            ledger.Event(
                f"payment_batch/{run}", "payment.reported", by, at,
                _source(document, report.number) | {"answers": [_said(a) for a in answers]}, changes.get(run, []),
            )
            for run, answers in sorted(by_run.items())
        ]
    )  # fmt: skip


def _source(document: Document, number: str) -> dict[str, Any]:
    return {
        "document": {
            "id": str(document.id), "kind": document.kind, "number": number, "sha256": document.content_id,
            "format": document.source_format,
        }
    }  # fmt: skip


def _said(answer: BankAnswer) -> dict[str, str]:
    invoice = answer.payment.invoice.number if answer.payment else ""
    shown = {
        "invoice": invoice, "payment": str(answer.payment_id or ""), "status": answer.status, "code": answer.code,
        "reason": answer.reason, "result": answer.result, "note": answer.note,
    }  # fmt: skip
    return {k: v for k, v in shown.items() if v}


def _move_invoices(
    payments: dict[UUID, Payment], done: Settled, document: Document, by: str, at: datetime
) -> None:
    rows = Invoice.objects.in_bulk(
        [payments[k].invoice_id for k in (*done.paid, *done.refused, *done.alarms)]
    )
    paid = {payments[k].invoice_id: (payments[k], line) for k, line in done.paid.items()}
    data = {
        key: _source(document, document.number) | {"run": str(p.batch.number), "bank": _bank(line)}
        for key, (p, line) in paid.items()
    }
    moves.forward([rows[k] for k in paid], State.PAID, "payment.executed", by, at, data)
    for key, (line, note) in done.refused.items():
        payment = payments[key]
        told = _source(document, document.number) | {"run": str(payment.batch.number), "bank": _bank(line)}
        moves.back(rows[payment.invoice_id], _refusal(payment, line, note), "payment.refused", by, at, told)
    for key, line in done.alarms.items():
        _alarm(payments[key], rows[payments[key].invoice_id], line, document, by, at)


def _bank(line: BankLine) -> dict[str, str]:
    day = line.day.isoformat() if line.day else ""
    shown = {"status": line.status, "code": line.code, "reason": line.reason, "text": line.text, "day": day}
    return {k: v for k, v in shown.items() if v}


def _refusal(payment: Payment, line: BankLine, note: str) -> Finding:
    """What the person is asked about: the bank's reason in plain words, and what helps."""
    words = reasons.words(line.reason, line.text)
    account = reasons.is_about_the_account(line.reason)
    paid = f"{payment.currency} {payment.amount:,.2f} to {masked(payment.account)}"
    part = f", part {payment.part}" if payment.part is not None else ""
    advice = (
        f" Ask {payment.vendor.name} for its account; a change is verified before it is paid."
        if account
        else ""
    )
    return Finding(
        "release", f"{note} {paid}: {words}.{advice}", code="payment_refused", expected=f"{paid} carried out",
        found=f"{words}, run {payment.batch.number}{part}", money=payment.amount,
        rule=ACCOUNT_REFUSED if account else "P-02", evidence=_evidence(payment, line),
    )  # fmt: skip


def _alarm(payment: Payment, row: Invoice, line: BankLine, document: Document, by: str, at: datetime) -> None:
    """Refused, then booked: nothing is decided here, but no money follows before a person has looked."""
    found = f"booked by the bank after it was refused, run {payment.batch.number}"
    known = Hold.objects.filter(invoice=row, code="payment_refused", detail__found=found).exists()
    if known or row.state in FINAL:
        return
    paid = f"{payment.currency} {payment.amount:,.2f}"
    finding = Finding(
        "release", f"{paid} was refused first, and then the bank says that it has left. Look at the account.",
        code="payment_refused", expected=f"{paid} not carried out", found=found, money=payment.amount, rule="P-02",
        evidence=_evidence(payment, line),
    )  # fmt: skip
    told = _source(document, document.number) | {"run": str(payment.batch.number), "bank": _bank(line)}
    moves.back(row, finding, "payment.contradicted", by, at, told)


def _evidence(payment: Payment, line: BankLine) -> tuple[Evidence, ...]:
    shown = " ".join(filter(None, [line.code, line.reason, line.text]))
    return (Evidence(f"payment run {payment.batch.number}", "bank answer", shown or line.status),)


# --- a person confirms ---------------------------------------------------------------------------------------------


@transaction.atomic
def confirm(number: int, *, by: User, via: str = channel.COMMAND) -> PaymentBatch:
    """A person confirms from the bank's paper that a run was executed: what the bank has not refused is paid."""
    lock_batch(f"payment_batch/{find(number).id}")
    batch = find(number)
    if batch.status != Status.EXPORTED:
        raise NotApproved("Only an exported run can be confirmed.")
    if not by.groups.filter(name="manager").exists():
        raise NotAllowed("Payment runs are confirmed by managers.")
    at, actor = timezone.now(), reviews.person(by)
    payments = list(
        batch.payments.filter(status=Payment.Status.EXPORTED).select_related("invoice").order_by("id")
    )
    stamp = Stamp(actor, at, f"payment run {number} executed")
    batch.status = Status.EXECUTED
    for payment in payments:
        payment.status = Payment.Status.PAID
    changes = trail.update([batch], BATCH_STATUS, stamp) + trail.update(payments, PAY_STATUS, stamp)
    total = sum((p.amount for p in payments), Decimal(0))
    data = {"number": str(number), "count": str(len(payments)), "sum": f"{total:.2f}"} | channel.door(via)
    ledger.append([ledger.Event(f"payment_batch/{batch.id}", "payment.confirmed", actor, at, data, changes)])
    run = {p.invoice_id: {"run": str(number)} for p in payments}
    moves.forward([p.invoice for p in payments], State.PAID, "payment.executed", actor, at, run)
    announce([("payments", ""), ("flow", "")], work=True)
    return batch


__all__: Sequence[str] = ["confirm", "standing", "take"]
