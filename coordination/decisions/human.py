"""What a person's answer does: a human decision by the same rules of writing as an agent's, in the verdict's
transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from audit import ledger, trail
from audit.errors import CountersignError
from audit.ids import new_id
from audit.trail import Change, Stamp
from reviews.models import Escalation, Verdict

from ..agents import ready, stale
from ..agents.finance_payment import FinancePayment
from ..agents.goods import counts_once_cleared
from ..agents.support_status import SupportStatus
from ..domain import stages
from ..domain.hold_codes import CATALOGUE
from ..facts import coding_history, documents, payments_made, policies
from ..models import Decision, Hold, Invoice, Lane, State, Vendor
from ..tasks import statement_changes, work_queue
from . import clearances, manual_hold, neighbours, superseding
from .steps import ENGINE


class Apart(CountersignError):
    """The signatures under this question answer different things of it, or differently; a manager has to
    sign."""

    status = 409
    exit_code = 4


class MovedOn(CountersignError):
    """The invoice is scheduled or ended; it can no longer be decided here."""

    status = 409
    exit_code = 5


RELEASE = ("status", "release", "until", "released_at", "released_by", "release_reason")
MOVES = ("state", "lane", "version", "state_since", "answered")


def covered(escalation: Escalation, verdicts: Sequence[Verdict]) -> frozenset[str]:
    """Holds that every signature under the question covers. Raises `Apart` where the signatures have none in
    common."""
    signed = [frozenset(str(c["hold"]) for c in v.covers) for v in verdicts if v.verdict != "reject"]
    common = frozenset.intersection(*signed) if signed else frozenset()
    if signed and escalation.reasons and not common:
        raise Apart
    return common


def lock_invoice(subject: str) -> None:
    """Lock an invoice as every writer of decisions does, and with it what an answer about it may set
    aside."""
    key = UUID(subject.partition("/")[2])
    list(
        Invoice.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=[key, *superseding.concerned(key)])
        .order_by("id")
        .values("id")
    )


def lock_vendor(subject: str) -> None:
    list(
        Vendor.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk=subject.partition("/")[2])
        .values("id")
    )


def answer(escalation: Escalation, verdict: Verdict, verdicts: Sequence[Verdict], at: datetime) -> None:
    """Release what the answer covers. What else stands keeps the invoice held, and the agents ask whose it
    is."""
    covers = covered(escalation, verdicts)
    row = Invoice.objects.get(pk=escalation.subject.partition("/")[2])
    if row.state in {State.SCHEDULED, State.PAID, State.REJECTED, State.VOID}:
        raise MovedOn
    before = row.state
    approve = verdict.verdict != "reject"
    live = list(Hold.objects.filter(invoice=row).exclude(status=Hold.Status.RELEASED))
    held = [h for h in live if str(h.id) in covers] if approve else live
    left = [h for h in live if h not in held]
    if superseding.asked(held) and len({v.verdict for v in verdicts if v.verdict != "reject"}) > 1:
        raise Apart  # one says that it replaces the other, one that both are owed
    manual_hold.demand_deputy(held, verdict.by)
    for hold in held:
        hold.status, hold.until = Hold.Status.RELEASED, None
        hold.release = Hold.Release.OVERRIDE if approve else Hold.Release.REJECTED
        hold.released_at, hold.released_by, hold.release_reason = at, verdict.by, verdict.reason
    rests = payments_made.rests(row, ended=not approve)
    row.state, row.lane = rests or (State.CLEARED if approve else _ended(verdict)), Lane.HUMAN
    if row.state == State.VOID:
        row.lane = Lane.VOID
    again = approve and _goes_back(row, held, left)
    row.state_since, row.version = at, row.version + 1
    stamp = Stamp(verdict.by, at, f"{verdict.verdict}: {verdict.reason}")
    changes = trail.update([row], MOVES, stamp) + trail.update(held, RELEASE, stamp)
    _decide(row, before, escalation, verdict, held, changes, at)
    work_queue.open_tasks([(SupportStatus.name, row.id, "verdict")])
    statement_changes.changed([row.vendor_id], "verdict")
    if verdict.verdict == "approve" and superseding.asked(held):
        superseding.set_aside(row, verdict.by, verdict.reason, at)
    if rests:
        neighbours.settled([row], "verdict")
    elif not approve or counts_once_cleared(documents.contents([row.id])[row.id].invoice):
        neighbours.invalidate_order_and_lookalikes(row)
    work_queue.open_tasks(coding_history.tasks_for([row] if row.state == State.CLEARED else [], "verdict"))
    if again:
        work_queue.open_tasks([(a, row.id, "verdict") for a in ready(frozenset(row.answered))])


def _goes_back(row: Invoice, held: Sequence[Hold], left: Sequence[Hold]) -> bool:
    """Does the invoice go back to the agents instead of on to payment? Then its state says how far it is."""
    gone: frozenset[str] = frozenset({FinancePayment.name}) if left else frozenset()
    if kinds := frozenset[str]().union(*(CATALOGUE[h.code].asks_again for h in held)):
        gone |= stale(kinds)
    if not gone:
        return False
    row.answered = sorted(set(row.answered) - gone)
    row.state, row.lane = stages.stage(row.answered, {h.raised_by for h in left}), Lane.OPEN
    return True


def _ended(verdict: Verdict) -> str:
    """A claim rejected because it was made before is void; any other rejection is a rejection."""
    return State.VOID if verdict.reason == "duplicate" else State.REJECTED


def _decide(
    row: Invoice,
    before: str,
    escalation: Escalation,
    verdict: Verdict,
    held: list[Hold],
    changes: list[Change],
    at: datetime,
) -> None:
    policy = policies.active()
    decision_id = new_id()
    codes = sorted({h.code for h in held})
    data = {
        "decision_id": str(decision_id),
        "path": "reviews/verdict",
        "agent": "person",
        "requested_by": "escalation",
        "input": {
            "escalation": str(escalation.id),
            "payload_sha256": verdict.payload_hash,
            "version": str(escalation.version - 1),
        },
        "result": "reject" if verdict.verdict == "reject" else "act",
        "outcome": verdict.verdict,
        "reasoning": verdict.comment or verdict.reason,
        "reason": verdict.reason,
        "overrides": verdict.overrides,
        "released": codes,
        "holds": [_named(h) for h in held],
        "policy": {"revision": str(policy.revision), "sha256": policy.sha256},
        "engine_version": ENGINE,
        "state": {"from": before, "to": row.state, "version": str(row.version)},
        "lane": row.lane,
    }
    [entry] = ledger.append(
        [
            ledger.Event(
                row.subject,
                "invoice.decided",
                verdict.by,
                at,
                data,
                changes,
                causation=str(verdict.id),
                id=str(decision_id),
            )
        ]
    )
    trail.insert_facts(
        [
            Decision(
                id=decision_id,
                entry_id=entry.id,
                invoice_id=row.id,
                agent="person",
                actor=verdict.by,
                outcome=verdict.verdict,
                state_from=before,
                state_to=row.state,
                state_version=row.version,
                facts_version=row.facts_version,
                policy=policy.name,
                codes=codes,
                latency_ms=0,
                at=at,
            )
        ]
    )
    if row.state == State.CLEARED:
        clearances.record([(row, decision_id)], at)


def _named(hold: Hold) -> dict[str, str]:
    line = "" if hold.line is None else str(hold.line)
    return {"hold": str(hold.id), "code": hold.code, "line": line, "owner": hold.owner}
