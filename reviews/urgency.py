"""What is lost when: the order in which open questions stand.

The clock of a question is frozen when it is asked; days pass while it is open. The days of a case that its
kind names (`kinds.Deadline`) are therefore held against today at every look: first what is overdue, the
longest first, then what is lost within days, then by the clock. Days in a case are ISO text, so that text
order is the order of days.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, F, IntegerField, Q, QuerySet, TextField, Value, When
from django.db.models.fields.json import KT
from django.db.models.functions import Least
from django.db.models.lookups import Exact

from .kinds import KINDS, Deadline
from .models import Escalation

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


@dataclass(frozen=True, slots=True)
class _Day:
    """A deadline of one kind as a condition on rows: `name` is the day as text, `counts` when it counts."""

    name: str
    counts: Q
    overdue: Q | None


def _ranked(rows: QuerySet[Escalation], today: date) -> QuerySet[Escalation]:
    """With `lateness` (0 overdue, 1 lost within days, 2 neither) and `lost_on`, the day that counts."""
    days: list[_Day] = []
    for kind in KINDS.values():
        for deadline in kind.deadlines:
            name = f"day_{len(days)}"
            rows = rows.annotate(**{name: KT("__".join(["case", *deadline.path]))})
            of = Q(kind=kind.name)
            if deadline.unless is not None:
                key, value = deadline.unless
                rows = rows.annotate(**{f"{name}_unless": KT(f"case__{key}")})
                of &= ~Q(**{f"{name}_unless": value}) | Q(**{f"{name}_unless": None})
            days.append(_day(name, of, deadline, today))
    found = [Case(When(day.counts, then=day.name), output_field=TextField()) for day in days]
    lost_on = Least(*found) if len(found) > 1 else [*found, Value(None, output_field=TextField())][0]
    overdue = [day.overdue for day in days if day.overdue is not None]
    late = [When(reduce(or_, overdue), then=Value(0))] if overdue else []
    return rows.annotate(lost_on=lost_on).annotate(
        lateness=Case(
            *late,
            When(lost_on__isnull=False, then=Value(1)),
            default=Value(2),
            output_field=IntegerField(),
        )
    )


def _day(name: str, of: Q, deadline: Deadline, today: date) -> _Day:
    first, last = today.isoformat(), (today + deadline.ahead).isoformat()
    if not deadline.stays:
        return _Day(name, of & Q(**{f"{name}__range": (first, last)}), None)
    there = of & Q(**{f"{name}__gt": ""})
    return _Day(name, there & Q(**{f"{name}__lte": last}), there & Q(**{f"{name}__lt": first}))


def overdue(rows: QuerySet[Escalation], today: date) -> QuerySet[Escalation]:
    """Those with a day that has passed and still counts."""
    return _ranked(rows, today).filter(Exact(F("lateness"), 0))


@dataclass(frozen=True, slots=True)
class Loss:
    """What an open question costs by standing: `what` happens in so many `days` (negative: it is overdue)."""

    on: date
    days: int
    what: str

    @property
    def is_overdue(self) -> bool:
        return self.days < 0

    @property
    def words(self) -> str:
        """overdue 5 d · due 25 Nov, due today, offer ends tomorrow."""
        if self.is_overdue:
            return f"overdue {-self.days} d · {self.what} {_short(self.on, self.days)}"
        named = {0: "today", 1: "tomorrow"}.get(self.days) or f"{self.on:%a} {self.on.day} {self.on:%b}"
        return f"{self.what} {named}"


def loss_of(deadlines: Sequence[Deadline], case: Mapping[str, Any], today: date) -> Loss | None:
    """What is overdue or lost within days; None where nothing is. The same rule as the order of the list."""
    found = []
    for deadline in deadlines:
        on = _on(deadline, case)
        if on is None or on > today + deadline.ahead or (on < today and not deadline.stays):
            continue
        found.append(Loss(on, (on - today).days, deadline.words))
    return min(found, key=lambda loss: loss.on, default=None)


def _on(deadline: Deadline, case: Mapping[str, Any]) -> date | None:
    """The day that a case names; None where it names none, or one that is nobody's loss."""
    if deadline.unless is not None and case.get(deadline.unless[0]) == deadline.unless[1]:
        return None
    found: Any = case
    for key in deadline.path:
        found = (found or {}).get(key)
    try:
        return date.fromisoformat(str(found)) if found else None
    except ValueError:
        return None


def _short(on: date, days: int) -> str:
    year = f" {on.year}" if days < -300 else ""
    return f"{on.day} {on:%b}{year}"
