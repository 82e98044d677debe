"""A second person releases a run. Everything it stands on is checked again in the transaction of that
signature."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.contrib.auth.models import User

from audit import ledger, trail
from audit.subjects import Subject
from audit.trail import Change, Stamp
from reviews import channel, policy
from reviews import services as reviews
from reviews.models import Escalation

from ...facts import queries
from ...models import CreditUse, Invoice, Payment, PaymentBatch, PaymentTerms, State, Vendor
from ...tasks.announce import announce
from . import bank_days, invoice_moves, paid_twice, selection
from .errors import Changed, NoSuchBatch
from .proposal import content_hash

PAY_STATUS = ("status",)
BATCH_STATUS = ("status", "approved_by", "approved_at", "file_sha256", "execute_on")


def approve(
    number: int,
    *,
    by: User,
    reason: str = policy.NOT_STATED,
    via: str = channel.COMMAND,
    seen: reviews.Seen = reviews.NOTHING,
) -> PaymentBatch:
    """A second person approves: an answer to the run's newest question, with the reason that
    was chosen.

    `seen` is what came back from the page (`via`), which is refused without it; a command shows nothing.
    """
    batch = find(number)
    about = [Subject.of("payment_batch", batch.id), Subject.of("payment_file", batch.id)]
    question = Escalation.objects.filter(subject__in=about).order_by("-opened_at").first()
    if question is None:
        raise NoSuchBatch
    reviews.resolve(
        question.id,
        "approve",
        by=by,
        reason=reason,
        seen_version=seen.version,
        payload_hash=seen.payload_hash,
        shown=seen.shown,
        via=via,
    )
    return find(number)


def signatures(batch: PaymentBatch) -> dict[str, int]:
    """How many people have signed a run, and how many it takes."""
    asked = (
        Escalation.objects.filter(subject=Subject.of("payment_batch", batch.id))
        .order_by("-opened_at")
        .first()
    )
    if asked is None:
        return {}
    return {"signed": asked.verdicts.exclude(verdict="reject").count(), "signatures": asked.quorum}


def find(number: int) -> PaymentBatch:
    """The run with this number."""
    batch = PaymentBatch.objects.filter(number=number).first()
    if batch is None:
        raise NoSuchBatch(f"There is no payment run {number}.")
    return batch


def live(batch: PaymentBatch) -> list[Payment]:
    """The payments of a run without those that were taken out of it, with all that is needed to pay them."""
    found = batch.payments.not_cancelled()
    return list(found.select_related("invoice", "vendor", "terms").order_by("id"))


def lock_batch(subject: str) -> None:
    """Lock a run with its invoices and credits, in the order every writer takes them."""
    lock_batches([Subject(subject).uuid])


def lock_batches(keys: Iterable[UUID]) -> None:
    """Lock runs with their invoices and credits: all invoices first, by id, then the runs, by id."""
    batches = sorted(set(keys))
    taken = CreditUse.objects.filter(payment__batch__in=batches).values_list("credit_id", flat=True)
    invoices = Payment.objects.filter(batch__in=batches).values_list("invoice_id", flat=True)
    list(Invoice.objects.locked().filter(id__in={*invoices, *taken}).values_list("id"))
    list(PaymentBatch.objects.select_for_update().filter(pk__in=batches).order_by("id").values_list("id"))


def decided(batch_id: UUID, *, approved: bool, by: str, at: datetime) -> None:
    """Carry out the answer to a run's question. Raises `Changed` when it is not the run any more that was
    proposed."""
    batch = PaymentBatch.objects.get(pk=batch_id)
    payments = live(batch)
    stamp = Stamp(by, at, f"payment run {batch.number} {'approved' if approved else 'cancelled'}")
    changes: list[Change] = []
    if approved:
        _check_again(batch, payments)
        changes += moved_to_bank_days(batch, payments, stamp, keep_discounts=True)
        batch.approved_by, batch.approved_at = by, at
    batch.status = PaymentBatch.Status.APPROVED if approved else PaymentBatch.Status.CANCELLED
    for payment in payments:
        payment.status = Payment.Status.APPROVED if approved else Payment.Status.CANCELLED
    changes += trail.update([batch], BATCH_STATUS, stamp) + trail.update(payments, PAY_STATUS, stamp)
    type_ = "payment.approved" if approved else "payment.cancelled"
    data = {
        "number": str(batch.number),
        "content_sha256": batch.content_hash,
        "execute_on": batch.execute_on.isoformat(),
    }
    ledger.append([ledger.Event(Subject.of("payment_batch", batch.id), type_, by, at, data, changes)])
    if approved:
        run = {p.invoice_id: {"run": str(batch.number)} for p in payments}
        invoice_moves.forward(
            [p.invoice for p in payments], State.SCHEDULED, "payment.scheduled", by, at, run
        )
    announce([("payments", ""), ("flow", "")], work=approved)


def _check_again(batch: PaymentBatch, payments: Sequence[Payment]) -> None:
    lock_vendors({p.vendor_id for p in payments})
    held = selection.held_among([p.invoice_id for p in payments])
    vendors = queries.vendors({p.vendor_id for p in payments})
    refused = selection.refused_accounts(vendors)
    for p in payments:
        vendor = vendors[p.vendor_id]
        why = "" if vendor.verified == p.account else "the vendor's account is another one now"
        why = selection.unpayable(vendor, refused) or why
        if p.invoice.state not in _payable(p) or p.invoice_id in held:
            why = "it is held or being decided again"
        if why:
            raise Changed(
                f"Invoice {p.invoice.number} changed since the run was proposed: {why}. "
                "Cancel the run and propose again."
            )
    if twice := paid_twice.repeated(payments):
        raise Changed(
            f"Invoice {twice[0].invoice.number} changed since the run was proposed: another run makes the"
            " same payment. Cancel the run and propose again."
        )
    _check_credits(batch, payments)
    if content_hash(payments) != batch.content_hash:
        raise Changed


def _payable(payment: Payment) -> tuple[str, ...]:
    """The states in which a payment may be signed: a later part follows one that is on its way."""
    return (State.CLEARED,) if payment.part is None else (State.CLEARED, State.SCHEDULED)


def lock_vendors(ids: set[UUID]) -> None:
    """Nobody changes status or account of these vendors before the signature is in force."""
    list(Vendor.objects.locked().filter(id__in=ids).values_list("id"))


def _check_credits(batch: PaymentBatch, payments: Sequence[Payment]) -> None:
    """Credits that are taken off are still accepted, and no other run took them."""
    taken: dict[UUID, Decimal] = defaultdict(Decimal)
    for use in CreditUse.objects.filter(payment__in=payments):
        taken[use.credit_id] += use.amount
    left = selection.credit_left(taken, without=batch.id)
    gone = [key for key, amount in taken.items() if left.get(key, Decimal(0)) < amount]
    if gone:
        number = Invoice.objects.get(pk=gone[0]).number
        raise Changed(
            f"Credit {number} changed since the run was proposed: it is not there to be taken any more. "
            "Cancel the run and propose again."
        )


def moved_to_bank_days(
    batch: PaymentBatch, payments: Sequence[Payment], stamp: Stamp, *, keep_discounts: bool
) -> list[Change]:
    """Move days that have gone by to the first on which the bank can still pay; the batch begins with the
    earliest.

    With `keep_discounts` a day that would lose a discount already taken raises `Changed` instead.
    """
    starts = {p.currency: bank_days.earliest(stamp.at, p.currency) for p in payments}
    late = [p.terms for p in payments if p.terms.execute_on < starts[p.currency]]
    for terms in late:
        first = starts[terms.payment.currency]
        if keep_discounts and lost(terms, first):
            raise Changed(
                f"The discount of {terms.payment.currency} {terms.payment.discount:,.2f} on "
                f"{terms.payment.invoice.number} ended on {terms.discount_until:%-d %b %Y}. "
                "Cancel the run and propose again."
            )
        terms.execute_on = first
    batch.execute_on = min(p.terms.execute_on for p in payments)
    return trail.update(late, ("execute_on",), stamp)


def lost(terms: PaymentTerms, day: date) -> bool:
    """Would paying on this day be too late for the discount that was taken?"""
    return terms.discount_until is not None and day > terms.discount_until
