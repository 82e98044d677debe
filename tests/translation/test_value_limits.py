"""What no table could keep: values too long, too large, or of signs that no database takes, and where they stand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.translation import limits, translate
from coordination.translation.canonical import (
    Account,
    AllowanceCharge,
    BankLine,
    BankReport,
    Canonical,
    CodedLine,
    Codings,
    Conversion,
    Invoice,
    InvoiceLine,
    Order,
    Origin,
    Party,
    Problem,
    QuarantineCode,
    Rate,
    Rejected,
    TaxSubtotal,
    Vendor,
)

from .make import invoices_csv

EIGHT_MEGABYTES = 8_000_000
VENDOR = Vendor("V-1", "Hartmann GmbH")
BILL = Invoice("INV-1", lines=(InvoiceLine(1, "1"),))


def refused(document: Canonical) -> Rejected:
    found = limits.within(document)
    assert isinstance(found, Rejected), found
    return found


def on_line(**changes: Any) -> Invoice:
    return replace(BILL, lines=(replace(BILL.lines[0], **changes),))


# --- lengths ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "most"),
    [
        (lambda text: replace(BILL, number=text), 255),
        (lambda text: replace(BILL, order_numbers=("PO-1", text)), 255),
        (lambda text: replace(BILL, account=Account(text)), 255),
        (lambda text: replace(BILL, seller=Party(name=text)), 1_000),
        (lambda text: replace(BILL, seller=Party(vat_id=text)), 255),
        (lambda text: replace(BILL, seller=Party(endpoint=text)), 1_000),
        (lambda text: replace(BILL, payment_reference=text), 1_000),
        (lambda text: replace(BILL, note=text), EIGHT_MEGABYTES),
        (lambda text: on_line(unit=text), 10),
        (lambda text: on_line(tax_category=text), 40),
        (lambda text: on_line(description=text), EIGHT_MEGABYTES),
        (lambda text: replace(BILL, allowances=(AllowanceCharge(True, Decimal(1), reason_code=text),)), 20),
        (lambda text: replace(BILL, taxes=(TaxSubtotal(text, None, None, None),)), 40),
        (lambda text: replace(VENDOR, vendor_id=text), 100),
        (lambda text: replace(VENDOR, name=text), 1_000),
        (lambda text: replace(VENDOR, vat_id=text), 40),
        (lambda text: replace(VENDOR, iban=text), 34),
        (lambda text: replace(VENDOR, bic=text), 11),
        (lambda text: replace(VENDOR, payment_terms=text), 60),
        (lambda text: replace(BILL, payment_terms=text), EIGHT_MEGABYTES),
        (lambda text: Conversion("EA", text, Decimal(1)), 10),
        (lambda text: Codings("V-1", (CodedLine(text, date(2026, 9, 5)),)), 40),
        (lambda text: Codings("V-1", (CodedLine("4400", date(2026, 9, 5), text),)), 40),
        (lambda text: BankReport("N", "bank_notice", lines=(BankLine("payment", "booked", text),)), 4),
        (
            lambda text: BankReport(
                "N", "bank_notice", lines=(BankLine("payment", "booked", "BOOK", reason=text),)
            ),
            35,
        ),
    ],
)
def test_a_value_may_be_as_long_as_its_column_and_not_a_sign_longer(make: Any, most: int) -> None:
    fits = make("x" * most)
    assert limits.within(fits) is fits
    found = refused(make("x" * (most + 1)))
    assert found.code == QuarantineCode.TOO_LARGE
    assert f"is longer than {most:,} characters" in found.error


def test_what_quotes_the_source_may_quote_all_of_it() -> None:
    long = "x" * 5_000
    quoting = replace(
        BILL, unreadable=(Problem("gross", "gross@2", long, "no number"),), texts=(Origin("note@2", long),)
    )
    assert limits.within(quoting) is quoting


# --- numbers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "largest"),
    [
        (lambda n: replace(BILL, gross=n), Decimal(10) ** 18),
        (lambda n: on_line(quantity=n), Decimal(10) ** 18),
        (lambda n: on_line(tax_rate=n), Decimal(10) ** 8),
        (lambda n: replace(BILL, taxes=(TaxSubtotal("S", n, None, None),)), Decimal(10) ** 8),
        (lambda n: Rate(date(2026, 9, 5), "JPY", n), Decimal(10) ** 14),
        (lambda n: Conversion("EA", "KGM", n), Decimal(10) ** 18),
    ],
)
def test_a_number_stays_below_what_its_column_keeps_on_either_side_of_nothing(
    make: Any, largest: Decimal
) -> None:
    for sign in (1, -1):
        fits = make(sign * (largest - 1))
        assert limits.within(fits) is fits
        found = refused(make(sign * largest))
        assert found.code == QuarantineCode.TOO_LARGE
        assert "is a larger number than can be kept: correct it" in found.error


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_finite_number_is_kept_nowhere(number: str) -> None:
    assert refused(replace(BILL, gross=Decimal(number))).code == QuarantineCode.TOO_LARGE


# --- signs --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sign", [chr(0), chr(0xD800), chr(0xDFFF)], ids=["NUL", "first half", "last half"])
@pytest.mark.parametrize("field", ["number", "note", "payment_terms"])
def test_a_sign_that_no_database_keeps_is_refused_and_not_repeated(field: str, sign: str) -> None:
    found = refused(replace(BILL, **{field: f"A{sign}B"}))
    assert found.code == QuarantineCode.MALFORMED
    assert "a character that cannot be kept" in found.error
    assert sign not in found.error
    found.error.encode()


@pytest.mark.parametrize("text", ["Ü", "日本", "😀", "\u202e", "\n", "\ufffd", "\ud7ff", "\ue000"])
def test_every_other_sign_is_kept(text: str) -> None:
    document = replace(BILL, note=text)
    assert limits.within(document) is document


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("country", "DEU", "“DEU” is not a country code of two letters such as DE"),
        ("country", "D", "“D” is not a country code of two letters such as DE"),
        ("country", "ÄÖ", "“ÄÖ” is not a country code of two letters such as DE"),
        ("currency", "EURO", "“EURO” is not a currency code of three letters such as EUR"),
        ("currency", "E1R", "“E1R” is not a currency code of three letters such as EUR"),
    ],
)
def test_codes_of_our_list_have_their_form(field: str, value: str, said: str) -> None:
    found = refused(replace(VENDOR, **{field: value}))
    assert (found.code, found.error) == (QuarantineCode.MALFORMED, f"vendor V-1: {field} {said}: correct it")


@pytest.mark.parametrize("changes", [{"country": "", "currency": ""}, {"country": "DE", "currency": "KWD"}])
def test_a_code_of_the_form_or_none_is_kept(changes: dict[str, str]) -> None:
    document = replace(VENDOR, **changes)  # type: ignore[arg-type]
    assert limits.within(document) is document


def test_a_code_that_is_quoted_is_cut() -> None:
    assert f"“{'X' * 40}” is not" in refused(replace(VENDOR, country="X" * 300)).error


# --- where it stands ----------------------------------------------------------------------------------------


def test_a_cell_is_named_by_its_column_and_row() -> None:
    told = {"lines/1/unit": Origin("unit@7", "x"), "number": Origin("invoice_number@6", "INV-1")}
    found = refused(replace(on_line(unit="x" * 11), provenance=told))
    assert found.error == "invoice INV-1: unit in row 7 is longer than 10 characters: correct it"
    assert found.line == 7


def test_a_value_of_no_cell_of_its_own_is_placed_in_the_first_row_of_its_document() -> None:
    told = {"number": Origin("invoice_number@6", "INV-1"), "gross": Origin("gross@9", "1")}
    found = refused(replace(on_line(unit="x" * 11), provenance=told))
    assert (found.line, found.error) == (
        6,
        "invoice INV-1: lines/1/unit is longer than 10 characters: correct it",
    )


def test_an_element_is_named_by_its_field() -> None:
    told = {"number": Origin("/Invoice/cbc:ID", "INV-1")}
    found = refused(replace(on_line(unit="x" * 11), provenance=told))
    assert (found.line, found.error) == (
        None,
        "invoice INV-1: lines/1/unit is longer than 10 characters: correct it",
    )


@pytest.mark.parametrize(
    ("document", "which"),
    [
        (replace(VENDOR, name="x" * 1001), "vendor V-1: "),
        (replace(BILL, number="N" * 300), f"invoice {'N' * 60}: "),
        (Order(number="PO-1", currency="EURO"), "order PO-1: "),
        (Rate(date(2026, 9, 5), "EURO", Decimal(1)), "rate: "),
    ],
)
def test_the_document_is_named_by_its_kind_and_number(document: Canonical, which: str) -> None:
    assert refused(document).error.startswith(which)


@pytest.mark.parametrize(
    ("paths", "row"),
    [
        ([], None),
        (["gross@9", "net@3"], 3),
        (["/Invoice/cbc:ID"], None),
        (["a@b@12"], 12),
        (["mail@example.com"], None),
    ],
)
def test_the_first_row_of_a_document_is_that_of_its_earliest_cell(paths: list[str], row: int | None) -> None:
    told = {str(n): Origin(path, "") for n, path in enumerate(paths)}
    assert limits.row_of(replace(BILL, provenance=told)) == row


def test_only_the_first_fault_of_a_document_is_said() -> None:
    both = replace(on_line(unit="x" * 11), number="N" * 300)
    assert refused(both).error.count("is longer than") == 1


def test_in_a_file_only_the_document_with_the_fault_is_set_aside() -> None:
    content = invoices_csv({}, {"invoice_number": "INV-2", "unit": "x" * 11}, {"invoice_number": "INV-3"})
    found = translate(content, "made.csv")
    assert [d.number for d in found.documents if isinstance(d, Invoice)] == ["INV-1", "INV-3"]
    assert [(r.code, r.line) for r in found.rejected] == [(QuarantineCode.TOO_LARGE, 3)]


@given(st.text(max_size=300), st.decimals(allow_nan=True, allow_infinity=True))
def test_a_document_is_kept_as_it_is_or_refused_in_words_that_can_be_kept(text: str, number: Decimal) -> None:
    document = replace(BILL, number=text, gross=number)
    found = limits.within(document)
    if isinstance(found, Rejected):
        assert not limits.NOT_KEPT.search(found.error)
        assert len(found.error) < 300
    else:
        assert found is document
