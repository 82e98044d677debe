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
from audit.ledger import Event
from audit.subjects import Subject
from audit.trail import Change, Stamp

from ..agents import RELEASE
from ..agents.goods import counts_once_cleared
from ..facts import taken as facts_taken
from ..facts.related_invoices import billing_siblings
from ..facts.taken import Taken
from ..tasks import order_locks, statement_changes, work_queue
from ..tasks.announce import announce
from . import asking, holds
from .bodies import AgentDecision
from .effects import EFFECTS
from .record import DecisionRecord, record_decisions
from .steps import Step, actor_of, advance, asked_next, settle_holds, stamp_of
from .transition import MOVED, Move

WRITTEN = (*MOVED, "facts_version", "answered", "matching")
"""Columns of an invoice that an answer may change."""


class NotAtomic(RuntimeError):
    """Decisions are written inside the transaction that claimed their invoices."""


def take_effect(step: Step, now: datetime) -> None:
    """Bring row and holds in hand to where the ruling puts them, and note the decision as it is now: the next
    agent answers on this state, and the one that stands when the transaction ends is another perhaps."""
    settle_holds(step, now)
    advance(step, now)
    for effect in EFFECTS:
        effect.prepare(step)
    step.move = Move(step.before[0], step.row.state, step.row.version)
    step.facts_version = step.row.facts_version
    if step.ruling.outcome != "note" or step.row.version != step.snapshot.version:
        step.version = trail.version(step.row)
    step.body = AgentDecision.of(step, step.move).as_json()


def commit(steps: Sequence[Step], now: datetime, taken: Taken) -> None:
    """Write steps that have taken effect, of one agent or of several in their order. All or nothing; the
    caller's transaction decides. `taken`: the facts of their invoices that are on record already; what is new
    is added to it. Raises `NotAtomic`."""
    if not steps:
        return
    if not transaction.get_connection().in_atomic_block:
        raise NotAtomic
    changes = _write_state(steps, now)
    for effect in EFFECTS:
        effect.add(steps)
    facts = _facts_once(steps, taken, now)
    record_decisions([_record_of(step, changes[step.decision_id], now) for step in steps], now, facts)
    for effect in EFFECTS:
        effect.after(steps, now)
    _invalidate([s for s in steps if contributes_otherwise(s)])
    credits_moved = [s.row for s in steps if s.row.type == "credit_note" and s.move.before != s.move.after]
    statement_changes.changed((row.vendor_id for row in credits_moved), "credit note")
    announce(_topics(steps), work=True)


def follow_ups(steps: Sequence[Step]) -> list[tuple[str, UUID, str]]:
    """(Agent, invoice, cause): who may have something to say after these steps, events included."""
    cleared = [s.row for s in steps if s.ruling.clears and s.move.before != "cleared"]
    return [(name, s.row.id, s.agent.name) for s in steps for name in asked_next(s)] + asking.tasks_on(
        asking.CLEARED, cleared, "cleared"
    )


def _invalidate(moved: Sequence[Step]) -> None:
    """Others whose sums over an order may be other ones now; their agents look whether they are.

    So do those of an invoice that was matched to an order which it does not name: until this transaction
    ends nobody finds it, and what others bill of the order or change of it meanwhile is not noted for it.
    """
    steps = {s.row.id: s for s in moved}
    unnamed = order_locks.take(list(steps)) if steps else set()
    found = billing_siblings(list(steps))
    for own in unnamed:
        if steps[own].rematched:
            found.setdefault(own, []).append(own)
    for own, others in found.items():
        work_queue.invalidate(others, "billing", steps[own].row.subject, steps[own].fact)


def contributes_otherwise(step: Step) -> bool:
    """Is what the invoice adds to the sums of its order lines another value than before?

    An invoice adds what it bills from the moment it is matched, whatever its state; a credit note, a negative
    line and an advance count while they are cleared. That something happened to it is no reason to ask
    anybody.
    """
    before, after = step.move.before == "cleared", step.move.after == "cleared"
    if step.row.type == "credit_note":
        return before != after or (after and step.rematched)
    return step.rematched or (before != after and counts_once_cleared(step.snapshot.document))


def _write_state(steps: Sequence[Step], now: datetime) -> dict[UUID, list[Change]]:
    """Invoices and holds with their history, in sets, and what effects write; the changes by decision."""
    out: dict[UUID, list[Change]] = {s.decision_id: [] for s in steps}
    moved = [(s, s.version) for s in steps if s.version is not None]
    stamps = [stamp_of(s, now) for s, _ in moved]
    written = trail.update_through([version for _, version in moved], WRITTEN, stamps)
    for (step, _), change in zip(moved, written, strict=True):
        out[step.decision_id].append(change)
    changed = [(s, h) for s in steps for h in s.changed]
    opened = [(s, h) for s in steps for h in s.opened]
    by = {h.id: s for s, h in [*changed, *opened]}

    def stamp(hold: Any) -> Stamp:
        return stamp_of(by[hold.id], now)

    done = trail.update([h for _, h in changed], (*holds.RELEASED, "detail"), stamp)
    done += trail.insert([h for _, h in opened], stamp)
    for (step, _), change in zip([*changed, *opened], done, strict=True):
        out[step.decision_id].append(change)
    for effect in EFFECTS:
        for step, change in effect.write(steps, now):
            out[step.decision_id].append(change)
    return out


def _facts_once(steps: Sequence[Step], taken: Taken, now: datetime) -> list[Event]:
    """What the decisions stand on goes into their bodies by name where it is on record or shared among them;
    the events that put on record what is new."""
    found: list[Event] = []
    by_invoice: dict[UUID, list[Step]] = {}
    for step in steps:
        by_invoice.setdefault(step.row.id, []).append(step)
    for key, own in by_invoice.items():
        parts, new = taken.of(key).name([step.body["input"] for step in own])
        for step, one in zip(own, parts, strict=True):
            step.body |= {"input": one.input} | ({"taken": one.taken} if one.taken else {})
        if new is not None:
            digest, facts = new
            data = {"digest": digest, "facts": facts}
            found.append(Event(own[0].row.subject, facts_taken.TYPE, facts_taken.ACTOR, now, data))
    return found


def _record_of(step: Step, changes: Sequence[Change], now: datetime) -> DecisionRecord:
    return DecisionRecord(
        id=step.decision_id,
        row=step.row,
        agent=step.agent.name,
        actor=actor_of(step),
        outcome=step.ruling.outcome,
        body=step.body,
        move=step.move,
        facts_version=step.facts_version,
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
        proposed=step.proposal.outcome,
        amount=step.snapshot.gross_company,
        method=step.proposal.method,
    )


def _topics(steps: Sequence[Step]) -> list[tuple[str, str]]:
    topics = [*(("agents", name) for name in {s.agent.name for s in steps}), ("flow", "")]
    topics += [(Subject.of("invoice", s.row.id), str(s.row.id)) for s in steps]
    topics += [("inbox", "")] if any(RELEASE in s.agent.contract.owns for s in steps) else []
    return topics
