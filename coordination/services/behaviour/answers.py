"""What a person's answer to a case says of the agents that had answered before: confirmed or overridden."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

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


def may_concern(agent: str, event: str = "") -> tuple[str, list[Any]]:
    """SQL of a person's decision `d`, with its parameters: true of every one that `judge` may say something
    of this agent by; with `event` "yes" only of what may have overridden it, "no" what may have confirmed
    it."""
    own = [
        code for code, k in CATALOGUE.items() if k.owner != "governance" and OWNERS.get(k.question) == agent
    ]
    refused, let_go = f"d.outcome = '{REFUSED}'", f"d.outcome <> '{REFUSED}'"
    first, others = {"yes": (let_go, refused), "no": (refused, let_go)}.get(event, ("true", "true"))
    drawn = f"""(d.codes <@ '["{SAMPLED}", "{TRIPPED}"]' OR EXISTS (SELECT FROM coordination_hold h
                 WHERE h.invoice_id = d.invoice_id AND h.code = '{TRIPPED}'))"""
    rest = "true" if OWNERS[RELEASE] == agent else drawn
    return f"(d.codes ?| %s AND {first} OR {others} AND {rest})", [own]
