"""What is suggested for a new table: delimiter, header, columns, and how its numbers and days are written."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coordination.translation import suggest
from coordination.translation.foreign import DELIMITERS
from coordination.translation.mapping import ForeignFile
from coordination.translation.maps import Field, Map

from .tables import HEADER, row, table, workbook


def suggested(content: bytes, kind: str = "") -> Map:
    file = ForeignFile(content)
    return suggest.suggest(file, suggest.source_of(file), kind)


def with_cells(label: str, *cells: str) -> Map:
    """The suggestion for the usual table with these cells in one column."""
    return suggested(table(*(row(**{label: cell}, Rechnungsnr=f"R-{n}") for n, cell in enumerate(cells))))


# --- how numbers and days are written -----------------------------------------------------------------------


def numbers_written(*cells: str) -> str:
    """The suggested form of numbers for a table with nothing but these in its columns of numbers."""
    content = "\n".join(["Rechnungsnr;Kreditor;Brutto", *(f"R-{n};V-1;{c}" for n, c in enumerate(cells)), ""])
    return suggested(content.encode(), "invoices").decimals


@pytest.mark.parametrize(
    ("cells", "form"),
    [
        (("1234.56", "7.00"), "point"),
        (("1234,56", "7,00"), "comma"),
        (("1.234,56", "7,00"), "point-comma"),
        (("1,234.56", "7.00"), "comma-point"),
        (("1 234,56", "7,00"), "space-comma"),
        (("1'234.56", "7.00"), "quote-point"),
        (("1.234,56", "7,00", "8.00"), "point-comma"),
        (("12", "7"), "point"),
        ((), "point"),
    ],
)
def test_the_form_that_reads_most_numbers_is_suggested_and_the_plainest_of_several(
    cells: tuple[str, ...], form: str
) -> None:
    assert numbers_written(*cells) == form


@pytest.mark.parametrize(
    ("cells", "form"),
    [
        (("2026-09-05",), "iso"),
        (("20260905",), "compact"),
        (("05.09.2026", "6.9.2026"), "day-point"),
        (("05.09.26",), "day-point-short"),
        (("31/03/2026", "01/02/2026"), "day-slash"),
        (("03/31/2026", "01/02/2026"), "month-slash"),
        (("01/02/2026",), "day-slash"),
        (("5-9-2026",), "day-dash"),
    ],
)
def test_the_form_that_reads_most_days_is_suggested(cells: tuple[str, ...], form: str) -> None:
    assert with_cells("Rechnungsdatum", *cells).dates == form


# --- how the file is written --------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", DELIMITERS)
def test_the_delimiter_is_the_one_that_makes_the_widest_rows(delimiter: str) -> None:
    plain = ("R-1", "V-1", "1190.00")
    content = table(plain, plain, header=("Rechnungsnr", "Lieferant", "Brutto"), delimiter=delimiter)
    found = suggest.source_of(ForeignFile(content))
    assert (found.kind, found.delimiter, found.header_row) == ("csv", delimiter, 1)


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("Größe;Menge\n1;2\n".encode(), "utf-8"),
        ("Größe;Menge\n1;2\n".encode("cp1252"), "cp1252"),
        ("Größe;Menge\n1;2\n".encode("utf-16"), "utf-16"),
        (b"a;b\n1;2\n", "utf-8"),
    ],
)
def test_the_encoding_is_that_of_the_mark_else_utf_8_where_it_can_be_read_so(
    content: bytes, encoding: str
) -> None:
    assert suggest.source_of(ForeignFile(content)).encoding == encoding


@pytest.mark.parametrize(
    ("above", "header_row"),
    [("", 1), ("Rechnungen von heute\n", 2), ("\n\nRechnungen\n", 4), ("a;b\nc;d\n", 3)],
)
def test_the_header_is_the_first_of_the_widest_rows(above: str, header_row: int) -> None:
    content = above.encode() + table(row(), row())
    assert suggest.source_of(ForeignFile(content)).header_row == header_row


def test_in_a_workbook_a_row_of_numbers_is_no_header() -> None:
    content = workbook(row(), header=HEADER)
    assert suggest.source_of(ForeignFile(content)).header_row == 1
    numbers_above = workbook(HEADER, row(), header=tuple(range(len(HEADER))))
    assert suggest.source_of(ForeignFile(numbers_above)).header_row == 2


@pytest.mark.parametrize(
    ("content", "is_table"),
    [
        (table(row(), row()), True),
        (workbook(row()), True),
        (b"one word a line\nand another\n", False),
        (b"Dear Sir, I write\nto you\n", False),
        (b"a;b\n", False),
        (b"a;b\n1;2\n", True),
        (b"", False),
        (b"a;b\x00\n1;2\n", False),
    ],
)
def test_a_table_has_two_rows_of_one_width_or_is_a_workbook(content: bytes, is_table: bool) -> None:
    assert suggest.looks_like_table(ForeignFile(content)) is is_table


# --- which column is which ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "column"),
    [
        ("Invoice No.", "invoice_number"),
        ("INVOICE_NUMBER", "invoice_number"),
        ("Rechnungs-Nr", "invoice_number"),
        ("Fällig am", "due_date"),
        ("Einzelpreis", "unit_price"),
        ("VAT %", "tax_rate"),
        ("MwSt-Satz", "tax_rate"),
        ("Total TTC", "gross"),
        ("BTW", "tax_rate"),
    ],
)
def test_a_column_is_known_by_its_name_in_several_languages(label: str, column: str) -> None:
    found = suggested(f"{label};Zzz\n1;2\n3;4\n".encode(), "invoices")
    assert found.fields[column] == Field(column=label)


def test_a_label_that_stands_twice_is_suggested_for_nothing() -> None:
    found = suggested(b"Brutto;brutto;Netto\n1;2;3\n4;5;6\n", "invoices")
    assert "gross" not in found.fields
    assert found.fields["net"] == Field(column="Netto")


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("Rechnungsnr;Lieferant;Brutto", "invoices"),
        ("Bestellnummer;Lieferant;Bestelldatum;Menge;Einzelpreis", "orders"),
        ("Wareneingangsnr;Bestellnummer;Eingangsdatum;Menge", "receipts"),
        ("Lieferantennr;Firma;USt-Id;BIC;Land", "vendors"),
        ("Auszugsnummer;Kreditor;Beleg;Betrag;Saldo", "statements"),
    ],
)
def test_the_kind_is_the_one_whose_columns_the_table_resembles_most(header: str, kind: str) -> None:
    width = header.count(";")
    rows = "\n".join("x" + ";y" * width for _ in range(2))
    assert suggested(f"{header}\n{rows}\n".encode()).kind == kind


def test_what_a_table_does_not_say_is_filled_in_where_one_thing_is_usual() -> None:
    found = suggested(b"Rechnungsnr;Lieferant\nR-1;V-1\nR-2;V-1\n", "invoices")
    assert found.fields["type"] == Field(constant="invoice")
    assert found.fields["line"] == Field(count=True)
    with_type = suggested(b"Rechnungsnr;Belegart;Pos\nR-1;R;1\nR-2;G;1\n", "invoices")
    assert with_type.fields["type"] == Field(column="Belegart")
    assert with_type.fields["line"] == Field(column="Pos")


@settings(max_examples=12)
@given(st.permutations(HEADER))
def test_the_order_of_columns_changes_no_suggestion(header: list[str]) -> None:
    cells = dict(zip(HEADER, row(), strict=True))
    content = table([cells[label] for label in header], [cells[label] for label in header], header=header)
    found, plain = suggested(content), suggested(table(row(), row()))
    assert (found.kind, found.fields, found.decimals, found.dates) == (
        plain.kind,
        plain.fields,
        plain.decimals,
        plain.dates,
    )
