"""What a person's answer to a case says of the agents that had answered before: confirmed or overridden."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ...agents import OWNERS, RELEASE
from ...domain.hold_codes import CATALOGUE

REFUSED = "reject"
SAMPLED, TRIPPED = "random_audit", "drift_breaker"


@dataclass(frozen=True, slots=True)
class Judgement:
    """`reviewed`: why a person saw it, because an agent asked (`escalated`) or as a `sample`; `outcome`: what
    the agent had proposed of it; `verdict`: confirmed or overridden."""

    reviewed: str
    outcome: str
    verdict: str


def judge(
    agent: str, codes: Collection[str], outcome: str, tripped: Collection[str] = ()
) -> Judgement | None:
    """What the answer says of one agent; None where it was about something else.

    `codes`: the reasons that it covers; `tripped`: agents whose open breaker brought the case to a person.
    Who held the invoice is overridden by an answer that lets it go, and confirmed by a refusal. Who proposes
    the release, on a case that only the rules brought to a person, is confirmed by an answer that lets it go;
    so is whose breaker was open, and everybody whose work was drawn as a sample. A refusal does not say whose
    answer was wrong, so it counts against everybody who would have let it go: what only confirms would prove
    anything.
    """
    known = [CATALOGUE[code] for code in codes if code in CATALOGUE]
    own = [k for k in known if k.owner != "governance" and OWNERS.get(k.question) == agent]
    refused = outcome == REFUSED
    if own:
        return Judgement("escalated", "escalate", "confirmed" if refused else "overridden")
    if any(k.owner != "governance" for k in known) or "manual_hold" in codes or not known:
        return None
    drawn = set(codes) <= {SAMPLED, TRIPPED}
    if not drawn and OWNERS[RELEASE] != agent and agent not in tripped:
        return None
    reviewed = "sample" if drawn else "escalated"
    return Judgement(reviewed, "approve", "overridden" if refused else "confirmed")
