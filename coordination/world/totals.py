"""What a document adds up to when its sender can reckon. Shares nothing with the agents that check it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from ..translation.canonical import AllowanceCharge, Invoice, InvoiceLine, TaxSubtotal
from .catalogue import RATES

CENT = Decimal("0.01")
ZERO = Decimal(0)


def cents(amount: Decimal) -> Decimal:
    """To the cent, half away from zero."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def company(amount: Decimal, currency: str) -> Decimal:
    """Roughly in EUR: only good for staying well clear of a threshold."""
    return amount / Decimal(RATES.get(currency, "1"))


def adjustments(found: Iterable[AllowanceCharge]) -> Decimal:
    """Charges less allowances."""
    return sum((one.amount if one.charge else -one.amount for one in found), ZERO)


def line_amount(line: InvoiceLine) -> Decimal | None:
    """Quantity x price with the line's own charges and allowances; what is stated where one of them is
    missing."""
    if line.quantity is None or line.price is None:
        return line.net
    return cents(line.quantity * line.price / line.base_quantity + adjustments(line.allowances))


def totalled(invoice: Invoice) -> Invoice:
    """The document with every amount that follows from its lines, allowances, prepayment and rounding."""
    lines = tuple(replace(line, net=line_amount(line)) for line in invoice.lines)
    return summed(replace(invoice, lines=lines))


def summed(invoice: Invoice) -> Invoice:
    """The document with every total that follows from the line amounts as they stand."""
    lines_net = sum((line.net or ZERO for line in invoice.lines), ZERO)
    net = lines_net + adjustments(invoice.allowances)
    taxes = tuple(_subtotals(invoice))
    tax = sum((row.tax or ZERO for row in taxes), ZERO)
    payable = net + tax - invoice.prepaid + invoice.rounding
    return replace(
        invoice, lines_net=lines_net, net=net, tax=tax, gross=net + tax, payable=payable, taxes=taxes
    )


def _subtotals(invoice: Invoice) -> Iterable[TaxSubtotal]:
    bases: dict[tuple[str, Decimal], Decimal] = {}
    for line in invoice.lines:
        key = (line.tax_category, line.tax_rate or ZERO)
        bases[key] = bases.get(key, ZERO) + (line.net or ZERO)
    for one in invoice.allowances:
        key = (one.tax_category, one.tax_rate or ZERO)
        bases[key] = bases.get(key, ZERO) + (one.amount if one.charge else -one.amount)
    for (category, rate), base in bases.items():
        yield TaxSubtotal(category, rate, base, cents(base * rate / 100))
