"""What an order allows, as far as it says it: what follows from what is stated, and what only an amount
bounds.

Of quantity, price and amount two make the third, and the price of the only line without one follows from the
total. What is still unknown then is never taken for agreed: it is bounded by an amount, or a person is asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from ..domain.amounts import ONE, ROUNDED, ZERO, ordered_price, total
from ..domain.facts import OrderFacts, OrderLineFacts
from ..domain.units import PLACES


def complete(order: OrderFacts) -> OrderFacts:
    """The order with what follows from what it says of its lines; unchanged where they say all."""
    if all(x.quantity is not None and ordered_price(x) is not None for x in order.lines):
        return order
    unknown = [x for x in order.lines if worth(x) is None]
    rest = _rest(order, unknown)
    last = unknown[0].id if len(unknown) == 1 and unknown[0].quantity is not None and rest is not None else ""
    return replace(order, lines=tuple(_filled(x, rest if x.id == last else worth(x)) for x in order.lines))


def priced_by_totals(orders: Iterable[OrderFacts]) -> frozenset[str]:
    """Order lines whose price nobody states: it follows from what the order comes to."""
    return frozenset(
        after.id
        for order in orders
        for before, after in zip(order.lines, complete(order).lines, strict=True)
        if worth(before) is None and ordered_price(before) is None and worth(after) is not None
    )


def worth(line: OrderLineFacts) -> Decimal | None:
    """What the line comes to: its amount, else quantity x price."""
    if line.net is not None:
        return line.net
    if line.quantity is None or line.price is None or not line.base_quantity:
        return None
    return line.quantity * line.price / line.base_quantity


def _rest(order: OrderFacts, unknown: list[OrderLineFacts]) -> Decimal | None:
    """What the order's total leaves for these lines; charges are taken for a part of it, which leaves the
    least."""
    if not order.net:  # a total of nothing for lines that say nothing is no agreement either
        return None
    ids = {x.id for x in unknown}
    others = total(worth(x) for x in order.lines if x.id not in ids)
    return max(order.net - others - total(c.amount for c in order.charges), ZERO)


def _filled(line: OrderLineFacts, value: Decimal | None) -> OrderLineFacts:
    if value is None:
        return line
    if line.quantity is None and line.price and line.base_quantity:
        return replace(line, quantity=_quantity(value, line.price / line.base_quantity))
    return line if line.net is not None or ordered_price(line) is not None else replace(line, net=value)


def _quantity(value: Decimal, price: Decimal) -> Decimal:
    """How many of this price come to this amount; a whole number where rounding explains the difference."""
    exact = (value / price).quantize(PLACES, ROUND_HALF_UP)
    whole = exact.quantize(ONE, ROUND_HALF_UP)
    return whole if abs(whole * price - value) <= ROUNDED else exact


def bounded(order: OrderFacts, line: OrderLineFacts) -> tuple[Decimal | None, tuple[OrderLineFacts, ...]]:
    """The amount that a line of a completed order without price or quantity allows, and the lines that share
    it: its own, else what is left of the order for all lines that state none. None where nothing is
    stated."""
    own = worth(line)
    if own is not None:
        return own, (line,)
    unknown = tuple(x for x in order.lines if worth(x) is None)
    return _rest(order, list(unknown)), unknown
