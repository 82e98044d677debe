"""Totals, taxes, allowances and charges of UBL documents (EN 16931 BG-20, BG-21, BG-22, BG-23)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from ..canonical import AllowanceCharge, TaxSubtotal
from ..record import Record
from ..withholding import Row
from ..xml import ElementLeaf, Node
from .source import Source

ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)

_CATEGORIES: Final = {"StandardRated": "S", "ZeroRated": "Z", "ReverseCharge": "AE"}
"""OIOUBL's words for three tax categories of EN 16931 (UNTDID 5305)."""


@dataclass(frozen=True, slots=True)
class Totals:
    """The monetary total of a document; None where it does not say."""

    lines_net: Decimal | None = None
    net: Decimal | None = None
    tax: Decimal | None = None
    gross: Decimal | None = None
    prepaid: Decimal = ZERO
    rounding: Decimal = ZERO
    payable: Decimal | None = None


def totals(source: Source, name: str, collected: Decimal = ZERO) -> Totals:
    """Read `LegalMonetaryTotal` or `AnticipatedMonetaryTotal`.

    `TaxInclusiveAmount` may be absent; then gross = payable + prepaid - rounding (BR-CO-16 turned round),
    because that is what the document itself asks for; what it collects for others (BG-34) is no part of the
    gross. Net plus tax would be our sum, and the check that net and tax make the gross would then check
    nothing. Where an invoice states neither, it states no gross.
    """
    record, tax = source.record, tax_total(source)
    node = source.root.one(name)
    if node is None:
        return Totals(tax=tax)
    lines_net = record.amount("lines_net", node.leaf("cbc:LineExtensionAmount"))
    prepaid = record.amount("prepaid", node.leaf("cbc:PrepaidAmount")) or ZERO
    rounding = record.amount("rounding", node.leaf("cbc:PayableRoundingAmount")) or ZERO
    payable = record.amount("payable", node.leaf("cbc:PayableAmount"))
    if source.is_oioubl and tax is None:
        tax = record.amount("tax", node.leaf("cbc:TaxExclusiveAmount"))
    net = _net(source, node, lines_net)
    gross = _gross(record, node, payable, prepaid - rounding - collected)
    return Totals(lines_net, net, tax, gross, prepaid, rounding, payable)


def _net(source: Source, node: Node, lines_net: Decimal | None) -> Decimal | None:
    """BT-109: as stated, or where that is left out by its definition from BT-106, BT-107 and BT-108."""
    stated = node.leaf("cbc:TaxExclusiveAmount")
    if stated is not None and not source.is_oioubl:
        return source.record.amount("net", stated)
    basis = node.leaf("cbc:LineExtensionAmount")
    if lines_net is None or basis is None:
        return None
    allowance = _or_zero(source.record, node.leaf("cbc:AllowanceTotalAmount"))
    charge = _or_zero(source.record, node.leaf("cbc:ChargeTotalAmount"))
    source.record.note("net", basis)
    return None if allowance is None or charge is None else lines_net - allowance + charge


def _or_zero(record: Record, leaf: ElementLeaf | None) -> Decimal | None:
    return ZERO if leaf is None else record.amount("net", leaf)


def _gross(
    record: Record,
    node: Node,
    payable: Decimal | None,
    settled: Decimal,
) -> Decimal | None:
    stated, asked = node.leaf("cbc:TaxInclusiveAmount"), node.leaf("cbc:PayableAmount")
    if stated is not None:
        return record.amount("gross", stated)
    if payable is not None and asked is not None:
        record.note("gross", asked)
        return payable + settled
    return None


def tax_total(source: Source) -> Decimal | None:
    """The tax in the currency of the document (BT-110); one tax total a tax, so several are added up."""
    leaves = [node.leaf("cbc:TaxAmount") for node in _own_tax_totals(source)]
    amounts = [source.record.amount("tax", leaf) for leaf in leaves]
    if not amounts or None in amounts:
        return None
    return sum((amount for amount in amounts if amount is not None), ZERO)


def _own_tax_totals(source: Source) -> list[Node]:
    """Tax totals in the document's currency; one in another (BT-111) is information, not tax."""
    return [node for node in source.root.all("cac:TaxTotal") if _is_own(source, node)]


def _is_own(source: Source, node: Node) -> bool:
    """Is the tax stated in the document's currency? A row of the breakdown may be in the one of the tax
    office (BT-184)."""
    leaf = node.leaf("cbc:TaxAmount")
    stated = leaf.attribute("currencyID").upper() if leaf is not None else ""
    return not stated or not source.record.currency or stated == source.record.currency


def tax_rows(source: Source) -> list[Row]:
    """The rows of the tax breakdown (BG-23) in document order, each with the tax it is of."""
    rows = [
        row for node in _own_tax_totals(source) for row in node.all("cac:TaxSubtotal") if _is_own(source, row)
    ]
    return [Row(_subtotal(source.record, f"taxes/{n}", row), _scheme(row)) for n, row in enumerate(rows, 1)]


def _scheme(row: Node) -> str:
    category = row.first("cac:TaxCategory", "cac:TaxScheme")
    leaf = category.leaf("cbc:ID") if category is not None else None
    return leaf.raw if leaf is not None else ""


def withheld(source: Source) -> Decimal | None:
    """The tax that the payer keeps back, in the currency of the document."""
    leaves = [node.leaf("cbc:TaxAmount") for node in source.root.all("cac:WithholdingTaxTotal")]
    amounts = [source.record.amount("withheld", leaf) for leaf in leaves]
    return sum((abs(a) for a in amounts if a is not None), ZERO) or None


def _subtotal(record: Record, name: str, row: Node) -> TaxSubtotal:
    category = row.first("cac:TaxCategory")
    code, rate = _category(record, f"{name}/", category)
    if rate is None:
        rate = record.number(f"{name}/rate", row.leaf("cbc:Percent"))
    base = record.amount(f"{name}/base", row.leaf("cbc:TaxableAmount"))
    return TaxSubtotal(code, rate, base, record.amount(f"{name}/tax", row.leaf("cbc:TaxAmount")))


def _category(record: Record, prefix: str, node: Node | None) -> tuple[str, Decimal | None]:
    """Category code and rate in per cent of a `TaxCategory` or `ClassifiedTaxCategory`."""
    if node is None:
        return "", None
    code = record.key(f"{prefix}category", node.leaf("cbc:ID"))
    return _CATEGORIES.get(code, code), record.number(f"{prefix}rate", node.leaf("cbc:Percent"))


def line_tax(record: Record, name: str, line: Node, item: Node | None) -> tuple[str, Decimal | None]:
    """Category and rate of a line: of its item (BT-151, BT-152), in UBL 2.0 of its own tax total."""
    classified = item.first("cac:ClassifiedTaxCategory") if item is not None else None
    node = classified or line.first("cac:TaxTotal", "cac:TaxSubtotal", "cac:TaxCategory")
    return _category(record, f"{name}/tax_", node)


def allowances(record: Record, prefix: str, parent: Node) -> tuple[AllowanceCharge, ...]:
    """Allowances and charges below a document or line; one that cannot be read is left out with a problem."""
    name = f"{prefix}/allowances" if prefix else "allowances"
    nodes = enumerate(parent.all("cac:AllowanceCharge"), 1)
    found = (_allowance(record, f"{name}/{n}", node) for n, node in nodes)
    return tuple(one for one in found if one is not None)


def _allowance(record: Record, name: str, node: Node) -> AllowanceCharge | None:
    """A negative allowance is a charge of the same amount and the reverse: amounts are positive here."""
    indicator, leaf = node.leaf("cbc:ChargeIndicator"), node.leaf("cbc:Amount")
    charge, amount = record.truth(f"{name}/charge", indicator), record.amount(f"{name}/amount", leaf)
    if indicator is None and leaf is not None:
        record.problem(f"{name}/charge", leaf, "neither an allowance nor a charge")
    if charge is None or amount is None:
        return None
    category, rate = _category(record, f"{name}/tax_", node.first("cac:TaxCategory"))
    return AllowanceCharge(
        charge=charge != (amount < 0),
        amount=abs(amount),
        reason=record.text(f"{name}/reason", node.leaf("cbc:AllowanceChargeReason")),
        reason_code=record.key(f"{name}/reason_code", node.leaf("cbc:AllowanceChargeReasonCode")),
        tax_category=category,
        tax_rate=rate,
    )


_COLLECTED: Final = ("cac:CollectionInvoiceLine", "cac:CollectionCreditNoteLine")
"""UBL 2.5: charges on behalf of a third party (BG-34)."""


def collected(record: Record, root: Node) -> tuple[AllowanceCharge, ...]:
    """What is asked for on behalf of others (BT-179) with its words (BT-180); one that cannot be read is a
    problem."""
    nodes = [node for element in _COLLECTED for node in root.all(element)]
    found: list[AllowanceCharge] = []
    for node in nodes:
        name = f"collected/{len(found) + 1}"
        amount = record.amount(f"{name}/amount", node.leaf("cbc:TaxInclusiveLineExtensionAmount"))
        if amount is not None:
            reason = record.text(f"{name}/reason", node.leaf("cac:Item", "cbc:Description"))
            found.append(AllowanceCharge(charge=amount >= 0, amount=abs(amount), reason=reason))
    return tuple(found)


def signed_total(found: Iterable[AllowanceCharge]) -> Decimal:
    """What charges less allowances come to."""
    return sum((one.amount if one.charge else -one.amount for one in found), ZERO)


@dataclass(frozen=True, slots=True)
class Price:
    """Unit price = `amount` / `base`."""

    amount: Decimal | None = None
    base: Decimal = ONE
    base_unit: str = ""


def price(record: Record, name: str, line: Node) -> Price:
    """The item's net price and its base quantity (BT-146, BT-149).

    Without a usable base quantity the price means nothing, so it is dropped with a problem, not divided by
    one.
    """
    node = line.one("cac:Price")
    if node is None:
        return Price()
    amount = record.amount(f"{name}/price", node.leaf("cbc:PriceAmount"))
    stated = node.leaf("cbc:BaseQuantity")
    base = record.number(f"{name}/base_quantity", stated) if stated is not None and stated.raw else ONE
    unit = stated.attribute("unitCode") if stated is not None else ""
    if base is not None and base > 0:
        return Price(amount, base, unit)
    if stated is not None and base is not None:
        record.problem(f"{name}/base_quantity", stated, "not above zero")
    return Price()


def first_leaf(leaves: Iterable[ElementLeaf | None]) -> ElementLeaf | None:
    """The first that is there and says something."""
    return next((leaf for leaf in leaves if leaf is not None and leaf.raw), None)
