"""Made streams of recorded decisions, for `manage.py monitor replay`: business days, month-ends, noise
between days, and a shift of known size where one is asked for.

What an agent proposes depends on what it is given: a document without an order or of a new vendor is
escalated more often. So a shift of the inputs moves the outcomes as well, as it does in life.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import exp, log
from random import Random
from statistics import NormalDist
from typing import Any

NORMAL = NormalDist()
TYPES = (("invoice", 0.86), ("credit_note", 0.09), ("self_billed", 0.05))
BY_WEEKDAY = (1.25, 1.0, 1.0, 0.95, 0.8)
"""Share of the usual volume, Monday to Friday."""


@dataclass(frozen=True)
class Shift:
    """The odds of a measure change by `odds` from business day `day` on (from 0), over `over` days."""

    measure: str
    odds: float
    day: int
    over: int = 0

    def log_odds(self, day: int) -> float:
        if day < self.day:
            return 0.0
        return log(self.odds) * (min(1.0, (day - self.day + 1) / self.over) if self.over else 1.0)


@dataclass(frozen=True)
class Work:
    """What an agent's work is like. Rates are of an ordinary midweek day; `noise` is the standard deviation
    of a day's log odds, `month_end` the odds ratio of what is hard at a month's end. `burst`: from which day
    until which there is how many times the volume. `outliers`: one day in so many has three times the noise.
    """

    per_day: int = 250
    escalate: float = 0.14
    reject: float = 0.05
    overridden: float = 0.08
    missing_po: float = 0.05
    new_vendor: float = 0.04
    slow: float = 0.01
    sampled: float = 0.06
    noise: float = 0.25
    month_end: float = 1.5
    month_end_volume: float = 1.8
    burst: tuple[int, int, float] = (0, 0, 1.0)
    outliers: int = 0
    agent: str = "finance.validation"


def recorded_stream(
    work: Work, seed: int, *, lines: int = 30_000, first: date = date(2026, 1, 5), shift: Shift | None = None
) -> Iterator[dict[str, Any]]:
    """The lines of a stream in order of time, and exactly so many."""
    random = Random(seed)  # noqa: S311 - made data
    written = 0
    for number, day in enumerate(business_days(first)):
        for row in _day(work, random, number, day, shift):
            yield row
            written += 1
            if written == lines:
                return


def business_days(first: date) -> Iterator[date]:
    day = first
    while True:
        if day.weekday() < 5:
            yield day
        day += timedelta(days=1)


def at_month_end(day: date) -> bool:
    """Its last two business days and the first of the next, counted on a calendar sheet."""
    start = day.replace(day=1)
    sheet = [d for i in range(31) if (d := start + timedelta(days=i)).month == day.month and d.weekday() < 5]
    return day in {sheet[0], sheet[-1], sheet[-2]}


def _day(work: Work, random: Random, number: int, day: date, shift: Shift | None) -> Iterator[dict[str, Any]]:
    hard = log(work.month_end) if at_month_end(day) else 0.0
    start, end, times = work.burst
    volume = work.per_day * BY_WEEKDAY[day.weekday()] * (work.month_end_volume if hard else 1.0)
    volume *= (times if start <= number < end else 1.0) * random.gauss(1, 0.1)
    size = max(3, round(volume))
    noise = work.noise * (3 if work.outliers and number % work.outliers == work.outliers - 1 else 1)
    chance = {name: random.gauss(0, noise) for name in MEASURED}
    moved = {shift.measure: shift.log_odds(number)} if shift else {}
    made = _Making(work, random, {n: chance[n] + moved.get(n, 0.0) for n in MEASURED}, hard)
    open_at = datetime(day.year, day.month, day.day, 7, tzinfo=UTC)
    for second in sorted(random.randrange(36_000) for _ in range(size)):
        yield made.decision(open_at + timedelta(seconds=second))


MEASURED = (
    "approve_rate",
    "reject_rate",
    "escalate_rate",
    "override_rate",
    "missing_po_rate",
    "new_vendor_rate",
    "amount_high_share",
    "latency_sla_miss_share",
    "confidence_high_share",
    "confidence_low_share",
)


class _Making:
    """The decisions of one day."""

    def __init__(self, work: Work, random: Random, moved: dict[str, float], hard: float) -> None:
        self.work, self.random, self.moved, self.hard = work, random, moved, hard
        confidence = moved["confidence_high_share"] - moved["confidence_low_share"]
        self.confidence = _tail(0.1, confidence) + hard * -0.1
        self.amount = _tail(0.1, moved["amount_high_share"])
        self.latency = _tail(work.slow, moved["latency_sla_miss_share"] + hard * 0.5)

    def decision(self, at: datetime) -> dict[str, Any]:
        work, random = self.work, self.random
        kind = random.choices(TYPES, [share for _, share in TYPES])[0][0]
        missing = self._happens(work.missing_po, "missing_po_rate", self.hard * 0.5)
        new = self._happens(work.new_vendor, "new_vendor_rate")
        size = random.gauss(self.amount, 1)
        outcome = self._outcome(kind, missing, new, size)
        reviewed, verdict = "no", None
        if outcome == "escalate" or random.random() < work.sampled:
            reviewed = "escalated" if outcome == "escalate" else "sample"
            extra = 0.0 if outcome == "escalate" else -0.7
            verdict = "overridden" if self._happens(work.overridden, "override_rate", extra) else "confirmed"
        sure = random.gauss(self.confidence, 1) - (0.8 if outcome == "escalate" else 0.0)
        return {
            "at": at.isoformat().replace("+00:00", "Z"),
            "agent": work.agent,
            "version": "1",
            "outcome": outcome,
            "confidence": round(1 / (1 + exp(-(2.2 + 0.7 * sure))), 3),
            "amount": f"{exp(6 + 1.2 * size):.2f}",
            "latency_ms": round(
                exp(9.2103 + 1.1 * (random.gauss(self.latency, 1) - NORMAL.inv_cdf(1 - work.slow)))
            ),
            "po_missing": missing,
            "vendor_new": new,
            "doc_type": kind,
            "reviewed": reviewed,
            "verdict": verdict,
        }

    def _happens(self, rate: float, measure: str, extra: float = 0.0) -> bool:
        return self.random.random() < _moved(rate, self.moved[measure] + extra)

    def _outcome(self, kind: str, missing: bool, new: bool, size: float) -> str:
        """A shift of one outcome is taken from the other two in their proportion."""
        harder = self.hard + 2.0 * missing + 1.0 * new + 0.5 * (size > 1.28) + 0.4 * (kind == "credit_note")
        escalate = _moved(self.work.escalate, harder)
        reject = (1 - escalate) * self.work.reject
        shares = {"approve_rate": 1 - escalate - reject, "reject_rate": reject, "escalate_rate": escalate}
        for name in ("approve_rate", "reject_rate", "escalate_rate"):
            if by := self.moved[name]:
                usual = shares[name]
                target = _moved(usual, by)
                rest = (1 - target) / (1 - usual)
                shares = {n: target if n == name else s * rest for n, s in shares.items()}
        draw = self.random.random()
        if draw < shares["approve_rate"]:
            return "approve"
        return "reject" if draw < shares["approve_rate"] + shares["reject_rate"] else "escalate"


def _moved(rate: float, log_odds: float) -> float:
    odds = rate / (1 - rate) * exp(log_odds)
    return odds / (1 + odds)


def _tail(rate: float, log_odds: float) -> float:
    """How far a normal value has to move for the share beyond its quantile to change by these log odds."""
    return NORMAL.inv_cdf(1 - rate) - NORMAL.inv_cdf(1 - _moved(rate, log_odds))
