"""Vendors: the list, and one with its accounts, invoices, orders, statements and what is asked about it.

What a page of a vendor counts has to hold beside the questions that wait, known-answer cases among them: an
invoice that is asked about stands among the questions only, and in no other list or figure here.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Page
from django.db.models import Count, Q, QuerySet

from audit.subjects import Subject
from reviews.models import Escalation, OpenQuestion, Status
from reviews.selectors import Person, distinct, people

from ..models import KNOWN_ANSWER, BankAccount, Document, Invoice, Lane, Order, Statement, Vendor
from ..services import vendor_changes
from .history import Step, trail
from .paging import Lines, ListPaginator

MOST = 10
"""Invoices, orders and statements that a page shows; the newest."""
ASKED_AT_MOST = 50


@dataclass(frozen=True, slots=True)
class Filters:
    text: str = ""
    page: int = 1

    @property
    def query(self) -> str:
        return urlencode({"q": self.text}) if self.text else ""


@dataclass(frozen=True, slots=True)
class Listed:
    """One vendor in the list, with its accounts that are in force or proposed."""

    vendor: Vendor
    accounts: Sequence[BankAccount]


@dataclass(frozen=True, slots=True)
class Account:
    """An account with who verified it."""

    account: BankAccount
    verified_by: Person | None


@dataclass(frozen=True, slots=True)
class Asked:
    """An open question about the vendor or a document of its."""

    question: Escalation
    number: str
    reasons: Sequence[Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Figures:
    """Invoices that nobody is asked about: so many wait for a fact, so many are decided, of which the agents
    let so many go without a person."""

    waiting: int
    decided: int
    touchless: int


@dataclass(frozen=True, slots=True)
class Detail:
    vendor: Vendor
    accounts: Sequence[Account]
    asked: Sequence[Asked]
    asked_count: int
    figures: Figures
    invoices: Sequence[Invoice]
    invoice_count: int
    orders: Sequence[Order]
    order_count: int
    statements: Sequence[Statement]
    statement_count: int
    documents: Sequence[Document]
    trail: Sequence[Step]


def page(filters: Filters) -> Page[Listed]:
    """Vendors that match, by name, each with its accounts that are in force or proposed."""
    found = _matching(filters.text).order_by("name", "vendor_id")
    lines = Lines(lambda start, most: _listed(list(found[start : start + most])), found.count)
    return ListPaginator(lines).page(filters.page)


def _listed(found: Sequence[Vendor]) -> list[Listed]:
    standing: dict[UUID, list[BankAccount]] = defaultdict(list)
    accounts = BankAccount.objects.filter(vendor__in=found, status__in=["verified", "proposed"])
    for account in accounts.order_by("-status"):
        standing[account.vendor_id].append(account)
    return [Listed(row, standing[row.id]) for row in found]


def _matching(text: str) -> QuerySet[Vendor]:
    found = Vendor.objects.all()
    if not text:
        return found
    wanted = Q(vendor_id__icontains=text) | Q(name__icontains=text) | Q(vat_id__icontains=text)
    if plain := re.sub(r"[\W_]", "", text).upper():
        wanted |= Q(vat_key__contains=plain)
    return found.filter(wanted)


def detail(vendor: Vendor, hidden: Sequence[str] = ()) -> Detail:
    """One vendor. `hidden`: kinds of question that the reader may not see."""
    accounts = list(vendor.accounts.order_by("-since", "-id"))
    known = people(a.verified_by for a in accounts)
    asked = _asked(vendor, hidden)
    rest = Invoice.objects.filter(vendor=vendor).exclude(lane=Lane.ESCALATED)
    subject = Subject.of("vendor", vendor.id)
    lanes = dict(rest.values_list("lane").annotate(n=Count("id")).order_by())
    decided = sum(n for lane, n in lanes.items() if lane not in {Lane.OPEN, Lane.WAITING})
    return Detail(
        vendor=vendor,
        accounts=[Account(a, known.get(a.verified_by)) for a in accounts],
        asked=[_shown(e) for e in asked.order_by("due_at", "id")[:ASKED_AT_MOST]],
        asked_count=asked.count(),
        figures=Figures(lanes.get(Lane.WAITING, 0), decided, lanes.get(Lane.AUTO, 0)),
        invoices=list(rest.order_by("-received_at", "-id")[:MOST]),
        invoice_count=sum(lanes.values()),
        orders=list(vendor.orders.order_by("-order_date", "-id")[:MOST]),
        order_count=vendor.orders.count(),
        statements=list(vendor.statements.order_by("-statement_date", "-received_at", "-id")[:MOST]),
        statement_count=vendor.statements.count(),
        documents=list(Document.objects.filter(subject=subject).order_by("-received_at")[:MOST]),
        trail=trail(subject),
    )


def _asked(vendor: Vendor, hidden: Sequence[str]) -> QuerySet[Escalation]:
    """Open questions about the vendor, its account, its invoices and its statements; known-answer cases about
    it as those about invoices."""
    invoices = Invoice.objects.filter(vendor=vendor, lane=Lane.ESCALATED).values_list("id", flat=True)
    statements = vendor.statements.filter(status=Statement.Status.OPEN).values_list("id", flat=True)
    subjects = [
        Subject.of("vendor", vendor.id),
        vendor_changes.subject(vendor),
        *(Subject.of("invoice", key) for key in invoices),
        *(Subject.of("statement", key) for key in statements),
    ]
    return Escalation.objects.filter(
        Q(subject__in=subjects) | Q(pk__in=_known_answers(vendor)), status=Status.OPEN
    ).exclude(kind__in=list(hidden))


def _known_answers(vendor: Vendor) -> list[UUID]:
    waiting = OpenQuestion.objects.filter(kind=KNOWN_ANSWER).values("question")
    found = Escalation.objects.filter(pk__in=waiting, case__vendor_id=vendor.vendor_id)
    return list(found.values_list("pk", flat=True))


def _shown(e: Escalation) -> Asked:
    return Asked(e, str(e.case.get("number") or ""), distinct(e.reasons)[:2])
