"""What is normal for an agent, as it was learned: frozen and versioned.

A rate is kept in log odds: one for all decisions, plus one effect for each thing that it depends on (weekday,
month-end, document type, and what a measure is given). Each effect has its variance, so that every expected
rate comes with a bound, and the spread between days is kept beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import exp, log, sqrt

from .measures import Limits

Z90 = 1.2815515655446004
"""The 90 % point of the normal distribution: the guard band."""


@dataclass(frozen=True)
class Effect:
    """By how much the log odds of a rate differ under one condition; `variance` is that of the estimate."""

    log_odds: float
    variance: float


@dataclass(frozen=True)
class Expected:
    """A rate to expect and its 90 % bounds on either side, as log odds."""

    log_odds: float
    low: float
    high: float


@dataclass(frozen=True)
class Rate:
    """The baseline of one measure.

    `cases` and `events` are what it was learned from, `between_days` is the variance of a day's log odds
    around what is expected of it. `effects` holds, for each place of a decision's context, the values that
    were seen there.
    """

    cases: int
    events: int
    log_odds: float
    variance: float
    between_days: float
    effects: tuple[Mapping[str, Effect], ...]

    @property
    def rate(self) -> float:
        return probability(self.log_odds)

    @property
    def rho(self) -> float:
        """Correlation of two decisions of one day."""
        return self.between_days * self.rate * (1 - self.rate)

    def expected(self, context: tuple[str, ...]) -> Expected | None:
        """What is expected of a decision in this context; None where it was not learned."""
        mean, variance = self.log_odds, self.variance
        for effects, value in zip(self.effects, context, strict=True):
            effect = effects.get(value)
            if effect is None:
                return None
            mean += effect.log_odds
            variance += effect.variance
        guard = Z90 * sqrt(variance)
        return Expected(mean, mean - guard, mean + guard)


@dataclass(frozen=True)
class Baseline:
    """What is normal for one agent. `number` counts its versions; an older one is kept. `country`: whose
    public holidays are no business days; empty: nobody's."""

    agent: str
    number: int
    first_day: date
    last_day: date
    days: int
    month_ends: int
    decisions: int
    limits: Limits
    rates: Mapping[str, Rate]
    excluded: tuple[date, ...] = ()
    country: str = ""


def probability(log_odds: float) -> float:
    return 1 / (1 + exp(-log_odds))


def to_log_odds(rate: float) -> float:
    return log(rate / (1 - rate))
