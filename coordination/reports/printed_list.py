"""A population on paper: a row as it comes goes to the page at once, so that no list is ever held whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any, BinaryIO

from reportlab.lib.pagesizes import A4, landscape  # type: ignore[import-untyped]
from reportlab.lib.utils import simpleSplit  # type: ignore[import-untyped]
from reportlab.pdfbase.pdfmetrics import stringWidth  # type: ignore[import-untyped]
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

from audit.errors import CountersignError

from ..domain.amounts import format_amount
from .look import BOLD, INK, LINE, MARGIN, QUIET, SANS, furniture
from .table import COLUMNS, Cell, Column, Head, Row, plain
from .words import clipped, printable

PAGE = landscape(A4)
SIZE, LEADING, GAP = 7.0, 8.6, 5.0
BOTTOM = 42.0
MOST_LINES = 4
MOST_ROWS = 100_000
PRINTED = [(place, column) for place, column in enumerate(COLUMNS) if column.width]


class TooLongToPrint(CountersignError):
    """A printed list ends at 100,000 invoices. Take CSV, Excel or JSON Lines."""

    status = 400


class _Pages:
    """Where the next line goes."""

    def __init__(self, out: BinaryIO, head: Head) -> None:
        self.canvas: Any = Canvas(out, pagesize=PAGE, pageCompression=1, invariant=1)
        self.canvas.setTitle(printable(head.title))
        self.head = head
        self.y = PAGE[1] - MARGIN
        self.foot = dict(head.facts).get("Made", "")

    def line(self, text: str, size: float, font: str = SANS, ink: Any = INK) -> None:
        for part in simpleSplit(printable(text), font, size, PAGE[0] - 2 * MARGIN):
            self.room(size * 1.4)
            self.y -= size * 1.4
            self.canvas.setFont(font, size)
            self.canvas.setFillColor(ink)
            self.canvas.drawString(MARGIN, self.y, part)

    def room(self, height: float) -> bool:
        """Turn the page if so much no longer fits."""
        if self.y - height >= BOTTOM:
            return False
        self.turn()
        return True

    def turn(self) -> None:
        furniture(self.canvas, self.head.title, self.foot)
        self.canvas.showPage()
        self.y = PAGE[1] - MARGIN

    def row(self, cells: Sequence[Sequence[str]], ink: Any = INK, font: str = SANS) -> None:
        """One row of the list, as high as its fullest cell."""
        height = max(len(cell) for cell in cells) * LEADING + 3
        if self.room(height) and ink is INK:
            self.heads()
        x = MARGIN
        self.canvas.setFont(font, SIZE)
        self.canvas.setFillColor(ink)
        for lines, (_, column) in zip(cells, PRINTED, strict=True):
            for n, text in enumerate(lines):
                self._text(text, x, self.y - LEADING * (n + 1), column)
            x += column.width + GAP
        self.y -= height
        self.canvas.setStrokeColor(LINE)
        self.canvas.setLineWidth(0.25)
        self.canvas.line(MARGIN, self.y, PAGE[0] - MARGIN, self.y)

    def _text(self, text: str, x: float, y: float, column: Column) -> None:
        if column.kind in {"money", "count"}:
            self.canvas.drawRightString(x + column.width, y, text)
        else:
            self.canvas.drawString(x, y, text)

    def heads(self) -> None:
        self.row([[column.title] for _, column in PRINTED], QUIET, BOLD)


def write_pdf(
    out: BinaryIO, rows: Iterable[Row], head: Head, totals: Callable[[], list[tuple[str, str]]]
) -> None:
    """The list with its head; what was counted on the way stands at the end. Raises `TooLongToPrint`."""
    pages = _Pages(out, head)
    pages.line(head.title, 15, BOLD)
    for name, value in head.facts:
        pages.line(f"{name}: {clipped(value, 600)}", 8, ink=QUIET)
    pages.y -= 8
    pages.heads()
    for number, row in enumerate(rows, 1):
        if number > MOST_ROWS:
            raise TooLongToPrint
        pages.row([_lines(row[place], column) for place, column in PRINTED])
    pages.y -= 6
    pages.line("End of the list", 9, BOLD)
    for name, value in totals():
        pages.line(f"{name}: {value}", 8)
    furniture(pages.canvas, head.title, pages.foot)
    pages.canvas.save()


def _lines(value: Cell, column: Column) -> list[str]:
    """A cell in lines that fit its width; what is longer than four ends in dots."""
    text = plain(value, column.kind)
    if column.kind == "instant":
        text = text[:10]
    if column.kind == "money" and isinstance(value, Decimal):
        text = format_amount(value)
    text = printable(clipped(text, 200)).replace("\n", " ")
    if stringWidth(text, SANS, SIZE) <= column.width:
        return [text]
    lines = [part for word in simpleSplit(text, SANS, SIZE, column.width) for part in _broken(word, column)]
    return lines if len(lines) <= MOST_LINES else [*lines[: MOST_LINES - 1], lines[MOST_LINES - 1][:-1] + "…"]


def _broken(line: str, column: Column) -> list[str]:
    """A word that is wider than its column, cut."""
    parts, rest = [], line
    while stringWidth(rest, SANS, SIZE) > column.width:
        fits = next(
            n for n in range(len(rest), 0, -1) if n == 1 or stringWidth(rest[:n], SANS, SIZE) <= column.width
        )
        parts.append(rest[:fits])
        rest = rest[fits:]
    return [*parts, rest]
