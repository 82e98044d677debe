"""Another way on for cleared invoices that no SEPA transfer pays, be it that none can or that the vendor
collects the money: paid elsewhere, with evidence, on two people's word.

One person says how and when it was paid, another manager confirms. Then the invoice is paid as any other:
once, and for no more than was cleared.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from audit import clock, ledger, trail
from audit.ids import new_id
from audit.subjects import Subject
from audit.trail import Stamp
from reviews import channel
from reviews import services as reviews
from reviews.access import may_now
from reviews.errors import NotAllowed, Refused
from reviews.services import Question, person

from ... import rights
from ...agents import nature
from ...agents.identity import masked
from ...domain.question_clock import SLA
from ...facts import business_hours, cleared_amounts, makers, payments_made, policies
from ...facts.exchange_rates import Rates
from ...facts.numbered import numbered
from ...models import Invoice, PaidElsewhere, Payment, State, Vendor
from ...tasks.announce import announce
from . import abroad, invoice_moves, selection
from .errors import Changed, PaymentError

Status = PaidElsewhere.Status
ANSWERED = ("status", "decided_by", "decided_at")
LONGEST, LONGEST_REFERENCE = 1_000, 140


class NoSuchInvoice(PaymentError):
    """There is no such invoice."""

    status = 404
    exit_code = 2


@dataclass(frozen=True, slots=True)
class Unpayable:
    """A cleared invoice that no SEPA transfer can pay: what is asked, where to, and what is missing for a
    payment abroad, or that a cross-border run pays it."""

    invoice: UUID
    number: str
    vendor_id: str
    vendor: str
    currency: str
    amount: Decimal
    issued: date | None
    due: date | None
    account: str
    bic: str
    why: str

    def as_json(self) -> dict[str, str]:
        """One line of the export; dates ISO, the amount with two decimals, empty where nothing is known."""
        return {
            "invoice_number": self.number,
            "vendor_id": self.vendor_id,
            "vendor_name": self.vendor,
            "amount": f"{self.amount:.2f}",
            "currency": self.currency,
            "issue_date": self.issued.isoformat() if self.issued else "",
            "due_date": self.due.isoformat() if self.due else "",
            "account": self.account,
            "bic": self.bic,
            "why": self.why,
        }


def unpayable(chosen: selection.Selection | None = None) -> list[Unpayable]:
    """Cleared invoices that no SEPA transfer pays, each with what is open of it, the earliest due first.
    `chosen`: the next run as worked out."""
    chosen = chosen or selection.select(list(selection.candidates().order_by("id")), clock.now())
    planned = {p.claim.id for p in chosen.plan.payments}
    found = {r: why for r in chosen.found if r.vendor_id and (why := _why(chosen, r, planned))}
    if not found:
        return []
    cleared = cleared_amounts.in_force([r.id for r in found])
    opened = payments_made.open_amounts(cleared)
    names = dict(Vendor.objects.filter(id__in=chosen.vendors).values_list("id", "name"))
    bics = abroad.bics(set(chosen.vendors))
    out = []
    for row in sorted(found, key=lambda r: (r.due_date or date.max, r.number, r.id)):
        (currency, _), amount = cleared[row.id], opened[row.id]
        if row.vendor_id is None or amount <= 0:
            continue
        vendor = chosen.vendors[row.vendor_id]
        out.append(
            Unpayable(
                row.id,
                row.number,
                vendor.vendor_id,
                names[row.vendor_id],
                currency,
                amount,
                row.issue_date,
                row.due_date,
                vendor.verified,
                bics.get(row.vendor_id, ""),
                found[row],
            )
        )
    return out


def _why(chosen: selection.Selection, row: Invoice, planned: set[UUID]) -> str:
    """Why a SEPA transfer does not pay it, where that is the only reason; empty for what waits for something
    else."""
    why = chosen.why.get(row.id, "")
    if row.id in chosen.abroad and why == chosen.abroad[row.id]:
        return why or (abroad.PAYABLE if row.id in planned else "")
    return why if why == selection.NO_ACCOUNT or why in nature.ELSEWHERE else ""


# --- one person says so -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Evidence:
    """How it was paid: the day, in words, and the bank's or our own reference where there is one.

    `amount`: what was paid, where that is less than was asked, as after a credit.
    """

    paid_on: date
    text: str
    reference: str = ""
    amount: Decimal | None = None


@transaction.atomic
def claim(invoice: UUID, evidence: Evidence, *, by: User, via: str = channel.COMMAND) -> PaidElsewhere:
    """Say that an invoice was paid another way; a second manager is asked to confirm it.

    Raises `NotAllowed`, `Refused` (incomplete, or payable by a run), `Changed` where it is not open to it any
    more.
    """
    if not may_now(by, rights.RUN_PAYMENTS):
        raise NotAllowed("Payments made elsewhere are stated by managers.")
    row, at = _locked(invoice), clock.now()
    if why := _under_way(row):
        raise Refused(f"{why} Stop its run, or wait until it has ended.")
    open_to_it = {u.invoice: u for u in unpayable()}.get(row.id)
    if open_to_it is None:
        raise Refused(
            f"Invoice {row.number} is not open to this: only a cleared invoice that no SEPA transfer pays,"
            " and of which nothing is stated yet."
        )
    amount = _checked(evidence, open_to_it, at)
    if amount != open_to_it.amount and _begun(row):
        raise Refused(
            f"A part of {row.number} is paid: state all that is open of it, {open_to_it.currency}"
            f" {open_to_it.amount:,.2f}."
        )
    stated = PaidElsewhere(
        id=new_id(),
        invoice=row,
        amount=amount,
        currency=open_to_it.currency,
        paid_on=evidence.paid_on,
        evidence=evidence.text.strip(),
        reference=evidence.reference.strip(),
        status=Status.PROPOSED,
        proposed_by=person(by),
        proposed_at=at,
    )
    changes = trail.insert([stated], Stamp(person(by), at, "paid elsewhere"))
    ledger.append(
        [
            ledger.Event(
                _subject(stated),
                "payment.stated",
                person(by),
                at,
                _entry_data(stated) | channel.door(via),
                changes,
            )
        ]
    )
    reviews.ask([_question(stated, open_to_it, at)], at=at)
    announce([("payments", ""), ("inbox", "")])
    return stated


def _under_way(row: Invoice) -> str:
    """That a run pays some of it now, in words; empty if none does."""
    moving = [Payment.Status.PROPOSED, Payment.Status.APPROVED, Payment.Status.EXPORTED]
    found = row.payments.filter(status__in=moving).select_related("batch").order_by("id").first()
    return (
        ""
        if found is None
        else f"Payment run {found.batch.number} pays invoice {row.number} or a part of it."
    )


def _begun(row: Invoice) -> bool:
    """Is some of it paid by a run?"""
    return row.payments.filter(status=Payment.Status.PAID).exists()


def find_invoice(number: str, vendor: str = "") -> UUID:
    """The invoice with this number, of this vendor where several bill under one number."""
    rows = Invoice.objects.filter(type="invoice")
    found = numbered(rows.filter(vendor__vendor_id=vendor) if vendor else rows, number)
    if not found:
        raise NoSuchInvoice(f"There is no invoice {number}.")
    if len(found) > 1:
        raise Refused(f"There are several invoices {number}: name the vendor with --vendor.")
    return found[0].id


def _locked(invoice: UUID) -> Invoice:
    row = Invoice.objects.locked().filter(pk=invoice).first()
    if row is None:
        raise NoSuchInvoice
    return row


def _checked(evidence: Evidence, asked: Unpayable, at: datetime) -> Decimal:
    amount = asked.amount if evidence.amount is None else evidence.amount
    if not evidence.text.strip() or len(evidence.text) > LONGEST:
        raise Refused(f"Say how it was paid and what shows it, in at most {LONGEST} characters.")
    if len(evidence.reference) > LONGEST_REFERENCE:
        raise Refused(f"A reference has at most {LONGEST_REFERENCE} characters.")
    if evidence.paid_on > timezone.localdate(at):
        raise Refused("The day lies ahead: say so once it is paid.")
    if not Decimal(0) < amount <= asked.amount or amount != amount.quantize(Decimal("0.01")):
        raise Refused(f"The amount is more than nothing and at most {asked.currency} {asked.amount:,.2f}.")
    return amount


def _subject(stated: PaidElsewhere) -> str:
    return Subject.of("paid_elsewhere", stated.id)


def _entry_data(stated: PaidElsewhere) -> dict[str, Any]:
    return {
        "invoice": stated.invoice.number,
        "invoice_id": str(stated.invoice_id),
        "amount": f"{stated.amount:.2f}",
        "currency": stated.currency,
        "paid_on": stated.paid_on.isoformat(),
        "evidence": stated.evidence,
        "reference": stated.reference,
    }


def _question(stated: PaidElsewhere, asked: Unpayable, at: datetime) -> Question:
    policy = policies.active()
    total = f"{stated.currency} {stated.amount:,.2f}"
    made = makers.in_run(stated.proposed_by, [stated.invoice_id])
    company = Rates.load(policy.company_currency).convert(stated.amount, stated.currency, stated.paid_on)
    return Question(
        subject=_subject(stated),
        kind="paid_elsewhere",
        reasons=[],
        text=(
            f"Was invoice {asked.number} of {asked.vendor} paid elsewhere, {total} on"
            f" {stated.paid_on:%-d %b %Y}?"
        ),
        case=_entry_data(stated)
        | {
            "vendor": asked.vendor,
            "vendor_id": asked.vendor_id,
            "number": asked.number,
            "account": masked(asked.account),
            "asked": f"{asked.amount:.2f}",
            "why": asked.why,
            "stated_by": reviews.display(stated.proposed_by),
            "consequences": [
                {"verdict": "approve", "text": f"Approving marks {asked.number} as paid; no run pays it."},
                {"verdict": "reject", "text": f"Rejecting leaves {asked.number} cleared and unpaid."},
            ],
        },
        policy=policy.name,
        queue="payments",
        due_at=business_hours.until(at, policy.sla("payments")),
        clock=SLA,
        asked_by=stated.proposed_by,
        makers=tuple(sorted(made)),
        currency=stated.currency,
        amount=stated.amount,
        amount_company=company,
        options=("approve", "reject"),
        stands_on=_entry_data(stated),
    )


# --- another one answers ------------------------------------------------------------------------------------


def lock_stated(subject: str) -> None:
    """Lock the invoice that a statement is about, as every writer does, then the statement."""
    key = Subject(subject).key
    stated = PaidElsewhere.objects.filter(pk=key).values_list("invoice_id", flat=True).first()
    if stated is not None:
        _locked(stated)
    list(PaidElsewhere.objects.select_for_update(of=("self",)).filter(pk=key).values_list("id"))


def decided(key: UUID, *, approved: bool, by: str, at: datetime) -> None:
    """Carry out the answer. Raises `Changed` where the invoice is held or no longer cleared: then it is not
    paid yet."""
    stated = PaidElsewhere.objects.select_related("invoice").get(pk=key)
    row = stated.invoice
    if approved:
        _check_again(stated)
    stated.status = Status.CONFIRMED if approved else Status.REFUSED
    stated.decided_by, stated.decided_at = by, at
    word = "confirmed" if approved else "refused"
    changes = trail.update([stated], ANSWERED, Stamp(by, at, f"paid elsewhere: {word}"))
    told = _entry_data(stated) | {"status": stated.status}
    ledger.append([ledger.Event(_subject(stated), f"payment.{word}_elsewhere", by, at, told, changes)])
    if approved:
        invoice_moves.forward([row], State.PAID, "payment.elsewhere", by, at, {row.id: told})
    announce([("payments", ""), ("flow", "")], work=approved)


def _check_again(stated: PaidElsewhere) -> None:
    row, begun = stated.invoice, _begun(stated.invoice)
    if why := _under_way(row):
        raise Changed(f"{why} Stop its run, or wait until it has ended, and answer then; or reject.")
    # of an invoice that is paid in parts, one that a run has paid leaves it scheduled
    payable = row.state == State.CLEARED or (row.state == State.SCHEDULED and begun)
    if not payable or selection.held_among([row.id]) or selection.looked_at_again([row.id]):
        raise Changed(
            f"Invoice {row.number} is held or being decided again. Answer once it is cleared, or reject."
        )
    if begun and payments_made.open_amounts([row.id]).get(row.id) != stated.amount:
        raise Changed(
            f"Something else is open of invoice {row.number} than was stated. Reject, and state it anew."
        )


def of_statement(question: Any) -> dict[str, str]:
    """Makers of a statement that something was paid elsewhere, as of now."""
    stated = PaidElsewhere.objects.filter(pk=Subject(question.subject).key).first()
    return {} if stated is None else dict(makers.in_run(stated.proposed_by, [stated.invoice_id]))


def waiting() -> list[PaidElsewhere]:
    """What is stated and waits for a second person."""
    stated = PaidElsewhere.objects.filter(status=Status.PROPOSED).select_related("invoice__vendor")
    return list(stated.order_by("proposed_at", "id"))
