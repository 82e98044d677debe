"""A CSV file as a table: UTF-8, comma, one header row; whatever is wrong is said with the row it is wrong in.

Rows are numbered as a spreadsheet shows them: the header is row 1, empty rows count.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from .canonical import QuarantineCode, Unreadable
from .record import Leaf
from .values import WHITE_SPACE
from .xml import MAX_VALUE

MAX_ROWS: Final = 500_000
_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")
"""A line with its end, as `io` would give it; a buffer of `io` would take four times the text."""

csv.field_size_limit(MAX_VALUE)  # the module's own limit is 128 KB and exists only for the whole process


class CellLeaf(Leaf):
    """The value of one cell; its path is `column@row`."""

    __slots__ = ("row",)

    def __init__(self, column: str, row: int, raw: str) -> None:
        super().__init__(f"{column}@{row}", raw)
        self.row = row

    @property
    def line(self) -> int | None:
        return self.row


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table; cells are found by column name."""

    number: int
    cells: list[str]
    index: dict[str, int]

    def text(self, column: str) -> str:
        """The cell without outer white space; empty where a broken row does not reach that column."""
        place = self.index[column]
        return self.cells[place].strip(WHITE_SPACE) if place < len(self.cells) else ""

    def leaf(self, column: str) -> CellLeaf:
        """The cell as a value with its origin."""
        return CellLeaf(column, self.number, self.text(column))


@dataclass(slots=True)
class Table:
    """The rows that fit the header, and those that have another number of cells."""

    rows: list[Row] = field(default_factory=list)
    broken: list[Row] = field(default_factory=list)


def decode(content: bytes) -> str:
    """UTF-8 with or without byte order mark, or `Unreadable` (malformed)."""
    if b"\x00" in content:
        line = content.count(b"\n", 0, content.index(b"\x00")) + 1
        raise _malformed("the file has NUL bytes: save it as CSV in UTF-8", line)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _malformed("the file is not UTF-8: save it as CSV in UTF-8", line) from None


def header_of(text: str) -> list[str]:
    """The column names of the first row, in lower case; none where it is no row of CSV."""
    first = text.lstrip("\ufeff").partition("\n")[0][:65536]
    try:
        cells = next(csv.reader([first]), [])
    except csv.Error:
        return []
    return [cell.strip().lower().replace(" ", "_") for cell in cells]


def read_table(text: str, header: list[str]) -> Table:
    """Every row below the header, or `Unreadable` where the file as a whole is no CSV."""
    if len(set(header)) < len(header):
        raise _malformed("a column name stands twice in the header: remove one", 1)
    index = {name: place for place, name in enumerate(header)}
    table = Table()
    same: dict[str, str] = {}
    for number, cells in _numbered(text):
        fits = len(cells) == len(header)
        # Columns repeat themselves; one object per different text keeps a file of 25 MB in a third of the memory.
        kept = [same.setdefault(cell, cell) for cell in cells]
        (table.rows if fits else table.broken).append(Row(number, kept, index))
    return table


def _numbered(text: str) -> Iterator[tuple[int, list[str]]]:
    """Row numbers and cells of all rows that hold anything, the header left out."""
    for number, cells in enumerate(_records(text), 1):
        if number > MAX_ROWS:
            error = f"the file has over {MAX_ROWS} rows: split it"
            raise Unreadable(QuarantineCode.TOO_LARGE, error, number)
        if number > 1 and any(cells) and any(cell.strip() for cell in cells):
            yield number, cells


def _records(text: str) -> Iterator[list[str]]:
    reader = csv.reader((match.group() for match in _LINE.finditer(text)), strict=True)
    start = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise _not_csv(error, start) from None
        if cells is None:
            return
        start = reader.line_num + 1
        yield cells


def _not_csv(error: csv.Error, line: int) -> Unreadable:
    if "field limit" in str(error):
        return Unreadable(QuarantineCode.TOO_LARGE, "one cell is over 8 MB: leave it out", line)
    return _malformed(f"not readable as CSV ({error}): check the quotes from this line on", line)


def _malformed(error: str, line: int) -> Unreadable:
    return Unreadable(QuarantineCode.MALFORMED, error, line)


def shown(text: str, most: int = 60) -> str:
    """Text for an error message: one line, cut."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def joined(names: Iterable[str]) -> str:
    """Column names for an error message."""
    return ", ".join(names)
