"""What an invoice is judged by beyond its own order: how it leads to one, units, habits, prepayments,
acquaintance."""

from __future__ import annotations

from typing import Any

import pytest

from audit.models import Entry
from coordination.models import Decision, Hold, Invoice, UnitConversion
from coordination.services import payments
from tests import cast
from tests.cast import Cast, bill, order, receipt, standing, table, take_in, vendor

pytestmark = pytest.mark.django_db


def sentences(number: str = "INV-1") -> list[str]:
    return [h.detail["sentence"] for h in Hold.objects.filter(invoice__number=number).order_by("opened_at")]


# --- leading to an order ---------------------------------------------------------------------------


def test_an_invoice_without_an_order_is_held_and_shown_the_order_that_would_fit() -> None:
    cast.trade(bill(order_number="", order_line=""))
    assert standing()[1:] == ("escalated", ["no_po"])
    assert sentences() == ["The invoice names no order. Order PO-1 would fit every line."]
    cast.assert_sound()


def test_two_orders_that_would_fit_are_both_named_and_neither_is_taken() -> None:
    cast.trade(bill(order_number="", order_line=""), orders=(order(), order(order_number="PO-2")))
    assert sentences() == ["The invoice names no order. Orders PO-1, PO-2 would each fit every line."]


def test_an_order_at_another_price_is_not_offered() -> None:
    cast.trade(bill(order_number="", order_line="", quantity="10", unit_price="11.00"))
    assert sentences() == ["The invoice names no order."]


# --- units -----------------------------------------------------------------------------------------

BOXES = {"quantity": "10", "unit": "BX", "unit_price": "100.00"}


def factor(**changes: object) -> bytes:
    row: dict[str, Any] = {"vendor_id": "V-1", "item": "A-1", "unit": "BX", "per": "EA", "factor": "10"}
    return table("conversions", row | changes)


def test_a_unit_without_a_declared_factor_is_held_and_released_by_its_declaration() -> None:
    cast.trade(bill(**BOXES))
    assert standing()[1:] == ("escalated", ["uom_mismatch"])
    take_in(factor())
    cast.drain()
    assert standing() == ("cleared", "auto", [])
    assert Hold.objects.get().release == "matched"
    cast.assert_sound()


def test_a_converted_quantity_is_judged_like_any_other() -> None:
    take_in(table("vendors", vendor()))
    take_in(factor())
    cast.trade(bill(**BOXES | {"quantity": "11"}))
    assert standing()[2] == ["qty_over_ordered", "qty_over_received"]
    assert "110" in sentences()[0]


def test_a_converted_price_is_judged_like_any_other() -> None:
    take_in(table("vendors", vendor()))
    take_in(factor())
    cast.trade(bill(**BOXES | {"unit_price": "103.00"}))
    assert standing()[2] == ["price_over"]


@pytest.mark.parametrize("changes", [{"item": "A-2"}, {"vendor_id": "V-2"}, {"unit": "CT"}])
def test_a_factor_for_something_else_does_not_apply(changes: dict[str, str]) -> None:
    take_in(table("vendors", vendor(), vendor(vendor_id="V-2", vat_id="", iban="")))
    take_in(factor(**changes))
    cast.trade(bill(**BOXES))
    assert standing()[2] == ["uom_mismatch"]


def test_the_newest_declaration_counts() -> None:
    take_in(table("vendors", vendor()))
    take_in(factor(factor="12"))
    take_in(factor(factor="10"))
    cast.trade(bill(**BOXES))
    assert UnitConversion.objects.count() == 2
    assert standing() == ("cleared", "auto", [])


@pytest.mark.parametrize("wrong", ["0", "-1", "", "ten", "NaN"])
def test_a_factor_that_is_none_is_set_aside(wrong: str) -> None:
    report = take_in(factor(vendor_id="", factor=wrong))
    assert [line.result for line in report.lines] == ["quarantined"]
    assert not UnitConversion.objects.exists()


def test_a_receipt_in_another_unit_proves_nothing_until_a_factor_is_declared() -> None:
    cast.trade(bill(), receipts=(receipt(quantity="10", accepted="10", unit="BX"),))
    assert standing()[2] == ["no_receipt"]
    assert "cannot be compared with EA" in sentences()[0]
    take_in(factor())
    cast.drain()
    assert standing() == ("cleared", "auto", [])
    cast.assert_sound()


# --- lines -----------------------------------------------------------------------------------------


def test_other_goods_on_the_named_order_line_are_not_what_was_ordered() -> None:
    cast.trade(bill(item="Z-9", description="Consulting services"))
    assert standing()[2] == ["item_not_ordered"]


def test_one_line_may_bill_several_order_lines_of_the_same_goods() -> None:
    lines = (order(quantity="60"), order(line="20", quantity="40"))
    receipts = (
        receipt(quantity="60", accepted="60"),
        receipt(line="2", order_line="20", quantity="40", accepted="40"),
    )
    cast.trade(bill(order_line=""), orders=lines, receipts=receipts)
    assert standing() == ("cleared", "auto", [])
    invoice = Invoice.objects.get()
    shares = invoice.allocations.filter(matching=invoice.matching).order_by("order_line__line")
    assert [(a.order_line.line, a.quantity, a.amount) for a in shares] == [("10", 60, 600), ("20", 40, 400)]
    cast.assert_sound()


def test_what_a_vendors_item_meant_on_a_paid_invoice_is_remembered() -> None:
    orders = (
        order(),
        order(line="20", item="B-2", description="Nut"),
        order(order_number="PO-2", item="C-3", description="Washer"),
        order(order_number="PO-2", line="20"),
    )
    receipts = (receipt(), receipt(receipt_number="GR-2", order_number="PO-2", order_line="20"))
    cast.trade(bill(item="V-77", description="Bolt M8"), orders=orders, receipts=receipts)
    assert standing() == ("cleared", "auto", [])
    [batch] = payments.propose("human:900").batches
    payments.approve(batch.number, by=cast.people().carol)
    take_in(
        table(
            "invoices",
            bill(
                invoice_number="RE-2",
                item="V-77",
                description="x",
                order_number="PO-2",
                order_line="",
                issue_date="2026-09-08",
            ),
        )
    )
    cast.drain()
    assert standing("RE-2") == ("cleared", "auto", [])
    later = Invoice.objects.get(number="RE-2")
    assert later.allocations.get(matching=later.matching).found_by == "learned"


# --- acquaintance ----------------------------------------------------------------------------------


def test_an_account_that_two_vendors_share_is_recorded() -> None:
    other = vendor(vendor_id="V-2", name="Nordlicht KG", vat_id="")
    cast.trade(bill(), vendors=(vendor(), other))
    assert standing() == ("cleared", "auto", [])
    decision = Decision.objects.get(agent="finance.validation")
    body = Entry.objects.get(id=decision.entry_id).body
    assert "is also that of Nordlicht KG" in body
    assert "Nothing has been paid to" in body


def test_a_rejected_invoice_counts_no_longer_for_its_order(people: Cast) -> None:
    first = bill(quantity="60", unit_price="12.00", issue_date="2026-09-05")
    later = bill(invoice_number="INV-2", quantity="60", issue_date="2026-09-06")
    cast.trade(first, later)
    assert cast.standing("INV-2")[2] == ["qty_over_ordered", "qty_over_received"]
    cast.answer(cast.question("INV-1"), "reject", by=people.alice)
    cast.drain()
    assert cast.standing("INV-2") == ("cleared", "auto", [])


def test_a_claim_called_void_counts_no_longer_for_its_order(people: Cast) -> None:
    first = bill(quantity="60", unit_price="12.00", issue_date="2026-09-05")
    later = bill(invoice_number="INV-2", quantity="60", issue_date="2026-09-06")
    cast.trade(first, later)
    cast.answer(cast.question("INV-1"), "reject", by=people.alice, reason="duplicate")
    cast.drain()
    assert cast.standing("INV-2") == ("cleared", "auto", [])
