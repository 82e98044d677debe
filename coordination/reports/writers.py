"""The formats of a population: each writes rows as they come, so that memory does not grow with their
number."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO

from openpyxl import Workbook  # type: ignore[import-untyped]
from openpyxl.cell import WriteOnlyCell  # type: ignore[import-untyped]
from openpyxl.styles import Font  # type: ignore[import-untyped]

from audit.canonical import dumps
from audit.words import how_many

from .printed_list import write_pdf
from .table import COLUMNS, Cell, Column, Head, Row, RunningTotal, plain
from .words import guarded, without_control

Writer = Callable[[BinaryIO, Iterable[Row], Head, RunningTotal], None]
SHEET_ROWS = 1_000_000
EXACT_DIGITS = 15
"""Significant digits that a spreadsheet keeps of a number."""


@dataclass(frozen=True, slots=True)
class Format:
    """One format; `about` says how values stand in it."""

    name: str
    suffix: str
    title: str
    media: str
    write: Writer
    about: str


def write_csv(out: BinaryIO, rows: Iterable[Row], head: Head, counted: RunningTotal) -> None:
    """UTF-8, comma, CRLF (RFC 4180), a head of names. Text a spreadsheet would take for a formula is
    guarded."""
    del head
    text = io.TextIOWrapper(out, encoding="utf-8", newline="")
    writer = csv.writer(text)
    writer.writerow([c.name for c in COLUMNS])
    writer.writerows(_csv_row(row) for row in counted.through(rows))
    text.flush()
    text.detach()


def _csv_row(row: Row) -> list[str]:
    return [_guarded(value, column) for value, column in zip(row, COLUMNS, strict=True)]


def _guarded(value: Cell, column: Column) -> str:
    text = plain(value, column.kind)
    return guarded(text) if column.kind in {"text", "list"} else text


def write_jsonl(out: BinaryIO, rows: Iterable[Row], head: Head, counted: RunningTotal) -> None:
    """One canonical JSON object a line (RFC 8785): amounts as text, what is not known is null."""
    del head
    for row in counted.through(rows):
        found = {c.name: _json(value, c) for value, c in zip(row, COLUMNS, strict=True)}
        out.write(dumps(found) + b"\n")


def _json(value: Cell, column: Column) -> str | list[str] | None:
    if isinstance(value, tuple):
        return list(value)
    return None if value is None else plain(value, column.kind)


def write_xlsx(out: BinaryIO, rows: Iterable[Row], head: Head, counted: RunningTotal) -> None:
    """A workbook: the list, on further sheets where one is full, and a sheet about it. No cell is a
    formula."""
    book = Workbook(write_only=True)
    sheet = _list_sheet(book, 1)
    for number, row in enumerate(counted.through(rows)):
        if number and number % SHEET_ROWS == 0:
            sheet = _list_sheet(book, number // SHEET_ROWS + 1)
        sheet.append([_typed(sheet, value, c) for value, c in zip(row, COLUMNS, strict=True)])
    about = book.create_sheet("About")
    about.column_dimensions["A"].width, about.column_dimensions["B"].width = 24, 100
    for name, value in [*head.facts, *totals_in_words(counted)]:
        about.append([text_cell(about, name, bold=True), text_cell(about, value)])
    book.save(out)


def _list_sheet(book: Any, number: int) -> Any:
    sheet = book.create_sheet("Population" if number == 1 else f"Population {number}")
    sheet.freeze_panes = "A2"
    for place, column in enumerate(COLUMNS):
        sheet.column_dimensions[chr(ord("A") + place)].width = max(10, column.width / 5)
    sheet.append([text_cell(sheet, c.name, bold=True) for c in COLUMNS])
    return sheet


def _typed(sheet: Any, value: Cell, column: Column) -> Any:
    """Amounts and days as numbers and days; an amount with more digits than a spreadsheet keeps, as text."""
    if value is None:
        return None
    if isinstance(value, Decimal) and len(value.normalize().as_tuple().digits) <= EXACT_DIGITS:
        cell = WriteOnlyCell(sheet, value=value)
        cell.number_format = "#,##0.00" if column.kind == "money" else "General"
        return cell
    if isinstance(value, int):
        return value
    if isinstance(value, date) and not isinstance(value, datetime) and value.year >= 1901:
        cell = WriteOnlyCell(sheet, value=value)
        cell.number_format = "yyyy-mm-dd"
        return cell
    return text_cell(sheet, plain(value, column.kind))


def text_cell(sheet: Any, text: str, *, bold: bool = False) -> Any:
    """Text that stays text: typed as such, and marked so that editing the cell makes no formula of it
    either."""
    cell = WriteOnlyCell(sheet, value=without_control(text)[:32_767])
    cell.data_type = "s"
    cell.quotePrefix = 1
    if bold:
        cell.font = Font(bold=True)
    return cell


def totals_in_words(counted: RunningTotal) -> list[tuple[str, str]]:
    """Number and sums, a line each."""
    lines = [("Invoices", f"{counted.count:,}")]
    for t in counted.as_json():
        credit = (
            f"; of them {how_many(int(t['credit_notes']), 'credit note')}, {t['credit_gross']}"
            if t["credit_notes"] != "0"
            else ""
        )
        lines.append((f"Gross {t['currency']}".strip(), f"{t['gross']} in {t['count']}{credit}"))
    return lines


def _write_pdf(out: BinaryIO, rows: Iterable[Row], head: Head, counted: RunningTotal) -> None:
    write_pdf(out, counted.through(rows), head, lambda: totals_in_words(counted))


FORMATS = {
    f.name: f
    for f in (
        Format(
            "csv",
            "csv",
            "CSV",
            "text/csv; charset=utf-8",
            write_csv,
            "Text that a spreadsheet would take for a formula begins with an apostrophe.",
        ),
        Format(
            "xlsx",
            "xlsx",
            "Excel",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            write_xlsx,
            "Text is text; amounts of more than 15 digits are text, too. The second sheet says what the"
            " first is.",
        ),
        Format(
            "jsonl",
            "jsonl",
            "JSON Lines",
            "application/x-ndjson",
            write_jsonl,
            "One object a line; amounts as text.",
        ),
        Format(
            "pdf",
            "pdf",
            "PDF",
            "application/pdf",
            _write_pdf,
            "For reading: the columns that fit. Letters that the print font lacks are written without their"
            " mark or as their number.",
        ),
    )
}
