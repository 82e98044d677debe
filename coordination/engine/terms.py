"""Payment terms: what an early payment saves, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from ..agents.amounts import ZERO, cents
from ..agents.base import VendorFacts
from ..agents.terms import TERMS
from ..agents.terms import due as due_by_terms
from ..translation.canonical import Invoice


@dataclass(frozen=True, slots=True)
class Discount:
    """`amount` is saved by paying on or before `until` (2/10 net 30 on 1,000.00 of 1 March: 20.00 until 11 March)."""

    amount: Decimal
    until: date

    def as_json(self) -> dict[str, str]:
        return {"amount": f"{self.amount:.2f}", "until": self.until.isoformat()}


def discount(invoice: Invoice, vendor: VendorFacts | None) -> Discount | None:
    """The discount the agreed terms give on this invoice, or None. Terms are ours with the vendor, not the text of
    the invoice: a claim cannot grant itself terms."""
    payable = invoice.payable if invoice.payable is not None else invoice.gross
    return saving(payable, invoice.issue_date, vendor.payment_terms) if vendor else None


def saving(amount: Decimal | None, issued: date | None, terms_text: str) -> Discount | None:
    """What paying `amount` early saves by these terms, or None."""
    terms = TERMS.match(terms_text)
    if terms is None or not terms["pct"] or issued is None or amount is None or amount <= ZERO:
        return None
    saved = cents(amount * Decimal(terms["pct"]) / 100)
    return Discount(saved, issued + timedelta(days=int(terms["days"]))) if saved else None


def due_date(printed: date | None, issued: date | None, terms_text: str) -> date | None:
    """The due date printed, else the one the terms give."""
    return printed if printed is not None else due_by_terms(issued, terms_text)
