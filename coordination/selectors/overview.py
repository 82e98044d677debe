"""One minute for a manager: money waiting, the oldest question, how much passes untouched, discounts at
risk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Count, DecimalField, Min, QuerySet, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from audit import clock
from reviews import urgency
from reviews.models import Escalation, OpenQuestion
from reviews.open_lists import Filters
from reviews.selectors import Row, listing

from ..models import KNOWN_ANSWER, Agent, Breaker, Drill, PaymentBatch
from .behaviour.incidents import Listed, pressing
from .behaviour.status import drills_in_effect
from .figures import company_currency, counted

TOUCHLESS_DAYS = 30
FIRST = 8
AMOUNT: DecimalField[Decimal, Decimal] = DecimalField(max_digits=24, decimal_places=2)


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
    throttled: Sequence[Agent]
    """Those whose breaker is open or half-open."""
    drills: Sequence[Drill]
    """Those that run."""
    incidents: Sequence[Listed]
    """Open incidents of agents, the most pressing first."""
    first: Sequence[Row]
    batches: Sequence[PaymentBatch]


def overview(actor: str, hidden: Sequence[str], *, payments: bool) -> Overview:
    """Everything the first page shows."""
    now = clock.now()
    open_ = OpenQuestion.objects.exclude(kind__in=hidden)
    listed = listing(Filters(), actor, hidden=hidden, now=now, at_most=FIRST)
    rows = [row for group in listed.groups for row in group.rows]
    agents = list(Agent.objects.order_by("-paused", "department", "name"))
    waiting_runs = PaymentBatch.objects.filter(status__in=["proposed", "approved"]).order_by("-number")
    return Overview(
        open_count=listed.open_count,
        waiting=listed.waiting,
        overdue=urgency.overdue(open_, clock.today()).count(),
        late=late(open_, now).count(),
        oldest=_oldest(hidden),
        touchless=_touchless(now),
        discounts=_discounts(),
        agents=agents,
        stopped=sum(a.paused for a in agents),
        throttled=[a for a in agents if a.breaker != Breaker.CLOSED],
        drills=drills_in_effect(),
        incidents=pressing(),
        first=rows,
        batches=list(waiting_runs[:3]) if payments else [],
    )


def late(open_: QuerySet[OpenQuestion], now: datetime) -> QuerySet[OpenQuestion]:
    """Those past their desk time."""
    return open_.filter(due_at__lt=now)


def _oldest(hidden: Sequence[str]) -> Oldest | None:
    asked = OpenQuestion.objects.exclude(kind__in=hidden)
    first = list(asked.order_by("opened_at", "question").values_list("pk", flat=True)[:1])
    found = (
        Escalation.objects.filter(pk__in=first)
        .annotate(vendor=KT("case__vendor"))
        .values_list("vendor", "question", "opened_at", "queue")
        .first()
    )
    return Oldest(found[0] or found[1], found[2], found[3]) if found else None


def _touchless(now: datetime) -> Touchless:
    ruled = [g for g in counted(now - timedelta(days=TOUCHLESS_DAYS)) if g.lane not in {"open", "waiting"}]
    automatic = sum(g.count for g in ruled if g.lane == "auto")
    return Touchless(automatic, sum(g.count for g in ruled), TOUCHLESS_DAYS)


def at_risk(today: date) -> QuerySet[OpenQuestion]:
    """Open questions on invoices whose discount can still be had, `each` so much in the currency of the
    question, until the joined day. Known-answer cases are among them, as they are in the inbox."""
    return (
        OpenQuestion.objects.filter(
            kind__in=("invoice", KNOWN_ANSWER), days__stays=False, days__on__gte=today
        )
        .filter(excerpt__discount__amount__isnull=False)
        .exclude(excerpt__discount__amount="")
        .annotate(each=Cast(KT("excerpt__discount__amount"), AMOUNT))
    )


def _discounts() -> Discounts:
    by_currency = at_risk(clock.today()).values_list("currency")
    live = list(by_currency.annotate(saved=Sum("each"), n=Count("*"), until=Min("days__on")).order_by())
    sums = {currency: saved for currency, saved, _, _ in live}
    count, until = sum(n for _, _, n, _ in live), min((day for *_, day in live), default=None)
    own = company_currency()
    ordered = sorted(sums.items(), key=lambda pair: (pair[0] != own, -pair[1]))
    return Discounts(ordered, count, until)
