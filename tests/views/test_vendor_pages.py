"""The pages of a vendor, an order and a receipt: what they say, to whom, and that they give no known-answer
case away."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from coordination.domain.oversight import Defect
from coordination.models import Order, Receipt
from coordination.selectors import orders
from reviews.models import Escalation
from tests import cast
from tests.cast import IBAN, OTHER_IBAN, Cast, bill, credit_of, order, receipt, table, take_in, vendor
from tests.oversight.trade import planted
from tests.oversight.trade import trade as oversight_trade

from .conftest import HTMX, client, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(people: Cast) -> Client:
    return client(people.alice)


def text(browser: Client, name: str, *args: object, **query: str) -> str:
    return read(browser.get(reverse(f"coordination:{name}", args=args), query))


def row(page: str, *parts: str) -> str:
    """The one row of a table that has these words in it."""
    [found] = [r for r in re.findall(r"<tr.*?</tr>", page) if all(part in r for part in parts)]
    return str(found)


def receipt_of(number: str = "GR-1") -> Receipt:
    return Receipt.objects.filter(number=number).latest("recorded_at")


# --- vendors ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", ["V-1", "hartmann", "DE136695976", "de 136 695 976", "1366"])
def test_a_vendor_is_found_by_number_name_and_vat_id(alice: Client, asked: str) -> None:
    take_in(table("vendors", vendor(), vendor(vendor_id="X-2", name="Roth AG", vat_id="", iban=OTHER_IBAN)))
    page = text(alice, "vendors", q=asked)
    assert '<a class="row" href="/vendors/V-1/">Hartmann GmbH</a>' in page
    assert "Roth AG" not in page


def test_a_list_that_finds_nobody_says_so(alice: Client) -> None:
    assert "No vendor is known." in text(alice, "vendors")
    take_in(table("vendors", vendor()))
    assert "No vendor matches." in text(alice, "vendors", q="nobody")
    assert "1–1 of 1" in text(alice, "vendors")


def test_a_vendor_shows_its_master_data_and_its_account_masked(alice: Client) -> None:
    cast.trade()
    page = text(alice, "vendor", "V-1")
    for said in ("Hartmann GmbH", "DE136695976", "net 30", "DE89 … 3000", "Verified", "COBADEFFXXX"):
        assert said in page
    assert IBAN not in page
    assert "Nothing is asked about this vendor." in page


def test_an_account_that_is_proposed_and_one_that_was_retired_stay_on_the_page(people: Cast) -> None:
    cast.trade()
    take_in(table("vendors", vendor(iban=OTHER_IBAN)), actor=f"human:{people.carol.pk}")
    browser = client(people.alice)
    page = text(browser, "vendor", "V-1")
    assert "Proposed" in row(page, "DE75 … 6199", "COBADEFFXXX")
    asked = Escalation.objects.get(kind="vendor_bank", status="open")
    assert f'href="/inbox/{asked.pk}/' in page or reverse("reviews:case", args=[asked.pk]) in page
    cast.answer(asked, "approve", by=people.dave, reason="account_confirmed")
    page = text(browser, "vendor", "V-1")
    assert "Retired" in row(page, "DE89 … 3000", "COBADEFFXXX")
    verified = row(page, "DE75 … 6199", "COBADEFFXXX")
    assert "Verified" in verified
    assert "Dave" in verified


def test_an_invoice_that_is_asked_about_stands_among_the_questions_only(alice: Client) -> None:
    cast.trade(
        bill(unit_price="11.00"),
        bill(invoice_number="RE-2", order_number="PO-2", quantity="50"),
        orders=(order(), order(order_number="PO-2", quantity="50")),
        receipts=(receipt(), receipt(receipt_number="GR-2", order_number="PO-2", quantity="50")),
    )
    page = text(alice, "vendor", "V-1")
    assert reverse("reviews:case", args=[cast.question().pk]) in row(page, "INV-1")
    assert "595.00" in row(page, "RE-2")
    assert '<p class="value">1</p> <p class="below">wait for an answer' in page
    assert '<p class="below">1 of those decided</p>' in page
    assert '<a href="/orders/PO-2/">PO-2</a>' in page


def test_all_invoices_of_a_vendor_are_one_click_away_and_no_others_among_them(alice: Client) -> None:
    cast.trade(
        bill(),
        bill(invoice_number="V-1-X", vendor_id="V-2", order_number="PO-2", iban=OTHER_IBAN),
        vendors=(vendor(), vendor(vendor_id="V-2", name="Roth AG", vat_id="", iban=OTHER_IBAN)),
        orders=(order(), order(order_number="PO-2", vendor_id="V-2")),
    )
    assert 'href="/invoices/?vendor=V-1"' in text(alice, "vendor", "V-1")
    page = text(alice, "invoices", vendor="V-1")
    assert ">INV-1 </td>" in page or "INV-1" in page
    assert "V-1-X" not in page
    assert "of vendor V-1 only" in page


def test_a_number_with_a_slash_has_a_page(alice: Client) -> None:
    cast.trade(
        bill(vendor_id="V/1", order_number="PO/1 ä"),
        vendors=(vendor(vendor_id="V/1"),),
        orders=(order(order_number="PO/1 ä", vendor_id="V/1"),),
        receipts=(receipt(order_number="PO/1 ä"),),
    )
    [address] = set(re.findall(r'href="(/vendors/[^"]+/)"', text(alice, "vendors")))
    page = read(alice.get(address))
    [address] = set(re.findall(r'href="(/orders/[^"]+/)"', page))
    assert "Order PO/1 ä" in read(alice.get(address))


# --- orders -------------------------------------------------------------------------------------------------


def test_an_order_shows_what_was_ordered_received_accepted_and_invoiced_and_what_is_open(
    alice: Client,
) -> None:
    cast.trade(
        bill(quantity="60"),
        receipts=(
            receipt(quantity="60"),
            receipt(receipt_number="GR-2", received_date="2026-09-10", quantity="20", accepted="15"),
        ),
    )
    page = text(alice, "order", "PO-1")
    cells = [re.sub("<.*?>", "", c).strip() for c in re.findall(r"<td.*?</td>", row(page, "Bolt M8"))]
    assert cells == ["10", "Bolt M8 A-1", "100 EA", "10.00", "80", "75", "25", "60", "600.00", "40"]
    assert f'<a href="{reverse("coordination:receipt", args=[receipt_of("GR-2").pk])}">GR-2</a>' in page
    assert f'<a href="{reverse("coordination:invoice", args=[cast.invoice().pk])}">INV-1</a>' in page
    assert '<a href="/vendors/V-1/">Hartmann GmbH</a>' in page


def test_what_was_credited_stands_beside_what_was_invoiced(alice: Client) -> None:
    cast.trade(bill())
    take_in(table("invoices", credit_of("INV-1", "CN-1", "10")))
    cast.drain()
    assert "100.00 credited" in row(text(alice, "order", "PO-1"), "Bolt M8")


def test_a_unit_that_is_not_the_orders_is_not_added_up(alice: Client) -> None:
    cast.trade(receipts=(receipt(quantity="60"), receipt(receipt_number="GR-2", quantity="3", unit="BX")))
    [line] = orders.detail(found("PO-1")).lines
    assert (line.arrived.quantity, [o.quantity for o in line.others], line.to_come) == (60, [3], None)
    assert "and 3 BX" in text(alice, "order", "PO-1")


def found(number: str) -> Order:
    order_ = orders.find(number)
    assert order_ is not None
    return order_


def test_a_receipt_that_was_stated_anew_counts_once(alice: Client) -> None:
    cast.trade(receipts=(receipt(quantity="60"),))
    before = receipt_of()
    take_in(table("receipts", receipt(quantity="70")))
    [line] = orders.detail(found("PO-1")).lines
    assert line.arrived.quantity == 70
    page = text(alice, "receipt", before.pk)
    assert "A later message about this delivery counts instead" in page
    assert reverse("coordination:receipt", args=[receipt_of().pk]) in page
    assert "Replaced" in text(alice, "order", "PO-1")


def test_an_order_is_found_in_another_spelling_and_not_where_two_have_it(alice: Client) -> None:
    cast.trade()
    assert "Order PO-1" in text(alice, "order", "po 1")
    assert orders.known(["po 1", "PO-1", "PO-9", ""]) == {"po 1": "PO-1", "PO-1": "PO-1"}


# --- receipts -----------------------------------------------------------------------------------------------


def test_a_receipt_shows_its_lines_its_order_and_the_invoices_that_bill_them(alice: Client) -> None:
    cast.trade(bill(), receipts=(receipt(accepted="90"),))
    page = text(alice, "receipt", receipt_of().pk)
    assert "Goods receipt GR-1" in page
    assert '<a href="/orders/PO-1/">PO-1</a>' in row(page, "100 EA", "<b>90</b>")
    assert f'<a href="{reverse("coordination:invoice", args=[cast.invoice().pk])}">INV-1</a>' in page


def test_a_receipt_of_an_order_that_there_is_not_links_nowhere(alice: Client) -> None:
    take_in(table("receipts", receipt(order_number="PO-404")))
    page = text(alice, "receipt", receipt_of().pk)
    assert "PO-404" in page
    assert "/orders/PO-404/" not in page
    assert "No invoice is matched to these order lines." in page


# --- links, and to whom -------------------------------------------------------------------------------------


def test_the_invoice_page_and_the_list_link_to_vendor_order_and_receipt(alice: Client) -> None:
    cast.trade()
    page = text(alice, "invoice", cast.invoice().pk)
    for link in ("/vendors/V-1/", "/orders/PO-1/", reverse("coordination:receipt", args=[receipt_of().pk])):
        assert f'<a href="{link}">' in page
    assert '<a href="/orders/PO-1/">PO-1</a>' in text(alice, "invoices")


def test_who_may_not_read_the_history_sees_no_links_and_no_pages(people: Cast) -> None:
    cast.trade()
    browser = client(people.frank)
    assert "/orders/" not in text(browser, "invoices")
    for address in ("/vendors/", "/vendors/V-1/", "/orders/PO-1/", f"/receipts/{receipt_of().pk}/"):
        assert browser.get(address).status_code == 403
    for who in (people.bob, people.carol, people.erin):
        assert client(who).get("/vendors/V-1/").status_code == 200


@pytest.mark.parametrize(
    "address", ["/vendors/V-9/", "/orders/PO-9/", "/receipts/0197c0de-0000-7000-8000-000000000000/"]
)
def test_what_is_not_there_is_not_found(alice: Client, address: str) -> None:
    assert alice.get(address).status_code == 404


# --- known-answer cases -------------------------------------------------------------------------------------


def test_a_case_links_to_its_vendor_whether_its_answer_is_known_or_not(people: Cast) -> None:
    oversight_trade(8, wrong={3: "price", 4: "bank"})
    [known] = planted(Defect.PRICE)
    real = Escalation.objects.filter(kind="invoice", status="open").first()
    assert real is not None
    browser = client(people.carol)
    for asked in (known.question, real):
        page = read(browser.get(reverse("reviews:case", args=[asked.pk]), headers=HTMX))
        [vendor_id] = re.findall(r'href="/vendors/([^"]+)/"', page)
        assert vendor_id == asked.case["vendor_id"]
        assert browser.get(f"/vendors/{vendor_id}/").status_code == 200
        assert "/orders/" not in page
        assert "/receipts/" not in page


def test_the_page_of_a_vendor_shows_a_known_answer_case_as_it_shows_any_question(people: Cast) -> None:
    oversight_trade(8, wrong={3: "price", 4: "bank"})
    [known] = planted(Defect.PRICE)
    real = next(
        e
        for e in Escalation.objects.filter(kind="invoice", status="open")
        if {r["code"] for r in e.reasons} == {"price_over"}
    )
    page = text(client(people.carol), "vendor", known.question.case["vendor_id"])
    rows = [row(page, str(e.pk)) for e in (known.question, real)]
    shapes = {re.sub(r"[\d.,:]+", "0", re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "KEY", r)) for r in rows}
    assert len(shapes) == 1
    for e in (known.question, real):
        assert page.count(e.case["number"]) == rows[[known.question, real].index(e)].count(e.case["number"])
