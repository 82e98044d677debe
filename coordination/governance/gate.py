"""The gate: what governance allows of a proposal. Pure; agents only propose, this rules.

In this order: authority, contract, human ruling, confidence, objections; and for the release of an invoice
the ordered rule table with hard stops first, thresholds, sampling and the fixed last row. Nothing here trusts
an agent: a finding outside its boundary is refused, a missing fact escalates, and silence never clears.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import repeat
from typing import Literal

from ..domain.facts import HoldFacts, Snapshot
from ..domain.hold_codes import CATALOGUE, QUEUES
from ..domain.policy import Policy, Rule
from ..domain.proposal import Contract, Finding, Outcome, Proposal
from . import amount_at_stake, envelope
from .rule_facts import ReleaseFacts, Ruled, drawn, holds_true, in_share, nearest_rule, release_facts
from .signatures import Signatures, of_rule

RELEASE = "release"
"""The question whose owner clears an invoice."""


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule that decided, in the order it was reached."""

    rule: str
    text: str
    result: str


@dataclass(frozen=True, slots=True)
class Dissent:
    """An answer that was not followed, and what stood above it."""

    agent: str
    sentence: str
    ranked_below: str


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the engine may commit. `holds` is the full set this agent leaves on the invoice."""

    outcome: Literal["act", "hold", "wait", "escalate", "note"]
    holds: tuple[Finding, ...] = ()
    fired: tuple[Fired, ...] = ()
    nearest: str = ""
    dissent: tuple[Dissent, ...] = ()
    quorum: int = 1
    signers: tuple[str, ...] = ()
    queue: str = ""
    clears: bool = False


def fingerprint(finding: Finding) -> str:
    """Names exactly this finding: code, line, expected and found. A person's release stands for no other."""
    text = "|".join([finding.code, str(finding.line or ""), finding.expected, finding.found])
    return hashlib.sha256(text.encode()).hexdigest()


def accepted(holds: tuple[HoldFacts, ...]) -> frozenset[str]:
    """Fingerprints of findings that a person has accepted on this invoice."""
    return frozenset(h.fingerprint for h in holds if h.release == "override")


def rule_on(proposal: Proposal, snapshot: Snapshot, contract: Contract, answered: frozenset[str]) -> Ruling:
    """The ruling on one proposal. `answered`: questions whose owners have answered on the present facts."""
    findings, refused = _within_authority(proposal, contract)
    findings += _breaches(contract, answered)
    findings += _unsure(proposal, snapshot.policy)
    findings += _outside(proposal, snapshot)
    findings += [_disagreement(o) for o in proposal.objections]
    standing, dissent = _below_human_ruling(findings, snapshot, proposal.agent)
    dissent += refused
    if RELEASE in contract.owns:
        return _release(proposal, snapshot, standing, tuple(dissent))
    outcome = _outcome(proposal.outcome, standing)
    fired = tuple(Fired(f.rule, f.sentence, f.code) for f in standing if f.rule)
    return Ruling(outcome, tuple(standing), fired, dissent=tuple(dissent))


def _outcome(proposed: Outcome, standing: list[Finding]) -> Literal["act", "hold", "wait", "note"]:
    if proposed == "note":
        return "note"
    if any(f.until is None for f in standing):
        return "hold"
    return "wait" if standing else "act"


def _within_authority(proposal: Proposal, contract: Contract) -> tuple[list[Finding], list[Dissent]]:
    """Findings on questions the agent owns; others are refused, and their refusal is itself a reason to
    look."""
    coded = [f for f in proposal.findings if f.code]
    inside = [f for f in coded if f.question in contract.owns]
    outside = [f for f in coded if f.question not in contract.owns]
    if not outside:
        return inside, []
    questions = ", ".join(sorted({f.question for f in outside}))
    breach = Finding(
        RELEASE,
        f"{proposal.agent} answered {questions}, which it does not own; the answer was refused.",
        code="contract_breached",
        found=f"{proposal.agent}:{questions}",
        rule="G-AUTH",
    )
    return [*inside, breach], [Dissent(proposal.agent, f.sentence, "authority") for f in outside]


def _breaches(contract: Contract, answered: frozenset[str]) -> list[Finding]:
    missing = sorted(contract.consumes - answered)
    if not missing:
        return []
    sentence = f"Not answered on the present facts: {', '.join(missing)}."
    return [Finding(RELEASE, sentence, code="contract_breached", found=",".join(missing), rule="G-CONTRACT")]


def _unsure(proposal: Proposal, policy: Policy) -> list[Finding]:
    threshold = policy.threshold(proposal.agent)
    if proposal.confidence >= threshold or proposal.outcome == "note":
        return []  # a note decides nothing about the invoice, so that being unsure of it holds nothing up
    sentence = f"{proposal.agent} is {proposal.confidence} sure; {threshold} is asked for."
    return [
        Finding(
            RELEASE,
            sentence,
            code="low_confidence",
            expected=str(threshold),
            found=f"{proposal.agent} {proposal.confidence}",
            excess=str(proposal.confidence),
            rule="G-CONF",
        )
    ]


def _outside(proposal: Proposal, snapshot: Snapshot) -> list[Finding]:
    """An answer on an invoice that the agent was not approved for; without an envelope there is no limit."""
    approved = snapshot.policy.envelope(proposal.agent)
    if approved is None or proposal.outcome == "note":
        return []
    broken = envelope.broken(approved, snapshot)
    if not broken:
        return []
    bounds = " and ".join(b.bound for b in broken)
    found = ", ".join(b.found for b in broken)
    sentence = f"{proposal.agent} is approved for {bounds}; this is {found}."
    return [
        Finding(
            RELEASE,
            sentence,
            code="outside_envelope",
            expected=f"{proposal.agent}: {bounds}",
            found=found,
            rule="G-ENVELOPE",
        )
    ]


def _unfree(proposal: Proposal, snapshot: Snapshot) -> list[Finding]:
    """Agents whose answers a release rests on and that may not act by themselves now: their drift breaker is
    open, or their autonomy is shadow or advise."""
    rests_on = {proposal.agent, *(p.agent for p in snapshot.positions)}
    advised = [name.partition(" ") for name in snapshot.advised]
    return (
        _drilled(snapshot)
        + _breakers(snapshot, rests_on)
        + [
            Finding(
                RELEASE,
                f"{name} is at {level}: a person decides what rests on its answers.",
                code="outside_envelope",
                expected=f"{name}: supervised",
                found=level,
                rule="G-AUTONOMY",
            )
            for name, _, level in advised
            if name in rests_on
        ]
    )


def _drilled(snapshot: Snapshot) -> list[Finding]:
    """Answers that the release rests on and that a drill changed."""
    return [
        Finding(
            RELEASE,
            f"A drill changed what {p.agent} proposed: nothing is released on it by itself.",
            code="drill",
            expected="no drill",
            found=p.agent,
            rule="G-DRILL",
        )
        for p in snapshot.positions
        if p.drill
    ]


def _breakers(snapshot: Snapshot, rests_on: set[str]) -> list[Finding]:
    return [
        Finding(
            RELEASE,
            f"The drift breaker of {name} is open: a person decides what rests on its answers.",
            code="drift_breaker",
            expected="closed",
            found=name,
            rule="G-BREAKER",
        )
        for name in map(_tripped, snapshot.breakers, repeat(snapshot))
        if name in rests_on
    ]


def _tripped(breaker: str, snapshot: Snapshot) -> str:
    """The agent whose breaker keeps this invoice; empty where a half-open one lets it through."""
    name, _, share = breaker.partition(" ")
    key = f"{snapshot.policy.audit_seed}|{name}|{snapshot.id}"
    return "" if share and in_share(key, Decimal(share) / 100) else name


def _disagreement(objection: Finding) -> Finding:
    return replace(objection, question=RELEASE, code="agents_disagree", rule="G-DISAGREE")


def _below_human_ruling(
    findings: list[Finding], snapshot: Snapshot, agent: str
) -> tuple[list[Finding], list[Dissent]]:
    """A person's ruling on exactly this finding stands above the agent's; the agent's is kept as dissent."""
    ruled = accepted(snapshot.holds)
    standing = [f for f in findings if fingerprint(f) not in ruled]
    return standing, [Dissent(agent, f.sentence, "human ruling") for f in findings if fingerprint(f) in ruled]


# --- the release of an invoice ------------------------------------------------------------------------------


def _release(
    proposal: Proposal, snapshot: Snapshot, standing: list[Finding], dissent: tuple[Dissent, ...]
) -> Ruling:
    held = [h for h in snapshot.live_holds() if h.raised_by != proposal.agent]
    waiting = [h for h in held if h.status == "waiting"]
    if held and not standing and len(waiting) == len(held):
        parked = Fired("W-01", "only a fact that may still come is missing", "wait")
        return Ruling("wait", (), (parked,), dissent=dissent)
    tripped, ruled = _below_human_ruling(_unfree(proposal, snapshot), snapshot, proposal.agent)
    standing, dissent = [*standing, *tripped], (*dissent, *ruled)
    facts = release_facts(Ruled(proposal, snapshot, tuple(held), tuple(standing)))
    rests_on = frozenset({proposal.agent, *(p.agent for p in snapshot.positions)})
    fired, reasons, asked, clears = _walk(snapshot, facts, rests_on)
    asked |= _asked_of_group(snapshot, facts)
    standing = [*standing, *reasons]
    nearest = nearest_rule(snapshot.policy, facts.values)
    if clears and not standing and not _unanswered(proposal, snapshot):
        return Ruling("act", (), tuple(fired), nearest, dissent, clears=True)
    codes = [h.code for h in held if h.status == "open"] + [f.code for f in standing]
    return Ruling(
        "escalate",
        tuple(standing),
        tuple(fired),
        nearest,
        dissent,
        asked.quorum,
        asked.signers,
        queue_of(codes),
    )


def _unanswered(proposal: Proposal, snapshot: Snapshot) -> bool:
    """Does a hold stand that only a person may end: one of the release itself, which outlives its reason, or
    one that no rule may pass, whatever the table says?"""
    return any(
        CATALOGUE[h.code].hard or (h.raised_by == proposal.agent and not CATALOGUE[h.code].auto)
        for h in snapshot.live_holds()
    )


def _walk(
    snapshot: Snapshot, facts: ReleaseFacts, rests_on: frozenset[str]
) -> tuple[list[Fired], list[Finding], Signatures, bool]:
    """Go down the table until a row decides: clear, or escalate with its reason and signatures.

    Every escalating row that holds is collected, so that a person sees all reasons at once; `auto` decides
    only when none did. A row whose reason has been accepted for these facts, by as many people as it asks
    for, no longer escalates; but it still says how many people any other question about this invoice takes.
    """
    ruled = accepted(snapshot.holds)
    fired: list[Fired] = []
    reasons: list[Finding] = []
    asked, escalated = Signatures(), False
    for rule in snapshot.policy.rules:
        verdict = holds_true(rule, facts.values)
        if verdict is False:
            continue
        if rule.then == "auto" and verdict and not escalated:
            fired.append(Fired(rule.id, rule.text, "auto"))
            return fired, reasons, asked, True
        if rule.then == "auto" or (rule.section == "Z" and escalated):
            continue
        if rule.then == "sample" and not (verdict and drawn(rule, snapshot, rests_on, _sure(facts))):
            continue
        reason = _reason(rule, snapshot, facts.codes)
        if rule.then == "sample" and reason and snapshot.review:
            reason = replace(reason, sentence=snapshot.review.always(rests_on) or reason.sentence)
        asked |= of_rule(rule)
        if reason and any(fingerprint(r) in ruled for r in of_rule(rule).or_more(reason)):
            fired.append(Fired(rule.id, rule.text, "accepted by a person"))
            continue
        fired.append(Fired(rule.id, rule.text, rule.then))
        escalated = True
        if reason and reason.code not in {r.code for r in reasons}:
            reasons.append(reason)
    return fired, reasons, asked, False


def _sure(facts: ReleaseFacts) -> Decimal:
    """The confidence of the least sure agent; of a fact that is missing none."""
    found = facts.values.get("least_confidence")
    return found if isinstance(found, Decimal) else Decimal(0)


def _asked_of_group(snapshot: Snapshot, facts: ReleaseFacts) -> Signatures:
    """Which signatures the amount of a group takes, where the answer stands for one. It is no reason of its
    own to ask."""
    whole, found = amount_at_stake.in_company(snapshot), Signatures()
    if whole == snapshot.gross_company:
        return found
    about = [r for r in snapshot.policy.rules if any(fact == "gross_company" for fact, _, _ in r.when)]
    of_group = {**facts.values, "gross_company": whole}
    for rule in about:
        if rule.then == "escalate" and holds_true(rule, of_group):
            found |= of_rule(rule)
    return found


def _reason(rule: Rule, snapshot: Snapshot, codes: frozenset[str]) -> Finding | None:
    """The governance hold a row adds. Rows that only name another agent's hold add none."""
    if not rule.reason or rule.reason in codes or CATALOGUE[rule.reason].owner != "governance":
        return None
    found = limit = excess = ""
    if rule.reason == "over_threshold":
        gross = snapshot.gross_company
        if gross is None and (snapshot.document.gross is None or not snapshot.document.currency):
            return None  # it escalates all the same; what is missing is a reason of its own
        found = f"{gross:.2f} {snapshot.policy.company_currency}" if gross is not None else "unknown"
        excess = f"{snapshot.policy.company_currency} {gross:,.2f}" if gross is not None else ""
        limit = next((v for f, _, v in rule.when if f == "gross_company"), "")
    sentence = rule.text[0].upper() + rule.text[1:] + (f": {excess or found}." if found else ".")
    # the limit is no part of what people accept, their number is: they stand for every limit the same gross
    # is over
    return Finding(
        RELEASE,
        sentence,
        code=rule.reason,
        expected=of_rule(rule).words,
        tolerance=limit,
        found=found,
        excess=excess,
        rule=rule.id,
    )


def over_no_limit(
    snapshot: Snapshot, quorum: int, rule: str, signers: tuple[str, ...] = ()
) -> Finding | None:
    """What is said of an amount that was over a limit when a person was asked and is over none now, by other
    rates or another policy. The question stays with that person. None where the amount is not known."""
    gross = snapshot.gross_company
    if gross is None:
        return None
    amount = f"{snapshot.policy.company_currency} {gross:,.2f}"
    return Finding(
        RELEASE,
        f"{amount} is over no limit by the rates and rules of now. It was when a person was asked.",
        code="over_threshold",
        expected=Signatures(quorum, signers).words,
        found=f"{gross:.2f} {snapshot.policy.company_currency}",
        excess=amount,
        rule=rule,
    )


def queue_of(codes: list[str]) -> str:
    """The queue that owns the first reason: finance before procurement before operations, as the case
    depends."""
    for code in codes:
        if code in CATALOGUE and CATALOGUE[code].queue:
            return CATALOGUE[code].queue
    owners = {CATALOGUE[c].owner for c in codes if c in CATALOGUE}
    for owner in ("procurement", "operations", "finance"):
        if owners in ({owner}, {owner, "governance"}):
            return QUEUES[owner]
    if "finance" in owners:
        return QUEUES["finance"]
    return QUEUES["procurement" if "procurement" in owners else "finance"]
