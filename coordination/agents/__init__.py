"""The agents. A new one is a file in this folder and a line in NAMES; docs/extending.md shows it."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module

from ..domain.proposal import Agent

NAMES = (
    "finance.validation",
    "procurement.matching",
    "operations.delivery",
    "control.crosscheck",
    "finance.payment",
    "finance.coding",
    "support.status",
)
"""Every agent in the order in which a worker looks for work; `finance.payment` is in `finance_payment.py`."""


def _agent(name: str) -> Agent:
    """The one agent that its file defines. Raises `LookupError` where the file defines none or another."""
    module = import_module(f"{__name__}.{name.replace('.', '_')}")
    defined = [k for k in vars(module).values() if isinstance(k, type) and k.__module__ == module.__name__]
    found = [k for k in defined if Agent in k.__mro__ and getattr(k, "name", "") == name]
    if len(found) != 1:
        raise LookupError(f"{module.__name__} defines no agent, or several, by the name {name}.")
    agent: Agent = found[0]()
    return agent


REGISTRY: dict[str, Agent] = {name: _agent(name) for name in NAMES}
"""Every agent by name."""

ADVISORY = frozenset(a.name for a in REGISTRY.values() if a.advisory)
"""Agents beside the chain that clears an invoice: events ask them, and what they say holds nothing up."""

OWNERS: dict[str, str] = {question: a.name for a in REGISTRY.values() for question in a.contract.owns}
"""Question -> the one agent that answers it."""

RELEASE = "release"
"""The question whose owner clears an invoice."""


def consumes(agent: Agent) -> frozenset[str]:
    """Questions that must be answered before this agent is asked.

    The release waits for every question that an agent of the chain owns, one that was added yesterday
    included: a list kept by hand would let an invoice be cleared without it.
    """
    if RELEASE in agent.contract.owns:
        return frozenset(q for q, owner in OWNERS.items() if owner not in ADVISORY and owner != agent.name)
    return agent.contract.consumes


def asked_on(event: str) -> list[str]:
    """Advisory agents that an event asks: `Contract.asked_on`."""
    return [name for name, agent in REGISTRY.items() if event in agent.contract.asked_on]


def actor(name: str) -> str:
    """An agent as the ledger names it: with the version that runs."""
    return f"agent:{name}/{REGISTRY[name].version}"


def needs(name: str) -> frozenset[str]:
    """Agents whose answers this one consumes."""
    return frozenset(OWNERS[q] for q in consumes(REGISTRY[name]))


def upstream(name: str) -> frozenset[str]:
    """Agents whose answers reach this one, directly or through others."""
    return _reach(tuple(REGISTRY.values()), len(OWNERS))[name]


def downstream(name: str) -> frozenset[str]:
    """Agents that this one's answer reaches, directly or through others."""
    return frozenset(n for n, found in _reach(tuple(REGISTRY.values()), len(OWNERS)).items() if name in found)


@lru_cache(maxsize=8)
def _reach(_agents: tuple[Agent, ...], _questions: int) -> dict[str, frozenset[str]]:
    """Upstream by agent, worked out once for a registry."""
    found = {name: needs(name) for name in REGISTRY}
    for _ in REGISTRY:
        found = {n: known.union(*(found[k] for k in known)) for n, known in found.items()}
    return found


def stale(kinds: frozenset[str]) -> frozenset[str]:
    """Agents that read facts of these kinds, and those who consume their answers: whom a person's word sends
    back to."""
    hit = {a.name for a in REGISTRY.values() if a.contract.reads & kinds}
    while True:
        more = {name for name in REGISTRY if needs(name) & hit} - hit
        if not more:
            return frozenset(hit)
        hit |= more


def ready(answered: frozenset[str]) -> list[str]:
    """Agents that have not answered and whose needs are met; those beside the chain are asked by events
    instead."""
    return [n for n in REGISTRY if n not in answered and n not in ADVISORY and needs(n) <= answered]
