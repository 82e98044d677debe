"""The facts that the rules of a release are about, each in one row, and whether a rule holds.

A fact is added by adding its row to `FACTS`: the gate reads it, the lint of a policy knows it, and the pages
and reports that say a policy in words use its words.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from ..domain.facts import HoldFacts, Snapshot
from ..domain.policy import Policy, Rule
from ..domain.proposal import Finding, Proposal

Kind = Literal["number", "money", "text", "codes"]
"""What a fact's value is: a number, an amount in company currency, one text, or several hold codes."""

Value = Decimal | str | frozenset[str] | None
"""None is a fact that is missing: then no rule about it is known to hold."""


@dataclass(frozen=True, slots=True)
class Ruled:
    """What a release is ruled on: the proposal, what is known, the holds of others and what is found now."""

    proposal: Proposal
    snapshot: Snapshot
    held: tuple[HoldFacts, ...]
    standing: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class RuleFact:
    """One fact that a rule may name. `words`: as the policy's page says it. `read`: its value, pure.

    `near`: whether a row about it may be told as the one that came nearest to firing.
    """

    name: str
    kind: Kind
    words: str
    read: Callable[[Ruled], Value]
    near: bool = True


def _codes(ruled: Ruled) -> frozenset[str]:
    return frozenset(h.code for h in ruled.held) | frozenset(f.code for f in ruled.standing)


def _count(ruled: Ruled, status: str) -> int:
    return sum(h.status == status for h in ruled.held)


def _least_confidence(ruled: Ruled) -> Decimal:
    given = [p.confidence for p in ruled.snapshot.positions if p.confidence is not None]
    return min([*given, ruled.proposal.confidence])


FACTS: dict[str, RuleFact] = {
    fact.name: fact
    for fact in (
        RuleFact("codes", "codes", "the open reasons", _codes),
        RuleFact(
            "open_holds",
            "number",
            "the number of open reasons",
            lambda ruled: Decimal(_count(ruled, "open") + len(ruled.standing)),
            near=False,
        ),
        RuleFact(
            "waiting_holds",
            "number",
            "the number of reasons that wait for a fact",
            lambda ruled: Decimal(_count(ruled, "waiting")),
        ),
        RuleFact(
            "gross_company",
            "money",
            "the gross amount in company currency",
            lambda ruled: ruled.snapshot.gross_company,
        ),
        RuleFact(
            "least_confidence",
            "number",
            "the confidence of the least sure agent",
            _least_confidence,
        ),
        RuleFact("currency", "text", "the currency", lambda ruled: ruled.snapshot.document.currency),
        RuleFact(
            "vendor",
            "text",
            "the vendor",
            lambda ruled: ruled.snapshot.vendor.vendor_id if ruled.snapshot.vendor else None,
        ),
        RuleFact("type", "text", "the type of document", lambda ruled: ruled.snapshot.document.type),
        RuleFact("source_format", "text", "the format", lambda ruled: ruled.snapshot.source_format),
    )
}
"""Every fact by its name."""


@dataclass(frozen=True, slots=True)
class Operator:
    """One comparison. `kinds`: the facts it is for. `holds`: whether it holds between a fact and the rule's
    value."""

    words: str
    kinds: frozenset[Kind]
    holds: Callable[[Any, str], bool]


NUMBERS: frozenset[Kind] = frozenset({"number", "money"})

OPERATORS: dict[str, Operator] = {
    ">": Operator("is over", NUMBERS, lambda fact, value: bool(fact > Decimal(value))),
    ">=": Operator("is at least", NUMBERS, lambda fact, value: bool(fact >= Decimal(value))),
    "<": Operator("is under", NUMBERS, lambda fact, value: bool(fact < Decimal(value))),
    "<=": Operator("is at most", NUMBERS, lambda fact, value: bool(fact <= Decimal(value))),
    "=": Operator(
        "is",
        NUMBERS | {"text"},
        lambda fact, value: bool(fact == (Decimal(value) if isinstance(fact, Decimal) else value)),
    ),
    "has": Operator("have among them", frozenset({"codes"}), lambda fact, value: value in fact),
}
"""Comparisons by the sign that a policy writes."""


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """All facts of one release by name, and once more its codes, which the gate itself asks for."""

    codes: frozenset[str]
    values: Mapping[str, Value]


def release_facts(ruled: Ruled) -> ReleaseFacts:
    """Every fact, read from what is ruled on."""
    return ReleaseFacts(_codes(ruled), {name: fact.read(ruled) for name, fact in FACTS.items()})


def holds_true(rule: Rule, facts: Mapping[str, Value]) -> bool | None:
    """Do all conditions of the rule hold? None when a fact it names is missing."""
    unknown = False
    for fact, operator, value in rule.when:
        if facts.get(fact) is None:
            unknown = True
        elif not OPERATORS[operator].holds(facts[fact], value):
            return False
    return None if unknown else True


def drawn(rule: Rule, snapshot: Snapshot, rests_on: Collection[str] = (), sure: Decimal = Decimal(1)) -> bool:
    """Is this invoice in the random share, of the rule, of the plan in force or of an agent that more is
    reviewed of? `sure`: the confidence of the least sure of those that it rests on. A keyed hash, so that the
    draw can be repeated and not be steered; who is in a small share is in a larger one, too."""
    if not snapshot.sampling or rule.rate is None:
        return False
    rate = rule.rate if snapshot.review is None else snapshot.review.chance(sure, rests_on)
    rate = chance_of(rate, snapshot.reviewed, rests_on)
    return in_share(f"{snapshot.policy.audit_seed}|{snapshot.id}", rate)


def chance_of(rate: Decimal, reviewed: Collection[str], rests_on: Collection[str]) -> Decimal:
    """The chance to be drawn: the rate of rule or plan, or the share of an agent that more is reviewed of (as
    `Snapshot.reviewed` names them) where the release rests on its answers and that is more."""
    raised = [name.partition(" ") for name in reviewed]
    return max([rate, *(Decimal(share) for name, _, share in raised if name in rests_on)])


def in_share(key: str, share: Decimal) -> bool:
    """Is what this key names among so large a share of all?"""
    digest = hashlib.sha256(key.encode()).digest()
    return Decimal(int.from_bytes(digest[:8])) < share * Decimal(2**64)


def nearest_rule(policy: Policy, facts: Mapping[str, Value]) -> str:
    """The row that came nearest to firing and did not, in words; empty where no row is about a number."""
    best: tuple[Decimal, str] | None = None
    for rule in policy.rules:
        for fact, operator, value in rule.when:
            number = facts.get(fact)
            if (
                operator != ">"
                or not isinstance(number, Decimal)
                or not FACTS[fact].near
                or number > Decimal(value)
            ):
                continue
            distance = 1 - number / Decimal(value) if Decimal(value) else Decimal(1)
            text = f"{rule.id} {rule.text}: {number:,.2f}"
            best = min(best or (distance, text), (distance, text))
    return best[1] if best else ""
