"""The decisions behind a number: those that were counted, no others.

A decision counts to the day that the monitor was at when it read it (`services.behaviour.watch`);
what was an event was judged by the limits of the baseline that its day belongs to.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from ...models import Alarm, Baseline, Invoice, MonitorPosition
from ...monitoring import baselines
from ...monitoring.measures import BY_NAME, PLACES, Direction, Limits
from ...monitoring.observations import Observation
from ...services.behaviour import observed
from ...services.behaviour.observed import Seen
from ...services.behaviour.tallies import band_of
from ...services.behaviour.watch import LEARNED_LIMITS, sla_ms
from ..paging import days_of
from . import narrowing
from .filters import Filter
from .status import read_baseline
from .where import VENDORS

MOST = 20_000
"""So many decisions are read for one list; of a longer window its newest days."""
PER_PAGE = 50


class Line(NamedTuple):
    """One decision, or a person's answer to one (`verdict`). `event`: whether it was what the measure asks;
    None without a measure."""

    entry: int
    at: datetime
    invoice: UUID
    number: str
    vendor: str
    state: str
    outcome: str
    verdict: str
    confidence: float
    amount: Decimal
    latency_ms: float
    version: str
    type: str
    format: str
    new_vendor: bool
    no_order: bool
    event: bool | None


@dataclass(frozen=True, slots=True)
class Listed:
    """`count` is of the whole filter, as it was counted by day; `lines` are of one page, the newest first.
    `first` is the first day that is listed, later than the filter's where that holds too much."""

    filter: Filter
    count: int
    lines: Sequence[Line]
    page: int
    pages: int
    first: date

    @property
    def cut(self) -> bool:
        return self.first > self.filter.first


BY_DAY = """
SELECT day, sum(decisions), coalesce(sum({what}) FILTER (
       WHERE (%s = '' OR version = %s) AND (%s = '' OR doc_type = %s) AND (%s = '' OR source_format = %s)
         AND (%s = '' OR vendor_new = (%s = 'new')) AND (%s = '' OR no_order = (%s = 'no'))
         AND (%s = '' OR band = %s)), 0)
  FROM coordination_daycell WHERE agent_id = %s AND day >= %s AND day <= %s
 GROUP BY day ORDER BY day DESC
"""


class CountedDay(NamedTuple):
    """A day of a list: decisions of the agent in all, and lines that a filter leaves."""

    day: date
    decisions: int
    lines: int


def count_by_day(agent: str, wanted: Filter) -> list[CountedDay]:
    """How much there is on each day, by what was counted; the newest day first."""
    place = PLACES[wanted.measure] + 1 if wanted.measure else 0
    if not wanted.measure:
        what = "decisions"
    elif wanted.event == "yes":
        what = f"events[{place}]"
    elif wanted.event == "no":
        what = f"cases[{place}] - events[{place}]"
    else:
        what = f"cases[{place}]"
    narrowed = (wanted.version, wanted.type, wanted.format, wanted.vendor, wanted.order, wanted.band)
    twice = [value for each in narrowed for value in (each, each)]
    with connection.cursor() as cursor:
        cursor.execute(BY_DAY.format(what=what), [*twice, agent, wanted.first, wanted.last])
        return [CountedDay(*row) for row in cursor.fetchall()]


def count(agent: str, wanted: Filter) -> int:
    """How many there are, by what was counted."""
    return sum(day.lines for day in count_by_day(agent, wanted))


def listed(agent: str, wanted: Filter, page: int) -> Listed:
    """One page of the decisions of an agent that a filter leaves. Only the days are read that hold it."""
    counted = count_by_day(agent, wanted)
    first = _first_listed(counted, wanted)
    lines = [(day.day, day.lines) for day in counted if day.day >= first]
    pages = max(1, -(-sum(n for _, n in lines) // PER_PAGE))
    page = min(max(1, page), pages)
    days, shown = days_of(lines, (page - 1) * PER_PAGE, PER_PAGE), list[Found]()
    if days is not None:
        found = _on_days(agent, replace(wanted, first=days.first, last=days.last))
        shown = found[days.skipped : days.skipped + PER_PAGE]
    return Listed(wanted, sum(day.lines for day in counted), _with_invoices(shown), page, pages, first)


def everything(agent: str, wanted: Filter) -> list[Line]:
    """All of them, as far as one list goes."""
    return _with_invoices(_all(agent, wanted)[0])


def examples(alarm: Alarm) -> list[Line]:
    """The decisions that an alarm gives as examples, the newest first."""
    answers = BY_NAME[alarm.measure].of_answers
    condition, entries = "d.entry_id = ANY(%s)", [list(alarm.examples)]
    known = observed.of_agent(alarm.incident.agent_id, condition, entries, answers_too=answers)
    event = alarm.direction == Direction.UP
    return _with_invoices([(s, event) for s in reversed(known) if s.observation.answer == answers])


Found = tuple[Seen, bool | None]


def _on_days(agent: str, wanted: Filter) -> list[Found]:
    """What a filter leaves of a few days, the newest first: what its rows show to be something else is not
    read."""
    position, judge = MonitorPosition.objects.filter(pk=1).first(), Judge(agent)
    if position is None or (wanted.measure in LEARNED_LIMITS and not judge.known):
        return []
    of_day = narrowing.keys(agent, wanted, judge.limits, position)
    answers = bool(wanted.measure) and BY_NAME[wanted.measure].of_answers
    seen = observed.of_agent(agent, "d.entry_id = ANY(%s)", [list(of_day)], answers_too=answers)
    return list(reversed(list(_narrowed(seen, wanted, judge, of_day))))


def _all(agent: str, wanted: Filter) -> tuple[list[Found], date]:
    first = _first_listed(count_by_day(agent, wanted), wanted)
    position = MonitorPosition.objects.filter(pk=1).first()
    if position is None:
        return [], first
    condition = "d.at >= %s AND d.at < %s AND (e.tx, e.id) <= (%s, %s)"
    answers = bool(wanted.measure) and BY_NAME[wanted.measure].of_answers
    narrowed, judge = replace(wanted, first=first), Judge(agent)
    bounds = [*narrowing.moments(narrowed), position.tx, position.entry]
    seen = observed.of_agent(agent, condition, bounds, answers_too=answers)
    return list(reversed(list(_narrowed(seen, narrowed, judge)))), first


def _first_listed(counted: Sequence[CountedDay], wanted: Filter) -> date:
    """The first day of a list that holds no more than `MOST` decisions, or of its newest day alone."""
    total, first = 0, None
    for day in counted:
        total += day.decisions
        if first is not None and total > MOST:
            return first
        first = day.day
    return wanted.first


def _narrowed(
    seen: Sequence[Seen], wanted: Filter, judge: Judge, at_hand: Mapping[int, date | None] | None = None
) -> Iterator[Found]:
    """Those that a filter leaves, in the order of reading. `at_hand`: the latest day that was read by then,
    by entry, where not everything that was read before is in `seen`."""
    day, known = date.min, at_hand or {}
    for s in seen:
        o = s.observation
        day = max(day, o.at.date(), known.get(s.entry) or date.min)
        if not wanted.first <= day <= wanted.last or not _fits(s, wanted):
            continue
        if not wanted.measure:
            if not o.answer:
                yield s, None
            continue
        event = judge.event(o, wanted.measure, day)
        if event is not None and wanted.event in ("", "yes" if event else "no"):
            yield s, event


def _fits(s: Seen, wanted: Filter) -> bool:
    o = s.observation
    return (
        wanted.version in ("", o.version)
        and wanted.type in ("", o.doc_type)
        and wanted.format in ("", s.source_format)
        and wanted.vendor in ("", VENDORS[o.vendor_new])
        and wanted.order in ("", "no" if o.po_missing else "yes")
        and wanted.band in ("", band_of(o.amount))
    )


class Judge:
    """Whether a decision was an event of a measure, by the baseline that its day belongs to."""

    def __init__(self, agent: str) -> None:
        rows = Baseline.objects.filter(agent=agent).order_by("number")
        self.known: list[tuple[date, baselines.Baseline]] = [(r.first_day, read_baseline(r)) for r in rows]
        self.sla_ms = sla_ms(agent)

    @property
    def limits(self) -> list[Limits]:
        """All limits that decisions were judged by; before anything is learned only what is slow."""
        unlearned = Limits(amount_high=Decimal(0), confidence_low=0, confidence_high=1, sla_ms=self.sla_ms)
        return [baseline.limits for _, baseline in self.known] or [unlearned]

    def event(self, o: Observation, measure: str, day: date) -> bool | None:
        """None where it is not in the base of the measure, or could not be counted yet. A measure that is not
        watched, since too little was learned of it, is counted all the same."""
        asked = BY_NAME[measure]
        if o.answer and not asked.of_answers:
            return None
        if not self.known:
            limits = Limits(amount_high=o.amount, confidence_low=0, confidence_high=1, sla_ms=self.sla_ms)
            return None if measure in LEARNED_LIMITS else asked.value(o, limits)
        place = max(0, bisect_right([first for first, _ in self.known], day) - 1)
        return asked.value(o, self.known[place][1].limits)


def _with_invoices(found: Sequence[Found]) -> list[Line]:
    """Lines with the numbers of their invoices."""
    keys = {s.invoice for s, _ in found}
    invoices = {i.pk: i for i in Invoice.objects.filter(pk__in=keys).select_related("vendor")}
    return [_line(s, event, invoices[s.invoice]) for s, event in found]


def _line(s: Seen, event: bool | None, invoice: Any) -> Line:
    o = s.observation
    return Line(
        s.entry,
        o.at,
        s.invoice,
        invoice.number,
        invoice.vendor.name if invoice.vendor else "",
        invoice.state,
        o.outcome,
        o.verdict or "",
        o.confidence,
        o.amount,
        o.latency_ms,
        o.version,
        o.doc_type,
        s.source_format,
        o.vendor_new,
        o.po_missing,
        event,
    )
