"""The answers that stand: the newest decision of an agent on an invoice, and how often an invoice was
decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from audit.canonical import loads

from ..agents.drills import MARK
from ..tasks.sql import rows

NEWEST = """
SELECT DISTINCT ON (invoice_id, agent) invoice_id, agent, outcome, confidence, codes, stands_on, valid_until,
    state_version, facts_version, CASE WHEN actor LIKE %s THEN 'drill' ELSE '' END
  FROM coordination_decision WHERE invoice_id = ANY(%s) AND agent <> 'person'
 ORDER BY invoice_id, agent, state_version DESC
"""
COUNTED = """
SELECT DISTINCT ON (invoice_id) invoice_id, fact, count(*) FROM coordination_decision
 WHERE invoice_id = ANY(%s) GROUP BY invoice_id, fact ORDER BY invoice_id, fact DESC
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an agent last said of an invoice, the digest of the facts it stands on, and until when it
    holds."""

    outcome: str
    confidence: Decimal | None
    codes: tuple[str, ...]
    stands_on: str
    valid_until: datetime | None
    state_version: int
    facts_version: int
    drill: str = ""

    def holds_for(self, digest: str, now: datetime) -> bool:
        """Would the agent only repeat itself?"""
        return self.stands_on == digest and (self.valid_until is None or self.valid_until > now)


@dataclass(frozen=True, slots=True)
class DecisionCount:
    """How many decisions were made on an invoice since the newest fact from outside that reached it."""

    fact: int = 0
    decisions: int = 0

    def since(self, fact: int) -> DecisionCount:
        """The count as it is when a task that `fact` led to is taken up."""
        return self if fact <= self.fact else DecisionCount(fact)


def newest(invoices: Sequence[UUID]) -> dict[UUID, dict[str, Answer]]:
    """The newest answer of each agent that has decided on these invoices: invoice -> agent -> answer."""
    found: dict[UUID, dict[str, Answer]] = {key: {} for key in invoices}
    for key, agent, outcome, confidence, codes, *rest in rows(NEWEST, f"%{MARK}", list(invoices)):
        found[key][agent] = Answer(outcome, confidence, _codes(codes), *rest)
    return found


def _codes(found: str | list[str]) -> tuple[str, ...]:
    return tuple(loads(found) if isinstance(found, str) else found)


def counted(invoices: Sequence[UUID]) -> dict[UUID, DecisionCount]:
    """Decisions since the newest fact, by invoice; those never decided are left out."""
    return {key: DecisionCount(fact, n) for key, fact, n in rows(COUNTED, list(invoices))}
