"""A drill: drift that is made on purpose and says so, so that people see alarm, breaker and recovery.

Pure. Which proposals it changes follows from its seed and the document, so that a decision made under it is
run again like any other. What it changed carries its mark in the version of the proposal and says so in its
reasoning; governance puts the release of such an invoice to a person, and no payment run takes it while the
changed answer stands (`facts.drilled`).
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from decimal import Decimal

from ..domain.facts import Drilling, Snapshot
from ..domain.proposal import Proposal

MARK = "+drill"
"""How the version of a proposal ends that a drill changed."""

DOUBT = Decimal("0.500")
"""How sure an agent says it is that a drill makes unsure: under every threshold that a policy would set."""

SCALE = 1 << 64


def altered(proposal: Proposal, snapshot: Snapshot) -> Proposal:
    """The proposal as the drill on record for this decision makes it; unchanged where there is none, where it
    does not draw the document or has nothing to change."""
    drill = snapshot.drill
    if drill is None or proposal.outcome == "note" or not drawn(drill, snapshot):
        return proposal
    changed = _approving(proposal) if drill.kind == "approves" else _unsure(proposal)
    return proposal if changed is proposal else replace(changed, version=f"{proposal.version}{MARK}")


def drawn(drill: Drilling, snapshot: Snapshot) -> bool:
    """Is the invoice of those that the drill changes? The same document always is, or never."""
    key = f"{drill.seed}/{snapshot.digest or snapshot.id}"
    place = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8])
    return Decimal(place) / SCALE < drill.share


def is_marked(version: str) -> bool:
    """Was a proposal of this version changed by a drill?"""
    return version.endswith(MARK)


def unmarked(version: str) -> str:
    """The version of the agent itself."""
    return version.removesuffix(MARK)


def _approving(proposal: Proposal) -> Proposal:
    """Nothing held: what speaks against it is dropped."""
    kept = tuple(f for f in proposal.findings if not f.code)
    if proposal.outcome == "approve" or len(kept) == len(proposal.findings):
        return proposal
    dropped = ", ".join(dict.fromkeys(f.code for f in proposal.findings if f.code))
    said = f"Drill: it approves what it would hold, on purpose; {dropped} was dropped."
    return replace(proposal, outcome="approve", confidence=Decimal("0.99"), reasoning=said, findings=kept)


def _unsure(proposal: Proposal) -> Proposal:
    if proposal.confidence <= DOUBT:
        return proposal
    said = f"Drill: it says that it is unsure, on purpose; it was {proposal.confidence} sure."
    return replace(proposal, confidence=DOUBT, reasoning=said)
