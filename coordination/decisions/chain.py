"""The chain of one batch: its agents answer one after the other, each on the state that the one before left,
in one transaction.

Every decision keeps its own entry, ruling and move; rows are written as they stand at the end, and before
where agents behind read them from the tables. An invoice leaves the chain where it cannot go on now: an agent
that is stopped, a task in somebody else's hand, a fact that changed meanwhile. What it is still asked is a
task then, as it would have been.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from audit import clock
from audit.canonical import dumps

from ..agents import ADVISORY, REGISTRY, upstream
from ..agents.read_set import View, digest
from ..domain.facts import Snapshot
from ..domain.proposal import Agent
from ..facts import answers, loader, policies
from ..facts.serialization import record_snapshot
from ..facts.taken import Taken
from ..models import FINAL, Decision, Invoice
from ..tasks import work_queue
from ..tasks.work_queue import Acquired
from . import loop_guard
from .commit import commit, contributes_otherwise, follow_ups, take_effect
from .steps import Step, decide, stand_in

SCALE = Decimal(1).scaleb(-Decision._meta.get_field("confidence").decimal_places)
"""To which confidence is kept, so that an answer in hand reads as the one that will stand in the table."""


class Chain:
    """Invoices in hand, what each of them is asked, and what has been answered so far."""

    def __init__(self, tasks: Sequence[Acquired]) -> None:
        self.now, self.policy = clock.now(), policies.active()
        self.rows = {row.id: row for row in loader.invoices([t.invoice for t in tasks])}
        self.reading = loader.Reading(list(self.rows.values()), self.policy, self.now)
        self.counts = answers.counted(list(self.rows))
        self.taken = Taken(self.counts)
        self.asked: dict[UUID, dict[str, Acquired]] = {key: {} for key in self.rows}
        self.elsewhere: dict[UUID, set[str]] = {key: set() for key in self.rows}
        self.ended: list[Acquired] = []
        self.looped: dict[UUID, int] = {}
        self.unwritten: list[Step] = []

    def take(self, agent: Agent, tasks: Sequence[Acquired], failed: Exception | None = None) -> None:
        """The agent answers what it is asked. `failed` stands in for its answer where it could not be run."""
        for task in tasks:
            self.asked[task.invoice][agent.name] = task
        self._stage(agent, tasks, failed)

    def go_on(self, after: Agent) -> None:
        """The agents behind this one answer, too, where an invoice is theirs now."""
        for task, name in work_queue.also_due(self.ended):
            if self._goes(name, task):
                continue
            own = self.asked[task.invoice].get(name)  # asked by an answer already: the task says since when
            self.asked[task.invoice][name] = (
                replace(task, fact=max(task.fact, own.fact), raised=True) if own else task
            )
        for invoice, name in work_queue.elsewhere(self._in_hand()):
            self.elsewhere[invoice].add(name)
        for agent in _behind(after):
            theirs = [asked[agent.name] for asked in self.asked.values() if agent.name in asked]
            if not theirs:
                continue
            stopped, changed = work_queue.obstacles(agent.name, [t.invoice for t in theirs])
            if not stopped:
                on = [t for t in theirs if t.invoice not in changed and not self._disturbed(t, agent)]
                self._stage(agent, on)

    def end(self, *, alone: bool) -> None:
        """Write what is not written yet, end the tasks that were taken up, open what is still asked.

        `alone`: what is opened is run alone, too, because a worker died over the invoice.
        """
        self._write()
        work_queue.finish([t for t in self.ended if t.id])
        left = [(a, t) for asked in self.asked.values() for a, t in asked.items() if t.raised]
        facts: dict[UUID, int] = {}
        for _, task in left:
            facts[task.invoice] = max(task.fact, facts.get(task.invoice, 0))
        work_queue.open_tasks([(agent, task.invoice, task.cause) for agent, task in left], facts, alone=alone)
        loop_guard.hold_instead(self.looped)

    def _in_hand(self) -> list[Acquired]:
        return [*self.ended, *(t for asked in self.asked.values() for t in asked.values())]

    def _disturbed(self, task: Acquired, agent: Agent) -> bool:
        """Is its own task in other hands, or an agent upstream still to answer? Who consumes answers is asked
        once they stand."""
        elsewhere = self.elsewhere[task.invoice]
        if agent.name in elsewhere:  # raised by an answer, but leased, put off or run alone
            return True
        open_ones = self.asked[task.invoice].keys() | elsewhere
        return not task.instead and not open_ones.isdisjoint(upstream(agent.name))

    def _stage(self, agent: Agent, tasks: Sequence[Acquired], failed: Exception | None = None) -> None:
        """One agent's answers, on the state as it stands now."""
        if not tasks:
            return
        for task in tasks:
            del self.asked[task.invoice][agent.name]
        self.ended += tasks
        rows = [self.rows[t.invoice] for t in tasks]
        seen = View.of(agent, upstream(agent.name))
        shots = self.reading.snapshots(rows, agent.contract.reads, seen)
        steps = []
        for task, row, shot in zip(tasks, rows, shots, strict=True):
            step = self._step(agent, row, shot, task, failed)
            if step is not None:
                take_effect(step, self.now)
                self._keep(step)
                steps.append(step)
        self.unwritten += steps
        for name, invoice, cause in follow_ups(steps):
            self._ask(name, invoice, cause)
        if any(s.rematched or contributes_otherwise(s) for s in steps):  # it is read from the tables
            self._write()
            self.reading.renew_billing()

    def _step(
        self, agent: Agent, row: Invoice, shot: Snapshot, task: Acquired, failed: Exception | None
    ) -> Step | None:
        """The decision of one task; None where the answer that stands was given on the same facts, where the
        invoice has ended, or where its agents do not come to rest."""
        counted = self.counts.get(row.id, answers.DecisionCount()).since(task.fact)
        advisory, holds = agent.name in ADVISORY, self.reading.holds[row.id]
        if row.state in FINAL and not advisory:
            return None  # its money is on its way, or it ended: agents no longer work on it
        if loop_guard.reached(agent, counted):
            if advisory or loop_guard.held(holds):
                return None
            if not loop_guard.stops_here(agent):
                self._stop(row, counted.fact)
                return None
            self._write()  # what is said of it is read from the tables
            failed = loop_guard.never_at_rest(row, counted)
        recorded = record_snapshot(shot)
        stands_on = digest(recorded, agent, self.policy.sha256, dumps)
        previous = self.reading.answers[row.id].get(agent.name)
        reasked = agent.name in row.answered
        if (
            failed is None
            and previous is not None
            and (reasked or advisory)
            and previous.holds_for(stands_on, shot.now)
        ):
            return None
        proposal, ruling = stand_in(agent, shot, failed) if failed else decide(agent, shot)
        own = "" if any(f.code == "agent_error" for f in proposal.findings) else stands_on
        return Step(
            agent,
            row,
            shot,
            proposal,
            ruling,
            task.opened_at,
            list(holds),
            recorded=recorded,
            stands_on=own,
            previous=previous,
            cause=task.cause,
            fact=counted.fact,
            reasked=reasked,
            reading=self.reading,
        )

    def _keep(self, step: Step) -> None:
        """What was answered is what the next agent reads."""
        key, name = step.row.id, step.agent.name
        self.reading.holds[key] += step.opened
        self.reading.answers[key][name] = answers.Answer(
            step.ruling.outcome,
            step.proposal.confidence.quantize(SCALE, ROUND_HALF_UP),
            tuple(f.code for f in step.ruling.holds),
            step.stands_on,
            step.valid_until,
            step.move.version,
            step.facts_version,
            drill="drill" if step.drilled else "",
        )
        counted = self.counts.get(key, answers.DecisionCount()).since(step.fact)
        self.counts[key] = answers.DecisionCount(step.fact, counted.decisions + 1)

    def _ask(self, agent: str, invoice: UUID, cause: str) -> None:
        """An agent is asked: what it is asked already stays, and is made due."""
        fact = self.counts[invoice].fact
        known = self.asked[invoice].get(agent)
        if known is not None:
            self.asked[invoice][agent] = replace(known, fact=max(known.fact, fact), raised=True)
        else:
            self.asked[invoice][agent] = Acquired(0, invoice, self.now, cause, fact, False, raised=True)

    def _stop(self, row: Invoice, fact: int) -> None:
        """The agents of an invoice do not come to rest: what is open for the chain goes."""
        self.looped[row.id] = fact
        self.asked[row.id] = {n: t for n, t in self.asked[row.id].items() if not self._goes(n, t)}

    def _goes(self, agent: str, task: Acquired) -> bool:
        """Does the task go because the agents of its invoice do not come to rest? A newer fact's stays."""
        return agent not in ADVISORY and task.fact <= self.looped.get(task.invoice, -1)

    def _write(self) -> None:
        commit(self.unwritten, self.now, self.taken)
        self.unwritten = []


def _behind(agent: Agent) -> Iterable[Agent]:
    names = list(REGISTRY)
    return [REGISTRY[name] for name in names[names.index(agent.name) + 1 :]]
