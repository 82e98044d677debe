"""Managers' hands on the agents: stop, let go on, set how far one may act, move its breaker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from audit import clock, commitments, ledger
from audit.errors import CountersignError
from audit.subjects import Subject
from reviews import channel
from reviews.access import may_now
from reviews.errors import NotAllowed
from reviews.services import person

from .. import rights
from ..decisions import stopped
from ..models import Agent, Autonomy, Breaker, OnCritical
from ..tasks.announce import announce
from .agent_steps import step
from .behaviour import breaker

BREAKERS = {
    "open": ("agent.breaker_opened", Breaker.OPEN),
    "half": ("agent.breaker_half_opened", Breaker.HALF),
    "close": ("agent.breaker_closed", Breaker.CLOSED),
}
HALF_OPEN = breaker.SHARES[0]
"""Per cent of releases that a half-open breaker lets through, where nobody says another share."""
MOST_WORDS = 500
COMMAND_LINE = "system:command-line"


class NoSuchAgent(CountersignError):
    """There is no agent with this name; `manage.py agents list` names them."""

    status = 404
    exit_code = 2


class NoSuchSetting(CountersignError):
    """An agent cannot be set to this."""

    exit_code = 2


class NoReason(CountersignError):
    """What lets an agent do more or something else needs somebody who answers for it, and a reason."""

    status = 400
    exit_code = 2


def pause(name: str, *, by: User | None = None, reason: str = "", via: str = channel.COMMAND) -> Agent:
    """Stop an agent: it claims nothing more. What it has in hand commits within its batch or not at all.

    Stopping never fails for want of a name: without `by` the entry names the operating system's user.
    """
    actor = COMMAND_LINE if by is None else _manager(by)
    return _set(name, Act("agent.paused", actor, reason, via), paused=True, paused_by=actor)


def resume(name: str, *, by: User | None = None, reason: str = "", via: str = channel.COMMAND) -> Agent:
    """Let an agent go on."""
    return _set(name, act_of("agent.resumed", by, reason, via), paused=False, paused_by="")


def set_autonomy(
    name: str, level: str, *, by: User | None = None, reason: str = "", via: str = channel.COMMAND
) -> Agent:
    """Set how far an agent may act."""
    if level not in Autonomy.values:
        raise NoSuchSetting(f"Autonomy is one of: {', '.join(Autonomy.values)}.")
    return _set(name, act_of("agent.autonomy_set", by, reason, via), autonomy=level)


@transaction.atomic
def set_breaker(
    name: str,
    state: str,
    reason: str,
    *,
    share: int = HALF_OPEN,
    by: User | None = None,
    via: str = channel.COMMAND,
) -> Agent:
    """Open an agent's drift breaker, so that a person decides every release which rests on its answers, open
    it half, so that so many per cent of releases go through, or close it.

    What was cleared before stays cleared. Cases that were put to a person stay with that person after it is
    closed. People's answers that are to prove the agent are counted anew from here.
    """
    if state not in BREAKERS:
        raise NoSuchSetting("A breaker is set to open, half or close.")
    type_, found = BREAKERS[state]
    act = act_of(type_, by, reason, via)
    locked(name)
    values = {
        "breaker": found,
        "breaker_share": share if found == Breaker.HALF else None,
        "breaker_by": act.actor,
        "breaker_reason": kept(act, name, clock.now()),
    }
    breaker.withdraw(name, act.actor, "the breaker was moved by hand", clock.now())
    return _set(name, act, **values)


def set_on_critical(
    name: str, choice: str, *, by: User | None = None, reason: str = "", via: str = channel.COMMAND
) -> Agent:
    """Set what a critical alarm that may open an agent's breaker does: open it, or ask a manager first."""
    if choice not in OnCritical.values:
        raise NoSuchSetting("A critical alarm opens the breaker by itself, or asks a manager first.")
    return _set(name, act_of("agent.on_critical_set", by, reason, via), on_critical=choice)


class Running(CountersignError):
    """The agent is running and answers by itself; stop it first, or let it work."""

    status = 409
    exit_code = 4


@transaction.atomic
def ask_people(name: str, *, by: User | None = None, reason: str = "", via: str = channel.COMMAND) -> int:
    """Put the invoices that wait for a stopped agent to people; how many they are. Raises `Running`."""
    act = act_of("agent.people_asked", by, reason, via)
    if not locked(name).paused:
        raise Running
    found, now = stopped.ask_people(name), clock.now()
    data = {"invoices": [str(key) for key in found], "reason": kept(act, name, now)} | channel.door(via)
    ledger.append([ledger.Event(Subject.of("agent", name), act.type, act.actor, now, data)])
    announce([("agents", name)], work=True)
    return len(found)


@dataclass(frozen=True, slots=True)
class Act:
    """One hand on an agent: the entry's type, who, why in their own words (may be empty), and by which
    door."""

    type: str
    actor: str
    reason: str
    via: str


def act_of(type_: str, by: User | None, reason: str, via: str) -> Act:
    """An act that needs a manager and a reason. Raises `NoReason`, `NotAllowed`."""
    if by is None:
        raise NoReason("Say who answers for it, with --by, and why, with --reason.")
    actor = _manager(by)
    if not reason.strip():
        raise NoReason("Say why, with --reason." if via == channel.COMMAND else "Say why.")
    return Act(type_, actor, reason, via)


def kept(act: Act, name: str, at: datetime) -> str:
    """The reason of an act as the ledger keeps a person's words: a commitment; empty for none."""
    words = " ".join(act.reason.split())[:MOST_WORDS]
    kind = "breaker" if "breaker" in act.type else "agent control"
    return commitments.commit(words, kind=kind, of=act.actor, about=Subject.of("agent", name), at=at)


def locked(name: str) -> Agent:
    """The agent's row, locked. Raises `NoSuchAgent`."""
    row = Agent.objects.select_for_update().filter(pk=name).first()
    if row is None:
        named = f"There is no agent named {name}" if name else "No agent is named"
        raise NoSuchAgent(f"{named}; `manage.py agents list` names them.")
    return row


@transaction.atomic
def _set(name: str, act: Act, **values: object) -> Agent:
    """Write just these values: who stopped an agent is changed by stopping and resuming it, by nothing
    else."""
    row = locked(name)
    if row.paused and values.get("paused"):
        values.pop("paused_by", None)  # who stopped it first has stopped it
    reason = str(values.get("breaker_reason") or kept(act, name, clock.now()))
    step(row, act.type, reason, act.actor, values, channel.door(act.via))
    return row


def _manager(by: User) -> str:
    if not may_now(by, rights.CONTROL_AGENTS):
        raise NotAllowed("Agents are stopped and started by managers.")
    return person(by)
