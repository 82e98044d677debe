"""The agents. A new one is a file in this folder, a line in REGISTRY and a test."""

from __future__ import annotations

from .base import Agent
from .control_crosscheck import ControlCrosscheck
from .finance_coding import FinanceCoding
from .finance_payment import FinancePayment
from .finance_validation import FinanceValidation
from .operations_delivery import OperationsDelivery
from .procurement_matching import ProcurementMatching
from .support_status import SupportStatus

REGISTRY: dict[str, Agent] = {
    agent.name: agent
    for agent in (
        FinanceValidation(),
        ProcurementMatching(),
        OperationsDelivery(),
        ControlCrosscheck(),
        FinancePayment(),
        FinanceCoding(),
        SupportStatus(),
    )
}
"""Every agent by name, in the order in which a worker looks for work."""

BESIDE = frozenset({FinanceCoding.name, SupportStatus.name})
"""Agents beside the chain that clears an invoice: events ask them, and what they say holds nothing up."""

OWNERS: dict[str, str] = {question: a.name for a in REGISTRY.values() for question in a.contract.owns}
"""Question -> the one agent that answers it."""


def actor(name: str) -> str:
    """An agent as the ledger names it: with the version that runs."""
    return f"agent:{name}/{REGISTRY[name].version}"


def needs(name: str) -> frozenset[str]:
    """Agents whose answers this one consumes."""
    return frozenset(OWNERS[q] for q in REGISTRY[name].contract.consumes)


def stale(kinds: frozenset[str]) -> frozenset[str]:
    """Agents whose answers no longer stand when facts of these kinds change, those who consume them included."""
    hit = {a.name for a in REGISTRY.values() if a.contract.reads & kinds}
    while True:
        more = {name for name in REGISTRY if needs(name) & hit} - hit
        if not more:
            return frozenset(hit)
        hit |= more


def ready(answered: frozenset[str]) -> list[str]:
    """Agents that have not answered and whose needs are met; those beside the chain are asked by events instead."""
    return [n for n in REGISTRY if n not in answered and n not in BESIDE and needs(n) <= answered]
