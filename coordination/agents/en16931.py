"""The arithmetic of EN 16931-1, clause 6.4 and 6.5: which amounts of an invoice have to make which others.

Pure rules over the canonical invoice, for every format: a document that is no EN 16931 document has to add up
as well. A rule whose amounts are not all stated says nothing. The canonical document holds allowances and
charges themselves and not the totals stated of them (BT-107, BT-108), so BR-CO-11 and BR-CO-12 hold by
construction, and a contradiction of theirs shows as one of BR-CO-13.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from ..domain.amounts import CENT, ZERO, cents, format_amount, line_amount, total
from ..translation.canonical import AllowanceCharge, Invoice, TaxSubtotal

UNTAXED: Final = frozenset({"Z", "E", "AE", "K", "G", "O"})
"""Categories of UNTDID 5305 that bear no tax: zero rate, exempt, reverse charge, intra-community, export, out
of scope. Their base is that of the category whatever the rate; of S, L and M it is that of category and
rate."""

_FAMILY: Final = {"K": "IC", "L": "AF", "M": "AG"}
"""Where the names of the rules differ from the code of the category."""


@dataclass(frozen=True, slots=True)
class Breach:
    """An amount that is not what its parts make it. `rule` is that of EN 16931, `row` of the breakdown."""

    rule: str
    what: str
    computed: Decimal
    stated: Decimal
    row: TaxSubtotal | None = None
    rate: Decimal | None = None
    base: Decimal = ZERO


# --- totals -------------------------------------------------------------------------------------------------


def unbalanced(document: Invoice, tolerance: Decimal, unit: Decimal = CENT) -> Iterator[Breach]:
    """BR-CO-10, 13, 14, 15 and 16: totals that differ from their parts by more than the tolerance. `unit` is
    the smallest one of the currency, to which an amount that is not stated is worked out.

    What is withheld (EN 16931 has no term for it) is not payable to the seller, so BR-CO-16 takes it off.
    """
    for rule, what, computed, stated in _totals(document, unit):
        if computed is not None and stated is not None and abs(computed - stated) > tolerance:
            yield Breach(rule, what, computed, stated)


def _totals(document: Invoice, unit: Decimal) -> list[tuple[str, str, Decimal | None, Decimal | None]]:
    """(rule, what, computed, stated) for each total; None where a part is not stated."""
    nets = [line_amount(line, unit) for line in document.lines]
    lines = total(nets) if None not in nets else None
    if not nets:
        lines = document.lines_net
    adjusted = None if lines is None else lines + total(map(signed, document.allowances))
    taxes = total(row.tax for row in document.taxes) if document.taxes else None
    # a total that is not stated is what its parts make it, so that leaving it out hides nothing from the next
    net = document.net if document.net is not None else adjusted
    tax = document.tax if document.tax is not None else taxes
    gross = None if net is None else net + (tax or ZERO)
    kept = document.withheld or ZERO
    payable = None
    if document.gross is not None:
        paid = document.prepaid + kept
        payable = document.gross - paid + document.rounding + total(map(signed, document.collected))
    asked = f"Payable after {format_amount(kept)} of tax withheld" if kept else "Payable"
    return [
        ("BR-CO-10", "Sum of lines", lines, document.lines_net),
        ("BR-CO-13", "Net", adjusted, document.net),
        ("BR-CO-14", "Tax total", taxes, document.tax),
        ("BR-CO-15", "Gross", gross, document.gross),
        ("BR-CO-16", asked, payable, document.payable),
    ]


def signed(item: AllowanceCharge) -> Decimal:
    """What an allowance or a charge does to the total."""
    return item.amount if item.charge else -item.amount


# --- tax ----------------------------------------------------------------------------------------------------


def mistaxed(document: Invoice, tolerance: Decimal, unit: Decimal = CENT) -> Iterator[Breach]:
    """BR-CO-17 and the rules -08 and -09 of each category, at most one breach for a row of the breakdown.

    The base is taken from the lines, allowances and charges, not from the row that is to be checked: a tax
    that is right on a base that is wrong is wrong. Where the base is wrong only because the net total is, and
    that is said already, the tax is right on what it stands on.
    """
    if not document.taxes or any(_rate(document, row) is None for row in document.taxes if row.tax):
        yield from _without_breakdown(document, tolerance, unit)
    document = replace(document, taxes=_rows(document.taxes))
    wrong = [found for row in document.taxes if (found := _row(document, row, tolerance, unit)) is not None]
    yield from (b for b in wrong if not _follows_the_net(document, b, tolerance, unit))
    if not wrong:
        yield from _left_out(document, tolerance, unit)


def _rows(taxes: tuple[TaxSubtotal, ...]) -> tuple[TaxSubtotal, ...]:
    """Rows of one category and rate as one: EN 16931-1:2026 parts them by exemption reason and by goods and
    services."""
    found: dict[tuple[str, Decimal | None], TaxSubtotal] = {}
    for row in taxes:
        before = found.get((row.category, row.rate))
        found[row.category, row.rate] = row if before is None else _joined(before, row)
    return tuple(found.values())


def _joined(one: TaxSubtotal, other: TaxSubtotal) -> TaxSubtotal:
    base = None if one.base is None or other.base is None else one.base + other.base
    tax = None if one.tax is None or other.tax is None else one.tax + other.tax
    return replace(one, base=base, tax=tax)


def _follows_the_net(document: Invoice, breach: Breach, tolerance: Decimal, unit: Decimal) -> bool:
    """Is the only row right on the net total that the document states, while that is not what its lines
    make?"""
    row = breach.row
    if row is None or row.base is None or row.tax is None or breach.rate is None:
        return False
    if len(document.taxes) != 1 or row.base != document.net or breach.base == row.base:
        return False
    if all(b.rule != "BR-CO-13" for b in unbalanced(document, tolerance, unit)):
        return False
    return breach.what != "Tax" or abs(cents(row.base * breach.rate / 100, unit) - row.tax) <= tolerance


def _left_out(document: Invoice, tolerance: Decimal, unit: Decimal) -> Iterator[Breach]:
    """Lines at a rate for which the breakdown has no row: BR-S-01 and its like."""
    bases: dict[tuple[str, Decimal], Decimal] = {}
    for line in document.lines if document.taxes else ():
        if line.tax_rate and not any(
            _belongs(line.tax_category, line.tax_rate, x) is not False for x in document.taxes
        ):
            key = (line.tax_category, line.tax_rate)
            bases[key] = bases.get(key, ZERO) + (line_amount(line, unit) or ZERO)
    for (category, rate), base in bases.items():
        computed = cents(base * rate / 100, unit)
        if abs(computed) > tolerance:
            yield Breach(_rule(category, "01"), "Tax", computed, ZERO, None, rate, base)


def unstated_rates(document: Invoice) -> list[int | None]:
    """Lines without a rate where nothing else tells how the tax was reckoned; None stands for the
    document."""
    if document.type == "credit_note":
        return []  # what it takes back is bounded by the invoice it names
    rows = [row for row in document.taxes if row.tax]
    told = all(_rate(document, row) is not None for row in rows) if document.taxes else not document.tax
    if told or not document.lines:
        return []
    silent: list[int | None] = [x.position for x in document.lines if x.tax_rate is None and line_amount(x)]
    return silent or ([None] if document.allowances else [])


def _row(document: Invoice, row: TaxSubtotal, tolerance: Decimal, unit: Decimal) -> Breach | None:
    rate, base = _rate(document, row), _base(document, row)
    known = assigned(document, row)
    wrong_base = row.base is not None and known is not None and abs(known - row.base) > tolerance
    if rate is not None and base is not None and row.tax is not None:
        computed = cents(base * rate / 100, unit)
        if abs(computed - row.tax) > tolerance:
            rule = _rule(row.category, "08" if wrong_base else "09")
            return Breach(rule, "Tax", computed, row.tax, row, rate, base)
    if wrong_base and known is not None and row.base is not None:
        return Breach(_rule(row.category, "08"), "Taxed base", known, row.base, row, rate, known)
    return None


def _rate(document: Invoice, row: TaxSubtotal) -> Decimal | None:
    """The rate of the row, or where it states none the only one that the lines state."""
    if row.category in UNTAXED:
        return ZERO
    rates = {line.tax_rate for line in document.lines if line.tax_rate is not None}
    return rates.pop() if row.rate is None and len(rates) == 1 else row.rate


def _base(document: Invoice, row: TaxSubtotal) -> Decimal | None:
    """What is taxed: what is assigned to the row, else of an only row the whole net total, else what it
    says."""
    known = assigned(document, row)
    if known is not None:
        return known
    if len(document.taxes) == 1 and document.net is not None:
        return document.net
    return ZERO if row.base is None and row.category in UNTAXED else row.base


def _rule(category: str, number: str) -> str:
    """BR-S-08 and its like; BR-CO-17 where the row names no category."""
    if not category:
        return "BR-CO-17"
    return f"BR-{_FAMILY.get(category, category)}-{number}"


def assigned(document: Invoice, row: TaxSubtotal) -> Decimal | None:
    """What the lines, allowances and charges of the row's category and rate come to.

    None where there are no lines, or where one of the parts does not say what it belongs to.
    """
    parts = [(line.tax_category, line.tax_rate, line_amount(line)) for line in document.lines]
    parts += [(item.tax_category, item.tax_rate, signed(item)) for item in document.allowances]
    base = ZERO
    for category, rate, amount in parts:
        belongs = _belongs(category, rate, row)
        if amount is None or belongs is None:
            return None
        base += amount if belongs else ZERO
    return base if document.lines else None


def _belongs(category: str, rate: Decimal | None, row: TaxSubtotal) -> bool | None:
    """Whether a part is of the row; None where it does not say."""
    if category != row.category:
        return False if category and row.category else None
    if category in UNTAXED:
        return True
    return rate == row.rate if rate is not None else None


def _without_breakdown(document: Invoice, tolerance: Decimal, unit: Decimal) -> Iterator[Breach]:
    """The header tax against the rates of the lines, one tolerance for each rate. No tax at all is a tax of
    nought."""
    bases: dict[Decimal, Decimal] = {}
    for line in document.lines:
        amount = line_amount(line, unit)
        if line.tax_rate is None or amount is None:
            return
        bases[line.tax_rate] = bases.get(line.tax_rate, ZERO) + amount
    if not bases or document.allowances:
        return
    computed, stated = (
        total(cents(base * rate / 100, unit) for rate, base in bases.items()),
        document.tax or ZERO,
    )
    if abs(computed - stated) > tolerance * len(bases):
        rate = max(bases) if len(bases) == 1 else None
        yield Breach("BR-CO-17", "Tax", computed, stated, None, rate, total(bases.values()))
