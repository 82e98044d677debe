"""Workbooks (Office Open XML) as rows of typed cells, through openpyxl's parser of sheets.

Hostile by assumption. Before openpyxl sees anything, the archive is walked: the sum of the unpacked sizes,
the size of each part that is read whole, the number of tags, any DOCTYPE. No formula is evaluated: the result
that the sender's program stored with it is taken, and a formula without one is a broken cell. A number is
taken from its text in the file, at the 15 digits that a spreadsheet keeps, never through binary floating
point; so 19.989999999999998 is 19.99, as the sender saw it.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import IO, Any, Final, TypeVar

from openpyxl import load_workbook  # type: ignore[import-untyped]
from openpyxl.worksheet._reader import (  # type: ignore[import-untyped]
    CELL_TAG,
    FORMULA_TAG,
    ROW_TAG,
    VALUE_TAG,
    WorkSheetParser,
)
from openpyxl.xml.functions import iterparse  # type: ignore[import-untyped]

from .canonical import QuarantineCode, Unreadable
from .foreign import MAX_COLUMNS, OLE, Broken, Cells, Day, Hidden, Number, Percent, Weight

# It warns of styles and extensions it leaves out, and of cells that are broken here anyhow.
warnings.filterwarnings("ignore", category=UserWarning, module=r"openpyxl\.")

T = TypeVar("T")

MAX_ROW: Final = 1_048_576
MAX_MERGED: Final = 100_000
MAX_UNPACKED: Final = 100_000_000
MAX_LARGE: Final = 40_000_000
MAX_PART: Final = 2_000_000
MAX_TAGS: Final = 2_500_000
"""Bytes of the whole archive unpacked, of its sheets and texts together, of any other part in XML, and tags
of all of them. Measured: with them a workbook stays under 300 MB of memory."""

_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_XML_STARTS: Final = (b"<", b"\x00<", b"\xff\xfe", b"\xfe\xff")
_LARGE: Final = re.compile(r"xl/(?:worksheets/.*|sharedStrings)\.xml", re.IGNORECASE)
_BLOCK: Final = 1 << 20
_NUMERIC: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]{1,3})?")
_DIGITS: Final = Context(prec=15, rounding=ROUND_HALF_EVEN)
_NOISE: Final = Decimal("0.000001")
_PERCENT_BUILTIN: Final = frozenset({9, 10})
_RANGE: Final = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})(?::\$?([A-Z]{1,3})\$?([0-9]{1,7}))?")

_FLAT: Final = re.compile(r"0*[01]?(?:\.[0-9]*)?")

_MERGE: Final = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref\s*=\s*[\"']([^\"']{1,40})[\"']")


class Workbook:
    """An opened workbook: the names of its visible sheets, and their rows."""

    def __init__(self, content: bytes) -> None:
        _refuse_ole(content)
        _guarded(lambda: _walk(content))
        self._book = _guarded(lambda: _load(content))
        self.sheets: tuple[str, ...] = tuple(
            sheet.title for sheet in self._book.worksheets if sheet.sheet_state == "visible"
        )
        self._percent: dict[int, bool] = {}

    def rows(self, sheet: str) -> Iterator[tuple[int, Cells]]:
        """Row numbers and cells of a sheet, empty rows left out, hidden ones marked, cells of a merged area
        as broken ones.

        Where cells are merged stands at the end of a sheet, so that it is read for that first.
        """
        found = next(one for one in self._book.worksheets if one.title == sheet)
        merged = _guarded(lambda: _merged(self._book, found))
        rows = self._cells(found)
        while (row := _guarded(lambda: next(rows, None))) is not None:
            number, cells = row
            covered = merged.get(number, {})
            for place, reason in covered.items():
                cells += [""] * (place + 1 - len(cells))
                cells[place] = reason
            if any(cells):
                yield number, cells

    def _cells(self, sheet: Any) -> Iterator[tuple[int, Cells]]:
        weight = Weight()
        with self._book._archive.open(sheet._worksheet_path) as source:
            for number, is_hidden, parsed in _parser(self._book, sheet, source).walk():
                cells: Cells = Hidden() if is_hidden else []
                for cell in parsed:
                    place = cell["column"] - 1
                    cells += [""] * (place + 1 - len(cells))
                    cells[place] = self._value(cell)
                weight.add(cells, number)
                yield number, cells

    def _value(self, cell: dict[str, Any]) -> str:
        value, kind = cell["value"], cell["data_type"]
        if value is None:
            return Broken("a formula without a stored result") if cell["unsaved"] else ""
        if kind == "e":
            return Broken(f"the error {str(value)[:20]}")
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        if isinstance(value, datetime | date):
            return Day(value.date().isoformat() if isinstance(value, datetime) else value.isoformat())
        if kind == "n":
            return self._number(cell["raw"], cell["style_id"])
        return str(value).strip()

    def _number(self, raw: str, style: int) -> str:
        value = _decimal(raw)
        if value is None:
            return Broken(f"the number {raw[:30]}, which a spreadsheet does not keep exactly")
        if self._shows_percent(style):
            return Percent(_plain(value.scaleb(2)))
        return Number(_plain(value))

    def _shows_percent(self, style: int) -> bool:
        if style not in self._percent:
            formats, id_ = self._book._number_formats, self._book._cell_styles[style].numFmtId
            custom = formats[id_ - 164] if 0 <= id_ - 164 < len(formats) else ""
            self._percent[style] = id_ in _PERCENT_BUILTIN or "%" in str(custom)
        return self._percent[style]


class _Parser(WorkSheetParser):  # type: ignore[misc]
    """openpyxl's parser of a sheet, which knows texts, styles and dates, walked cell by cell.

    Its own walk keeps a whole row of the tree, however many cells that has.
    """

    def walk(self) -> Iterator[tuple[int, bool, list[dict[str, Any]]]]:
        """Row numbers, whether the row is hidden, and parsed cells."""
        cells: list[dict[str, Any]] = []
        number = 0
        for _, element in iterparse(self.source):
            if element.tag == ROW_TAG:
                number = _row_number(element, number + 1)
                yield number, _is_hidden(element), cells
                cells, self.col_counter = [], 0
                element.clear()
            elif element.tag == CELL_TAG:
                cells.append(self.parse_cell(element))
                element.clear()
                if self.col_counter > MAX_COLUMNS or len(cells) > MAX_COLUMNS:
                    error = f"a row reaches beyond {MAX_COLUMNS} columns: it is no table of documents"
                    raise Unreadable(QuarantineCode.TOO_LARGE, error, number + 1)

    def parse_cell(self, element: Any) -> dict[str, Any]:
        """Each cell keeps the text of its value, and whether a formula has left it without one."""
        cell: dict[str, Any] = super().parse_cell(element)
        cell["raw"] = (element.findtext(VALUE_TAG) or "").strip()
        is_empty_text = element.get("t") == "str" and element.find(VALUE_TAG) is not None
        cell["unsaved"] = element.find(FORMULA_TAG) is not None and not cell["raw"] and not is_empty_text
        return cell


def _is_hidden(row: Any) -> bool:
    """Is the row filtered out, folded away, or of no height that anybody sees (in points)?"""
    return row.get("hidden") in {"1", "true"} or _FLAT.fullmatch(row.get("ht", "15")) is not None


def _row_number(row: Any, following: int) -> int:
    stated = row.get("r")
    number = following if stated is None else int(stated)
    if not following <= number <= MAX_ROW:
        raise Unreadable(QuarantineCode.MALFORMED, f"row {str(stated)[:20]} of the workbook is out of order")
    return number


def _parser(book: Any, sheet: Any, source: IO[bytes]) -> _Parser:
    return _Parser(
        source,
        sheet._shared_strings,
        data_only=True,
        epoch=book.epoch,
        date_formats=book._date_formats,
        timedelta_formats=book._timedelta_formats,
    )


def _decimal(raw: str) -> Decimal | None:
    """The number as a spreadsheet shows it, or None where it is none, or has digits that it cannot keep."""
    if not _NUMERIC.fullmatch(raw):
        return None
    try:
        exact = Decimal(raw)
    except InvalidOperation:
        return None
    rounded = _DIGITS.plus(exact)
    is_noise = abs(exact - rounded) < _NOISE
    return rounded if is_noise and (not rounded or rounded.adjusted() < 15) else None


def _plain(value: Decimal) -> str:
    return format(value.normalize() if value else Decimal(0), "f")


def _merged(book: Any, sheet: Any) -> dict[int, dict[int, str]]:
    """Row -> place -> why the cell cannot be used, for every cell of a merged area."""
    with book._archive.open(sheet._worksheet_path) as source:
        ranges = _merge_ranges(source)
    found: dict[int, dict[int, str]] = {}
    cells = 0
    for reference in ranges:
        match = _RANGE.fullmatch(reference)
        if match is None:
            continue
        left, top, right, bottom = match[1], int(match[2]), match[3] or match[1], int(match[4] or match[2])
        first, last = _column(left), min(_column(right), MAX_COLUMNS)
        cells += max(0, bottom - top + 1) * max(0, last - first + 1)
        if cells > MAX_MERGED:
            raise _too_large("the workbook merges too many cells")
        for row in range(top, bottom + 1):
            places = found.setdefault(row, {})
            places.update(dict.fromkeys(range(first - 1, last), Broken(f"merged cells ({reference})")))
    return found


def _merge_ranges(source: IO[bytes]) -> list[str]:
    """The merged areas that a sheet names; they stand behind its cells."""
    rest, found = b"", []
    while block := source.read(_BLOCK):
        text = rest + block
        found += [match[1].decode("ascii", "replace") for match in _MERGE.finditer(text)]
        rest = text[text.rfind(b"<") :][:1000]
    return found


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _load(content: bytes) -> Any:
    return load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)


def _refuse_ole(content: bytes) -> None:
    if not content.startswith(OLE):
        return
    if _ENCRYPTED in content:
        error = "the workbook is encrypted: ask for it without a password"
        raise Unreadable(QuarantineCode.ENCRYPTED, error)
    raise Unreadable(QuarantineCode.UNSUPPORTED, "an Excel file of the old kind (.xls): save it as .xlsx")


def _walk(content: bytes) -> None:
    """Refuse an archive that unpacks to too much, before anything of it is kept."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
        if any(member.flag_bits & 1 for member in members):
            raise Unreadable(
                QuarantineCode.ENCRYPTED, "the workbook is encrypted: ask for it without a password"
            )
        if sum(member.file_size for member in members) > MAX_UNPACKED or len(members) > 10_000:
            raise _too_large("the workbook unpacks to over 100 MB")
        if sum(m.file_size for m in members if _LARGE.fullmatch(m.filename)) > MAX_LARGE:
            raise _too_large("the sheets of the workbook hold too much to be read")
        if sum(_tags(archive, member) for member in members) > MAX_TAGS:
            raise _too_large("the workbook has too many cells")


def _tags(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> int:
    """The tags of a part, whatever its name; what is no XML is a picture or the like and never read.

    A part with a DOCTYPE is refused, and one that is not UTF-8, which could hide one.
    """
    count, tail = 0, b""
    with archive.open(member) as source:
        block = source.read(_BLOCK)
        if not block.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(_XML_STARTS):
            return 0
        if member.file_size > MAX_PART and not _LARGE.fullmatch(member.filename):
            raise _too_large(f"the part {member.filename[:60]} of the workbook is too large")
        while block:
            if b"\x00" in block or (not tail and block.startswith(_XML_STARTS[2:])):
                raise Unreadable(QuarantineCode.MALFORMED, "the workbook is not UTF-8: save it again")
            if b"<!DOCTYPE" in (tail + block).upper():
                error = "the workbook has a DOCTYPE, which can carry an attack: save it again"
                raise Unreadable(QuarantineCode.FORBIDDEN_DOCTYPE, error)
            count, tail = count + block.count(b"<"), block[-16:]
            block = source.read(_BLOCK)
    return count


def _too_large(error: str) -> Unreadable:
    return Unreadable(QuarantineCode.TOO_LARGE, f"{error}: split it, or save it as CSV")


def _guarded(work: Callable[[], T]) -> T:
    """Run openpyxl on hostile bytes: whatever it raises means that the workbook cannot be read."""
    try:
        return work()
    except Unreadable:
        raise
    except Exception as error:
        what = type(error).__name__
        message = f"the workbook cannot be read ({what}): save it again as .xlsx or CSV"
        raise Unreadable(QuarantineCode.MALFORMED, message) from None
