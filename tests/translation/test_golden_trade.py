"""The OASIS trade AEG012345 and the Danish scenarios, read as their documents say (golden cases 1 to 10)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from coordination.translation.canonical import (
    Account,
    Answer,
    Information,
    Invoice,
    Order,
    Receipt,
    Statement,
)

from .conftest import Read, only

pytestmark = pytest.mark.golden


def test_the_oasis_order_contradicts_itself_and_both_facts_are_kept(read: Read) -> None:
    order = only(read("oasis-ubl-2.3/UBL-Order-2.0-Example.xml"), Order)
    line = order.lines[0]
    assert (order.number, order.order_date, order.currency) == ("AEG012345", date(2005, 6, 20), "GBP")
    assert (line.quantity, line.unit, line.price, line.base_quantity) == (
        Decimal(100),
        "KGM",
        Decimal(100),
        Decimal(1),
    )
    assert line.net == Decimal("100.00")
    assert line.quantity is not None
    assert line.price is not None
    assert line.net / line.quantity == Decimal(1) != line.price / line.base_quantity
    assert (line.buyer_item, line.item) == ("6578489", "17589683")


def test_the_oasis_order_without_a_tax_exclusive_amount_has_the_net_of_its_lines(read: Read) -> None:
    assert only(read("oasis-ubl-2.3/UBL-Order-2.0-Example.xml"), Order).net == Decimal(100)


def test_the_simple_response_accepts_the_order(read: Read) -> None:
    response = only(read("oasis-ubl-2.3/UBL-OrderResponseSimple-2.0-Example.xml"), Order)
    assert (response.message, response.number) == ("acceptance", "AEG012345")
    assert response.message_id == "66890-9-09"


def test_the_despatch_announces_90_and_is_no_receipt(read: Read) -> None:
    despatch = only(read("oasis-ubl-2.3/UBL-DespatchAdvice-2.0-Example.xml"), Receipt)
    assert (despatch.number, despatch.kind, despatch.order_number) == ("565899", "despatch", "AEG012345")
    line = despatch.lines[0]
    assert (line.quantity, line.outstanding, line.order_line) == (Decimal(90), Decimal(10), "1")


def test_the_receipt_names_the_order_in_its_header_and_the_item_on_its_line(read: Read) -> None:
    receipt = only(read("oasis-ubl-2.3/UBL-ReceiptAdvice-2.0-Example.xml"), Receipt)
    assert (receipt.number, receipt.kind, receipt.received_date) == ("658398", "receipt", date(2005, 6, 21))
    line = receipt.lines[0]
    assert (receipt.order_number, line.order_number, line.order_line) == ("AEG012345", "", "")
    assert (line.quantity, line.accepted, line.buyer_item) == (Decimal(90), None, "6578489")


def test_the_oasis_invoice_says_what_is_printed_on_it(read: Read) -> None:
    invoice = only(read("oasis-ubl-2.3/UBL-Invoice-2.0-Example.xml"), Invoice)
    assert (invoice.number, invoice.type, invoice.type_code) == ("A00095678", "invoice", "SalesInvoice")
    assert (invoice.issue_date, invoice.due_date) == (date(2005, 6, 21), date(2005, 7, 21))
    assert (invoice.currency, invoice.order_numbers) == ("GBP", ("AEG012345",))
    assert (invoice.lines_net, invoice.net, invoice.tax) == (Decimal(100), Decimal(90), Decimal("17.50"))
    assert (invoice.gross, invoice.payable) == (Decimal("107.50"), Decimal("107.50"))
    assert (invoice.seller.name, invoice.seller.vat_id) == ("Consortial", "175 269 2355")
    assert invoice.account == Account("12345678", "", "10-26-58")
    (allowance,) = invoice.allowances
    assert (allowance.charge, allowance.amount) == (False, Decimal(10))


def test_the_rate_of_the_oasis_invoice_stands_on_the_line_only(read: Read) -> None:
    invoice = only(read("oasis-ubl-2.3/UBL-Invoice-2.0-Example.xml"), Invoice)
    assert (invoice.taxes[0].base, invoice.taxes[0].tax, invoice.taxes[0].rate) == (
        Decimal(100),
        Decimal("17.50"),
        None,
    )
    assert invoice.lines[0].tax_rate == Decimal("17.5")


def test_the_oasis_credit_note_names_its_invoice_on_the_line_only(read: Read) -> None:
    credit = only(read("oasis-ubl-2.3/UBL-CreditNote-2.0-Example.xml"), Invoice)
    assert (credit.number, credit.type, credit.preceding) == ("CN758494", "credit_note", ("A00095678",))
    assert (credit.lines_net, credit.net, credit.tax, credit.gross) == (
        Decimal(100),
        Decimal(90),
        Decimal("17.50"),
        Decimal("107.50"),
    )
    assert credit.allowances == ()
    assert credit.lines[0].quantity == Decimal(100)


def test_the_statement_owes_us_the_credit(read: Read) -> None:
    statement = only(read("oasis-ubl-2.3/UBL-Statement-2.0-Example.xml"), Statement)
    assert (statement.number, statement.statement_date) == ("JUL2005-07758990", date(2005, 8, 2))
    assert statement.balance == Decimal("-107.50")
    (line,) = statement.lines
    assert (line.reference, line.type, line.amount) == ("CN758494", "CreditNote", Decimal("-107.50"))


def test_remittances_and_reminders_are_information(read: Read) -> None:
    paid = only(read("oasis-ubl-2.3/UBL-RemittanceAdvice-2.0-Example.xml"), Information)
    assert (paid.kind, paid.number, paid.amount) == ("remittance", "6577884", Decimal("107.50"))
    assert paid.refers_to == ("A00095678",)
    reminder = only(read("oioubl-dk/BASPRO_04/BASPRO_04_01_08_Reminder_v2p2.xml"), Information)
    assert (reminder.kind, reminder.number, reminder.refers_to) == ("reminder", "A00095678", ("A00095678",))


def test_the_trivial_invoice_is_read_with_what_little_it_says(read: Read) -> None:
    invoice = only(read("oasis-ubl-2.3/UBL-Invoice-2.1-Example-Trivial.xml"), Invoice)
    assert (invoice.number, invoice.payable, invoice.gross) == ("123", Decimal(100), Decimal(100))
    assert (invoice.net, invoice.tax, invoice.order_numbers, invoice.account.number) == (None, None, (), "")
    assert (invoice.lines[0].quantity, invoice.lines[0].price) == (None, None)


def test_an_oioubl_invoice_has_its_tax_in_the_tax_exclusive_amount(read: Read) -> None:
    invoice = only(read("oioubl-dk/BASPRO_01/BASPRO_01_01_00_Invoice_v2p2.xml"), Invoice)
    assert (invoice.net, invoice.tax, invoice.gross) == (
        Decimal("5050.00"),
        Decimal("1262.50"),
        Decimal("6312.50"),
    )
    assert (invoice.account.number, invoice.account.branch) == ("1234567890", "1234")
    assert (invoice.seller.name, invoice.seller.vat_id) == ("Tavleverandøren", "DK16356706")
    assert invoice.taxes[0].category == "S"
    assert [(line.order_line, line.quantity, line.price) for line in invoice.lines] == [
        ("1", Decimal(1), Decimal(5000)),
        ("2", Decimal(2), Decimal(25)),
    ]


def test_an_oioubl_order_has_its_tax_there_too(read: Read) -> None:
    order = only(read("oioubl-dk/BASPRO_01/BASPRO_01_01_00_Order_v2p2.xml"), Order)
    assert (order.number, order.net, order.tax, order.gross) == (
        "5002701",
        Decimal(5050),
        Decimal("1262.50"),
        Decimal("6312.50"),
    )


def test_an_allowance_in_oioubl_lowers_the_net(read: Read) -> None:
    invoice = only(read("oioubl-dk/BASPRO_03/BASPRO_03_01_06_Invoice_B_v2p2.xml"), Invoice)
    assert (invoice.net, invoice.tax, invoice.gross) == (
        Decimal(4250),
        Decimal("1062.50"),
        Decimal("5312.50"),
    )
    assert [(one.charge, one.amount) for one in invoice.allowances] == [(False, Decimal(800))]


def test_a_refused_order_is_a_rejection_with_its_reason(read: Read) -> None:
    response = only(read("oioubl-dk/BASPRO_02/BASPRO_02_01_02_OrderResponseSimple_v2p2.xml"), Order)
    assert (response.message, response.number) == ("rejection", "5002701")
    assert response.note == "Varen er desværre ikke på lager"


def test_a_dispute_and_its_credit_name_the_invoice(read: Read) -> None:
    answer = only(read("oioubl-dk/BASPRO_03/BASPRO_03_01_06_ApplicationResponse_v2p2.xml"), Answer)
    assert (answer.number, answer.refers_to, answer.response_code) == (
        "B65830",
        "A00095678",
        "BusinessReject",
    )
    assert answer.receiver.party_ids == ("DK16356706",)
    credit = only(read("oioubl-dk/BASPRO_03/BASPRO_03_01_06_CreditNote_v2p2.xml"), Invoice)
    assert (credit.number, credit.preceding, credit.gross) == (
        "A00095679",
        ("A00095678",),
        Decimal("6312.50"),
    )


def test_a_change_restates_the_line_it_names(read: Read) -> None:
    first = only(read("oioubl-dk/ADVORD_02/ADVORD_02_02_00_OrderResponse_v2p2.xml"), Order)
    change = only(read("oioubl-dk/ADVORD_02/ADVORD_02_02_00_OrderChange_v2p2.xml"), Order)
    assert (first.message, change.message) == ("response", "change")
    assert first.number == change.number == "5002701"
    assert (first.lines[0].quantity, change.lines[0].quantity) == (Decimal(1000), Decimal(800))
    assert (change.sequence, change.net, change.gross) == ("01", Decimal(4000), Decimal(5000))


@pytest.mark.parametrize("scenario", ["ADVORD_03/ADVORD_03_03_00", "ADVORD_04/ADVORD_04_04_00"])
def test_a_filler_for_the_item_is_no_key(read: Read, scenario: str) -> None:
    order = only(read(f"oioubl-dk/{scenario}_Order_v2p2.xml"), Order)
    assert [line.item for line in order.lines] == [""]
    assert "lines/1/item" not in order.provenance


def test_a_cancellation_closes_the_order_it_refers_to(read: Read) -> None:
    order = only(read("oioubl-dk/ADVORD_05/ADVORD_05_04_01_OrderCancellation_v2p2.xml"), Order)
    assert (order.message, order.number, order.message_id) == ("cancellation", "5002701", "65830")
    assert (order.order_date, order.note) == (date(2006, 4, 1), "Forkerte varer")


def test_a_statement_keeps_its_mistyped_reference_and_its_wrong_total(read: Read) -> None:
    statement = only(read("oioubl-dk/Statement/StatementStor_v2p2.xml"), Statement)
    assert [(line.reference, line.amount) for line in statement.lines] == [
        ("A000956O7", Decimal(500)),
        ("A00095678", Decimal(4000)),
        ("A00095678", Decimal(7200)),
    ]
    assert sum(line.amount or 0 for line in statement.lines) == Decimal(11700)
    assert (statement.total_debit, statement.currency) == (Decimal(500), "DKK")
    assert "A00095681" in statement.lines[0].other_references
