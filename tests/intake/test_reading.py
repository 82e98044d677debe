"""From a document as people really send it to its end: reasons reach the person, spoilt numbers are never
paid."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from coordination.models import Hold, Invoice, Quarantine
from coordination.services import policy_versions
from coordination.services.correspondence import responses
from tests import cast
from tests.cast import bill, order, receipt, standing, table, vendor
from tests.decisions.test_trade_flows import delivered, order_xml, sells, takes
from tests.translation.edifacts import HEAD, LINE, TOTALS, interchange, message
from tests.translation.make import TOTALS as UBL_TOTALS
from tests.translation.make import invoice_xml

pytestmark = pytest.mark.django_db


def ready() -> None:
    takes(sells(), order_xml(), delivered())


def sentences(code: str = "missing_data") -> list[str]:
    return [
        h.detail["sentence"]
        for h in Hold.objects.filter(code=code, status="open").order_by("opened_at", "id")
    ]


# --- reasons ------------------------------------------------------------------------------------------------


def test_amounts_in_another_currency_are_one_reason_with_its_places() -> None:
    ready()
    takes(invoice_xml(currency="<cbc:DocumentCurrencyCode>USD</cbc:DocumentCurrencyCode>"))
    cast.drain()
    [sentence] = sentences()
    assert sentence.endswith("each is in EUR where the document is in USD.")
    [reason] = [r for r in cast.question().reasons if r["code"] == "missing_data"]
    assert len(reason["evidence"]) == 6
    assert any("TaxInclusiveAmount" in place and "line" in place for _, place, _ in reason["evidence"])
    assert "cannot be used as stated" in cast.question().question
    words = responses.letter(responses.answer_for(cast.invoice()))
    assert "cannot be used as stated" in words
    assert "is missing" not in words


def test_a_decimal_comma_is_called_one() -> None:
    ready()
    takes(invoice_xml(totals=UBL_TOTALS.replace("119.00", "119,00")))
    cast.drain()
    [sentence] = sentences()
    assert "'119,00'" in sentence
    assert sentence.endswith("it has a comma where the decimal point belongs.")


def test_a_negative_credit_note_is_asked_about_in_the_words_of_the_reader() -> None:
    ready()
    takes(invoice_xml())
    cast.drain()
    totals = UBL_TOTALS.replace(">1", ">-1")
    note = invoice_xml(
        kind="CreditNote",
        number="<cbc:ID>CN-1</cbc:ID>",
        totals=totals,
        lines="",
        head="<cbc:IssueDate>2026-03-02</cbc:IssueDate><cbc:CreditNoteTypeCode>381</cbc:CreditNoteTypeCode>",
    )
    takes(note)
    cast.drain()
    assert "The total says '-119.00', negative on a credit note: a credit, or one taken back?" in sentences()
    assert standing() == ("cleared", "auto", [])


# --- numbers that a spreadsheet has shortened ---------------------------------------------------------------


def test_a_shortened_number_is_set_aside_and_the_original_alone_is_paid() -> None:
    lost = bill(invoice_number="2.02612E+11", order_line="1", item="N-1", quantity="10", unit="C62")
    ready()
    takes(table("invoices", lost))
    assert Quarantine.objects.get().code == "malformed"
    takes(invoice_xml(number="<cbc:ID>202612000123</cbc:ID>"))
    cast.drain()
    assert [i.number for i in Invoice.objects.all()] == ["202612000123"]
    assert standing("202612000123") == ("cleared", "auto", [])


def test_one_in_an_e_invoice_is_held_for_a_person() -> None:
    ready()
    takes(invoice_xml(number="<cbc:ID>2.02612E+11</cbc:ID>"))
    cast.drain()
    assert standing("2.02612E+11")[1:] == ("escalated", ["missing_data"])
    [sentence] = sentences()
    assert sentence.startswith("The number says '2.02612E+11', a number that a spreadsheet has shortened")


def test_a_vendor_with_a_shortened_account_is_not_taken_in() -> None:
    report = cast.take_in(
        table("vendors", vendor(iban="1.2E+21"), vendor(vendor_id="V-2", vat_id="DE811907980"))
    )
    assert [line.code for line in report.lines if line.result == "quarantined"] == ["malformed"]
    assert "iban in row 2 is 1.2E+21" in Quarantine.objects.get().error


# --- days ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("issued", "due"),
    [(365, 395), (20, 50), (-20, -25)],
    ids=["a year ahead", "weeks ahead", "due before issue"],
)
def test_days_that_cannot_be_meant_are_asked_about(issued: int, due: int) -> None:
    today = cast.today()
    days = {"issue_date": today + timedelta(issued), "due_date": today + timedelta(due)}
    cast.trade(bill(**days))
    assert standing()[1:] == ("escalated", ["missing_data"])
    assert Hold.objects.get(status="open").detail["evidence"]


# --- prices and units of currencies -------------------------------------------------------------------------


def test_a_gross_price_with_its_allowance_bills_the_ordered_one() -> None:
    takes(
        table("vendors", vendor(name="Nails and More")),
        table("orders", order(line="10", item="N-1", quantity="10", unit="C62")),
        table("receipts", receipt(quantity="10", unit="C62")),
    )
    parts = tuple("PRI+AAB:12.50:CA:SRP:1:C62'" if s.startswith("PRI") else s for s in LINE)
    allowed = ("ALC+A+++1+TD'", "PCD+3:20.00'", "MOA+204:25.00'")
    cast.take_in(interchange(message((*HEAD, *parts, *allowed, *TOTALS), "INVOIC:D:96A:UN:EAN008")))
    cast.drain()
    assert standing() == ("cleared", "auto", [])


@pytest.mark.parametrize(
    ("currency", "price", "quantity", "rate", "tax", "held"),
    [
        ("HUF", "1333", "3", "27", "1080", []),
        ("HUF", "1333", "3", "27", "1085", ["tax_mismatch"]),
        ("JPY", "1001", "7", "10", "700", []),
        ("KWD", "1.234", "3", "5", "0.185", []),
        ("EUR", "1333", "3", "27", "1080", ["tax_mismatch"]),
    ],
)
def test_tax_in_the_unit_of_its_currency(
    currency: str, price: str, quantity: str, rate: str, tax: str, held: list[str]
) -> None:
    net = Decimal(price) * Decimal(quantity)
    row = {"currency": currency, "quantity": quantity, "unit_price": price, "tax_rate": rate}
    amounts = {"line_net": net, "net": net, "tax": tax, "gross": net + Decimal(tax)}
    cast.trade(
        bill(**row | amounts),
        vendors=(vendor(currency=currency),),
        orders=(order(**row),),
        receipts=(receipt(quantity=quantity),),
    )
    # no reference rate: a person is asked how much it is, which is another question
    assert [c for c in standing()[2] if c != "over_threshold"] == held


def test_the_units_stand_in_the_policy() -> None:
    from coordination.facts import policies

    policy_versions.ensure_defaults()
    policy = policies.active()
    assert (policy.unit("JPY"), policy.unit("EUR"), policy.unit("KWD")) == (
        Decimal(1),
        Decimal("0.01"),
        Decimal("0.001"),
    )
