"""The lines of the orders in question, by every key that an invoice line may name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from decimal import Decimal
from functools import cached_property
from typing import TypeVar

from ..domain.amounts import ordered_price
from ..domain.facts import OrderFacts, OrderLineFacts
from ..translation.identity import normalised_number

K = TypeVar("K", bound=Hashable)


def key(code: str) -> str:
    """Line numbers and item codes compare without case and surrounding space."""
    return code.strip().lower()


def number_key(number: str) -> str:
    """The normal form of an order number; what has neither letter nor digit stands for itself."""
    return normalised_number(number) or key(number)


def codes(*numbers: str) -> set[str]:
    """The codes that are stated."""
    return {key(n) for n in numbers if n}


def words(description: str) -> str:
    """A description as it is compared for equality: words in any order, without case."""
    return " ".join(sorted(description.casefold().split()))


class OrderIndex:
    """Order lines by line number, item code, unit price and wording. Built once for an invoice, each key when
    asked."""

    def __init__(self, orders: Iterable[OrderFacts]) -> None:
        self.lines: tuple[OrderLineFacts, ...] = tuple(x for order in orders for x in order.lines)

    @cached_property
    def by_line(self) -> dict[str, list[OrderLineFacts]]:
        return self._grouped((key(x.line), x) for x in self.lines)

    @cached_property
    def by_code(self) -> dict[str, list[OrderLineFacts]]:
        pairs = ((code, x) for x in self.lines for code in codes(x.item, x.buyer_item, x.standard_item))
        return self._grouped(pairs)

    @cached_property
    def by_price(self) -> dict[Decimal, list[OrderLineFacts]]:
        return self._grouped((price, x) for x in self.lines if (price := ordered_price(x)) is not None)

    @cached_property
    def by_words(self) -> dict[str, list[OrderLineFacts]]:
        return self._grouped((words(x.description), x) for x in self.lines if x.description)

    @staticmethod
    def _grouped(pairs: Iterable[tuple[K, OrderLineFacts]]) -> dict[K, list[OrderLineFacts]]:
        found: dict[K, list[OrderLineFacts]] = defaultdict(list)
        for name, line in pairs:
            found[name].append(line)
        return found
