"""Agents: their standing, and what they did in equal steps of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count

from audit import clock, commitments
from reviews.selectors import Person, people

from ..agents import ADVISORY, REGISTRY, RELEASE
from ..decisions import loop_guard, stopped
from ..facts import drilled
from ..models import Agent, Drill, Hold, Task

PERSON = "person"
"""The `agent` of decisions that people took; they are no agent's record."""


@dataclass(frozen=True, slots=True)
class Range:
    """A window and its step."""

    key: str
    title: str
    step: timedelta
    steps: int
    each: str
    """One step in words."""


RANGES = {
    r.key: r
    for r in (
        Range("hour", "1 hour", timedelta(minutes=1), 60, "a minute"),
        Range("day", "24 hours", timedelta(minutes=30), 48, "in 30 minutes"),
        Range("fortnight", "14 days", timedelta(hours=12), 28, "in 12 hours"),
    )
}


@dataclass(frozen=True, slots=True)
class Bucket:
    """What one agent decided in one step."""

    at: datetime
    decisions: int
    to_people: int
    confidence: float | None
    latency: float | None


@dataclass(frozen=True, slots=True)
class Record:
    """One agent over a window: totals, and the line of each measure."""

    agent: str
    decisions: int
    to_people: int
    confidence: float | None
    latency: float | None
    buckets: Sequence[Bucket]


@dataclass(frozen=True, slots=True)
class DrillShown:
    """A drill that runs: what it does in words, to which share, since when, by whom, why."""

    kind: str
    share: Decimal
    since: datetime
    by: Person | None
    reason: str


@dataclass(frozen=True, slots=True)
class AgentSummary:
    """One row of the agents page. `held_up`: invoices that wait for it while it is stopped.
    `may_be_drilled`: whether a drill of it can be started here."""

    agent: Agent
    purpose: str
    queue: int
    record: Record
    stopped_by: Person | None
    held_up: int
    drill: DrillShown | None
    may_be_drilled: bool
    lines: dict[str, str]


SQL = """
SELECT agent, date_bin(%s::interval, at, %s) AS step, count(*),
       count(*) FILTER (WHERE outcome IN ('hold', 'escalate', 'block')),
       avg(confidence)::float, percentile_cont(0.5) WITHIN GROUP (ORDER BY latency_ms)
  FROM coordination_decision
 WHERE at >= %s AND agent <> %s AND (%s = '' OR agent = %s)
 GROUP BY agent, step ORDER BY agent, step
"""


def start_of(window: Range, now: datetime) -> datetime:
    """Beginning of the first step, on a whole multiple of the step since midnight."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    current = midnight + (now - midnight) // window.step * window.step
    return current - window.step * (window.steps - 1)


def records(
    window: Range, only: str = "", now: datetime | None = None
) -> tuple[list[datetime], dict[str, Record]]:
    """Every step of the window, and each agent's record over it; one query."""
    begin = start_of(window, now or clock.now())
    times = [begin + window.step * i for i in range(window.steps)]
    with connection.cursor() as cursor:
        cursor.execute(SQL, [f"{window.step.total_seconds()} s", begin, begin, PERSON, only, only])
        found: dict[str, dict[datetime, Bucket]] = {}
        for agent, at, count, to_people, confidence, latency in cursor.fetchall():
            found.setdefault(agent, {})[at] = Bucket(at, count, to_people, confidence, latency)
    return times, {
        name: _record(name, [b.get(t) or Bucket(t, 0, 0, None, None) for t in times])
        for name, b in found.items()
    }


def _record(name: str, buckets: Sequence[Bucket]) -> Record:
    decisions = sum(b.decisions for b in buckets)
    return Record(
        agent=name,
        decisions=decisions,
        to_people=sum(b.to_people for b in buckets),
        confidence=_weighted([(b.confidence, b.decisions) for b in buckets]),
        latency=_weighted([(b.latency, b.decisions) for b in buckets]),
        buckets=buckets,
    )


def _weighted(pairs: Sequence[tuple[float | None, int]]) -> float | None:
    known = [(value, weight) for value, weight in pairs if value is not None]
    total = sum(weight for _, weight in known)
    return sum(value * weight for value, weight in known) / total if total else None


def summarize_agents(window: Range) -> list[AgentSummary]:
    """All agents, in the order of the registry, with lines to draw beside their figures."""
    _, found = records(window)
    rows = {a.name: a for a in Agent.objects.all()}
    waiting = _waiting()
    stoppers = people(a.paused_by for a in rows.values())
    ordered = [name for name in REGISTRY if name in rows] + sorted(set(rows) - set(REGISTRY))
    held_up = stopped.waiting()
    drills = running_drills()
    told = [_summary(rows[name], found, waiting, stoppers, held_up, drills) for name in ordered]
    seen = list(dict.fromkeys(s.agent.department for s in told))
    return sorted(told, key=lambda s: seen.index(s.agent.department))


@dataclass(frozen=True, slots=True)
class Restless:
    """An invoice that is held because its agents did not come to rest, and what is said of the circle."""

    id: UUID
    number: str
    sentence: str


MOST_RESTLESS = 5


def restless() -> tuple[list[Restless], int]:
    """The newest invoices that agents did not come to rest over, and how many there are."""
    live = Hold.objects.live().filter(code="agent_error", detail__rule=loop_guard.RULE)
    found = live.order_by("-opened_at").values_list("invoice_id", "invoice__number", "detail__sentence")
    return [Restless(*row) for row in found[:MOST_RESTLESS]], live.count()


def summarize_agent(agent: Agent, window: Range) -> AgentSummary:
    """One agent."""
    _, found = records(window, agent.name)
    stoppers, held_up = people([agent.paused_by]), stopped.waiting()
    return _summary(agent, found, _waiting(agent.name), stoppers, held_up, running_drills())


DRILLED = frozenset(
    name for name, a in REGISTRY.items() if name not in ADVISORY and RELEASE not in a.contract.owns
)
"""Agents that a drill can be about: those that answer before a release."""


def running_drills() -> dict[str, DrillShown]:
    """The drill of each agent that has one."""
    found = list(Drill.objects.running())
    by = people(row.started_by for row in found)
    return {
        row.agent: DrillShown(
            str(Drill.Kind(row.kind).label),
            row.share,
            row.started_at,
            by.get(row.started_by),
            commitments.reveal(row.reason),
        )
        for row in found
    }


def _waiting(only: str = "") -> dict[str, int]:
    rows = Task.objects.filter(agent=only) if only else Task.objects.all()
    return dict(rows.values_list("agent").annotate(n=Count("id")).order_by())


def _summary(
    agent: Agent,
    found: dict[str, Record],
    waiting: dict[str, int],
    stoppers: dict[str, Person],
    held_up: dict[str, int],
    drills: dict[str, DrillShown],
) -> AgentSummary:
    record = found.get(agent.name) or _record(agent.name, [])
    known = REGISTRY.get(agent.name)
    return AgentSummary(
        agent=agent,
        purpose=known.purpose if known else "",
        queue=waiting.get(agent.name, 0),
        record=record,
        stopped_by=stoppers.get(agent.paused_by),
        held_up=held_up.get(agent.name, 0),
        drill=drills.get(agent.name),
        may_be_drilled=drilled.possible() and agent.name in DRILLED,
        lines={name: sparkline([_measure(b, name) for b in record.buckets]) for name in MEASURES},
    )


MEASURES = {
    "decisions": "Decisions",
    "people": "To a person, %",
    "confidence": "Confidence, mean",
    "latency": "Latency, median s",
}


def _measure(bucket: Bucket, name: str) -> float | None:
    if name == "decisions":
        return float(bucket.decisions)
    if name == "people":
        return 100 * bucket.to_people / bucket.decisions if bucket.decisions else None
    return bucket.confidence if name == "confidence" else bucket.latency


def sparkline(values: Sequence[float | None], width: int = 72, height: int = 14) -> str:
    """An SVG path through the known values, scaled to its own range; empty when there is nothing to draw."""
    known = [v for v in values if v is not None]
    if len(known) < 2:
        return ""
    low, high = min(known), max(known)
    scale = (height - 2) / (high - low) if high > low else 0
    step = width / max(1, len(values) - 1)
    points = [(i * step, height - 1 - (v - low) * scale) for i, v in enumerate(values) if v is not None]
    if high == low:
        points = [(x, height / 2) for x, _ in points]
    return "M" + " L".join(f"{x:.1f},{y:.1f}" for x, y in points)


def series(window: Range, only: str = "") -> dict[str, Any]:
    """The charts' data: per agent and measure one value per step, null where nothing was decided."""
    times, found = records(window, only)
    ordered = [name for name in REGISTRY if name in found] + sorted(set(found) - set(REGISTRY))
    return {
        "range": window.key,
        "times": [t.isoformat() for t in times],
        "agents": [_series(found[name]) for name in ordered],
    }


def _series(record: Record) -> dict[str, Any]:
    rounded = {
        "decisions": [b.decisions for b in record.buckets],
        "people": [_round(_measure(b, "people"), 1) for b in record.buckets],
        "confidence": [_round(b.confidence, 3) for b in record.buckets],
        "latency": [_round(None if b.latency is None else b.latency / 1000, 3) for b in record.buckets],
    }
    return {"name": record.agent, "counts": [b.decisions for b in record.buckets], **rounded}


def _round(value: float | None, places: int) -> float | None:
    return None if value is None else round(value, places)
