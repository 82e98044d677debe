"""How far two raters agree beyond chance: Cohen's kappa with its large-sample interval. Pure.

Kappa: J. Cohen, 1960. Its standard error: J. L. Fleiss, J. Cohen, B. S. Everitt, *Large sample standard
errors of kappa and weighted kappa*, Psychological Bulletin 72, 1969.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from ..domain.key_figures import Z95


@dataclass(frozen=True, slots=True)
class Kappa:
    """`value` from -1 to 1: 1 is full agreement, 0 what chance alone would give. `error` is its standard
    error."""

    value: float
    error: float

    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval; None where the cases say nothing of it: all of them agree, none does, or one of
        the raters always said the same, which makes kappa 0 whatever the other says."""
        if self.error == 0:
            return None
        half = Z95 * self.error
        return max(-1.0, self.value - half), min(1.0, self.value + half)


def kappa(table: Sequence[Sequence[int]]) -> Kappa | None:
    """Of a square table of counts: rows are the first rater's categories, columns the second's, in the same
    order. None where it is not defined: no case, or both raters used one and the same category only."""
    n = sum(map(sum, table))
    if not n:
        return None
    size = range(len(table))
    p = [[cell / n for cell in row] for row in table]
    rows = [sum(p[i]) for i in size]
    columns = [sum(p[i][j] for i in size) for j in size]
    expected = sum(rows[i] * columns[i] for i in size)
    if any(sum(table[i]) == n and table[i][i] == n for i in size):
        return None
    value = (sum(p[i][i] for i in size) - expected) / (1 - expected)
    alike = sum(p[i][i] * (1 - (rows[i] + columns[i]) * (1 - value)) ** 2 for i in size)
    apart = sum(p[i][j] * (columns[i] + rows[j]) ** 2 for i in size for j in size if i != j)
    spread = alike + (1 - value) ** 2 * apart - (value - expected * (1 - value)) ** 2
    agree = sum(table[i][i] for i in size)
    constant = n in [sum(row) for row in table] or n in [sum(row[j] for row in table) for j in size]
    error = 0.0 if constant or agree in (0, n) else sqrt(max(0.0, spread) / n) / (1 - expected)
    return Kappa(value, error)
