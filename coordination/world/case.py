"""One little trade of the world: documents, and what its invoices should come to. And the list of all kinds
of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from ..translation.canonical import Invoice, Order, Receipt
from .claim import Claim
from .traders import Trader

if TYPE_CHECKING:
    from .making import Maker

Kind = Literal["clean", "defect", "combination"]
Syntax = Literal["any", "ubl"]


@dataclass(frozen=True, slots=True)
class Case:
    """The documents of one little trade.

    `copies` are sent again in other bytes and make no second invoice. `moved` are vendors whose account
    changes later, with the new one. `late` are receipts that come after the rest, if at all: labels are about
    the time before.
    """

    orders: tuple[Order, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    claims: tuple[Claim, ...] = ()
    copies: tuple[Invoice, ...] = ()
    moved: tuple[tuple[Trader, str], ...] = ()
    late: tuple[Receipt, ...] = ()

    def with_case(self, other: Case) -> Case:
        """Both trades as one case."""
        return replace(
            self,
            orders=self.orders + other.orders,
            receipts=self.receipts + other.receipts,
            claims=self.claims + other.claims,
            copies=self.copies + other.copies,
            moved=self.moved + other.moved,
            late=self.late + other.late,
        )


Build = Callable[["Maker"], Case]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A kind of case. `claims` is how many invoices and credit notes it makes, `syntax` what can express
    it."""

    name: str
    kind: Kind
    build: Build
    claims: int
    syntax: Syntax


SCENARIOS: dict[str, Scenario] = {}
"""All kinds by name, in the order in which a world takes them up. The folders `clean` and `defects` fill
it."""


def scenario(
    name: str, kind: Kind = "defect", *, claims: int = 1, syntax: Syntax = "any"
) -> Callable[[Build], Build]:
    """Enter a function into the list."""

    def enter(build: Build) -> Build:
        if name in SCENARIOS:
            raise ValueError(f"Two scenarios are called {name!r}.")
        SCENARIOS[name] = Scenario(name, kind, build, claims, syntax)
        return build

    return enter


def clean(name: str, *, claims: int = 1, syntax: Syntax = "any") -> Callable[[Build], Build]:
    """A case that nobody needs to be asked about, however odd it looks."""
    return scenario(name, "clean", claims=claims, syntax=syntax)
