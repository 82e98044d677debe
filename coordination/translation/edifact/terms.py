"""Terms of payment of INVOIC: groups of PYT (D.14A on, EN 16931) or PAT (before it): due date, instalments,
discounts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from ..canonical import DiscountTerm
from ..payment_terms import DISCOUNTS, INSTALMENTS, Part, later
from .record import MessageRecord, amount_leaf
from .segments import Group, PlaceLeaf, Section, Segment

_DUE: Final = ("13", "265", "140")
"""Terms net due date, due date, payment due date (UNTDID 2005)."""

_ENDS: Final = ("12", "13", "265", "140")
"""Terms discount due date, or the due date of terms that offer one."""

_OFFERS: Final = ("22", "8")
_PENALTY: Final = "20"
"""Discount, basic discount offered, penalty terms (UNTDID 4279)."""

_SAVED: Final = ("52", "21")
"""Discount amount, cash discount (UNTDID 5025)."""

_NO_SHARE: Final = ("12", "15")
"""Discount, penalty (UNTDID 5245): per cent that are no share of what is payable."""

_FROM_THE_INVOICE: Final = frozenset({"", "5"})
"""Time references (UNTDID 2475) that mean the date of the invoice. Of any other event nobody here knows the
day."""


def _groups(header: Section) -> list[Group]:
    return [*header.triggered("PYT"), *header.triggered("PAT")]


def _days(group: Group, qualifiers: tuple[str, ...]) -> Segment | None:
    return next((s for one in qualifiers for s in group.all("DTM", one)), None)


def due(header: Section) -> Segment | None:
    """BT-9. EN 16931 puts it with the terms of payment, older senders behind the currency. The day of terms
    that offer a discount is that of all where no other is stated."""
    offers = {id(s) for g in _groups(header) if g.head.qualifier in (*_OFFERS, _PENALTY) for s in g.segments}
    found = [s for one in _DUE for s in header.anywhere("DTM", one)]
    return next(iter([s for s in found if id(s) not in offers] or found), None)


def parts(record: MessageRecord, header: Section) -> list[Part]:
    """Terms with a day and an amount, or per cent of what is payable: instalments (21), and fixed dates (3)
    and basic terms (1) that say the same."""
    groups = [g for g in _groups(header) if g.head.qualifier not in (*_OFFERS, _PENALTY)]
    groups = [g for g in groups if g.all("MOA") or _share(g) is not None]
    return [_part(record, group) for group in groups]


def _part(record: MessageRecord, group: Group) -> Part:
    amount = next(iter(group.all("MOA")), None)
    return Part(
        amount=record.amount(INSTALMENTS, amount_leaf(amount)),
        percent=None if amount is not None else record.number(INSTALMENTS, _share(group)),
        due=record.day(INSTALMENTS, _days(group, _DUE)),
    )


def _share(group: Group) -> PlaceLeaf | None:
    found = next((s for s in group.all("PCD") if s.qualifier not in _NO_SHARE), None)
    return found.leaf(0, 1) if found is not None else None


def _percent(group: Group) -> PlaceLeaf | None:
    found = next(iter(group.all("PCD")), None)
    return found.leaf(0, 1) if found is not None else None


def discounts(record: MessageRecord, header: Section, issued: date | None) -> list[DiscountTerm]:
    """What terms offer for payment within so many days of the invoice, or until a day."""
    offering = [g for g in _groups(header) if g.head.qualifier in _OFFERS]
    return [_discount(record, group, issued) for group in offering]


def _discount(record: MessageRecord, group: Group, issued: date | None) -> DiscountTerm:
    until = record.day(DISCOUNTS, _days(group, _ENDS))
    saved = next(iter(group.all("MOA", *_SAVED)), None)
    return DiscountTerm(
        percent=record.number(DISCOUNTS, _percent(group)),
        amount=record.amount(DISCOUNTS, amount_leaf(saved)),
        until=until if until is not None else _counted(record, group.head, issued),
    )


def _counted(record: MessageRecord, head: Segment, issued: date | None) -> date | None:
    """The end of a period: PAT has it as one composite (C112), PYT as elements of their own."""
    places = [(2, n) for n in range(4)] if head.tag == "PAT" else [(2 + n, 0) for n in range(4)]
    reference, _, unit, _ = (head.component(*place) for place in places)
    if reference not in _FROM_THE_INVOICE:
        return None
    count: Decimal | None = record.number(DISCOUNTS, head.leaf(*places[3]))
    return later(issued, count, unit)
