"""Tables of other systems made by the tests: CSV as text, workbooks by openpyxl, and ones that no program
writes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import openpyxl  # type: ignore[import-untyped]

from coordination.translation import suggest
from coordination.translation.mapping import ForeignFile, outcomes
from coordination.translation.maps import Map

HEADER = (
    "Rechnungsnr",
    "Lieferant",
    "Rechnungsdatum",
    "Währung",
    "Bestellnummer",
    "Pos",
    "Artikelnr",
    "Bezeichnung",
    "Menge",
    "Einheit",
    "Einzelpreis",
    "Netto",
    "MwSt Satz",
    "Steuer",
    "Brutto",
    "Bemerkung",
)
ROW = (
    "R-1",
    "V-1",
    "05.09.2026",
    "EUR",
    "PO-1",
    "10",
    "A-1",
    "Bolzen M8",
    "100",
    "Stk",
    "10,00",
    "1.000,00",
    "19 %",
    "190,00",
    "1.190,00",
    "",
)

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def row(**changes: str) -> tuple[str, ...]:
    """The usual row with some cells changed, by label."""
    return tuple(changes.get(label, cell) for label, cell in zip(HEADER, ROW, strict=True))


def table(*rows: Iterable[str], header: Iterable[str] = HEADER, delimiter: str = ";") -> bytes:
    """A CSV, UTF-8."""
    return "".join(delimiter.join(cells) + "\n" for cells in (header, *rows)).encode()


def workbook(*rows: Iterable[object], header: Iterable[object] = HEADER, sheet: str = "Rechnungen") -> bytes:
    """A workbook as a spreadsheet program saves it."""
    book = openpyxl.Workbook()
    page = book.active
    page.title = sheet
    for cells in (header, *rows):
        page.append(list(cells))
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    """The bytes of a workbook."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_sheet(xml: str, *, parts: dict[str, bytes] | None = None) -> bytes:
    """A workbook whose only sheet is this XML, with further parts put in or replaced."""
    changed = {"xl/worksheets/sheet1.xml": xml.encode()} | (parts or {})
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook())) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in {*old.namelist(), *changed}:
            new.writestr(name, changed.get(name) if name in changed else old.read(name))
    return out.getvalue()


def sheet(*rows: str, after: str = "") -> str:
    """The XML of a sheet."""
    return f'<?xml version="1.0"?><worksheet {MAIN}><sheetData>{"".join(rows)}</sheetData>{after}</worksheet>'


def cells(*texts: str) -> str:
    """A row of inline texts."""
    return "<row>" + "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in texts) + "</row>"


def suggested(content: bytes, kind: str = "invoices", **changes: object) -> Map:
    """The map that is suggested for a table."""
    file = ForeignFile(content)
    return replace(suggest.suggest(file, suggest.source_of(file), kind), **changes)


def read(content: bytes, one: Map | None = None) -> list[Any]:
    """What a map makes of a table; the suggested one where none is given."""
    return [outcome.result for outcome in outcomes(ForeignFile(content), one or suggested(content))]
