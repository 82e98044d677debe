"""One minute for a manager: money waiting, the oldest question, how much passes untouched, discounts at
risk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Q
from django.db.models.fields.json import KT
from django.utils import timezone

from reviews import urgency
from reviews.models import Escalation, Status
from reviews.selectors import Filters, Row, listing, waiting_worth

from ..models import Agent, Invoice, PaymentBatch
from .figures import company_currency

TOUCHLESS_DAYS = 30
FIRST = 8


@dataclass(frozen=True, slots=True)
class Touchless:
    """Cleared without a person, of all whose release was ruled on (open and waiting ones are not yet), since
    a day."""

    automatic: int
    cleared: int
    days: int


@dataclass(frozen=True, slots=True)
class Discounts:
    """What lapses unless decided: per currency, with the next day on which one lapses."""

    amounts: Sequence[tuple[str, Decimal]]
    invoices: int
    next_until: date | None


@dataclass(frozen=True, slots=True)
class Oldest:
    title: str
    opened_at: datetime
    owner: str


@dataclass(frozen=True, slots=True)
class Overview:
    open_count: int
    waiting: Decimal
    overdue: int
    """Questions about invoices whose due date has passed."""
    late: int
    """Questions older than their SLA."""
    oldest: Oldest | None
    touchless: Touchless
    discounts: Discounts
    agents: Sequence[Agent]
    stopped: int
    first: Sequence[Row]
    batches: Sequence[PaymentBatch]


def overview(actor: str, hidden: Sequence[str], *, payments: bool) -> Overview:
    """Everything the first page shows."""
    now = timezone.now()
    open_ = Escalation.objects.filter(status=Status.OPEN).exclude(kind__in=hidden)
    totals = open_.aggregate(n=Count("id"), late=Count("id", filter=Q(due_at__lt=now)))
    listed = listing(Filters(), actor, hidden=hidden, now=now, at_most=FIRST)
    rows = [row for group in listed.groups for row in group.rows]
    agents = list(Agent.objects.order_by("-paused", "department", "name"))
    waiting_runs = PaymentBatch.objects.filter(status__in=["proposed", "approved"]).order_by("-number")
    return Overview(
        open_count=totals["n"],
        waiting=waiting_worth(open_),
        overdue=urgency.overdue(open_, timezone.localdate()).count(),
        late=totals["late"],
        oldest=_oldest(hidden),
        touchless=_touchless(now),
        discounts=_discounts(),
        agents=agents,
        stopped=sum(a.paused for a in agents),
        first=rows,
        batches=list(waiting_runs[:3]) if payments else [],
    )


def _oldest(hidden: Sequence[str]) -> Oldest | None:
    asked = Escalation.objects.filter(status=Status.OPEN).exclude(kind__in=hidden)
    first = asked.order_by("opened_at").values_list("pk", flat=True)[:1]  # else every case is unpacked for it
    found = (
        Escalation.objects.filter(pk__in=list(first))
        .annotate(vendor=KT("case__vendor"))
        .values_list("vendor", "question", "opened_at", "queue")
        .first()
    )
    return Oldest(found[0] or found[1], found[2], found[3]) if found else None


def _touchless(now: datetime) -> Touchless:
    since = now - timedelta(days=TOUCHLESS_DAYS)
    ruled = Invoice.objects.filter(received_at__gte=since).exclude(lane__in=["open", "waiting"])
    counts = ruled.aggregate(cleared=Count("id"), automatic=Count("id", filter=Q(lane="auto")))
    return Touchless(counts["automatic"], counts["cleared"], TOUCHLESS_DAYS)


def _discounts() -> Discounts:
    today = timezone.localdate()
    rows = (
        Escalation.objects.filter(status=Status.OPEN, kind="invoice", case__discount__isnull=False)
        .annotate(saved=KT("case__discount__amount"), until=KT("case__discount__until"))
        .values_list("currency", "saved", "until")
    )
    live = [(c, Decimal(saved), date.fromisoformat(until)) for c, saved, until in rows if saved and until]
    live = [row for row in live if row[2] >= today]
    sums: dict[str, Decimal] = {}
    for currency, saved, _ in live:
        sums[currency] = sums.get(currency, Decimal(0)) + saved
    own = company_currency()
    ordered = sorted(sums.items(), key=lambda pair: (pair[0] != own, -pair[1]))
    return Discounts(ordered, len(live), min((row[2] for row in live), default=None))
