"""Payment terms: what an early payment saves, and until when."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from ..translation.canonical import DiscountTerm, Invoice
from ..translation.payment_terms import HUNDRED, LONGEST
from .amounts import ZERO, asked, cents
from .facts import VendorFacts


@dataclass(frozen=True, slots=True)
class Discount:
    """`amount` is saved by paying on or before `until` (2/10 net 30 on 1,000.00 of 1 March: 20.00 until 11
    March)."""

    amount: Decimal
    until: date
    stated: bool = False
    """By the document itself, not by the terms agreed."""

    def as_json(self) -> dict[str, str]:
        return {"amount": f"{self.amount:.2f}", "until": self.until.isoformat()}


def discount(invoice: Invoice, vendor: VendorFacts | None, today: date | None = None) -> Discount | None:
    """The best discount on this invoice: of the terms agreed with the vendor, and of what the document itself
    offers.

    A claim cannot grant itself terms that cost us anything, but what it offers is against its own sender, so
    it may be taken. An invoice that is paid in instalments is paid without discount. With `today` only what
    can still be had counts, unless nothing can: then it is the one that ended last.
    """
    payable = asked(invoice.gross, invoice.payable)
    if vendor is None or invoice.instalments:
        return None
    return best(payable, payable, invoice.issue_date, vendor.payment_terms, invoice.discounts, today)


def best(
    amount: Decimal | None,
    whole: Decimal | None,
    issued: date | None,
    agreed: str,
    stated: Sequence[DiscountTerm],
    today: date | None = None,
) -> Discount | None:
    """The discount that saves most on `amount`, which is what is left of the `whole` that is asked for."""
    found = [saving(amount, issued, agreed), *(offered(term, amount, whole, issued) for term in stated)]
    known = [d for d in found if d is not None]
    standing = [d for d in known if today is None or d.until >= today]
    if standing:
        return max(standing, key=lambda d: (d.amount, d.until))
    return max(known, key=lambda d: (d.until, d.amount), default=None)


def offered(
    term: DiscountTerm, amount: Decimal | None, whole: Decimal | None, issued: date | None
) -> Discount | None:
    """What an offer of the document saves, or None where it is none that can be taken: it names a day that is
    not before the issue date, per cent between 0 and 100, a base and a saving that are not more than is asked
    for.

    Of per cent and amount the smaller one counts. What credits have taken off is no longer there to be
    discounted.
    """
    until = _until(term, issued)
    if amount is None or whole is None or not ZERO < amount <= whole or until is None:
        return None
    base = whole if term.base is None else term.base
    if (issued is not None and until < issued) or not ZERO < base <= whole:
        return None
    saved = [] if term.amount is None else [term.amount]
    if term.percent is not None:
        if not ZERO < term.percent < HUNDRED:
            return None
        saved.append(base * term.percent / HUNDRED)
    least = cents(min(saved, default=ZERO) * amount / whole)
    return Discount(least, until, stated=True) if ZERO < least < amount else None


def _until(term: DiscountTerm, issued: date | None) -> date | None:
    if term.until is not None or term.days is None or issued is None:
        return term.until
    return issued + timedelta(days=term.days) if term.days <= LONGEST else None


def saving(amount: Decimal | None, issued: date | None, terms_text: str) -> Discount | None:
    """What paying `amount` early saves by these terms, or None."""
    terms = TERMS.match(terms_text)
    if terms is None or not terms["pct"] or issued is None or amount is None or amount <= ZERO:
        return None
    saved = cents(amount * Decimal(terms["pct"]) / 100)
    return Discount(saved, issued + timedelta(days=int(terms["days"]))) if saved else None


def due_date(printed: date | None, issued: date | None, terms_text: str) -> date | None:
    """The due date printed, else the one the terms give."""
    return printed if printed is not None else due(issued, terms_text)


TERMS = re.compile(
    r"^\s*(?:(?P<pct>\d{1,2}(?:\.\d+)?)\s*/\s*(?P<days>\d{1,3})\s+)?net\s+(?P<net>\d{1,3})\s*$", re.IGNORECASE
)


def due(issued: date | None, terms: str) -> date | None:
    """The day that the terms make the claim due; None where they say none, or no day is known from which they
    count."""
    found = TERMS.match(terms)
    return issued + timedelta(days=int(found["net"])) if found is not None and issued is not None else None
