"""What lies between the total of an invoice and what it asks for: paid in advance, withheld, and rounded
(BG-22).

Neither may be a door through which more is asked for than was billed. A prepaid amount below zero is a demand
by another name, and a rounding beyond a whole unit of money rounds nothing: both are values nobody can read,
in every syntax.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Final

from . import payment_terms, withholding
from .canonical import Invoice, Origin, Problem
from .credit import as_credit_if_negative
from .values import spoilt

MOST_ROUNDING: Final = Decimal("1.00")
"""Of any currency; a total is rounded to a cent, to five, or to a whole unit."""

ZERO: Final = Decimal(0)


def settled(invoice: Invoice) -> Invoice:
    """The invoice as every reader hands it on: a credit with positive amounts, its settlement readable or
    named so.

    What cannot be read counts as nothing. A gross that was worked out with it is not known either.
    """
    made = _with_its_number(payment_terms.dated(withholding.settled(as_credit_if_negative(invoice))))
    wrong = [p for p in (_prepaid(made), _rounding(made)) if p is not None]
    names = {p.field for p in (*made.unreadable, *wrong)} & {"prepaid", "rounding"}
    if not names:
        return made
    return replace(
        made,
        prepaid=ZERO if "prepaid" in names else made.prepaid,
        rounding=ZERO if "rounding" in names else made.rounding,
        gross=None if _worked_out(made) else made.gross,
        unreadable=(*made.unreadable, *wrong),
    )


def _with_its_number(invoice: Invoice) -> Invoice:
    """A number that a spreadsheet has shortened tells no claim from another, so that no duplicate of it would
    be seen."""
    reason = spoilt(invoice.number)
    if not reason:
        return invoice
    origin = invoice.provenance.get("number", Origin("", invoice.number))
    return replace(
        invoice, unreadable=(*invoice.unreadable, Problem("number", origin.path, origin.raw, reason))
    )


def _prepaid(invoice: Invoice) -> Problem | None:
    """An advance is money that we paid. Of a credit note written with minus signs that may be less than
    nothing."""
    if invoice.prepaid >= ZERO:
        return None
    return _problem(invoice, "prepaid", invoice.prepaid, "below zero: that asks for more than was billed")


def _rounding(invoice: Invoice) -> Problem | None:
    if abs(invoice.rounding) <= MOST_ROUNDING:
        return None
    return _problem(invoice, "rounding", invoice.rounding, f"over {MOST_ROUNDING}: that is no rounding")


def _problem(invoice: Invoice, field: str, value: Decimal, reason: str) -> Problem:
    origin = invoice.provenance.get(field, Origin("", f"{value:f}"))
    return Problem(field, origin.path, origin.raw, reason)


def _worked_out(invoice: Invoice) -> bool:
    """Was the gross not stated but taken from what is payable, what was prepaid and the rounding?"""
    gross, payable = invoice.provenance.get("gross"), invoice.provenance.get("payable")
    return gross is not None and payable is not None and gross.path == payable.path
