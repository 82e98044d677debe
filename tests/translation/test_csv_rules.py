"""Rows that make a document, two, or none: what has to agree, what a blank says, which rows are copies."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.translation import QuarantineCode, Unreadable
from coordination.translation.canonical import (
    Conversion,
    Invoice,
    Order,
    Rate,
    Receipt,
    Rejected,
    Statement,
    TaxSubtotal,
    Translation,
    Vendor,
)

from .make import ORDERS, RECEIPTS, STATEMENTS, VENDORS, invoices_csv, read, table

CONVERSIONS = "vendor_id,item,unit,per,factor"
RATES = "date,currency,rate"
D = Decimal


def invoices(found: Translation) -> list[Invoice]:
    return [document for document in found.documents if isinstance(document, Invoice)]


def invoice(*rows: dict[str, str]) -> Invoice:
    [found] = invoices(read(invoices_csv(*rows)))
    return found


def rejected(content: bytes) -> Rejected:
    [found] = read(content).rejected
    return found


# --- what has to agree --------------------------------------------------------------------------------------

SECOND = {"line": "2", "order_line": "2"}


@pytest.mark.parametrize(
    ("column", "one", "other"),
    [
        ("gross", "119.00", "119.01"),
        ("net", "100.00", "100"[:2]),
        ("tax", "19.00", "-19.00"),
        ("currency", "EUR", "eur"),
        ("issue_date", "2026-03-01", "2026-03-02"),
        ("due_date", "2026-03-31", "2026-04-01"),
        ("iban", "DE89370400440532013000", "DE89 3704 0044 0532 0130 00"),
        ("preceding_invoice", "INV-0", "INV-00"),
    ],
)
def test_two_rows_of_one_document_may_not_differ_in_its_header(column: str, one: str, other: str) -> None:
    found = rejected(invoices_csv({column: one}, SECOND | {column: other}))
    assert found.code == QuarantineCode.MISMATCH
    assert found.line == 3
    assert found.error == (f"invoice INV-1: {column} is {other} in row 3 and {one} in row 2: make them agree")


@pytest.mark.parametrize(
    ("one", "other"), [("119.00", "119"), ("119.00", "+119.0"), ("0119.00", "119.00"), ("119.00", "")]
)
def test_a_number_written_otherwise_and_a_blank_contradict_nothing(one: str, other: str) -> None:
    found = invoice({"gross": one}, SECOND | {"gross": other})
    assert (found.gross, len(found.lines)) == (D(119), 2)


def test_a_blank_first_row_takes_its_header_from_the_row_that_says_it() -> None:
    found = invoice({"gross": "", "currency": ""}, SECOND)
    assert (found.gross, found.currency) == (D("119.00"), "EUR")
    assert found.provenance["gross"].path == "gross@3"


def test_two_blanks_say_nothing() -> None:
    found = invoice({"gross": ""}, SECOND | {"gross": ""})
    assert (found.gross, found.payable, found.unreadable) == (None, None, ())


def test_a_number_that_nobody_can_read_agrees_with_itself_alone() -> None:
    with_comma = {"gross": '"119,00"'}
    assert invoice(with_comma, SECOND | with_comma).gross is None
    assert rejected(invoices_csv(with_comma, SECOND | {"gross": "119.00"})).line == 3


@pytest.mark.xfail(
    strict=True,
    reason="the empty cell at the end of a row is dropped like one that a spreadsheet adds: 50 is a reference then",
)
def test_a_decimal_comma_without_quotes_moves_no_cell_into_the_next_column() -> None:
    found = read(invoices_csv({"gross": "119,50"}))
    assert [x.gross for x in invoices(found) if x.gross is not None] == []


@pytest.mark.parametrize(
    "column", ["quantity", "unit_price", "description", "tax_rate", "item", "order_number"]
)
def test_a_value_of_a_line_may_differ_from_line_to_line(column: str) -> None:
    assert len(invoice({column: "1"}, SECOND | {column: "2"}).lines) == 2


def test_line_numbers_may_be_left_out_and_are_then_no_contradiction() -> None:
    found = invoice({"line": ""}, {"line": "", "order_line": "2"})
    assert [(x.position, x.line) for x in found.lines] == [(1, ""), (2, "")]


def test_a_line_that_stands_twice_is_named_with_the_row_where_it_comes_again() -> None:
    found = rejected(invoices_csv({}, SECOND, {"line": "1", "quantity": "3"}))
    assert (found.code, found.line) == (QuarantineCode.MISMATCH, 4)
    assert found.error == "invoice INV-1: line 1 stands twice: number the lines apart"


# --- one number, several documents --------------------------------------------------------------------------


def test_a_number_belongs_to_its_vendor() -> None:
    found = invoices(read(invoices_csv({}, {"vendor_id": "V-2", "gross": "238.00"})))
    assert [(x.vendor_id, x.gross) for x in found] == [("V-1", D(119)), ("V-2", D(238))]


def test_a_credit_note_may_have_the_number_of_its_invoice() -> None:
    found = invoices(read(invoices_csv({}, {"type": "credit_note", "gross": "50.00"})))
    assert [(x.type, x.gross) for x in found] == [("invoice", D(119)), ("credit_note", D(50))]


def test_rows_of_two_vendors_that_go_on_in_one_numbering_are_one_document_that_contradicts_itself() -> None:
    found = rejected(invoices_csv({}, SECOND | {"vendor_id": "V-2"}))
    assert found.error == ("invoice INV-1: vendor_id is V-2 in row 3 and V-1 in row 2: make them agree")


def test_two_vendors_with_equal_claims_and_line_1_each_are_two() -> None:
    assert len(invoices(read(invoices_csv({}, {"vendor_id": "V-2"})))) == 2


def test_rows_of_a_document_need_not_stand_together() -> None:
    rows = [{}, {"invoice_number": "INV-2"}, SECOND, {"invoice_number": "INV-2"} | SECOND]
    found = invoices(read(invoices_csv(*rows)))
    assert [(x.number, [y.line for y in x.lines]) for x in found] == [
        ("INV-1", ["1", "2"]),
        ("INV-2", ["1", "2"]),
    ]


def test_each_order_of_rows_makes_the_same_documents() -> None:
    rows = [{}, SECOND, {"invoice_number": "INV-2"}, {"type": "credit_note", "gross": "50.00"}]
    wanted = {("INV-1", "invoice", 2), ("INV-2", "invoice", 1), ("INV-1", "credit_note", 1)}
    for order in permutations(rows):
        found = invoices(read(invoices_csv(*order)))
        assert {(x.number, x.type, len(x.lines)) for x in found} == wanted


# --- copies -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_document_that_stands_several_times_row_for_row_is_as_many_copies(times: int) -> None:
    found = invoices(read(invoices_csv(*([{}, SECOND] * times))))
    assert [len(x.lines) for x in found] == [2] * times
    assert all(x == found[0] for x in found)


def test_copies_may_stand_in_any_order() -> None:
    rows = [{}, {}, SECOND, SECOND]
    random.Random(3).shuffle(rows)
    assert [len(x.lines) for x in invoices(read(invoices_csv(*rows)))] == [2, 2]


@pytest.mark.parametrize(
    "again",
    [
        {"quantity": "11"},
        {"description": "Screws"},
        {"quantity": "10.0"},
    ],
)
def test_a_row_that_comes_again_with_another_cell_is_no_copy(again: dict[str, str]) -> None:
    assert rejected(invoices_csv({}, again)).error.endswith("line 1 stands twice: number the lines apart")


def test_rows_without_a_line_number_are_lines_and_no_copies() -> None:
    assert len(invoice({"line": ""}, {"line": ""}).lines) == 2


# --- documents without a number -----------------------------------------------------------------------------


@pytest.mark.parametrize("filler", ["", "-", "n/a", "NULL", "None", "DummyWert", " "])
def test_a_row_without_a_number_is_no_document_and_takes_no_other_with_it(filler: str) -> None:
    found = read(invoices_csv({"invoice_number": filler}, {}))
    assert [x.number for x in invoices(found)] == ["INV-1"]
    [row] = found.rejected
    assert (row.code, row.line) == (QuarantineCode.MISSING_ID, 2)
    assert row.error == "the row has no invoice_number: fill it in"


@pytest.mark.parametrize(("length", "read_"), [(255, True), (256, False)])
def test_a_number_of_255_signs_is_the_longest(length: int, read_: bool) -> None:
    found = read(invoices_csv({"invoice_number": "N" * length}))
    assert bool(found.documents) is read_
    assert read_ or found.rejected[0].error == "the invoice_number is longer than 255 characters"


# --- invoices -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["", "bill", "creditnote", "credit note", "380"])
def test_a_type_is_invoice_or_credit_note(word: str) -> None:
    found = rejected(invoices_csv({"type": word}))
    assert found.error == (
        f"invoice INV-1: type {word or '(empty)'} is neither invoice nor credit_note: correct it"
    )


@pytest.mark.parametrize("word", ["Invoice", "INVOICE", " invoice "])
def test_a_type_may_be_written_in_any_case(word: str) -> None:
    assert invoice({"type": word}).type == "invoice"


@pytest.mark.parametrize(
    ("rates", "taxes"),
    [
        (("19", "19"), (TaxSubtotal("", D(19), D("100.00"), D("19.00")),)),
        (("19", "19.0"), (TaxSubtotal("", D(19), D("100.00"), D("19.00")),)),
        (("19", "7"), ()),
        (("19", ""), ()),
        (("", ""), ()),
    ],
)
def test_one_rate_on_every_line_is_a_breakdown_and_several_are_none(
    rates: tuple[str, str], taxes: tuple[TaxSubtotal, ...]
) -> None:
    one, other = rates
    assert invoice({"tax_rate": one}, SECOND | {"tax_rate": other}).taxes == taxes


def test_without_a_tax_there_is_no_breakdown() -> None:
    assert invoice({"tax": ""}).taxes == ()


def test_what_is_payable_is_the_gross() -> None:
    found = invoice({"gross": "119.50"})
    assert (found.payable, found.prepaid, found.rounding) == (D("119.50"), 0, 0)


def test_orders_of_the_lines_are_those_of_the_document_each_once() -> None:
    orders = ("PO-2", "PO-1", "PO-2", "")
    rows = [{"line": str(n), "order_number": order} for n, order in enumerate(orders, 1)]
    assert invoice(*rows).order_numbers == ("PO-2", "PO-1")


@pytest.mark.parametrize(
    ("cell", "spoken"),
    [
        ("please pay at once", True),
        ('"please\npay"', True),
        ("please\tpay\tat\tonce", True),
        ('"please\rpay"', True),
        ("please\u00a0pay", True),
        ("Größe", True),
        ("支払", True),
        ("plain", False),
        ("A-1/2", False),
    ],
)
def test_a_cell_of_several_words_or_other_letters_is_a_text_in_whatever_column(
    cell: str, spoken: bool
) -> None:
    header, row, *_ = invoices_csv({}).decode().splitlines()
    content = f"{header},remark\n{row},{cell}\n".encode()
    [found] = invoices(read(content))
    assert ([origin.path for origin in found.texts] == ["remark@2"]) is spoken


# --- orders and receipts ------------------------------------------------------------------------------------

RECEIPT = {
    "receipt_number": "GR-1",
    "line": "1",
    "order_number": "PO-1",
    "order_line": "10",
    "received_date": "2026-09-04",
    "quantity": "100",
    "unit": "EA",
}


def receipt(*rows: dict[str, str]) -> Receipt:
    [found] = read(table(RECEIPTS, [RECEIPT | row for row in rows])).documents
    assert isinstance(found, Receipt)
    return found


@pytest.mark.parametrize(
    ("accepted", "quantity", "good"),
    [
        ("", "100", None),
        ("100", "100", "100"),
        ("0", "100", "0"),
        ("90.5", "100", "90.5"),
    ],
)
def test_an_empty_accepted_quantity_is_all_of_it(accepted: str, quantity: str, good: str | None) -> None:
    [line] = receipt({"accepted": accepted}).lines
    assert line.quantity == D(quantity)
    assert line.accepted == (None if good is None else D(good))


def test_of_a_line_whose_accepted_quantity_cannot_be_read_nothing_is_known_to_be_good() -> None:
    found = receipt({"accepted": "all"})
    assert (found.lines[0].quantity, found.lines[0].accepted) == (None, None)
    assert [p.field for p in found.unreadable] == ["lines/1/accepted"]


@pytest.mark.parametrize(
    ("orders", "of_receipt"),
    [(("PO-1", "PO-1"), "PO-1"), (("PO-1", "PO-2"), ""), (("PO-1", ""), ""), (("", ""), "")],
)
def test_a_receipt_is_of_the_order_that_all_of_its_lines_name(
    orders: tuple[str, str], of_receipt: str
) -> None:
    rows = [{"line": str(n), "order_number": order} for n, order in enumerate(orders, 1)]
    assert receipt(*rows).order_number == of_receipt


def test_an_order_has_a_message_of_its_own_number_and_no_totals() -> None:
    row = {"order_number": "PO-1", "line": "10", "vendor_id": "V-1", "quantity": "5", "unit_price": "2.50"}
    [found] = read(table(ORDERS, [row, row | {"line": "20", "unit_price": "x"}])).documents
    assert isinstance(found, Order)
    assert (found.number, found.message_id, found.message) == ("PO-1", "PO-1", "order")
    assert (found.net, found.tax, found.gross) == (None, None, None)
    assert [(x.line, x.price) for x in found.lines] == [("10", D("2.50")), ("20", None)]
    assert [p.field for p in found.unreadable] == ["lines/2/price"]


# --- vendors, statements, rates, factors --------------------------------------------------------------------


def test_an_address_is_read_where_the_list_has_one() -> None:
    header = f"{VENDORS},street,postcode,town"
    row = {"vendor_id": "V-1", "name": "Hartmann", "street": "Lange Straße 1", "town": "Köln"}
    [found] = read(table(header, [row])).documents
    assert isinstance(found, Vendor)
    assert (found.street, found.postcode, found.town) == ("Lange Straße 1", "", "Köln")
    [bare] = read(table(VENDORS, [row])).documents
    assert isinstance(bare, Vendor)
    assert (bare.street, bare.town) == ("", "")


def test_a_statement_number_belongs_to_its_vendor_and_its_lines_need_no_number() -> None:
    row = {"statement_number": "ST-1", "vendor_id": "V-1", "currency": "EUR", "balance": "5.00"}
    rows = [row | {"reference": "A", "amount": "7.00"}, row | {"reference": "A", "amount": "7.00"}]
    rows.append(row | {"vendor_id": "V-2", "balance": "1.00", "reference": "B", "amount": "1.00"})
    found = read(table(STATEMENTS, rows)).documents
    assert [(s.vendor_id, len(s.lines)) for s in found if isinstance(s, Statement)] == [
        ("V-1", 2),
        ("V-2", 1),
    ]


def rate(on: str = "2026-03-02", currency: str = "USD", value: str = "1.0850") -> Translation:
    return read(f"{RATES}\n{on},{currency},{value}\n".encode())


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("0.000001", "0.000001"),
        ("0.0000005", None),
        ("0.0000006", "0.000001"),
        ("1.23456789", "1.234568"),
        ("99999999999999", "99999999999999"),
        ("100000000000000", None),
        ("0", None),
        ("-1", None),
        ("1,1", None),
    ],
)
def test_a_rate_has_six_decimals_and_is_neither_nought_nor_beyond_measure(
    value: str, kept: str | None
) -> None:
    found = rate(value=value if "," not in value else f'"{value}"')
    assert [x.per_eur for x in found.documents if isinstance(x, Rate)] == ([] if kept is None else [D(kept)])
    assert len(found.rejected) == (kept is None)


@pytest.mark.parametrize(
    ("on", "currency"), [("2026-02-30", "USD"), ("2026-03-02", "US$"), ("2026-03-02", "")]
)
def test_a_rate_needs_a_day_and_a_currency(on: str, currency: str) -> None:
    [found] = rate(on, currency).rejected
    assert "needs a date, a currency code and a rate above zero: correct it" in found.error
    assert found.line == 2


def test_a_day_has_a_rate_for_each_currency_and_each_currency_one_for_each_day() -> None:
    rows = ["2026-03-02,USD,1.1", "2026-03-02,SEK,11", "2026-03-03,USD,1.2", "2026-03-02,USD,1.10"]
    found = read("\n".join([RATES, *rows, ""]).encode())
    assert found.rejected == ()
    assert {(x.on, x.currency, x.per_eur) for x in found.documents if isinstance(x, Rate)} == {
        (date(2026, 3, 2), "USD", D("1.1")),
        (date(2026, 3, 2), "SEK", D(11)),
        (date(2026, 3, 3), "USD", D("1.2")),
    }


FACTOR = {"vendor_id": "V-1", "item": "A-1", "unit": "BX", "per": "EA", "factor": "12"}


def factors(*rows: dict[str, str]) -> Translation:
    return read(table(CONVERSIONS, [FACTOR | row for row in rows]))


@pytest.mark.parametrize(
    "wrong",
    [
        {"unit": "X" * 11},
        {"per": ""},
        {"per": "X" * 11},
        {"factor": "0"},
        {"factor": "-12"},
        {"factor": ""},
        {"factor": "a dozen"},
    ],
)
def test_a_factor_is_above_nought_and_between_two_units_of_at_most_ten_signs(wrong: dict[str, str]) -> None:
    found = factors(wrong, {"unit": "PK"})
    assert len(found.documents) == 1
    [row] = found.rejected
    assert "needs two units and a factor above zero: correct it" in row.error


def test_a_factor_may_be_of_all_vendors_or_of_all_items() -> None:
    found = factors({"vendor_id": ""}, {"item": ""}, {}, {"factor": "12.0"})
    assert [(x.vendor_id, x.item) for x in found.documents if isinstance(x, Conversion)] == [
        ("", "A-1"),
        ("V-1", ""),
        ("V-1", "A-1"),
    ]


def test_two_factors_of_one_item_contradict_each_other() -> None:
    [found] = factors({}, {"factor": "10"}).rejected
    assert (found.code, found.line) == (QuarantineCode.MISMATCH, 3)
    assert found.error == "unit factor BX: factor is 10 in row 3 and 12 in row 2: make them agree"


# --- which table --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (
            "vendor_id,name,vat_id,iban,bic,country,currency,status",
            "nearly that of vendors: add payment_terms",
        ),
        (RECEIPTS.replace(",accepted,unit", ""), "nearly that of receipts: add accepted, unit"),
        ("a,b,c", "ask for UBL or a canonical CSV"),
        (VENDORS.replace(",", ";"), "not separated by commas: save the file with commas"),
        (VENDORS.replace(",", "\t"), "not separated by commas: save the file with commas"),
    ],
)
def test_a_table_that_is_nearly_one_is_told_what_it_lacks(header: str, said: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(f"{header}\n1,2,3\n".encode())
    assert said in refused.value.error


@given(st.permutations(RECEIPTS.split(",")))
def test_columns_may_stand_in_any_order(names: list[str]) -> None:
    row = RECEIPT | {"accepted": "90"}
    content = "\n".join([",".join(names), ",".join(row[name] for name in names), ""]).encode()
    [found] = read(content).documents
    assert isinstance(found, Receipt)
    assert (found.number, found.lines[0].quantity, found.lines[0].accepted) == ("GR-1", D(100), D(90))
