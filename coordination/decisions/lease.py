"""Leases for slow agents: an LLM or an external program thinks without holding a lock.

A lease is a token on the task until a time by the database's clock. The proposal comes back with the token
and the state version it was made on; it commits only while the lease runs, on exactly that version. A stale
token never commits: the task is open again for whoever takes it next.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db import connection, transaction

from audit import clock
from audit.canonical import dumps
from audit.errors import CountersignError

from ..agents import ADVISORY, REGISTRY, upstream
from ..agents.read_set import digest, visible
from ..domain.facts import Snapshot
from ..domain.proposal import Agent, Proposal
from ..facts import answers, loader, policies
from ..facts.serialization import record_snapshot
from ..facts.taken import Taken
from ..models import FINAL, Hold
from ..tasks import work_queue
from ..tasks.work_queue import DUE_NOW, UNDISTURBED
from . import loop_guard
from .commit import commit, follow_ups, take_effect
from .steps import Step, ruled

TAKE = f"""
UPDATE coordination_task SET token = %s, leased_by = %s, leased_until = now() + make_interval(secs => %s),
       attempts = attempts + 1
 WHERE id = (SELECT t.id FROM coordination_task t JOIN coordination_agent a ON a.name = t.agent
              WHERE t.agent = %s AND NOT a.paused AND {DUE_NOW} AND {UNDISTURBED}
              ORDER BY t.due_at, t.id LIMIT 1 FOR UPDATE OF t SKIP LOCKED)
RETURNING id, invoice_id, opened_at, fact
"""  # noqa: S608 - made of constants
HOLDS = """
SELECT t.id, t.invoice_id, t.opened_at, t.cause, t.fact, t.instead, t.agent
  FROM coordination_task t JOIN coordination_invoice i ON i.id = t.invoice_id
  JOIN coordination_agent a ON a.name = t.agent
 WHERE t.token = %s AND t.leased_until > now() AND NOT a.paused FOR UPDATE OF t FOR NO KEY UPDATE OF i
"""
RENEW = """
UPDATE coordination_task SET leased_until = now() + make_interval(secs => %s)
 WHERE token = %s AND leased_until > now()
"""


class LeaseLost(CountersignError):
    """This lease is over, or its agent was stopped; the work is open again and this answer has no effect."""

    status = 409
    exit_code = 5


class VersionMoved(CountersignError):
    """The invoice changed while the agent was thinking; take the work again and decide on what is there
    now."""

    status = 409
    exit_code = 5


@dataclass(frozen=True, slots=True)
class Lease:
    """Work in the hands of a slow agent."""

    token: UUID
    invoice: UUID
    snapshot: Snapshot
    opened_at: datetime
    fact: int = 0


def take(agent: str, *, by: str, seconds: float) -> Lease | None:
    """Lease the next due task of `agent` for `seconds`, with the snapshot to decide on; None when nothing is
    due."""
    token = uuid4()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(TAKE, [token, by, seconds, agent, sorted(upstream(agent))])
            row = cursor.fetchone()
        if row is None:
            return None
        _, invoice, opened_at, fact = row
        rows = loader.invoices([invoice])
        [shot] = loader.load(rows, REGISTRY[agent].contract.reads, policies.active(), clock.now())
    return Lease(token, invoice, visible(shot, REGISTRY[agent], upstream(agent)), opened_at, fact)


def renew(token: UUID, *, seconds: float) -> None:
    """Ask for more time; only while the lease still runs."""
    with connection.cursor() as cursor:
        cursor.execute(RENEW, [seconds, token])
        if cursor.rowcount != 1:
            raise LeaseLost


def submit(lease: Lease, proposal: Proposal) -> None:
    """Commit a slow agent's proposal, through the same gate and writer as everybody's.

    Raises `LeaseLost` when the token is stale, `VersionMoved` when the invoice is not the one that was
    decided on; the task is then open for another try.
    """
    try:
        _submit(lease, proposal)
    except VersionMoved:
        give_back(lease.token)
        raise


@transaction.atomic
def _submit(lease: Lease, proposal: Proposal) -> None:
    with connection.cursor() as cursor:
        cursor.execute(HOLDS, [lease.token])
        found = cursor.fetchone()
    if found is None or found[-1] != proposal.agent:
        raise LeaseLost
    task = work_queue.Acquired(*found[:-1])
    now = clock.now()
    [row] = loader.invoices([task.invoice])
    if row.version != lease.snapshot.version or task.fact > lease.fact:
        raise VersionMoved  # or a fact came meanwhile that the agent has not seen
    agent: Agent = REGISTRY[proposal.agent]
    if row.state in FINAL and agent.name not in ADVISORY:
        work_queue.finish([task])  # its money is on its way, or it ended: agents no longer work on it
        return
    holds = list(Hold.objects.filter(invoice=row))
    counted = answers.counted([row.id]).get(row.id, answers.DecisionCount()).since(task.fact)
    ruling = ruled(agent, lease.snapshot, proposal)
    if loop_guard.reached(agent, counted):  # the answer is not used: a person is asked
        work_queue.finish([task])
        loop_guard.hold_instead({} if agent.name in ADVISORY else {row.id: counted.fact})
        return
    recorded = record_snapshot(lease.snapshot)
    step = Step(
        agent,
        row,
        lease.snapshot,
        proposal,
        ruling,
        task.opened_at,
        holds,
        recorded=recorded,
        stands_on=digest(recorded, agent, lease.snapshot.policy.sha256, dumps),
        previous=answers.newest([row.id])[row.id].get(agent.name),
        fact=counted.fact,
        cause=task.cause,
        reasked=agent.name in row.answered,
        requested_by="lease",
    )
    take_effect(step, now)
    commit([step], now, Taken([row.id]))
    work_queue.finish([task])
    work_queue.open_tasks(follow_ups([step]), {row.id: step.fact})


def give_back(token: UUID) -> None:
    """End a lease before its time; the task is open again at once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE coordination_task SET token = NULL, leased_by = '', leased_until = NULL WHERE token = %s",
            [token],
        )
