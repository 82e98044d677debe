"""Which order a message is about: the one of its number, or of the same number in another spelling.

A vendor has one order under each normal form of a number, and whoever writes "po 1" means it. Two orders that
differ in signs only ("PO-1" and "PO1") are two where one file names both, or where both are here from before;
then each is meant by who writes its number to the letter, and nobody guesses for the rest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from ...translation.canonical import Order
from ...translation.identity import normalised_number, same_signs


class Seller(NamedTuple):
    """Whom a message names as the seller: the vendor where we know it, and the keys that it names."""

    vendor: UUID | None
    keys: frozenset[str]

    def may_be(self, other: Seller) -> bool:
        """Nothing that the two say makes them two companies."""
        if self.vendor and other.vendor:
            return self.vendor == other.vendor
        return not self.keys or not other.keys or not self.keys.isdisjoint(other.keys)


class Names:
    """The numbers that orders go by, each with the messages about it. `seller` tells whom a message names."""

    def __init__(self, known: Mapping[str, Iterable[Order]], seller: Callable[[Order], Seller]) -> None:
        self.seller = seller
        self.messages: dict[str, list[Order]] = {}
        self.by_key: dict[str, list[str]] = defaultdict(list)
        for number, messages in known.items():
            self._add(number, messages)

    def of(self, message: Order, beside: Collection[str]) -> list[str]:
        """The number that its order goes by, or all that may be meant. `beside`: the numbers that its file
        names."""
        exact = message.number in self.messages
        found = [] if exact else self._spelt_otherwise(message, beside)
        found = found or [message.number]
        if len(found) == 1:
            self._add(found[0], [message])
        return found

    def _spelt_otherwise(self, message: Order, beside: Collection[str]) -> list[str]:
        key = normalised_number(message.number)
        found = [n for n in self.by_key.get(key, ()) if self._of_seller(n, message)] if key else []
        same = [n for n in found if same_signs(n, message.number)]
        return same or [n for n in found if n not in beside]

    def _of_seller(self, number: str, message: Order) -> bool:
        mine = self.seller(message)
        return all(mine.may_be(self.seller(other)) for other in self.messages[number])

    def _add(self, number: str, messages: Iterable[Order]) -> None:
        if number not in self.messages:
            self.messages[number] = []
            self.by_key[normalised_number(number)].append(number)
        self.messages[number] += messages
