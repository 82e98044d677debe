"""What is lost when: the order in which open questions stand.

The clock of a question is frozen when it is asked; days pass while it is open. What a case says of its own
days (`due_date`, the end of a `discount`) is therefore held against today at every look: first what is
overdue, the longest first, then what is lost within days, then by the clock. Dates in a case are ISO text, so
that text order is the order of days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, F, IntegerField, Q, QuerySet, TextField, Value, When
from django.db.models.fields.json import KT
from django.db.models.functions import Least
from django.db.models.lookups import Exact

from .models import Escalation

BEFORE_DUE = timedelta(days=3)
"""So long before it is due an invoice has to be answered to be paid on its day."""
BEFORE_DISCOUNT = timedelta(days=1)
OWED_TO_US = "credit_note"
"""The type of a case whose due date is nobody's loss."""

SORTS = {
    "clock": ("lateness", F("lost_on").asc(nulls_last=True), "due_at", "opened_at", "id"),
    "amount": ("-amount_company", "due_at", "id"),
    "age": ("opened_at", "id"),
}
"""Each ends with the key: many questions have one moment, and two people must see one order."""


def ordered(rows: QuerySet[Escalation], sort: str, today: date) -> QuerySet[Escalation]:
    """The rows in one of the orders of `SORTS`, as of a day."""
    if sort not in SORTS or sort == "clock":
        return _ranked(rows, today).order_by(*SORTS["clock"])
    return rows.order_by(*SORTS[sort])


def _ranked(rows: QuerySet[Escalation], today: date) -> QuerySet[Escalation]:
    """With `lateness` (0 overdue, 1 lost within days, 2 neither) and `lost_on`, the day that counts."""
    soon = (today + BEFORE_DUE).isoformat()
    lapses = (today.isoformat(), (today + BEFORE_DISCOUNT).isoformat())
    owed = ~Q(case_type=OWED_TO_US) | Q(case_type=None)
    return (
        rows.annotate(
            due_on=KT("case__due_date"), kept_until=KT("case__discount__until"), case_type=KT("case__type")
        )
        .annotate(
            lost_on=Least(
                Case(When(owed, due_on__gt="", due_on__lte=soon, then="due_on"), output_field=TextField()),
                Case(When(kept_until__range=lapses, then="kept_until"), output_field=TextField()),
            )
        )
        .annotate(
            lateness=Case(
                When(owed, due_on__gt="", due_on__lt=today.isoformat(), then=Value(0)),
                When(lost_on__isnull=False, then=Value(1)),
                default=Value(2),
                output_field=IntegerField(),
            )
        )
    )


def overdue(rows: QuerySet[Escalation], today: date) -> QuerySet[Escalation]:
    """Those about an invoice whose due date has passed."""
    return _ranked(rows, today).filter(Exact(F("lateness"), 0))


@dataclass(frozen=True, slots=True)
class Loss:
    """What an open question costs by standing: `days` until it is due (negative: overdue), or until a
    discount ends."""

    on: date
    days: int
    discount: bool = False

    @property
    def is_overdue(self) -> bool:
        return self.days < 0 and not self.discount

    @property
    def words(self) -> str:
        """overdue 5 d · due 25 Nov, due today, discount ends tomorrow."""
        if self.is_overdue:
            return f"overdue {-self.days} d · due {_short(self.on, self.days)}"
        what = "discount ends" if self.discount else "due"
        named = {0: "today", 1: "tomorrow"}.get(self.days) or f"{self.on:%a} {self.on.day} {self.on:%b}"
        return f"{what} {named}"


def loss_of(case: Mapping[str, Any], today: date) -> Loss | None:
    """What is overdue or lost within days; None where nothing is. The same rule as the order of the list."""
    found = []
    due = _day(case.get("due_date")) if case.get("type") != OWED_TO_US else None
    if due is not None and due <= today + BEFORE_DUE:
        found.append(Loss(due, (due - today).days))
    until = _day((case.get("discount") or {}).get("until"))
    if until is not None and today <= until <= today + BEFORE_DISCOUNT:
        found.append(Loss(until, (until - today).days, discount=True))
    return min(found, key=lambda loss: loss.on, default=None)


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text)) if text else None
    except ValueError:
        return None


def _short(on: date, days: int) -> str:
    year = f" {on.year}" if days < -300 else ""
    return f"{on.day} {on:%b}{year}"
