"""Invoices with the way they took, many at once: rows and entries as agents and people leave them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from django.db import transaction

from audit import ledger, trail
from audit.ids import new_id
from coordination.models import Decision, Hold, Invoice, Task
from tests import cast

AGENT, RELEASE = "procurement.matching", "finance.payment"


@dataclass(frozen=True)
class Went:
    """How one invoice went. `codes`: what a person was asked about; `verdict`: what they said, if
    anything."""

    confidence: str
    codes: tuple[str, ...] = ()
    verdict: Literal["", "approve", "reject"] = ""
    amount: str = "1000.00"
    proposed: str = "approve"
    unsure: str = AGENT
    reviewed: tuple[str, ...] = ()
    days_ago: int = 1


@transaction.atomic
def write(ways: Sequence[Went], now: datetime, policy: str = "v1") -> list[Invoice]:
    """One invoice for each, decided before `now` by the agent and by the release; people's answers too."""
    start = Invoice.objects.count()
    masters = cast.table("vendors", cast.vendor())
    numbers = [f"W-{start + n}" for n in range(len(ways))]
    bills = [cast.bill(invoice_number=n, issue_date=cast.days_ago(40)) for n in numbers]
    cast.take_in(masters, cast.table("invoices", *bills))
    Task.objects.all().delete()
    found = {i.number: i for i in Invoice.objects.filter(number__in=numbers)}
    rows = [found[n] for n in numbers]
    decisions: list[tuple[Decision, Invoice, dict[str, Any]]] = []
    holds: list[Hold] = []
    stamp = trail.Stamp(f"agent:{RELEASE}/1", now, "made")
    for went, row in zip(ways, rows, strict=True):
        at = now - timedelta(days=went.days_ago, minutes=30)
        ruled = "act" if went.proposed == "approve" else "hold"
        decisions.append((_decision(row, AGENT, at, ruled, policy, went), row, {}))
        body = {
            "agent": RELEASE,
            "input": {"reviewed": list(went.reviewed), "positions": [{"agent": AGENT}]},
            "policy": {"revision": policy[1:]},
        }
        own = [c for c in went.codes if c != "price_over"]
        outcome = "escalate" if went.codes else "act"
        release = _decision(row, RELEASE, at, outcome, policy, went, codes=own)
        decisions.append((release, row, body))
        holds += [_hold(row, code, went, at) for code in went.codes]
        row.lane = ("human" if went.verdict else "escalated") if went.codes else "auto"
        row.state = (
            "rejected" if went.verdict == "reject" else "matched" if row.lane == "escalated" else "cleared"
        )
    changes = trail.update(rows, ("lane", "state"), stamp)
    changes += trail.insert(holds, stamp)
    events = [
        ledger.Event(
            row.subject, "invoice.decided", d.actor, d.at, body or {"outcome": d.outcome}, id=str(d.id)
        )
        for d, row, body in decisions
    ]
    changed = ledger.Event("agent/made", "agent.made", "system:test", now, {}, changes)
    for (decision, _, _), entry in zip(decisions, ledger.append([*events, changed]), strict=False):
        decision.entry_id = entry.id
    trail.insert_facts([d for d, _, _ in decisions])
    return rows


def _decision(
    row: Invoice, agent: str, at: datetime, outcome: str, policy: str, went: Went, codes: Sequence[str] = ()
) -> Decision:
    own = agent == AGENT
    return Decision(
        id=new_id(),
        invoice_id=row.id,
        agent=agent,
        actor=f"agent:{agent}/1",
        outcome=outcome,
        proposed=went.proposed if own else "approve",
        confidence=Decimal(went.confidence) if own else Decimal("0.99"),
        amount=Decimal(went.amount),
        codes=list(codes),
        state_from="received",
        state_to="received",
        state_version=1 if own else 2,
        facts_version=1,
        policy=policy,
        at=at,
    )


def _hold(row: Invoice, code: str, went: Went, at: datetime) -> Hold:
    answered = bool(went.verdict)
    release = {"approve": "override", "reject": "rejected", "": ""}[went.verdict]
    return Hold(
        id=new_id(),
        invoice_id=row.id,
        code=code,
        question="release",
        owner="governance",
        status="released" if answered else "open",
        release=release,
        detail={"found": f"{went.unsure} {went.confidence}".strip()} if code == "low_confidence" else {},
        fingerprint=f"{code}-{row.number}",
        raised_by=RELEASE,
        opened_at=at,
        released_at=at + timedelta(minutes=10) if answered else None,
        released_by="human:1" if answered else "",
    )
