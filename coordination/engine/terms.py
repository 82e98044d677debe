"""Payment terms: what an early payment saves, and until when."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from ..agents.amounts import cents
from ..agents.base import VendorFacts
from ..translation.canonical import Invoice

TERMS = re.compile(
    r"^\s*(?:(?P<pct>\d+(?:\.\d+)?)\s*/\s*(?P<days>\d+)\s+)?net\s+(?P<net>\d+)\s*$", re.IGNORECASE
)


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
    terms = TERMS.match(vendor.payment_terms) if vendor else None
    payable = invoice.payable if invoice.payable is not None else invoice.gross
    if terms is None or not terms["pct"] or invoice.issue_date is None or payable is None or payable <= 0:
        return None
    amount = cents(payable * Decimal(terms["pct"]) / 100)
    return Discount(amount, invoice.issue_date + timedelta(days=int(terms["days"])))


def due_date(invoice: Invoice, terms_text: str) -> date | None:
    """The due date printed, else the one the terms give."""
    terms = TERMS.match(terms_text)
    if invoice.due_date is not None or terms is None or invoice.issue_date is None:
        return invoice.due_date
    return invoice.issue_date + timedelta(days=int(terms["net"]))
