"""What another confidence threshold of an agent would have done to the invoices of the last weeks. Pure.

Invoices are told apart by the way they took, for only some of them a threshold decides about: those that were
let go, those that were drawn from them at random, and those that nothing but this agent's want of confidence
brought to a person. Whatever another rule or agent holds goes to a person at any threshold.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Literal

from .calibration import Label, Outlook, Proposed, outlook, safe_threshold

Way = Literal["automatic", "drawn", "unsure", "other"]
"""How an invoice went: let go; drawn for review, else it would have been; to a person only because this agent
was not sure enough; to a person for another reason, or not proposed to be let go."""
DECIDED: frozenset[Way] = frozenset({"automatic", "drawn", "unsure"})
"""Ways about which a threshold decides."""
HIGHEST, STEP = 99, 1
"""Thresholds are looked at in whole per cent up to this."""
FEW = 59
"""With fewer answers not even a share under 5 % is shown by no wrong one among them."""
NEVER = -1.0


@dataclass(frozen=True, slots=True)
class Case:
    """What an agent last said of one invoice, and how the invoice went.

    `confidence` 0 to 1, `amount` in company currency; `right`: whether the person who answered let it go,
    None where nobody has answered; `chance`: of being drawn, where it was.
    """

    invoice: str
    number: str
    at: datetime
    confidence: float
    amount: Decimal
    way: Way
    right: bool | None = None
    chance: float = 1.0

    @property
    def label(self) -> Label | None:
        """What is known of it, weighed by the chance with which it came to be known."""
        if self.right is None or self.way not in {"drawn", "unsure"}:
            return None
        weight = 1 / self.chance if self.way == "drawn" else 1.0
        return Label(self.confidence, self.right, weight, self.amount)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A threshold beside the one in force. `more_a_day`: invoices that would go to a person in addition,
    below zero where fewer would; `reviewed`: how many of the answers under `then` were of drawn invoices;
    `let_go`: the amounts that `then` would let go; `week`: a week as a part of the time looked at."""

    now: Outlook
    then: Outlook
    more_a_day: float
    reviewed: int
    let_go: Decimal
    week: Decimal

    @property
    def at_risk(self) -> tuple[Decimal, Decimal]:
        """Money in wrong automatic releases of a week, now and then; company currency."""
        cents = Decimal("0.01")
        return (
            (self.now.at_risk * self.week).quantize(cents),
            (self.then.at_risk * self.week).quantize(cents),
        )

    @property
    def at_risk_at_most(self) -> Decimal:
        """The same, then, at the upper bound of the share that is wrong."""
        return (self.let_go * Decimal(self.then.high) * self.week).quantize(Decimal("0.01"))


@dataclass(frozen=True)
class Weeks:
    """The invoices of one agent in the last weeks, and the threshold in force. `days`: those on which it
    worked; `span`: days of the calendar from the first to the last."""

    cases: Sequence[Case]
    in_force: float
    days: int
    span: int

    @cached_property
    def proposed(self) -> list[Proposed]:
        """Every invoice; one that no threshold would let go counts as never sure enough."""
        return [Proposed(c.confidence if c.way in DECIDED else NEVER, c.amount) for c in self.cases]

    @cached_property
    def drawn(self) -> list[Label]:
        """What people found in the review."""
        return [x for c in self.cases if c.way == "drawn" and (x := c.label) is not None]

    @cached_property
    def asked(self) -> list[Label]:
        """What people answered where the agent was not sure enough."""
        return [x for c in self.cases if c.way == "unsure" and (x := c.label) is not None]

    def labels_for(self, threshold: float) -> list[Label]:
        """The answers that may be used at a threshold: those about drawn invoices alone where it is not
        lower than the one in force; lower, also those about invoices that it would let go."""
        return self.drawn if threshold >= self.in_force else [*self.drawn, *self.asked]

    def at(self, threshold: float) -> Outlook:
        """The outlook at one threshold."""
        return outlook(threshold, self.proposed, self.labels_for(threshold))

    def curve(self, lowest: float) -> list[Outlook]:
        """The outlook at each whole per cent from the lowest threshold on."""
        return [self.at(n / 100) for n in range(round(lowest * 100), HIGHEST + STEP, STEP)]

    def what_if(self, threshold: float) -> WhatIf:
        """A threshold beside the one in force."""
        moved = len(self.moved(threshold))
        sign = 1 if threshold >= self.in_force else -1
        reviewed = sum(x.confidence >= threshold for x in self.drawn)
        return WhatIf(
            now=self.at(self.in_force),
            then=self.at(threshold),
            more_a_day=sign * moved / max(1, self.days),
            reviewed=reviewed,
            let_go=sum((p.amount for p in self.proposed if p.confidence >= threshold), Decimal(0)),
            week=Decimal(7) / max(7, self.span),
        )

    def moved(self, threshold: float) -> list[Case]:
        """Invoices for which the threshold would have made a difference: a person asked instead of nobody
        where it is stricter, nobody instead of a person where it is not. Newest first."""
        low, high = sorted((threshold, self.in_force))
        found = [c for c in self.cases if c.way in DECIDED and low <= c.confidence < high]
        return sorted(found, key=lambda c: (c.at, c.invoice), reverse=True)

    def safe(self, lowest: float, target: float) -> Outlook | None:
        """The least strict threshold whose upper bound of wrong automatic decisions meets the target."""
        return safe_threshold(self.curve(lowest), target)


BINS = tuple(n / 100 for n in range(50, 100, 5))
"""Lower ends of the bars of the histogram; what is under the first counts to it."""


def histogram(confidences: Iterable[float]) -> list[float]:
    """The share of answers in each of `BINS`; all nought where there are none."""
    counts = [0] * len(BINS)
    for confidence in confidences:
        counts[max(0, min(len(BINS) - 1, int((confidence - BINS[0]) / 0.05 + 1e-9)))] += 1
    whole = sum(counts)
    return [n / whole if whole else 0.0 for n in counts]
