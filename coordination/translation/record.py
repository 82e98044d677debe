"""What a reader remembers while it reads one document: origins of what it took, problems with what it could
not.

Format-neutral: UBL hands in element texts, CSV hands in cells. Every method returns the value, or None
(empty) when the source does not say or cannot be read; the second case leaves a `Problem`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeVar

from . import values
from .canonical import Origin, Problem, Provenance

T = TypeVar("T")


class Leaf:
    """One value of the source: where it stands, its text without outer white space, its attributes, its line.

    `attribute` is "" where the source has no such attribute. A value that the source states more than once
    with different texts is `ambiguous`.
    """

    __slots__ = ("ambiguous", "path", "raw")

    def __init__(self, path: str, raw: str, *, ambiguous: bool = False) -> None:
        self.path = path
        self.raw = raw
        self.ambiguous = ambiguous

    def attribute(self, name: str) -> str:  # noqa: ARG002  (cells have no attributes)
        return ""

    @property
    def line(self) -> int | None:
        return None


@dataclass(slots=True)
class Record:
    """Origins and problems of one document; once `currency` is set, amounts in another are problems."""

    provenance: Provenance = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    currency: str = ""
    zoned_dates: bool = False

    def note(self, name: str, leaf: Leaf) -> None:
        """Remember where canonical field `name` came from."""
        self.provenance[name] = Origin(leaf.path, leaf.raw)

    def problem(self, name: str, leaf: Leaf, reason: str) -> None:
        """Remember that `leaf` was meant for field `name` and cannot be read."""
        self.problems.append(Problem(name, leaf.path, leaf.raw[:200], reason, leaf.line))

    def read(self, name: str, leaf: Leaf | None, parse: Callable[[str], T]) -> T | None:
        """The parsed value, or None with a problem; None without one where the source has nothing."""
        if leaf is None or not leaf.raw:
            return None
        if leaf.ambiguous:
            self.problem(name, leaf, "stated more than once, with different values")
            return None
        try:
            value = parse(leaf.raw)
        except values.BadValueError as bad:
            self.problem(name, leaf, str(bad))
            return None
        self.provenance[name] = Origin(leaf.path, leaf.raw)
        return value

    def text(self, name: str, leaf: Leaf | None) -> str:
        """Free text as it stands."""
        if leaf is None or not leaf.raw:
            return ""
        self.provenance[name] = Origin(leaf.path, leaf.raw)
        return leaf.raw

    def key(self, name: str, leaf: Leaf | None) -> str:
        """An identifier; fillers such as `n/a` are absence."""
        value = self.read(name, leaf, values.key)
        if value == "" and leaf is not None:
            del self.provenance[name]
        return value or ""

    def number(self, name: str, leaf: Leaf | None) -> Decimal | None:
        """A quantity, price factor or per cent."""
        return self.read(name, leaf, values.decimal)

    def amount(self, name: str, leaf: Leaf | None) -> Decimal | None:
        """An amount of money in the currency of the document; in another one it cannot be used."""
        stated = leaf.attribute("currencyID") if leaf is not None else ""
        if leaf is not None and stated and self.currency and stated.upper() != self.currency:
            self.problem(name, leaf, f"in {stated[:3]} where the document is in {self.currency}")
            return None
        return self.read(name, leaf, values.decimal)

    def date(self, name: str, leaf: Leaf | None) -> date | None:
        """A calendar day."""
        return self.read(name, leaf, lambda text: values.day(text, zone=self.zoned_dates))

    def truth(self, name: str, leaf: Leaf | None) -> bool | None:
        """A yes or no."""
        return self.read(name, leaf, values.truth)

    @property
    def unreadable(self) -> tuple[Problem, ...]:
        """The problems so far, for the canonical document."""
        return tuple(self.problems)
