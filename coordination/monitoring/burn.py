"""How fast an agreed service level is used up: burn rates over two windows each (Beyer et al., "The Site
Reliability Workbook", chapter 5).

A budget is the share of cases that may be late. A burn rate of 1 uses it up in just the period that it is
meant for, thirty days; 14.4 uses two per cent of it in an hour. A rate counts only where the long window and
the short one both have it: the long one so that it is not a moment, the short one so that it still goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Urgency(StrEnum):
    """What a burn rate calls for."""

    NOW = "now"
    TODAY = "today"
    SOON = "soon"


@dataclass(frozen=True, slots=True)
class Threshold:
    """A burn rate that is told when both windows have it."""

    rate: float
    long: timedelta
    short: timedelta
    urgency: Urgency


THRESHOLDS = (
    Threshold(14.4, timedelta(hours=1), timedelta(minutes=5), Urgency.NOW),
    Threshold(6.0, timedelta(hours=6), timedelta(minutes=30), Urgency.TODAY),
    Threshold(1.0, timedelta(days=3), timedelta(hours=6), Urgency.SOON),
)
WINDOWS = tuple(sorted({w for t in THRESHOLDS for w in (t.long, t.short)}))
LEAST_LATE = 3
"""So many late cases in the long window are needed: one of two is no rate."""


@dataclass(frozen=True, slots=True)
class Count:
    """Cases of a window, and how many of them were late."""

    cases: int
    late: int

    def rate(self, budget: float) -> float:
        """The burn rate, where this share of cases may be late; none without cases."""
        return self.late / self.cases / budget if self.cases else 0.0


@dataclass(frozen=True, slots=True)
class Burning:
    """The most urgent rate that is reached."""

    threshold: Threshold
    rate: float


def burning(counts: Mapping[timedelta, Count], budget: float) -> Burning | None:
    """The most urgent threshold that both of its windows reach; None where none is."""
    for threshold in THRESHOLDS:
        long, short = counts[threshold.long], counts[threshold.short]
        if long.late < LEAST_LATE:
            continue
        if min(long.rate(budget), short.rate(budget)) >= threshold.rate:
            return Burning(threshold, long.rate(budget))
    return None
