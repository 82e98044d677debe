"""The worker's loop: each agent in turn on what is due for it, in batches.

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

from audit.canonical import dumps
from reviews.models import Escalation

from ..agents import BESIDE, REGISTRY, upstream
from ..agents.base import Agent, Snapshot
from ..agents.read_set import digest, visible
from ..governance.policy import Policy
from ..models import FINAL, Decision, Hold, Invoice
from . import answers, claim, facts, loop_guard, policies, snapshot, statements
from .claim import Claimed
from .commit import commit, record
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


def sweep(batch: int = BATCH, stop: Callable[[], bool] = lambda: False) -> int:
    """Take up noted changes and give each agent its turn. Returns how much was done; 0 = nothing was due.

    A turn ends after as much as was due when it began: whatever comes meanwhile waits for the next sweep, so that no
    agent waits for ever behind another's work.
    """
    done = 0
    for agent in REGISTRY.values():
        done += _turn(facts.noted, facts.take_up, batch, stop)
        done += _turn(lambda a=agent: claim.due(a.name), lambda n, a=agent: run(a, n), batch, stop)  # type: ignore[misc]
    return done if stop() else done + statements.step(batch)


def _turn(due: Callable[[], int], work: Callable[[int], int], batch: int, stop: Callable[[], bool]) -> int:
    left, done = due(), 0
    while left > 0 and not stop():
        taken = work(batch)
        if not taken:
            break
        left, done = left - taken, done + taken
    return done


def run(agent: Agent, limit: int) -> int:
    """Claim up to `limit` tasks of an agent and decide them, in one transaction. Returns how many were taken up.

    When the batch fails, the same tasks are run in halves and singles, so that the error is charged to its own.
    """
    tasks: list[Claimed] = []
    try:
        with transaction.atomic():
            tasks = claim.claim(agent.name, limit)
            _decide(agent, tasks)
    except Exception as error:
        if not tasks:
            raise
        _in_halves(agent, [t.id for t in tasks], error)
    return len(tasks)


def _in_halves(agent: Agent, ids: list[int], error: Exception) -> None:
    if len(ids) == 1:
        log.exception("%s: one invoice failed", agent.name, exc_info=error)
        _put_off(agent, ids[0], error)
        return
    log.warning("%s: a batch of %d failed (%s); in halves", agent.name, len(ids), error)
    for half in (ids[: len(ids) // 2], ids[len(ids) // 2 :]):
        try:
            with transaction.atomic():
                _decide(agent, claim.claim(agent.name, len(half), half))
        except Exception as found:
            _in_halves(agent, half, found)


def _decide(agent: Agent, tasks: Sequence[Claimed], failed: Exception | None = None) -> None:
    """Decide what differs from the answers that stand, write it, and end the tasks."""
    if not tasks:
        return
    now, policy = timezone.now(), policies.active()
    rows = snapshot.invoices([t.invoice for t in tasks])
    shots = snapshot.load(rows, agent.contract.reads, policy, now)
    known, counts = answers.newest(agent.name, [r.id for r in rows]), answers.counted([r.id for r in rows])
    holds: dict[UUID, list[Hold]] = defaultdict(list)
    for hold in Hold.objects.filter(invoice__in=rows):
        holds[hold.invoice_id].append(hold)
    reach, steps = upstream(agent.name), []
    stopped: dict[UUID, int] = {}
    for task, row, shot in zip(tasks, rows, shots, strict=True):
        counted = counts.get(row.id, answers.Counted()).since(task.fact)
        if row.state in FINAL and agent.name not in BESIDE:
            continue  # its money is on its way, or it ended: agents no longer work on it
        why = failed
        if loop_guard.reached(agent, counted):
            if agent.name in BESIDE or loop_guard.held(holds[row.id]):
                continue
            if not loop_guard.stops_here(agent):
                stopped[row.id] = counted.fact
                continue
            why = loop_guard.never_at_rest(row, counted)
        found = _step(
            agent, row, visible(shot, agent, reach), policy, task, known.get(row.id), holds[row.id], why
        )
        if found is not None:
            found.fact = counted.fact
            steps.append(found)
    commit(steps, now)
    claim.finish(tasks)
    loop_guard.hold_instead(stopped)


def _step(
    agent: Agent, row: Invoice, shot: Snapshot, policy: Policy, task: Claimed, previous: answers.Answer | None,
    holds: list[Hold], failed: Exception | None,
) -> Step | None:  # fmt: skip
    """The decision of one task; None where the answer that stands was given on the same facts."""
    recorded = record(shot)
    stands_on = digest(recorded, agent, policy.sha256, dumps)
    again = agent.name in row.answered
    if (
        failed is None
        and previous is not None
        and (again or agent.name in BESIDE)
        and previous.holds_for(stands_on, shot.now)
    ):
        return None
    proposal, ruling = stand_in(agent, shot, failed) if failed else decide(agent, shot)
    own = "" if any(f.code == "agent_error" for f in proposal.findings) else stands_on
    return Step(
        agent, row, shot, proposal, ruling, task.opened_at, holds, recorded=recorded, stands_on=own,
        previous=previous, cause=task.cause, again=again,
    )  # fmt: skip


def _put_off(agent: Agent, task: int, error: Exception) -> None:
    """A task that failed alone: try it later, and after three tries ask a person instead of the agent."""
    with transaction.atomic():
        tasks = claim.claim(agent.name, 1, [task])
        if not tasks:
            return
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE coordination_task SET attempts = attempts + 1, error = %s, due_at = now() + make_interval(secs => %s) WHERE id = %s"
                " RETURNING attempts",
                [f"{type(error).__name__}: {error}"[:500], RETRY_AFTER.total_seconds(), task],
            )
            attempts = cursor.fetchone()[0]
        if attempts >= ATTEMPTS:
            _decide(agent, tasks, error)


def drain(batch: int = BATCH, helpers: Sequence[Callable[[], object]] = ()) -> Drained:
    """Run until no task is due. `helpers`: processes draining beside this one, waited for before the last look."""
    decisions, escalations = _counts()
    started = monotonic()
    policies.ensure_defaults()
    facts.wake_waiting(timezone.now())
    while sweep(batch):
        pass
    for wait in helpers:
        wait()
    while helpers and sweep(batch):
        pass
    seconds = monotonic() - started
    after = _counts()
    return Drained(after[0] - decisions, after[1] - escalations, seconds)


def _counts() -> tuple[int, int]:
    return Decision.objects.count(), Escalation.objects.count()
