"""Totals, taxes, allowances and charges (UNTDID 5025 names the amounts, EN 16931 the terms)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from .. import values
from ..canonical import AllowanceCharge, TaxSubtotal
from .lines import ROUNDED, ZERO, Parts, Price
from .record import MessageRecord, amount_leaf
from .segments import Group, Section, Segment, select

_GROSS: Final = ("388", "39", "77", "86")
"""Total with tax: of EN 16931, invoice total, invoice amount, message total."""

_INDICATORS: Final = {"A": False, "C": True}
_NO_MONEY: Final = frozenset({"N", "O", "G", "B", "D", "H", "J", "K", "P", "M"})
"""Allowance or charge indicators (UNTDID 5463) that say a thing about terms and change no amount here."""

_AMOUNTS: Final = ("204", "23", "8")
"""Allowance amount, charge amount, either. 509, the discount within a price, changes no line amount."""


_SHARES: Final = ("1", "2", "3")
"""Percentages (UNTDID 5245): of an allowance, of a charge, of either."""
_CENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Totals:
    """The totals of a document; None where it does not say."""

    lines_net: Decimal | None = None
    net: Decimal | None = None
    tax: Decimal | None = None
    gross: Decimal | None = None
    prepaid: Decimal = ZERO
    rounding: Decimal = ZERO
    payable: Decimal | None = None


def currency_of(record: MessageRecord, parts: Parts) -> str:
    """The reference currency (CUX 2), or where none is stated the one that the totals carry."""
    for segment in parts.header.anywhere("CUX"):
        for element in range(len(segment.elements)):
            if segment.component(element, 0) == "2":
                return record.read("currency", segment.leaf(element, 1), values.currency) or ""
    for segment in parts.summary.all("MOA"):
        if values.is_currency(segment.component(0, 2)):
            record.note("currency", segment.leaf(0, 2))
            return segment.component(0, 2).upper()
    return ""


def totals(record: MessageRecord, parts: Parts, headers: tuple[AllowanceCharge, ...]) -> Totals:
    """Read the totals of the summary.

    Without a total with tax, gross = payable + prepaid - rounding, because that is what the document itself
    asks for. Without a total before tax (389, or 125 as a total), net follows by definition from the lines
    and the allowances and charges of the header.
    """
    lines_net = _total(record, parts, "lines_net", "79")
    net = _total(record, parts, "net", "389", "125")
    if net is None and lines_net is not None:
        net = lines_net + sum((one.amount if one.charge else -one.amount for one in headers), ZERO)
    prepaid = _total(record, parts, "prepaid", "113") or ZERO
    rounding = _total(record, parts, "rounding", "165") or ZERO
    payable = _total(record, parts, "payable", "9")
    gross = _total(record, parts, "gross", *_GROSS)
    if gross is None and payable is not None and _stated(record, parts, *_GROSS) is None:
        gross = payable + prepaid - rounding
        record.provenance["gross"] = record.provenance["payable"]
    return Totals(lines_net, net, _tax(record, parts), gross, prepaid, rounding, payable)


def _stated(record: MessageRecord, parts: Parts, *qualifiers: str) -> Segment | None:
    """The total of the first qualifier; one in the currency of another country's books is no total of
    ours."""
    found = [s for one in qualifiers for s in parts.summary.all("MOA", one)]
    own = [s for s in found if not s.component(0, 2) or s.component(0, 2).upper() == record.currency]
    return next(iter(own or found), None)


def _total(record: MessageRecord, parts: Parts, name: str, *qualifiers: str) -> Decimal | None:
    return record.amount(name, amount_leaf(_stated(record, parts, *qualifiers)))


def _tax(record: MessageRecord, parts: Parts) -> Decimal | None:
    """The tax total (176, or 124 among the totals), or else the sum of the breakdown."""
    if _stated(record, parts, "176", "124") is not None:
        return _total(record, parts, "tax", "176", "124")
    segments = [s for group in parts.summary.triggered("TAX", "7") for s in group.all("MOA", "124")]
    amounts = [record.amount("tax", amount_leaf(segment)) for segment in segments]
    return sum((a for a in amounts if a is not None), ZERO) if amounts and None not in amounts else None


def taxes(record: MessageRecord, parts: Parts) -> tuple[TaxSubtotal, ...]:
    """The tax breakdown (BG-23) in document order."""
    groups = [g for g in parts.summary.triggered("TAX", "7") if g.all("MOA", "124", "125")]
    return tuple(_subtotal(record, f"taxes/{n}", group) for n, group in enumerate(groups, 1))


def _subtotal(record: MessageRecord, name: str, group: Group) -> TaxSubtotal:
    category, rate = category_and_rate(record, f"{name}/", group.head)
    base = record.amount(f"{name}/base", amount_leaf(_first(group.segments, "125")))
    return TaxSubtotal(
        category, rate, base, record.amount(f"{name}/tax", amount_leaf(_first(group.segments, "124")))
    )


def _first(segments: Iterable[Segment], *qualifiers: str) -> Segment | None:
    return next((s for one in qualifiers for s in select(segments, "MOA", one)), None)


def category_and_rate(
    record: MessageRecord, prefix: str, segment: Segment | None
) -> tuple[str, Decimal | None]:
    """Category (UNTDID 5305) and rate in per cent of a TAX segment."""
    if segment is None:
        return "", None
    rate = record.number(f"{prefix}rate", segment.leaf(4, 3))
    return record.key(f"{prefix}category", segment.leaf(5)), rate


def line_tax(record: MessageRecord, name: str, line: Section, header: Section) -> tuple[str, Decimal | None]:
    """Category and rate of a line: its own, or that of the header where it states one for all lines."""
    own = [group.head for group in line.triggered("TAX", "7")]
    common = [group.head for group in header.triggered("TAX", "7")]
    if not own and len(common) == 1:
        own = common
    return category_and_rate(record, f"{name}/tax_", own[0] if own else None)


def allowances(
    record: MessageRecord, prefix: str, part: Section, worth: Decimal | None = None
) -> tuple[AllowanceCharge, ...]:
    """Allowances and charges of the header or of a line; one that cannot be read is left out with a problem.

    `worth` is what a line comes to before them: one that is stated in per cent only is worked out of it.
    """
    name = f"{prefix}/allowances" if prefix else "allowances"
    groups = enumerate(part.triggered("ALC"), 1)
    found = (_allowance(record, f"{name}/{n}", group, worth) for n, group in groups)
    return tuple(one for one in found if one is not None)


def line_allowances(
    record: MessageRecord,
    name: str,
    line: Section,
    price: Price,
    quantity: Decimal | None,
    net: Decimal | None,
) -> tuple[AllowanceCharge, ...]:
    """Allowances and charges that make the amount of a line.

    A net price includes them, so that they are information (UNTDID 5125), and so does a price that does not
    say where quantity x price is the amount. An amount that they make all the same is made by them.
    """
    worth = price.worth(quantity)
    if price.net is not False and worth is not None and net is not None and abs(worth - net) <= ROUNDED:
        return ()
    if price.net and (worth is None or net is None):
        return ()
    found = allowances(record, name, line, worth)
    if not price.net or worth is None or net is None:
        return found
    made = worth + sum((one.amount if one.charge else -one.amount for one in found), ZERO)
    return found if abs(made - net) <= ROUNDED else ()


def _allowance(
    record: MessageRecord, name: str, group: Group, worth: Decimal | None
) -> AllowanceCharge | None:
    """A negative allowance is a charge of the same amount and the reverse: amounts are positive here."""
    head, segment = group.head, _first(group.segments, *_AMOUNTS)
    if head.qualifier in _NO_MONEY or (segment is None and group.all("MOA", "509")):
        return None
    charge = _INDICATORS.get(head.qualifier)
    amount = record.amount(f"{name}/amount", amount_leaf(segment))
    if segment is None:
        amount = _of_share(record, name, group, worth)
    if charge is None or (segment is None and amount is None):
        reason = (
            "neither an allowance nor a charge"
            if charge is None
            else "an allowance or charge without an amount"
        )
        record.problem(f"{name}/amount", head.leaf(0), reason)
    if charge is None or amount is None:
        return None
    tax = next(iter(group.all("TAX", "7")), None)
    category, rate = category_and_rate(record, f"{name}/tax_", tax)
    return AllowanceCharge(
        charge=charge != (amount < 0),
        amount=abs(amount),
        reason=record.text(f"{name}/reason", head.leaf(1)),
        reason_code=record.key(f"{name}/reason_code", head.leaf(4) if charge else head.leaf(1, 1)),
        tax_category=category,
        tax_rate=rate,
    )


def _of_share(record: MessageRecord, name: str, group: Group, worth: Decimal | None) -> Decimal | None:
    """The amount of an allowance or charge that states only its per cent (PCD), to the cent."""
    segment = next(iter(group.all("PCD", *_SHARES)), None)
    if segment is None or worth is None:
        return None
    share = record.number(f"{name}/amount", segment.leaf(0, 1))
    return None if share is None else (worth * share / 100).quantize(_CENT, ROUND_HALF_UP)
