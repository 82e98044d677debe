"""Terms of payment of UBL documents: instalments and discounts (PaymentTerms, with the due dates of
PaymentMeans)."""

from __future__ import annotations

from datetime import date
from typing import Final

from ..canonical import DiscountTerm
from ..payment_terms import DISCOUNTS, INSTALMENTS, Part, later
from ..record import Record
from ..xml import ElementLeaf, Node
from .money import first_leaf

_TERMS: Final = "cac:PaymentTerms"
_DAYS: Final = ("cbc:InstallmentDueDate", "cbc:PaymentDueDate")


def parts(record: Record, root: Node) -> list[Part]:
    """The terms that state an amount or per cent, each with its day: its own, that of the means of payment it
    names (OIOUBL), or the end of its period.

    One alone is a part only where it names the day of an instalment: the amount of single terms is what they
    are about.
    """
    terms = [node for node in root.all(_TERMS) if not _offers(node)]
    stated = [
        n for n in terms if n.leaf("cbc:Amount") is not None or n.leaf("cbc:PaymentPercent") is not None
    ]
    if len(stated) == 1 and stated[0].leaf("cbc:InstallmentDueDate") is None:
        return []
    means = _days_of_means(root)
    return [_part(record, node, means) for node in stated]


def _part(record: Record, node: Node, means: dict[str, ElementLeaf]) -> Part:
    named = [means.get(leaf.raw) for leaf in node.leaves("cbc:PaymentMeansID")]
    end = node.leaf("cac:SettlementPeriod", "cbc:EndDate")
    own = [node.leaf(day) for day in _DAYS]
    return Part(
        amount=record.amount(INSTALMENTS, node.leaf("cbc:Amount")),
        percent=record.number(INSTALMENTS, node.leaf("cbc:PaymentPercent")),
        due=record.date(INSTALMENTS, first_leaf((*own, *named, end))),
    )


def _days_of_means(root: Node) -> dict[str, ElementLeaf]:
    found = {}
    for node in root.all("cac:PaymentMeans"):
        key, day = node.leaf("cbc:ID"), node.leaf("cbc:PaymentDueDate")
        if key is not None and day is not None:
            found[key.raw] = day
    return found


def _offers(node: Node) -> bool:
    """Do these terms offer a discount? A rate of nought offers none."""
    leaves = (node.leaf("cbc:SettlementDiscountPercent"), node.leaf("cbc:SettlementDiscountAmount"))
    return any(leaf is not None and leaf.raw.strip("0.") for leaf in leaves)


def discounts(record: Record, root: Node, issued: date | None) -> list[DiscountTerm]:
    """What the terms offer: per cent of their amount (of all, where they state none) or an amount, until
    their period ends."""
    offering = [node for node in root.all(_TERMS) if _offers(node)]
    return [_discount(record, node, issued) for node in offering]


def _discount(record: Record, node: Node, issued: date | None) -> DiscountTerm:
    return DiscountTerm(
        percent=record.number(DISCOUNTS, node.leaf("cbc:SettlementDiscountPercent")),
        amount=record.amount(DISCOUNTS, node.leaf("cbc:SettlementDiscountAmount")),
        until=_until(record, node, issued),
        base=record.amount(DISCOUNTS, node.leaf("cbc:Amount")),
    )


def _until(record: Record, node: Node, issued: date | None) -> date | None:
    period = node.first("cac:SettlementPeriod")
    if period is None:
        return record.date(DISCOUNTS, node.leaf("cbc:PaymentDueDate"))
    end = record.date(DISCOUNTS, period.leaf("cbc:EndDate"))
    measure = period.leaf("cbc:DurationMeasure")
    if end is not None or measure is None:
        return end
    start = record.date(DISCOUNTS, period.leaf("cbc:StartDate"))
    return later(start or issued, record.number(DISCOUNTS, measure), measure.attribute("unitCode"))
