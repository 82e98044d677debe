"""What the quality review found, stratum by stratum, and how the same number of reviews would be spread best.
Pure.

A stratum is a band of confidence (of the least sure agent) and a band of amounts. Only invoices that go by
themselves unless they are drawn are in one: whatever a rule brings to a person is seen anyway.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from math import sqrt

from ..domain.oversight import exact_interval
from . import calibration
from .thresholds import Case

CONFIDENCE = (0.90, 0.97)
"""Where bands of confidence begin after the first."""
VALUE = (Decimal(1_000), Decimal(5_000))
"""Where bands of amounts begin after the first, in company currency."""
FLOOR = 30
"""So many invoices of each stratum are drawn at least, where the budget allows and there are so many."""
PRIOR = 20
"""So many reviews the error rate of all strata counts for in each."""
SURE = 0.95
PLACES = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class Stratum:
    """What was found in one stratum: invoices `decided`, of these `drawn`, of these `reviewed` (answered),
    of these `wrong`. `confidence` and `value` number the bands."""

    confidence: int
    value: int
    decided: int = 0
    drawn: int = 0
    reviewed: int = 0
    wrong: int = 0

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval (Clopper-Pearson) of the share that is wrong: 0 to 1 where nobody has looked."""
        return exact_interval(self.wrong, self.reviewed) if self.reviewed else (0.0, 1.0)


def band(value: float | Decimal, bounds: Sequence[float] | Sequence[Decimal]) -> int:
    """The number of the band that a value is in."""
    return sum(value >= bound for bound in bounds)


def eligible(cases: Iterable[Case]) -> list[Case]:
    """Those that go by themselves unless they are drawn."""
    return [c for c in cases if c.way in {"automatic", "drawn"}]


def strata(cases: Iterable[Case]) -> list[Stratum]:
    """Every stratum, empty ones too: by confidence, then by amount."""
    found: dict[tuple[int, int], list[Case]] = {}
    for case in eligible(cases):
        found.setdefault((band(case.confidence, CONFIDENCE), band(case.amount, VALUE)), []).append(case)
    return [
        _stratum(c, v, found.get((c, v), []))
        for c in range(len(CONFIDENCE) + 1)
        for v in range(len(VALUE) + 1)
    ]


def _stratum(confidence: int, value: int, cases: Sequence[Case]) -> Stratum:
    drawn = [c for c in cases if c.way == "drawn"]
    answered = [c for c in drawn if c.right is not None]
    wrong = sum(not c.right for c in answered)
    return Stratum(confidence, value, len(cases), len(drawn), len(answered), wrong)


def money_limit(cases: Iterable[Case], sure: float = SURE) -> Decimal:
    """So much money at most went wrongly, this surely: of the invoices that nobody looked at.

    In each band of amounts at most so many of them are wrong as the reviews of the band allow, and they are
    taken to be its largest; the bands share the uncertainty (Bonferroni). A band in which nothing was
    reviewed counts whole.
    """
    bands: dict[int, list[Case]] = {}
    for case in eligible(cases):
        bands.setdefault(band(case.amount, VALUE), []).append(case)
    unseen = {n: [c.amount for c in found if c.way == "automatic"] for n, found in bands.items()}
    each = 1 - (1 - sure) / max(1, sum(bool(amounts) for amounts in unseen.values()))
    total = Decimal(0)
    for n, amounts in unseen.items():
        _, high = calibration.bounds([x for c in bands[n] if (x := c.label) is not None], each)
        most = int(high * len(amounts) + 1e-9)
        total += sum(sorted(amounts, reverse=True)[:most], Decimal(0))
    return total


def spread(found: Sequence[Stratum], budget: int, floor: int = FLOOR) -> list[Decimal]:
    """The rate of each stratum that spreads `budget` reviews best over as many invoices as were decided
    (Neyman): in proportion to how many there are and how much is uncertain of each, after so many of each
    as the floor says, or an equal part of the budget where that is less. Rates are 0 to 1 to three places,
    cut off; they are never for more reviews than the budget."""
    sizes = [s.decided for s in found]
    filled = sum(size > 0 for size in sizes)
    if not filled or budget <= 0:
        return [Decimal(0) for _ in found]
    least = min(floor, budget / filled)
    shares = [min(float(size), least) for size in sizes]
    errors = _errors(found)
    weights = [size * sqrt(p * (1 - p)) for size, p in zip(sizes, errors, strict=True)]
    left = budget - sum(shares)
    while left > 1e-9:
        room = [n for n, size in enumerate(sizes) if size - shares[n] > 1e-9]
        whole = sum(weights[n] for n in room)
        if not room or not whole:
            break
        for n in room:
            shares[n] = min(float(sizes[n]), shares[n] + left * weights[n] / whole)
        left = budget - sum(shares)
    return [_rate(share, size) for share, size in zip(shares, sizes, strict=True)]


def _errors(found: Sequence[Stratum]) -> list[float]:
    """The error rate of each stratum, drawn to that of all by PRIOR reviews; never nought."""
    reviewed, wrong = sum(s.reviewed for s in found), sum(s.wrong for s in found)
    of_all = (wrong + 0.5) / (reviewed + 1)
    return [(s.wrong + PRIOR * of_all) / (s.reviewed + PRIOR) for s in found]


def _rate(share: float, size: int) -> Decimal:
    return Decimal(share / size).quantize(PLACES, ROUND_DOWN) if size else Decimal(0)
