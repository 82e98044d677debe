"""The list of the inbox as a file: CSV and a workbook, of the same columns."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from openpyxl import Workbook  # type: ignore[import-untyped]
from openpyxl.cell import WriteOnlyCell  # type: ignore[import-untyped]
from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]

from audit.canonical import instant

from .counted import table_csv
from .writers import EXACT_DIGITS, text_cell

Cell = str | Decimal | datetime | date | None
COLUMNS: tuple[tuple[str, int], ...] = (
    *(("number", 18), ("vendor_or_subject", 32), ("about", 12), ("queue", 14), ("causes", 34)),
    *(("question", 60), ("currency", 9), ("amount", 14), ("company_currency", 9), ("amount_company", 14)),
    *(("opened_at", 18), ("due_at", 18), ("clock", 12), ("loss_on", 12), ("loss", 16), ("claimed_by", 20)),
    *(("signed", 9), ("put_aside_until", 18), ("agent", 24), ("confidence", 11), ("link", 60)),
)
"""Name and width of every column, in the order of the cells of a row."""


def inbox_csv(rows: Iterable[Sequence[Cell]]) -> bytes:
    """UTF-8, comma, CRLF, with a header row; moments in UTC; text that a spreadsheet would take for a formula
    is guarded."""
    return table_csv([name for name, _ in COLUMNS], ([_plain(cell) for cell in row] for row in rows))


def _plain(cell: Cell) -> str | Decimal | None:
    if isinstance(cell, datetime):
        return instant(cell)
    return cell.isoformat() if isinstance(cell, date) else cell


def inbox_xlsx(rows: Iterable[Sequence[Cell]], facts: Sequence[tuple[str, str]]) -> bytes:
    """A workbook: the list, and a sheet of `facts` about it. No cell is a formula; moments are in UTC."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Inbox")
    sheet.freeze_panes = "B2"
    for place, (_, width) in enumerate(COLUMNS, 1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.append([text_cell(sheet, name, bold=True) for name, _ in COLUMNS])
    for row in rows:
        sheet.append([_typed(sheet, cell) for cell in row])
    about = book.create_sheet("About")
    about.column_dimensions["A"].width, about.column_dimensions["B"].width = 24, 100
    for name, value in facts:
        about.append([text_cell(about, name, bold=True), text_cell(about, value)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _typed(sheet: Any, cell: Cell) -> Any:
    """Amounts and days as numbers and days; an amount with more digits than a spreadsheet keeps, as text."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, Decimal):
        if len(cell.normalize().as_tuple().digits) > EXACT_DIGITS:
            return text_cell(sheet, f"{cell:f}")
        return _as(sheet, cell, "#,##0.00")
    if isinstance(cell, datetime):
        return _as(sheet, cell.replace(tzinfo=None), "yyyy-mm-dd hh:mm")
    return _as(sheet, cell, "yyyy-mm-dd") if isinstance(cell, date) else text_cell(sheet, cell)


def _as(sheet: Any, value: Any, number_format: str) -> Any:
    found = WriteOnlyCell(sheet, value=value)
    found.number_format = number_format
    return found
