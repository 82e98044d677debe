"""The one writer of decisions: state, history, ledger, next tasks, questions to people and one doorbell, in
the transaction that holds the invoices' locks. Nothing here decides; it writes what governance allowed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from audit import trail
from audit.subjects import Subject
from audit.trail import Change, Stamp

from ..agents import RELEASE
from ..agents.goods import counts_once_cleared
from ..facts.related_invoices import billing_siblings
from ..tasks import statement_changes, work_queue
from ..tasks.announce import announce
from . import asking, holds
from .bodies import agent_decision
from .effects import EFFECTS
from .record import DecisionRecord, record_decisions
from .steps import Step, actor_of, advance, follow_ups, settle_holds
from .transition import MOVED

WRITTEN = (*MOVED, "facts_version", "answered", "matching")
"""Columns of an invoice that an answer may change."""


class NotAtomic(RuntimeError):
    """Decisions are written inside the transaction that claimed their invoices."""


def commit(steps: Sequence[Step], now: datetime) -> None:
    """Write a batch of steps of one agent. All or nothing; the caller's transaction decides. Raises
    `NotAtomic`."""
    if not steps:
        return
    if not transaction.get_connection().in_atomic_block:
        raise NotAtomic
    for step in steps:
        settle_holds(step, now)
        advance(step, now)
        for effect in EFFECTS:
            effect.prepare(step)
    changes = _write_state(steps, now)
    for effect in EFFECTS:
        effect.add(steps)
    record_decisions([_record_of(step, changes[step.row.id], now) for step in steps], now)
    for effect in EFFECTS:
        effect.after(steps, now)
    cleared = [s.row for s in steps if s.ruling.clears and s.move.before != "cleared"]
    work_queue.open_tasks(
        [(name, s.row.id, s.agent.name) for s in steps for name in follow_ups(s)]
        + asking.tasks_on(asking.CLEARED, cleared, "cleared"),
        {s.row.id: s.fact for s in steps},
    )
    _invalidate([s for s in steps if _contributes_otherwise(s)])
    credits_moved = [s.row for s in steps if s.row.type == "credit_note" and s.move.before != s.row.state]
    statement_changes.changed((row.vendor_id for row in credits_moved), "credit note")
    announce(_topics(steps), work=True)


def _invalidate(moved: Sequence[Step]) -> None:
    """Others whose sums over an order may be other ones now; their agents look whether they are."""
    steps = {s.row.id: s for s in moved}
    for own, others in billing_siblings(list(steps)).items():
        work_queue.invalidate(others, "billing", steps[own].row.subject, steps[own].fact)


def _contributes_otherwise(step: Step) -> bool:
    """Is what the invoice adds to the sums of its order lines another value than before?

    An invoice adds what it bills from the moment it is matched, whatever its state; a credit note, a negative
    line and an advance count while they are cleared. That something happened to it is no reason to ask
    anybody.
    """
    before, after = step.move.before == "cleared", step.row.state == "cleared"
    if step.row.type == "credit_note":
        return before != after or (after and step.rematched)
    return step.rematched or (before != after and counts_once_cleared(step.snapshot.document))


def _write_state(steps: Sequence[Step], now: datetime) -> dict[UUID, list[Change]]:
    """Invoices and holds with their history, in sets, and what effects write; the changes by invoice."""
    out: dict[UUID, list[Change]] = {s.row.id: [] for s in steps}
    stamps = {s.row.id: Stamp(actor_of(s), now, f"{s.agent.name}: {s.ruling.outcome}") for s in steps}
    moved = [s.row for s in steps if s.ruling.outcome != "note" or s.row.version != s.snapshot.version]
    for row, change in zip(moved, trail.update(moved, WRITTEN, lambda r: stamps[r.pk]), strict=True):
        out[row.id].append(change)
    opened = [h for s in steps for h in s.opened]
    changed = [h for s in steps for h in s.changed]

    def by_invoice(hold: Any) -> Stamp:
        return stamps[hold.invoice_id]

    done = [*zip(changed, trail.update(changed, (*holds.RELEASED, "detail"), by_invoice), strict=True)]
    done += zip(opened, trail.insert(opened, by_invoice), strict=True)
    for hold, change in done:
        out[hold.invoice_id].append(change)
    for effect in EFFECTS:
        for key, change in effect.write(steps, now, stamps):
            out[key].append(change)
    return out


def _record_of(step: Step, changes: Sequence[Change], now: datetime) -> DecisionRecord:
    return DecisionRecord(
        id=step.decision_id,
        row=step.row,
        agent=step.agent.name,
        actor=actor_of(step),
        outcome=step.ruling.outcome,
        body=agent_decision(step, step.move),
        move=step.move,
        policy=step.snapshot.policy.name,
        codes=[f.code for f in step.ruling.holds],
        changes=changes,
        clears=step.ruling.clears,
        causation=str(step.decision_id),
        confidence=step.proposal.confidence,
        latency_ms=max(0, int((now - step.opened_at) / timedelta(milliseconds=1))),
        stands_on=step.stands_on,
        valid_until=step.valid_until,
        fact=step.fact,
    )


def _topics(steps: Sequence[Step]) -> list[tuple[str, str]]:
    topics = [("agents", steps[0].agent.name), ("flow", "")]
    topics += [(Subject.of("invoice", s.row.id), str(s.row.id)) for s in steps]
    topics += [("inbox", "")] if any(RELEASE in s.agent.contract.owns for s in steps) else []
    return topics
