"""What an agent is: a pure function from a frozen snapshot to a proposal, with declared boundaries.

Agents import no ORM and see no clock but the snapshot's, so that an auditor can run any decision again. They
never talk to each other: what one found, the next reads from shared state.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Literal, Protocol

from .facts import Allocated, Delivered, Snapshot

Outcome = Literal["approve", "hold", "wait", "note"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a value was read: `document` is a number with its kind ("order PO-1"), `field` a canonical
    path."""

    document: str
    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer to one question. With a `code` it is a reason to hold; without, it is recorded.

    `until` makes it a wait: the fact may still come by itself. `expected`, `found`, `tolerance` are as shown
    to a person; `excess` is the size of it ("+6.0 %", "+8"), `money` the difference in the invoice's
    currency.
    """

    question: str
    sentence: str
    code: str = ""
    line: int | None = None
    expected: str = ""
    found: str = ""
    tolerance: str = ""
    excess: str = ""
    money: Decimal | None = None
    rule: str = ""
    confidence: Decimal = Decimal("0.99")
    evidence: tuple[Evidence, ...] = ()
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class StatusText:
    """What the vendor may be told: plain words and a Peppol Invoice Response (status, reasons, actions)."""

    text: str
    response: str
    reasons: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LineCoding:
    """Where invoice line `position` would be booked. `basis` says in words what that rests on."""

    position: int
    account: str
    cost_centre: str
    confidence: Decimal
    basis: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an agent would do, and why. It has no effect until governance rules and the engine commits."""

    agent: str
    version: str
    outcome: Outcome
    confidence: Decimal
    reasoning: str
    findings: tuple[Finding, ...] = ()
    allocations: tuple[Allocated, ...] | None = None
    deliveries: tuple[Delivered, ...] | None = None
    status: StatusText | None = None
    objections: tuple[Finding, ...] = ()
    codings: tuple[LineCoding, ...] = ()


@dataclass(frozen=True, slots=True)
class Contract:
    """What an agent reads, needs answered first, and answers itself.

    `reads`: kinds of facts that it is given; it is asked again when one of them differs. `consumes`:
    questions whose owners must have answered first; the owner of the release consumes every question of the
    chain, whatever it declares. `owns`: questions it answers; each question has one owner.
    """

    version: str
    reads: frozenset[str]
    consumes: frozenset[str]
    owns: frozenset[str]


class Agent(Protocol):
    """One file in `coordination/agents`, and its name in the list there.

    `advisory`: whether it stands beside the chain that clears an invoice, so that events ask it and what it
    says holds nothing up.
    """

    name: ClassVar[str]
    version: ClassVar[str]
    department: ClassVar[str]
    purpose: ClassVar[str]
    contract: ClassVar[Contract]
    sla: ClassVar[timedelta]
    advisory: ClassVar[bool] = False

    def propose(self, snapshot: Snapshot) -> Proposal:
        """Decide on one invoice. Pure: the same snapshot gives the same proposal."""
        ...


def least(confidences: list[Decimal], default: str = "0.99") -> Decimal:
    """An agent is as sure as its least sure finding."""
    return min(confidences, default=Decimal(default))


def conclude(findings: list[Finding]) -> Outcome:
    """Hold if anything needs a person, wait if something may still come, approve otherwise."""
    coded = [f for f in findings if f.code]
    if any(f.until is None for f in coded):
        return "hold"
    return "wait" if coded else "approve"


def detail(finding: Finding) -> dict[str, Any]:
    """What a person is shown of a finding; numbers as text."""
    shown = {
        "sentence": finding.sentence,
        "expected": finding.expected,
        "found": finding.found,
        "tolerance": finding.tolerance,
        "excess": finding.excess,
        "rule": finding.rule,
        "money": "" if finding.money is None else f"{finding.money:.2f}",
        "evidence": [[e.document, e.field, e.value] for e in finding.evidence],
    }
    return {k: v for k, v in shown.items() if v}
