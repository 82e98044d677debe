"""How an agent stands: its word, how far it has learned, its breaker and what that costs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import orjson
from django.conf import settings
from django.db import connection

from audit import clock
from reviews.selectors import Person, people

from ...agents import REGISTRY
from ...facts import drilled
from ...models import Agent, Alarm, Baseline, Breaker, Drill, Incident, MonitorState, RateDay
from ...monitoring import baselines, proof, stored
from ...monitoring.contexts import is_business_day
from ...monitoring.learning import MIN_DAYS, MIN_DECISIONS
from ...monitoring.measures import Category, Level
from ...services.behaviour import breaker
from . import days
from .words import NAMES

STEADY, LEARNING, INPUTS = "steady", "learning", "inputs"
WARNING, CRITICAL, STOPPED = "warning", "critical", "stopped"
STATUSES = (CRITICAL, WARNING, INPUTS, STOPPED, LEARNING, STEADY)
"""Words of an agent, the most pressing first."""


@dataclass(frozen=True, slots=True)
class Learning:
    """How far learning is: business days with decisions, decisions, and days of the calendar since it
    began."""

    days: int
    decisions: int
    elapsed: int
    since: date | None

    @property
    def words(self) -> str:
        """What is still missing, the first of it."""
        if self.days < MIN_DAYS:
            return f"{self.days} of {MIN_DAYS} business days"
        if self.decisions < MIN_DECISIONS:
            return f"{self.decisions:,} of {MIN_DECISIONS:,} decisions"
        return (
            f"{min(self.elapsed, settings.COUNTERSIGN_LEARN_DAYS)} of {settings.COUNTERSIGN_LEARN_DAYS} days"
        )


@dataclass(frozen=True, slots=True)
class Way:
    """What closes a breaker that is open or half-open: `agreed` of `answers` people's answers agree so far;
    `missing` more in a row take it to `next`."""

    agreed: int
    answers: int
    missing: int
    next: str


@dataclass(frozen=True, slots=True)
class AgentStatus:
    """An agent with everything that is said of it in one line. `status` is one of `STATUSES`; `silent`:
    measures that learn a new normal; `alarms`: those of its open incident, by measure and direction the
    highest; `drill`: the one that runs."""

    agent: Agent
    status: str
    learning: Learning | None
    state: MonitorState | None
    incident: Incident | None
    alarms: Sequence[Alarm] = ()
    owner: Person | None = None
    silent: frozenset[str] = frozenset()
    drill: Drill | None = None

    @property
    def way(self) -> Way | None:
        return way_of(self.agent, self.state)

    @property
    def alarmed(self) -> Mapping[str, Alarm]:
        """The open alarm of each measure that has one."""
        return {a.measure: a for a in reversed(self.alarms)}


def way_of(agent: Agent, state: MonitorState | None) -> Way | None:
    """What the breaker waits for; None where it is closed."""
    if agent.breaker == Breaker.CLOSED:
        return None
    answers, wrong = breaker.answers_since(agent, state) if state else (0, 0)
    share = breaker.next_share(agent)
    then = f"half-open at {share} %" if share else "closed"
    return Way(answers - wrong, answers, proof.missing(answers, wrong), then)


def agent_statuses(only: str = "") -> list[AgentStatus]:
    """All agents, or one, in the order of their departments in the registry."""
    agents = list(Agent.objects.filter(pk=only) if only else Agent.objects.all())
    order = list(REGISTRY)
    agents.sort(key=lambda a: (order.index(a.name) if a.name in order else len(order), a.name))
    names = [a.name for a in agents]
    states = {s.agent_id: s for s in MonitorState.objects.filter(agent__in=names)}
    open_ = {
        i.agent_id: i
        for i in Incident.objects.filter(status=Incident.Status.OPEN, agent__in=names).prefetch_related(
            "alarms"
        )
    }
    owners = people(i.owner for i in open_.values())
    learning = _learning([s for s in states.values() if s.baseline_id is None])
    drills = {d.agent: d for d in drills_in_effect() if d.agent in names}
    return [
        _status_with(a, states.get(a.name), open_.get(a.name), owners, learning, drills.get(a.name))
        for a in agents
    ]


def drills_in_effect() -> list[Drill]:
    """The drills that change answers now, by agent: none where work is real, whatever its database says."""
    return list(Drill.objects.running().order_by("agent")) if drilled.possible() else []


def _status_with(
    agent: Agent,
    state: MonitorState | None,
    incident: Incident | None,
    owners: Mapping[str, Person],
    learning: Mapping[str, Learning],
    drill: Drill | None,
) -> AgentStatus:
    alarms = highest(incident.alarms.all()) if incident else []
    nothing_yet = None if state and state.baseline_id else Learning(0, 0, 0, None)
    learned = learning.get(agent.name, nothing_yet)
    return AgentStatus(
        agent,
        _status(agent, alarms, learned),
        learned,
        state,
        incident,
        alarms,
        owners.get(incident.owner) if incident else None,
        frozenset(state.silent) if state else frozenset(),
        drill,
    )


def highest(alarms: Iterable[Alarm]) -> list[Alarm]:
    """Of each measure and direction the alarm of the highest level, the most pressing first."""
    found: dict[tuple[str, str], Alarm] = {}
    for alarm in sorted(alarms, key=lambda a: a.at):
        found[alarm.measure, alarm.direction] = alarm  # a critical one comes after its warning
    return sorted(found.values(), key=lambda a: (rank(a), a.at, NAMES.index(a.measure)))


def rank(alarm: Alarm) -> int:
    return STATUSES.index(word_of(alarm.level, alarm.category))


def word_of(level: str, category: str) -> str:
    """The word of an alarm or an incident: inputs that moved are no fault of the agent's."""
    if category == Category.INPUTS:
        return INPUTS
    return CRITICAL if level == Level.CRITICAL else WARNING


def _status(agent: Agent, alarms: Sequence[Alarm], learning: Learning | None) -> str:
    if agent.paused:
        return STOPPED
    if alarms:
        return STATUSES[min(map(rank, alarms))]
    return LEARNING if learning else STEADY


LEARNED_DECISIONS = """
SELECT agent_id, coalesce(sum(decisions), 0) FROM coordination_daycell
  JOIN unnest(%s::text[], %s::date[]) l(agent, since) ON agent_id = l.agent AND day >= l.since
 GROUP BY agent_id
"""


def _learning(states: Sequence[MonitorState]) -> dict[str, Learning]:
    """How far those are that have learned nothing yet."""
    begun = {s.agent_id: s.learning_since for s in states if s.learning_since}
    if not begun:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(LEARNED_DECISIONS, [list(begun), list(begun.values())])
        decisions = dict(cursor.fetchall())
    seen: dict[str, set[date]] = {}
    first = min(begun.values())
    for agent, day in RateDay.objects.filter(
        agent__in=begun, measure="approve_rate", day__gte=max(first, days.today() - timedelta(days=120))
    ).values_list("agent", "day"):
        if is_business_day(day, settings.COUNTERSIGN_COMPANY["country"]) and day >= begun[agent]:
            seen.setdefault(agent, set()).add(day)
    return {
        name: Learning(
            len(seen.get(name, ())), int(decisions.get(name, 0)), (days.today() - since).days, since
        )
        for name, since in begun.items()
    }


def baseline_row(agent: str) -> Baseline | None:
    """The baseline in force."""
    state = MonitorState.objects.filter(agent=agent).select_related("baseline").first()
    return state.baseline if state else None


def read_baseline(row: Baseline) -> baselines.Baseline:
    return stored.baseline_from_json(orjson.loads(row.text))


@dataclass(frozen=True, slots=True)
class OpenBreaker:
    """A breaker that is open or half-open, in what it takes to say why and what it costs. `since_onset`:
    decisions and their amount; None where no alarm of an open incident opened it."""

    standing: AgentStatus
    alarm: Alarm | None
    decisions: int = 0
    amount: Decimal | None = None
    forecast: breaker.Forecast | None = None
    by: Person | None = None

    @property
    def words(self) -> str:
        agent = self.standing.agent
        return "open" if agent.breaker == Breaker.OPEN else f"half-open at {agent.breaker_share} %"


SINCE = """
SELECT coalesce(sum(decisions), 0), coalesce(sum(amount), 0) FROM coordination_daycell
 WHERE agent_id = %s AND day >= %s
"""


def since(agent: str, onset: date) -> tuple[int, Decimal]:
    """Decisions of an agent from a day on, and their amount in company currency."""
    with connection.cursor() as cursor:
        cursor.execute(SINCE, [agent, onset])
        count, amount = cursor.fetchone()
    return int(count), amount


def open_breaker(standing: AgentStatus) -> OpenBreaker | None:
    """What is said of a breaker that is not closed."""
    agent = standing.agent
    if agent.breaker == Breaker.CLOSED:
        return None
    alarm = next((a for a in standing.alarms if a.action == "open"), None)
    count, amount = since(agent.name, alarm.onset) if alarm else (0, None)
    cost = breaker.forecast(agent.name, clock.now())
    return OpenBreaker(standing, alarm, count, amount, cost, people([agent.breaker_by]).get(agent.breaker_by))
