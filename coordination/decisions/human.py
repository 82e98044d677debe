"""What a person's answer does: a human decision by the same rules of writing as an agent's, in the verdict's
transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from audit import trail
from audit.errors import CountersignError
from audit.ids import new_id
from audit.subjects import Subject
from audit.trail import Change, Stamp
from reviews.models import Escalation, Verdict

from ..agents import OWNERS, RELEASE, ready, stale
from ..agents.goods import counts_once_cleared
from ..domain import stages
from ..domain.hold_codes import CATALOGUE
from ..domain.remedies import IS_DUPLICATE, LIKE, meant
from ..facts import documents, payments_made, policies
from ..models import Hold, Invoice, Lane, State, Vendor
from ..tasks import statement_changes, work_queue
from . import asking, holds, manual_hold, neighbours, remedied, superseding
from .bodies import PersonDecision
from .record import PERSON, DecisionRecord, record_decision
from .transition import MOVED, Move, transition


class Apart(CountersignError):
    """The signatures under this question answer different things of it, or differently; a manager has to
    sign."""

    status = 409
    exit_code = 4


class MovedOn(CountersignError):
    """The invoice is scheduled or ended; it can no longer be decided here."""

    status = 409
    exit_code = 5


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
    key = Subject(subject).uuid
    list(Invoice.objects.locked().filter(pk__in=[key, *superseding.concerned(key)]).values("id"))


def lock_vendor(subject: str) -> None:
    list(Vendor.objects.locked().filter(pk=Subject(subject).key).values("id"))


def answer(escalation: Escalation, verdict: Verdict, verdicts: Sequence[Verdict], at: datetime) -> None:
    """Release what the answer covers. What else stands keeps the invoice held, and the agents ask whose it
    is. An edit does what its remedy does."""
    if verdict.remedy and verdict.remedy not in LIKE:
        remedied.carry_out(escalation, verdict, verdicts, at)
        return
    said = meant(verdict.verdict, verdict.remedy)
    covers = covered(escalation, verdicts)
    row = Invoice.objects.get(pk=Subject(escalation.subject).key)
    if row.state in {State.SCHEDULED, State.PAID, State.REJECTED, State.VOID}:
        raise MovedOn
    approve = said != "reject"
    live = list(Hold.objects.live().filter(invoice=row))
    held = [h for h in live if str(h.id) in covers] if approve else live
    left = [h for h in live if h not in held]
    if superseding.asked(held) and len({v.verdict for v in verdicts if v.verdict != "reject"}) > 1:
        raise Apart  # one says that it replaces the other, one that both are owed
    manual_hold.demand_deputy(held, verdict.by)
    how = Hold.Release.OVERRIDE if approve else Hold.Release.REJECTED
    holds.release(held, how, verdict.by, verdict.reason, at)
    rests = payments_made.rests(row, ended=not approve)
    again = approve and _goes_back(row, held, left)
    to = _stage(row, left) if again else rests or (State.CLEARED if approve else _ended(verdict))
    lane = Lane.OPEN if again else Lane.VOID if to == State.VOID else Lane.HUMAN
    move = transition(row, to, at, lane=lane, anew=True)
    stamp = Stamp(verdict.by, at, f"{said}: {verdict.reason}")
    changes = trail.update([row], (*MOVED, "answered"), stamp) + trail.update(held, holds.RELEASED, stamp)
    record_decision(_record_of(row, escalation, verdict, held, move, changes), at)
    work_queue.open_tasks(asking.tasks_on(asking.STATUS, [row], "verdict"))
    statement_changes.changed([row.vendor_id], "verdict")
    if said == "approve" and superseding.asked(held):
        superseding.set_aside(row, verdict.by, verdict.reason, at)
    if rests:
        neighbours.settled([row], "verdict")
    elif not approve or counts_once_cleared(documents.contents([row.id])[row.id].invoice):
        neighbours.invalidate_order_and_lookalikes(row)
    if row.state == State.CLEARED:
        work_queue.open_tasks(asking.tasks_on(asking.CLEARED, [row], "verdict"))
    if again:
        work_queue.open_tasks([(a, row.id, "verdict") for a in ready(frozenset(row.answered))])
    if verdict.remedy:
        remedied.remember_pair(row, escalation, verdict, verdicts, at)


def _goes_back(row: Invoice, held: Sequence[Hold], left: Sequence[Hold]) -> bool:
    """Does the invoice go back to the agents instead of on to payment? Then those whose answers are gone are
    asked again."""
    gone: frozenset[str] = frozenset({OWNERS[RELEASE]}) if left else frozenset()
    if kinds := frozenset[str]().union(*(CATALOGUE[h.code].asks_again for h in held)):
        gone |= stale(kinds)
    if not gone:
        return False
    row.answered = sorted(set(row.answered) - gone)
    return True


def _stage(row: Invoice, left: Sequence[Hold]) -> str:
    return stages.stage(row.answered, {h.raised_by for h in left})


def _ended(verdict: Verdict) -> str:
    """A claim rejected because it was made before is void; any other rejection is a rejection."""
    made_before = verdict.reason == "duplicate" or verdict.remedy == IS_DUPLICATE
    return State.VOID if made_before else State.REJECTED


def _record_of(
    row: Invoice,
    escalation: Escalation,
    verdict: Verdict,
    held: Sequence[Hold],
    move: Move,
    changes: Sequence[Change],
) -> DecisionRecord:
    policy, key = policies.active(), new_id()
    codes, said = sorted({h.code for h in held}), meant(verdict.verdict, verdict.remedy)
    body = PersonDecision(
        decision_id=key,
        input={
            "escalation": str(escalation.id),
            "payload_sha256": verdict.payload_hash,
            "version": str(escalation.version - 1),
        },
        result="reject" if said == "reject" else "act",
        outcome=said,
        reasoning=verdict.comment or verdict.reason,
        reason=verdict.reason,
        overrides=verdict.overrides,
        released=codes,
        holds=held,
        policy=policy,
        move=move,
        lane=row.lane,
    )
    return DecisionRecord(
        id=key,
        row=row,
        agent=PERSON,
        actor=verdict.by,
        outcome=said,
        body=body.as_json(),
        move=move,
        facts_version=row.facts_version,
        policy=policy.name,
        codes=codes,
        changes=changes,
        clears=row.state == State.CLEARED,
        causation=str(verdict.id),
    )
