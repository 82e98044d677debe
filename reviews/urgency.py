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
from typing import Any

from django.db.models import Case, F, Q, QuerySet, TextField, Value, When
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce, Least
from django.db.models.lookups import Exact, LessThan

from .kinds import KINDS, Deadline
from .models import Escalation

SORTS = {
    "clock": (F("lost_on").asc(nulls_last=True), "due_at", "opened_at", "id"),
    "amount": ("-amount_company", "due_at", "id"),
    "age": ("opened_at", "id"),
}
"""Each ends with the key: many questions have one moment, and two people must see one order."""
EARLIEST = "0"
"""Before every day, and behind the empty text."""


def ordered(rows: QuerySet[Escalation], sort: str, today: date) -> QuerySet[Escalation]:
    """The rows in one of the orders of `SORTS`, as of a day."""
    if sort not in SORTS or sort == "clock":
        return _ranked(rows, today).order_by(*SORTS["clock"])
    return rows.order_by(*SORTS[sort])


def _ranked(rows: QuerySet[Escalation], today: date) -> QuerySet[Escalation]:
    """With `lost_on`, the first day that counts: one that has passed where the question is overdue, else one
    within days, or none. So this one column orders them.

    Each mention of a day unpacks the whole case; hence as few as can be.
    """
    days = []
    for number, (kind, deadline) in enumerate((k, d) for k in KINDS.values() for d in k.deadlines):
        day, other = f"day_{number}", f"day_{number}_unless"
        rows = rows.annotate(**{day: KT("__".join(["case", *deadline.path]))})
        counts = Q(kind=kind.name)
        if deadline.unless is not None:
            key, value = deadline.unless
            rows = rows.annotate(**{other: Coalesce(KT(f"case__{key}"), Value(""), output_field=TextField())})
            counts &= Q(~Exact(F(other), value))
        first = EARLIEST if deadline.stays else today.isoformat()
        counts &= Q(**{f"{day}__range": (first, (today + deadline.ahead).isoformat())})
        days.append(Case(When(counts, then=day), output_field=TextField()))
    nothing = Value(None, output_field=TextField())
    return rows.annotate(lost_on=Least(*days) if len(days) > 1 else [*days, nothing][0])


def overdue(rows: QuerySet[Escalation], today: date) -> QuerySet[Escalation]:
    """Those with a day that has passed and still counts."""
    return _ranked(rows, today).filter(LessThan(F("lost_on"), today.isoformat()))


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
