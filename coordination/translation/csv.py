"""The canonical CSV layouts (interfaces: Canonical CSV), found by their header.

Rows of one document share its number and need not be adjacent. Values of the document's header are repeated
on each row: a blank says nothing, two different values contradict each other. What is wrong with one
document sets that document aside as `Rejected`; the others of the file go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from . import csv_documents as documents
from . import limits, values
from .canonical import Canonical, QuarantineCode, Rejected, Translation, Unreadable
from .columns import FREE_TEXT, NUMBERS
from .csv_codings import codings
from .csv_documents import Group
from .table import Row, Table, decode, first_rows, joined, read_table, shown

MOST_LINES: Final = 15_000
"""Lines of one document: as many as a UBL invoice of 25 MB can hold, and no more than fit into memory with
it."""


@dataclass(frozen=True, slots=True)
class Layout:
    """One canonical CSV.

    `key` names the document. `scope` narrows it: a number belongs to its vendor, and a credit note may
    carry its invoice's; with `scope_counts` it is part of the key. `header` columns hold
    for the whole document, `line` tells its rows apart.
    """

    name: str
    word: str
    columns: tuple[str, ...]
    build: Callable[[Group], Canonical]
    key: str
    scope: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    line: str = ""
    scope_counts: bool = False

    @property
    def shared(self) -> tuple[str, ...]:
        """All columns that have to agree on the rows of one document."""
        return self.scope + self.header


def _columns(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))


def _rates(column: str) -> Layout:
    columns = ("date", "currency", column)
    return Layout(
        "rates", "rate", columns, documents.rate, "date", ("currency",), (column,), scope_counts=True
    )


LAYOUTS: Final = (
    Layout(
        name="vendors",
        word="vendor",
        columns=_columns("vendor_id,name,vat_id,iban,bic,country,currency,payment_terms,status"),
        build=documents.vendor,
        key="vendor_id",
        header=_columns("name,vat_id,iban,bic,country,currency,payment_terms,status"),
    ),
    Layout(
        name="orders",
        word="order",
        columns=_columns(
            "order_number,line,vendor_id,order_date,currency,item,description,quantity,unit,unit_price,tax_rate"
        ),
        build=documents.order,
        key="order_number",
        header=_columns("vendor_id,order_date,currency"),
        line="line",
    ),
    Layout(
        name="receipts",
        word="receipt",
        columns=_columns("receipt_number,line,order_number,order_line,received_date,quantity,accepted,unit"),
        build=documents.receipt,
        key="receipt_number",
        header=("received_date",),
        line="line",
    ),
    Layout(
        name="invoices",
        word="invoice",
        columns=_columns(
            "invoice_number,type,line,vendor_id,issue_date,due_date,currency,order_number,order_line,item,"
            "description,quantity,unit,unit_price,line_net,tax_rate,iban,net,tax,gross,preceding_invoice"
        ),
        build=documents.invoice,
        key="invoice_number",
        scope=_columns("vendor_id,type"),
        header=_columns("issue_date,due_date,currency,iban,net,tax,gross,preceding_invoice"),
        line="line",
    ),
    Layout(
        name="statements",
        word="statement",
        columns=_columns(
            "statement_number,vendor_id,date,currency,reference,reference_date,type,amount,balance"
        ),
        build=documents.statement,
        key="statement_number",
        scope=("vendor_id",),
        header=_columns("date,currency,balance"),
    ),
    Layout(
        name="conversions",
        word="unit factor",
        columns=_columns("vendor_id,item,unit,per,factor"),
        build=documents.conversion,
        key="unit",
        scope=_columns("vendor_id,item,per"),
        header=("factor",),
        scope_counts=True,
    ),
    Layout(
        name="codings",
        word="codings of vendor",
        columns=_columns("vendor_id,item,description,account,cost_centre,date"),
        build=codings,
        key="vendor_id",
    ),
    _rates("rate"),
    _rates("per_eur"),
    _rates("rate_per_eur"),
)


def translate_table(content: bytes) -> Translation:
    """Read a canonical CSV, or raise `Unreadable` where it is none or cannot be read as a whole."""
    source_format, parts = stream(content)
    found: list[Canonical] = []
    rejected: list[Rejected] = []
    for part in parts:
        if isinstance(part, Rejected):
            rejected.append(part)
        else:
            found.append(part)
    return Translation(source_format, tuple(found), tuple(rejected))


def stream(content: bytes) -> tuple[str, Iterator[Canonical | Rejected]]:
    """The format, and the documents one at a time: those of a large file never stand in memory together."""
    layout = find_layout(content)
    text = decode(content)
    table = read_table(text, layout.columns, layout.key, NUMBERS)
    return f"csv-{layout.name}", _parts(table, layout)


def _parts(table: Table, layout: Layout) -> Iterator[Canonical | Rejected]:
    rejected: list[Rejected] = []
    found = groups(table, layout, rejected)
    yield from rejected
    for group in found:
        yield build(group, layout)


def find_layout(content: bytes) -> Layout:
    """The layout whose columns are all in a header among the first rows; further columns are ignored."""
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    text = content.removeprefix(b"\xef\xbb\xbf")[:65536].decode(encoding, errors="replace")
    rows = [set(row) for row in first_rows(text)]
    for header in rows:
        for layout in LAYOUTS:
            if header.issuperset(layout.columns):
                return layout
    raise Unreadable(QuarantineCode.UNSUPPORTED, _why_no_layout(text, rows or [set()]), 1)


def _why_no_layout(text: str, rows: list[set[str]]) -> str:
    pairs = ((layout, header) for header in rows for layout in LAYOUTS)
    nearest, header = max(pairs, key=lambda pair: len(pair[1].intersection(pair[0].columns)))
    missing = [column for column in nearest.columns if column not in header]
    with_commas = map(set, first_rows(text.replace(";", ",").replace("\t", ",")))
    if any(row.issuperset(layout.columns) for row in with_commas for layout in LAYOUTS):
        return "the columns are not separated by commas: save the file with commas"
    if len(missing) * 2 > len(nearest.columns):
        return "ask for UBL or a canonical CSV"
    return f"the header is nearly that of {nearest.name}: add {joined(missing)}"


def groups(table: Table, layout: Layout, rejected: list[Rejected]) -> list[Group]:
    """Rows by document in order of their first row; documents with a fault go to `rejected` instead."""
    broken = {row.text(layout.key): row for row in reversed(table.broken)}
    rejected += [_wrong_width(row, layout) for row in broken.values()]
    by_key: dict[str, list[Row]] = {}
    for row in table.rows:
        by_key.setdefault(row.text(layout.key), []).append(row)
    found: list[Group] = []
    for key, rows in by_key.items():
        fault = _key_fault(key, layout)
        if fault:
            rejected += [Rejected(*fault, row.number) for row in rows]
        elif spoilt := values.spoilt(key):
            # one key that stands for any of thousands: rows that agree in all the rest may be of one document
            apart = {tuple(row.text(column) for column in layout.shared): row for row in reversed(rows)}
            rejected += [
                _spoilt(layout, layout.key, row, spoilt)
                for row in sorted(apart.values(), key=lambda row: row.number)
            ]
        elif key not in broken:
            found += [Group(key, copy) for part in _documents(rows, layout) for copy in _copies(part, layout)]
    return found


def _copies(rows: list[Row], layout: Layout) -> list[list[Row]]:
    """A document that stands in the table more than once, every row the same, is so many copies of one
    document."""
    times: dict[str, list[Row]] = {}
    for row in rows if layout.line else ():
        times.setdefault(row.text(layout.line), []).append(row)
    counts = {len(same) for same in times.values()}
    if len(counts) != 1 or counts == {1} or "" in times:
        return [rows]
    if any(row.cells != same[0].cells for same in times.values() for row in same):
        return [rows]
    return [[same[n] for same in times.values()] for n in range(counts.pop())]


def _key_fault(key: str, layout: Layout) -> tuple[QuarantineCode, str] | None:
    if key.lower() in values.FILLERS:
        return QuarantineCode.MISSING_ID, f"the row has no {layout.key}: fill it in"
    if len(key) > values.MAX_KEY:
        return QuarantineCode.TOO_LARGE, f"the {layout.key} is longer than {values.MAX_KEY} characters"
    return None


AS_TEXT: Final = "make the column one of text in the spreadsheet, put the value in again and save"


def _spoilt(layout: Layout, column: str, row: Row, reason: str, which: str = "") -> Rejected:
    named = f"{layout.word} {shown(which)}: " if which else ""
    error = f"{named}{column} in row {row.number} is {shown(row.text(column))}, {reason}: {AS_TEXT}"
    return Rejected(QuarantineCode.MALFORMED, error, row.number)


def _wrong_width(row: Row, layout: Layout) -> Rejected:
    which = shown(row.text(layout.key)) or "without a number"
    error = (
        f"{layout.word} {which}: row {row.number} has {len(row.cells)} cells, the header has "
        f"{len(row.index)}: quote values that contain a comma"
    )
    return Rejected(QuarantineCode.MALFORMED, error, row.number)


def _documents(rows: list[Row], layout: Layout) -> list[list[Row]]:
    """The documents among the rows of one number.

    Two vendors may use one number, and a credit note that of its invoice. Rows that differ in this but
    agree in everything else and go on in one line numbering are one document that contradicts itself.
    """
    parts: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        parts.setdefault(tuple(row.text(column) for column in layout.scope), []).append(row)
    if len(parts) == 1 or layout.scope_counts:
        return list(parts.values())
    return _joined(list(parts.values()), layout)


def _joined(parts: list[list[Row]], layout: Layout) -> list[list[Row]]:
    homes: dict[tuple[object, ...], tuple[list[Row], set[str]]] = {}
    found: list[list[Row]] = []
    for part in parts:
        lines = {row.text(layout.line) for row in part} if layout.line else set()
        home, taken = homes.setdefault(_stated(part[0], layout), (part, set()))
        if home is part or not taken.isdisjoint(lines):
            found.append(part)
        else:
            home += part
        taken |= lines
    return found


def _stated(row: Row, layout: Layout) -> tuple[object, ...]:
    """What a row says of its document beyond the scope; numbers count as numbers."""
    texts = [row.text(column) for column in layout.header]
    return tuple(text if (number := _number(text)) is None else number for text in texts)


def build(group: Group, layout: Layout) -> Canonical | Rejected:
    """The document that these rows state, or what is wrong with them."""
    fault = _fault(group, layout)
    if fault is not None:
        return fault
    try:
        found = limits.within(layout.build(group))
    except Unreadable as unreadable:
        error = f"{layout.word} {shown(group.key)}: {unreadable.error}"
        return Rejected(unreadable.code, error, unreadable.line)
    if isinstance(found, Rejected) and found.line is None:
        return replace(found, line=group.rows[0].number)
    return found


def _fault(group: Group, layout: Layout) -> Rejected | None:
    if layout.line and len(group.rows) > MOST_LINES:
        error = (
            f"{layout.word} {shown(group.key)} has {len(group.rows):,} lines, more than {MOST_LINES:,}:"
            " split it"
        )
        return Rejected(QuarantineCode.TOO_LARGE, error, group.rows[0].number)
    for row in group.rows:
        for column in layout.columns:
            if column not in FREE_TEXT and (reason := values.spoilt(row.text(column))):
                return _spoilt(layout, column, row, reason, group.key)
    contradiction = _contradiction(group.rows, layout.shared)
    if contradiction is not None:
        first, row, column = contradiction
        here, there = shown(row.text(column)), shown(first.text(column))
        error = (
            f"{layout.word} {shown(group.key)}: {column} is {here} in row {row.number} and "
            f"{there} in row {first.number}: make them agree"
        )
        return Rejected(QuarantineCode.MISMATCH, error, row.number)
    again = _repeated_line(group.rows, layout.line) if layout.line else None
    if again is None:
        return None
    line = shown(again.text(layout.line))
    error = f"{layout.word} {shown(group.key)}: line {line} stands twice: number the lines apart"
    return Rejected(QuarantineCode.MISMATCH, error, again.number)


def _contradiction(rows: list[Row], columns: tuple[str, ...]) -> tuple[Row, Row, str] | None:
    """The earliest row that says something else than one before it, with that one and the column."""
    stated: dict[str, Row] = {}
    for row in rows:
        for column in columns:
            if not row.text(column):
                continue
            first = stated.setdefault(column, row)
            if not _equal(first.text(column), row.text(column)):
                return first, row, column
    return None


def _equal(one: str, other: str) -> bool:
    """Equal as text or as numbers: 119.0 and 119.00 are no contradiction."""
    return one == other or _number(one) == _number(other) is not None


def _number(text: str) -> Decimal | None:
    try:
        return values.decimal(text)
    except values.BadValueError:
        return None


def _repeated_line(rows: list[Row], column: str) -> Row | None:
    seen: set[str] = set()
    for row in rows:
        line = row.text(column)
        if line and line in seen:
            return row
        seen.add(line)
    return None
