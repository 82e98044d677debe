"""One normal form of a number everywhere: what one side finds, the other finds too."""

from __future__ import annotations

import unicodedata
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from coordination.models import Hold, InvoiceFacts, OrderName, ReceiptLine
from coordination.translation.identity import normalised_number
from tests import cast
from tests.cast import bill, order, receipt, standing, table, take_in, trade, vendor

pytestmark = pytest.mark.django_db

SPELLINGS = ["FÄ-12", "fä 12", "FA\u0308/12", "ＦÄ１２"]
"""One number: with signs, in small letters, taken apart, in full width."""


@pytest.mark.parametrize("written", SPELLINGS)
def test_a_credit_note_finds_its_invoice_however_it_writes_the_number(written: str) -> None:
    credit = bill(
        invoice_number="CN-1", type="credit_note", quantity="1", preceding_invoice=written, order_number=""
    )
    trade(bill(invoice_number="FÄ-12"), credit)
    assert standing("CN-1") == ("cleared", "auto", [])


@pytest.mark.parametrize("written", SPELLINGS)
def test_a_credit_note_that_was_first_finds_it_later(written: str) -> None:
    credit = bill(
        invoice_number="CN-1", type="credit_note", quantity="1", preceding_invoice=written, order_number=""
    )
    trade(credit)
    assert standing("CN-1")[2][:1] == ["credit_unlinked"]
    take_in(table("invoices", bill(invoice_number="FÄ-12")))
    cast.drain()
    assert "credit_unlinked" not in standing("CN-1")[2]


def test_two_credits_of_one_invoice_are_summed_however_each_names_it() -> None:
    row = {"type": "credit_note", "order_number": ""}
    trade(
        bill(invoice_number="FÄ-12"),
        bill(invoice_number="CN-1", preceding_invoice="FÄ-12", quantity="60", **row),
        bill(invoice_number="CN-2", preceding_invoice="fä12", quantity="50", **row),
    )
    assert standing("CN-2")[2] == ["credit_over"]


@pytest.mark.parametrize("written", ["Bü-7/1", "bü 7 1", "BÜ71", "ＢÜ-７-１"])
def test_orders_and_receipts_are_found_however_they_are_written(written: str) -> None:
    trade(
        bill(order_number=written),
        orders=(order(order_number="BÜ-7-1"),),
        receipts=(receipt(order_number="bü.7.1"),),
    )
    assert standing() == ("cleared", "auto", [])


@pytest.mark.parametrize("late", ["orders", "receipts"])
def test_what_comes_later_under_another_spelling_asks_the_invoice_again(late: str) -> None:
    files = {
        "vendors": table("vendors", vendor()),
        "orders": table("orders", order(order_number="BÜ-7")),
        "receipts": table("receipts", receipt(order_number="bü 7")),
        "invoices": table("invoices", bill(order_number="Bü/7", issue_date=cast.days_ago(1))),
    }
    take_in(*(content for name, content in files.items() if name != late))
    cast.drain()
    assert standing()[1] in {"escalated", "waiting"}
    take_in(files[late])
    cast.drain()
    assert standing() == ("cleared", "auto", [])


def test_of_two_orders_that_differ_in_signs_the_one_named_to_the_letter_is_meant() -> None:
    rows = (order(order_number="PO-1"), order(order_number="PO1", unit_price="5.00"))
    trade(bill(order_number="PO1", unit_price="5.00"), orders=rows, receipts=(receipt(order_number="PO1"),))
    assert standing() == ("cleared", "auto", [])


@pytest.mark.parametrize(
    "filler", ["#MULTI#", "diverse", "siehe Anlage", "see attachment", "0000", "-", "per E-Mail"]
)
def test_a_filler_instead_of_an_order_number_is_no_order(filler: str) -> None:
    trade(bill(order_number=filler))
    assert standing()[1:] == ("escalated", ["no_po"])
    assert filler in Hold.objects.get().detail["sentence"]


def test_an_account_in_letters_of_another_width_or_script_is_compared() -> None:
    trade(bill(iban="".join(chr(ord(c) + 0xFEE0) for c in cast.OTHER_IBAN)))
    assert standing()[2] == ["bank_mismatch"]


def test_keys_are_written_for_what_was_taken_in_before() -> None:
    trade(
        bill(order_number="FÄ-1", preceding_invoice="ab-1"),
        orders=(order(order_number="fä 1"),),
        receipts=(receipt(order_number="Fä1"),),
    )
    with connection.cursor() as cursor:
        for table_name, changes in (
            ("coordination_invoicefacts", "order_keys = '{}', preceding_keys = '{}'"),
            ("coordination_receiptline", "order_key = ''"),
        ):
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE coordination_invoicefacts DISABLE TRIGGER audit_renew")
            cursor.execute(f"ALTER TABLE {table_name} DISABLE TRIGGER audit_append_only")
            cursor.execute(f"UPDATE {table_name} SET {changes}")
            cursor.execute(f"ALTER TABLE {table_name} ENABLE ALWAYS TRIGGER audit_append_only")
        cursor.execute("DELETE FROM coordination_ordername")
    with connection.schema_editor() as editor:
        import_module("coordination.migrations.0017_number_keys").fill(apps, editor)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE coordination_invoicefacts ENABLE ALWAYS TRIGGER audit_renew")
    facts = InvoiceFacts.objects.get()
    assert (facts.order_keys, facts.preceding_keys) == (["FÄ1"], ["AB1"])
    assert (OrderName.objects.get().number_key, ReceiptLine.objects.get().order_key) == ("FÄ1", "FÄ1")
    cast.assert_sound()


@pytest.mark.parametrize("text", ["FÄ-12", "straße 1", "№ ５", "Å-1", "İ-9", "發票１２"])
def test_the_normal_form_is_its_own_normal_form(text: str) -> None:
    once = normalised_number(text)
    assert once == normalised_number(once) == normalised_number(unicodedata.normalize("NFD", text))
