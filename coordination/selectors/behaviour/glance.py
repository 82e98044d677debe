"""Agents at a glance: each agent against each measure, with the evidence of a change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import ceil

from django.db import connection
from django.db.models import Count, Q

from reviews.selectors import Person, people

from ...decisions import stopped
from ...models import Alarm, Incident, RateDay, Task
from ...monitoring.alarms import RUN_LENGTH
from ...monitoring.measures import Category, Level
from . import days
from .days import NOTHING, Tally, Window, add_up, rate_of, usual_of
from .status import STATUSES, AgentStatus, OpenBreaker, agent_statuses, open_breaker, word_of
from .words import NAMES, WORDS, Words

WIDTH, HEIGHT = 52, 12
"""Of a sparkline, in units of its drawing."""
WEEK = 7


@dataclass(frozen=True, slots=True)
class Cell:
    """One measure of one agent. `word` is that of its open alarm, `line` and `usual` are paths of daily rates
    and of what was expected of them, `dot` is where the line ends."""

    measure: str
    words: Words
    tally: Tally
    word: str
    line: str
    usual: str
    dot: tuple[float, float] | None
    learns: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One agent. `held_up`: invoices that wait for it while it is stopped."""

    standing: AgentStatus
    decisions: int
    queue: int
    held_up: int
    stopped_by: Person | None
    cells: Sequence[Cell]

    @property
    def evidence(self) -> float:
        return max((c.tally.evidence or 0.0 for c in self.cells), default=0.0)


@dataclass(frozen=True, slots=True)
class Budget:
    """False alarms of a week: so many warnings come by chance at most, on average, and so many came.
    `ended_false` of them were closed as false alarms so far. `causes`: what moved the inputs of several
    agents the same way is one."""

    agents: int
    decisions: int
    expected: float
    warnings: int
    ended_false: int
    causes: int

    @property
    def boxes(self) -> list[tuple[int, bool]]:
        """One box for each cause that is to be expected, filled where one came; more where more came. A box's
        left edge, and whether one came."""
        shown = min(9, max(ceil(self.expected), self.causes))
        return [(place * 32, place < self.causes) for place in range(shown)]

    @property
    def width(self) -> int:
        """How wide the boxes are together."""
        return max(28, 32 * len(self.boxes) - 4)


@dataclass(frozen=True, slots=True)
class Glance:
    window: Window
    rows: Sequence[Row]
    counts: Mapping[str, int]
    breakers: Mapping[str, int]
    open: Sequence[OpenBreaker]
    budget: Budget
    departments: Sequence[str]
    incidents: int


def glance(department: str = "") -> Glance:
    """All agents, or those of one department: sorted by evidence within their department."""
    found = agent_statuses()
    names = [s.agent.name for s in found]
    window = days.business_window(days.today())
    rates = days.rows_of(names, NAMES, window)
    work, waiting = decisions_since(names, window.last - timedelta(days=WEEK - 1)), _waiting()
    stoppers, held_up = people(s.agent.paused_by for s in found), stopped.waiting()
    rows = [
        Row(
            s,
            work.get(s.agent.name, 0),
            waiting.get(s.agent.name, 0),
            held_up.get(s.agent.name, 0),
            stoppers.get(s.agent.paused_by),
            [_cell(s, name, rates.get((s.agent.name, name), ()), window) for name in NAMES],
        )
        for s in found
    ]
    departments = list(dict.fromkeys(s.agent.department for s in found))
    shown = [row for row in rows if not department or row.standing.agent.department == department]
    shown.sort(key=lambda row: (departments.index(row.standing.agent.department), -row.evidence))
    return Glance(
        window,
        shown,
        {word: sum(s.status == word for s in found) for word in (STATUSES[-1], *STATUSES[:-1])},
        {word: sum(s.agent.breaker == word for s in found) for word in ("", "half", "open")},
        [b for s in found if (b := open_breaker(s))],
        budget(len(found), sum(work.values())),
        departments,
        sum(s.incident is not None for s in found),
    )


def _cell(standing: AgentStatus, measure: str, rows: Sequence[RateDay], window: Window) -> Cell:
    alarm = standing.alarmed.get(measure)
    learns = standing.learning is not None or measure in standing.silent
    line, usual, dot = sparkline(rows, window)
    return Cell(
        measure,
        WORDS[measure],
        add_up(rows) if rows else NOTHING,
        word_of(alarm.level, alarm.category) if alarm else "",
        line,
        usual,
        dot,
        learns,
    )


def sparkline(rows: Sequence[RateDay], window: Window) -> tuple[str, str, tuple[float, float] | None]:
    """Paths of the daily rates and of what was expected, on one scale, and where the first one ends; empty
    where there are not two days to draw between."""
    seen = [(row.day, rate) for row in rows if (rate := rate_of(row)) is not None]
    usual = [(row.day, rate) for row in rows if (rate := usual_of(row)) is not None]
    if len(seen) < 2:
        return "", "", None
    values = [rate for _, rate in (*seen, *usual)]
    low, high = min(values), max(values)
    # a line that hardly moves is drawn as one: the scale is at least four points wide
    middle, span = (low + high) / 2, max(high - low, 0.04)
    step = WIDTH / max(1, window.days - 1)

    def place(day: date, rate: float) -> tuple[float, float]:
        x = (day - window.first).days * step
        return round(x, 1), round(HEIGHT / 2 - (rate - middle) / span * (HEIGHT - 3), 1)

    points = [place(*pair) for pair in seen]
    return _path(points), _path([place(*pair) for pair in usual]), points[-1]


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + " L".join(f"{x:.1f},{y:.1f}" for x, y in points) if len(points) > 1 else ""


def decisions_since(agents: Sequence[str], day: date) -> dict[str, int]:
    """Decisions of each of these agents from a day on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT agent_id, sum(decisions)::bigint FROM coordination_daycell"
            " WHERE agent_id = ANY(%s) AND day >= %s GROUP BY agent_id",
            [list(agents), day],
        )
        return dict(cursor.fetchall())


def _waiting() -> dict[str, int]:
    return dict(Task.objects.values_list("agent").annotate(n=Count("id")).order_by())


def budget(agents: int, decisions: int) -> Budget:
    """How many warnings of a week were to be expected by chance, and how many there were."""
    begin = datetime.combine(days.today() - timedelta(days=WEEK - 1), time.min, UTC)
    warned = Alarm.objects.filter(at__gte=begin)
    raised = set(warned.values_list("incident", "measure", "direction"))
    inputs = Q(category=Category.INPUTS)
    shared = set(warned.filter(inputs).values_list("measure", "direction"))
    others = set(warned.exclude(inputs).values_list("incident", "measure", "direction"))
    false = set(
        Incident.objects.filter(pk__in={i for i, _, _ in raised}, cause=Incident.Cause.FALSE).values_list(
            "pk", flat=True
        )
    )
    return Budget(
        agents,
        decisions,
        decisions / RUN_LENGTH[Level.WARNING],
        len(raised),
        sum(incident in false for incident, _, _ in raised),
        len(shared) + len(others),
    )
