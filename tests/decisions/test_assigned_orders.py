"""An order, or a line of one, that a person assigns: candidates with their fit, what agents make of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from audit import trail
from coordination.decisions import supplying
from coordination.decisions.replay import reperform
from coordination.facts import documents
from coordination.models import Allocation, InvoiceFacts, Order, SuppliedFact
from reviews.models import Escalation
from reviews.remedies import TermsRefused
from reviews.services import resolve
from tests import cast
from tests.cast import Cast, bill, order, receipt, standing, table, take_in, vendor

pytestmark = pytest.mark.django_db


def assign(
    by: User, value: str, number: str = "INV-1", remedy: str = "assign_order", field: str = ""
) -> Escalation:
    name = field or fields(number, remedy)[0]["name"]
    return resolve(
        cast.question(number).id,
        "edit",
        by=by,
        reason="ordered_with_it",
        comment="Ulla ordered it.",
        remedy=remedy,
        terms={name: value},
    )


def fields(number: str = "INV-1", remedy: str = "assign_order") -> list[dict[str, Any]]:
    [found] = [r for r in cast.question(number).case["remedies"] if r["name"] == remedy]
    listed: list[dict[str, Any]] = found["fields"]
    return listed


UNNAMED = {"order_number": "", "order_line": ""}
ANOTHER = order(order_number="PO-2", quantity="50", unit_price="12.00", item="B-1", description="Nut M8")


@pytest.mark.parametrize(
    ("changes", "orders", "code", "was"),
    [
        (UNNAMED, (order(), ANOTHER), "no_po", ""),
        ({"order_number": "PO-7"}, (order(), ANOTHER), "po_unknown", "PO-7"),
        (
            {"order_number": "PO-3"},
            (order(), ANOTHER, order(order_number="PO-3", vendor_id="V-2")),
            "supplier_mismatch",
            "PO-3",
        ),
    ],
)
def test_the_order_is_chosen_among_candidates_and_the_agents_match_again(
    people: Cast, changes: dict[str, str], orders: tuple[Any, ...], code: str, was: str
) -> None:
    other = vendor(vendor_id="V-2", name="Other GmbH", vat_id="DE811569869", iban=cast.OTHER_IBAN)
    cast.trade(bill(**changes), vendors=(vendor(), other), orders=orders)
    assert code in standing()[2]
    [field] = fields()
    assert (field["was"] if was else field.get("was", "")) == was
    first, second = field["choices"]
    assert (first["value"], second["value"]) == ("PO-1", "PO-2")
    assert dict(first["fit"]) == {
        "Vendor": "Hartmann GmbH",
        "Date": "1 Sep 2026",
        "Net EUR": "1,000.00",
        "Still open": "1,000.00",
        "Difference": "0.00",
        "Lines": "fits every line",
    }
    assert dict(second["fit"])["Difference"] == "+400.00"
    assign(people.alice, "PO-1")
    cast.drain()
    assert standing() == ("cleared", "auto", [])
    assert cast.invoice().order_numbers == ["PO-1"]
    assert InvoiceFacts.objects.get().order_keys == ["PO1"]
    assert reperform().different == []
    cast.assert_sound()


def test_a_closed_order_is_changed_for_an_open_one(people: Cast) -> None:
    two = (order(), order(order_number="PO-2"))
    take_in(table("vendors", vendor()), table("orders", *two), table("receipts", receipt()))
    closed = Order.objects.get(number="PO-2")
    closed.status = Order.Status.CLOSED
    trail.update([closed], ("status",), trail.Stamp("system:test", cast.moment(), "closed"))
    take_in(table("invoices", bill(order_number="PO-2")))
    cast.drain()
    assert "po_closed" in standing()[2]
    assert [c["value"] for c in fields()[0]["choices"]] == ["PO-1"]
    with pytest.raises(TermsRefused, match="that is the one the document names"):
        assign(people.alice, "PO-2")
    assign(people.alice, "PO-1")
    cast.drain()
    assert standing() == ("cleared", "auto", [])


def test_what_another_invoice_bills_of_an_order_is_not_open_any_more(people: Cast) -> None:
    cast.trade(
        bill(quantity="60"),
        bill(invoice_number="INV-2", issue_date="2026-09-10", quantity="40", **UNNAMED),
        receipts=(receipt(),),
    )
    [first] = fields("INV-2")[0]["choices"]
    assert dict(first["fit"])["Still open"] == "400.00"
    assign(people.alice, "PO-1", "INV-2")
    cast.drain()
    assert standing("INV-2") == ("cleared", "auto", [])
    cast.assert_sound()


def test_a_number_may_be_typed_as_it_is_spoken(people: Cast) -> None:
    cast.trade(bill(**UNNAMED))
    assign(people.alice, "po 1", field="order_numbers/1:typed")
    assert SuppliedFact.objects.get().value == "PO-1"


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("PO-99", "Order: PO-99 is no order of ours"),
        ("PO-7", "Order: PO-7 is no order of ours"),
        ("PO-3", "Order: PO-3 was given to Other GmbH"),
        ("PO-4", "Order: PO-4 is in SEK, the document in EUR"),
    ],
)
def test_an_order_that_the_agents_would_only_hold_again_is_refused(
    people: Cast, value: str, why: str
) -> None:
    other = vendor(vendor_id="V-2", name="Other GmbH", vat_id="DE811569869", iban=cast.OTHER_IBAN)
    cast.trade(
        bill(order_number="PO-7"),
        vendors=(vendor(), other),
        orders=(
            order(),
            order(order_number="PO-3", vendor_id="V-2"),
            order(order_number="PO-4", currency="SEK"),
        ),
    )
    with pytest.raises(TermsRefused, match=why):
        assign(people.alice, value)
    assert SuppliedFact.objects.count() == 0


def test_others_of_the_order_hear_of_the_one_that_was_assigned_to_it(people: Cast) -> None:
    cast.trade(
        bill(issue_date="2026-09-06", quantity="60"),
        bill(invoice_number="INV-2", issue_date="2026-09-05", quantity="40", **UNNAMED),
    )
    assert standing("INV-1") == ("cleared", "auto", [])
    assert standing("INV-1") == ("cleared", "auto", [])
    take_in(table("orders", order(quantity="60")))
    cast.drain()
    assert standing("INV-1") == ("cleared", "auto", [])
    assign(people.alice, "PO-1", "INV-2")  # which by its day stands before the other
    cast.drain()
    assert standing("INV-2") == ("cleared", "auto", [])
    assert standing("INV-1")[1:] == ("escalated", ["qty_over_ordered"])
    cast.assert_sound()


def test_a_line_that_fits_none_is_assigned_to_a_line_of_its_order(people: Cast) -> None:
    washers = order(line="20", item="C-1", description="Washer", unit_price="1.00")
    cast.trade(bill(item="Z-9", description="Screw, metric", order_line=""), orders=(order(), washers))
    assert standing()[2] == ["item_not_ordered"]
    [field] = fields(remedy="assign_line")
    assert [c["value"] for c in field["choices"]] == ["10", "20"]
    assert dict(field["choices"][0]["fit"])["Difference"] == "0.00"
    with pytest.raises(TermsRefused, match="choose one of 10, 20"):
        assign(people.alice, "30", remedy="assign_line")
    assign(people.alice, "10", remedy="assign_line")
    cast.drain()
    assert standing() == ("cleared", "auto", [])
    assert Allocation.objects.get(matching=cast.invoice().matching).order_line.line == "10"
    supplied = {f.field: (f.was, f.value) for f in SuppliedFact.objects.all()}
    assert supplied == {"lines/1/order_line": ("", "10"), "lines/1/item": ("Z-9", "A-1")}
    assert documents.contents([cast.invoice().id])[cast.invoice().id].invoice.lines[0].order_line == "10"
    assert reperform().different == []
    cast.assert_sound()


def test_an_order_that_was_assigned_is_changed_for_another_one(people: Cast) -> None:
    cast.trade(bill(order_number="PO-7"), orders=(order(), ANOTHER))
    row = cast.invoice()
    for value, was in (("PO-2", "PO-7"), ("PO-1", "PO-2")):
        source = supplying.Source(f"human:{people.carol.pk}", cast.moment(), question=cast.question().id)
        row.refresh_from_db()
        supplying.supply(row, [supplying.SuppliedValue("order_numbers/1", value, was)], source)
        documents.clear_cache()
        content = documents.contents([row.id])[row.id]
        assert content.order_numbers == [value]
        assert {line.order_number for line in content.invoice.lines} == {value}
        cast.drain()
    assert [f.was for f in SuppliedFact.objects.order_by("number")] == ["PO-7", "PO-7"]
    assert standing() == ("cleared", "auto", [])
    assert InvoiceFacts.objects.get().order_keys == ["PO1"]
    assert reperform().different == []
