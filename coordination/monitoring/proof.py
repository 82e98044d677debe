"""What a run of answers proves: how wrong an agent may still be, by exact binomial bounds."""

from __future__ import annotations

from audit.sampling import chance_of_at_most

ERROR, SURE = 0.05, 0.95
"""An agent is trusted again when its error is under the first, with the second as certainty."""


def proves(answers: int, wrong: int, *, error: float = ERROR, sure: float = SURE) -> bool:
    """Do these answers show that an agent is wrong less often than this: is its Clopper-Pearson upper bound
    under it? 59 agreements in a row show less than 5 %, 299 less than 1 %."""
    return answers > 0 and chance_of_at_most(wrong, answers, error) <= 1 - sure


def missing(answers: int, wrong: int, *, error: float = ERROR, sure: float = SURE) -> int:
    """How many more agreements in a row it takes until that is shown."""
    more = 0
    while not proves(answers + more, wrong, error=error, sure=sure):
        more += 1
    return more
