"""Windows of days, and the counts of measures in them. Days are UTC days, as the monitor counts them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from math import log10, sqrt

from audit import clock

from ...domain.key_figures import Share
from ...models import RateDay
from ...monitoring.alarms import RUN_LENGTH
from ...monitoring.measures import Level

BUSINESS_DAYS = 14
"""So many business days the rates at a glance are over."""
FEW = 20
"""A share of fewer cases is told as so many of so many, and not per 100."""
CRITICAL = RUN_LENGTH[Level.CRITICAL]


@dataclass(frozen=True, slots=True)
class Window:
    """Days from the first to the last, both in it."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def today() -> date:
    """The day that the monitor counts at now."""
    return clock.now().astimezone(UTC).date()


def business_window(last: date, count: int = BUSINESS_DAYS) -> Window:
    """The window that ends on a day and has so many business days in it."""
    first, left = last + timedelta(days=1), count
    while left:
        first -= timedelta(days=1)
        left -= first.weekday() < 5
    return Window(first, last)


def days_window(last: date, days: int) -> Window:
    """So many days of the calendar up to a day."""
    return Window(last - timedelta(days=days - 1), last)


@dataclass(frozen=True, slots=True)
class Tally:
    """One measure over some days: events of cases; `expected` events of the `judged` cases, of which
    `happened` were. `evidence` is where it stood last, by the direction in which it was higher; None while
    nothing is watched."""

    share: Share
    judged: Share
    expected: float
    evidence: float | None
    direction: str

    @property
    def usual(self) -> float | None:
        """The rate that was expected."""
        return self.expected / self.judged.base if self.judged.base else None

    @property
    def few(self) -> bool:
        return self.share.base < FEW

    @property
    def bar(self) -> float:
        return bar_of(self.evidence)


NOTHING = Tally(Share(0, 0), Share(0, 0), 0.0, None, "")


def add_up(rows: Iterable[RateDay]) -> Tally:
    """The rows of one measure in order of their days, as one."""
    found = list(rows)
    last = next((row for row in reversed(found) if row.up is not None), None)
    up, down = (last.up or 0.0, last.down or 0.0) if last else (0.0, 0.0)
    return Tally(
        Share(sum(r.events for r in found), sum(r.cases for r in found)),
        Share(sum(r.happened for r in found), sum(r.judged for r in found)),
        sum(r.expected for r in found),
        max(up, down) if last else None,
        ("up" if up >= down else "down") if last else "",
    )


def bar_of(evidence: float | None) -> float:
    """How far evidence is on its way to critical, on a log scale: from 0 to 1."""
    return 0.0 if not evidence or evidence <= 1 else min(1.0, log10(evidence) / log10(CRITICAL))


def rate_of(row: RateDay) -> float | None:
    return row.events / row.cases if row.cases else None


def usual_of(row: RateDay) -> float | None:
    return row.expected / row.judged if row.judged else None


def limits_of(row: RateDay, between_days: float, sigmas: float = 3) -> tuple[float, float] | None:
    """Laney's p' limits of a day: so many standard deviations around what is expected of just its cases, with
    the variance between days that was learned."""
    if not row.judged:
        return None
    spread = sigmas * sqrt(row.information + between_days * row.information**2)
    low, high = (row.expected - spread) / row.judged, (row.expected + spread) / row.judged
    return max(0.0, low), min(1.0, high)


def rows_of(
    agents: Sequence[str], measures: Sequence[str], window: Window
) -> Mapping[tuple[str, str], list[RateDay]]:
    """The days of each agent and measure, in order."""
    found: dict[tuple[str, str], list[RateDay]] = {}
    for row in RateDay.objects.filter(
        agent__in=agents, measure__in=measures, day__gte=window.first, day__lte=window.last
    ).order_by("day"):
        found.setdefault((row.agent_id, row.measure), []).append(row)
    return found
