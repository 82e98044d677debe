"""An exact Bernoulli CUSUM to hold detectors against: its mean run length by a Markov chain.

The sum goes up by `up` on an event and down by one otherwise, never below zero, and alarms at `limit`
(Reynolds and Stoumbos, 1999).
"""

from __future__ import annotations

from math import log


def steps_up(usual: float, changed: float) -> int:
    """How much an event counts for where anything else counts for minus one, for this change."""
    against = -log((1 - changed) / (1 - usual))
    for_it = log(changed * (1 - usual) / (usual * (1 - changed)))
    return round(for_it / against) - 1


def mean_run_length(rate: float, up: int, limit: int) -> float:
    """Expected number of decisions from zero to the alarm, exactly: solves (I - P) x = 1."""
    rows = [[0.0] * limit + [1.0] for _ in range(limit)]
    for state in range(limit):
        rows[state][state] += 1
        rows[state][max(0, state - 1)] -= 1 - rate
        if state + up < limit:
            rows[state][state + up] -= rate
    for i in range(limit):
        pivot = max(range(i, limit), key=lambda r: abs(rows[r][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for r in range(i + 1, limit):
            if factor := rows[r][i] / rows[i][i]:
                rows[r] = [a - factor * b for a, b in zip(rows[r], rows[i], strict=True)]
    found = [0.0] * limit
    for i in reversed(range(limit)):
        found[i] = (rows[i][-1] - sum(rows[i][j] * found[j] for j in range(i + 1, limit))) / rows[i][i]
    return found[0]


def limit_for(run_length: float, rate: float, up: int) -> int:
    """The lowest limit that keeps the mean run length under control."""
    limit = up + 1
    while mean_run_length(rate, up, limit) < run_length:
        limit += 1
    return limit
