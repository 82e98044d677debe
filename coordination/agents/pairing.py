"""Which order line does an invoice line bill? From the surest key to the weakest; a tie is no answer."""

from __future__ import annotations

from decimal import Decimal

from rapidfuzz import fuzz

from ..translation.canonical import InvoiceLine
from .amounts import ZERO, ordered_price, same_unit
from .base import Allocated, OrderFacts, OrderLineFacts, Snapshot
from .claims import credited

CONFIDENCE = {
    "reference": Decimal("0.99"),
    "item": Decimal("0.96"),
    "content": Decimal("0.90"),
    "only line": Decimal("0.88"),
}
"""How sure a pair is, by the key that made it."""


def key(number: str) -> str:
    """Order numbers compare without case and surrounding space."""
    return number.strip().lower()


def heading(line: InvoiceLine) -> bool:
    """A line that bills nothing: no quantity and no amount."""
    return not line.quantity and not line.net


def named_orders(snapshot: Snapshot) -> list[str]:
    """Order numbers the invoice names, on its lines or header; a credit note inherits those of what it credits."""
    document = snapshot.document
    named = [*document.order_numbers, *(line.order_number for line in document.lines)]
    if not any(named) and snapshot.credit:
        named = [n for origin in credited(snapshot) for n in origin.order_numbers]
    return list(dict.fromkeys(n for n in named if n))


def pair(snapshot: Snapshot) -> list[Allocated]:
    """Allocate each invoice line to order lines. Lines that fit none, or fit several equally, stay out."""
    taken: set[str] = set()
    found: dict[int, tuple[OrderLineFacts, str]] = {}
    for finder in (_by_reference, _by_item, _by_content, _only_line):
        for line in snapshot.document.lines:
            if line.position in found or heading(line):
                continue
            match = finder(line, _candidates(snapshot, line), taken)
            if match is not None:
                found[line.position] = (match[0], match[1])
                taken.add(match[0].id)
    return [
        Allocated(
            line.position,
            found[line.position][0].id,
            line.quantity or ZERO,
            line.net or ZERO,
            found[line.position][1],
        )
        for line in snapshot.document.lines
        if line.position in found
    ]


Match = tuple[OrderLineFacts, str] | None


def _candidates(snapshot: Snapshot, line: InvoiceLine) -> list[OrderLineFacts]:
    orders: list[OrderFacts] = list(snapshot.orders)
    if line.order_number:
        orders = [o for o in orders if key(o.number) == key(line.order_number)]
    return [x for order in orders for x in order.lines]


def _single(candidates: list[OrderLineFacts], how: str) -> Match:
    return (candidates[0], how) if len(candidates) == 1 else None


def _by_reference(line: InvoiceLine, candidates: list[OrderLineFacts], taken: set[str]) -> Match:
    """The order line the invoice names. Several invoice lines may name one order line."""
    if not line.order_line:
        return None
    return _single([c for c in candidates if key(c.line) == key(line.order_line)], "reference")


def _by_item(line: InvoiceLine, candidates: list[OrderLineFacts], taken: set[str]) -> Match:
    codes = {key(c) for c in (line.item, line.buyer_item) if c}
    same = [c for c in candidates if codes & {key(i) for i in (c.item, c.buyer_item) if i}]
    free = [c for c in same if c.id not in taken]
    return _single(free or same, "item")


def _by_content(line: InvoiceLine, candidates: list[OrderLineFacts], taken: set[str]) -> Match:
    """Equal unit price and unit, and a description that says the same; a tie between two is no answer."""
    if line.price is None or not line.base_quantity:
        return None
    price = line.price / line.base_quantity
    scored = sorted(
        (
            (fuzz.token_set_ratio(line.description.casefold(), c.description.casefold()), c.id, c)
            for c in candidates
            if c.id not in taken and ordered_price(c) == price and same_unit(line.unit, c.unit)
        ),
        reverse=True,
    )
    if not scored or scored[0][0] < 60 or (len(scored) > 1 and scored[0][0] == scored[1][0]):
        return None
    return scored[0][2], "content"


def _only_line(line: InvoiceLine, candidates: list[OrderLineFacts], taken: set[str]) -> Match:
    """An order of one line: whatever bills that order bills that line, unless item codes say otherwise."""
    if len(candidates) != 1 or candidates[0].id in taken:
        return None
    only = candidates[0]
    codes, ordered = (
        {key(c) for c in (line.item, line.buyer_item) if c},
        {key(i) for i in (only.item, only.buyer_item) if i},
    )
    if codes and ordered and not codes & ordered:
        alike = fuzz.token_set_ratio(line.description.casefold(), only.description.casefold())
        if alike < 60 or not line.description:
            return None
    return only, "only line"
