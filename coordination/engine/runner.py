"""The worker's loop: take up facts, then let each agent decide on a batch of what is open for it.

One bad item never poisons a batch: the batch is rolled back and run in halves, down to the culprit, which is put off
with its error and asked of a person after three tries.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from reviews.models import Escalation

from ..agents import REGISTRY
from ..agents.base import Agent
from ..models import Decision, Hold
from . import brake, claim, facts, policies, snapshot, statements
from .claim import Claimed
from .commit import commit
from .steps import Step, decide, stand_in

log = logging.getLogger("countersign.engine")

BATCH = 200
ATTEMPTS = 3
RETRY_AFTER = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Drained:
    """What a drain did."""

    decisions: int
    escalations: int
    seconds: float

    @property
    def decisions_per_second(self) -> float:
        return self.decisions / self.seconds if self.seconds else 0.0


def step(batch: int = BATCH) -> int:
    """Take up noted facts, else one batch for the first agent with work. Returns how much was done; 0 = nothing due."""
    taken = facts.take_up(batch)
    if taken:
        return taken
    waiting = claim.due()
    for name, agent in REGISTRY.items():
        if waiting.get(name):
            done = run(agent, batch)
            if done:
                return done
    return statements.step(batch)


def run(agent: Agent, limit: int) -> int:
    """Claim up to `limit` tasks of an agent and decide them; halves and singles when the batch fails."""
    try:
        return _run(agent, limit)
    except Exception as error:
        if limit > 1:
            log.warning("%s: a batch of %d failed (%s); in halves", agent.name, limit, error)
            return run(agent, limit // 2)
        log.exception("%s: one invoice failed", agent.name)
        return _put_off(agent, error)


@transaction.atomic
def _run(agent: Agent, limit: int) -> int:
    tasks = claim.claim(agent.name, limit)
    if not tasks:
        return 0
    _decide(agent, tasks)
    claim.finish(tasks)
    return len(tasks)


def _decide(agent: Agent, tasks: Sequence[Claimed], failed: Exception | None = None) -> None:
    now = timezone.now()
    rows = snapshot.invoices([t.invoice for t in tasks])
    snapshots = snapshot.load(rows, agent.contract.reads, policies.active(), now)
    holds: dict[UUID, list[Hold]] = defaultdict(list)
    for hold in Hold.objects.filter(invoice__in=rows):
        holds[hold.invoice_id].append(hold)
    steps = []
    for task, row, snap in zip(tasks, rows, snapshots, strict=True):
        why = failed or brake.stops(agent, row)
        proposal, ruling = stand_in(agent, snap, why) if why else decide(agent, snap)
        steps.append(Step(agent, row, snap, proposal, ruling, task.opened_at, holds[row.id]))
    commit(steps, now)


def _put_off(agent: Agent, error: Exception) -> int:
    """The claim that failed once more: try later, and after three tries ask a person instead of the agent."""
    with transaction.atomic():
        tasks = claim.claim(agent.name, 1)
        if not tasks:
            return 0
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE coordination_task SET attempts = attempts + 1, error = %s, due_at = now() + make_interval(secs => %s) WHERE id = %s"
                " RETURNING attempts",
                [f"{type(error).__name__}: {error}"[:500], RETRY_AFTER.total_seconds(), tasks[0].id],
            )
            attempts = cursor.fetchone()[0]
        if attempts >= ATTEMPTS:
            _decide(agent, tasks, error)
            claim.finish(tasks)
    return 1


def drain(batch: int = BATCH, helpers: Sequence[Callable[[], object]] = ()) -> Drained:
    """Run until no task is due. `helpers`: processes draining beside this one, waited for before the last look."""
    decisions, escalations = _counts()
    started = monotonic()
    facts.wake_waiting(timezone.now())
    while step(batch):
        pass
    for wait in helpers:
        wait()
    while helpers and step(batch):
        pass
    seconds = monotonic() - started
    after = _counts()
    return Drained(after[0] - decisions, after[1] - escalations, seconds)


def _counts() -> tuple[int, int]:
    return Decision.objects.count(), Escalation.objects.count()
