"""A table of another system, by a translation map, to canonical documents.

A map is applied to a table whose header is exactly the one it names, in whatever order: a column more, less
or renamed makes another table, for a person to look at. The rows then go through the canonical CSV reader,
so that every check is the same; a row with a cell that does not have the map's format is set aside with its
whole document, since half a document is a wrong one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Final

from .canonical import Canonical, Invoice, Origin, QuarantineCode, Rejected, Unreadable
from .converting import convert
from .csv import build, groups
from .csv_documents import Group
from .foreign import Broken, Cells, Hidden, Source, csv_rows, key_of, looks_like_workbook
from .maps import LAYOUT, Field, Map, header_keys
from .references import without_fillers
from .table import CellLeaf, Row, Table, is_sum, shown
from .values import FILLERS, OUTER_SPACE, BadValueError

if TYPE_CHECKING:
    from .xlsx import Workbook

FAULT: Final = "correct it or the map"
"""How the error of a row ends that another version of the map may read."""

UNSEEN: Final = "show it and bring the file again if it counts, or delete it"

BEYOND: Final = "(no label)"
"""Stands for the cells of a workbook's row that lie beyond its header."""

Rows = Iterator[tuple[int, Cells]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One document of a table, or why it is set aside, with the rows it stands on."""

    rows: tuple[int, ...]
    result: Canonical | Rejected


@dataclass(frozen=True, slots=True)
class Places:
    """Where the canonical columns of one table come from: label and place in the source's rows."""

    labels: dict[str, str]
    places: dict[str, int]


@dataclass(frozen=True, slots=True)
class MappedRow(Row):
    """A row in canonical columns that remembers the cells it was made of."""

    source: Cells
    origin: Places

    def leaf(self, column: str) -> CellLeaf:
        return CellLeaf(self.origin.labels.get(column, column), self.number, self.text(column))


class ForeignFile:
    """A file that may be a table; a workbook is opened once, however often it is looked at."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.is_workbook = looks_like_workbook(content)

    @cached_property
    def book(self) -> Workbook:
        """The workbook, or `Unreadable` where it cannot be opened."""
        from .xlsx import Workbook  # openpyxl takes a while to import, and most files are no workbooks

        return Workbook(self.content)

    def rows(self, source: Source) -> Rows:
        """The rows as a source says; of a workbook those of the named or of its first sheet."""
        if source.kind == "csv":
            return csv_rows(self.content, source)
        if not self.book.sheets:
            raise Unreadable(QuarantineCode.MALFORMED, "the workbook has no visible sheet: make one visible")
        named = [sheet for sheet in self.book.sheets if key_of(sheet) == key_of(source.sheet)]
        return self.book.rows(named[0] if named else self.book.sheets[0])

    def fitting(self, maps: Sequence[Map]) -> list[Map]:
        """The maps that are for this file; `Unreadable` where a workbook cannot be opened."""
        if self.is_workbook and self.book:
            return [one for one in maps if one.source.kind == "xlsx" and self.sheets(one)]
        return [one for one in maps if one.source.kind == "csv" and self._fits_csv(one)]

    def _fits_csv(self, one: Map) -> bool:
        try:
            return _is_header(header_of(self.rows(one.source), one.source.header_row)[0], one)
        except Unreadable:
            return False

    def sheets(self, one: Map) -> list[str]:
        """The visible sheets of a workbook that have the map's header."""
        named, row = key_of(one.source.sheet), one.source.header_row
        wanted = [sheet for sheet in self.book.sheets if named in {"", key_of(sheet)}]
        return [sheet for sheet in wanted if _is_header(header_of(self.book.rows(sheet), row)[0], one)]

    def rows_for(self, one: Map) -> Rows:
        """The rows that a map reads; `Unreadable` (mismatch) where that could be several sheets, or none."""
        if one.source.kind == "csv":
            return self.rows(one.source)
        sheets = self.sheets(one)
        if len(sheets) != 1:
            names = ", ".join(shown(sheet, 30) for sheet in sheets) or "none"
            error = f"one sheet must have the columns of the map, here: {names}; name the sheet in the map"
            raise Unreadable(QuarantineCode.MISMATCH, error, 1)
        return self.book.rows(sheets[0])


def _is_header(labels: Cells, one: Map) -> bool:
    return header_keys(tuple(labels)) == one.keys and not any(isinstance(cell, Broken) for cell in labels)


def header_of(rows: Rows, header_row: int) -> tuple[Cells, Rows]:
    """The labels of the header row, none where the table has no such row, and the rows below it."""
    for number, cells in rows:
        if number == header_row:
            labels = [cell if isinstance(cell, Broken) else cell.strip(OUTER_SPACE) for cell in cells]
            return labels, rows
        if number > header_row:
            break
    return [], rows


def stream(file: ForeignFile, one: Map) -> Iterator[tuple[int, Canonical | Rejected]]:
    """The documents of a table and what is set aside, each with its first row, which is its place in the
    file.

    The place stays the same when a later version of the map reads more of the table.
    """
    for outcome in outcomes(file, one):
        yield min(outcome.rows), outcome.result


def outcomes(file: ForeignFile, one: Map) -> Iterator[Outcome]:
    """What becomes of each document of a table."""
    return _mapped(file, one, None).outcomes()


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows of a table as a map reads them: number and canonical cells, and what becomes of them."""

    rows: tuple[tuple[int, Cells], ...]
    outcomes: tuple[Outcome, ...]


def preview(file: ForeignFile, one: Map, most: int) -> Preview:
    """Try a map on the first `most` rows; the last document may go on behind them."""
    mapped = _mapped(file, one, most)
    rows = sorted((row.number, row.cells) for rows in mapped.rows.values() for row in rows)
    return Preview(tuple(rows), tuple(mapped.outcomes()))


def _mapped(file: ForeignFile, one: Map, most: int | None) -> _Mapped:
    header, rows = header_of(file.rows_for(one), one.source.header_row)
    table = _Mapped(one, header)
    for number, cells in islice(rows, most):
        table.add(number, cells)
    return table


class _Mapped:
    """The rows of one table in canonical columns, by document, and the faults among them."""

    def __init__(self, one: Map, header: Cells) -> None:
        self.map, self.layout, self.width = one, LAYOUT[one.kind], len(header)
        self.labels = [key_of(label) for label in header]
        by_key = {key_of(label): place for place, label in enumerate(header)}
        places = {c: by_key[key_of(f.column)] for c, f in one.fields.items() if f.column}
        self.origin = Places({column: header[place] for column, place in places.items()}, places)
        self.others = [place for place in range(self.width) if place not in set(places.values())]
        unmapped = [f"{header[place]} (not mapped)" for place in self.others]
        names = [*self.layout.columns, *unmapped, BEYOND]
        self.index = {name: place for place, name in enumerate(names)}
        self.words = {c: {key_of(k): v for k, v in words.items()} for c, words in one.words.items()}
        self.rows: dict[str, list[MappedRow]] = {}
        self.faults: dict[str, list[tuple[int, str]]] = {}
        self.hidden: dict[str, list[int]] = {}

    def add(self, number: int, cells: Cells) -> None:
        """Convert one row; a fault in it is one of its whole document. Sums and the header once more are no
        rows of any."""
        is_hidden, beyond = isinstance(cells, Hidden), ""
        if (
            is_sum(cells, self.origin.places[self.layout.key])
            or [key_of(cell) for cell in cells] == self.labels
        ):
            return
        while len(cells) > self.width and not cells[-1].strip(OUTER_SPACE):
            cells = cells[:-1]
        if self.map.source.kind == "xlsx":
            beyond = " ".join(filter(None, cells[self.width :]))
            cells = [*cells[: self.width], *[""] * (self.width - len(cells))]
        if len(cells) != self.width:
            fault = f"row {number} has {len(cells)} cells, the header has {self.width}: export it again"
            place = self.origin.places[self.layout.key]
            key = cells[place].strip(OUTER_SPACE) if place < len(cells) else ""
            self.faults.setdefault(key, []).append((number, fault))
            return
        converted, fault = self._converted(number, cells)
        key = converted[self.index[self.layout.key]]
        if is_hidden:
            self.hidden.setdefault(key, []).append(number)
        elif fault:
            self.faults.setdefault(key, []).append((number, fault))
        others = ["" if isinstance(cells[place], Broken) else cells[place] for place in self.others]
        row = MappedRow(number, [*converted, *others, beyond], self.index, cells, self.origin)
        self.rows.setdefault(key, []).append(row)

    def _converted(self, number: int, cells: Cells) -> tuple[Cells, str]:
        """The canonical cells of a row, and its first fault."""
        found: Cells = []
        fault = ""
        for column in self.layout.columns:
            try:
                found.append(self._value(column, cells))
            except BadValueError as bad:
                fault = fault or self._fault(number, column, cells, bad)
                found.append("")
        return found, fault

    def _value(self, column: str, cells: Cells) -> str:
        source = self.map.fields.get(column, Field())
        if not source.column:
            return source.constant
        cell = cells[self.origin.places[column]]
        text = convert(cell, self.map.kind, column, self.map.decimals, self.map.dates)
        return self.words.get(column, {}).get(key_of(text), text)

    def _fault(self, number: int, column: str, cells: Cells, bad: BadValueError) -> str:
        raw = cells[self.origin.places[column]]
        says = "holds" if isinstance(raw, Broken) else f"says {shown(raw, 40)},"
        return f"row {number}: {shown(self.origin.labels[column], 40)} {says} {bad}: {FAULT}"

    def outcomes(self) -> Iterator[Outcome]:
        """Documents with a fault set aside, then the rest as the canonical reader has them.

        Of a document with a hidden row nobody can say whether it was meant to be sent: filters hide what is
        not wanted, and a row that nobody sees is not to be paid. Documents that are hidden as a whole are one
        remark.
        """
        sound: list[Row] = []
        yield from self._unseen()
        for key, faults in self.faults.items():
            yield from self._set_aside(key, faults)
        for key, rows in self.rows.items():
            faulty = {number for number, _ in self.faults.get(key, ())}
            if not faulty or key.lower() in FILLERS:
                sound += self._counted([row for row in rows if row.number not in faulty])
        rejected: list[Rejected] = []
        found = groups(Table(sound), self.layout, rejected)
        yield from (Outcome((one.line or 0,), one) for one in rejected)
        for group in found:
            numbers = tuple(row.number for row in group.rows)
            yield Outcome(numbers, without_fillers(_traced(build(group, self.layout), group)))

    def _set_aside(self, key: str, faults: list[tuple[int, str]]) -> Iterator[Outcome]:
        """One outcome for a document with faults; rows without a number are no document and stand alone."""
        if key.lower() in FILLERS:
            for number, fault in faults:
                yield Outcome((number,), Rejected(QuarantineCode.MALFORMED, fault, number))
            return
        numbers = {row.number for row in self.rows.get(key, ())} | {number for number, _ in faults}
        number, fault = min(faults)
        error = f"{self.layout.word} {shown(key)}: {fault}"
        yield Outcome(tuple(sorted(numbers)), Rejected(QuarantineCode.MALFORMED, error, number))

    def _unseen(self) -> Iterator[Outcome]:
        """What becomes of hidden rows; documents that have some are taken out of the table."""
        unseen: list[int] = []
        for key, numbers in self.hidden.items():
            rows = self.rows.pop(key)
            if (
                key.lower() in FILLERS
            ):  # rows without a number are of no document, and the others stand for themselves
                hidden = set(numbers)
                self.rows[key] = [row for row in rows if row.number not in hidden]
                unseen += numbers
                continue
            of_document = {row.number for row in rows} | {number for number, _ in self.faults.pop(key, ())}
            if len(rows) == len(numbers):
                unseen += numbers
                continue
            error = f"{self.layout.word} {shown(key)}: row {numbers[0]} is hidden in the workbook: {UNSEEN}"
            found = Rejected(QuarantineCode.MALFORMED, error, numbers[0])
            yield Outcome(tuple(sorted(of_document)), found)
        if unseen:
            unseen.sort()
            which = (
                f"row {unseen[0]} is"
                if len(unseen) == 1
                else f"{len(unseen)} rows from row {unseen[0]} on are"
            )
            error = f"{which} hidden in the workbook and left out: {UNSEEN}"
            yield Outcome(tuple(unseen), Rejected(QuarantineCode.MALFORMED, error, unseen[0]))

    def _counted(self, rows: list[MappedRow]) -> list[MappedRow]:
        """Give rows without a number of their own their place among the rows of their document."""
        line = self.layout.line
        if line and self.map.fields.get(line, Field()).count:
            for count, row in enumerate(rows, 1):
                row.cells[self.index[line]] = str(count)
        return rows


def _traced(result: Canonical | Rejected, group: Group) -> Canonical | Rejected:
    """The document with its origins as the source has them: its labels, its texts before conversion."""
    rows = [row for row in group.rows if isinstance(row, MappedRow)]
    if isinstance(result, Rejected) or not rows:
        return result
    raws = dict(pair for row in rows for pair in _converted_cells(row))
    provenance = getattr(result, "provenance", {})
    for name, origin in provenance.items():
        if origin.path in raws:
            provenance[name] = Origin(origin.path, raws[origin.path])
    if not isinstance(result, Invoice):
        return result
    labels = rows[0].origin.labels
    return replace(result, texts=tuple(_labelled(origin, labels) for origin in result.texts))


def _converted_cells(row: MappedRow) -> Iterator[tuple[str, str]]:
    """Path and text of the cells whose text in the source is another than the canonical one."""
    for column, place in row.origin.places.items():
        raw = row.source[place]
        if raw != row.cells[row.index[column]]:
            yield f"{row.origin.labels[column]}@{row.number}", raw


def _labelled(origin: Origin, labels: dict[str, str]) -> Origin:
    column, _, row = origin.path.rpartition("@")
    return Origin(f"{labels.get(column, column)}@{row}", origin.raw)
