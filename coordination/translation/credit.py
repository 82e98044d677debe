"""When an invoice is a credit, and how its amounts become positive.

A credit comes as a document of its own, as type 381 and its relatives, or as an invoice of negative amounts.
Canonical credit notes have positive amounts and quantities, so that the three are one thing to match.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from .canonical import AllowanceCharge, Invoice, InvoiceLine, Origin, Problem, TaxSubtotal


def as_credit_if_negative(invoice: Invoice) -> Invoice:
    """Turn an invoice of negative gross into a credit note; a credit note of negative gross is left to a
    person.

    Only the gross decides: an invoice of positive gross whose prepayments exceed it asks for nothing, but is
    one. A negative credit note may be a credit written with a minus or a credit taken back, and nobody can
    tell: its amounts are those of a credit, positive like all, with a problem that a person has to settle.
    """
    if invoice.gross is None or invoice.gross >= 0:
        return invoice
    turned = _turned_round(invoice)
    return _with_problem(turned) if invoice.type == "credit_note" else turned


def _turned_round(invoice: Invoice) -> Invoice:
    assert invoice.gross is not None  # noqa: S101 - chosen so
    return replace(
        invoice,
        type="credit_note",
        lines_net=_minus(invoice.lines_net),
        net=_minus(invoice.net),
        tax=_minus(invoice.tax),
        gross=-invoice.gross,
        prepaid=_minus(invoice.prepaid) or Decimal(0),
        rounding=_minus(invoice.rounding) or Decimal(0),
        payable=_minus(invoice.payable),
        withheld=_minus(invoice.withheld),
        lines=tuple(_line(line) for line in invoice.lines),
        allowances=_turned(invoice.allowances),
        collected=_turned(invoice.collected),
        taxes=tuple(_subtotal(row) for row in invoice.taxes),
    )


def _minus(amount: Decimal | None) -> Decimal | None:
    """The amount with the other sign; zero stays zero without one."""
    return amount if not amount else -amount


def _line(line: InvoiceLine) -> InvoiceLine:
    """A line is negative by its quantity or by its price: the one the document chose is turned."""
    by_price = line.price is not None and line.price < 0
    return replace(
        line,
        quantity=line.quantity if by_price else _minus(line.quantity),
        price=_minus(line.price) if by_price else line.price,
        net=_minus(line.net),
        allowances=_turned(line.allowances),
    )


def _turned(found: tuple[AllowanceCharge, ...]) -> tuple[AllowanceCharge, ...]:
    """Readers have made a negative allowance a charge; in the mirrored document it is an allowance again."""
    return tuple(replace(one, charge=not one.charge) if one.amount else one for one in found)


def _subtotal(row: TaxSubtotal) -> TaxSubtotal:
    return replace(row, base=_minus(row.base), tax=_minus(row.tax))


def _with_problem(invoice: Invoice) -> Invoice:
    origin = invoice.provenance.get("gross", Origin("", str(invoice.gross)))
    problem = Problem(
        "gross", origin.path, origin.raw, "negative on a credit note: a credit, or one taken back?"
    )
    return replace(invoice, unreadable=(*invoice.unreadable, problem))
