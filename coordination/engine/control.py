"""Managers' hands on the agents: stop, let go on, set how far one may act."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from audit import commitments, ledger, trail
from audit.errors import CountersignError
from reviews.errors import NotAllowed
from reviews.services import person

from ..models import Agent, Autonomy, Breaker
from .announce import announce

FIELDS = ("paused", "paused_by", "autonomy", "changed_at", "breaker", "breaker_by", "breaker_reason")
MOST_WORDS = 500


class NoSuchAgent(CountersignError):
    """There is no agent with this name; `manage.py agents list` names them."""

    status = 404
    exit_code = 2


def pause(name: str, *, by: User | None = None) -> Agent:
    """Stop an agent: it claims nothing more. What it has in hand commits within its batch or not at all."""
    return _set(name, by, "agent.paused", paused=True)


def resume(name: str, *, by: User | None = None) -> Agent:
    """Let an agent go on."""
    return _set(name, by, "agent.resumed", paused=False)


def set_autonomy(name: str, level: str, *, by: User | None = None) -> Agent:
    """Set how far an agent may act."""
    if level not in Autonomy.values:
        raise CountersignError(f"Autonomy is one of: {', '.join(Autonomy.values)}.")
    return _set(name, by, "agent.autonomy_set", autonomy=level)


@transaction.atomic
def set_breaker(name: str, state: str, reason: str, *, by: User | None = None) -> Agent:
    """Open an agent's drift breaker, so that a person decides every release which rests on its answers, or close it.

    What was cleared before stays cleared. Cases that were put to a person stay with that person after it is closed.
    """
    if state not in ("open", "close"):
        raise CountersignError("A breaker is set to open or close.")
    words = " ".join(reason.split())[:MOST_WORDS]
    if not words:
        raise CountersignError("Say why, with --reason.")
    actor, opening = _actor(by), state == "open"
    _named(name)
    token = commitments.commit(words, kind="breaker", of=actor, about=f"agent/{name}", at=timezone.now())
    values = {
        "breaker": Breaker.OPEN if opening else Breaker.CLOSED,
        "breaker_by": actor,
        "breaker_reason": token,
    }
    return _set(name, by, "agent.breaker_opened" if opening else "agent.breaker_closed", **values)


def _named(name: str) -> Agent:
    row = Agent.objects.select_for_update().filter(pk=name).first()
    if row is None:
        named = f"There is no agent named {name}" if name else "No agent is named"
        raise NoSuchAgent(f"{named}; `manage.py agents list` names them.")
    return row


@transaction.atomic
def _set(name: str, by: User | None, type_: str, **values: object) -> Agent:
    actor = _actor(by)
    row = _named(name)
    before = {k: str(getattr(row, k)) for k in values}
    for k, v in values.items():
        setattr(row, k, v)
    row.paused_by, row.changed_at = actor if row.paused else "", timezone.now()
    changes = trail.update([row], FIELDS, trail.Stamp(actor, row.changed_at, type_))
    data = {"before": before, "after": {k: str(v) for k, v in values.items()}}
    ledger.append([ledger.Event(f"agent/{name}", type_, actor, row.changed_at, data, changes)])
    announce([("agents", name)], work=True)
    return row


def _actor(by: User | None) -> str:
    """A manager, or the operator at the machine's own command line."""
    if by is None:
        return "system:command-line"
    if not by.groups.filter(name="manager").exists():
        raise NotAllowed("Agents are stopped and started by managers.")
    return person(by)
