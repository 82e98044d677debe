"""The one way in which a decision is recorded, an agent's or a person's: its entry in the ledger, its narrow
row, and what it cleared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from audit import ledger, trail
from audit.ids import new_id
from audit.trail import Change

from ..models import Decision, Invoice
from . import clearances
from .transition import Move

PERSON = "person"
"""What stands for the agent where a person decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecord:
    """One decision on one locked invoice, whose move is made and written.

    `body` is the whole of it as the entry keeps it, `changes` the history rows of its transaction, `outcome`
    and `codes` what the ruling came to. `stands_on`: digest of the facts that it was made on, `valid_until`:
    until when whatever the facts, `fact`: number of the newest fact from outside that led to it, `proposed`,
    `amount` (company currency) and `method`: what the agent proposed, of how much, found how; of agents only.
    """

    row: Invoice
    agent: str
    actor: str
    outcome: str
    body: dict[str, Any]
    move: Move
    facts_version: int
    policy: str
    codes: Sequence[str]
    changes: Sequence[Change]
    clears: bool
    causation: str = ""
    confidence: Decimal | None = None
    latency_ms: int = 0
    stands_on: str = ""
    valid_until: datetime | None = None
    fact: int = 0
    proposed: str = ""
    amount: Decimal | None = None
    method: str = ""
    id: UUID = field(default_factory=new_id)

    def event(self, at: datetime) -> ledger.Event:
        """The entry; it has the decision's id."""
        return ledger.Event(
            self.row.subject,
            "invoice.decided",
            self.actor,
            at,
            self.body,
            self.changes,
            causation=self.causation,
            id=str(self.id),
        )

    def as_row(self, entry: int, at: datetime) -> Decision:
        """The narrow row that charts and agents read."""
        return Decision(
            id=self.id,
            entry_id=entry,
            invoice_id=self.row.id,
            agent=self.agent,
            actor=self.actor,
            outcome=self.outcome,
            confidence=self.confidence,
            state_from=self.move.before,
            state_to=self.move.after,
            state_version=self.move.version,
            facts_version=self.facts_version,
            policy=self.policy,
            codes=list(self.codes),
            latency_ms=self.latency_ms,
            stands_on=self.stands_on,
            valid_until=self.valid_until,
            fact=self.fact,
            proposed=self.proposed,
            amount=self.amount,
            method=self.method,
            at=at,
        )


def record_decisions(
    decisions: Sequence[DecisionRecord], at: datetime, taken: Sequence[ledger.Event] = ()
) -> None:
    """Record these decisions, in sets. What one of them clears is kept as cleared with it. `taken`: facts
    that they stand on and that are new, as events; they come before."""
    entries = ledger.append([*taken, *(d.event(at) for d in decisions)])[len(taken) :]
    trail.insert_facts([d.as_row(entry.id, at) for d, entry in zip(decisions, entries, strict=True)])
    clearances.record([(d.row, d.id) for d in decisions if d.clears], at)


def record_decision(decision: DecisionRecord, at: datetime) -> None:
    """Record one decision."""
    record_decisions([decision], at)
