"""The control chart of one measure of one agent, and below it the evidence of a change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Min

from ...models import Agent, DayCell, Incident, PolicyVersion, RateDay
from ...monitoring.alarms import RUN_LENGTH
from ...monitoring.baselines import Baseline
from ...monitoring.contexts import is_month_end
from ...monitoring.measures import Level
from . import days
from .days import Window, limits_of, rate_of, usual_of
from .words import WORDS

PERIODS = (30, 63, 90, 180, 365)
DEFAULT_PERIOD = 90
SMOOTHING = 0.2
"""Weight of the newest day in the exponentially weighted mean."""
BEFORE = timedelta(days=30)
"""A version is new in a window where the days just before it had none of it."""


@dataclass(frozen=True, slots=True)
class Point:
    """One day. Rates are shares of one; `low` and `high` are Laney's limits for the cases of just this day;
    `mean` is the weighted mean up to it, `up` and `down` where the evidence stood at its end."""

    day: date
    events: int
    cases: int
    rate: float
    usual: float | None
    low: float | None
    high: float | None
    mean: float
    up: float | None
    down: float | None

    @property
    def outside(self) -> bool:
        """Is the rate outside of the limits of its day?"""
        return self.low is not None and self.high is not None and not self.low <= self.rate <= self.high

    @property
    def evidence(self) -> float | None:
        return None if self.up is None else max(self.up, self.down or 0.0)


@dataclass(frozen=True, slots=True)
class Band:
    """Days of a closed incident, or since the onset of an open one (`cause` empty)."""

    number: int
    first: date
    last: date
    cause: str
    words: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A day on which something else changed: a version of the agent, or of the policy."""

    day: date
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """`onset`: the first day of the change that an open alarm of this measure tells of. `learns`: nothing is
    judged of it yet; `unwatched`: too few cases were learned of it, so that it is not counted."""

    agent: str
    measure: str
    window: Window
    points: Sequence[Point]
    bands: Sequence[Band]
    versions: Sequence[Mark]
    policies: Sequence[Mark]
    onset: date | None
    learns: bool
    unwatched: bool

    @property
    def newest_first(self) -> Iterator[Point]:
        return reversed(self.points)


def chart(
    agent: Agent, measure: str, window: Window, baseline: Baseline | None, *, learns: bool = False
) -> Chart:
    """Everything that is drawn of one measure over a window."""
    rows = days.rows_of([agent.name], [measure], window).get((agent.name, measure), [])
    rate = baseline.rates.get(measure) if baseline else None
    bands = list(_bands(agent.name, measure, window))
    return Chart(
        agent.name,
        measure,
        window,
        list(_points(rows, rate.between_days if rate else 0.0)),
        bands,
        _versions(agent.name, window),
        _policies(window),
        next((b.first for b in bands if not b.cause), None),
        learns or baseline is None,
        baseline is not None and rate is None and not learns,
    )


def _points(rows: Sequence[RateDay], between_days: float) -> Iterator[Point]:
    mean: float | None = None
    for row in rows:
        rate = rate_of(row)
        if rate is None:
            continue
        mean = rate if mean is None else SMOOTHING * rate + (1 - SMOOTHING) * mean
        low, high = limits_of(row, between_days) or (None, None)
        yield Point(row.day, row.events, row.cases, rate, usual_of(row), low, high, mean, row.up, row.down)


def _bands(agent: str, measure: str, window: Window) -> Iterator[Band]:
    found = Incident.objects.filter(agent=agent, onset__lte=window.last, alarms__measure=measure)
    for row in found.exclude(closed_at__lt=_begin(window)).distinct().order_by("onset"):
        last = row.closed_at.astimezone(UTC).date() if row.closed_at else window.last
        words = f"incident {row.number}"
        if row.cause:
            words += f": {Incident.Cause(row.cause).label.lower()}"
        onset = row.onset
        if not row.cause:
            alarms = row.alarms.filter(measure=measure).values_list("onset", flat=True)
            onset = min(alarms, default=onset)
        yield Band(row.number, onset, last, row.cause, words)


def _begin(window: Window) -> datetime:
    return datetime.combine(window.first, time.min, UTC)


def _versions(agent: str, window: Window) -> list[Mark]:
    """The first days of versions that began in the window."""
    found = (
        DayCell.objects.filter(agent=agent, day__gte=window.first - BEFORE, day__lte=window.last)
        .values_list("version")
        .annotate(first=Min("day"))
        .order_by("first")
    )
    known = list(found)
    return [Mark(day, f"v{version}") for version, day in known[1:] if day >= window.first]


def _policies(window: Window) -> list[Mark]:
    """The days on which a version of the policy came into force."""
    end = datetime.combine(window.last + timedelta(days=1), time.min, UTC)
    found = PolicyVersion.objects.filter(activated_at__gte=_begin(window), activated_at__lt=end)
    return [
        Mark(row.activated_at.astimezone(UTC).date(), f"policy v{row.revision}")
        for row in found.order_by("activated_at")
        if row.activated_at and row.revision > 1
    ]


def as_json(found: Chart, since: date | None = None) -> dict[str, Any]:
    """The chart for the page's script: rates per 100, evidence never under 1, so that a log scale can show
    it. With `since` only the days from there on, and what else can have changed."""
    points = [p for p in found.points if since is None or p.day >= since]
    return {
        "measure": found.measure,
        "title": WORDS[found.measure].title,
        "warning": RUN_LENGTH[Level.WARNING],
        "critical": RUN_LENGTH[Level.CRITICAL],
        "since": since.isoformat() if since else None,
        "points": [_point(p) for p in points],
        "bands": [
            {"first": b.first.isoformat(), "last": b.last.isoformat(), "text": b.words, "open": not b.cause}
            for b in found.bands
        ],
        "versions": [{"day": m.day.isoformat(), "text": m.text} for m in found.versions],
        "policies": [{"day": m.day.isoformat(), "text": m.text} for m in found.policies],
        "onset": found.onset.isoformat() if found.onset else None,
    }


def _point(p: Point) -> Mapping[str, Any]:
    return {
        "day": p.day.isoformat(),
        "events": p.events,
        "cases": p.cases,
        "rate": _hundredth(p.rate),
        "usual": _hundredth(p.usual),
        "low": _hundredth(p.low),
        "high": _hundredth(p.high),
        "mean": _hundredth(p.mean),
        "outside": p.outside,
        "monthEnd": is_month_end(p.day, settings.COUNTERSIGN_COMPANY["country"]),
        "evidence": None if p.evidence is None else round(max(1.0, p.evidence), 2),
        "way": "" if p.evidence is None else "up" if (p.up or 0) >= (p.down or 0) else "down",
    }


def _hundredth(value: float | None) -> float | None:
    return None if value is None else round(100 * value, 2)
