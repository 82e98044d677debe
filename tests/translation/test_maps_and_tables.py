"""Maps of tables in use: what they may say, which table they fit, and what becomes of rows nobody sees."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.translation import QuarantineCode, Unreadable
from coordination.translation.canonical import Invoice, Order, Receipt, Rejected
from coordination.translation.converting import convert
from coordination.translation.foreign import (
    MAX_COLUMNS,
    MAX_HEADER_ROW,
    Broken,
    Day,
    Number,
    Percent,
    Source,
    csv_rows,
)
from coordination.translation.formats import decimal_text, iso_day
from coordination.translation.mapping import ForeignFile, outcomes, preview
from coordination.translation.maps import LONGEST_LABEL, Field, Map, problems
from coordination.translation.table import column_named, first_rows, is_sum, read_table, shown
from coordination.translation.values import BadValueError

from .tables import HEADER, read, row, saved, suggested, table, workbook

D = Decimal


def of(*rows: tuple[str, ...], **changes: Any) -> Map:
    return replace(suggested(table(*(rows or (row(),)))), **changes)


# --- what a map may say -------------------------------------------------------------------------------------


def test_a_map_that_is_suggested_for_a_plain_table_has_no_problem() -> None:
    assert problems(of()) == []


@pytest.mark.parametrize(("header_row", "said"), [(0, True), (1, False), (MAX_HEADER_ROW, False), (21, True)])
def test_a_header_stands_in_one_of_the_first_twenty_rows(header_row: int, said: bool) -> None:
    one = of()
    found = problems(replace(one, source=replace(one.source, header_row=header_row)))
    assert found == (["The header stands in one of the rows 1 to 20."] if said else [])


@pytest.mark.parametrize(
    ("delimiter", "encoding"), [("", "utf-8"), ("#", "utf-8"), (";", ""), (";", "latin-1")]
)
def test_a_csv_needs_a_delimiter_and_an_encoding_and_a_workbook_neither(
    delimiter: str, encoding: str
) -> None:
    said = "Choose the delimiter and the encoding of the file."
    one = of()
    as_csv = replace(one, source=Source("csv", delimiter, encoding))
    as_workbook = replace(one, source=Source("xlsx", delimiter, encoding))
    assert problems(as_csv) == [said]
    assert problems(as_workbook) == []


@pytest.mark.parametrize("changes", [{"decimals": "dot"}, {"dates": "american"}])
def test_a_way_to_write_numbers_or_days_that_nobody_knows_is_a_problem(changes: dict[str, str]) -> None:
    assert problems(replace(of(), **changes)) == ["Choose how numbers and days are written."]  # type: ignore[arg-type]


@pytest.mark.parametrize(("length", "said"), [(LONGEST_LABEL, False), (LONGEST_LABEL + 1, True)])
def test_a_label_of_two_hundred_signs_is_the_longest(length: int, said: bool) -> None:
    one = of()
    found = problems(replace(one, header=(*one.header, "x" * length)))
    assert bool(found) is said
    assert not said or "longer than 200 characters: this is no header row." in found[0]


@pytest.mark.parametrize("header", [(), ("", "  ")])
def test_a_header_without_a_label_is_none(header: tuple[str, ...]) -> None:
    assert "The header row is empty: choose the row that names the columns." in problems(of(header=header))


def test_a_kind_that_no_layout_has_is_said_alone() -> None:
    assert problems(of(kind="payments")) == [
        "Choose what the table holds: invoices, orders, receipts, vendors, statements."
    ]


def test_only_words_that_a_column_knows_are_translated() -> None:
    found = problems(of(words={"currency": {"Euro": "EUR"}, "status": {"gesperrt": "closed"}}))
    assert found == [
        "currency has no words to translate.",
        "status: “closed” is none of active, blocked.",
    ]


def test_a_unit_may_be_translated_into_anything() -> None:
    assert problems(of(words={"unit": {"Stk": "EA"}})) == []


@pytest.mark.parametrize(
    ("column", "constant", "said"),
    [
        ("tax_rate", "19", ""),
        ("tax_rate", "19 %", "tax_rate: “19 %” is not a decimal number."),
        ("currency", "EUR", ""),
        ("issue_date", "2026-02-30", "issue_date: “2026-02-30” is no such day in the calendar."),
        ("due_date", "2026-02-28", ""),
        ("bic", "COBADEFFXXX", "bic is no column of invoices."),
    ],
)
def test_one_value_for_all_rows_is_written_the_canonical_way(column: str, constant: str, said: str) -> None:
    one = of()
    found = problems(replace(one, fields=one.fields | {column: Field(constant=constant)}))
    assert found[:1] == ([said] if said else [])


# --- one cell -----------------------------------------------------------------------------------------------


def value(cell: str, column: str = "gross", layout: str = "invoices", decimals: str = "comma") -> str:
    return convert(cell, layout, column, decimals, "day-point")


@pytest.mark.parametrize(
    ("cell", "column", "text"),
    [
        ("1234,56", "gross", "1234.56"),
        (" \u00a01234,56\u202f", "gross", "1234.56"),
        ("", "gross", ""),
        (Number("1234.56"), "gross", "1234.56"),
        ("19 %", "tax_rate", "19"),
        ("19%", "tax_rate", "19"),
        (Percent("19"), "tax_rate", "19"),
        ("05.09.2026", "issue_date", "2026-09-05"),
        ("5.9.2026", "issue_date", "2026-09-05"),
        (Day("2026-09-05"), "issue_date", "2026-09-05"),
        ("", "due_date", ""),
        (Percent("19"), "description", "19%"),
        (" RE 7 ", "invoice_number", "RE 7"),
        (Number("7"), "invoice_number", "7"),
        ("1E+5 bolts", "description", "1E+5 bolts"),
    ],
)
def test_a_cell_is_read_by_the_formats_of_its_map(cell: str, column: str, text: str) -> None:
    assert value(cell, column) == text


@pytest.mark.parametrize(
    ("cell", "column", "said"),
    [
        ("1234.56", "gross", "no number of the form 1234,56"),
        ("1.234,56", "gross", "no number of the form 1234,56"),
        (Percent("19"), "gross", "a per cent value"),
        (Day("2026-09-05"), "gross", "a day where a number belongs"),
        (Number("45905"), "issue_date", "a number where a day belongs"),
        (Percent("19"), "issue_date", "a number where a day belongs"),
        ("31.02.2026", "issue_date", "no such day in the calendar"),
        ("2026-09-05", "issue_date", "no day of the form 31.03.2026"),
        (Broken("a formula without a result"), "description", "a formula without a result"),
        ("2,02612E+11", "invoice_number", "shortened, so that its digits are lost"),
        ("#N/A", "order_number", "shows where it has no value"),
        ("19 % %", "tax_rate", "no number of the form"),
    ],
)
def test_a_cell_of_another_form_says_what_is_wrong_with_it(cell: str, column: str, said: str) -> None:
    with pytest.raises(BadValueError) as bad:
        value(cell, column)
    assert said in str(bad.value)


@pytest.mark.parametrize(
    ("layout", "column", "allowed"),
    [
        ("orders", "quantity", False),
        ("receipts", "quantity", False),
        ("receipts", "accepted", False),
        ("invoices", "quantity", True),
        ("invoices", "gross", True),
        ("statements", "amount", True),
        ("orders", "unit_price", True),
    ],
)
def test_below_nothing_is_no_order_and_no_receipt(layout: str, column: str, allowed: bool) -> None:
    if allowed:
        assert value("-1,5", column, layout) == "-1.5"
        return
    with pytest.raises(BadValueError, match="a negative quantity"):
        value("-1,5", column, layout)
    assert value("-0", column, layout) == "-0"


@pytest.mark.parametrize(
    ("form", "text", "number"),
    [
        ("point-comma", "1.234.567,89", "1234567.89"),
        ("point-comma", "1234567,89", "1234567.89"),
        ("point-comma", "1.23,4", None),
        ("point-comma", "1234.567,89", None),
        ("comma-point", "1,234.5", "1234.5"),
        ("comma-point", "1234,5", None),
        ("space-comma", "1\u00a0234,56", "1234.56"),
        ("space-comma", "1\u202f234,56", "1234.56"),
        ("space-comma", "1  234,56", None),
        ("quote-point", "1’234.56", "1234.56"),
        ("quote-point", "1'234.56", "1234.56"),
        ("comma", "1234,", None),
        ("comma", ",5", None),
        ("point", "+12", "+12"),
        ("point", "--12", None),
        ("point", "１２", None),
    ],
)
def test_thousands_are_parted_by_threes_or_not_at_all(form: str, text: str, number: str | None) -> None:
    if number is not None:
        assert decimal_text(text, form) == number
        return
    with pytest.raises(BadValueError):
        decimal_text(text, form)


@pytest.mark.parametrize(
    ("form", "text", "day"),
    [
        ("day-point-short", "31.03.26", "2026-03-31"),
        ("day-slash-short", "1/2/99", "2099-02-01"),
        ("month-slash", "2/1/2026", "2026-02-01"),
        ("day-slash", "2/1/2026", "2026-01-02"),
        ("compact", "20260229", None),
        ("compact", "20280229", "2028-02-29"),
        ("iso", "2026-3-1", None),
        ("day-point", "31.03.26", None),
        ("month-slash", "31/03/2026", None),
    ],
)
def test_a_day_is_read_in_the_order_of_its_form(form: str, text: str, day: str | None) -> None:
    if day is not None:
        assert iso_day(text, form) == day
        return
    with pytest.raises(BadValueError):
        iso_day(text, form)


# --- rows that are none -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "sums"),
    [
        (("Summe", "", "1.190,00"), True),
        (("", "Total", "1,190.00"), True),
        (("", "TOTAL:", "1190"), True),
        (("Summe", "Brutto gesamt", "1.190,00"), False),
        (("Summe", "", ""), False),
        (("R-1", "Summe", "1.190,00"), False),
        (("", "", "1.190,00"), False),
        (("Zwischensumme", "19 %", "1.190,00-"), True),
        (("Összesen", "", "−5"), True),
        (("Summe", "total", "5"), True),
    ],
)
def test_a_row_of_sums_is_a_word_for_it_and_figures_and_no_document(
    cells: tuple[str, ...], sums: bool
) -> None:
    assert is_sum(cells, 0) is sums


def test_sums_and_the_header_once_more_are_no_rows_of_a_table() -> None:
    sums = ("",) * 12 + ("Summe", "190,00", "1.190,00", "")
    found = read(table(row(), HEADER, row(Rechnungsnr="R-2"), sums))
    assert [x.number for x in found if isinstance(x, Invoice)] == ["R-1", "R-2"]
    assert len(found) == 2


def names(text: str) -> list[int]:
    """Which rows of a table with the columns number and gross are rows of documents."""
    return [one.number for one in read_table(text, ("number", "gross"), "number", {"gross"}).rows]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("number,gross\nA,1\nB,2\n", [2, 3]),
        ("number,gross\nA,1\n\n\nB,2\n", [2, 5]),
        ("List of today\nnumber,gross\nA,1\n", [3]),
        ("number,gross\nA,1\n,3\n", [2]),
        ("number,gross\n,3\nA,1\n", [2, 3]),
        ("number,gross\nA,1\nnumber,gross\nB,2\n", [2, 4]),
        ("number,gross\nA,1\nTotal,3\n", [2]),
        ('number,gross\n"A\nB",1\nC,2\n', [2, 3]),
        ("Number , GROSS\nA,1\n", [2]),
    ],
)
def test_rows_are_counted_as_a_spreadsheet_shows_them_and_sums_are_left_out(
    text: str, rows: list[int]
) -> None:
    assert names(text) == rows


@pytest.mark.parametrize(
    ("label", "name"),
    [("Unit Price", "unit_price"), ("\ufeffnumber", "number"), ("  a  b ", "a_b"), ("A_B", "a_b"), ("", "")],
)
def test_a_column_is_named_in_lower_case_with_one_underscore(label: str, name: str) -> None:
    assert column_named(label) == name


def test_a_header_is_looked_for_in_the_first_twenty_rows() -> None:
    assert len(first_rows("a,b\n" * 30)) == 20
    assert first_rows('a,b\n"open') == [["a", "b"], ["open"]]


@pytest.mark.parametrize(
    ("text", "most", "said"),
    [("a\n b", 60, "a b"), ("x" * 60, 60, "x" * 60), ("x" * 61, 60, "x" * 59 + "…"), ("", 5, "")],
)
def test_a_text_in_a_message_is_one_line_and_cut(text: str, most: int, said: str) -> None:
    assert shown(text, most) == said


# --- documents of a table -----------------------------------------------------------------------------------


def test_a_fault_names_the_document_the_row_the_label_and_the_cell() -> None:
    [found] = read(table(row(Brutto="viel")))
    assert isinstance(found, Rejected)
    assert found.line == 2
    assert found.error == (
        "invoice R-1: row 2: Brutto says viel, no number of the form 1.234,56: correct it or the map"
    )


def test_of_several_faults_of_a_document_the_first_row_is_named_and_all_its_rows_are_set_aside() -> None:
    content = table(row(Brutto="x"), row(Pos="20"), row(Rechnungsnr="R-2"), row(Pos="30", Netto="y"))
    found = list(outcomes(ForeignFile(content), of()))
    rejected = [o for o in found if isinstance(o.result, Rejected)]
    assert [o.rows for o in rejected] == [(2, 3, 5)]
    assert [o.rows for o in found if isinstance(o.result, Invoice)] == [(4,)]


def test_a_preview_reads_no_more_rows_than_it_shows() -> None:
    content = table(row(), row(Pos="20"), row(Rechnungsnr="R-2"))
    found = preview(ForeignFile(content), of(), 2)
    assert [number for number, _ in found.rows] == [2, 3]
    [outcome] = found.outcomes
    assert isinstance(outcome.result, Invoice)
    assert len(outcome.result.lines) == 2


def test_counted_rows_are_numbered_within_their_document_and_not_in_the_table() -> None:
    one = of()
    counted = replace(one, fields=one.fields | {"line": Field(count=True)})
    content = table(row(), row(Rechnungsnr="R-2"), row(Bezeichnung="Mutter"))
    found = [x for x in read(content, counted) if isinstance(x, Invoice)]
    assert {x.number: [y.line for y in x.lines] for x in found} == {"R-1": ["1", "2"], "R-2": ["1"]}


@pytest.mark.parametrize(("cells", "kept"), [(MAX_COLUMNS, True), (MAX_COLUMNS + 1, False)])
def test_a_row_has_at_most_256_cells(cells: int, kept: bool) -> None:
    content = (";" * (cells - 1) + "x\n").encode()
    rows = csv_rows(content, Source("csv", ";", "utf-8"))
    if kept:
        assert [len(found) for _, found in rows] == [cells]
        return
    with pytest.raises(Unreadable) as refused:
        list(rows)
    assert (refused.value.code, refused.value.line) == (QuarantineCode.TOO_LARGE, 1)


@pytest.mark.parametrize(
    ("content", "encoding", "text"),
    [
        ("Größe".encode(), "utf-8", "Größe"),
        ("Größe".encode("utf-8-sig"), "cp1252", "Größe"),
        ("Größe".encode("utf-16"), "cp1252", "Größe"),
        ("Größe €".encode("cp1252"), "cp1252", "Größe €"),
        ("Größe €".encode("iso8859-15"), "iso8859-15", "Größe €"),
        ("Łódź".encode("cp1250"), "cp1250", "Łódź"),
    ],
)
def test_a_byte_order_mark_is_the_files_own_word_and_else_the_maps_is_taken(
    content: bytes, encoding: str, text: str
) -> None:
    assert list(csv_rows(content, Source("csv", ";", encoding))) == [(1, [text])]


def test_a_letter_of_another_encoding_is_found_in_its_line() -> None:
    with pytest.raises(Unreadable) as refused:
        list(csv_rows(b"a;b\nc;\xff\n", Source("csv", ";", "utf-8")))
    assert "not in the encoding that the map names" in refused.value.error


# --- rows that nobody sees ----------------------------------------------------------------------------------


def with_hidden(*hidden: int, rows: tuple[tuple[str, ...], ...]) -> list[Any]:
    book = openpyxl.Workbook()
    page = book.active
    for cells in (HEADER, *rows):
        page.append(list(cells))
    for number in hidden:
        page.row_dimensions[number].hidden = True
    content = saved(book)
    return read(content, suggested(workbook(row())))


def test_a_document_with_a_hidden_row_is_set_aside_and_says_which() -> None:
    [aside, other] = with_hidden(3, rows=(row(), row(Pos="20"), row(Rechnungsnr="R-2")))
    assert isinstance(aside, Rejected)
    assert aside.error == (
        "invoice R-1: row 3 is hidden in the workbook: show it and bring the file again if it counts, or "
        "delete it"
    )
    assert isinstance(other, Invoice)
    assert other.number == "R-2"


@pytest.mark.parametrize(
    ("hidden", "said"),
    [
        ((2,), "row 2 is hidden in the workbook and left out"),
        ((2, 3), "2 rows from row 2 on are hidden in the workbook and left out"),
    ],
)
def test_documents_that_are_hidden_as_a_whole_are_one_remark(hidden: tuple[int, ...], said: str) -> None:
    found = with_hidden(*hidden, rows=(row(), row(Rechnungsnr="R-2"), row(Rechnungsnr="R-3")))
    [remark] = [x for x in found if isinstance(x, Rejected)]
    assert remark.error.startswith(said)
    assert remark.line == 2
    read_numbers = [x.number for x in found if isinstance(x, Invoice)]
    assert read_numbers == [f"R-{n}" for n in range(1 + len(hidden), 4)]


# --- workbooks ----------------------------------------------------------------------------------------------


def test_values_that_a_workbook_types_need_no_format() -> None:
    typed = list(row())
    typed[HEADER.index("Rechnungsdatum")] = date(2026, 9, 5)  # type: ignore[call-overload]
    typed[HEADER.index("Brutto")] = 1190  # type: ignore[call-overload]
    typed[HEADER.index("Einzelpreis")] = 10.5  # type: ignore[call-overload]
    content = workbook(tuple(typed))
    [found] = read(content, replace(suggested(workbook(row())), dates="month-slash"))
    assert isinstance(found, Invoice)
    assert (found.issue_date, found.gross, found.lines[0].price) == (date(2026, 9, 5), D(1190), D("10.5"))


@pytest.mark.parametrize(("sheet", "fits"), [("", True), ("rechnungen", True), ("Rechnungen 2", False)])
def test_a_map_may_name_its_sheet_whatever_the_case(sheet: str, fits: bool) -> None:
    content = workbook(row())
    one = suggested(content)
    named = replace(one, source=replace(one.source, sheet=sheet))
    assert bool(ForeignFile(content).fitting([named])) is fits


def test_two_sheets_with_the_header_are_not_guessed_between() -> None:
    book = openpyxl.Workbook()
    for name in ("A", "B"):
        page = book.create_sheet(name)
        for cells in (HEADER, row()):
            page.append(list(cells))
    content = saved(book)
    one = replace(suggested(workbook(row())), source=Source("xlsx"))
    with pytest.raises(Unreadable) as refused:
        read(content, one)
    assert refused.value.code == QuarantineCode.MISMATCH
    assert "here: A, B; name the sheet in the map" in refused.value.error
    named = replace(one, source=Source("xlsx", sheet="b"))
    assert [x.number for x in read(content, named)] == ["R-1"]


# --- what holds of every table ------------------------------------------------------------------------------


@given(st.permutations(range(len(HEADER))))
def test_columns_in_any_order_make_the_same_invoice(order: list[int]) -> None:
    def turned(cells: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(cells[n] for n in order)

    one = of()
    [plain] = read(table(row()), one)
    [found] = read(table(turned(row()), header=turned(HEADER)), one)
    assert found == plain


@pytest.mark.parametrize(
    ("kind", "header", "cells", "shape"),
    [
        ("orders", "PO no|Supplier|Pos|Qty|Price", "PO-1|V-1|1|-5|9.50", Order),
        ("receipts", "GRN|PO no|PO line|Date received|Qty", "GR-1|PO-1|1|2026-09-01|-5", Receipt),
    ],
)
def test_a_return_among_orders_and_receipts_is_set_aside_and_the_others_go_on(
    kind: str, header: str, cells: str, shape: type
) -> None:
    good = cells.replace("-1", "-2").replace("|-5", "|5")
    content = "\n".join([header, cells, good, ""]).replace("|", ";").encode()
    found = read(content, suggested(content, kind))
    assert [type(x) for x in found] == [Rejected, shape]
