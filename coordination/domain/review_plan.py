"""How much of what would go by itself is reviewed: the rates of a plan that is in force, and the part of it
that is about one invoice."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Step:
    """From this confidence of the least sure agent on, this share is drawn."""

    confidence: Decimal
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a plan says of one invoice. `steps` rise; `money`: the chance by its amount, so that each unit of
    money is as likely to be hit; `first`: it is among so many first invoices of its vendor, all of which are
    drawn; `incidents`: agents with a critical incident, on whose answers it may rest."""

    plan: int
    steps: tuple[Step, ...]
    money: Decimal | None = None
    first: int | None = None
    incidents: tuple[str, ...] = ()

    def chance(self, sure: Decimal, rests_on: Collection[str]) -> Decimal:
        """The chance to be drawn, where the least sure of those that the release rests on is so sure."""
        if self.always(rests_on):
            return Decimal(1)
        rates = [step.rate for step in self.steps if step.confidence <= sure]
        return min(Decimal(1), max(rates[-1] if rates else Decimal(1), self.money or Decimal(0)))

    def always(self, rests_on: Collection[str]) -> str:
        """Why it is drawn whatever the chance, as a sentence; empty where it is not."""
        if self.first is not None:
            return f"It is one of its vendor's first: up to number {self.first} all of them are reviewed."
        troubled = sorted(set(self.incidents) & set(rests_on))
        if troubled:
            return f"All that rests on {troubled[0]} is reviewed while its critical incident is open."
        return ""


@dataclass(frozen=True, slots=True)
class Plan:
    """One version of the plan. `rates` has a row for each band of amounts, with a rate for each band of
    confidence; `interval`: one unit of money in so many is hit (company currency), None for none;
    `first_of_vendor`: so many first invoices of a vendor are always drawn; `incidents`: and what rests on an
    agent with a critical incident."""

    number: int
    confidence: tuple[Decimal, ...]
    value: tuple[Decimal, ...]
    rates: tuple[tuple[Decimal, ...], ...]
    interval: Decimal | None = None
    first_of_vendor: int = 0
    incidents: bool = False

    def concerning(self, amount: Decimal | None, before: int, incidents: tuple[str, ...]) -> Drawing:
        """The part about an invoice of this amount in company currency (None: not known, which is over every
        bound), of whose vendor so many came before it."""
        place = len(self.value) if amount is None else sum(amount >= bound for bound in self.value)
        steps = zip((Decimal(0), *self.confidence), self.rates[place], strict=True)
        money = None
        if self.interval and amount is not None and amount > 0:
            money = min(Decimal(1), (amount / self.interval).quantize(Decimal("0.000001")))
        return Drawing(
            self.number,
            tuple(Step(*step) for step in steps),
            money,
            self.first_of_vendor if before < self.first_of_vendor else None,
            incidents if self.incidents else (),
        )

    def as_json(self) -> dict[str, Any]:
        """As it is stored; the number stands beside it. Numbers are text, counts are numbers."""
        return {
            "confidence": [str(c) for c in self.confidence],
            "value": [str(v) for v in self.value],
            "rates": [[str(rate) for rate in row] for row in self.rates],
            "interval": None if self.interval is None else str(self.interval),
            "first_of_vendor": self.first_of_vendor,
            "incidents": self.incidents,
        }

    @classmethod
    def from_json(cls, number: int, stored: Mapping[str, Any]) -> Plan:
        """The plan that was stored under this number."""
        return cls(
            number,
            tuple(map(Decimal, stored["confidence"])),
            tuple(map(Decimal, stored["value"])),
            tuple(tuple(map(Decimal, row)) for row in stored["rates"]),
            None if stored["interval"] is None else Decimal(stored["interval"]),
            stored["first_of_vendor"],
            stored["incidents"],
        )
