"""What an agent may see of a snapshot, and the digest of it: the facts that an answer stands on.

An agent is a pure function of what it is given. It is asked again only when this digest differs from the one
that its standing answer was given on, so what is given and what is digested is cut here, in one place: by
what the contract reads, and of the other agents' answers only those that reach it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from ..domain.facts import AgentAnswer, HoldFacts, Snapshot
from ..domain.proposal import Agent
from . import RELEASE

ORDER = "order"
"""The question whose owner allocates invoice lines to order lines."""
STANDING = "standing"
"""Kind of fact: how the invoice stands altogether, its state and every hold."""

MOMENTARY = frozenset(
    {
        "id",
        "version",
        "facts_version",
        "now",
        "lane",
        "document",
        "last_paid",
        "never_paid",
        "breakers",
        "advised",
        "reviewed",
        "review",
        "calibration",
        "makers",
        "digest",
    }
)
"""Fields of a snapshot that are no reason to ask again: counters and the clock; the document, which never
changes; when the vendor was last paid, which is only remarked; breakers, lowered autonomy, reviews and
measured confidence, which leave alone what was decided before them; makers, who say who may sign and not
what is right: a fact that somebody brought is in the digest by itself."""


@dataclass(frozen=True, slots=True)
class View:
    """What of an invoice's holds and answers one agent gets: its own, and those of agents upstream.

    Of holds only what stands or what a person ruled: how often a hold came and went by itself is history, and
    no fact. Whoever reads how the invoice stands altogether sees every hold (`holders` is None), and every
    answer. `history`: no agent's view, before what it may see is cut out. `agent`: whose view it is.
    """

    upstream: frozenset[str]
    holders: frozenset[str] | None
    everything: bool = False
    history: bool = False
    agent: str = ""

    @classmethod
    def of(cls, agent: Agent, upstream: frozenset[str]) -> View:
        """The view of an agent. `upstream`: the agents whose answers reach it."""
        release = RELEASE in agent.contract.owns
        everything = STANDING in agent.contract.reads
        holders = None if release or everything else upstream | {agent.name}
        return cls(upstream, holders, everything, agent=agent.name)

    def answered(self, names: Iterable[str]) -> tuple[str, ...]:
        return tuple(names) if self.everything else tuple(sorted(self.upstream.intersection(names)))

    def holds(self, found: Iterable[HoldFacts]) -> tuple[HoldFacts, ...]:
        if self.history:
            return tuple(found)
        kept = [
            h
            for h in found
            if (self.holders is None or h.raised_by in self.holders)
            and (h.status != "released" or h.release in _RULED)
        ]
        if len(kept) > 1:
            kept.sort(key=lambda h: (h.code, h.line or 0, h.fingerprint, h.status, h.release))
        return tuple(kept)

    def positions(self, found: Iterable[AgentAnswer]) -> tuple[AgentAnswer, ...]:
        return tuple(found) if self.everything else tuple(p for p in found if p.agent in self.upstream)


def visible(snapshot: Snapshot, agent: Agent, upstream: frozenset[str]) -> Snapshot:
    """The snapshot as this agent gets it."""
    view = View.of(agent, upstream)
    return replace(
        snapshot,
        answered=view.answered(snapshot.answered),
        holds=view.holds(snapshot.holds),
        positions=view.positions(snapshot.positions),
        calibration=tuple(c for c in snapshot.calibration if c.agent == agent.name),
    )


_RULED = frozenset({"override", "rejected"})


def digest(recorded: dict[str, Any], agent: Agent, policy_sha256: str, dumps: Callable[[Any], bytes]) -> str:
    """SHA-256 of the facts in an encoded snapshot that would be another answer's.

    `recorded`: the visible snapshot as JSON, `dumps`: its canonical bytes. What the agent itself said before,
    its live holds and its allocations, is no fact of its own answer.
    """
    facts = {k: v for k, v in recorded.items() if k not in MOMENTARY}
    if STANDING not in agent.contract.reads:
        facts.pop("state", None)
    if ORDER in agent.contract.owns:
        facts.pop("allocations", None)
    holds, positions = facts.pop("holds", ()), facts.pop("positions", ())
    facts["others"] = [h for h in holds if h["raised_by"] != agent.name or h["status"] == "released"]
    facts["answers"] = [{k: v for k, v in p.items() if k != "facts_version"} for p in positions]
    asked = [agent.name, agent.version, agent.contract.version, policy_sha256]
    return hashlib.sha256(dumps([asked, facts])).hexdigest()
