"""A signed run until its file exists: single payments leave it, or a manager stops the whole of it.

What leaves is cancelled with its reason and its invoice is cleared again, for the agents to look at. A
signature stands for exactly what was shown: a run that lost a payment is asked about anew, and one that lost
them all is cancelled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from reviews.services import person

from ... import rights
from ...domain.amounts import ZERO
from ...models import Payment, PaymentBatch
from ...tasks.announce import announce
from . import invoice_moves, proposal
from .approval import find, live, lock_batch, lock_batches
from .changes import LONGEST, prepared
from .errors import Changed, FileWritten

Status = PaymentBatch.Status
WRITTEN = frozenset({Status.EXPORTED, Status.EXECUTED, Status.REFUSED})
GONE = ("status", "left_out")
RUN = ("status", "approved_by", "approved_at", "control_sum", "count", "content_hash", "execute_on")


def leave(
    batch: PaymentBatch,
    gone: Mapping[UUID, str],
    by: str,
    at: datetime,
    *,
    via: Mapping[str, str] | None = None,
) -> None:
    """Payments of a signed run leave it, each with its reason in words, and the rest is asked about anew. The
    caller holds the locks of `lock_batch`."""
    payments = live(batch)
    out = [p for p in payments if p.id in gone]
    stay = [p for p in payments if p.id not in gone]
    stamp = Stamp(by, at, f"payment run {batch.number}: {len(out)} left out")
    for payment in out:
        payment.status, payment.left_out = Payment.Status.CANCELLED, gone[payment.id]
    for payment in stay:
        payment.status = Payment.Status.PROPOSED
    batch.status = Status.PROPOSED if stay else Status.CANCELLED
    batch.approved_by, batch.approved_at = "", None
    if stay:
        batch.control_sum = sum((p.amount for p in stay), ZERO)
        batch.count, batch.content_hash = len(stay), proposal.content_hash(stay)
        batch.execute_on = min(p.terms.execute_on for p in stay)
    changes = trail.update([batch], RUN, stamp) + trail.update(payments, GONE, stamp)
    data: dict[str, Any] = {
        "number": str(batch.number),
        "status": batch.status,
        "content_sha256": batch.content_hash,
        "left": [{"invoice": p.invoice.number, "payment": str(p.id), "why": gone[p.id]} for p in out],
    } | dict(via or {})
    ledger.append([ledger.Event(_subject(batch), "payment.left_out", by, at, data, changes)])
    why = dict.fromkeys((p.invoice_id for p in payments), "the run is signed again")
    why |= {p.invoice_id: gone[p.id] for p in out}
    told = {key: {"run": str(batch.number), "why": text} for key, text in why.items()}
    invoice_moves.unscheduled([p.invoice for p in payments], by, at, told)
    if stay:
        reviews.ask([proposal.question(batch, prepared(stay), at)], at=at)
    _announce(batch)


def left_out(batch: PaymentBatch) -> list[Payment]:
    """The payments that left a run after it was signed, with their invoices and vendors."""
    found = batch.payments.exclude(left_out="").select_related("invoice", "vendor")
    return list(found.order_by("invoice__number", "id"))


def words(batch: PaymentBatch, gone: Sequence[Payment]) -> str:
    """What became of a run that payments left, in one sentence."""
    named = "; ".join(f"{p.invoice.number}: {p.left_out}" for p in gone[:5])
    more = f"; and {len(gone) - 5} more" if len(gone) > 5 else ""
    then = (
        "The rest has to be signed again."
        if batch.status != Status.CANCELLED
        else "Nothing is left: the run is cancelled."
    )
    return f"No file was written for payment run {batch.number}. Left out: {named}{more}. {then}"


# --- a person stops one of them, or all ---------------------------------------------------------------------


def paying(invoice: UUID) -> set[UUID]:
    """The runs that are about to pay an invoice: the bank does not have their file yet."""
    found = Payment.objects.filter(invoice=invoice, status__in=["proposed", "approved"])
    return set(found.values_list("batch_id", flat=True))


def lock_for(invoice: UUID) -> set[UUID]:
    """Lock these runs with all their invoices, before the invoice itself is locked. Says which: one that came
    meanwhile is not among them."""
    found = paying(invoice)
    lock_batches(found)
    return found


def held(invoice: UUID, by: str, at: datetime) -> bool:
    """A person holds a scheduled invoice: its payments leave the signed runs whose file the bank does not
    have. False where there is none of them.

    The caller has locked by `lock_for`.
    """
    signed = Payment.objects.filter(
        invoice=invoice, status=Payment.Status.APPROVED, batch__status=Status.APPROVED
    )
    found = list(signed.select_related("batch"))
    for batch in {p.batch_id: p.batch for p in found}.values():
        leave(batch, {p.id: "a person holds the invoice" for p in found if p.batch_id == batch.pk}, by, at)
    return bool(found)


@transaction.atomic
def stop(number: int, *, by: User, text: str, via: str = channel.COMMAND) -> PaymentBatch:
    """One manager stops a run whose file the bank does not have yet: it is cancelled, and its invoices are
    cleared again.

    Makers may, too: it pays nobody. Raises `NotAllowed`, `FileWritten`, `Changed` for a run that is
    cancelled, `Refused` without a reason.
    """
    lock_batch(_subject(find(number)))
    batch, at, actor = find(number), clock.now(), person(by)
    if not may_now(by, rights.RUN_PAYMENTS):
        raise NotAllowed("Payment runs are stopped by managers.")
    if batch.status in WRITTEN:
        raise FileWritten
    if batch.status == Status.CANCELLED:
        raise Changed(f"Payment run {number} is cancelled already.")
    reason = text.strip()
    if not reason or len(reason) > LONGEST:
        raise Refused(f"Say why, in at most {LONGEST} characters.")
    payments = live(batch)
    stamp = Stamp(actor, at, f"payment run {number} stopped")
    for payment in payments:
        payment.status = Payment.Status.CANCELLED
    was, batch.status = batch.status, Status.CANCELLED
    changes: list[Change] = trail.update([batch], ("status",), stamp) + trail.update(
        payments, ("status",), stamp
    )
    comment = commitments.commit(reason, kind="payment comment", of=actor, about=_subject(batch), at=at)
    data = {"number": str(number), "was": was, "comment": comment} | channel.door(via)
    ledger.append([ledger.Event(_subject(batch), "payment.stopped", actor, at, data, changes)])
    told = {p.invoice_id: {"run": str(number), "why": "the run was stopped"} for p in payments}
    invoice_moves.unscheduled([p.invoice for p in payments], actor, at, told)
    reviews.withdraw([_subject(batch)], by=actor, why="the run was stopped", at=at)
    _announce(batch)
    return batch


def _subject(batch: PaymentBatch) -> str:
    return Subject.of("payment_batch", batch.id)


def _announce(batch: PaymentBatch) -> None:
    topics = [("payments", ""), ("inbox", ""), ("flow", ""), (_subject(batch), str(batch.id))]
    announce(topics, work=True)
