"""Tax that the payer keeps back and pays to the state: Italian ritenuta, Spanish IRPF, Turkish tevkifat.

UBL has a total of its own for it. Where a document has none, it writes it as a negative row of another tax
among those of the tax breakdown; such a row is no value added tax and is taken out of its totals. What is
payable is what the document asks for. That it leaves out what is kept back is checked like every other total
(BR-CO-16).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from .canonical import Invoice, TaxSubtotal

ZERO: Final = Decimal(0)
VALUE_ADDED: Final = frozenset({"", "VAT", "GST", "IVA", "IGIC", "IPSI", "TVA", "BTW", "MOMS", "MWST"})
"""Taxes whose rows a breakdown is made of; a scheme that is not named is one of them."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a tax breakdown and the tax that it is of, as the document names it."""

    subtotal: TaxSubtotal
    scheme: str = ""

    @property
    def kept_back(self) -> bool:
        """Is it a negative tax on a positive amount, and no value added tax?"""
        base, tax = self.subtotal.base, self.subtotal.tax
        other = self.scheme.strip().upper() not in VALUE_ADDED
        return other and base is not None and tax is not None and tax < ZERO < base


def breakdown(rows: Iterable[Row]) -> tuple[TaxSubtotal, ...]:
    """The rows of value added tax."""
    return tuple(row.subtotal for row in rows if not row.kept_back)


def without(invoice: Invoice, rows: Iterable[Row]) -> Invoice:
    """The invoice with what its breakdown keeps back as `withheld`, and its totals of tax and gross without
    it, as far as the document has taken it off them."""
    every = list(rows)
    kept = -sum((r.subtotal.tax or ZERO for r in every if r.kept_back), ZERO)
    if not kept:
        return invoice
    taxes = sum((r.subtotal.tax or ZERO for r in every), ZERO)
    taken_off = invoice.tax == taxes
    tax = invoice.tax + kept if taken_off and invoice.tax is not None else invoice.tax
    gross = invoice.gross
    if (
        gross is not None
        and tax is not None
        and invoice.net is not None
        and gross + kept == invoice.net + tax
    ):
        gross += kept
    return replace(invoice, tax=tax, gross=gross, withheld=(invoice.withheld or ZERO) + kept)


def settled(invoice: Invoice) -> Invoice:
    """What is withheld told apart from what was prepaid, among which some countries state it (Italian CIUS,
    BT-113), and taken off a payable amount that is not stated."""
    kept = invoice.withheld
    if not kept:
        return replace(invoice, withheld=None)
    if invoice.gross is None:
        return invoice
    whole = invoice.gross - invoice.prepaid + invoice.rounding
    if invoice.payable is None:
        return replace(invoice, payable=whole - kept)
    if invoice.prepaid == kept and whole == invoice.payable:
        return replace(invoice, prepaid=ZERO)
    return invoice
