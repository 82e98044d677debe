"""Service levels for the page: each department's two levels with their windows, what is open how long, and
what was noticed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from audit import clock

from ..models import ServiceAlert
from ..monitoring import burn
from ..services.behaviour import service_levels
from ..services.behaviour.service_levels import Level

AGES = (
    (timedelta(hours=4), "under 4 hours"),
    (timedelta(hours=24), "to a day"),
    (timedelta(days=3), "to 3 days"),
    (timedelta(days=3650), "older"),
)
SHOWN = 50
WINDOWS = tuple((service_levels.span_words(t.long), t.rate) for t in burn.THRESHOLDS)

OPEN = """
SELECT queue, width_bucket(extract(epoch FROM %s - opened_at), %s::float[]), count(*),
       count(*) FILTER (WHERE due_at < %s)
  FROM reviews_openquestion GROUP BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """One level with what is said of it."""

    level: Level

    @property
    def over(self) -> bool:
        """Is the budget of the longest window used up too fast, by enough cases to tell?"""
        longest = self.level.windows[-1]
        return longest.rate >= burn.THRESHOLDS[-1].rate and longest.count.late >= burn.LEAST_LATE

    @property
    def late(self) -> int:
        """The most late cases of a window that uses up more than its share; 0 where none does."""
        fast = (w for w in self.level.windows if w.rate >= burn.THRESHOLDS[-1].rate)
        return max((w.count.late for w in fast), default=0)

    @property
    def few(self) -> bool:
        """Does more than its share rest on too few late cases to tell?"""
        return 0 < self.late < burn.LEAST_LATE

    @property
    def words(self) -> str:
        """What is said where nothing is told of it: also why, where a window uses up more than its share."""
        if not self.late:
            return "within its budget"
        if self.few:
            return f"{self.late} late, too few to tell"
        span, short = self.level.windows[-1].words, service_levels.span_words(burn.THRESHOLDS[-1].short)
        if self.over:
            return f"over its budget in {span}, not in the last {short}"
        return f"within its budget over {span}"


@dataclass(frozen=True, slots=True)
class Ageing:
    """Open questions of one queue: how many are how old, and how many of all are overdue."""

    queue: str
    counts: Sequence[int]
    overdue: int

    @property
    def by_age(self) -> list[tuple[str, int]]:
        """Each age in words, with how many are so old."""
        return [(words, count) for (_, words), count in zip(AGES, self.counts, strict=True)]

    @property
    def total(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class ServiceLevels:
    """The whole page."""

    levels: Sequence[Shown]
    ageing: Sequence[Ageing]
    alerts: Sequence[ServiceAlert]
    at: datetime


def load_service_levels(now: datetime | None = None) -> ServiceLevels:
    """Levels, ageing and alerts as they stand; alerts that stand first, then the newest."""
    now = now or clock.now()
    alerts = list(ServiceAlert.objects.filter(closed_at=None).order_by("-opened_at"))
    alerts += ServiceAlert.objects.exclude(closed_at=None).order_by("-opened_at")[: SHOWN - len(alerts)]
    levels = [Shown(level) for level in service_levels.levels(now)]
    return ServiceLevels(levels, ageing(now), alerts, now)


def ageing(now: datetime) -> list[Ageing]:
    """Open questions by queue and age."""
    bounds = [0.0, *(most.total_seconds() for most, _ in AGES[:-1])]
    found: dict[str, list[int]] = {}
    overdue: dict[str, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(OPEN, [now, bounds, now])
        for queue, place, count, late in cursor.fetchall():
            found.setdefault(queue, [0] * len(AGES))[max(0, place - 1)] += count
            overdue[queue] = overdue.get(queue, 0) + late
    return [Ageing(queue, counts, overdue[queue]) for queue, counts in sorted(found.items())]
