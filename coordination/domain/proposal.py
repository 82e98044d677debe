"""What an agent is: a pure function from a frozen snapshot to a proposal, with declared boundaries.

Agents import no ORM and see no clock but the snapshot's, so that an auditor can run any decision again. They
never talk to each other: what one found, the next reads from shared state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
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
    """What an agent would do, and why. It has no effect until governance rules and the engine commits.

    `method`: how the least sure part of it was found, in a few words such as "paired by content"; what people
    confirmed of such answers is what its confidence is measured by.
    """

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
    method: str = ""


@dataclass(frozen=True, slots=True)
class Contract:
    """What an agent reads, needs answered first, and answers itself.

    `reads`: kinds of facts that it is given; it is asked again when one of them differs. `consumes`:
    questions whose owners must have answered first; the owner of the release consumes every question of the
    chain, whatever it declares. `owns`: questions it answers; each question has one owner. `asked_on`: events
    that ask it; only an advisory agent has any. `about`: what it answers for
    in a word or two, where nothing is off; `role`: its part as questions to people name it, where that is not
    that it owns something.
    """

    version: str
    reads: frozenset[str]
    consumes: frozenset[str]
    owns: frozenset[str]
    asked_on: frozenset[str] = frozenset()
    about: str = ""
    role: str = ""


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


def least_sure(grounds: list[tuple[Decimal, str]], default: str) -> tuple[Decimal, str]:
    """The confidence of the least sure part of an answer, and how that part was found; `default`: how the
    rest was. Of equally sure ones the first counts."""
    return min([(Decimal("0.99"), default), *grounds], key=lambda ground: ground[0])


def conclude(findings: list[Finding]) -> Outcome:
    """Hold if anything needs a person, wait if something may still come, approve otherwise."""
    coded = [f for f in findings if f.code]
    if any(f.until is None for f in coded):
        return "hold"
    return "wait" if coded else "approve"


@dataclass(frozen=True, slots=True)
class HoldDetail:
    """What a person is shown of a finding, kept with its hold; numbers as text, `money` with two decimals.

    `evidence`: document, field and value of each place. What is empty is left out of the JSON.
    """

    sentence: str = ""
    expected: str = ""
    found: str = ""
    tolerance: str = ""
    excess: str = ""
    rule: str = ""
    money: str = ""
    evidence: tuple[tuple[str, str, str], ...] = ()

    @classmethod
    def of(cls, finding: Finding) -> HoldDetail:
        """The detail of a finding."""
        return cls(
            finding.sentence,
            finding.expected,
            finding.found,
            finding.tolerance,
            finding.excess,
            finding.rule,
            "" if finding.money is None else f"{finding.money:.2f}",
            tuple((e.document, e.field, e.value) for e in finding.evidence),
        )

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> HoldDetail:
        """The detail as it is stored with a hold."""
        texts = {f.name: str(stored.get(f.name, "")) for f in fields(cls) if f.name != "evidence"}
        return cls(**texts, evidence=tuple((d, f, v) for d, f, v in stored.get("evidence", ())))

    def as_json(self) -> dict[str, Any]:
        """As it is stored with a hold."""
        shown = {f.name: getattr(self, f.name) for f in fields(self)}
        shown["evidence"] = [list(place) for place in self.evidence]
        return {name: value for name, value in shown.items() if value}
