"""What a payment does to its invoice: forward with the money, and back when it did not arrive."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from audit import ledger, trail
from audit.ids import new_id
from audit.trail import Change, Stamp

from ...agents import ready
from ...decisions import asking
from ...decisions.neighbours import invalidate_deductions_of, invalidate_group, settled
from ...decisions.transition import transition
from ...domain import stages
from ...domain.amounts import ZERO
from ...domain.hold_codes import CATALOGUE
from ...domain.proposal import Finding, HoldDetail
from ...facts import payments_made
from ...governance.gate import fingerprint
from ...models import Hold, Invoice, Lane, PaidElsewhere, Payment, State
from ...tasks import statement_changes, work_queue

FORWARD = ("state", "state_since", "version")
IN_PART = "_in_part"
"""How the type of an entry ends that tells of a part."""
BACK = ("state", "lane", "version", "facts_version", "answered", "state_since")


def arrived(payments: Sequence[Payment], by: str, at: datetime, data: dict[UUID, dict[str, Any]]) -> None:
    """Scheduled invoices of payments that have left go forward. Their runs are locked.

    One that is held meanwhile stays held: the answer to its question says where it goes (`rests`).
    """
    rows = Invoice.objects.filter(id__in={p.invoice_id for p in payments}, state=State.SCHEDULED)
    forward(list(rows.order_by("id")), State.PAID, "payment.executed", by, at, data)


def forward(
    rows: Sequence[Invoice], state: str, type_: str, by: str, at: datetime, data: dict[UUID, dict[str, Any]]
) -> None:
    """Move locked invoices along with their payments, each with its entry. `data`: what the entry says, by
    invoice.

    An invoice is paid when all of it is: one of which a part is still open or on its way stays where it is.
    """
    rows = list({row.id: row for row in rows}.values())
    in_part = _paid_in_part(rows) if state == State.PAID else set()
    for row in rows:
        transition(row, row.state if row.id in in_part else state, at)
    changes = trail.update(list(rows), FORWARD, Stamp(by, at, type_))
    ledger.append(
        [
            ledger.Event(r.subject, f"{type_}{IN_PART if r.id in in_part else ''}", by, at, data[r.id], [c])
            for r, c in zip(rows, changes, strict=True)
        ]
    )
    work_queue.open_tasks(asking.tasks_on(asking.STATUS, rows, type_))
    settled(rows, type_)


def _paid_in_part(rows: Sequence[Invoice]) -> set[UUID]:
    """Those of which something is to be paid yet, or is on its way: what was cleared, less what living
    payments take and what is confirmed as paid elsewhere. One that was paid elsewhere alone is paid, whatever
    the sum that two people state.
    """
    ids = [row.id for row in rows]
    living = Payment.objects.live().filter(invoice__in=ids)
    begun = set(living.values_list("invoice_id", flat=True))
    under_way = set(living.exclude(status=Payment.Status.PAID).values_list("invoice_id", flat=True))
    elsewhere = PaidElsewhere.objects.filter(invoice__in=ids, status=PaidElsewhere.Status.CONFIRMED)
    stated = dict(elsewhere.values_list("invoice_id", "amount"))
    opened = payments_made.open_amounts(begun)
    return under_way | {key for key, amount in opened.items() if amount > stated.get(key, ZERO)}


def unscheduled(rows: Sequence[Invoice], by: str, at: datetime, data: dict[UUID, dict[str, Any]]) -> None:
    """Invoices whose run does not go to the bank as it was signed are cleared again, and their agents look
    once more: what was learned while they were scheduled was left aside. One of which another part is signed
    or with the bank stays scheduled. The caller has written the payments. `data`: what the entry says, by
    invoice."""
    under_way = Payment.objects.filter(
        invoice__in={row.id for row in rows}, status__in=[Payment.Status.APPROVED, Payment.Status.EXPORTED]
    )
    busy = set(under_way.values_list("invoice_id", flat=True))
    found = {row.id: row for row in rows if row.state == State.SCHEDULED and row.id not in busy}
    back = list(found.values())
    for row in back:
        transition(row, State.CLEARED, at)
    changes = trail.update(back, FORWARD, Stamp(by, at, "payment.unscheduled"))
    ledger.append(
        [
            ledger.Event(r.subject, "payment.unscheduled", by, at, data[r.id], [c])
            for r, c in zip(back, changes, strict=True)
        ]
    )
    tasks = [
        (name, r.id, "payment.unscheduled")
        for r in back
        for name in {*r.answered, *ready(frozenset(r.answered))}
    ]
    work_queue.open_tasks([*tasks, *asking.tasks_on(asking.STATUS, back, "payment.unscheduled")])
    invalidate_group(back, "payment.unscheduled")
    statement_changes.changed((r.vendor_id for r in back), "payment.unscheduled")


def back(row: Invoice, finding: Finding, type_: str, by: str, at: datetime, data: dict[str, Any]) -> None:
    """Take a locked invoice back and hold it until a person has looked.

    Every question is asked again, for what was learned while its money was on its way was left aside. Answers
    of people stand, the hold is released by a person alone, and then the invoice may be paid again. What is
    held already about the same payment and is more now is one question, in the words of now.
    """
    stamp = Stamp(by, at, finding.sentence[:200])
    row.answered = []
    row.facts_version += 1
    move = transition(row, stages.stage([], ["payments"]), at, lane=Lane.OPEN, anew=True)
    changes: list[Change] = trail.update([row], BACK, stamp) + _held(row, finding, at, stamp)
    ledger.append(
        [
            ledger.Event(
                row.subject, type_, by, at, data | {"code": finding.code, "state": move.as_json()}, changes
            )
        ]
    )
    chain = [(agent, row.id, type_) for agent in ready(frozenset())]
    work_queue.open_tasks(chain + asking.tasks_on(asking.STATUS, [row], type_))
    invalidate_deductions_of(row)
    invalidate_group([row], type_)
    statement_changes.changed([row.vendor_id], type_)


def held(row: Invoice, finding: Finding) -> Hold | None:
    """The open hold that says the same of the same payment."""
    about = [e.document for e in finding.evidence]
    found = Hold.objects.filter(invoice=row, code=finding.code, raised_by="payments", status=Hold.Status.OPEN)
    named = [
        h for h in found.order_by("opened_at", "id") if [e[0] for e in h.detail.get("evidence", ())] == about
    ]
    return named[0] if about and named else None


def _held(row: Invoice, finding: Finding, at: datetime, stamp: Stamp) -> list[Change]:
    """The hold of a finding: a new one, or the open one about the same payment in new words."""
    told, known = HoldDetail.of(finding).as_json(), held(row, finding)
    if known is not None:
        known.detail, known.fingerprint = told, fingerprint(finding)
        return trail.update([known], ("detail", "fingerprint"), stamp)
    kind = CATALOGUE[finding.code]
    new = Hold(
        id=new_id(),
        invoice=row,
        line=None,
        code=finding.code,
        question=kind.question,
        owner=kind.owner,
        status=Hold.Status.OPEN,
        detail=told,
        fingerprint=fingerprint(finding),
        raised_by="payments",
        opened_at=at,
    )
    return trail.insert([new], stamp)
