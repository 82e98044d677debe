"""One sweep over what is due, each agent in its turn; and the drain, which sweeps until nothing is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic

from audit import clock
from reviews.models import Escalation

from ..agents import REGISTRY
from ..decisions import changes
from ..decisions.runner import run
from ..models import Decision
from ..services import policy_versions, statements
from ..tasks import in_hand, work_queue

BATCH = 200


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
    """Set apart what dead workers had in hand, take up noted changes and give each agent its turn. Returns
    how much was done; 0 = nothing was due.

    A turn ends after as much as was due when it began: whatever comes meanwhile waits for the next sweep, so
    that no agent waits for ever behind another's work. Who has nothing due is not asked.
    """
    done = 0
    in_hand.take_over()
    changed, tasks = work_queue.waiting()
    for agent in REGISTRY.values():
        if changed:
            done += _turn(changed, changes.process_changes, batch, stop)
            changed, tasks = work_queue.waiting()
        if tasks.get(agent.name):
            done += _turn(tasks[agent.name], lambda n, a=agent: run(a, n), batch, stop)  # type: ignore[misc]
            changed, tasks = work_queue.waiting()
    return done if stop() else done + statements.step(batch)


def _turn(due: int, work: Callable[[int], int], batch: int, stop: Callable[[], bool]) -> int:
    left, done = due, 0
    while left > 0 and not stop():
        taken = work(batch)
        if not taken:
            break
        left, done = left - taken, done + taken
    return done


@contextmanager
def at_work() -> Iterator[None]:
    """While this lasts this thread is one worker, however often it drains."""
    with in_hand.registered():
        yield


def settle(batch: int = BATCH) -> None:
    """Run until no task is due, and ask again what has waited long enough."""
    changes.ask_overdue(clock.now())
    while sweep(batch):
        pass


def drain(batch: int = BATCH, helpers: Sequence[Callable[[], object]] = ()) -> Drained:
    """Run until no task is due. `helpers`: processes draining beside this one, waited for before the last
    look."""
    decisions, escalations = _counts()
    started = monotonic()
    policy_versions.ensure_defaults()
    with in_hand.registered():
        settle(batch)
        for wait in helpers:
            wait()
        while helpers and sweep(batch):
            pass
    seconds = monotonic() - started
    after = _counts()
    return Drained(after[0] - decisions, after[1] - escalations, seconds)


def _counts() -> tuple[int, int]:
    return Decision.objects.count(), Escalation.objects.count()
