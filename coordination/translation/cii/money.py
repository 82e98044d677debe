"""Totals, taxes, allowances and prices of cross industry documents (EN 16931 BG-20 to BG-23, BG-27 to
BG-29)."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from ..canonical import AllowanceCharge, TaxSubtotal
from ..record import Record
from ..ubl.money import Price, Totals, first_leaf
from ..withholding import Row
from ..xml import ElementLeaf, Node
from .source import Source

ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)
_NET_PRICE: Final = "ram:NetPriceProductTradePrice"
_GROSS_PRICE: Final = "ram:GrossPriceProductTradePrice"


def totals(source: Source, collected: Decimal = ZERO) -> Totals:
    """Read the monetary summation of the document.

    Where the grand total is left out, gross = payable + prepaid - rounding (BR-CO-16 turned round): what the
    document itself asks for, never our own sum of net and tax. What it collects for others (BG-34) is no part
    of it.
    """
    record = source.record
    node = source.settlement.one(source.dialect.totals)
    if node is None:
        return Totals()
    prepaid = record.amount("prepaid", node.leaf("ram:TotalPrepaidAmount")) or ZERO
    rounding = record.amount("rounding", node.leaf("ram:RoundingAmount")) or ZERO
    asked = node.leaf("ram:DuePayableAmount")
    payable = record.amount("payable", asked)
    gross = record.amount("gross", node.leaf("ram:GrandTotalAmount"))
    if gross is None and payable is not None and asked is not None and not node.leaf("ram:GrandTotalAmount"):
        record.note("gross", asked)
        gross = payable + prepaid - rounding - collected
    return Totals(
        lines_net=record.amount("lines_net", node.leaf("ram:LineTotalAmount")),
        net=record.amount("net", node.leaf("ram:TaxBasisTotalAmount")),
        tax=record.amount("tax", _tax_leaf(record, node)),
        gross=gross,
        prepaid=prepaid,
        rounding=rounding,
        payable=payable,
    )


def _tax_leaf(record: Record, node: Node) -> ElementLeaf | None:
    """The tax in the currency of the document (BT-110); one in another (BT-111) is information, not tax."""
    found = [leaf for leaf in node.leaves("ram:TaxTotalAmount") if _is_own(leaf, record.currency)]
    if not found:
        return None
    if len({leaf.raw for leaf in found}) > 1:
        found[0].ambiguous = True
    return found[0]


def _is_own(leaf: ElementLeaf, currency: str) -> bool:
    stated = leaf.attribute("currencyID").upper()
    return not stated or not currency or stated == currency


def tax_rows(source: Source) -> list[Row]:
    """The rows of the tax breakdown (BG-23) in document order, each with the tax it is of."""
    rows = [row for row in source.settlement.all("ram:ApplicableTradeTax") if _in_own_currency(source, row)]
    return [Row(_subtotal(source, f"taxes/{n}", row), _scheme(row)) for n, row in enumerate(rows, 1)]


def _scheme(row: Node) -> str:
    leaf = row.leaf("ram:TypeCode")
    return leaf.raw if leaf is not None else ""


def _in_own_currency(source: Source, row: Node) -> bool:
    """A row of the breakdown in the currency of the tax office (BT-184) is information, as its total is."""
    leaf = row.leaf("ram:CurrencyCode")
    return (
        leaf is None
        or not leaf.raw
        or not source.record.currency
        or leaf.raw.upper() == source.record.currency
    )


def _subtotal(source: Source, name: str, row: Node) -> TaxSubtotal:
    record = source.record
    category, rate = _category(source, f"{name}/", row)
    base = record.amount(f"{name}/base", row.leaf("ram:BasisAmount"))
    return TaxSubtotal(category, rate, base, record.amount(f"{name}/tax", row.leaf("ram:CalculatedAmount")))


def _category(source: Source, prefix: str, node: Node | None) -> tuple[str, Decimal | None]:
    """Category code and rate in per cent."""
    if node is None:
        return "", None
    code = source.record.key(f"{prefix}category", node.leaf("ram:CategoryCode"))
    return code, source.record.number(f"{prefix}rate", node.leaf(source.dialect.percent))


def line_tax(source: Source, name: str, settlement: Node) -> tuple[str, Decimal | None]:
    """Category and rate of a line (BT-151, BT-152)."""
    return _category(source, f"{name}/tax_", settlement.first("ram:ApplicableTradeTax"))


_WITHOUT_COLLECTED: Final = "urn:cen.eu:en16931:2017"
"""The edition that has no charges for others: there the element means something else, and nothing that is
payable."""


def collected(source: Source) -> tuple[AllowanceCharge, ...]:
    """What is asked for on behalf of others (BG-34); one that cannot be read is left out with a problem."""
    if source.guideline.lower().startswith(_WITHOUT_COLLECTED):
        return ()
    record = source.record
    found: list[AllowanceCharge] = []
    for node in source.settlement.all("ram:SpecifiedFinancialAdjustment"):
        name = f"collected/{len(found) + 1}"
        amount = record.amount(f"{name}/amount", node.leaf("ram:ActualAmount"))
        if amount is not None:
            reason = record.text(f"{name}/reason", node.leaf("ram:Reason"))
            found.append(AllowanceCharge(charge=amount >= 0, amount=abs(amount), reason=reason))
    return tuple(found)


def allowances(source: Source, prefix: str, settlement: Node) -> tuple[AllowanceCharge, ...]:
    """Allowances and charges of the document or a line, then logistics charges, which are charges as well."""
    name = f"{prefix}/allowances" if prefix else "allowances"
    stated = settlement.all("ram:SpecifiedTradeAllowanceCharge")
    found = [_allowance(source, f"{name}/{n}", node) for n, node in enumerate(stated, 1)]
    logistics = enumerate(settlement.all("ram:SpecifiedLogisticsServiceCharge"), len(stated) + 1)
    found += [_logistics(source, f"{name}/{n}", node) for n, node in logistics]
    return tuple(one for one in found if one is not None)


def _allowance(source: Source, name: str, node: Node) -> AllowanceCharge | None:
    """A negative allowance is a charge of the same amount and the reverse: amounts are positive here.

    Not so in ZUGFeRD 1, whose allowances carry the minus of what they do to the total.
    """
    record = source.record
    indicator, leaf = node.leaf("ram:ChargeIndicator", "udt:Indicator"), node.leaf("ram:ActualAmount")
    charge, amount = record.truth(f"{name}/charge", indicator), record.amount(f"{name}/amount", leaf)
    if indicator is None and leaf is not None:
        record.problem(f"{name}/charge", leaf, "neither an allowance nor a charge")
    if charge is None or amount is None:
        return None
    repeats_the_sign = source.dialect.signed_allowances and not charge
    category, rate = _category(source, f"{name}/tax_", node.first("ram:CategoryTradeTax"))
    return AllowanceCharge(
        charge=charge != (amount < 0 and not repeats_the_sign),
        amount=abs(amount),
        reason=record.text(f"{name}/reason", node.leaf("ram:Reason")),
        reason_code=record.key(f"{name}/reason_code", node.leaf("ram:ReasonCode")),
        tax_category=category,
        tax_rate=rate,
    )


def _logistics(source: Source, name: str, node: Node) -> AllowanceCharge | None:
    """Freight and packing of the extended profile, a charge of its own there."""
    record = source.record
    amount = record.amount(f"{name}/amount", node.leaf("ram:AppliedAmount"))
    if amount is None:
        return None
    category, rate = _category(source, f"{name}/tax_", node.first("ram:AppliedTradeTax"))
    reason = record.text(f"{name}/reason", node.leaf("ram:Description"))
    return AllowanceCharge(amount >= 0, abs(amount), reason, "", category, rate)


def price(source: Source, name: str, agreement: Node) -> Price:
    """The item's net price and its base quantity (BT-146, BT-149); the base may stand at the gross price
    only.

    Where only the gross price is stated (BT-148), the net one is that less its discount (BT-147). Without a
    usable base quantity the price means nothing, so it is dropped with a problem, not divided by one.
    """
    record = source.record
    node, gross = agreement.one(_NET_PRICE), agreement.one(_GROSS_PRICE)
    if node is None and gross is None:
        return Price()
    if node is not None:
        amount = record.amount(f"{name}/price", node.leaf("ram:ChargeAmount"))
    else:
        amount = _after_discounts(record, name, gross) if gross is not None else None
    holders = [holder for holder in (node, gross) if holder is not None]
    stated = first_leaf([holder.leaf("ram:BasisQuantity") for holder in holders])
    if stated is None:
        return Price(amount)
    base = record.number(f"{name}/base_quantity", stated)
    if base is not None and base > 0:
        return Price(amount, base, stated.attribute("unitCode"))
    if base is not None:
        record.problem(f"{name}/base_quantity", stated, "not above zero")
    return Price()


def _after_discounts(record: Record, name: str, gross: Node) -> Decimal | None:
    """The gross price with what is taken off or put on it."""
    amount = record.amount(f"{name}/price", gross.leaf("ram:ChargeAmount"))
    for node in gross.all("ram:AppliedTradeAllowanceCharge"):
        charge = record.truth(f"{name}/price", node.leaf("ram:ChargeIndicator", "udt:Indicator"))
        part = record.amount(f"{name}/price", node.leaf("ram:ActualAmount"))
        if amount is None or part is None:
            return None
        amount += abs(part) if charge else -abs(part)
    return amount
