"""Which goods does a document bill, or give back? Money that comes before goods, or corrects their price,
moves none.

The quantity of a line that credits or charges a difference of price is the quantity concerned (EN 16931
BT-129), not one that comes back or is delivered again. What tells the two apart is the unit price: goods come
back at about the price at which they were billed, a difference of price lies well below it, a lump sum beside
it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, Decimal

from ..domain.amounts import CENT, ZERO, format_amount, line_amount, ordered_price, total, unit_price
from ..domain.facts import Allocated, NamedLine, OrderLineFacts, Snapshot
from ..domain.proposal import Finding
from ..domain.units import PLACES, per, same_unit
from ..translation import nature
from ..translation.canonical import Invoice, InvoiceLine
from . import pairing
from .order_index import codes, key, words

RETURNED_FROM, RETURNED_TO = Decimal("0.80"), Decimal("1.10")
"""Share of the billed unit price from which, and up to which, a credit gives goods back: less a deduction for
taking them back, or at a later price. Below, it is a difference of price; above, a sum that no piece was
billed at."""
BILLED_AGAIN_FROM = Decimal("0.50")
"""Share of the billed unit price from which a line of a corrected invoice bills goods and not a surcharge on
them."""


def none_of(snapshot: Snapshot) -> str:
    """Why a document bills no goods at all; empty where it may."""
    stated = nature.look_up(snapshot.document.type_code)
    if nature.claims_nothing(stated.code):
        return f"{stated.name or 'This document'} claims nothing: it bills no line of an order."
    if stated.is_("advance"):
        return "An advance is money before goods: it bills no line of the order."
    if (
        snapshot.credit
        and snapshot.named
        and all(nature.look_up(x.type_code).is_("advance") for x in snapshot.named)
    ):
        return "What is credited is an advance: no goods come back."
    return ""


def takes_back(document: Invoice) -> bool:
    """Has it a line that gives something back?"""
    return any((x.quantity or ZERO) < 0 or (line_amount(x) or ZERO) < 0 for x in document.lines)


def counts_once_cleared(document: Invoice) -> bool:
    """Does it add something to the sums of others only from its clearing on: a credit, a negative line, an
    advance?"""
    return (
        document.type == "credit_note"
        or takes_back(document)
        or nature.look_up(document.type_code).is_("advance")
    )


@dataclass(frozen=True, slots=True)
class Moved:
    """What a pair moves of its order line. `difference`: money only; then `asked` and `billed` are the unit
    prices that tell it, None where one is not known; `known_as`: billed on the invoice that is named, or
    agreed on with the order.
    """

    pair: Allocated
    difference: bool = False
    asked: Decimal | None = None
    billed: Decimal | None = None
    known_as: str = "billed"

    def finding(self, *, credit: bool) -> Finding:
        """Recorded, so that nobody takes the quantity of the line for goods."""
        does = "credits" if credit or self.pair.amount < 0 else "charges"
        unit = (
            f"{format_amount(self.asked)} a unit"
            if self.asked is not None
            else f"{format_amount(abs(self.pair.amount))} without a quantity"
        )
        of = f" of {format_amount(self.billed)} {self.known_as}" if self.billed is not None else ""
        moves = "no goods come back with it" if does == "credits" else "no goods are billed with it"
        return Finding(
            "quantity_ordered",
            f"Line {self.pair.position} {does} {unit}{of}: money only, {moves}.",
            line=self.pair.position,
        )


def moved(snapshot: Snapshot, line: InvoiceLine, pair: Allocated, ordered: OrderLineFacts) -> Moved:
    """What one pair of invoice line and order line moves: goods with their money, or money alone."""
    stated = nature.look_up(snapshot.document.type_code)
    gives_back = snapshot.credit or pair.quantity < 0 or pair.amount < 0
    if not (gives_back or stated.is_("debit") or stated.is_("price") or stated.is_("corrected")):
        return Moved(pair)
    asked, billed, known_as = _unit_prices(line), _billed_prices(snapshot, line), "billed"
    if not billed:
        billed, known_as = _agreed_price(snapshot, line, ordered), "agreed"
    told = (asked[0] if asked and line.quantity else None, billed[0] if billed else None)
    if stated.is_("price") or not line.quantity:
        goods = False
    elif gives_back or stated.is_("debit"):
        goods = any(RETURNED_FROM * b <= abs(a) <= RETURNED_TO * b for a in asked for b in billed)
    else:
        goods = not billed or any(abs(a) >= BILLED_AGAIN_FROM * b for a in asked for b in billed)
    if not goods:
        return Moved(replace(pair, quantity=ZERO), True, *told, known_as)
    if not gives_back:
        return Moved(pair)
    return Moved(_paid_for(snapshot.document, pair, line, asked, _at_least(snapshot, line) or billed))


def _paid_for(
    document: Invoice, pair: Allocated, line: InvoiceLine, asked: list[Decimal], billed: list[Decimal]
) -> Allocated:
    """The pair, with no more goods given back than its money pays for at the price at which they were billed:
    else who keeps something back and bills all of it again is paid for the same goods again and again."""
    most, given = max(billed, default=ZERO), min(asked, default=ZERO) * _left_by_allowances(document)
    pieces = abs(line.quantity or ZERO)
    if not most or pieces * (most - given) <= CENT:  # a unit price has more places than its amount
        return pair
    return replace(pair, quantity=(pair.quantity * given / most).quantize(PLACES, ROUND_DOWN))


def _left_by_allowances(document: Invoice) -> Decimal:
    """The share of the lines of a credit that what is kept back from the whole of it (BG-20) leaves."""
    lines = total(abs(line_amount(x) or ZERO) for x in document.lines)
    off = total(abs(x.amount) for x in document.allowances if not x.charge)
    return (
        max((lines - off) / lines, ZERO) if document.type == "credit_note" and lines and off else Decimal(1)
    )


def _at_least(snapshot: Snapshot, line: InvoiceLine) -> list[Decimal]:
    """The price of one unit on each line of the named invoices that bills these goods, without what is
    charged on top."""
    same = (x for x in same_goods(line, snapshot.named) if same_unit(x.unit, line.unit))
    known = (_prices(x.unit_price, x.quantity, x.net) for x in same)
    return [min(prices) for prices in known if prices]


def _billed_prices(snapshot: Snapshot, line: InvoiceLine) -> list[Decimal]:
    """At what one unit was billed on an invoice that is named."""
    same = [x for x in same_goods(line, snapshot.named) if same_unit(x.unit, line.unit)]
    return [p for x in same for p in _prices(x.unit_price, x.quantity, x.net)]


def _agreed_price(snapshot: Snapshot, line: InvoiceLine, ordered: OrderLineFacts) -> list[Decimal]:
    agreed, ratio = ordered_price(ordered), pairing.factor(snapshot, line, ordered)
    return [agreed * ratio] if agreed is not None and ratio is not None else []


def _unit_prices(line: InvoiceLine) -> list[Decimal]:
    return _prices(unit_price(line), line.quantity, line.net)


def _prices(stated: Decimal | None, quantity: Decimal | None, net: Decimal | None) -> list[Decimal]:
    """The unit price as stated, and what a unit comes to after the allowances of the line."""
    whole = per(net, quantity) if net is not None and quantity else None
    return list(dict.fromkeys(abs(p) for p in (stated, whole) if p is not None))


def same_goods(line: InvoiceLine, named: Iterable[NamedLine]) -> list[NamedLine]:
    """The lines of named invoices that bill the goods of this one: by the order line both name, by a code, by
    the same words; where there is one line only, by that."""
    lines = list(named)
    found = [x for x in lines if _same(line, x)]
    alone = len({(x.order_number, x.order_line, x.item, x.description) for x in lines}) == 1
    return found or (lines if alone and not _others(line, lines[0]) else [])


def _same(line: InvoiceLine, other: NamedLine) -> bool:
    if _others(line, other):
        return False
    if line.order_line and key(line.order_line) == key(other.order_line):
        return (
            not line.order_number
            or not other.order_number
            or key(line.order_number) == key(other.order_number)
        )
    if codes(line.item, line.buyer_item, line.standard_item) & codes(
        other.item, other.buyer_item, other.standard_item
    ):
        return True
    return bool(line.description) and words(line.description) == words(other.description)


def _others(line: InvoiceLine, other: NamedLine) -> bool:
    """Do both name an order line or a code of one kind, and not the same?"""
    kinds = (
        (line.order_line, other.order_line),
        (line.item, other.item),
        (line.buyer_item, other.buyer_item),
        (line.standard_item, other.standard_item),
    )
    stated = [(key(a), key(b)) for a, b in kinds if a and b]
    return bool(stated) and all(a != b for a, b in stated)
