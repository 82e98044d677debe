"""The decisions behind a number: those that were counted, no others.

A decision counts to the day that the monitor was at when it read it (`services.behaviour.watch`);
what was an event was judged by the limits of the baseline that its day belongs to.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import urlencode
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
from .days import Window
from .status import read_baseline
from .where import VENDORS

MOST = 20_000
"""So many decisions are read for one list; of a longer window its newest days."""
PER_PAGE = 50
LATE = timedelta(days=1)
"""So late a decision may be read and still be found on the day that it counts to."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to. Empty texts narrow nothing; `event` "yes" or "no" is of `measure`, and with
    a measure only its base is listed."""

    first: date
    last: date
    measure: str = ""
    event: str = ""
    version: str = ""
    type: str = ""
    format: str = ""
    vendor: str = ""
    order: str = ""
    band: str = ""

    @property
    def window(self) -> Window:
        return Window(self.first, self.last)

    @property
    def query(self) -> str:
        """The filter as an address carries it."""
        values = {"since": self.first.isoformat(), "until": self.last.isoformat()}
        names = ("measure", "event", "version", "type", "format", "vendor", "order", "band")
        return urlencode(values | {n: getattr(self, n) for n in names if getattr(self, n)})


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


COUNT = """
SELECT coalesce(sum({what}), 0) FROM coordination_daycell
 WHERE agent_id = %s AND day >= %s AND day <= %s
   AND (%s = '' OR version = %s) AND (%s = '' OR doc_type = %s) AND (%s = '' OR source_format = %s)
   AND (%s = '' OR vendor_new = (%s = 'new')) AND (%s = '' OR no_order = (%s = 'no'))
   AND (%s = '' OR band = %s)
"""
BY_DAY = """
SELECT day, sum(decisions) FROM coordination_daycell WHERE agent_id = %s AND day >= %s AND day <= %s
 GROUP BY day ORDER BY day DESC
"""


def count(agent: str, wanted: Filter) -> int:
    """How many there are, by what was counted."""
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
        cursor.execute(COUNT.format(what=what), [agent, wanted.first, wanted.last, *twice])
        return int(cursor.fetchone()[0])


def listed(agent: str, wanted: Filter, page: int) -> Listed:
    """One page of the decisions of an agent that a filter leaves."""
    found, first = _all(agent, wanted)
    total = count(agent, wanted)
    pages = max(1, -(-len(found) // PER_PAGE))
    page = min(max(1, page), pages)
    shown = found[(page - 1) * PER_PAGE : page * PER_PAGE]
    return Listed(wanted, total, _with_invoices(shown), page, pages, first)


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


def _all(agent: str, wanted: Filter) -> tuple[list[Found], date]:
    first = _first_listed(agent, wanted)
    position = MonitorPosition.objects.filter(pk=1).first()
    if position is None:
        return [], first
    condition = "d.at >= %s AND d.at < %s AND (e.tx, e.id) <= (%s, %s)"
    begin = datetime.combine(first, time.min, UTC) - LATE
    end = datetime.combine(wanted.last, time.min, UTC) + timedelta(days=1)
    answers = bool(wanted.measure) and BY_NAME[wanted.measure].of_answers
    bounds = [begin, end, position.tx, position.entry]
    seen = observed.of_agent(agent, condition, bounds, answers_too=answers)
    narrowed, judge = replace(wanted, first=first), Judge(agent)
    return list(reversed(list(_narrowed(seen, narrowed, judge)))), first


def _first_listed(agent: str, wanted: Filter) -> date:
    """The first day of a list that holds no more than `MOST` decisions, or of its newest day alone."""
    with connection.cursor() as cursor:
        cursor.execute(BY_DAY, [agent, wanted.first, wanted.last])
        days = cursor.fetchall()
    total, first = 0, None
    for day, decisions in days:
        total += decisions
        if first is not None and total > MOST:
            return date.fromisoformat(str(first))
        first = day
    return wanted.first


def _narrowed(seen: Sequence[Seen], wanted: Filter, judge: Judge) -> Iterator[Found]:
    """Those that a filter leaves, in the order of reading."""
    day: date | None = None
    for s in seen:
        o = s.observation
        day = max(day or o.at.date(), o.at.date())
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

    def event(self, o: Observation, measure: str, day: date) -> bool | None:
        """None where it is not in the base of the measure, or was not counted."""
        asked = BY_NAME[measure]
        if o.answer and not asked.of_answers:
            return None
        if not self.known:
            limits = Limits(amount_high=o.amount, confidence_low=0, confidence_high=1, sla_ms=self.sla_ms)
            return None if measure in LEARNED_LIMITS else asked.value(o, limits)
        place = max(0, bisect_right([first for first, _ in self.known], day) - 1)
        baseline = self.known[place][1]
        return asked.value(o, baseline.limits) if measure in baseline.rates else None


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
