"""What very many invoices bill of one order line, summed up for each that asks.

Agents add up what stands before an invoice, less credits. Where more than `MANY` bill one line, the invoices before it
become one row with their sums, so that neither the decision nor its entry grows with their number.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import accumulate

from ..agents.amounts import ENDED, rank
from ..agents.base import Billed, OrderFacts, OrderLineFacts

MANY = 50
"""Invoices of one order line up to which each is told apart."""

Rank = tuple[bool, date, str, str]


@dataclass(frozen=True, slots=True)
class Sums:
    """Invoices of one line in their order, with running sums; credits one by one."""

    ranks: list[Rank]
    invoices: list[Billed]
    quantities: list[Decimal]
    amounts: list[Decimal]
    credits: tuple[Billed, ...]

    @classmethod
    def of(cls, found: Iterable[Billed]) -> Sums:
        live = [b for b in found if b.state not in ENDED]
        invoices = sorted((b for b in live if b.type != "credit_note"), key=place)
        return cls(
            [place(b) for b in invoices],
            invoices,
            list(accumulate(b.quantity for b in invoices)),
            list(accumulate(b.amount for b in invoices)),
            tuple(b for b in live if b.type == "credit_note"),
        )

    def before(self, own: Rank) -> tuple[Billed, ...]:
        """Credits, and in one row whatever invoices stand before this place."""
        count = bisect_left(self.ranks, own)
        if not count:
            return self.credits
        last = count - 1
        summed = replace(
            self.invoices[last], quantity=self.quantities[last], amount=self.amounts[last], others=last
        )
        return (*self.credits, summed)


def place(billed: Billed) -> Rank:
    """Where a billing invoice stands among those of its order."""
    return rank(billed.state, billed.issue_date, billed.number, billed.invoice)


def seen_from(orders: Iterable[OrderFacts], own: Rank, known: dict[str, Sums]) -> tuple[OrderFacts, ...]:
    """The orders as an invoice at this place needs them. `known` keeps sums for the others of a batch."""
    return tuple(_order(o, own, known) for o in orders)


def _order(order: OrderFacts, own: Rank, known: dict[str, Sums]) -> OrderFacts:
    if all(len(line.billed) <= MANY for line in order.lines):
        return order
    return replace(order, lines=tuple(_line(line, own, known) for line in order.lines))


def _line(line: OrderLineFacts, own: Rank, known: dict[str, Sums]) -> OrderLineFacts:
    if len(line.billed) <= MANY:
        return line
    if line.id not in known:
        known[line.id] = Sums.of(line.billed)
    return replace(line, billed=known[line.id].before(own))
