"""Where a measure is off: events against what was expected, by kind of work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from math import sqrt
from typing import Any

from django.db import connection

from ...domain.key_figures import Share
from ...monitoring.measures import PLACES
from .days import FEW, Window

BANDS = ("under 100", "to 1,000", "to 10,000", "over 10,000")
VENDORS = {False: "known", True: "new"}
ALL = ""

SQL = """
SELECT doc_type, vendor_new, source_format, band, version, no_order, sum(decisions), sum(amount),
       sum(cases[%(at)s]), sum(events[%(at)s]), sum(judged[%(at)s]), sum(happened[%(at)s]),
       sum(expected[%(at)s])
  FROM coordination_daycell
 WHERE agent_id = %(agent)s AND day >= %(first)s AND day <= %(last)s
 GROUP BY doc_type, vendor_new, source_format, band, version, no_order
"""


@dataclass
class Square:
    """One kind of work: decisions, their amount, events of cases, and what was expected of the judged
    ones. `key` narrows the list of decisions to it."""

    key: Mapping[str, str]
    decisions: int = 0
    amount: Decimal = Decimal(0)
    cases: int = 0
    events: int = 0
    judged: int = 0
    happened: int = 0
    expected: float = 0.0

    def add(self, decisions: int, amount: Decimal, counts: Sequence[int], expected: float) -> None:
        self.decisions += decisions
        self.amount += amount
        cases, events, judged, happened = counts
        self.cases += cases
        self.events += events
        self.judged += judged
        self.happened += happened
        self.expected += expected

    @property
    def share(self) -> Share:
        return Share(self.events, self.cases)

    @property
    def few(self) -> bool:
        return self.cases < FEW

    @property
    def usual(self) -> float | None:
        return self.expected / self.judged if self.judged else None

    @property
    def ratio(self) -> float | None:
        """Observed to expected; None where next to nothing was expected."""
        return self.happened / self.expected if self.expected >= 1 else None

    @property
    def score(self) -> float:
        """By how many standard deviations more happened than was expected."""
        if not self.judged:
            return 0.0
        spread = max(self.expected * (1 - self.expected / self.judged), 0.25)
        return (self.happened - self.expected) / sqrt(spread)

    @property
    def heat(self) -> str:
        """How strongly it is tinted: a class of the stylesheet."""
        strength = min(3, int(abs(self.score) / 2)) if not self.few else 0
        return f"{'more' if self.score > 0 else 'less'}{strength}" if strength else ""


@dataclass
class Line:
    """One row of the heat map: a document type of known or of new vendors."""

    doc_type: str
    vendor: str
    whole: Square
    squares: list[Square] = field(default_factory=list)


@dataclass(frozen=True)
class Where:
    """`lines` by document type and vendor, each with a square for every band and format in `columns`; `kinds`
    are single kinds, those that differ most first."""

    measure: str
    window: Window
    whole: Square
    columns: Sequence[tuple[str, str]]
    lines: Sequence[Line]
    kinds: Sequence[tuple[str, Square]]

    @property
    def bands(self) -> int:
        return sum(name == "band" for name, _ in self.columns)


Found = tuple[dict[str, str], int, Decimal, tuple[int, int, int, int], float]


def where(agent: str, measure: str, window: Window) -> Where:
    """The kinds of work of an agent over a window."""
    rows = _read(agent, measure, window)
    formats = sorted({key["format"] for key, *_ in rows})
    bands = [b for b in BANDS if any(key["band"] == b for key, *_ in rows)]
    columns = [("band", b) for b in bands] + [("format", f) for f in formats]
    lines = []
    for doc_type, vendor in sorted({(key["type"], key["vendor"]) for key, *_ in rows}):
        of = {"type": doc_type, "vendor": vendor}
        line = Line(doc_type, vendor, _sum(rows, of))
        line.squares = [_sum(rows, of | {name: value}) for name, value in columns]
        lines.append(line)
    whole = _sum(rows, {})
    return Where(measure, window, whole, columns, lines, _kinds(rows, whole))


def _read(agent: str, measure: str, window: Window) -> list[Found]:
    with connection.cursor() as cursor:
        values: dict[str, str | int | date] = {
            "at": PLACES[measure] + 1,
            "agent": agent,
            "first": window.first,
            "last": window.last,
        }
        cursor.execute(SQL, values)
        return [_found(row) for row in cursor.fetchall()]


def _found(row: Sequence[Any]) -> Found:
    kind, new, source, band, version, no_order, decisions, amount, *counts, usual = row
    key = {
        "type": kind,
        "vendor": VENDORS[new],
        "format": source,
        "band": band,
        "version": version,
        "order": "no" if no_order else "yes",
    }
    cases, events, judged, happened = map(int, counts)
    return key, int(decisions), amount, (cases, events, judged, happened), float(usual)


def _sum(rows: Iterable[Found], key: Mapping[str, str]) -> Square:
    found = Square(key)
    for named, decisions, amount, counts, expected in rows:
        if all(named[name] == value for name, value in key.items()):
            found.add(decisions, amount, counts, expected)
    return found


KINDS = ("type", "vendor", "order", "band", "format", "version")


def _kinds(rows: Sequence[Found], whole: Square) -> list[tuple[str, Square]]:
    """Every single kind of work, by how far it is off; what all decisions have in common is none."""
    found = []
    for name in KINDS:
        values = sorted({key[name] for key, *_ in rows})
        if len(values) > 1:
            found += [(name, _sum(rows, {name: value})) for value in values]
    found = [pair for pair in found if pair[1].cases]
    way = 1 if whole.score >= 0 else -1
    return sorted(found, key=lambda pair: -way * pair[1].score)
