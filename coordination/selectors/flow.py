"""From received to paid: how many passed each stage, how many stand there now, and since when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Avg, Count, DateTimeField, DurationField, ExpressionWrapper, F, Min, Q, Sum
from django.db.models.functions import Coalesce

from audit import clock
from reviews.kinds import uncounted
from reviews.models import OpenQuestion
from reviews.queues import is_reserved, titles

from ..display.ribbons import curve
from .figures import ENDED, STAGES, Cell, cells, policy_in_force

WIDTH, HEIGHT = 1120, 132
PERIODS = {"7": 7, "30": 30, "90": 90}


@dataclass(frozen=True, slots=True)
class Stand:
    """Part of what stands at a stage: whose move it is."""

    icon: str
    words: str
    count: int
    lane: str


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: how many reached it, and what stands there now."""

    name: str
    state: str
    x: float
    reached: int
    worth: Decimal
    here: int
    here_worth: Decimal
    since: datetime | None
    stands: Sequence[Stand]

    @property
    def reached_by(self) -> str:
        """What the list of invoices is narrowed to by state, so that it has those that reached it: of the
        first all, of the last those that stand there."""
        if self.state == STAGES[0]:
            return ""
        return self.state if self.state == STAGES[-1] else f"{self.state}-on"


@dataclass(frozen=True, slots=True)
class Department:
    """One queue of people: open questions against its time."""

    key: str
    title: str
    open: int
    worth: Decimal
    oldest: datetime | None
    average: timedelta | None
    overdue: int
    soon: int
    sla_hours: int


@dataclass(frozen=True, slots=True)
class Flow:
    total: int
    stages: Sequence[Stage]
    ended: int
    departments: Sequence[Department]
    automatic_path: str
    person_path: str
    ended_path: str


LANES = {
    "escalated": ("tray", "escalated"),
    "waiting": ("truck", "wait for a receipt"),
    "open": ("turn", "being decided"),
    "auto": ("agent", "automatic"),
    "human": ("person", "decided by a person"),
}


def flow(days: int, hidden: Sequence[str]) -> Flow:
    """The band, the stages and the departments; of these without questions of `hidden` kinds."""
    return drawn(cells(days), departments(hidden))


def drawn(grid: Sequence[Cell], asked: Sequence[Department]) -> Flow:
    """The band and the stages of invoices that were counted so, with what is asked by department."""
    total = sum(c.count for c in grid)
    stages = [_stage(i, grid) for i in range(len(STAGES))]
    shares = [_shares(i, grid, total) for i in range(len(STAGES))]
    return Flow(
        total=total,
        stages=stages,
        ended=sum(c.count for c in grid if c.state in ENDED),
        departments=asked,
        automatic_path=_band([(0.0, s[0]) for s in shares]),
        person_path=_band([(s[0], s[0] + s[1]) for s in shares]),
        ended_path=_band([(s[0] + s[1], 1.0) for s in shares]),
    )


def _reached(index: int) -> Callable[[Cell], bool]:
    later = set(STAGES[index:])
    return lambda c: c.state in later or (index == 0 and c.state in ENDED)


def _stage(index: int, grid: Sequence[Cell]) -> Stage:
    name = STAGES[index]
    reached = [c for c in grid if _reached(index)(c)]
    here = [c for c in grid if c.state == name]
    stands = [
        Stand(*LANES[lane], count, lane)
        for lane in LANES
        if (count := sum(c.count for c in here if c.lane == lane))
    ]
    return Stage(
        name=name.capitalize(),
        state=name,
        x=round(index * WIDTH / len(STAGES), 1),
        reached=sum(c.count for c in reached),
        worth=sum((c.worth for c in reached), Decimal(0)),
        here=sum(c.count for c in here),
        here_worth=sum((c.worth for c in here), Decimal(0)),
        since=min((c.since for c in here if c.since), default=None),
        stands=stands,
    )


def _shares(index: int, grid: Sequence[Cell], total: int) -> tuple[float, float]:
    """Shares of all invoices that reached a stage without a person, and with one."""
    reached = [c for c in grid if _reached(index)(c) and c.state not in ENDED]
    people = sum(c.count for c in reached if c.lane == "human")
    everyone = sum(c.count for c in reached)
    return ((everyone - people) / total, people / total) if total else (0.0, 0.0)


def _band(edges: Sequence[tuple[float, float]]) -> str:
    """An SVG path between an upper and a lower edge, smooth from stage to stage and flat after the last."""
    step = WIDTH / len(edges)
    points = [(i * step, top * HEIGHT, bottom * HEIGHT) for i, (top, bottom) in enumerate(edges)]
    points.append((WIDTH, points[-1][1], points[-1][2]))
    upper = curve([(x, top) for x, top, _ in points])
    lower = curve([(x, bottom) for x, _, bottom in reversed(points)])
    return f"M{upper} L{lower} Z"


def departments(hidden: Sequence[str]) -> list[Department]:
    """Open questions by queue, their age and how they stand against their SLA; a reserved queue while
    something stands in it. Questions of `hidden` kinds do not count."""
    now = clock.now()
    half_of_all = ExpressionWrapper(F("due_at") - (F("due_at") - F("opened_at")) * 0.5, DateTimeField())
    rows = (
        OpenQuestion.objects.exclude(kind__in=hidden)
        .annotate(half=Coalesce(F("question__warn_at"), half_of_all))
        .values("queue")
        .annotate(
            n=Count("pk"),
            worth=Sum("amount_company", filter=~Q(kind__in=uncounted())),
            oldest=Min("opened_at"),
            average=Avg(now - F("opened_at"), output_field=DurationField()),
            overdue=Count("pk", filter=Q(due_at__lt=now)),
            soon=Count("pk", filter=Q(due_at__gte=now, half__lt=now)),
        )
        .order_by()
    )
    counted: dict[str, dict[str, Any]] = {row["queue"]: dict(row) for row in rows}
    policy = policy_in_force()
    return [
        _department(key, title, counted.get(key, {}), policy.sla(key) if policy else 0)
        for key, title in titles()
        if key in counted or not is_reserved(key)
    ]


def _department(key: str, title: str, row: dict[str, Any], sla_hours: int) -> Department:
    return Department(
        key=key,
        title=title,
        open=row.get("n", 0),
        worth=row.get("worth") or Decimal(0),
        oldest=row.get("oldest"),
        average=row.get("average"),
        overdue=row.get("overdue", 0),
        soon=row.get("soon", 0),
        sla_hours=sla_hours,
    )
