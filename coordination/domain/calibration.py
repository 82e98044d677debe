"""How sure an agent may say that it is: what people confirmed of answers that were found the same way.

A pattern is agent, kind of answer, method, source format, and whether the vendor is known or new. A table has
one row for each pattern of which people have answered something; where it has none, an agent's stated
confidence stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any

from .confidence import Calibrated
from .proposal import Proposal

MEASURED = frozenset({"approve"})
"""Kinds of answer whose confidence is measured: who holds an invoice asks a person anyway."""


@dataclass(frozen=True, slots=True, order=True)
class Pattern:
    """What answers have in common that are trusted alike."""

    agent: str
    outcome: str
    method: str
    source_format: str
    vendor: str

    @property
    def words(self) -> str:
        return f"{self.method}, {self.source_format}, {self.vendor} vendor"


@dataclass(frozen=True, slots=True)
class Row:
    """One pattern: people's answers, how many confirmed it, the prior that the agent states, and the
    confidence that follows (three places)."""

    pattern: Pattern
    answers: int
    confirmed: int
    stated: Decimal
    confidence: Decimal

    def as_json(self) -> dict[str, Any]:
        """As it is stored; numbers of people are numbers, confidences text."""
        return {
            **asdict(self.pattern),
            "answers": self.answers,
            "confirmed": self.confirmed,
            "stated": str(self.stated),
            "confidence": str(self.confidence),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Row:
        """The row that was stored."""
        names = ("agent", "outcome", "method", "source_format", "vendor")
        return cls(
            Pattern(*(stored[name] for name in names)),
            stored["answers"],
            stored["confirmed"],
            Decimal(stored["stated"]),
            Decimal(stored["confidence"]),
        )


def concerning(rows: Iterable[Row], source_format: str, vendor: str) -> tuple[Calibrated, ...]:
    """The part of a table that is about invoices of this format, of a known or a new vendor."""
    return tuple(
        Calibrated(r.pattern.agent, r.pattern.outcome, r.pattern.method, r.confidence)
        for r in rows
        if (r.pattern.source_format, r.pattern.vendor) == (source_format, vendor)
    )


def calibrate(proposal: Proposal, known: Iterable[Calibrated]) -> Proposal:
    """The proposal with the confidence that was measured of its kind; as it is where none was."""
    found = next(
        (
            c.confidence
            for c in known
            if (c.agent, c.outcome, c.method) == (proposal.agent, proposal.outcome, proposal.method)
        ),
        None,
    )
    return proposal if found is None else replace(proposal, confidence=found)
