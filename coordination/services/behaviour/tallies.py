"""What was counted of agents' work since the last writing, and how it is added to what is kept
(`models.RateDay`, `models.DayCell`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from ...monitoring.measures import MEASURES, PLACES
from ...monitoring.observations import Observation

BANDS = (
    (Decimal(100), "under 100"),
    (Decimal(1_000), "to 1,000"),
    (Decimal(10_000), "to 10,000"),
)
HIGHEST = "over 10,000"
"""Bands of value, in company currency."""


def band_of(amount: Decimal) -> str:
    """The band that an amount lies in; what a credit note takes off counts like what is added."""
    return next((words for most, words in BANDS if abs(amount) < most), HIGHEST)


def bounds_of(band: str) -> tuple[Decimal, Decimal | None]:
    """From which amount on a band is, and under which; None where it has no end. What is no band has nothing
    in it."""
    least = Decimal(0)
    for most, words in BANDS:
        if words == band:
            return least, most
        least = most
    return (least, None) if band == HIGHEST else (Decimal(0), Decimal(0))


@dataclass
class Rate:
    """One measure of one day. `judged` cases are those of which something was expected, `happened` their
    events."""

    cases: int = 0
    events: int = 0
    judged: int = 0
    happened: int = 0
    expected: float = 0.0
    information: float = 0.0

    def add(self, event: bool, expected: float | None) -> None:
        self.cases += 1
        self.events += event
        if expected is not None:
            self.judged += 1
            self.happened += event
            self.expected += expected
            self.information += expected - expected * expected


@dataclass
class Cell:
    """One kind of work of one day."""

    decisions: int = 0
    amount: Decimal = Decimal(0)
    rates: list[Rate] = field(default_factory=lambda: [Rate() for _ in MEASURES])


CellKey = tuple[str, date, str, str, str, bool, bool, str]


@dataclass
class Tallies:
    """Counts by agent, day and measure, and by kind of work; `evidence` is where it stood last, by agent, day
    and measure: up, down."""

    rates: dict[tuple[str, date, str], Rate] = field(default_factory=dict)
    cells: dict[CellKey, Cell] = field(default_factory=dict)
    evidence: dict[tuple[str, date, str], tuple[float, float]] = field(default_factory=dict)
    minutes: dict[tuple[str, datetime], list[int]] = field(default_factory=dict)

    def add(
        self,
        o: Observation,
        day: date,
        source_format: str,
        measured: Iterable[tuple[str, bool, float | None]],
    ) -> None:
        """Count one observation on a day: what was measured of it, and what was expected."""
        key = (
            o.agent,
            day,
            o.version,
            o.doc_type,
            source_format,
            o.vendor_new,
            o.po_missing,
            band_of(o.amount),
        )
        cell = self.cells.get(key)
        if cell is None:
            cell = self.cells[key] = Cell()
        if not o.answer:
            cell.decisions += 1
            cell.amount += o.amount
        for name, event, expected in measured:
            cell.rates[PLACES[name]].add(event, expected)
            rate = self.rates.get((o.agent, day, name))
            if rate is None:
                rate = self.rates[o.agent, day, name] = Rate()
            rate.add(event, expected)

    def add_minute(self, agent: str, at: datetime, *, late: bool) -> None:
        """Count one decision in its minute."""
        counts = self.minutes.setdefault((agent, at.replace(second=0, microsecond=0)), [0, 0])
        counts[0] += 1
        counts[1] += late

    def write(self) -> None:
        """Add it to what is kept."""
        with connection.cursor() as cursor:
            if self.minutes:
                rows = [(agent, minute, *counts) for (agent, minute), counts in sorted(self.minutes.items())]
                cursor.execute(ADD_MINUTES, [list(column) for column in zip(*rows, strict=True)])
            if rates := self._rate_rows():
                cursor.execute(ADD_RATES, [list(column) for column in zip(*rates, strict=True)])
            for key, cell in sorted(self.cells.items()):
                cursor.execute(ADD_CELL, _cell_row(key, cell))

    def _rate_rows(self) -> list[tuple[object, ...]]:
        rows: list[tuple[object, ...]] = []
        for key in sorted(self.rates.keys() | self.evidence.keys()):
            r, (up, down) = self.rates.get(key, Rate()), self.evidence.get(key, (None, None))
            counted = (r.cases, r.events, r.judged, r.happened, r.expected, r.information)
            rows.append((*key, *counted, up, down))
        return rows


def uncount(agent: str, since: date, until: date) -> None:
    """Take away what was counted of an agent in these days, both included, to count it anew."""
    with connection.cursor() as cursor:
        for table in ("coordination_rateday", "coordination_daycell"):
            cursor.execute(
                f"DELETE FROM {table} WHERE agent_id = %s AND day BETWEEN %s AND %s",  # noqa: S608
                [agent, since, until],
            )


def _cell_row(key: CellKey, cell: Cell) -> list[Any]:
    rates = cell.rates
    arrays = (
        [r.cases for r in rates],
        [r.events for r in rates],
        [r.judged for r in rates],
        [r.happened for r in rates],
        [r.expected for r in rates],
    )
    return [*key, cell.decisions, cell.amount, *arrays]


ADD_MINUTES = """
INSERT INTO coordination_agentminute AS t (agent_id, minute, decisions, late)
SELECT * FROM unnest(%s::text[], %s::timestamptz[], %s::int[], %s::int[])
    ON CONFLICT (minute, agent_id) DO UPDATE SET decisions = t.decisions + excluded.decisions,
       late = t.late + excluded.late
"""
ADD_RATES = """
INSERT INTO coordination_rateday AS t (agent_id, day, measure, cases, events, judged, happened, expected,
       information, up, down)
SELECT * FROM unnest(%s::text[], %s::date[], %s::text[], %s::int[], %s::int[], %s::int[], %s::int[],
       %s::float[], %s::float[], %s::float[], %s::float[])
    ON CONFLICT (agent_id, measure, day) DO UPDATE SET cases = t.cases + excluded.cases,
       events = t.events + excluded.events, judged = t.judged + excluded.judged,
       happened = t.happened + excluded.happened, expected = t.expected + excluded.expected,
       information = t.information + excluded.information,
       up = coalesce(excluded.up, t.up), down = coalesce(excluded.down, t.down)
"""
_SUMS = ", ".join(
    f"{name} = (SELECT array_agg(a + b ORDER BY place) FROM unnest(t.{name}, excluded.{name})"  # noqa: S608
    " WITH ORDINALITY AS pair(a, b, place))"
    for name in ("cases", "events", "judged", "happened", "expected")
)
ADD_CELL = f"""
INSERT INTO coordination_daycell AS t (agent_id, day, version, doc_type, source_format, vendor_new, no_order,
       band, decisions, amount, cases, events, judged, happened, expected)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (agent_id, day, version, doc_type, source_format, vendor_new, no_order, band)
    DO UPDATE SET decisions = t.decisions + excluded.decisions, amount = t.amount + excluded.amount, {_SUMS}
"""  # noqa: S608 - made of constants
