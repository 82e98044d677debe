"""The last look before the bank's file is written: does everything still hold that made each payment of a run
right?

All of it is asked in the transaction that writes the file, with the run, its invoices, credits and vendors
locked, so that nothing can change between this look and the file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from ...agents.finance_payment import FinancePayment
from ...decisions import second_look, superseding
from ...domain.amounts import ZERO
from ...domain.instalments import carried
from ...facts import payments_made, preceding_invoices, queries
from ...models import STATED, Agent, CreditUse, Invoice, PaidElsewhere, Payment, PaymentBatch, State
from ...translation.sepa import carries
from . import abroad, bank_days, paid_twice, selection
from .approval import lock_vendors, lost

OTHER_ACCOUNT = "the vendor's account is another one now"
HELD = "a hold is open"
DECIDED_AGAIN = "it is being decided again"
ELSEWHERE = "somebody says that it was paid elsewhere"
TWICE = "another run makes the same payment"


def stopped() -> bool:
    """Is the payment agent stopped? Then nothing leaves, and nothing changes: stopping is for a while."""
    return Agent.objects.filter(pk=FinancePayment.name, paused=True).exists()


def found(batch: PaymentBatch, payments: Sequence[Payment], at: datetime) -> dict[UUID, str]:
    """Payments that are not right any more, by their key, each with the reason in words. `payments`: with
    their invoices, vendors and terms, locked."""
    lock_vendors({p.vendor_id for p in payments})
    out = _of_vendors(payments) | _of_invoices(payments) | _of_money(batch, payments, at)
    rest = [p for p in payments if p.id not in out]
    said = second_look.objections([p.invoice for p in rest], at)
    return out | {p.id: said[p.invoice_id] for p in rest if p.invoice_id in said}


def _of_vendors(payments: Sequence[Payment]) -> dict[UUID, str]:
    vendors = queries.vendors({p.vendor_id for p in payments})
    refused = selection.refused_accounts(vendors)
    known = abroad.bics({p.vendor_id for p in payments if not carries(p.currency, p.account)})
    banks = {p.id: known.get(p.vendor_id, "") for p in payments if p.vendor_id in known}
    out = {}
    for p in payments:
        vendor = vendors[p.vendor_id]
        why = selection.unpayable(vendor, refused)
        if not why and (vendor.verified != p.account or (p.id in banks and banks[p.id] != p.bic)):
            why = OTHER_ACCOUNT
        if why:
            out[p.id] = why
    return out


def _of_invoices(payments: Sequence[Payment]) -> dict[UUID, str]:
    ids = [p.invoice_id for p in payments]
    held = selection.held_among(ids)
    stated = PaidElsewhere.objects.filter(invoice__in=ids, status__in=STATED)
    elsewhere = set(stated.values_list("invoice_id", flat=True))
    out = {}
    for p in payments:
        if p.invoice_id in held:
            out[p.id] = HELD
        elif p.invoice.state != State.SCHEDULED:  # of a run that is signed, or whose file is with the bank
            out[p.id] = DECIDED_AGAIN
        elif p.invoice_id in elsewhere:
            out[p.id] = ELSEWHERE
    return out


def _of_money(batch: PaymentBatch, payments: Sequence[Payment], at: datetime) -> dict[UUID, str]:
    """Payments whose amount is not right any more, or is paid by somebody else."""
    out = {p.id: TWICE for p in paid_twice.repeated(payments)}
    out |= _credited(payments) | _credits_gone(batch, payments, at)
    for p in payments:
        first = bank_days.earliest(at, p.currency)
        if p.discount and p.terms.execute_on < first and lost(p.terms, first):
            ended = f"{p.terms.discount_until:%-d %b %Y}"
            out[p.id] = f"its discount of {p.currency} {p.discount:,.2f} ended on {ended}"
    return out


def _credited(payments: Sequence[Payment]) -> dict[UUID, str]:
    """Payments of invoices that an accepted credit names which is not taken off and which nothing else that
    it names can take any more, or that one is about to be decided on. A credit that is looked at again
    counts."""
    invoices: dict[UUID, list[Payment]] = defaultdict(list)
    for p in payments:
        invoices[p.invoice_id].append(p)
    waits = preceding_invoices.undecided(list(invoices)) | superseding.unpaid_for(list(invoices))
    out = {p.id: why for key, why in waits.items() for p in invoices[key]}
    vendors = {p.vendor_id for p in payments}
    near = selection.candidates().filter(vendor__in=vendors).values_list("id", flat=True)
    credits_ = selection.credits_of(vendors, {*invoices, *near}, settled=False)
    room = payments_made.open_amounts({key for credit in credits_ for key in credit.names})
    for credit in credits_:
        free = credit.left
        for key in credit.names:  # what an invoice can still take is not missing from this run
            bears = min(free, max(room.get(key, ZERO), ZERO))
            room[key], free = room.get(key, ZERO) - bears, free - bears
        if carried(free, credit.currency) <= ZERO:
            continue
        for p in (p for key in credit.names for p in invoices[key]):
            if credit.currency == p.currency:
                out[p.id] = (
                    f"credit {credit.number} over {credit.currency} {free:,.2f} names it and is not taken off"
                )
    return out


def _credits_gone(batch: PaymentBatch, payments: Sequence[Payment], at: datetime) -> dict[UUID, str]:
    """Payments that take off more of a credit than is there to be taken."""
    taken: dict[UUID, Decimal] = defaultdict(Decimal)
    takers: dict[UUID, list[UUID]] = defaultdict(list)
    for use in CreditUse.objects.filter(payment__in=payments):
        taken[use.credit_id] += use.amount
        takers[use.credit_id].append(use.payment_id)
    left = selection.credit_left(taken, without=batch.id)
    gone = [key for key, amount in taken.items() if left.get(key, Decimal(0)) < amount]
    notes = list(Invoice.objects.filter(id__in=taken).order_by("id"))
    doubted = selection.held_among(taken) | set(second_look.objections(notes, at))
    numbers = {note.id: note.number for note in notes}
    return {
        payment: f"credit {numbers[key]} that it takes off is not there any more"
        for key in {*gone, *(doubted & taken.keys())}
        for payment in takers[key]
    }
