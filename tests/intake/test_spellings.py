"""The same order, receipt or invoice in another spelling: one thing, unless somebody tells the two apart."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from coordination.facts.numbered import numbered
from coordination.management.commands.walkthrough import NoSuchInvoice, invoice_numbered
from coordination.models import Invoice, InvoiceFacts, Order, OrderMessage, OrderName, Quarantine, Receipt
from coordination.selectors import statements
from coordination.services import payments
from coordination.services.intake.order_names import Names, Seller
from coordination.services.intake.receive import take_in as intake
from coordination.services.payments import paid_elsewhere
from coordination.services.retention import legal_holds
from coordination.translation.canonical import Order as Message
from coordination.translation.canonical import Party
from coordination.translation.identity import (
    digest_of_another,
    normalised_number,
    registered_number,
    same_signs,
)
from tests import cast
from tests.cast import Cast, bill, order, receipt, standing, table, take_in, trade, vendor
from tests.decisions import trades
from tests.intake.test_line_references import despatch

pytestmark = pytest.mark.django_db


def quantities() -> dict[str, str]:
    rows = Order.objects.order_by("number").values_list("number", "lines__quantity")
    return {number: f"{quantity:.0f}" for number, quantity in rows}


# --- orders -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change_first", [True, False])
def test_a_change_in_another_spelling_changes_the_order_whichever_comes_first(change_first: bool) -> None:
    files = [("orders.csv", table("orders", order())), trades.changed("po 1", "10", 60, 1)]
    for file in reversed(files) if change_first else files:
        intake([file], actor="system:intake", source="test")
    assert list(quantities().values()) == ["60"]
    trade(bill(), orders=(order(order_number="PO-9"),))
    assert standing()[1:] == ("escalated", ["qty_over_ordered"])
    cast.assert_sound()


def test_an_order_keeps_the_number_that_it_came_under_first() -> None:
    for number in ("PO-1", "po 1", "PO1"):
        take_in(table("orders", order(order_number=number, quantity=str(len(number)))))
    assert quantities() == {"PO-1": "3"}
    assert Order.objects.get().revision == 3
    assert {m.order_number for m in OrderMessage.objects.all()} == {"PO-1"}


def test_two_orders_that_one_file_names_are_two_and_each_is_changed_by_its_own_number() -> None:
    take_in(table("orders", order(order_number="PO-1"), order(order_number="PO1", quantity="7")))
    take_in(table("orders", order(order_number="PO1", quantity="8")))
    take_in(table("orders", order(order_number="po1", quantity="9")))  # differs in case alone
    assert quantities() == {"PO-1": "100", "PO1": "9"}


def test_a_file_that_names_both_adds_the_one_that_is_not_here() -> None:
    take_in(table("orders", order(order_number="PO-1")))
    take_in(
        table("orders", order(order_number="PO1", quantity="7"), order(order_number="PO-1", quantity="8"))
    )
    assert quantities() == {"PO-1": "8", "PO1": "7"}


def test_what_differs_in_case_alone_is_one_order_even_in_one_file() -> None:
    take_in(
        table("orders", order(order_number="PO-1", quantity="7"), order(order_number="po-1", quantity="8"))
    )
    assert quantities() == {"PO-1": "8"}


def test_a_message_that_may_be_about_either_is_set_aside_and_read_when_it_names_one() -> None:
    take_in(table("orders", order(order_number="PO-1"), order(order_number="PO1")))
    report = take_in(table("orders", order(order_number="PO 1", quantity="7")))
    [told] = report.as_json()["quarantined"]
    assert "PO 1 may be PO-1 or PO1" in told["error"]
    assert Quarantine.objects.get().code == "mismatch"
    assert quantities() == {"PO-1": "100", "PO1": "100"}
    cast.assert_sound()


def test_an_order_with_another_vendor_is_another_order() -> None:
    take_in(table("vendors", vendor(), vendor(vendor_id="V-2", name="Other", vat_id="")))
    take_in(table("orders", order()))
    take_in(table("orders", order(order_number="po 1", vendor_id="V-2", quantity="7")))
    assert quantities() == {"PO-1": "100", "po 1": "7"}


def test_sellers_whom_nobody_knows_yet_are_told_apart_by_what_they_are_called() -> None:
    take_in(table("orders", order()))
    take_in(table("orders", order(order_number="po 1", vendor_id="V-77", quantity="7")))
    take_in(table("orders", order(order_number="PO/1", quantity="8")))
    assert quantities() == {"PO-1": "8", "po 1": "7"}


def test_a_number_of_signs_alone_is_compared_to_the_letter() -> None:
    names = Names({"--": []}, lambda m: Seller(None, frozenset()))
    assert names.of(Message(number="//"), ()) == ["//"]
    assert names.of(Message(number="--"), ()) == ["--"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("PO-1", "po-1", True),
        ("PO-1", "ＰＯ－１", True),
        ("PO-1", " PO-1", True),
        ("PO 1", "PO\u00a01", True),
        ("PO-ß", "po-SS", True),
        ("PO-1", "PO 1", False),
        ("PO-1", "PO1", False),
        ("PO-1", "PO-2", False),
    ],
)
def test_signs_are_the_same_whatever_the_case_and_the_width(one: str, other: str, same: bool) -> None:
    assert same_signs(one, other) == same


# --- receipts and despatches --------------------------------------------------------------------------------


def test_a_receipt_in_another_spelling_and_of_another_order_is_another_receipt() -> None:
    """GR-1-1 of one order is not GR-11 of another."""
    take_in(table("receipts", receipt(receipt_number="GR-1-1")))
    trade(
        bill(),
        orders=(order(), order(order_number="PO-2")),
        receipts=(receipt(receipt_number="GR-11", order_number="PO-2"),),
    )
    assert standing() == ("cleared", "auto", [])


def test_a_receipt_corrected_in_another_spelling_asks_its_invoice_again() -> None:
    trade(bill())
    assert standing() == ("cleared", "auto", [])
    take_in(table("receipts", receipt(receipt_number="gr/1", quantity="40", accepted="40")))
    cast.drain()
    assert standing()[2] == ["qty_over_received"]


def test_a_despatch_sent_again_in_another_spelling_leads_where_the_newer_one_says() -> None:
    for number, line in (("DA-1", "10"), ("da 1", "20")):
        intake([(f"{number}.xml", despatch(number, "PO-1", line))], actor="system:intake", source="test")
    assert set(Receipt.objects.values_list("number_key", flat=True)) == {"DA1"}


# --- finding an invoice -------------------------------------------------------------------------------------


def test_a_person_means_what_is_written_to_the_letter_before_another_spelling() -> None:
    trade(bill(invoice_number="RE-1"), bill(invoice_number="RE1", quantity="1"))
    rows = Invoice.objects.all()
    assert [[i.number for i in numbered(rows, n)] for n in ("RE-1", "RE1")] == [["RE-1"], ["RE1"]]
    assert {i.number for i in numbered(rows, "re 1")} == {"RE-1", "RE1"}
    assert numbered(rows, "--") == []
    with pytest.raises(legal_holds.NotOne):
        legal_holds.find("re 1")
    with pytest.raises(NoSuchInvoice):
        invoice_numbered("re 1", None)


@pytest.mark.parametrize("typed", ["re ä7", "RE-A\u03087", "ＲＥ-Ä７"])
def test_commands_find_an_invoice_in_any_spelling(typed: str) -> None:
    trade(bill(invoice_number="RE-Ä7"))
    found = Invoice.objects.get()
    assert invoice_numbered(typed, "V-1") == found
    assert paid_elsewhere.find_invoice(typed, "V-1") == found.id
    assert legal_holds.find(f"V-1/{typed}") == legal_holds.find(typed) == found.subject


def test_a_payment_of_a_run_is_named_in_any_spelling(people: Cast) -> None:
    trade(bill(invoice_number="RE-Ä7"))
    [batch] = payments.propose(f"human:{people.carol.pk}").batches
    assert payments.changes.in_run(batch.number, "re ä 7") == batch.payments.get().id


def test_a_vendor_is_held_before_an_invoice_that_is_only_spelt_like_it() -> None:
    trade(bill(invoice_number="V1"))
    assert legal_holds.find("V-1").startswith("vendor/")
    assert legal_holds.find("V1") == cast.invoice("V1").subject


def test_the_list_of_statements_finds_one_in_any_spelling() -> None:
    row = {
        "statement_number": "ST-Ä1",
        "vendor_id": "V-1",
        "date": "2026-09-30",
        "currency": "EUR",
        "reference": "INV-1",
        "amount": "10.00",
    }
    take_in(table("vendors", vendor()), table("statements", row))
    for text in ("st-ä1", "ST A\u03081", "ＳＴ"):
        assert [s.number for s in statements.page(statements.Filters(text=text))] == ["ST-Ä1"]
    assert not list(statements.page(statements.Filters(text="ST-2")))


# --- what was here before -----------------------------------------------------------------------------------

OLD = {
    "coordination_invoicefacts": (
        "number_key = '', number_written = '', order_keys = ARRAY['PO٣'], preceding_keys = ARRAY['REẞ']"
    ),
    "coordination_ordermessage": "order_key = ''",
    "coordination_receipt": "number_key = 'GR٣'",
    "coordination_receiptline": "order_key = 'PO٣'",
}


def test_keys_of_older_rows_are_written_anew_and_no_history_is_touched() -> None:
    trade(
        bill(invoice_number="RE-٣", order_number="PO-٣", preceding_invoice="RE-ẞ"),
        orders=(order(order_number="PO-٣"),),
        receipts=(receipt(receipt_number="GR-٣", order_number="PO-٣"),),
    )
    before = list(Invoice.history.values_list("history_id", "number_key"))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE coordination_invoicefacts DISABLE TRIGGER audit_renew")  # it is younger
        for name, stale in OLD.items():
            cursor.execute(f"ALTER TABLE {name} DISABLE TRIGGER audit_append_only")
            cursor.execute(f"UPDATE {name} SET {stale}")
            cursor.execute(f"ALTER TABLE {name} ENABLE ALWAYS TRIGGER audit_append_only")
        cursor.execute("UPDATE coordination_ordername SET number_key = 'PO٣'")
    with connection.schema_editor() as editor:
        import_module("coordination.migrations.0028_one_normal_form").fill(apps, editor)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE coordination_invoicefacts ENABLE ALWAYS TRIGGER audit_renew")
    facts, message = InvoiceFacts.objects.get(), OrderMessage.objects.get()
    assert (facts.number_key, facts.number_written) == ("RE3", "RE-3")
    assert (facts.order_keys, facts.preceding_keys) == (["PO3"], ["RESS"])
    assert (message.order_key, OrderName.objects.get().number_key) == ("PO3", "PO3")
    assert Receipt.objects.values_list("number_key", "lines__order_key").get() == ("GR3", "PO3")
    assert list(Invoice.history.values_list("history_id", "number_key")) == before
    assert {key for _, key in before} == {""}
    cast.assert_sound()


def test_what_digests_and_vendors_are_bound_to_stays_as_it_was() -> None:
    text = "İSTANBUL ẞ ٣"
    assert registered_number(text) == "İSTANBULẞ٣"
    assert normalised_number(text) == "ISTANBULSS3"
    assert (
        digest_of_another("0" * 64, Party(name=text))
        == "daf6ff9be892a35d8634217a19d7fccfc63f74fd2457f21d9b8bdc682b7fa129"
    )
