"""The auditor's search over everything, and the traces: who looked, what was noted, what came in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, Sum

from audit import commitments
from audit.models import Entry
from reviews.models import Verdict
from reviews.selectors import Person, people

from ..assurance.search import Search, narrowed
from ..domain.hold_codes import CATALOGUE
from ..models import AccessRecord, AuditNote, Decision, Invoice, SavedSearch
from ..services.intake import control_totals as totals

MOST = 200


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


@dataclass(frozen=True, slots=True)
class AccessEntry:
    """One line of the access log."""

    who: Person | None
    what: str
    subject: str
    at: datetime


def access_entries(subject: str = "", most: int = MOST) -> list[AccessEntry]:
    """Who looked at what, the latest first."""
    rows = AccessRecord.objects.order_by("-id")
    if subject:
        rows = rows.filter(subject=subject)
    found = list(rows[:most])
    actors = people(r.by for r in found)
    return [AccessEntry(actors.get(r.by), r.what, r.subject, r.at) for r in found]


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


Counted = tuple[int, Decimal]


def control_totals() -> list[Control]:
    """Each source by kind of document and currency; what does not agree first."""
    return compared(totals.recorded(), totals.running_totals())


def compared(told: Mapping[totals.Key, Counted], there: Mapping[totals.Key, Counted]) -> list[Control]:
    """What was counted at intake against what is there."""
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
        "entries": Entry.objects.count(),  # their numbers have gaps: a batch that is rolled back leaves some
        "decisions": Decision.objects.count(),
        "verdicts": Verdict.objects.count(),
        "codes": sorted(CATALOGUE),
    }
