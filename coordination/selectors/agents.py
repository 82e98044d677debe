"""Agents: what they are for, what waits for them, and where they do not come to rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from audit import commitments
from reviews.selectors import Person, people

from ..agents import ADVISORY, REGISTRY, RELEASE
from ..decisions import loop_guard, stopped
from ..facts import drilled
from ..models import Agent, Drill, Hold, Task

DRILLED = frozenset(
    name for name, a in REGISTRY.items() if name not in ADVISORY and RELEASE not in a.contract.owns
)
"""Agents that a drill can be about: those that answer before a release."""


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
    """What an agent is for and how its work stands. `held_up`: invoices that wait for it while it is stopped;
    `may_be_drilled`: whether a drill of it can be started here."""

    agent: Agent
    purpose: str
    queue: int
    stopped_by: Person | None
    held_up: int
    drill: DrillShown | None
    may_be_drilled: bool


def summarize_agent(agent: Agent) -> AgentSummary:
    """One agent."""
    known = REGISTRY.get(agent.name)
    return AgentSummary(
        agent=agent,
        purpose=known.purpose if known else "",
        queue=Task.objects.filter(agent=agent.name).count(),
        stopped_by=people([agent.paused_by]).get(agent.paused_by),
        held_up=stopped.waiting().get(agent.name, 0) if agent.paused else 0,
        drill=running_drill(agent.name),
        may_be_drilled=drilled.possible() and agent.name in DRILLED,
    )


def running_drill(agent: str) -> DrillShown | None:
    """The drill that an agent has, if it has one."""
    row = Drill.objects.filter(agent=agent).running().first()
    if row is None:
        return None
    by = people([row.started_by]).get(row.started_by)
    return DrillShown(
        str(Drill.Kind(row.kind).label), row.share, row.started_at, by, commitments.reveal(row.reason)
    )


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
