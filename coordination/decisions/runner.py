"""One batch: claimed by its first agent, decided by the chain and written in one transaction.

One bad item never poisons a batch: the batch is rolled back and run in halves, down to the culprit, which is
put off with its error and asked of a person after three tries. What takes the whole process along leaves no
error: the batch that a dead worker had in hand is run one by one, each try counted before it begins.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction

from ..domain.proposal import Agent
from ..tasks import in_hand, work_queue
from ..tasks.work_queue import Acquired
from .chain import Chain

log = logging.getLogger("countersign.decisions")

ATTEMPTS = 3
RETRY_AFTER = timedelta(seconds=5)
LEFT_FOR = timedelta(hours=1)
"""So long a task is left alone with which even asking a person has killed a worker."""


class WorkerDied(Exception):
    """The worker ended in the middle of it, with all that it had in hand."""


def run(agent: Agent, limit: int) -> int:
    """Claim up to `limit` tasks of an agent and decide them, in one transaction. Returns how many were taken
    up.

    When the batch fails, the same tasks are run in halves and singles, so that the error is charged to its
    own. Once nothing is left that is run together, one of those that are run alone is.
    """
    tasks: list[Acquired] = []
    try:
        with transaction.atomic():
            tasks = work_queue.acquire(agent.name, limit)
            in_hand.note([t.id for t in tasks])
            _decide(agent, tasks)
    except Exception as error:
        if not tasks:
            raise
        _in_halves(agent, [t.id for t in tasks], error)
    return len(tasks) or _alone(agent)


def _alone(agent: Agent) -> int:
    """Take up one task with which a worker died, if there is one that is in nobody else's hand."""
    for task in work_queue.due_alone(agent.name):
        with in_hand.held(task) as ours:
            if ours and _try_alone(agent, task):
                return 1
    return 0


def _try_alone(agent: Agent, task: int) -> bool:
    """Count a try, then begin it; False where task or invoice is locked. As with what fails, a person is
    asked with the third, the death in a batch counted."""
    with transaction.atomic():
        if not work_queue.acquire(agent.name, 1, [task]):
            return False
        tries = work_queue.count_try(task, f"WorkerDied: {WorkerDied.__doc__}")
        if tries > ATTEMPTS:
            log.error("%s: task %d kills whoever takes it up; left for %s", agent.name, task, LEFT_FOR)
            told = "WorkerDied: also when a person was asked"
            work_queue.put_off(task, LEFT_FOR, told, tries=ATTEMPTS - 1)  # then a person is asked again
            return True
    failed = WorkerDied(WorkerDied.__doc__) if tries == ATTEMPTS else None
    tasks: list[Acquired] = []
    try:
        with transaction.atomic():
            tasks = work_queue.acquire(agent.name, 1, [task])
            _decide(agent, tasks, failed, alone=True, deadly=True)
    except Exception as error:
        log.exception("%s: one invoice failed", agent.name, exc_info=error)
        _put_off(agent, task, error, counted=True)
        return True
    if not tasks:
        work_queue.uncount_try(task)
    return bool(tasks)


def _in_halves(agent: Agent, ids: list[int], error: Exception) -> None:
    if len(ids) == 1:
        log.warning("%s: the chain of one invoice failed (%s); agent by agent", agent.name, error)
        _by_itself(agent, ids[0])
        return
    log.warning("%s: a batch of %d failed (%s); in halves", agent.name, len(ids), error)
    for half in (ids[: len(ids) // 2], ids[len(ids) // 2 :]):
        try:
            with transaction.atomic():
                _decide(agent, work_queue.acquire(agent.name, len(half), half))
        except Exception as found:
            _in_halves(agent, half, found)


def _by_itself(agent: Agent, task: int) -> None:
    """An invoice that failed: the agent alone, so that what fails behind it is charged to its own task."""
    try:
        with transaction.atomic():
            _decide(agent, work_queue.acquire(agent.name, 1, [task]), alone=True)
    except Exception as error:
        log.exception("%s: one invoice failed", agent.name, exc_info=error)
        _put_off(agent, task, error)


def _decide(
    agent: Agent,
    tasks: Sequence[Acquired],
    failed: Exception | None = None,
    *,
    alone: bool = False,
    deadly: bool = False,
) -> None:
    """Decide what differs from the answers that stand, write it, and end the tasks. `alone`: no agent behind
    this one is asked in the same transaction; `deadly`: nor together with other invoices in the next one."""
    if not tasks:
        return
    chain = Chain(tasks)
    chain.take(agent, tasks, failed)
    if not alone:
        chain.go_on(agent)
    chain.end(alone=deadly)


def _put_off(agent: Agent, task: int, error: Exception, *, counted: bool = False) -> None:
    """A task that failed alone: try it later, and after three tries ask a person instead of the agent.

    `counted`: this try was counted before it began.
    """
    with transaction.atomic():
        tasks = work_queue.acquire(agent.name, 1, [task])
        if not tasks:
            return
        told = f"{type(error).__name__}: {error}"
        if not counted:
            work_queue.count_try(task, told)
        if work_queue.put_off(task, RETRY_AFTER, told) >= ATTEMPTS:
            _decide(agent, tasks, error, alone=True)
