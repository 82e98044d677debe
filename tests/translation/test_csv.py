"""The canonical CSV layouts: what each says, and what happens to a document that contradicts itself."""

from __future__ import annotations

import contextlib
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.translation import QuarantineCode, Rejected, Unreadable
from coordination.translation.canonical import (
    Codings,
    Invoice,
    Order,
    Rate,
    Receipt,
    Statement,
    TaxSubtotal,
    Translation,
    Vendor,
)
from coordination.translation.csv import MOST_LINES

from .conftest import only
from .make import INVOICES, ORDERS, RECEIPTS, STATEMENTS, VENDORS, invoices_csv, read, table


def numbers(translation: Translation) -> list[str]:
    return [
        one.number for one in translation.documents if isinstance(one, Invoice | Order | Receipt | Statement)
    ]


def rejection(content: bytes) -> Rejected:
    (found,) = read(content).rejected
    assert "\n" not in found.error
    return found


def refused(content: bytes) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        read(content)
    assert "\n" not in caught.value.error
    return caught.value


def test_vendors() -> None:
    row = {"vendor_id": "V-1", "name": "Nails", "vat_id": "DE136695976", "iban": "DE89370400440532013000"}
    content = table(VENDORS, [row | {"country": "de", "currency": "EUR", "payment_terms": "2/10 net 30"}])
    translation = read(content)
    vendor = only(translation, Vendor)
    assert translation.source_format == "csv-vendors"
    assert (vendor.vendor_id, vendor.country, vendor.status) == (
        "V-1",
        "DE",
        "",
    )  # not said, so nobody is unblocked
    assert vendor.payment_terms == "2/10 net 30"
    assert vendor.provenance["iban"].path == "iban@2"


def test_a_blocked_vendor_is_blocked_and_an_unknown_status_is_refused() -> None:
    rows = [{"vendor_id": "V-1", "status": "blocked"}, {"vendor_id": "V-2", "status": "maybe"}]
    translation = read(table(VENDORS, rows))
    assert only(translation, Vendor).status == "blocked"
    assert translation.rejected[0].line == 3


def test_two_accounts_for_one_vendor_contradict_each_other() -> None:
    rows = [{"vendor_id": "V-1", "iban": "DE1"}, {"vendor_id": "V-2"}, {"vendor_id": "V-1", "iban": "DE2"}]
    translation = read(table(VENDORS, rows))
    assert [one.vendor_id for one in translation.documents if isinstance(one, Vendor)] == ["V-2"]
    assert (translation.rejected[0].code, translation.rejected[0].line) == (QuarantineCode.MISMATCH, 4)


def test_a_vendor_listed_twice_alike_is_one_vendor() -> None:
    assert len(read(table(VENDORS, [{"vendor_id": "V-1", "name": "N"}] * 2)).documents) == 1


def test_an_order_gathers_its_rows_wherever_they_stand() -> None:
    row = {"order_number": "PO-1", "vendor_id": "V-1", "order_date": "2026-03-01", "currency": "EUR"}
    rows = [
        row | {"line": "1", "quantity": "10", "unit": "C62", "unit_price": "9.50", "tax_rate": "19"},
        row | {"order_number": "PO-2", "line": "1"},
        row | {"line": "2", "quantity": "2.5", "item": "N-1"},
    ]
    translation = read(table(ORDERS, rows))
    assert numbers(translation) == ["PO-1", "PO-2"]
    order = translation.documents[0]
    assert isinstance(order, Order)
    assert (order.vendor_id, order.order_date, order.currency) == ("V-1", date(2026, 3, 1), "EUR")
    assert [(line.line, line.quantity, line.price) for line in order.lines] == [
        ("1", Decimal(10), Decimal("9.50")),
        ("2", Decimal("2.5"), None),
    ]
    assert order.provenance["lines/2/quantity"].path == "quantity@4"


def test_a_receipt_may_cover_several_orders() -> None:
    row = {"receipt_number": "R-1", "received_date": "2026-03-02", "order_line": "1", "quantity": "5"}
    rows = [
        row | {"line": "1", "order_number": "PO-1"},
        row | {"line": "2", "order_number": "PO-2", "accepted": "4"},
    ]
    receipt = only(read(table(RECEIPTS, rows)), Receipt)
    assert (receipt.kind, receipt.received_date, receipt.order_number) == ("receipt", date(2026, 3, 2), "")
    assert [(line.order_number, line.accepted) for line in receipt.lines] == [
        ("PO-1", None),
        ("PO-2", Decimal(4)),
    ]


def test_an_unreadable_accepted_quantity_does_not_mean_that_all_was_accepted() -> None:
    row = {"receipt_number": "R-1", "order_number": "PO-1", "quantity": "5", "accepted": "most"}
    receipt = only(read(table(RECEIPTS, [row])), Receipt)
    assert (receipt.order_number, receipt.lines[0].quantity, receipt.lines[0].accepted) == (
        "PO-1",
        None,
        None,
    )
    assert receipt.unreadable[0].path == "accepted@2"


def test_an_invoice() -> None:
    invoice = only(read(invoices_csv({}, {"line": "2", "order_number": "PO-2", "quantity": "1"})), Invoice)
    assert (invoice.number, invoice.type, invoice.vendor_id) == ("INV-1", "invoice", "V-1")
    assert (invoice.net, invoice.tax, invoice.gross, invoice.payable) == (
        Decimal(100),
        Decimal(19),
        Decimal(119),
        Decimal(119),
    )
    assert invoice.order_numbers == ("PO-1", "PO-2")
    assert [(line.position, line.order_number) for line in invoice.lines] == [(1, "PO-1"), (2, "PO-2")]
    assert invoice.account.number == "DE89370400440532013000"


def test_one_rate_gives_one_tax_subtotal_and_two_rates_give_none() -> None:
    one = only(read(invoices_csv({}, {"line": "2"})), Invoice)
    two = only(read(invoices_csv({}, {"line": "2", "tax_rate": "7"})), Invoice)
    part = only(read(invoices_csv({}, {"line": "2", "tax_rate": ""})), Invoice)
    assert one.taxes == (TaxSubtotal("", Decimal(19), Decimal(100), Decimal(19)),)
    assert (two.taxes, part.taxes) == ((), ())


def test_a_credit_note_names_the_invoice_it_takes_back() -> None:
    invoice = only(read(invoices_csv({"type": "credit_note", "preceding_invoice": "INV-0"})), Invoice)
    assert (invoice.type, invoice.preceding, invoice.gross) == ("credit_note", ("INV-0",), Decimal(119))


def test_negative_amounts_make_a_credit() -> None:
    row = {"quantity": "-10", "line_net": "-100.00", "net": "-100.00", "tax": "-19.00", "gross": "-119.00"}
    invoice = only(read(invoices_csv(row)), Invoice)
    assert (invoice.type, invoice.gross, invoice.lines[0].quantity) == (
        "credit_note",
        Decimal(119),
        Decimal(10),
    )


@pytest.mark.parametrize("kind", ["", "Rechnung", "debit_note"])
def test_an_unknown_type_is_refused_and_not_taken_for_an_invoice(kind: str) -> None:
    assert rejection(invoices_csv({"type": kind})).line == 2


@pytest.mark.parametrize(
    ("column", "other"),
    [
        ("issue_date", "2026-03-02"),
        ("due_date", "2026-04-30"),
        ("currency", "USD"),
        ("iban", "FR1420041010050500013M02606"),
        ("net", "101.00"),
        ("tax", "19.01"),
        ("gross", "120.00"),
        ("preceding_invoice", "INV-0"),
        ("vendor_id", "V-2"),
        ("type", "credit_note"),
    ],
)
def test_rows_of_one_invoice_that_contradict_each_other_set_it_aside(column: str, other: str) -> None:
    first = {"preceding_invoice": "INV-9"}
    good = {"invoice_number": "INV-2"}
    content = invoices_csv(first, good, first | {"line": "2", column: other}, good | {"line": "2"})
    translation = read(content)
    assert numbers(translation) == ["INV-2"]
    (found,) = translation.rejected
    assert (found.code, found.line) == (QuarantineCode.MISMATCH, 4)
    assert column in found.error
    assert "INV-1" in found.error


def test_one_number_used_by_two_vendors_is_two_invoices() -> None:
    content = invoices_csv({}, {"vendor_id": "V-2", "gross": "238.00"})
    found = [one.vendor_id for one in read(content).documents if isinstance(one, Invoice)]
    assert found == ["V-1", "V-2"]


def test_a_credit_note_may_carry_the_number_of_its_invoice() -> None:
    content = invoices_csv({}, {"type": "credit_note"})
    found = [one.type for one in read(content).documents if isinstance(one, Invoice)]
    assert found == ["invoice", "credit_note"]


def test_the_same_number_written_differently_is_no_contradiction() -> None:
    assert read(invoices_csv({}, {"line": "2", "gross": "119.0"})).rejected == ()


def test_a_blank_header_cell_says_nothing() -> None:
    invoice = only(read(invoices_csv({"iban": ""}, {"line": "2", "due_date": "", "gross": ""})), Invoice)
    assert invoice.account.number == "DE89370400440532013000"
    assert invoice.provenance["account/number"].path == "iban@3"


def test_a_line_number_used_twice_is_a_contradiction() -> None:
    found = rejection(invoices_csv({}, {"quantity": "11"}))
    assert (found.code, found.line) == (QuarantineCode.MISMATCH, 3)


def test_rows_without_a_number_are_missing_their_id() -> None:
    translation = read(invoices_csv({"invoice_number": ""}, {}, {"invoice_number": "n/a"}))
    assert numbers(translation) == ["INV-1"]
    found = [(one.code, one.line) for one in translation.rejected]
    assert found == [(QuarantineCode.MISSING_ID, 2), (QuarantineCode.MISSING_ID, 4)]


@pytest.mark.parametrize("text", ["1,5", "NaN", "1e309", "Infinity", "EUR 5", "1 000"])
def test_an_unreadable_number_is_recorded_with_its_cell(text: str) -> None:
    invoice = only(read(invoices_csv({"unit_price": f'"{text}"'})), Invoice)
    assert invoice.lines[0].price is None
    (problem,) = invoice.unreadable
    assert (problem.field, problem.path, problem.raw, problem.line) == (
        "lines/1/price",
        "unit_price@2",
        text,
        2,
    )


@pytest.mark.parametrize("text", ["01.03.2026", "2026-13-01", "2026-03-01Z"])
def test_an_unreadable_date_is_recorded(text: str) -> None:
    invoice = only(read(invoices_csv({"issue_date": text})), Invoice)
    assert invoice.issue_date is None
    assert invoice.unreadable[0].path == "issue_date@2"


def test_statements_sign_their_amounts_themselves() -> None:
    row = {
        "statement_number": "S-1",
        "vendor_id": "V-1",
        "date": "2026-03-31",
        "currency": "EUR",
        "balance": "12",
    }
    rows = [
        row | {"reference": "INV-1", "reference_date": "2026-03-01", "type": "invoice", "amount": "119.00"},
        row | {"reference": "PAY-1", "type": "payment", "amount": "-107.00"},
    ]
    statement = only(read(table(STATEMENTS, rows)), Statement)
    assert (statement.vendor_id, statement.balance) == ("V-1", Decimal(12))
    assert [(line.reference, line.type, line.amount) for line in statement.lines] == [
        ("INV-1", "invoice", Decimal("119.00")),
        ("PAY-1", "payment", Decimal("-107.00")),
    ]


@pytest.mark.parametrize("column", ["rate", "per_eur", "rate_per_EUR", "rate per EUR"])
def test_rates_replace_the_table(column: str) -> None:
    content = f"date,currency,{column}\n2026-03-02,USD,1.0850\n2026-03-02,SEK,1.0850\n".encode()
    translation = read(content)
    assert translation.documents == (
        Rate(date(2026, 3, 2), "USD", Decimal("1.0850")),
        Rate(date(2026, 3, 2), "SEK", Decimal("1.0850")),
    )


@pytest.mark.parametrize(
    "row", ["2026-03-02,USD,0", "2026-03-02,USD,-1", "2026-03-02,USD,", "2026-03-02,dollar,1"]
)
def test_half_a_rate_is_none(row: str) -> None:
    translation = read(f"date,currency,rate\n{row}\n2026-03-02,SEK,11\n".encode())
    assert len(translation.documents) == 1
    assert translation.rejected[0].line == 2


def test_two_rates_of_one_day_contradict_each_other() -> None:
    found = rejection(b"date,currency,rate\n2026-03-02,USD,1.1\n2026-03-02,USD,1.2\n")
    assert (found.code, found.line) == (QuarantineCode.MISMATCH, 3)


def test_the_kind_is_found_from_the_header_whatever_the_order_of_columns() -> None:
    names = INVOICES.split(",")
    content = invoices_csv({}).decode().splitlines()
    turned = "\n".join([",".join(reversed(names)), ",".join(reversed(content[1].split(",")))])
    assert only(read(turned.encode()), Invoice).gross == Decimal(119)


def test_a_byte_order_mark_crlf_and_capitals_are_tolerated() -> None:
    content = invoices_csv({}).decode().replace("invoice_number", "Invoice_Number ", 1).replace("\n", "\r\n")
    assert numbers(read(b"\xef\xbb\xbf" + content.encode())) == ["INV-1"]


def test_further_columns_are_ignored_and_empty_rows_skipped() -> None:
    lines = invoices_csv({}).decode().splitlines()
    content = "\n".join([lines[0] + ",remark", lines[1] + ",x", "", "," * 21, ""])
    assert numbers(read(content.encode())) == ["INV-1"]


@pytest.mark.parametrize("rows", ["", ",", ",,,"], ids=["none", "one", "all"])
def test_empty_columns_at_the_end_of_the_header_are_nothing(rows: str) -> None:
    lines = invoices_csv({}).decode().splitlines()
    translation = read(f"{lines[0]},,,\n{lines[1]}{rows}\n".encode())
    assert (numbers(translation), translation.rejected) == (["INV-1"], ())


def test_quoted_cells_may_hold_commas_quotes_and_line_breaks() -> None:
    invoice = only(read(invoices_csv({"description": '"Nails, ""long""\nand more"'}, {"line": "2"})), Invoice)
    assert invoice.lines[0].description == 'Nails, "long"\nand more'
    assert invoice.provenance["lines/2/quantity"].path == "quantity@3"
    assert any("long" in text.raw for text in invoice.texts)


def test_a_header_alone_is_a_file_without_documents() -> None:
    assert read(INVOICES.encode()).documents == ()


def test_a_row_of_another_width_sets_its_whole_document_aside() -> None:
    lines = invoices_csv({}, {"line": "2"}, {"invoice_number": "INV-2"}).decode().splitlines()
    lines[2] += ",surplus"
    translation = read("\n".join(lines).encode())
    assert numbers(translation) == ["INV-2"]
    (found,) = translation.rejected
    assert (found.code, found.line) == (QuarantineCode.MALFORMED, 3)


def test_a_header_that_lacks_a_column_is_told_which() -> None:
    error = refused(INVOICES.replace(",tax_rate", "").encode() + b"\n")
    assert error.code == QuarantineCode.UNSUPPORTED
    assert "tax_rate" in error.error


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators_are_told_apart_from_other_layouts(separator: str) -> None:
    error = refused(VENDORS.replace(",", separator).encode())
    assert (error.code, "commas" in error.error) == (QuarantineCode.UNSUPPORTED, True)


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_other_encodings_are_malformed(encoding: str) -> None:
    error = refused(invoices_csv({"description": "Nägel"}).decode().encode(encoding))
    assert error.code == QuarantineCode.MALFORMED
    assert "UTF-8" in error.error


def test_a_wrong_byte_is_found_in_its_line() -> None:
    content = invoices_csv({}, {"line": "2", "description": "N@gel"}).replace(b"@", b"\xe4")
    assert refused(content).line == 3


def test_nul_bytes_are_malformed() -> None:
    assert refused(invoices_csv({"description": "a\0b"})).line == 2


def test_an_open_quote_is_malformed_where_it_opens() -> None:
    error = refused(invoices_csv({}, {"line": "2", "description": '"Nails'}))
    assert (error.code, error.line) == (QuarantineCode.MALFORMED, 3)


def test_a_cell_of_ten_megabytes_is_too_large_and_one_of_a_megabyte_is_not() -> None:
    assert refused(invoices_csv({"description": "x" * 10_000_000})).code == QuarantineCode.TOO_LARGE
    assert numbers(read(invoices_csv({"description": "x" * 1_000_000}))) == ["INV-1"]


def test_a_number_longer_than_any_number_is_set_aside() -> None:
    assert rejection(invoices_csv({"invoice_number": "9" * 300})).code == QuarantineCode.TOO_LARGE


def test_a_column_named_twice_is_malformed() -> None:
    assert refused(VENDORS.encode() + b",name\n").code == QuarantineCode.MALFORMED


@given(st.lists(st.sampled_from(["INV-1", "INV-2", "INV-3"]), min_size=1, max_size=12))
def test_the_order_of_rows_loses_and_mixes_nothing(names: list[str]) -> None:
    content = invoices_csv(*({"invoice_number": name, "line": str(n)} for n, name in enumerate(names)))
    found = {one.number: len(one.lines) for one in read(content).documents if isinstance(one, Invoice)}
    assert found == {name: names.count(name) for name in names}


@given(st.text(max_size=200))
def test_any_text_below_the_header_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(Unreadable):
        read(f"{VENDORS}\n{text}".encode("utf-8", "surrogatepass"))


def test_many_vendors_with_one_number_do_not_take_forever() -> None:
    rows = ({"invoice_number": "1", "vendor_id": f"V-{n}"} for n in range(5_000))
    assert len(read(invoices_csv(*rows)).documents) == 5_000


CODINGS = "vendor_id,item,description,account,cost_centre,date"


def test_codings_are_one_document_for_each_vendor() -> None:
    row = {"vendor_id": "V-1", "item": "A-1", "description": "Bolt", "account": "4400", "date": "2026-08-01"}
    rows = [
        row,
        row | {"vendor_id": "V-2", "cost_centre": "CC 10/2"},
        row | {"item": "", "account": "44.10-a"},
    ]
    translation = read(table(CODINGS, rows))
    first, second = translation.documents
    assert isinstance(first, Codings)
    assert isinstance(second, Codings)
    assert (translation.source_format, first.vendor_id, second.vendor_id) == ("csv-codings", "V-1", "V-2")
    assert [(x.item, x.account, x.cost_centre, x.coded_on) for x in first.lines] == [
        ("A-1", "4400", "", date(2026, 8, 1)),
        ("", "44.10-a", "", date(2026, 8, 1)),
    ]
    assert second.lines[0].cost_centre == "CC 10/2"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"account": ""}, "account (empty) is not a code"),
        ({"account": "=1+1"}, "account =1+1 is not a code"),
        ({"account": "4" * 41}, "is not a code"),
        ({"cost_centre": "@x"}, "cost_centre @x is not a code"),
        ({"date": ""}, "date (empty) is not a date"),
        ({"date": "2026-02-30"}, "no such day"),
        ({"item": "", "description": ""}, "needs an item or a description"),
    ],
)
def test_a_coding_that_cannot_be_read_refuses_those_of_its_vendor(wrong: dict[str, str], words: str) -> None:
    row = {"vendor_id": "V-1", "item": "A-1", "account": "4400", "date": "2026-08-01"}
    translation = read(table(CODINGS, [row, row | wrong, row | {"vendor_id": "V-2"}]))
    (rejected,) = translation.rejected
    assert words in rejected.error
    assert rejected.error.startswith("codings of vendor V-1: row 3 ")
    assert [x.vendor_id for x in translation.documents if isinstance(x, Codings)] == ["V-2"]


def test_a_document_that_stands_twice_row_for_row_is_two_copies_and_no_contradiction() -> None:
    rows = ({"line": "1"}, {"line": "2", "order_line": "2"})
    translation = read(invoices_csv(*rows, *rows))
    assert [len(d.lines) for d in translation.documents if isinstance(d, Invoice)] == [2, 2]
    assert translation.documents[0] == translation.documents[1]
    assert translation.rejected == ()


def test_a_line_that_stands_twice_alone_is_still_a_contradiction() -> None:
    translation = read(
        invoices_csv({"line": "1"}, {"line": "2", "order_line": "2"}, {"line": "2", "order_line": "2"})
    )
    assert [r.code for r in translation.rejected] == ["mismatch"]


def test_a_document_of_more_lines_than_anybody_can_match_is_too_large() -> None:
    rows = ({"line": str(n), "order_line": str(n)} for n in range(MOST_LINES + 1))
    translation = read(invoices_csv(*rows))
    assert [r.code for r in translation.rejected] == ["too_large"]
