"""What others bill of one order, as one invoice may see it: what stands before it, and the credits that are
cleared.

An invoice looks only at those before it (by rank: money on its way first, then issue date, number, digest),
and a credit note at nobody: it makes good what others bill, so it must not depend on them. What gives
something back, a credit or a negative line of an invoice, counts from its clearing on, and an advance of the
order too. That is why no two invoices can look at each other, and why the order in which they came in makes
no difference.

Where more than `MANY` bill one line, the invoices before it become one row with their sums, so that neither
the decision nor its entry grows with their number; credits become two then, those before and those after.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import accumulate

from ..domain.amounts import CLEARED, ZERO, coarse, counts, gives_back, rank
from ..domain.facts import Advance, Billed, Charged, OrderFacts, OrderLineFacts

MANY = 50
"""Invoices of one order line up to which each is told apart."""

Rank = tuple[bool, date, str, str]


@dataclass(frozen=True, slots=True)
class Sums:
    """What counts of one line: invoices, and credits."""

    invoices: Running
    credits: Running
    credited: tuple[Billed, ...]
    """The credits as they came."""

    @classmethod
    def of(cls, found: Iterable[Billed]) -> Sums:
        live = [b for b in found if counts(b)]
        given = [b for b in live if b.type == "credit_note"]
        return cls(
            Running.of(b for b in live if b.type != "credit_note"),
            Running.of(given),
            tuple(replace(b, state=coarse(b.state)) for b in given),
        )

    def before(self, own: Rank) -> tuple[Billed, ...]:
        """Credits, of very many those before this place and those after it in one row each; and in one row
        whatever invoices stand before it."""
        invoices, credited = self.invoices, self.credits
        standing = invoices.together(0, bisect_left(invoices.ranks, own))
        if len(credited.rows) <= MANY:
            return (*self.credited, *standing)
        here = bisect_left(credited.ranks, own)
        after = credited.together(here, len(credited.rows))
        return (*credited.together(0, here), *after, *standing)


@dataclass(frozen=True, slots=True)
class Running:
    """Rows in their order, with running sums from nought on."""

    rows: list[Billed]
    ranks: list[Rank]
    quantities: list[Decimal]
    amounts: list[Decimal]

    @classmethod
    def of(cls, found: Iterable[Billed]) -> Running:
        rows = sorted(found, key=place)
        quantities = list(accumulate((b.quantity for b in rows), initial=ZERO))
        amounts = list(accumulate((b.amount for b in rows), initial=ZERO))
        return cls(rows, [place(b) for b in rows], quantities, amounts)

    def together(self, first: int, end: int) -> tuple[Billed, ...]:
        """The last of some rows with the sums of all of them; nothing where there are none."""
        if first == end:
            return ()
        last = self.rows[end - 1]
        return (
            replace(
                last,
                state=_state(last),
                quantity=self.quantities[end] - self.quantities[first],
                amount=self.amounts[end] - self.amounts[first],
                others=end - first - 1,
            ),
        )


def place(other: Billed | Charged | Advance) -> Rank:
    """Where a billing invoice stands among those of its order."""
    return rank(other.state, other.issue_date, other.number, other.digest or other.invoice)


@dataclass(frozen=True, slots=True)
class Seen:
    """Who looks: its key, its rank, and whether it is a credit note."""

    id: str
    rank: Rank
    credit: bool = False


class Charges:
    """What invoices and credits of one order say of charges, by their reasons."""

    def __init__(self, found: Iterable[Charged]) -> None:
        self.asked: dict[tuple[str, str], list[Charged]] = defaultdict(list)
        self.given: dict[tuple[str, str], list[Charged]] = defaultdict(list)
        for one in sorted(found, key=place):
            if coarse(one.state) != "rejected" and _decided(one):
                kinds = self.given if one.type == "credit_note" else self.asked
                kinds[one.reason_code, one.reason].append(one)
        self.ranks = {kind: [place(c) for c in rows] for kind, rows in self.asked.items()}
        self.sums = {
            kind: list(accumulate((c.amount for c in rows), initial=ZERO))
            for kind, rows in self.asked.items()
        }
        self.back = tuple(
            _all_of(rows[-1], sum((c.amount for c in rows), ZERO), len(rows)) for rows in self.given.values()
        )

    def before(self, own: Seen) -> tuple[Charged, ...]:
        """Of each kind in one row what invoices before this place ask for, and what was given back."""
        if own.credit:
            return ()
        found = []
        for kind, rows in self.asked.items():
            count = bisect_left(self.ranks[kind], own.rank)
            if count:
                found.append(_all_of(rows[count - 1], self.sums[kind][count], count))
        return (*found, *self.back)


def _all_of(last: Charged, amount: Decimal, count: int) -> Charged:
    return replace(last, state=_state(last), amount=amount, others=count - 1)


@dataclass(frozen=True, slots=True)
class Known:
    """Sums for all of a batch, by order line and by order."""

    lines: dict[str, Sums] = field(default_factory=dict)
    charges: dict[str, Charges] = field(default_factory=dict)


def seen_from(orders: Iterable[OrderFacts], own: Seen, known: Known) -> tuple[OrderFacts, ...]:
    """The orders as an invoice at this place needs them. `known` keeps sums for the others of a batch."""
    return tuple(_order(o, own, known) for o in orders)


def _order(order: OrderFacts, own: Seen, known: Known) -> OrderFacts:
    if not order.charged and not order.advances and not any(line.billed for line in order.lines):
        return order
    lines = tuple(_line(line, own, known) if line.billed else line for line in order.lines)
    charged = _charged(order, own, known)
    advances = tuple(replace(a, state=_of_advance(a)) for a in order.advances if _ahead(a, own))
    return replace(order, lines=lines, charged=charged, advances=advances)


def _charged(order: OrderFacts, own: Seen, known: Known) -> tuple[Charged, ...]:
    if len(order.charged) <= MANY:
        return tuple(replace(c, state=_state(c)) for c in order.charged if _before(c, own) and _decided(c))
    if order.id not in known.charges:
        known.charges[order.id] = Charges(order.charged)
    return known.charges[order.id].before(own)


def _line(line: OrderLineFacts, own: Seen, known: Known) -> OrderLineFacts:
    if own.credit:
        return replace(line, billed=())
    if len(line.billed) <= MANY:
        billed = tuple(_coarsely(b) for b in line.billed if counts(b) and _before(b, own))
        return replace(line, billed=billed)
    if line.id not in known.lines:
        known.lines[line.id] = Sums.of(line.billed)
    return replace(line, billed=known.lines[line.id].before(own.rank))


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
