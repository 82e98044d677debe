"""Terms of payment of cross industry documents: due date, instalments, discounts (BT-9, BT-20, extended
profile)."""

from __future__ import annotations

from datetime import date
from typing import Final

from ..canonical import DiscountTerm
from ..payment_terms import DISCOUNTS, INSTALMENTS, Part, later
from ..ubl.money import first_leaf
from ..xml import ElementLeaf, Node
from .source import Source

_TERMS: Final = "ram:SpecifiedTradePaymentTerms"
_DISCOUNT: Final = "ram:ApplicableTradePaymentDiscountTerms"
_DUE: Final = ("ram:DueDateDateTime", "udt:DateTimeString")


def due(settlement: Node) -> ElementLeaf | None:
    """BT-9: of the first payment terms that state a day and offer no discount for it, else of the first that
    state one."""
    terms = settlement.all(_TERMS)
    plain = [node for node in terms if not node.all(_DISCOUNT)]
    return first_leaf(node.leaf(*_DUE) for node in (*plain, *terms))


def descriptions(settlement: Node) -> list[ElementLeaf]:
    """BT-20: what the terms say in words."""
    return [leaf for node in settlement.all(_TERMS) for leaf in node.leaves("ram:Description")]


def parts(source: Source) -> list[Part]:
    """The terms that state a part of what is payable, by amount or per cent. One that states several amounts
    for one day is as many parts."""
    found: list[Part] = []
    for node in source.settlement.all(_TERMS):
        leaves = node.leaves("ram:PartialPaymentAmount")
        percent = source.record.number(INSTALMENTS, node.leaf("ram:PartialPaymentPercent"))
        if leaves or percent is not None:
            day = source.date(INSTALMENTS, node.leaf(*_DUE))
            amounts = [source.record.amount(INSTALMENTS, leaf) for leaf in leaves] or [None]
            found += [Part(amount, percent if not leaves else None, day) for amount in amounts]
    return found


def discounts(source: Source, issued: date | None) -> list[DiscountTerm]:
    """What is offered for early payment: per cent of a basis or an amount, until a day.

    With a period the basis date is the day from which it runs, the issue date where there is none; without
    one it is the last day itself (BT-170 in the binding of EN 16931-1:2026), and without both that is the due
    date of the terms.
    """
    found: list[DiscountTerm] = []
    for holder in source.settlement.all(_TERMS):
        for node in holder.all(_DISCOUNT):
            found.append(_discount(source, holder, node, issued))
    return found


def _discount(source: Source, holder: Node, node: Node, issued: date | None) -> DiscountTerm:
    record = source.record
    basis = source.date(DISCOUNTS, node.leaf("ram:BasisDateTime", "udt:DateTimeString"))
    measure = node.leaf("ram:BasisPeriodMeasure")
    last = source.date(DISCOUNTS, holder.leaf(*_DUE))
    if measure is not None and measure.raw:
        period = record.number(DISCOUNTS, measure)
        ends = later(basis or issued, period, measure.attribute("unitCode"))
        until = min(ends, last) if ends is not None and last is not None else ends
    else:
        until = basis or last
    return DiscountTerm(
        percent=record.number(DISCOUNTS, node.leaf("ram:CalculationPercent")),
        amount=record.amount(DISCOUNTS, node.leaf("ram:ActualDiscountAmount")),
        until=until,
        base=record.amount(DISCOUNTS, node.leaf("ram:BasisAmount")),
    )
