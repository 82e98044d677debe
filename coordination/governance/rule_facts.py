"""The facts that the rules of a release are about, and whether a rule holds."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from ..domain.facts import HoldFacts, Snapshot
from ..domain.policy import Policy, Rule
from ..domain.proposal import Finding, Proposal


def release_facts(
    proposal: Proposal, snapshot: Snapshot, held: list[HoldFacts], standing: list[Finding]
) -> dict[str, Any]:
    """The catalogue of facts a rule may name. Decimal for money, None for a fact that is missing."""
    confidences = [p.confidence for p in snapshot.positions if p.confidence is not None] + [
        proposal.confidence
    ]
    return {
        "codes": frozenset(h.code for h in held) | frozenset(f.code for f in standing),
        "open_holds": Decimal(sum(h.status == "open" for h in held) + len(standing)),
        "waiting_holds": Decimal(sum(h.status == "waiting" for h in held)),
        "gross_company": snapshot.gross_company,
        "least_confidence": min(confidences),
        "currency": snapshot.document.currency,
        "vendor": snapshot.vendor.vendor_id if snapshot.vendor else None,
        "type": snapshot.document.type,
        "source_format": snapshot.source_format,
    }


def holds_true(rule: Rule, facts: dict[str, Any]) -> bool | None:
    """Do all conditions of the rule hold? None when a fact it names is missing."""
    unknown = False
    for fact, operator, value in rule.when:
        if facts.get(fact) is None:
            unknown = True
        elif not OPERATORS[operator](facts[fact], value):
            return False
    return None if unknown else True


def drawn(rule: Rule, snapshot: Snapshot) -> bool:
    """Is this invoice in the random share? A keyed hash, so that the draw can be repeated and not be
    steered."""
    if not snapshot.sampling or rule.rate is None:
        return False
    digest = hashlib.sha256(f"{snapshot.policy.audit_seed}|{snapshot.id}".encode()).digest()
    return Decimal(int.from_bytes(digest[:8])) < rule.rate * Decimal(2**64)


def nearest_rule(policy: Policy, facts: dict[str, Any]) -> str:
    """The row that came nearest to firing and did not, in words; empty where no row is about a number."""
    best: tuple[Decimal, str] | None = None
    for rule in policy.rules:
        for fact, operator, value in rule.when:
            number = facts.get(fact)
            if (
                operator != ">"
                or fact == "open_holds"
                or not isinstance(number, Decimal)
                or number > Decimal(value)
            ):
                continue
            distance = 1 - number / Decimal(value) if Decimal(value) else Decimal(1)
            text = f"{rule.id} {rule.text}: {number:,.2f}"
            best = min(best or (distance, text), (distance, text))
    return best[1] if best else ""


FACTS = frozenset(
    [
        "codes",
        "open_holds",
        "waiting_holds",
        "gross_company",
        "least_confidence",
        "currency",
        "vendor",
        "type",
        "source_format",
    ]
)


OPERATORS: dict[str, Callable[[Any, str], bool]] = {
    ">": lambda fact, value: bool(fact > Decimal(value)),
    ">=": lambda fact, value: bool(fact >= Decimal(value)),
    "<": lambda fact, value: bool(fact < Decimal(value)),
    "<=": lambda fact, value: bool(fact <= Decimal(value)),
    "=": lambda fact, value: bool(fact == (Decimal(value) if isinstance(fact, Decimal) else value)),
    "has": lambda fact, value: value in fact,
}
