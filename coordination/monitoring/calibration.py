"""From people's answers to confidence, and what a confidence threshold would cost.

Confidence is the lower 90 % bound of the share that people confirm, starting from a prior: PRIOR_WEIGHT
answers, so distributed that without any real answer the bound is what the agent states.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from math import erfc, sqrt

from audit.sampling import upper_error_rate

from ..domain.calibration import Pattern, Row
from ..domain.key_figures import wilson
from ..domain.oversight import at_least
from . import beta

PRIOR_WEIGHT = 50
"""So many answers the stated confidence counts for."""
UNSURE = 0.10
"""The chance that the true share is under the confidence that is said."""
PLACES = Decimal("0.001")
BANDS = 8
"""Bands of a reliability diagram, at most; each of the same number of answers."""
LEAST_IN_BAND = 20


@lru_cache(maxsize=256)
def prior(stated: float) -> float:
    """How many of PRIOR_WEIGHT answers the prior takes for confirmed."""
    low, high = 0.0, float(PRIOR_WEIGHT)
    for _ in range(60):
        middle = (low + high) / 2
        if beta.quantile(UNSURE, max(middle, 1e-9), max(PRIOR_WEIGHT - middle, 1e-9)) < stated:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def measured(stated: Decimal, answers: int, confirmed: int) -> Decimal:
    """The confidence after these answers, to three places; never quite sure."""
    right = prior(float(stated)) + confirmed
    wrong = PRIOR_WEIGHT - prior(float(stated)) + answers - confirmed
    found = Decimal(beta.quantile(UNSURE, right, max(wrong, 1e-9)))
    return min(Decimal("0.999"), found.quantize(PLACES, ROUND_HALF_UP))


def row(pattern: Pattern, stated: Decimal, verdicts: Sequence[bool]) -> Row:
    """The row of a pattern: whether each answer confirmed it."""
    confirmed = sum(verdicts)
    return Row(pattern, len(verdicts), confirmed, stated, measured(stated, len(verdicts), confirmed))


# --- is it true what they say -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Label:
    """One answer of which it is known whether it was right. `weight`: how many decisions it stands for, one
    over the chance with which it was drawn. `amount` in company currency."""

    confidence: float
    right: bool
    weight: float = 1.0
    amount: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Band:
    """Answers of about the same confidence: its mean, and the share that was right with its 95 % interval."""

    confidence: float
    right: float
    low: float
    high: float
    answers: int


def reliability(labels: Iterable[Label]) -> list[Band]:
    """Bands of equal count, by rising confidence; none where there are too few answers for one."""
    known = sorted(labels, key=lambda label: label.confidence)
    count = min(BANDS, len(known) // LEAST_IN_BAND)
    bands = []
    for n in range(count):
        part = known[n * len(known) // count : (n + 1) * len(known) // count]
        share = sum(label.right for label in part) / len(part)
        low, high = wilson(share, len(part))
        bands.append(Band(sum(x.confidence for x in part) / len(part), share, low, high, len(part)))
    return bands


def calibration_test(labels: Sequence[Label]) -> float | None:
    """How likely answers are so far from what was said of them by chance, where what is said is true:
    Spiegelhalter's test, two-sided. None where nothing was left to chance."""
    spread = sum((1 - 2 * x.confidence) ** 2 * x.confidence * (1 - x.confidence) for x in labels)
    if spread <= 0:
        return None
    off = sum((x.right - x.confidence) * (1 - 2 * x.confidence) for x in labels)
    return erfc(abs(off) / sqrt(spread) / sqrt(2))


# --- what a threshold would cost ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Proposed:
    """An answer that a threshold may let through or not."""

    confidence: float
    amount: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a threshold would do. `automatic`: share of the answers at or over it. `wrong`: share of those
    that would be wrong, with 95 % bounds; None without labels. `labels`: how many it rests on, `effective`:
    for how many equally weighted ones they count; `at_risk`: the amount of wrong automatic answers in all."""

    threshold: float
    automatic: float
    wrong: float | None
    low: float
    high: float
    labels: int
    effective: float
    at_risk: Decimal


def outlook(threshold: float, proposed: Sequence[Proposed], labels: Sequence[Label]) -> Outlook:
    """The outlook at one threshold: labels of answers at or over it, each by its weight; bounds are
    Clopper-Pearson's at the effective sample size (Kish)."""
    over = [p for p in proposed if p.confidence >= threshold]
    share = len(over) / len(proposed) if proposed else 0.0
    known = [x for x in labels if x.confidence >= threshold]
    weight = sum(x.weight for x in known)
    if not known or not weight:
        return Outlook(threshold, share, None, 0.0, 1.0, 0, 0.0, Decimal(0))
    wrong = sum(x.weight for x in known if not x.right) / weight
    effective = weight**2 / sum(x.weight**2 for x in known)
    low, high = bounds(known, 0.975)
    amount = sum((p.amount for p in over), Decimal(0))
    at_risk = (amount * Decimal(wrong)).quantize(Decimal("0.01"))
    return Outlook(threshold, share, wrong, low, high, len(known), effective, at_risk)


def bounds(labels: Sequence[Label], sure: float) -> tuple[float, float]:
    """The lower and the upper bound of the share that is wrong, each so surely: Clopper-Pearson's at the
    effective sample size (Kish); 0 and 1 without labels."""
    weight = sum(x.weight for x in labels)
    if not weight:
        return 0.0, 1.0
    cases = max(1, round(weight**2 / sum(x.weight**2 for x in labels)))
    errors = min(cases, round(sum(x.weight for x in labels if not x.right) / weight * cases))
    return at_least(errors, cases, sure), upper_error_rate(errors, cases, sure)


def curve(
    proposed: Sequence[Proposed], labels: Sequence[Label], thresholds: Sequence[float]
) -> list[Outlook]:
    """The risk-coverage curve: the outlook at each of these thresholds."""
    return [outlook(t, proposed, labels) for t in thresholds]


def safe_threshold(outlooks: Iterable[Outlook], target: float) -> Outlook | None:
    """The least strict threshold whose upper bound of wrong answers meets the target; None: no one does."""
    fitting = [o for o in outlooks if o.wrong is not None and o.high <= target]
    return min(fitting, key=lambda o: o.threshold, default=None)
