"""What would it notice: after how many decisions and days a shift of a size is seen, and how often it cries
wolf.

Worked out from the baseline, not simulated: the evidence of the best bet grows by the same factor each day on
average, so that the answer is about the median; tests hold it against simulated streams.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log, sqrt

from .alarms import RUN_LENGTH
from .baselines import Z90, Rate, probability
from .detectors import ODDS_RATIOS, day_cap
from .measures import Direction, Level, share


@dataclass(frozen=True)
class Delay:
    """From the first decision of a shift to its alarm, in business days and in decisions of the agent."""

    days: float
    decisions: float


def expected_delay(
    measure: str,
    rate: Rate,
    odds: float,
    *,
    decisions_a_day: float,
    base: float = 1.0,
    level: Level = Level.WARNING,
) -> Delay | None:
    """When a lasting change of the odds of a measure by this factor is likely to have alarmed; None: never.

    `base` is the share of decisions that the measure is asked of, such as those that people answered.
    """
    direction = Direction.UP if odds > 1 else Direction.DOWN
    cases = decisions_a_day * base
    changed = probability(rate.log_odds + log(odds))
    spread = rate.between_days
    information = cases * changed * (1 - changed)
    precision = information / (1 + spread * information)
    size = abs(log(odds)) - Z90 * sqrt(rate.variance)
    growth = max(precision * (log(bet) * size - log(bet) ** 2 / 2) for bet in ODDS_RATIOS)
    if growth <= 0:
        return None
    needed = len(ODDS_RATIOS) * RUN_LENGTH[level] / share(measure, direction)
    # within a few days each decision is a beginning of its own, so that M starts at about a day's cases
    days = max(log(needed / cases), 1.0) / min(growth, log(day_cap(rate.between_days)))
    return Delay(days, days * decisions_a_day)


def days_between_false_alarms(decisions_a_day: float, level: Level = Level.WARNING) -> float:
    """At least so many business days pass on average between two false alarms of an agent."""
    return RUN_LENGTH[level] / decisions_a_day
