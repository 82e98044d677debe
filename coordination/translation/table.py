"""A CSV file as a table: UTF-8, comma, one header row; whatever is wrong is said with the row it is wrong in.

Rows are numbered as a spreadsheet shows them, empty rows counted. What a spreadsheet puts around a table is
no part of it: titles above the header, columns without a name, rows of sums, the header once more.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from .canonical import QuarantineCode, Unreadable
from .record import Leaf
from .values import OUTER_SPACE
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
        return self.cells[place].strip(OUTER_SPACE) if place < len(self.cells) else ""

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


MOST_ABOVE: Final = 20
"""Rows in which the header is looked for; above it stand titles and settings such as `sep=,`."""


def first_rows(text: str) -> list[list[str]]:
    """The first rows of a text as names of columns would be written; fewer where it is no CSV."""
    found: list[list[str]] = []
    reader = csv.reader(match.group() for match in _LINE.finditer(text.lstrip("\ufeff")[:65536]))
    try:
        for cells in reader:
            found.append([column_named(cell) for cell in cells])
            if len(found) == MOST_ABOVE:
                break
    except csv.Error:
        pass  # what follows is no header
    return found


def column_named(label: str) -> str:
    """The name of a column: lower case, one underscore for the spaces between its words."""
    return "_".join(label.replace("\ufeff", "").lower().split())


def read_table(text: str, wanted: Sequence[str], key: str, number_columns: Collection[str] = ()) -> Table:
    """Every row below the header, which is the first row with all the columns that are `wanted`.

    Raises `Unreadable` where the file as a whole is no CSV. `key` is the column that tells documents apart,
    `number_columns` are those that a row of sums without a word may fill.
    """
    table = Table()
    index: dict[str, int] = {}
    header: list[str] = []
    same: dict[str, str] = {}
    last: Row | None = None
    for number, cells in _numbered(text):
        if not index:
            header = [column_named(cell) for cell in cells]
            if set(header).issuperset(wanted):
                index = _places(header, wanted, number)
            continue
        if [column_named(cell) for cell in cells] == header or is_sum(cells, index[key]):
            continue
        while len(cells) > len(header) and not cells[-1].strip(OUTER_SPACE):
            cells.pop()
        while len(cells) < len(header) and not header[len(cells)]:
            cells.append("")  # the header alone has empty columns at its end
        # Columns repeat themselves; one object per different text keeps a file of 25 MB in a third of the
        # memory.
        last = Row(number, [same.setdefault(cell, cell) for cell in cells], index)
        (table.rows if len(cells) == len(header) else table.broken).append(last)
    if table.rows and table.rows[-1] is last and _only_numbers(last, number_columns):
        table.rows.pop()
    return table


def _places(header: list[str], wanted: Collection[str], number: int) -> dict[str, int]:
    """Name -> place. A column without a name, or with one that says nothing to us a second time, is found by
    its place."""
    index: dict[str, int] = {}
    for place, name in enumerate(header):
        if name in index and name in wanted:
            raise _malformed(f"the column name {name} stands twice in the header: remove one", number)
        index[name if name and name not in index else f"(column {place + 1})"] = place
    return index


_TOTALS: Final = frozenset(
    [
        "total",
        "totals",
        "sum",
        "summe",
        "summen",
        "gesamt",
        "gesamtsumme",
        "gesamtbetrag",
        "zwischensumme",
        "endsumme",
        "subtotal",
        "saldo",
        "somme",
        "totale",
        "totaal",
        "suma",
        "razem",
        "yhteensä",
        "összesen",
        "celkem",
    ]
) | {"grand total", "sub total", "total general", "total général"}
"""What stands in a row of sums instead of a number, in lower case."""
_FIGURE: Final = re.compile(r"[-+−]?[0-9][0-9.,'’\s\u00a0\u202f]*[-%]?|[-+]?[.,][0-9]+")


def is_sum(cells: Sequence[str], key: int) -> bool:
    """Is this a row of sums: a word for that, figures, and nothing else? Where documents have their number
    (`key`) it has the word or nothing."""
    if key < len(cells) and cells[key].strip(OUTER_SPACE) and not _is_total(cells[key]):
        return False
    filled = [text for cell in cells if (text := cell.strip(OUTER_SPACE))]
    words = [text for text in filled if _is_total(text)]
    if not words or len(filled) == len(words):
        return False
    return all(text in words or _FIGURE.fullmatch(text) for text in filled)


def _is_total(text: str) -> bool:
    return text.strip(OUTER_SPACE + ":.").casefold() in _TOTALS


def _only_numbers(row: Row, columns: Collection[str]) -> bool:
    """Does a row fill nothing but columns of numbers? The last one of a table is then the sums without a
    word."""
    filled = {name for name, place in row.index.items() if row.cells[place].strip(OUTER_SPACE)}
    return bool(filled) and filled.issubset(columns)


def _numbered(text: str) -> Iterator[tuple[int, list[str]]]:
    """Row numbers and cells of all rows that hold anything."""
    for number, cells in enumerate(_records(text), 1):
        if number > MAX_ROWS:
            error = f"the file has over {MAX_ROWS} rows: split it"
            raise Unreadable(QuarantineCode.TOO_LARGE, error, number)
        if any(cells) and any(cell.strip(OUTER_SPACE) for cell in cells):
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
