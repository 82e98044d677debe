"""Agents: what they are for, what waits for them, and where they do not come to rest."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from reviews.selectors import Person, people

from ..agents import REGISTRY
from ..decisions import loop_guard, stopped
from ..models import Agent, Hold, Task


@dataclass(frozen=True, slots=True)
class AgentSummary:
    """What an agent is for and how its work stands. `held_up`: invoices that wait for it while it is
    stopped."""

    agent: Agent
    purpose: str
    queue: int
    stopped_by: Person | None
    held_up: int


def summarize_agent(agent: Agent) -> AgentSummary:
    """One agent."""
    known = REGISTRY.get(agent.name)
    return AgentSummary(
        agent=agent,
        purpose=known.purpose if known else "",
        queue=Task.objects.filter(agent=agent.name).count(),
        stopped_by=people([agent.paused_by]).get(agent.paused_by),
        held_up=stopped.waiting().get(agent.name, 0) if agent.paused else 0,
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
