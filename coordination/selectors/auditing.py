"""The auditor's search over everything, and the traces: who looked, what was noted, what came in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from audit import commitments
from audit.models import Entry
from reviews import fields
from reviews.models import Verdict
from reviews.selectors import Person, people

from ..engine import control_totals as totals
from ..governance.catalogue import CATALOGUE
from ..models import AccessRecord, AuditNote, Decision, Hold, Invoice, SavedSearch

MOST = 200


@dataclass(frozen=True, slots=True)
class Search:
    """What an auditor looks for; every field narrows. Amounts in the invoice's own currency."""

    text: str = ""
    code: str = ""
    actor: str = ""
    rule: str = ""
    least: str = ""
    most: str = ""
    since: str = ""
    until: str = ""

    @property
    def query(self) -> str:
        return urlencode({name: getattr(self, name) for name in self.__slots__ if getattr(self, name)})

    @property
    def empty(self) -> bool:
        return not self.query


@dataclass(frozen=True, slots=True)
class Found:
    """Invoices that match, the first of them listed, with their number and sum per currency."""

    rows: Sequence[Invoice]
    count: int
    sums: Sequence[tuple[str, Decimal]]
    problem: str = ""


def search(wanted: Search) -> Found:
    """Invoices by vendor, number, order, amount, reason, actor, rule and day of receipt."""
    try:
        rows = narrowed(wanted)
    except (InvalidOperation, ValueError):
        return Found(
            [], 0, [], "An amount or a day cannot be read. Write amounts as 1000.00 and days as 2026-03-31."
        )
    totals = rows.values("currency").annotate(n=Count("id"), worth=Sum("gross")).order_by("currency")
    counted = list(totals)
    return Found(
        rows=list(rows.select_related("vendor", "facts").order_by("-received_at", "-id")[:MOST]),
        count=sum(t["n"] for t in counted),
        sums=[(t["currency"], t["worth"] or Decimal(0)) for t in counted],
    )


def narrowed(wanted: Search) -> QuerySet[Invoice]:
    """The invoices a search means. Days are those of the current time zone; raises for what cannot be read."""
    rows = Invoice.objects.all()
    if wanted.text:
        text = wanted.text
        named = (
            Q(number__icontains=text) | Q(vendor__name__icontains=text) | Q(vendor__vendor_id__iexact=text)
        )
        rows = rows.filter(named | Q(order_numbers__contains=[text]))
    holds = Hold.objects.filter(invoice=OuterRef("pk"))
    if wanted.code:
        rows = rows.filter(Exists(holds.filter(code=wanted.code)))
    if wanted.rule:
        rows = rows.filter(Exists(holds.filter(detail__rule__iexact=wanted.rule)))
    if wanted.actor:
        rows = rows.filter(_acted(wanted.actor))
    if wanted.least:
        rows = rows.filter(gross__gte=_amount(wanted.least))
    if wanted.most:
        rows = rows.filter(gross__lte=_amount(wanted.most))
    if wanted.since:
        rows = rows.filter(received_at__date__gte=date.fromisoformat(wanted.since))
    if wanted.until:
        rows = rows.filter(received_at__date__lte=date.fromisoformat(wanted.until))
    return rows


def _amount(text: str) -> Decimal:
    number = fields.amount(text)
    if number is None:
        raise ValueError(text)
    return number


def _acted(name: str) -> Exists:
    """Decided by this agent or person. People are found by name, agents by theirs."""
    named = Q(first_name__icontains=name) | Q(last_name__icontains=name) | Q(username__iexact=name)
    persons = [f"human:{pk}" for pk in User.objects.filter(named).values_list("pk", flat=True)[:50]]
    decisions = Decision.objects.filter(invoice=OuterRef("pk"))
    return Exists(decisions.filter(Q(actor__in=persons) | Q(agent__iexact=name)))


@dataclass(frozen=True, slots=True)
class Look:
    """One line of the access log."""

    who: Person | None
    what: str
    subject: str
    at: datetime


def looks(subject: str = "", most: int = MOST) -> list[Look]:
    """Who looked at what, the latest first."""
    rows = AccessRecord.objects.order_by("-id")
    if subject:
        rows = rows.filter(subject=subject)
    found = list(rows[:most])
    actors = people(r.by for r in found)
    return [Look(actors.get(r.by), r.what, r.subject, r.at) for r in found]


@dataclass(frozen=True, slots=True)
class Note:
    who: Person | None
    text: str
    seq: int | None
    subject: str
    at: datetime


def notes(subject: str = "", most: int = MOST) -> list[Note]:
    """Auditors' notes about something, or the latest of all."""
    rows = AuditNote.objects.order_by("-at", "-id")
    if subject:
        rows = rows.filter(subject=subject)
    found = list(rows[:most])
    actors, texts = people(r.by for r in found), commitments.reveal([r.text for r in found])
    return [
        Note(actors.get(r.by), text, r.seq, r.subject, r.at) for r, text in zip(found, texts, strict=True)
    ]


def saved(user: User) -> list[SavedSearch]:
    return list(SavedSearch.objects.filter(user=user).order_by("name"))


@dataclass(frozen=True, slots=True)
class Control:
    """What one source brought, as counted when it came in, against what is there now; sums are gross."""

    source: str
    kind: str
    currency: str
    counted: int
    gross: Decimal
    there: int
    gross_there: Decimal

    @property
    def agrees(self) -> bool:
        return (self.counted, self.gross) == (self.there, self.gross_there)


def control_totals() -> list[Control]:
    """Each source by kind of document and currency; what does not agree first."""
    told, there = totals.recorded(), totals.standing()
    nothing = (0, Decimal())
    rows = [
        Control(
            source or "direct", type_ or kind, currency, *told.get(key, nothing), *there.get(key, nothing)
        )
        for key in told.keys() | there.keys()
        for source, kind, type_, currency in [key]
    ]
    return sorted(rows, key=lambda r: (r.agrees, r.source, r.kind, r.currency))


def figures() -> dict[str, Any]:
    """How much there is to prove."""
    return {
        "entries": Entry.objects.order_by("-id").values_list("id", flat=True).first() or 0,
        "decisions": Decision.objects.count(),
        "verdicts": Verdict.objects.count(),
        "codes": sorted(CATALOGUE),
    }
