"""Can known-answer cases be told from real ones by what a page shows? A logistic regression tries.

It is trained on one half of the cases and asked about the other, and the other way round, so that it can only
use what holds in general. The area under its curve (AUC) is the chance that it gives a known-answer case more
than a real one: 0.5 is guessing, 1 is certainty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp, sqrt

ROUNDS, STEP, RIDGE = 300, 0.5, 0.1
"""So many steps of gradient descent, of this size, with this weight against large coefficients."""

Features = Mapping[str, float]


def auc(scores: Sequence[float], known: Sequence[bool]) -> float:
    """The chance that a known case scores higher than another one; equal scores count half. 0.5 where one of
    the two is missing."""
    order = sorted(range(len(scores)), key=lambda i: scores[i])
    ranks = [0.0] * len(scores)
    at = 0
    while at < len(order):
        end = at
        while end + 1 < len(order) and scores[order[end + 1]] == scores[order[at]]:
            end += 1
        for i in range(at, end + 1):
            ranks[order[i]] = (at + end) / 2 + 1
        at = end + 1
    ours = sum(known)
    others = len(known) - ours
    if not ours or not others:
        return 0.5
    of_ours = sum(rank for rank, is_ours in zip(ranks, known, strict=True) if is_ours)
    return (of_ours - ours * (ours + 1) / 2) / (ours * others)


def told_apart(cases: Sequence[Features], known: Sequence[bool], folds: int = 2) -> float:
    """The AUC of a logistic regression on cases that it was not trained on. Every `folds`-th case of each
    sort, in the order given, is held back in turn."""
    scores = [0.0] * len(cases)
    place, seen = [], {True: 0, False: 0}
    for one in known:
        place.append(seen[one] % folds)
        seen[one] += 1
    parts: list[float] = []
    for fold in range(folds):
        train = [i for i, where in enumerate(place) if where != fold]
        held = [i for i, where in enumerate(place) if where == fold]
        model = _Model.fitted([cases[i] for i in train], [known[i] for i in train])
        for i in held:
            scores[i] = model.score(cases[i])
        parts.append(auc([scores[i] for i in held], [known[i] for i in held]))
    return sum(parts) / len(parts)


class _Model:
    """A logistic regression on standardised features, both sorts of cases weighing the same."""

    def __init__(self, names: Sequence[str], centre: Features, spread: Features) -> None:
        self.names, self.centre, self.spread = names, centre, spread
        self.weights = [0.0] * len(names)
        self.base = 0.0

    @classmethod
    def fitted(cls, cases: Sequence[Features], known: Sequence[bool]) -> _Model:
        names = sorted({name for case in cases for name in case})
        count = max(1, len(cases))
        centre = {n: sum(c.get(n, 0.0) for c in cases) / count for n in names}
        spread = {n: sqrt(sum((c.get(n, 0.0) - centre[n]) ** 2 for c in cases) / count) for n in names}
        model = cls([n for n in names if spread[n] > 0], centre, spread)
        model._descend([model._row(c) for c in cases], known)
        return model

    def _row(self, case: Features) -> list[float]:
        return [(case.get(n, 0.0) - self.centre[n]) / self.spread[n] for n in self.names]

    def _descend(self, rows: Sequence[Sequence[float]], known: Sequence[bool]) -> None:
        ours = max(1, sum(known))
        share = {True: 0.5 / ours, False: 0.5 / max(1, len(known) - ours)}
        for _ in range(ROUNDS):
            errors = [
                (_sigmoid(self._line(row)) - is_ours) * share[is_ours]
                for row, is_ours in zip(rows, known, strict=True)
            ]
            self.base -= STEP * sum(errors)
            for j in range(len(self.names)):
                slope = sum(e * row[j] for e, row in zip(errors, rows, strict=True))
                self.weights[j] -= STEP * (slope + RIDGE * self.weights[j])

    def _line(self, row: Sequence[float]) -> float:
        return self.base + sum(w * x for w, x in zip(self.weights, row, strict=True))

    def score(self, case: Features) -> float:
        """The more, the more it looks like a known-answer case."""
        return self._line(self._row(case))


def _sigmoid(x: float) -> float:
    return 1 / (1 + exp(-x)) if x >= 0 else exp(x) / (1 + exp(x))
