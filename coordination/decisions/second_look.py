"""What the agents would say now of invoices that were cleared before. Nothing is written: it is asked at the
last moment before money leaves, when an invoice has long been beyond the agents' reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from ..agents import ADVISORY, REGISTRY, upstream
from ..agents.read_set import visible
from ..facts import loader, policies
from ..governance.gate import Ruling
from ..models import Invoice
from .steps import decide

AT_ONCE = 200
"""Invoices loaded together."""


def objections(rows: Sequence[Invoice], now: datetime) -> dict[UUID, str]:
    """Invoices that would not be cleared on the facts and the policy of now, each with the first reason in
    words.

    What people have accepted stays accepted. An agent that has not answered is not asked: a person answered
    in its stead. Brakes that act on new decisions alone (drift breaker, autonomy, the random sample) take
    nothing back.
    """
    out: dict[UUID, str] = {}
    for start in range(0, len(rows), AT_ONCE):
        out |= _objections(rows[start : start + AT_ONCE], now)
    return out


def _objections(rows: Sequence[Invoice], now: datetime) -> dict[UUID, str]:
    policy = policies.active()
    out: dict[UUID, str] = {}
    for agent in REGISTRY.values():
        asked = [r for r in rows if agent.name in r.answered and r.id not in out]
        if agent.name in ADVISORY or not asked:
            continue
        reach = upstream(agent.name)
        for row, shot in zip(asked, loader.load(asked, agent.contract.reads, policy, now), strict=True):
            seen = replace(visible(shot, agent, reach), breakers=(), advised=(), reviewed=(), sampling=False)
            _, ruling = decide(agent, seen)
            if ruling.outcome != "act":
                out[row.id] = _why(ruling)
    return out


def _why(ruling: Ruling) -> str:
    """The first reason, as the person who is asked will read it."""
    said = [f.sentence for f in ruling.holds] or [f"{f.text[:1].upper()}{f.text[1:]}." for f in ruling.fired]
    return said[0] if said else "It would not be cleared today."
