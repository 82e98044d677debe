"""The lists behind what pages say of open questions: past their desk time, on overdue invoices, and on
invoices whose discount can still be had."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Min, Q, QuerySet
from django.utils import timezone

from audit import clock
from reviews import urgency
from reviews.models import OpenQuestion
from reviews.queues import titles

from .asked import ABOUT
from .counted_lists import CountedList
from .overview import at_risk, late

LISTED = f"""
SELECT {ABOUT} AS invoice_id, e.id AS case_id, e.opened_at AS at,
       ARRAY[e.queue, x.day, x.much]::text[] AS cells
  FROM unnest(%(keys)s::uuid[], %(on)s::text[], %(much)s::text[]) AS x(key, day, much)
  JOIN reviews_escalation e ON e.id = x.key
"""  # noqa: S608 - made of constants


@dataclass(frozen=True, slots=True)
class Waiting:
    """Some of the open questions. `day` heads the day that counts, `money` what is at stake, where that is
    told."""

    title: str
    sentence: str
    day: str
    money: str = ""


WAITING: dict[str, Waiting] = {
    "late": Waiting("Past desk time", "Questions that stand open longer than they may.", "To be answered by"),
    "overdue": Waiting(
        "On overdue invoices", "Open questions about invoices whose due date has passed.", "Due on"
    ),
    "discounts": Waiting(
        "Discount at risk",
        "Open questions about invoices whose discount lapses unless they are answered.",
        "To be had until",
        "Discount",
    ),
}


def behind(name: str, hidden: Sequence[str], queue: str = "") -> CountedList:
    """Open questions but for those of `hidden` kinds, of one queue where it is named. Raises `KeyError`."""
    waiting = WAITING[name]
    found = list(_rows(name, OpenQuestion.objects.exclude(kind__in=hidden), queue))
    columns = ("Queue", waiting.day, waiting.money) if waiting.money else ("Queue", waiting.day)
    return CountedList(
        name=f"{name}-{queue}" if queue else name,
        title=f"{waiting.title}: {dict(titles()).get(queue, queue)}" if queue else waiting.title,
        sentence=waiting.sentence,
        when="Asked",
        columns=columns,
        statement=LISTED if waiting.money else LISTED.replace(", x.much]", "]"),
        parameters={
            "keys": [key for key, _, _ in found],
            "on": [on.isoformat() for _, on, _ in found],
            "much": [f"{much:f}" if much is not None else "" for _, _, much in found],
        },
        spoken=_spoken,
        days=(waiting.day,),
        money=waiting.money,
    )


def _rows(name: str, open_: QuerySet[OpenQuestion], queue: str) -> Iterable[tuple[Any, date, Any]]:
    """Key, day and discount of each, by the rules of the overview."""
    now, today = clock.now(), clock.today()
    if queue:
        open_ = open_.filter(queue=queue)
    if name == "late":
        return [(key, _day(at), None) for key, at in late(open_, now).values_list("pk", "due_at")]
    if name == "overdue":
        passed = Min("days__on", filter=Q(days__stays=True, days__on__lt=today))
        rows = urgency.overdue(open_, today).annotate(first=passed).values_list("pk", "first")
        return [(key, on, None) for key, on in rows]
    risked = at_risk(today).filter(pk__in=open_)
    return risked.values_list("pk", "days__on", "each")  # type: ignore[misc] # `at_risk` says what it adds


def _day(at: datetime) -> date:
    """The day of the page's time zone."""
    return timezone.localtime(at).date()


def _spoken(found: Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
    names = dict(titles())
    return [[names.get(queue, queue), *rest] for queue, *rest in found]
