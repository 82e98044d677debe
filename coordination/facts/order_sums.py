"""What others bill of one order, as one invoice may see it: what stands before it, and the credits that are
cleared.

An invoice looks only at those before it (by rank: money on its way first, then issue date, number, digest),
and a credit note at nobody: it makes good what others bill, so it must not depend on them. What gives
something back, a credit or a negative line of an invoice, counts from its clearing on, and an advance of the
order too. That is why no two invoices can look at each other, and why the order in which they came in makes
no difference.

Where more than `MANY` bill one line, the invoices before it become one row with their sums, so that neither
the decision nor its entry grows with their number.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import accumulate

from ..domain.amounts import CLEARED, coarse, counts, gives_back, rank
from ..domain.facts import Advance, Billed, Charged, OrderFacts, OrderLineFacts

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
        live = [b for b in found if counts(b)]
        invoices = sorted((b for b in live if b.type != "credit_note"), key=place)
        return cls(
            [place(b) for b in invoices],
            invoices,
            list(accumulate(b.quantity for b in invoices)),
            list(accumulate(b.amount for b in invoices)),
            tuple(replace(b, state=coarse(b.state)) for b in live if b.type == "credit_note"),
        )

    def before(self, own: Rank) -> tuple[Billed, ...]:
        """Credits, and in one row whatever invoices stand before this place."""
        count = bisect_left(self.ranks, own)
        if not count:
            return self.credits
        last = count - 1
        summed = replace(
            self.invoices[last],
            state=_state(self.invoices[last]),
            quantity=self.quantities[last],
            amount=self.amounts[last],
            others=last,
        )
        return (*self.credits, summed)


def place(other: Billed | Charged | Advance) -> Rank:
    """Where a billing invoice stands among those of its order."""
    return rank(other.state, other.issue_date, other.number, other.digest or other.invoice)


@dataclass(frozen=True, slots=True)
class Seen:
    """Who looks: its key, its rank, and whether it is a credit note."""

    id: str
    rank: Rank
    credit: bool = False


def seen_from(orders: Iterable[OrderFacts], own: Seen, known: dict[str, Sums]) -> tuple[OrderFacts, ...]:
    """The orders as an invoice at this place needs them. `known` keeps sums for the others of a batch."""
    return tuple(_order(o, own, known) for o in orders)


def _order(order: OrderFacts, own: Seen, known: dict[str, Sums]) -> OrderFacts:
    if not order.charged and not order.advances and not any(line.billed for line in order.lines):
        return order
    lines = tuple(_line(line, own, known) if line.billed else line for line in order.lines)
    charged = tuple(replace(c, state=_state(c)) for c in order.charged if _before(c, own) and _decided(c))
    advances = tuple(replace(a, state=_of_advance(a)) for a in order.advances if _ahead(a, own))
    return replace(order, lines=lines, charged=charged, advances=advances)


def _line(line: OrderLineFacts, own: Seen, known: dict[str, Sums]) -> OrderLineFacts:
    if own.credit:
        return replace(line, billed=())
    if len(line.billed) <= MANY:
        billed = tuple(_coarsely(b) for b in line.billed if counts(b) and _before(b, own))
        return replace(line, billed=billed)
    if line.id not in known:
        known[line.id] = Sums.of(line.billed)
    return replace(line, billed=known[line.id].before(own.rank))


def _coarsely(billed: Billed) -> Billed:
    state = _state(billed)
    return billed if billed.state == state else replace(billed, state=state)


def _before(other: Billed | Charged, own: Seen) -> bool:
    """Does the other stand where it counts for an invoice at this place? A credit anywhere; an invoice before
    it, from the moment it is matched: it claims what it bills."""
    if own.credit or other.invoice == own.id or coarse(other.state) == "rejected":
        return False
    return other.type == "credit_note" or place(other) < own.rank


def _decided(other: Charged) -> bool:
    return other.type != "credit_note" or other.state in CLEARED


def _state(other: Billed | Charged) -> str:
    """As coarse as it matters: whether an invoice before is cleared makes no difference to those behind it,
    unless it gives something back."""
    state = coarse(other.state)
    takes = gives_back(other) if isinstance(other, Billed) else other.type == "credit_note"
    return "received" if state == "cleared" and not takes else state


def _ahead(other: Advance, own: Seen) -> bool:
    """An advance from its clearing on, wherever it stands; what an invoice deducts, where that stands
    before."""
    if own.credit or other.invoice == own.id or coarse(other.state) == "rejected":
        return False
    return place(other) < own.rank if other.deducted else other.state in CLEARED


def _of_advance(other: Advance) -> str:
    """Agreed to or not: whether it is paid is asked where it is deducted."""
    if other.deducted:
        return "paid" if coarse(other.state) == "paid" else "received"
    return "cleared"
