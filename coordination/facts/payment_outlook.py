"""What of an invoice is paid when: the payments there are and the parts still to come, with what lies between
its total and them. For the pages of an invoice and of a question about it; nothing is decided here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from ..agents import nature
from ..domain.amounts import ZERO, asked
from ..domain.facts import VendorFacts
from ..domain.instalments import Made, still_open
from ..domain.payment_terms import best, due_date
from ..models import Hold, PaidElsewhere, Payment
from ..models import Invoice as InvoiceRow
from ..translation.canonical import Invoice
from . import cleared_amounts, payments_made

PAYING = {
    "proposed": "waits for a signature",
    "approved": "signed",
    "exported": "with the bank",
    "paid": "paid",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One payment, made or to come. `amount` is what it takes of what is payable; `paid` what the vendor gets
    after the discount and credits; `back` what came back of it."""

    part: str
    due: date | None
    amount: Decimal
    paid: Decimal
    status: str
    run: int | None = None
    until: date | None = None
    discount: Decimal = ZERO
    back: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Outlook:
    """The steps, and what is not paid to the vendor: `prepaid` before (BT-113), `withheld` for the tax
    office."""

    steps: tuple[Step, ...]
    currency: str
    prepaid: Decimal = ZERO
    withheld: Decimal = ZERO
    forgone: bool = False
    """The document offers a discount or one is agreed, and it is not taken because it is paid in parts."""
    made_to_fit: bool = False
    """The instalments of the document come to another sum, and the last part takes what is over or under."""

    @property
    def says_more(self) -> bool:
        """More than the due date and the payable amount of the invoice."""
        return len(self.steps) > 1 or bool(self.prepaid or self.withheld) or any(s.until for s in self.steps)

    def as_json(self) -> dict[str, Any]:
        """As a question keeps it and pages show it: dates ISO, amounts with two decimals, empty for
        nothing."""
        return {
            "steps": [
                {
                    "part": s.part,
                    "due": s.due.isoformat() if s.due else "",
                    "amount": f"{s.amount:.2f}",
                    "paid": f"{s.paid:.2f}" if s.paid != s.amount else "",
                    "status": s.status,
                    "run": "" if s.run is None else str(s.run),
                    "until": s.until.isoformat() if s.until else "",
                    "discount": f"{s.discount:.2f}" if s.discount else "",
                    "back": f"{s.back:.2f}" if s.back else "",
                }
                for s in self.steps
            ],
            "currency": self.currency,
            "prepaid": f"{self.prepaid:.2f}" if self.prepaid else "",
            "withheld": f"{self.withheld:.2f}" if self.withheld else "",
            "forgone": self.forgone,
            "made_to_fit": self.made_to_fit,
        }


COLLECTED = frozenset({nature.COLLECTED, nature.BY_WORDS["collected"]})
ANOTHER_WAY = frozenset({*nature.BY_WAY.values(), nature.BY_WORDS["paid"]})


def load_outlook(key: UUID, invoice: Invoice, vendor: VendorFacts | None, today: date) -> Outlook | None:
    """How this invoice is paid; None for a credit, for what is no claim, and where nobody can read what it
    asks for."""
    payable = asked(invoice.gross, invoice.payable)
    if invoice.type == "credit_note" or payable is None or payable <= ZERO:
        return None
    cleared, left_out = cleared_amounts.in_force([key]).get(key), nature.left_out(invoice, vendor)
    agreed = vendor.payment_terms if vendor else ""
    whole = cleared[1] if cleared else payable
    living = list(
        Payment.objects.live().filter(invoice=key).select_related("batch", "terms").order_by("part", "id")
    )
    made = payments_made.made([key])[key]
    opened = still_open(whole, invoice.instalments, made, invoice.currency)
    elsewhere = PaidElsewhere.objects.filter(invoice=key, status="confirmed").exists()
    if left_out == nature.NO_CLAIM or (not elsewhere and _done(key)):
        opened = []
    if not living and not opened:
        return None
    count = max([len(invoice.instalments), *(m.part or 1 for m in made), *(o.part or 1 for o in opened)])
    due = due_date(invoice.due_date, invoice.issue_date, agreed)
    steps = [_step(p, taken, count) for p, taken in zip(living, _in_order(made), strict=True)]
    offer = best(whole, whole, invoice.issue_date, agreed, invoice.discounts, today)
    standing = offer if offer is not None and offer.until >= today else None
    status = "paid elsewhere" if elsewhere else _to_come(key, left_out, cleared=cleared is not None)
    for one in opened:
        saves = standing if one.part is None and not left_out else None
        steps.append(
            Step(
                _part_label(one.part, count),
                one.due or due,
                one.amount,
                one.amount - (saves.amount if saves else ZERO),
                status,
                until=saves.until if saves else None,
                discount=saves.amount if saves else ZERO,
            )
        )
    steps.sort(key=lambda s: (s.due or date.max, s.part))
    in_parts = bool(invoice.instalments)
    return Outlook(
        tuple(steps),
        invoice.currency,
        invoice.prepaid,
        invoice.withheld or ZERO,
        in_parts and offer is not None,
        in_parts and sum((i.amount for i in invoice.instalments), ZERO) != whole,
    )


def _done(key: UUID) -> bool:
    """Is nothing more paid of it, as a person said of what came back that it is not paid again?"""
    return InvoiceRow.objects.filter(pk=key, state="paid").exists()


def _to_come(key: UUID, left_out: str, *, cleared: bool) -> str:
    """What becomes of parts that no payment pays yet. Of what came back, a person says first whether it is
    paid again."""
    if left_out in COLLECTED:
        return "collected by the vendor"
    if left_out:
        return (
            "paid another way; no run pays it" if left_out in ANOTHER_WAY else f"no run pays it: {left_out}"
        )
    if Hold.objects.live().filter(invoice=key, code="payment_refused").exists():
        return "if it is approved"
    return "to be paid" if cleared else "once it is cleared"


def _in_order(made: Sequence[Made]) -> list[Decimal]:
    return [m.taken for m in sorted(made, key=lambda m: (m.part is None, m.part or 0))]


def _part_label(part: int | None, count: int) -> str:
    return f"{part or 1} of {count}" if count > 1 else "All of it"


def _step(payment: Payment, taken: Decimal, count: int) -> Step:
    terms = getattr(payment, "terms", None)
    back = payment.returned or ZERO
    return Step(
        part=_part_label(payment.part, count),
        due=terms.due_on if terms else None,
        amount=taken + back,
        paid=payment.amount,
        status=PAYING[payment.status],
        run=payment.batch.number,
        until=terms.discount_until if terms else None,
        discount=payment.discount,
        back=back,
    )
