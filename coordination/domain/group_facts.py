"""Neighbours of an invoice that are too many to be told apart, as facts: how many, and what they come to."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class SplitPart:
    """One of the invoices of a group that is too large to tell each apart. `gross` in its own currency."""

    number: str
    gross: Decimal


@dataclass(frozen=True, slots=True)
class SplitGroup:
    """Invoices that stand before this one within days just under the approval threshold `limit`, where they
    are too many to be told apart and not each is for an order of its own.

    `count` says how many, `gross` what they come to in the invoice's currency; `named` are some of them.
    """

    limit: Decimal
    count: int
    gross: Decimal
    named: tuple[SplitPart, ...] = ()


@dataclass(frozen=True, slots=True)
class CreditGroup:
    """Credit notes that stand before this one and name the same invoices (`named`, their numbers in the
    normal form), where they are too many to be told apart: how many, and what they come to in its currency.
    """

    named: tuple[str, ...]
    count: int
    gross: Decimal
