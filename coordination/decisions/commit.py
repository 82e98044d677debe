"""The one writer of decisions: state, history, ledger, next tasks, questions to people and one doorbell, in
the transaction that holds the invoices' locks. Nothing here decides; it writes what governance allowed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from audit import ledger, trail
from audit.ids import new_id
from audit.trail import Change, Stamp
from reviews import services as reviews

from ..agents import actor, consumes
from ..agents.finance_payment import FinancePayment
from ..agents.goods import counts_once_cleared
from ..domain.facts import Allocated, Snapshot
from ..facts import coding_history, documents
from ..facts.related_invoices import billing_siblings
from ..facts.serialization import encode
from ..models import Allocation, Decision, Delivery, Hold, Invoice, InvoiceStatus
from ..tasks import statement_changes, work_queue
from ..tasks.announce import announce
from . import case, clearances, codings
from .steps import ENGINE, Step, actor_of, advance, follow_ups, settle_holds

MOVES = ("state", "lane", "version", "facts_version", "answered", "matching", "state_since")


class NotAtomic(RuntimeError):
    """Decisions are written inside the transaction that claimed their invoices."""


def commit(steps: Sequence[Step], now: datetime) -> None:
    """Write a batch of steps of one agent. All or nothing; the caller's transaction decides."""
    if not steps:
        return
    if not transaction.get_connection().in_atomic_block:
        raise NotAtomic
    for step in steps:
        settle_holds(step, now)
        advance(step, now)
        _rematch(step)
    changes = _write_state(steps, now)
    _write_facts(steps)
    entries = ledger.append([_decided(step, changes[step.row.id], now) for step in steps])
    _write_decisions(steps, entries, now)
    _ask_people(steps, now)
    work_queue.open_tasks(
        [(name, s.row.id, s.agent.name) for s in steps for name in follow_ups(s)]
        + coding_history.tasks_for(
            [s.row for s in steps if s.ruling.clears and s.before[0] != "cleared"], "cleared"
        ),
        {s.row.id: s.fact for s in steps},
    )
    _invalidate([s for s in steps if _contributes_otherwise(s)])
    credits_moved = [s.row for s in steps if s.row.type == "credit_note" and s.before[0] != s.row.state]
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
    before, after = step.before[0] == "cleared", step.row.state == "cleared"
    if step.row.type == "credit_note":
        return before != after or (after and step.rematched)
    return step.rematched or (before != after and counts_once_cleared(step.snapshot.document))


def _rematch(step: Step) -> None:
    """When the proposal allocates otherwise than the allocations in force, a new set replaces them."""
    if step.proposal.allocations is None:
        return
    present = {(a.position, a.order_line, a.quantity, a.amount) for a in step.snapshot.allocations}
    proposed = {(a.position, a.order_line, a.quantity, a.amount) for a in step.proposal.allocations}
    step.rematched = proposed != present
    step.row.matching += step.rematched


def _write_state(steps: Sequence[Step], now: datetime) -> dict[UUID, list[Change]]:
    """Invoices and holds with their history, in sets; the changes by invoice."""
    out: dict[UUID, list[Change]] = {s.row.id: [] for s in steps}
    stamps = {s.row.id: Stamp(actor_of(s), now, f"{s.agent.name}: {s.ruling.outcome}") for s in steps}
    moved = [s.row for s in steps if s.ruling.outcome != "note" or s.row.version != s.snapshot.version]
    for row, change in zip(moved, trail.update(moved, MOVES, lambda r: stamps[r.pk]), strict=True):
        out[row.id].append(change)
    opened = [h for s in steps for h in s.opened]
    changed = [h for s in steps for h in s.changed]
    by_invoice = lambda h: stamps[h.invoice_id]  # noqa: E731
    fields = ("status", "release", "until", "released_at", "released_by", "release_reason", "detail")
    done = [*zip(changed, trail.update(changed, fields, by_invoice), strict=True)]
    done += zip(opened, trail.insert(opened, by_invoice), strict=True)
    for hold, change in done:
        out[hold.invoice_id].append(change)
    written = [*_write_statuses(steps, now, stamps), *codings.write_proposed(steps, now, stamps)]
    for key, change in written:
        out[key].append(change)
    return out


def _write_statuses(
    steps: Sequence[Step], now: datetime, stamps: dict[UUID, Stamp]
) -> list[tuple[UUID, Change]]:
    told = {s.row.id: s.proposal.status for s in steps if s.proposal.status is not None}
    if not told:
        return []
    known = {s.invoice_id: s for s in InvoiceStatus.objects.filter(invoice_id__in=told)}
    new: list[InvoiceStatus] = []
    old: list[InvoiceStatus] = []
    for key, status in told.items():
        row = known.get(key) or InvoiceStatus(invoice_id=key)
        same = (row.text, row.response, row.reasons, row.actions) == (
            status.text,
            status.response,
            list(status.reasons),
            list(status.actions),
        )
        if key in known and same:
            continue
        row.text, row.response, row.as_of = status.text, status.response, now
        row.reasons, row.actions = list(status.reasons), list(status.actions)
        (old if key in known else new).append(row)
    done = trail.insert(new, lambda r: stamps[r.pk])
    done += trail.update(old, ("text", "response", "reasons", "actions", "as_of"), lambda r: stamps[r.pk])
    return list(zip([r.invoice_id for r in [*new, *old]], done, strict=True))


def _write_facts(steps: Sequence[Step]) -> None:
    allocations, deliveries = [], []
    for step in steps:
        if step.rematched:
            allocations += [_allocation(step.row, a) for a in step.proposal.allocations or ()]
        deliveries += [
            Delivery(
                id=new_id(),
                invoice_id=step.row.id,
                facts_version=step.row.facts_version,
                position=d.position,
                receipt_line_id=UUID(d.receipt_line),
                quantity=d.quantity,
            )
            for d in step.proposal.deliveries or ()
        ]
    trail.insert_facts(allocations)
    trail.insert_facts(deliveries)


def _allocation(row: Invoice, pair: Allocated) -> Allocation:
    return Allocation(
        id=new_id(),
        invoice_id=row.id,
        matching=row.matching,
        position=pair.position,
        order_line_id=UUID(pair.order_line),
        quantity=pair.quantity,
        amount=pair.amount,
        found_by=pair.by,
    )


def _decided(step: Step, changes: list[Change], now: datetime) -> ledger.Event:
    return ledger.Event(
        f"invoice/{step.row.id}",
        "invoice.decided",
        actor_of(step),
        now,
        decision_data(step),
        changes,
        causation=str(step.decision_id),
        id=str(step.decision_id),
    )


def decision_data(step: Step) -> dict[str, Any]:
    """The whole decision, with the names of OPA decision logs where they exist, enough to run it again."""
    proposal, ruling, snapshot = step.proposal, step.ruling, step.snapshot
    return {
        "decision_id": str(step.decision_id),
        "path": f"coordination/{step.agent.name}",
        "agent": step.agent.name,
        "agent_version": step.agent.version,
        "contract_version": step.agent.contract.version,
        "consumes": sorted(consumes(step.agent)),
        "requested_by": step.requested_by,
        "asked_because": step.cause,
        "fact": str(step.fact),
        "stands_on": step.stands_on,
        "input": step.recorded or record(snapshot),
        "document": step.row.digest,
        "result": ruling.outcome,
        "outcome": proposal.outcome,
        "confidence": str(proposal.confidence),
        "reasoning": proposal.reasoning,
        "findings": encode(proposal.findings),
        "allocations": encode(proposal.allocations or ()),
        "objections": encode(proposal.objections),
        **({"codings": encode(proposal.codings)} if proposal.codings else {}),
        "holds": [h.code for h in step.live],
        "matched_rules": encode(ruling.fired),
        "nearest": ruling.nearest,
        "reasons": [f.code for f in ruling.holds],
        "dissent": encode(ruling.dissent),
        "policy": {"revision": str(snapshot.policy.revision), "sha256": snapshot.policy.sha256},
        "engine_version": ENGINE,
        "state": {"from": step.before[0], "to": step.row.state, "version": str(step.row.version)},
        "lane": step.row.lane,
        "oversight": {
            "required": ruling.outcome == "escalate",
            "quorum": str(ruling.quorum),
            "queue": ruling.queue,
        },
    }


def record(snapshot: Snapshot) -> dict[str, Any]:
    """A snapshot as an entry keeps it, without the document: that stands in the subject's first entry."""
    recorded: dict[str, Any] = encode(snapshot)
    del recorded["document"]
    return recorded


def _write_decisions(steps: Sequence[Step], entries: Sequence[ledger.Appended], now: datetime) -> None:
    trail.insert_facts(
        [
            Decision(
                id=step.decision_id,
                entry_id=entry.id,
                invoice_id=step.row.id,
                agent=step.agent.name,
                actor=actor_of(step),
                outcome=step.ruling.outcome,
                confidence=step.proposal.confidence,
                state_from=step.before[0],
                state_to=step.row.state,
                state_version=step.row.version,
                facts_version=step.row.facts_version,
                policy=step.snapshot.policy.name,
                codes=[f.code for f in step.ruling.holds],
                latency_ms=max(0, int((now - step.opened_at) / timedelta(milliseconds=1))),
                stands_on=step.stands_on,
                valid_until=step.valid_until,
                fact=step.fact,
                at=now,
            )
            for step, entry in zip(steps, entries, strict=True)
        ]
    )
    clearances.record([(s.row, s.decision_id) for s in steps if s.ruling.clears], now)


def _ask_people(steps: Sequence[Step], now: datetime) -> None:
    """Open, replace or withdraw the invoice's one question, as the ruling on its release says."""
    ruled = [s for s in steps if "release" in s.agent.contract.owns]
    if not ruled:
        return
    asked = [s for s in ruled if s.ruling.outcome == "escalate"]
    contents = documents.contents([s.row.id for s in asked]) if asked else {}
    questions = case.questions(
        [(s.row, s.snapshot, contents[s.row.id], s.live, s.ruling) for s in asked], now
    )
    settled = [f"invoice/{s.row.id}" for s in ruled if s.ruling.outcome != "escalate"]
    reviews.withdraw(settled, by=actor(FinancePayment.name), why="the condition is gone", at=now)
    reviews.ask(questions, at=now)


def _topics(steps: Sequence[Step]) -> list[tuple[str, str]]:
    topics = [("agents", steps[0].agent.name), ("flow", "")]
    topics += [(f"invoice/{s.row.id}", str(s.row.id)) for s in steps]
    topics += [("inbox", "")] if any("release" in s.agent.contract.owns for s in steps) else []
    return topics


__all__ = ["Hold", "commit"]
