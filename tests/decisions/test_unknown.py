"""What is unknown passes no comparison: an order of a vendor not in the list, a fact that the order leaves
out."""

from __future__ import annotations

from itertools import permutations

import pytest

from coordination.models import Hold, Order, Vendor
from coordination.services import payments
from reviews.models import Escalation
from tests import cast
from tests.cast import Cast, answer, bill, order, question, receipt, standing, table, take_in, trade, vendor

pytestmark = pytest.mark.django_db

OTHER = {"vendor_id": "V-2", "name": "Second GmbH", "vat_id": "", "iban": cast.OTHER_IBAN}
RECEIVED = table("receipts", receipt())
FILES = {
    "v1": table("vendors", vendor()),
    "orders": table("orders", order(vendor_id="V-2")),
    "invoices": table("invoices", bill()),
    "v2": table("vendors", vendor(**OTHER)),
}


@pytest.mark.parametrize("names", list(permutations(FILES)), ids="-".join)
def test_an_order_of_another_vendor_is_that_in_every_order_of_arrival(names: tuple[str, ...]) -> None:
    for name in names:
        take_in(FILES[name], *([RECEIVED] if name == "orders" else []))
        cast.drain()
        if "invoices" in names[: names.index(name) + 1]:
            assert standing()[0] != "cleared"
    assert standing()[1:] == ("escalated", ["supplier_mismatch"])


def test_an_order_keeps_the_vendor_it_names_while_nobody_knows_it() -> None:
    take_in(RECEIVED, *(FILES[n] for n in FILES if n != "v2"))
    cast.drain()
    assert standing()[1:] == ("escalated", ["supplier_mismatch"])
    assert Order.objects.get().seller["vendor_id"] == "V-2"
    assert "V-2" in Hold.objects.get().detail["sentence"]
    take_in(FILES["v2"])
    cast.drain()
    assert Order.objects.get().vendor == Vendor.objects.get(vendor_id="V-2")
    assert standing()[1:] == ("escalated", ["supplier_mismatch"])
    cast.assert_sound()


def test_what_a_person_accepted_stays_accepted_when_the_vendor_becomes_known(people: Cast) -> None:
    take_in(RECEIVED, *(FILES[n] for n in FILES if n != "v2"))
    cast.drain()
    answer(question(), "override", by=people.carol)
    cast.drain()
    assert standing()[0] == "cleared"
    take_in(FILES["v2"])
    cast.drain()
    assert standing() == ("cleared", "human", [])


def test_an_order_that_came_before_its_vendor_list_clears_once_it_is_there() -> None:
    take_in(RECEIVED, FILES["invoices"], table("orders", order()))
    cast.drain()
    assert standing()[2] == ["supplier_unknown"]
    take_in(FILES["v1"])
    cast.drain()
    assert standing() == ("cleared", "auto", [])


def test_an_order_is_found_by_a_vat_id_that_is_put_right_later(people: Cast) -> None:
    """The order's vendor names its VAT id only; the list had another, and a second person agrees to the
    change."""
    from tests.decisions.test_trade_flows import delivered, order_xml, sells, takes
    from tests.translation.make import LINE, invoice_xml

    del LINE
    takes(sells(vat_id="DE999999999"), order_xml(), delivered(), invoice_xml())
    cast.drain()
    assert standing()[0] != "cleared"
    takes(sells())
    cast.answer(Escalation.objects.get(kind="master_data", status="open"), "approve", by=people.carol)
    cast.drain()
    assert standing() == ("cleared", "auto", [])


@pytest.mark.parametrize(
    ("gap", "codes"),
    [
        ({"vendor_id": ""}, ["missing_data"]),
        ({"currency": ""}, ["missing_data"]),
        ({"unit_price": ""}, ["missing_data"]),
        ({"quantity": ""}, ["missing_data"]),
        ({"quantity": "", "unit_price": ""}, ["missing_data"]),
        ({"unit": ""}, []),
        ({"item": ""}, []),
        ({"description": ""}, []),
        ({"order_date": ""}, []),
    ],
)
def test_what_an_order_leaves_out_is_asked_about(gap: dict[str, str], codes: list[str]) -> None:
    trade(orders=(order(**gap),))
    assert standing()[2] == codes
    assert (standing()[0] == "cleared") is not codes


@pytest.mark.parametrize("gap", [{"vendor_id": ""}, {"currency": ""}, {"unit_price": ""}, {"quantity": ""}])
def test_what_was_left_out_and_comes_later_asks_the_invoice_again(gap: dict[str, str]) -> None:
    trade(orders=(order(**gap),))
    assert standing()[1] == "escalated"
    take_in(table("orders", order()))
    cast.drain()
    assert standing() == ("cleared", "auto", [])


@pytest.mark.parametrize("gap", [{"vendor_id": ""}, {"currency": ""}, {"unit_price": ""}, {"quantity": ""}])
def test_a_person_may_say_what_was_agreed(gap: dict[str, str], people: Cast) -> None:
    trade(orders=(order(**gap),))
    answer(question(), "override", by=people.carol)
    cast.drain()
    assert standing()[:2] == ("cleared", "human")


@pytest.mark.parametrize("printed", [cast.IBAN, ""])
def test_nothing_is_paid_to_a_vendor_without_a_verified_account(printed: str) -> None:
    trade(bill(iban=printed), vendors=(vendor(iban=""),))
    assert standing()[2] == (["bank_mismatch"] if printed else [])
    assert payments.propose("agent:finance.payment/1").batches == []


def test_a_list_that_says_nothing_of_the_status_unblocks_nobody() -> None:
    take_in(table("vendors", vendor(status="blocked")))
    take_in(table("vendors", vendor(status="", name="Hartmann AG")))
    assert (Vendor.objects.get().status, Vendor.objects.get().name) == ("blocked", "Hartmann AG")


def test_two_like_claims_of_which_one_has_no_date_are_suspected() -> None:
    trade(bill(), bill(invoice_number="INV-2", issue_date=""))
    assert "duplicate_suspect" in standing("INV-2")[2]


def test_an_earlier_invoice_without_a_quantity_leaves_no_room() -> None:
    row = bill(invoice_number="A-1", quantity="1", issue_date="2026-09-01")
    first = {**row, **dict.fromkeys(("quantity", "line_net", "net", "tax", "gross"), "")}
    trade(first, bill(invoice_number="B-77"))
    assert standing("A-1")[0] != "cleared"
    assert "qty_over_ordered" in standing("B-77")[2]


def test_a_credit_in_another_currency_is_not_summed() -> None:
    credit = bill(
        invoice_number="CN-1", type="credit_note", quantity="1", preceding_invoice="INV-1", currency="SEK"
    )
    trade(bill(), credit)
    assert "currency_diff" in standing("CN-1")[2]
