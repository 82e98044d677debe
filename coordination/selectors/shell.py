"""What the rail shows on every page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User

from reviews.access import hidden_kinds, may
from reviews.open_lists import Queue, queues
from reviews.services import person

from .. import rights
from ..models import Agent, PaymentBatch, Quarantine
from . import coding, statements
from .behaviour.incidents import open_incidents


@dataclass(frozen=True, slots=True)
class Page:
    """One entry of the navigation, and the page behind it.

    `letter` goes there after G, `beyond` ones are under "more" on a phone, `starts` one begins a group.
    `right`: what a person needs to see the entry and to open its address. `view`: the function in
    `coordination.views` that answers it, as `module.function`; empty where another app has the address.
    `takes_forms`: it is written to, too.
    """

    key: str
    title: str
    icon: str
    url: str
    letter: str
    right: rights.Right = rights.SEE
    beyond: bool = False
    starts: bool = False
    view: str = ""
    takes_forms: bool = False

    @property
    def address(self) -> str:
        """The path of the page: its key, and for the first page nothing."""
        return "" if self.key == FIRST else f"{self.key}/"


FIRST = "overview"


@dataclass(frozen=True, slots=True)
class NavItem:
    """A page with what is to be done there; `mark` is the icon before the count where it is pressing."""

    key: str
    title: str
    icon: str
    url: str
    letter: str
    beyond: bool
    starts: bool
    count: int
    about: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Nav:
    at: str
    queue: str
    items: Sequence[NavItem]
    queues: Sequence[Queue]


PAGES: tuple[Page, ...] = (
    Page("overview", "Overview", "overview", "coordination:overview", "o", view="overview.overview"),
    Page("inbox", "Inbox", "tray", "reviews:inbox", "i", rights.READ_CASES),
    Page("invoices", "Invoices", "document", "coordination:invoices", "v", view="invoices.invoices"),
    Page("flow", "Flow", "flow", "coordination:flow", "f", view="flow.flow"),
    # money and documents
    Page(
        "payments",
        "Payments",
        "payment",
        "coordination:payments",
        "p",
        rights.READ_PAYMENTS,
        beyond=True,
        starts=True,
        view="payments.payments",
    ),
    Page(
        "statements",
        "Statements",
        "rows",
        "coordination:statements",
        "s",
        rights.READ_CASES,
        beyond=True,
        view="statements.statements",
    ),
    Page(
        "vendors",
        "Vendors",
        "building",
        "coordination:vendors",
        "e",
        rights.READ_AUDIT,
        beyond=True,
        view="vendors.vendors",
    ),
    Page(
        "status",
        "Where is it?",
        "question",
        "coordination:status",
        "w",
        rights.READ_AUDIT,
        beyond=True,
        view="status.status",
    ),
    Page(
        "coding",
        "Coding",
        "tag",
        "coordination:coding",
        "c",
        rights.READ_CASES,
        beyond=True,
        view="coding.coding",
    ),
    Page(
        "intake",
        "Intake",
        "upload",
        "coordination:intake",
        "u",
        beyond=True,
        view="intake.intake",
        takes_forms=True,
    ),
    # watching and proving
    Page(
        "agents",
        "Agents",
        "agent",
        "coordination:agents",
        "a",
        beyond=True,
        starts=True,
        view="agents.agents",
    ),
    Page("kpis", "Key figures", "gauge", "coordination:kpis", "k", beyond=True, view="kpis.kpis"),
    Page(
        "quality",
        "Quality",
        "scales",
        "coordination:quality",
        "q",
        rights.READ_QUALITY,
        beyond=True,
        view="quality.quality",
    ),
    Page(
        "oversight",
        "Oversight",
        "eye",
        "coordination:oversight",
        "h",
        rights.READ_OVERSIGHT,
        beyond=True,
        view="oversight.oversight",
    ),
    Page(
        "conformance",
        "Conformance",
        "link",
        "coordination:conformance",
        "n",
        rights.READ_CONFORMANCE,
        beyond=True,
        view="conformance.conformance",
    ),
    Page(
        "audit",
        "Audit",
        "shield",
        "coordination:audit",
        "d",
        rights.READ_AUDIT,
        beyond=True,
        view="auditing.audit",
    ),
)


Counted = tuple[int, str] | tuple[int, str, str]


def _agents() -> Counted:
    """Open incidents; without any, agents that are stopped."""
    if found := open_incidents():
        return found, "open incident" if found == 1 else "open incidents", "triangle"
    return Agent.objects.filter(paused=True).count(), "stopped"


def nav(user: User, at: str, queue: str) -> Nav:
    """The pages a person may see, with counts, and the queues."""
    reads = may(user, rights.READ_CASES)
    total, named = queues(person(user), hidden_kinds(user)) if reads else (0, [])
    counts: dict[str, Counted] = {
        "inbox": (total, "open cases"),
        "agents": _agents(),
        "intake": (Quarantine.objects.open().count(), "in quarantine"),
    }
    if reads:
        counts["coding"] = (coding.to_confirm(), "to confirm")
        counts["statements"] = (statements.open_count(), "with differences")
    if may(user, rights.READ_PAYMENTS):
        counts["payments"] = (PaymentBatch.objects.filter(status="proposed").count(), "proposed")
    items = [
        NavItem(p.key, p.title, p.icon, p.url, p.letter, p.beyond, p.starts, *counts.get(p.key, (0, "")))
        for p in PAGES
        if may(user, p.right)
    ]
    return Nav(at, queue, items, named)
