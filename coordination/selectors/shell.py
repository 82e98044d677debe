"""What the rail shows on every page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User

from reviews.access import Right, hidden_kinds, may
from reviews.selectors import Queue, queues
from reviews.services import person

from ..models import Agent, PaymentBatch, Quarantine
from . import coding, statements


@dataclass(frozen=True, slots=True)
class NavEntry:
    """One entry of the navigation: `letter` goes there after G, `beyond` ones are under "more" on a phone,
    `starts` one begins a group."""

    key: str
    title: str
    icon: str
    url: str
    letter: str
    right: Right = Right.SEE
    beyond: bool = False
    starts: bool = False


@dataclass(frozen=True, slots=True)
class NavItem:
    """A page with what is to be done there."""

    key: str
    title: str
    icon: str
    url: str
    letter: str
    beyond: bool
    starts: bool
    count: int
    about: str


@dataclass(frozen=True, slots=True)
class Nav:
    at: str
    queue: str
    items: Sequence[NavItem]
    queues: Sequence[Queue]


ENTRIES = (
    NavEntry("overview", "Overview", "overview", "coordination:overview", "o"),
    NavEntry("inbox", "Inbox", "tray", "reviews:inbox", "i", Right.READ_CASES),
    NavEntry("invoices", "Invoices", "document", "coordination:invoices", "v"),
    NavEntry("flow", "Flow", "flow", "coordination:flow", "f"),
    # money and papers
    NavEntry(
        "payments",
        "Payments",
        "payment",
        "coordination:payments",
        "p",
        Right.READ_PAYMENTS,
        beyond=True,
        starts=True,
    ),
    NavEntry(
        "statements", "Statements", "rows", "coordination:statements", "s", Right.READ_CASES, beyond=True
    ),
    NavEntry("status", "Where is it?", "question", "coordination:status", "w", Right.READ_AUDIT, beyond=True),
    NavEntry("coding", "Coding", "tag", "coordination:coding", "c", Right.READ_CASES, beyond=True),
    NavEntry("intake", "Intake", "upload", "coordination:intake", "u", beyond=True),
    # watching and proving
    NavEntry("agents", "Agents", "agent", "coordination:agents", "a", beyond=True, starts=True),
    NavEntry("kpis", "Key figures", "gauge", "coordination:kpis", "k", beyond=True),
    NavEntry("quality", "Quality", "scales", "coordination:quality", "q", Right.READ_QUALITY, beyond=True),
    NavEntry("audit", "Audit", "shield", "coordination:audit", "d", Right.READ_AUDIT, beyond=True),
)


def nav(user: User, at: str, queue: str) -> Nav:
    """The pages a person may see, with counts, and the queues."""
    reads = may(user, Right.READ_CASES)
    total, named = queues(person(user), hidden_kinds(user)) if reads else (0, [])
    counts = {
        "inbox": (total, "open cases"),
        "agents": (Agent.objects.filter(paused=True).count(), "stopped"),
        "intake": (Quarantine.objects.open().count(), "in quarantine"),
    }
    if reads:
        counts["coding"] = (coding.to_confirm(), "to confirm")
        counts["statements"] = (statements.open_count(), "with differences")
    if may(user, Right.READ_PAYMENTS):
        counts["payments"] = (PaymentBatch.objects.filter(status="proposed").count(), "proposed")
    items = [
        NavItem(p.key, p.title, p.icon, p.url, p.letter, p.beyond, p.starts, *counts.get(p.key, (0, "")))
        for p in ENTRIES
        if may(user, p.right)
    ]
    return Nav(at, queue, items, named)
