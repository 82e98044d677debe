"""What a run of answers proves: how wrong an agent may still be, by exact binomial bounds."""

from __future__ import annotations

from math import exp, lgamma, log, log1p

ERROR, SURE = 0.05, 0.95
"""An agent is trusted again when its error is under the first, with the second as certainty."""


def at_most(wrong: int, answers: int, share: float) -> float:
    """The chance of so few wrong answers, or fewer, where each is wrong with this share (binomial)."""
    if wrong >= answers or share <= 0:
        return 1.0
    if share >= 1:
        return 0.0
    total = lgamma(answers + 1)
    return min(
        1.0,
        sum(
            exp(
                total
                - lgamma(k + 1)
                - lgamma(answers - k + 1)
                + k * log(share)
                + (answers - k) * log1p(-share)
            )
            for k in range(wrong + 1)
        ),
    )


def proves(answers: int, wrong: int, *, error: float = ERROR, sure: float = SURE) -> bool:
    """Do these answers show that an agent is wrong less often than this: is its Clopper-Pearson upper bound
    under it? 59 agreements in a row show less than 5 %, 299 less than 1 %."""
    return answers > 0 and at_most(wrong, answers, error) <= 1 - sure


def missing(answers: int, wrong: int, *, error: float = ERROR, sure: float = SURE) -> int:
    """How many more agreements in a row it takes until that is shown."""
    more = 0
    while not proves(answers + more, wrong, error=error, sure=sure):
        more += 1
    return more


def upper_bound(wrong: int, cases: int, sure: float = SURE) -> float:
    """The one-sided Clopper-Pearson upper bound of a share: what it is at most, so surely."""
    if cases == 0 or wrong >= cases:
        return 1.0
    low, high = wrong / cases, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if at_most(wrong, cases, middle) > 1 - sure:
            low = middle
        else:
            high = middle
    return high


def lower_bound(right: int, cases: int, sure: float = SURE) -> float:
    """The one-sided Clopper-Pearson lower bound of a share."""
    return 1 - upper_bound(cases - right, cases, sure) if cases else 0.0
