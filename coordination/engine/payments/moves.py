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
from ...agents.base import Finding
from ...agents.support_status import SupportStatus
from ...governance import progress
from ...governance.catalogue import CATALOGUE
from ...governance.gate import fingerprint
from ...models import FINAL, Hold, Invoice, Lane, State
from .. import claim, siblings, statements
from ..steps import detail

FORWARD = ("state", "state_since", "version")
BACK = ("state", "lane", "version", "facts_version", "answered", "state_since")


def forward(
    rows: Sequence[Invoice], state: str, type_: str, by: str, at: datetime, data: dict[UUID, dict[str, Any]]
) -> None:
    """Move locked invoices along with their payments, each with its entry. `data`: what the entry says, by invoice."""
    for row in rows:
        row.state, row.state_since, row.version = state, at, row.version + 1
    changes = trail.update(list(rows), FORWARD, Stamp(by, at, type_))
    ledger.append(
        [ledger.Event(r.subject, type_, by, at, data[r.id], [c]) for r, c in zip(rows, changes, strict=True)]
    )
    claim.open_tasks([(SupportStatus.name, r.id, type_) for r in rows])
    _ask_held_deductions(rows)
    _ask_beside(rows, type_)
    statements.changed((r.vendor_id for r in rows), type_)


def unscheduled(rows: Sequence[Invoice], by: str, at: datetime, data: dict[UUID, dict[str, Any]]) -> None:
    """Invoices whose run does not go to the bank as it was signed are cleared again, and their agents look once more: what
    was learned while they were scheduled was left aside. `data`: what the entry says, by invoice."""
    back = [row for row in rows if row.state == State.SCHEDULED]
    for row in back:
        row.state, row.state_since, row.version = State.CLEARED, at, row.version + 1
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
    claim.open_tasks([*tasks, *((SupportStatus.name, r.id, "payment.unscheduled") for r in back)])
    _ask_beside(back, "payment.unscheduled")
    statements.changed((r.vendor_id for r in back), "payment.unscheduled")


def _ask_beside(rows: Sequence[Invoice], cause: str) -> None:
    """Money on its way stands first among invoices of one order or claim: with it the place of the others changes."""
    others = siblings.whole_groups([r.id for r in rows])
    for kind in ("billing", "siblings"):
        claim.wake(others, kind, cause)


def _ask_held_deductions(rows: Sequence[Invoice]) -> None:
    """Invoices held because an advance they deduct was not paid: one of these may be it, so they are asked again."""
    vendors = {r.vendor_id for r in rows if r.vendor_id}
    held = Hold.objects.filter(code="prepayment_open", invoice__vendor__in=vendors).exclude(
        status=Hold.Status.RELEASED
    )
    claim.wake(list(held.values_list("invoice_id", flat=True)), "siblings", "a payment")


def _ask_deductions_of(row: Invoice) -> None:
    """Invoices of the vendor that deduct an advance and are not paid yet: this one no longer counts as paid."""
    deducting = (
        Invoice.objects.filter(vendor=row.vendor_id).exclude(facts__prepaid=0).exclude(state__in=FINAL)
    )
    claim.wake(list(deducting.exclude(pk=row.pk).values_list("id", flat=True)), "siblings", row.subject)


def back(row: Invoice, finding: Finding, type_: str, by: str, at: datetime, data: dict[str, Any]) -> None:
    """Take a locked invoice back and hold it until a person has looked.

    Every question is asked again, for what was learned while its money was on its way was left aside. Answers of people
    stand, the hold is released by a person alone, and then the invoice may be paid again.
    """
    kind = CATALOGUE[finding.code]
    held = Hold(
        id=new_id(), invoice=row, line=None, code=finding.code, question=kind.question, owner=kind.owner,
        status=Hold.Status.OPEN, detail=detail(finding), fingerprint=fingerprint(finding), raised_by="payments",
        opened_at=at,
    )  # fmt: skip
    before = row.state
    row.answered = []
    row.state, row.lane, row.state_since = progress.stage([], ["payments"]), Lane.OPEN, at
    row.version, row.facts_version = row.version + 1, row.facts_version + 1
    stamp = Stamp(by, at, finding.sentence[:200])
    changes: list[Change] = trail.update([row], BACK, stamp) + trail.insert([held], stamp)
    moved = {"from": before, "to": row.state, "version": str(row.version)}
    ledger.append(
        [ledger.Event(row.subject, type_, by, at, data | {"code": finding.code, "state": moved}, changes)]
    )
    claim.open_tasks([(agent, row.id, type_) for agent in [*ready(frozenset()), SupportStatus.name]])
    _ask_deductions_of(row)
    _ask_beside([row], type_)
    statements.changed([row.vendor_id], type_)
