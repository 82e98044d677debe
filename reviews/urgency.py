"""What is lost when: the order in which open questions stand.

The clock of a question is frozen when it is asked; days pass while it is open. The days of a case that its
kind names (`kinds.Deadline`) are therefore held against today at every look: first what is overdue, the
longest first, then what is lost within days, then by the clock. The days stand in rows of their own
(`listed`), in the order in which lists show them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from .kinds import KINDS, Deadline, stored_kind
from .models import Escalation, LossDay, OpenQuestion

SORTS = ("clock", "amount", "age")
"""Orders of the list. Each ends with the key: many questions have one moment, and two people must see one
order."""
Rank = tuple[Any, ...]
"""The place of a question in one of the orders: what it goes by, then the key. The smaller comes first."""


def first(listed: QuerySet[OpenQuestion], sort: str, today: date, at_most: int) -> list[Rank]:
    """The places of the first of these open questions in one of the orders, as of a day."""
    if sort == "amount":
        by_amount = listed.order_by("-amount_company", "due_at", "question")
        return [_by_amount(*row) for row in by_amount.values_list("amount_company", "due_at", "pk")[:at_most]]
    if sort == "age":
        return list(listed.order_by("opened_at", "question").values_list("opened_at", "pk")[:at_most])
    found = _losses(listed, today, at_most)
    if len(found) < at_most:
        others = listed.exclude(pk__in=[rank[-1] for rank in found]).order_by(
            "due_at", "opened_at", "question"
        )
        rows = others.values_list("due_at", "opened_at", "pk")[: at_most - len(found)]
        found += [_by_clock(None, *row) for row in rows]
    return found


def _losses(listed: QuerySet[OpenQuestion], today: date, at_most: int) -> list[Rank]:
    """Of these questions the first that have a day which counts, each by its first one.

    Days that stay and days that pass have an index each, in this order. A question may have several: so many
    rows more are read.
    """
    ranks: dict[UUID, Rank] = {}
    for stays in (True, False):
        days = LossDay.objects.filter(stays=stays, counts_from__lte=today, question__in=listed)
        if not stays:
            days = days.filter(on__gte=today)
        rows = days.order_by("on", "due_at", "opened_at", "question")
        for row in rows.values_list("on", "due_at", "opened_at", "question_id")[: at_most * _several(stays)]:
            rank = _by_clock(*row)
            ranks[rank[-1]] = min(rank, ranks.get(rank[-1], rank))
    return sorted(ranks.values())[:at_most]


def _several(stays: bool) -> int:
    """How many days that stay, or that pass, one question may have."""
    return max(1, *(sum(d.stays == stays for d in kind.deadlines) for kind in KINDS.values()))


def rank_of(e: Escalation, case: Mapping[str, Any], sort: str, today: date) -> Rank:
    """The place of one question, open or not; `case` has at least the days of its kind."""
    if sort == "amount":
        return _by_amount(e.amount_company, e.due_at, e.pk)
    if sort == "age":
        return e.opened_at, e.pk
    lost = loss_of(stored_kind(e.kind).deadlines, case, today)
    return _by_clock(lost.on if lost else None, e.due_at, e.opened_at, e.pk)


def _by_clock(on: date | None, due_at: datetime, opened_at: datetime, key: UUID) -> Rank:
    return on or date.max, due_at, opened_at, key


def _by_amount(amount: Decimal | None, due_at: datetime, key: UUID) -> Rank:
    """Unknown amounts are the largest."""
    return amount is not None, -(amount or Decimal(0)), due_at, key


def overdue(listed: QuerySet[OpenQuestion], today: date) -> QuerySet[OpenQuestion]:
    """Those with a day that has passed and still counts."""
    return listed.filter(Exists(LossDay.objects.filter(question=OuterRef("pk"), stays=True, on__lt=today)))


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
        on = day_of(deadline, case)
        if on is None or counts_from(on, deadline) > today or (on < today and not deadline.stays):
            continue
        found.append(Loss(on, (on - today).days, deadline.words))
    return min(found, key=lambda loss: loss.on, default=None)


def counts_from(on: date, deadline: Deadline) -> date:
    """From which day on a day of a case counts."""
    return date.fromordinal(max(1, on.toordinal() - deadline.ahead.days))


def day_of(deadline: Deadline, case: Mapping[str, Any]) -> date | None:
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
