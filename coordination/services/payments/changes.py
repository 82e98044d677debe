"""Changing a run before it is signed: a payment is taken out, or the whole of it is withdrawn, by who
proposed it.

What is taken out stays cleared and is proposed again with the next run. The people who are asked get a new
question: a signature stands for exactly what was shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from audit import clock, commitments, ledger, trail
from audit.subjects import Subject
from audit.trail import Change, Stamp
from reviews import channel
from reviews import services as reviews
from reviews.access import may_now
from reviews.errors import NotAllowed, Refused
from reviews.models import Escalation, Status
from reviews.services import person

from ... import rights
from ...domain.amounts import ZERO
from ...facts import payments_made
from ...facts.numbered import meant
from ...models import CreditUse, Payment, PaymentBatch
from ...tasks.announce import announce
from . import proposal
from .approval import find, live, lock_batch
from .errors import Changed, PaymentError

CONTENT = ("control_sum", "count", "content_hash", "execute_on")
PAY_STATUS, BATCH_STATUS = ("status",), ("status",)
LONGEST = 500


class NotInRun(PaymentError):
    """There is no payment of this invoice in the run."""

    status = 404
    exit_code = 2


@transaction.atomic
def withdraw(number: int, *, by: User, text: str, via: str = channel.COMMAND) -> PaymentBatch:
    """Take a run back that nobody has signed. Its invoices stay cleared for the next one.

    Raises `NotAllowed` to others than who proposed it, `Changed` once somebody has signed it, `Refused`
    without a reason.
    """
    batch, at, why = _mine(number, by, text)
    stamp = Stamp(person(by), at, f"payment run {number} withdrawn")
    payments = live(batch)
    changes = _cancelled(payments, stamp)
    batch.status = PaymentBatch.Status.CANCELLED
    changes += trail.update([batch], BATCH_STATUS, stamp)
    _record(batch, "payment.withdrawn", by, at, {"comment": why} | channel.door(via), changes)
    reviews.withdraw([_subject(batch)], by=person(by), why="the run was withdrawn", at=at)
    announce([("payments", ""), ("inbox", ""), (Subject.of("payment_batch", batch.id), str(batch.id))])
    return batch


@transaction.atomic
def take_out(number: int, payment: UUID, *, by: User, text: str, via: str = channel.COMMAND) -> PaymentBatch:
    """Take one payment out of a run that nobody has signed; the last one is withdrawn with the run.

    Raises as `withdraw`, and `NotInRun`.
    """
    batch, at, why = _mine(number, by, text)
    payments = live(batch)
    gone = [p for p in payments if p.id == payment]
    left = [p for p in payments if p.id != payment]
    if not gone:
        raise NotInRun
    if not left:
        raise Refused("This is the only payment of the run: withdraw the run.")
    stamp = Stamp(person(by), at, f"payment run {number}: {payments_made.labels(gone)[gone[0].id]} taken out")
    changes = _cancelled(gone, stamp)
    batch.control_sum = sum((p.amount for p in left), ZERO)
    batch.count, batch.content_hash = len(left), proposal.content_hash(left)
    batch.execute_on = min(p.terms.execute_on for p in left)
    changes += trail.update([batch], CONTENT, stamp)
    data = {
        "invoice": payments_made.labels(gone)[gone[0].id],
        "payment": str(gone[0].id),
        "comment": why,
        "control_sum": f"{batch.control_sum:.2f}",
        "count": str(batch.count),
        "content_sha256": batch.content_hash,
    }
    _record(batch, "payment.taken_out", by, at, data | channel.door(via), changes)
    reviews.ask([proposal.question(batch, prepared(left), at)], at=at)
    announce([("payments", ""), ("inbox", ""), (Subject.of("payment_batch", batch.id), str(batch.id))])
    return batch


def in_run(number: int, invoice: str, vendor: str = "") -> UUID:
    """The payment of the invoice with this number in a run, of this vendor where several bill under one
    number, and of this part (`RE-9200 1/2`) where the run pays several."""
    payments = live(find(number))
    labels = payments_made.labels(payments)
    named = [p for p in payments if vendor in ("", p.vendor.vendor_id)]
    found = [p for p in named if labels[p.id] == invoice] or meant(named, invoice, lambda p: p.invoice.number)
    found = found or meant(named, invoice, lambda p: labels[p.id])
    if not found:
        raise NotInRun(f"Payment run {number} has no payment of invoice {invoice}.")
    if len({p.vendor_id for p in found}) > 1:
        raise Refused(f"Several vendors bill under {invoice}: name one with --vendor.")
    if len(found) > 1:
        raise Refused(f"The run pays several parts of {invoice}: name one, as in {labels[found[0].id]!r}.")
    return found[0].id


def changeable(batch: PaymentBatch, by: User) -> str:
    """Why this person cannot change the run; empty if they can."""
    if batch.status != PaymentBatch.Status.PROPOSED:
        return "Only a run that waits for its signature can be changed."
    if not may_now(by, rights.RUN_PAYMENTS):
        return "Payment runs are changed by managers."
    if batch.proposed_by.startswith("human:") and batch.proposed_by != person(by):
        return f"{reviews.display(batch.proposed_by)} proposed this run and can change it; you can reject it."
    return ""


def signed(batch: PaymentBatch) -> bool:
    """Has somebody signed it already?"""
    asked = Escalation.objects.filter(subject=_subject(batch), status=Status.OPEN)
    return asked.filter(verdicts__isnull=False).exists()


def _mine(number: int, by: User, text: str) -> tuple[PaymentBatch, datetime, str]:
    """The locked run, the moment, and the kept reason, if this person may change the run now."""
    lock_batch(_subject(find(number)))
    batch, at = find(number), clock.now()
    if why := changeable(batch, by):
        raise NotAllowed(why)
    if signed(batch):
        raise Changed("Somebody has signed this run already. Reject it, and propose again.")
    reason = text.strip()
    if not reason or len(reason) > LONGEST:
        raise Refused(f"Say why, in at most {LONGEST} characters.")
    told = commitments.commit(reason, kind="payment comment", of=person(by), about=_subject(batch), at=at)
    return batch, at, told


def _subject(batch: PaymentBatch) -> str:
    return Subject.of("payment_batch", batch.id)


def _cancelled(payments: Sequence[Payment], stamp: Stamp) -> list[Change]:
    for payment in payments:
        payment.status = Payment.Status.CANCELLED
    return trail.update(list(payments), PAY_STATUS, stamp)


def _record(
    batch: PaymentBatch, type_: str, by: User, at: datetime, data: dict[str, Any], changes: list[Change]
) -> None:
    told = {"number": str(batch.number)} | data
    ledger.append([ledger.Event(_subject(batch), type_, person(by), at, told, changes)])


def prepared(payments: Sequence[Payment]) -> list[proposal.Prepared]:
    uses: dict[UUID, list[CreditUse]] = defaultdict(list)
    for use in CreditUse.objects.filter(payment__in=payments).order_by("id"):
        uses[use.payment_id].append(use)
    return [proposal.Prepared(p, p.terms, uses[p.id]) for p in payments]
