"""The brake: agents that wake each other for ever are stopped, and a person is asked instead.

An invoice remembers how often in a row the answers of agents alone made it be asked again. A fact from outside sets
that back. Beyond `MOST` the agent that allocates, the only one whose answer wakes other invoices, is asked no more: a
hold stands in for its answer, nothing is allocated otherwise, and so nobody is woken.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..agents import OWNERS
from ..agents.base import Agent
from ..models import Invoice

MOST = 25
"""Times in a row an invoice may be asked again without any fact from outside."""

AGAIN = "again: "
"""Begins the cause of a note that an agent's changed mind left, and nothing from outside."""


class AskedInCircles(Exception):
    """Agents go on waking each other over an invoice."""


def again(row: Invoice) -> bool:
    """Is a decision on this invoice a second thought, and not news to others as its first allocation is?"""
    return row.matching > 1 or bool(row.stirred)


def cause(row: Invoice) -> str:
    """The cause with which a decision on this invoice wakes others."""
    return AGAIN + row.subject if again(row) else row.subject


def inside(causes: Iterable[str]) -> bool:
    """Did only agents ask for it?"""
    return all(c.startswith(AGAIN) for c in causes)


def lifted(row: Invoice, causes: Iterable[str]) -> bool:
    """Does something from outside end the stop of an invoice? Whatever it is, the agent is asked again then."""
    return _stopped(row) and not inside(causes)


def note(row: Invoice, causes: Iterable[str]) -> None:
    """Count a time that only agents asked for; anything from outside sets the count back."""
    row.stirred = min((row.stirred or 0) + 1, MOST + 1) if inside(causes) else None


def _stopped(row: Invoice) -> bool:
    return (row.stirred or 0) > MOST


def stops(agent: Agent, row: Invoice) -> AskedInCircles | None:
    """Why this agent is not asked about this invoice any more; None while it is."""
    if not _stopped(row) or OWNERS["order"] != agent.name:
        return None
    return AskedInCircles(
        f"decided this invoice {MOST} times in a row because other answers of agents changed, with nothing new from "
        "outside, and is not asked again until there is"
    )
