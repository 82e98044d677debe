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
from ..facts.serialization import encode, record_snapshot
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


def agent_decision(step: Step, move: Move) -> dict[str, Any]:
    """The whole of an agent's decision, enough to run it again: what it was given, said and what was made of
    it."""
    proposal, ruling, snapshot = step.proposal, step.ruling, step.snapshot
    return {
        "decision_id": str(step.decision_id),
        "path": f"coordination/{step.agent.name}",
        "agent": step.agent.name,
        "agent_version": step.agent.version,
        "contract_version": step.agent.contract.version,
        "consumes": sorted(consumes(step.agent)),
        "requested_by": step.requested_by,
        "asked_because": step.cause,
        "fact": str(step.fact),
        "stands_on": step.stands_on,
        "input": step.recorded or record_snapshot(snapshot),
        "document": step.row.digest,
        "result": ruling.outcome,
        "outcome": proposal.outcome,
        "confidence": str(proposal.confidence),
        "reasoning": proposal.reasoning,
        "findings": encode(proposal.findings),
        "allocations": encode(proposal.allocations or ()),
        "objections": encode(proposal.objections),
        **({"codings": encode(proposal.codings)} if proposal.codings else {}),
        "holds": [h.code for h in step.live],
        "matched_rules": encode(ruling.fired),
        "nearest": ruling.nearest,
        "reasons": [f.code for f in ruling.holds],
        "dissent": encode(ruling.dissent),
        "policy": policy_json(snapshot.policy),
        "engine_version": ENGINE,
        "state": move.as_json(),
        "lane": step.row.lane,
        "oversight": {
            "required": ruling.outcome == "escalate",
            "quorum": str(ruling.quorum),
            "queue": ruling.queue,
        },
    }
