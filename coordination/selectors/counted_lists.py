"""The list behind a number: what it counts, one row each, a page at a time and whole as a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from django.core.paginator import Page

from ..domain.key_figures import total
from ..tasks.sql import rows
from .figures import company_currency
from .paging import Lines, ListPaginator, days_of

CHUNK = 2_000

READ = """
SELECT x.invoice_id, x.case_id, coalesce(i.number, k.told->>'number', e.question, ''),
       coalesce(v.name, f.seller->>'name', k.told->>'vendor', ''), coalesce(i.currency, e.currency, ''),
       CASE WHEN i.id IS NOT NULL THEN i.gross
            WHEN k.told IS NOT NULL THEN nullif(k.told->>'gross', '')::numeric(26, 6)
            ELSE e.amount END, x.at, x.cells
  FROM (SELECT * FROM ({}) y ORDER BY y.at DESC, y.invoice_id, y.case_id, y.cells
         LIMIT %(most)s OFFSET %(start)s) x
  LEFT JOIN coordination_invoice i ON i.id = x.invoice_id
  LEFT JOIN coordination_invoicefacts f ON f.invoice_id = i.id
  LEFT JOIN coordination_vendor v ON v.id = i.vendor_id
  LEFT JOIN reviews_escalation e ON e.id = x.case_id
  LEFT JOIN LATERAL (SELECT e."case" AS told WHERE e.kind = 'known_answer') k ON true
 ORDER BY x.at DESC, x.invoice_id, x.case_id, x.cells
"""
"""A known-answer case has no invoice: its frozen case says what the row of an invoice would."""
SUMS = """
SELECT coalesce(i.currency, e.currency, ''), sum((x.cells)[%(place)s]::numeric) FROM ({}) x
  LEFT JOIN coordination_invoice i ON i.id = x.invoice_id
  LEFT JOIN reviews_escalation e ON e.id = x.case_id
 GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its head, and what stands in it: text, a day (ISO) or money (in the currency of the
    row)."""

    head: str
    holds: Literal["text", "day", "money"] = "text"


@dataclass(frozen=True, slots=True)
class Item:
    """One row. `invoice` is None where it is about something else, `case` where nobody was asked; `cells` are
    in the order of the list's columns."""

    invoice: UUID | None
    case: UUID | None
    number: str
    vendor: str
    currency: str
    gross: Decimal | None
    at: datetime
    cells: Sequence[str]
    columns: Sequence[Column]

    @property
    def labelled_cells(self) -> list[tuple[Column, str]]:
        """Its cells, each with the column that it stands in."""
        return list(zip(self.columns, self.cells, strict=True))


def plain(found: Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
    """As they are."""
    return found


@dataclass(frozen=True, slots=True)
class CountedList:
    """What a number counts. `statement` gives invoice_id, case_id, at and cells (texts), one row for each
    thing that is counted; `spoken` puts the cells of some rows into words. `days` and `money` name the
    columns that hold such; `money` is what the number sums. `name` is that of the file.

    `by_day` says how many rows each day has, the newest first, where that is kept. The statement is then of
    the days from %(first_day)s to %(last_day)s, and no row of a day is newer than one of a later day; a page
    reads only those that hold it.
    """

    name: str
    title: str
    sentence: str
    when: str
    columns: Sequence[str]
    statement: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    spoken: Callable[[Sequence[Sequence[str]]], Sequence[Sequence[str]]] = plain
    days: Sequence[str] = ()
    money: str = ""
    by_day: Callable[[], Sequence[tuple[date, int]]] | None = None

    @property
    def heads(self) -> list[Column]:
        """Its columns, each with what it holds."""
        return [
            Column(c, "money" if c == self.money else "day" if c in self.days else "text")
            for c in self.columns
        ]

    def count(self) -> int:
        if self.by_day is not None:
            return sum(count for _, count in self.by_day())
        [(found,)] = rows(f"SELECT count(*) FROM ({self.statement}) x", **self.parameters)  # noqa: S608 - constants
        return int(found)

    def sums(self) -> Mapping[str, Decimal]:
        """What it sums, by currency, that of the company first; nothing where it sums no money."""
        if not self.money:
            return {}
        place = self.columns.index(self.money) + 1
        found = rows(SUMS.format(self.statement), **self.parameters, place=place)
        return total([(currency, amount) for currency, amount in found], company_currency())

    def read(self, start: int, most: int) -> list[Item]:
        """So many rows from a place on, the newest first."""
        parameters = {**self.parameters, "start": start, "most": most}
        if self.by_day is not None:
            days = days_of(self.by_day(), start, most)
            if days is None:
                return []
            parameters |= {"first_day": days.first, "last_day": days.last, "start": days.skipped}
        found = rows(READ.format(self.statement), **parameters)
        spoken = self.spoken([row[7] for row in found])
        return [self._item(row, cells) for row, cells in zip(found, spoken, strict=True)]

    def _item(self, row: tuple[Any, ...], cells: Sequence[str]) -> Item:
        invoice, case, number, vendor, currency, gross, at, _ = row
        return Item(invoice, case, number, vendor, currency, gross, at, cells, self.heads)

    def page(self, number: int) -> Page[Item]:
        return ListPaginator(Lines(self.read, self.count)).page(number)

    def all(self) -> Iterator[Item]:
        """Every row, the newest first."""
        start = 0
        while found := self.read(start, CHUNK):
            yield from found
            start += len(found)
