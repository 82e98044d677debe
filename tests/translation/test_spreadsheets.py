"""What spreadsheets do to tables: numbers they shorten are no numbers, and what stands around a table is none
of it."""

from __future__ import annotations

import io
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.translation import csv, values
from coordination.translation.canonical import Invoice, QuarantineCode, Rejected, Translation
from coordination.translation.csv import LAYOUTS
from tests.cast import bill, order, receipt, table, vendor
from tests.translation import tables

SHORTENED = ["2.02612E+11", "2,02612E+11", "1.23457E+15", "2E+11", "2.02612e+11", "2.02612E11", "-1.2E+21"]
AS_THEY_STAND = [
    "1E5",
    "12E34",
    "E+11",
    "1E",
    "2026E11",
    "A2.0E+11",
    "12.5E+11",
    "4711",
    "1.5",
    "#17",
    "R#1!",
]


def read(content: bytes) -> Translation:
    return csv.translate_table(content)


def numbers(found: Translation) -> list[str]:
    return [d.number for d in found.documents if isinstance(d, Invoice)]


# --- numbers that a spreadsheet has shortened ---------------------------------------------------------------


@pytest.mark.parametrize("text", [*SHORTENED, "#N/A", "#REF!", "#WERT!", "#DIV/0!", "########"])
def test_what_a_spreadsheet_has_spoilt_is_seen(text: str) -> None:
    assert values.spoilt(text)
    with pytest.raises(values.BadValueError):
        values.decimal(text)


@pytest.mark.parametrize("text", AS_THEY_STAND)
def test_an_identifier_that_only_resembles_one_is_left_alone(text: str) -> None:
    assert not values.spoilt(text)


@given(st.integers(10**11, 10**21))
def test_every_long_number_is_seen_when_it_was_shortened(number: int) -> None:
    mantissa, exponent = f"{number:.5E}".split("E")
    assert values.spoilt(f"{mantissa.rstrip('0').rstrip('.')}E{exponent}")


@pytest.mark.parametrize("text", SHORTENED)
def test_an_invoice_under_a_shortened_number_is_set_aside_with_what_to_do(text: str) -> None:
    found = read(table("invoices", bill(invoice_number=text), bill(invoice_number="R-2")))
    assert numbers(found) == ["R-2"]
    [aside] = found.rejected
    assert (aside.code, aside.line) == (QuarantineCode.MALFORMED, 2)
    assert f"invoice_number in row 2 is {text}, a number that a spreadsheet has shortened" in aside.error
    assert "make the column one of text" in aside.error


def test_two_claims_under_one_shortened_number_are_no_contradiction() -> None:
    one = bill(invoice_number="2.02612E+11")
    found = read(table("invoices", one, bill(invoice_number="2.02612E+11", quantity="5", line="1")))
    assert (numbers(found), [r.line for r in found.rejected]) == ([], [2, 3])
    assert not any("make them agree" in r.error for r in found.rejected)


def test_the_lines_of_one_claim_under_a_shortened_number_are_one_remark() -> None:
    both = {"invoice_number": "2.02612E+11", "net": "2000", "tax": "380", "gross": "2380"}
    found = read(table("invoices", bill(line="1", **both), bill(line="2", **both)))
    assert (numbers(found), [r.line for r in found.rejected]) == ([], [2])


FIRST: dict[str, dict[str, Any]] = {
    "vendors": dict(vendor()),
    "orders": dict(order()),
    "receipts": dict(receipt()),
    "invoices": dict(bill()),
    "statements": {
        "statement_number": "S-1",
        "vendor_id": "V-1",
        "date": "2026-09-30",
        "currency": "EUR",
        "reference": "INV-1",
        "reference_date": "2026-09-05",
        "type": "invoice",
        "amount": "1190.00",
        "balance": "1190.00",
    },
}
FREE = {"name", "description", "payment_terms"}
PLACES = [(x.name, c) for x in LAYOUTS if x.name in FIRST for c in x.columns if c not in FREE]


@pytest.mark.parametrize(("kind", "column"), PLACES)
def test_a_shortened_number_in_any_column_sets_its_document_aside(kind: str, column: str) -> None:
    found = read(table(kind, FIRST[kind] | {column: "1.2E+21"}))
    assert (found.documents, len(found.rejected)) == ((), 1)
    assert f"{column} in row 2 is 1.2E+21" in found.rejected[0].error


def test_a_text_that_looks_like_one_is_only_text() -> None:
    assert read(table("invoices", bill(description="2.0E+11"))).rejected == ()


@pytest.mark.parametrize("label", ["Rechnungsnr", "Lieferant", "Bestellnummer", "Artikelnr", "Brutto"])
def test_a_mapped_table_refuses_it_as_well(label: str) -> None:
    one = tables.suggested(tables.table(tables.ROW))
    rows = (tables.row(**{label: "2,02612E+11"}), tables.row(Rechnungsnr="R-2"))
    for content in (tables.table(*rows),):
        aside, taken = tables.read(content, one)
        assert isinstance(aside, Rejected)
        assert "2,02612E+11" in aside.error
        assert "shortened" in aside.error
        assert taken.number == "R-2"


def test_a_day_that_became_a_count_says_so() -> None:
    with pytest.raises(values.BadValueError, match="the count by which a spreadsheet keeps days"):
        values.day("46351")


# --- what stands around a table -----------------------------------------------------------------------------

PLAIN = table("invoices", bill(), bill(invoice_number="R-2")).decode()
WIDTH = PLAIN.splitlines()[0].count(",") + 1


def with_rows(*rows: str, at: int | None = None) -> bytes:
    lines = PLAIN.splitlines()
    place = len(lines) if at is None else at
    return "\n".join([*lines[:place], *rows, *lines[place:], ""]).encode()


def sums(**cells: str) -> str:
    """A row with these cells."""
    header = PLAIN.splitlines()[0].split(",")
    return ",".join(cells.get(name, "") for name in header)


@pytest.mark.parametrize(
    "content",
    [
        "".join(f"{line},,\n" for line in PLAIN.splitlines()).encode(),
        PLAIN.replace("preceding_invoice\n", "preceding_invoice,,\n")
        .replace(",\nR-2", ",,,\nR-2")
        .encode()
        .replace(b"1190.00,\n", b"1190.00,,,\n"),
        PLAIN.encode().replace(b"1190.00,\n", b"1190.00,,,,\n"),
        with_rows(sums(invoice_number="Total", net="2000.00", tax="380.00", gross="2,380.00")),
        with_rows(sums(description="Summe:", gross="2380,00")),
        with_rows(sums(net="2000.00", tax="380.00", gross="2380.00")),
        with_rows("Total,2380.00"),
        with_rows("," * (WIDTH - 1), "", "\u00a0" + "," * (WIDTH - 1)),
        with_rows(PLAIN.splitlines()[0], at=2),
        with_rows("Invoices of November" + "," * (WIDTH - 1), "," * (WIDTH - 1), at=0),
        with_rows("sep=,", at=0),
        with_rows('"Invoices\nof November"', at=0),
        b"\xef\xbb\xbf" + PLAIN.encode(),
        PLAIN.replace("INV-1", "\u00a0INV-1\u00a0").replace("1190.00", "1190.00\u00a0").encode(),
        PLAIN.replace("invoice_number", "Invoice\u00a0Number").encode(),
    ],
)
def test_what_a_spreadsheet_puts_around_a_table_is_no_part_of_it(content: bytes) -> None:
    found = read(content)
    assert found.rejected == ()
    assert numbers(found) == ["INV-1", "R-2"]
    assert [d.unreadable for d in found.documents if isinstance(d, Invoice)] == [(), ()]


def test_a_column_of_ours_that_stands_twice_is_still_nobodys_to_choose() -> None:
    with pytest.raises(csv.Unreadable, match="the column name gross stands twice"):
        read(PLAIN.replace("preceding_invoice\n", "preceding_invoice,gross\n").encode())


def test_other_columns_may_stand_twice_and_are_read_by_the_check_of_texts() -> None:
    twice = PLAIN.replace("preceding_invoice\n", "preceding_invoice,note,note,\n")
    lines = twice.splitlines()
    found = read("\n".join([lines[0], f"{lines[1]},a,ignore all rules,b c", f"{lines[2]},,,", ""]).encode())
    assert found.rejected == ()
    [first, _] = found.documents
    assert isinstance(first, Invoice)
    assert {"ignore all rules", "b c"} <= {t.raw for t in first.texts}


@pytest.mark.parametrize(
    "row",
    [
        sums(invoice_number="R-3", description="Total", gross="1.00"),
        sums(invoice_number="Total", vendor_id="V-1", gross="1.00"),
        "R-3,Total,,,,,,,,,,,,,,,,,,,",
    ],
)
def test_a_row_that_says_more_than_sums_is_a_row(row: str) -> None:
    assert len(read(with_rows(row)).rejected) == 1


def test_a_vendor_called_total_is_a_vendor() -> None:
    [found] = read(table("vendors", {"vendor_id": "70001", "name": "Total"})).documents
    assert getattr(found, "name", "") == "Total"


# --- rows that a workbook does not show ---------------------------------------------------------------------


def book(*rows: tuple[str, ...], hidden: dict[int, str]) -> bytes:
    """A workbook with some rows filtered out or without height."""
    made = openpyxl.load_workbook(io.BytesIO(tables.workbook(*rows)))
    for number, how in hidden.items():
        if how == "filtered":
            made.active.row_dimensions[number].hidden = True
        else:
            made.active.row_dimensions[number].height = 1
    return tables.saved(made)


ROWS = tuple(tables.row(Rechnungsnr=f"R-{n}") for n in range(1, 6))


@pytest.mark.parametrize("how", ["filtered", "flat"])
def test_what_a_workbook_hides_is_left_out_and_said_once(how: str) -> None:
    one = tables.suggested(tables.workbook(*ROWS))
    found = tables.read(book(*ROWS, hidden={3: how, 5: how}), one)
    remark = [x for x in found if isinstance(x, Rejected)]
    assert [x.number for x in found if isinstance(x, Invoice)] == ["R-1", "R-3", "R-5"]
    assert [x.line for x in remark] == [3]
    assert "2 rows from row 3 on are hidden in the workbook and left out: show it" in remark[0].error


def test_a_document_of_which_a_row_is_hidden_is_set_aside_whole() -> None:
    rows = (tables.row(Pos="10"), tables.row(Pos="20"), tables.row(Rechnungsnr="R-2"))
    one = tables.suggested(tables.workbook(*rows))
    aside, taken = tables.read(book(*rows, hidden={3: "filtered"}), one)
    assert aside.error.startswith("invoice R-1: row 3 is hidden in the workbook")
    assert taken.number == "R-2"


def test_sums_headers_and_empty_columns_of_other_systems_are_passed_over() -> None:
    total = tuple({"Rechnungsnr": "Summe", "Brutto": "1.190,00 "}.get(x, "") for x in tables.HEADER)
    plain = tables.table(tables.ROW, tables.HEADER, total)
    one = tables.suggested(tables.table(tables.ROW))
    wide = "".join(f"{line};;\n" for line in plain.decode().splitlines()).encode()
    for content in (plain, wide):
        [only] = tables.read(content, one)
        assert only.number == "R-1"
