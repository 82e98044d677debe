"""One step: a claimed invoice, what the agent proposed of it and what governance allows. Pure bookkeeping."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from audit.ids import new_id
from audit.trail import Stamp, Version

from ..agents import ADVISORY, OWNERS, REGISTRY, RELEASE, asked_on, consumes, downstream, drills, ready
from ..domain import stages
from ..domain.calibration import calibrate
from ..domain.facts import Snapshot
from ..domain.hold_codes import CATALOGUE
from ..domain.proposal import Agent, Contract, Finding, HoldDetail, Proposal
from ..facts.answers import Answer
from ..facts.loader import Reading
from ..governance.gate import Ruling, fingerprint, over_no_limit, rule_on
from ..models import Hold, Invoice
from . import holds
from .loop_guard import RULE as LOOP
from .loop_guard import NeverAtRest
from .transition import Move, transition

log = logging.getLogger("countersign.decisions")

ENGINE = "1"
"""Version of gate and engine semantics; recorded with each decision so that it can be run again."""


@dataclass(slots=True)
class Step:
    """One decision in the making. `row` is the locked invoice; the engine changes it and writes it once.

    `recorded` is the snapshot as JSON, `stands_on` the digest of its facts (empty where the agent itself did
    not answer), `previous` the answer that this one replaces, `fact` and `cause` what led to it; `reasked`
    says that a standing answer is given once more. What is set when the answer takes effect stays with the
    step, though others move the row on in the same transaction: `move`, `facts_version`, `version` (None
    where the row is as before) and `body`, the decision as its entry keeps it.
    """

    agent: Agent
    row: Invoice
    snapshot: Snapshot
    proposal: Proposal
    ruling: Ruling
    opened_at: datetime
    holds: list[Hold]
    recorded: dict[str, Any] = field(default_factory=dict)
    stands_on: str = ""
    previous: Answer | None = None
    fact: int = 0
    cause: str = ""
    reasked: bool = False
    before: tuple[str, str] = ("", "")
    move: Move = field(default_factory=lambda: Move("", "", 0))
    facts_version: int = 0
    opened: list[Hold] = field(default_factory=list)
    changed: list[Hold] = field(default_factory=list)
    decision_id: UUID = field(default_factory=new_id)
    rematched: bool = False
    version: Version | None = None
    body: dict[str, Any] = field(default_factory=dict)
    reading: Reading | None = None
    """What else was read for it, where others of its batch were decided with it."""
    requested_by: Literal["task", "lease"] = "task"
    """Whose answer this is: an agent's of this process, or one from outside that came back with a lease."""

    @property
    def news(self) -> bool:
        """Is the answer another than before, so that those who consume it may come to another one, too?"""
        if self.previous is None or self.opened or self.changed or self.rematched:
            return True
        said = (self.ruling.outcome, self.proposal.confidence, tuple(f.code for f in self.ruling.holds))
        before = (self.previous.outcome, self.previous.confidence, self.previous.codes)
        return said != before or self.drilled != bool(self.previous.drill)

    @property
    def drilled(self) -> bool:
        """Did a drill change what the agent proposed?"""
        return drills.is_marked(self.proposal.version)

    @property
    def version_said(self) -> str:
        """The agent's version, with the mark of a drill that changed what it proposed."""
        return f"{self.agent.version}{drills.MARK}" if self.drilled else self.agent.version

    @property
    def valid_until(self) -> datetime | None:
        """When the answer has to be given again whatever the facts: the end of the first wait."""
        return min((f.until for f in self.ruling.holds if f.until is not None), default=None)

    @property
    def live(self) -> list[Hold]:
        return [h for h in [*self.holds, *self.opened] if h.status != Hold.Status.RELEASED]


def decide(agent: Agent, snapshot: Snapshot) -> tuple[Proposal, Ruling]:
    """The agent's proposal and the ruling on it. An agent that fails proposes nothing: a person is asked."""
    try:
        proposal = drills.altered(calibrate(agent.propose(snapshot), snapshot.calibration), snapshot)
    except Exception as error:
        log.exception("%s failed on %s", agent.name, snapshot.id)  # the hold says it in a sentence only
        return stand_in(agent, snapshot, error)
    return proposal, ruled(agent, snapshot, proposal)


def ruled(agent: Agent, snapshot: Snapshot, proposal: Proposal) -> Ruling:
    """What governance allows of a proposal made on this snapshot."""
    answered = frozenset(q for q, owner in OWNERS.items() if owner in snapshot.answered)
    return rule_on(proposal, snapshot, consuming(agent), answered)


def consuming(agent: Agent) -> Contract:
    """The contract with the questions that the agent consumes in this registry."""
    asked = consumes(agent)
    return agent.contract if asked == agent.contract.consumes else replace(agent.contract, consumes=asked)


def stand_in(agent: Agent, snapshot: Snapshot, error: Exception) -> tuple[Proposal, Ruling]:
    """Proposal and ruling for an agent that could not be run to its end."""
    proposal = failure(agent, error)
    return proposal, ruled(agent, snapshot, proposal)


def failure(agent: Agent, error: Exception) -> Proposal:
    """What stands in for the answer of an agent that failed."""
    looped = isinstance(error, NeverAtRest)
    sentence = str(error) if looped else f"{agent.name} failed: {type(error).__name__}: {str(error)[:200]}"
    owned = sorted(agent.contract.owns)[0]
    found = f"{agent.name}:{type(error).__name__}"
    if agent.name in ADVISORY:  # it holds nothing up, not even by failing
        finding = Finding(owned, sentence, found=found, rule="G-ERROR")
        return Proposal(agent.name, agent.version, "note", Decimal("1"), sentence, (finding,))
    finding = Finding(owned, sentence, code="agent_error", found=found, rule=LOOP if looped else "G-ERROR")
    return Proposal(agent.name, agent.version, "hold", Decimal("1"), sentence, (finding,))


def settle_holds(step: Step, now: datetime) -> None:
    """Bring this agent's holds in line with the ruling: keep, open, and release what is no longer true.

    A hold that only a person may release stays until one does, unless the same code now says something else:
    what was over a limit and is no more says so, by the amount of now.
    """
    wanted = {fingerprint(f): f for f in _left_by(step)}
    codes = {f.code for f in wanted.values()}
    actor = actor_of(step)
    for hold in step.holds:
        if hold.status == Hold.Status.RELEASED or hold.raised_by != step.agent.name:
            continue
        finding = wanted.pop(hold.fingerprint, None)
        if finding is not None:
            _keep(step, hold, finding)
        elif hold.code in codes:
            _release(step, hold, Hold.Release.REPLACED, actor, "the finding changed", now)
        elif CATALOGUE[hold.code].auto:
            _release(step, hold, Hold.Release.MATCHED, actor, "the condition is gone", now)
    step.opened = [new_hold(step, f, key, now) for key, f in wanted.items()]


def _left_by(step: Step) -> list[Finding]:
    """What the ruling leaves on the invoice, and of a limit that nothing is over any more that it was."""
    left = list(step.ruling.holds)
    if step.ruling.outcome == "wait" or any(f.code == "over_threshold" for f in left):
        return left  # who waits for a fact has not asked the rules: of the limit nothing new is known
    for hold in step.holds:
        asked = hold.status == Hold.Status.OPEN and hold.raised_by == step.agent.name
        if asked and hold.code == "over_threshold":
            ruling, rule = step.ruling, hold.detail.get("rule", "")
            now = over_no_limit(step.snapshot, ruling.quorum, rule, ruling.signers)
            left += [now] if now is not None else []
            break
    return left


def _keep(step: Step, hold: Hold, finding: Finding) -> None:
    """The same finding stands; what is said of it, and whether it still waits, is as it is now."""
    status = Hold.Status.OPEN if finding.until is None else Hold.Status.WAITING
    told = HoldDetail.of(finding).as_json()
    if hold.status != status or hold.detail != told:
        hold.status, hold.until, hold.detail = status, finding.until, told
        step.changed.append(hold)


def _release(step: Step, hold: Hold, how: str, by: str, reason: str, now: datetime) -> None:
    holds.release([hold], how, by, reason, now)
    step.changed.append(hold)


def new_hold(step: Step, finding: Finding, key: str, now: datetime) -> Hold:
    """The hold row of a finding."""
    kind = CATALOGUE[finding.code]
    return Hold(
        id=new_id(),
        invoice_id=step.row.id,
        line=finding.line,
        code=finding.code,
        question=kind.question,
        owner=kind.owner,
        status=Hold.Status.OPEN if finding.until is None else Hold.Status.WAITING,
        detail=HoldDetail.of(finding).as_json(),
        fingerprint=key,
        raised_by=step.agent.name,
        until=finding.until,
        opened_at=now,
    )


def actor_of(step: Step) -> str:
    return f"agent:{step.agent.name}/{step.version_said}"


def stamp_of(step: Step, now: datetime) -> Stamp:
    """Who changed rows with this decision, when and why, as their history says it."""
    return Stamp(actor_of(step), now, f"{step.agent.name}: {step.ruling.outcome}")


def advance(step: Step, now: datetime) -> None:
    """Move the invoice: who has answered, which stage follows from that, whose move it is.

    What was cleared stays cleared while answers are given again that hold nothing. A hold takes it back at
    once, and then the release is ruled on again, which asks a person.
    """
    row, ruling = step.row, step.ruling
    step.before = (row.state, row.lane)
    if ruling.outcome == "note":
        if step.previous is not None and step.previous.state_version >= row.version:
            row.version = step.previous.state_version + 1
        return
    row.facts_version += step.reasked
    row.answered = sorted({*row.answered, step.agent.name})
    state = stages.stage(row.answered, {h.raised_by for h in step.live})
    if RELEASE in step.agent.contract.owns:
        state = "cleared" if ruling.clears else state
        row.lane = lane(step)
    elif row.state == "cleared":
        reopened = any(h.status != Hold.Status.RELEASED for h in [*step.opened, *step.changed])
        state, row.lane = (state, "open") if reopened else ("cleared", row.lane)
    transition(row, state, now)


def lane(step: Step) -> str:
    """Whose move it is after the ruling on the release."""
    if step.ruling.outcome == "wait":
        return "waiting"
    if not step.ruling.clears:
        return "escalated"
    return "human" if any(h.release == Hold.Release.OVERRIDE for h in step.holds) else "auto"


def asked_next(step: Step) -> list[str]:
    """Agents who may have something to say now: those whose needs are met for the first time, those who
    consumed another answer than this one, and who is asked when the status changed."""
    if step.ruling.outcome == "note":
        return []
    names = ready(frozenset(step.row.answered))
    if step.news:
        names += sorted(downstream(step.agent.name).intersection(step.row.answered) - ADVISORY)
    moved = step.before != (step.row.state, step.row.lane)
    if RELEASE in step.agent.contract.owns and (moved or step.opened or step.changed):
        names += asked_on("status")
    return [n for n in names if n in REGISTRY]
