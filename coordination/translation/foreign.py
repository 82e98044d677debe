"""Tables of other systems: rows of cells, each a text as it stands or a value that the file itself types.

A CSV has texts only, in an encoding and with a delimiter that a map names. A workbook (`xlsx.py`) types its
cells, and such a value needs no format: `Number`, `Percent` and `Day` are exact, `Broken` says why a cell has
no value that anybody may rely on. Memory and time are bounded: no row
over a million characters, no table over what stays under 300 MB.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from .canonical import QuarantineCode, Unreadable
from .values import WHITE_SPACE

MAX_RECORD: Final = 1_000_000
CELL_WEIGHT: Final = 430
CHARACTER_WEIGHT: Final = 14
MAX_WEIGHT: Final = 175_000_000
"""Bytes of memory that a cell and a character of a table cost on their way into the tables, measured, and how
many there may be: about 15,000 rows of 21 columns. A larger table is split by its sender."""
MAX_COLUMNS: Final = 256
MAX_HEADER_ROW: Final = 20

_BOM8: Final = b"\xef\xbb\xbf"
_BOM16: Final = (b"\xff\xfe", b"\xfe\xff")

ZIP: Final = b"PK\x03\x04"
OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

ENCODINGS: Final = {
    "utf-8": "UTF-8",
    "cp1252": "Windows (Western Europe)",
    "iso8859-15": "Latin-9",
    "cp1250": "Windows (Central Europe)",
    "utf-16": "UTF-16",
}
DELIMITERS: Final = {";": "semicolon", ",": "comma", "\t": "tab", "|": "bar"}


class Number(str):
    """A number that the file types: a decimal text with a point."""

    __slots__ = ()


class Percent(str):
    """A number that the file shows as per cent: the decimal text of what is shown, without the sign."""

    __slots__ = ()


class Day(str):
    """A day that the file types: an ISO date."""

    __slots__ = ()


class Broken(str):
    """A cell without a value to rely on: the text says why."""

    __slots__ = ()


Cells = list[str]


class Hidden(list[str]):
    """The cells of a row that its workbook does not show: filtered out, folded away or without height."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Source:
    """How a foreign table is read. A workbook has no delimiter and no encoding; `sheet` is empty for any."""

    kind: Literal["csv", "xlsx"]
    delimiter: str = ""
    encoding: str = ""
    sheet: str = ""
    header_row: int = 1


def looks_like_workbook(content: bytes) -> bool:
    """Whether the bytes are an archive with a workbook in it, or what an encrypted or old one begins with."""
    if content.startswith(OLE):
        return True
    return content.startswith(ZIP) and b"xl/workbook" in content and b"[Content_Types].xml" in content


def key_of(label: str) -> str:
    """A column's name for comparing: neither case nor spaces tell columns apart."""
    return " ".join(label.split()).casefold()


def csv_rows(content: bytes, source: Source) -> Iterator[tuple[int, Cells]]:
    """Row numbers and cells, empty rows counted and left out; `Unreadable` where it is no CSV of this
    kind."""
    if b"\x00" in content and not content.startswith(_BOM16) and source.encoding != "utf-16":
        line = content.count(b"\n", 0, content.index(b"\x00")) + 1
        raise Unreadable(QuarantineCode.MALFORMED, "the file has NUL bytes: export it again", line)
    text = io.TextIOWrapper(io.BytesIO(content), _encoding(content, source), "strict", newline="")
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=source.delimiter, strict=True)
    weight = Weight()
    for number, record in enumerate(_records(reader, lines), 1):
        weight.add(record, number)
        if len(record) > MAX_COLUMNS:
            error = f"a row has over {MAX_COLUMNS} cells: it is no table of documents"
            raise Unreadable(QuarantineCode.TOO_LARGE, error, number)
        if any(cell.strip(WHITE_SPACE) for cell in record):
            yield number, record


def _encoding(content: bytes, source: Source) -> str:
    """A byte order mark is the file's own word; without one the map's is taken."""
    if content.startswith(_BOM8):
        return "utf-8-sig"
    return "utf-16" if content.startswith(_BOM16) else source.encoding


class _Lines:
    """Lines of bounded length, and the length of the record so far."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self.text = text
        self.number = 0
        self.record = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self.text.readline(MAX_RECORD + 1)
        if not line:
            raise StopIteration
        self.number += 1
        if "\x00" in line:  # of UTF-16, which has NUL bytes anyhow
            raise _malformed("the file has NUL characters: export it again", self.number)
        self.record += len(line)
        if self.record > MAX_RECORD:
            error = "one row has over a million characters: it is no row of a table"
            raise Unreadable(QuarantineCode.TOO_LARGE, error, self.number)
        return line


def _records(reader: Iterator[list[str]], lines: _Lines) -> Iterator[list[str]]:
    while True:
        lines.record = 0
        try:
            record = next(reader, None)
        except csv.Error as error:
            raise _malformed(f"not readable as CSV ({error}): check the quotes", lines.number) from None
        except UnicodeError:
            error_text = (
                "the file is not in the encoding that the map names: export it again or change the map"
            )
            raise _malformed(error_text, lines.number + 1) from None
        if record is None:
            return
        yield record


class Weight:
    """What the rows so far cost."""

    def __init__(self) -> None:
        self.bytes = 0

    def add(self, cells: Cells, row: int) -> None:
        """Count a row, or stop at the limit."""
        self.bytes += CELL_WEIGHT * len(cells) + CHARACTER_WEIGHT * sum(map(len, cells))
        if self.bytes > MAX_WEIGHT:
            raise Unreadable(QuarantineCode.TOO_LARGE, "the table is too large to be read: split it", row)


def _malformed(error: str, line: int) -> Unreadable:
    return Unreadable(QuarantineCode.MALFORMED, error, line)
