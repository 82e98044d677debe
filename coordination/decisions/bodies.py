"""Decisions as entries of the ledger keep them, with the names of OPA decision logs where they exist. Numbers
are text.

Their keys are fixed: stored hashes are over them, and `decisions.replay` reads them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from ..agents import consumes
from ..domain.policy import Policy
from ..domain.proposal import Agent, Proposal
from ..facts.serialization import encode, record_snapshot
from ..governance.gate import Ruling
from ..models import Hold
from .steps import ENGINE, Step
from .transition import Move


def policy_json(policy: Policy) -> dict[str, str]:
    """The rules that were in force: `revision` and the `sha256` of their text."""
    return {"revision": str(policy.revision), "sha256": policy.sha256}


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonDecision:
    """What a person decided, or what followed from it for another invoice.

    `input`: what the answer was given on. `released`: codes of the holds that it ended; `holds`: these holds,
    and `overrides`: what it set aside, both None where it was not about holds of this invoice.
    """

    decision_id: UUID
    input: Mapping[str, str]
    result: str
    outcome: str
    reasoning: str
    reason: str
    released: Sequence[str]
    policy: Policy
    move: Move
    lane: str
    overrides: str | None = None
    holds: Sequence[Hold] | None = None

    def as_json(self) -> dict[str, Any]:
        """The body of the entry."""
        about: dict[str, Any] = {}
        if self.overrides is not None:
            about["overrides"] = self.overrides
        if self.holds is not None:
            about["holds"] = [hold_json(h) for h in self.holds]
        return {
            "decision_id": str(self.decision_id),
            "path": "reviews/verdict",
            "agent": "person",
            "requested_by": "escalation",
            "input": dict(self.input),
            "result": self.result,
            "outcome": self.outcome,
            "reasoning": self.reasoning,
            "reason": self.reason,
            "released": list(self.released),
            "policy": policy_json(self.policy),
            "engine_version": ENGINE,
            "state": self.move.as_json(),
            "lane": self.lane,
            **about,
        }


def hold_json(hold: Hold) -> dict[str, str]:
    """A hold as an entry names it: key, code, line (empty for the whole invoice) and whose it is."""
    line = "" if hold.line is None else str(hold.line)
    return {"hold": str(hold.id), "code": hold.code, "line": line, "owner": hold.owner}


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentDecision:
    """What an agent decided, enough to run it again: what it was given, what it said, what was made of it.

    `input`: the snapshot without the document, which `document` names by its digest; what of it is in entries
    of its chain already is left out of it when it is written, and named by `taken` (`facts.taken`).
    `stands_on`: digest of the facts in it that are a reason to ask again. `holds`: codes that stand after it,
    whoever raised them; `lane`: whose move it is then. `asked_because` and `fact`: cause and number of what
    led to it.
    """

    decision_id: UUID
    agent: Agent
    agent_version: str
    requested_by: str
    asked_because: str
    fact: int
    stands_on: str
    input: Mapping[str, Any]
    document: str
    proposal: Proposal
    ruling: Ruling
    holds: Sequence[str]
    policy: Policy
    move: Move
    lane: str

    @classmethod
    def of(cls, step: Step, move: Move) -> AgentDecision:
        """The decision of a step that has just taken effect."""
        return cls(
            decision_id=step.decision_id,
            agent=step.agent,
            agent_version=step.version_said,
            requested_by=step.requested_by,
            asked_because=step.cause,
            fact=step.fact,
            stands_on=step.stands_on,
            input=step.recorded or record_snapshot(step.snapshot),
            document=step.row.digest,
            proposal=step.proposal,
            ruling=step.ruling,
            holds=[h.code for h in step.live],
            policy=step.snapshot.policy,
            move=move,
            lane=step.row.lane,
        )

    def as_json(self) -> dict[str, Any]:
        """The body of the entry; `codings` only where there are any."""
        agent, proposal, ruling = self.agent, self.proposal, self.ruling
        return {
            "decision_id": str(self.decision_id),
            "path": f"coordination/{agent.name}",
            "agent": agent.name,
            "agent_version": self.agent_version,
            "contract_version": agent.contract.version,
            "consumes": sorted(consumes(agent)),
            "requested_by": self.requested_by,
            "asked_because": self.asked_because,
            "fact": str(self.fact),
            "stands_on": self.stands_on,
            "input": self.input,
            "document": self.document,
            "result": ruling.outcome,
            "outcome": proposal.outcome,
            "confidence": str(proposal.confidence),
            **({"method": proposal.method} if proposal.method else {}),
            "reasoning": proposal.reasoning,
            "findings": encode(proposal.findings),
            "allocations": encode(proposal.allocations or ()),
            "objections": encode(proposal.objections),
            **({"codings": encode(proposal.codings)} if proposal.codings else {}),
            "holds": list(self.holds),
            "matched_rules": encode(ruling.fired),
            "nearest": ruling.nearest,
            "reasons": [f.code for f in ruling.holds],
            "dissent": encode(ruling.dissent),
            "policy": policy_json(self.policy),
            "engine_version": ENGINE,
            "state": self.move.as_json(),
            "lane": self.lane,
            "oversight": {
                "required": ruling.outcome == "escalate",
                "quorum": str(ruling.quorum),
                "queue": ruling.queue,
                **({"signers": list(ruling.signers)} if ruling.signers else {}),
            },
        }
