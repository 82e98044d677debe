"""What arrived of one order, as one invoice may see it: receipt by receipt, and of very many the later ones
together.

Where more than `MANY` receipt lines tell the same goods of the same order line in its unit, those after the
first `KEPT` become one row with their sums, so that neither a decision nor its entry grows with their number.
What an invoice names stays apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from ..agents.order_index import number_key
from ..domain.facts import OrderFacts, ReceiptLineFacts
from ..domain.units import same_unit
from ..translation.canonical import Invoice

MANY = 50
"""Receipt lines of the same goods up to which each is told apart."""
KEPT = 10
"""Of more, so many: the first that arrived."""


@dataclass
class Arrivals:
    """Receipt lines of one order in the sequence of their arrival, and the units of its lines."""

    rows: Sequence[ReceiptLineFacts]
    units: Collection[str]

    @classmethod
    def of(cls, rows: Sequence[ReceiptLineFacts], orders: Iterable[OrderFacts]) -> Arrivals:
        return cls(rows, {x.unit for o in orders for x in o.lines})

    def seen_by(self, named: Collection[str]) -> Sequence[ReceiptLineFacts]:
        """What an invoice sees that names these receipts and despatches, by the normal form of their
        numbers."""
        if not self._together:
            return self.rows
        if not named:
            return self._unnamed
        return self._summed(named)

    @cached_property
    def _unnamed(self) -> Sequence[ReceiptLineFacts]:
        return self._summed(())

    @cached_property
    def _together(self) -> dict[str, list[ReceiptLineFacts]]:
        """Rows that become one, by the id of the first of them. A converted quantity is rounded, so that the
        sum would be another one: only rows in the unit of the order are added up."""
        groups: dict[tuple[str, ...], list[ReceiptLineFacts]] = defaultdict(list)
        for row in self.rows if len(self.rows) > MANY else ():
            groups[row.kind, row.order_number, row.order_line, row.item, row.buyer_item, row.unit].append(row)
        return {
            group[KEPT].id: group[KEPT:]
            for (*_, unit), group in groups.items()
            if len(group) > max(MANY, KEPT) and all(same_unit(unit, other) for other in self.units)
        }

    def _summed(self, named: Collection[str]) -> Sequence[ReceiptLineFacts]:
        sums: dict[str, ReceiptLineFacts] = {}
        gone: set[str] = set()
        for group in self._together.values():
            rest = [r for r in group if not named or not _is_one_of(r, named)]
            if len(rest) > 1:
                gone.update(r.id for r in rest[1:])
                sums[rest[0].id] = replace(
                    rest[0],
                    quantity=sum((r.quantity for r in rest), Decimal(0)),
                    accepted=sum((r.accepted for r in rest), Decimal(0)),
                    others=len(rest) - 1,
                )
        return tuple(sums.get(r.id, r) for r in self.rows if r.id not in gone)


def _is_one_of(row: ReceiptLineFacts, named: Collection[str]) -> bool:
    return number_key(row.receipt) in named or (row.despatch != "" and row.despatch in named)


def named_by(document: Invoice) -> frozenset[str]:
    """The receipts and despatches that lines of a document name, in the normal form of their numbers."""
    numbers = (n for x in document.lines for n in (x.receipt_number, x.despatch_number) if n)
    return frozenset(map(number_key, numbers))
