"""Whatever comes late asks everybody whom it concerns: the end is the one as if it had been there from the
start."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from uuid import UUID

import pytest

from coordination.decisions import lease
from coordination.facts import related_invoices
from coordination.models import Hold
from tests import cast
from tests.cast import bill, order, receipt, standing, table, take_in, vendor
from tests.decisions.test_trade_flows import delivered, order_xml, sells, takes
from tests.translation.make import invoice_xml

pytestmark = pytest.mark.django_db


def one_by_one(*files: bytes) -> None:
    for file in files:
        take_in(file)
        cast.drain()


def test_a_receipt_that_moves_to_another_order_takes_its_goods_away_from_the_first() -> None:
    cast.trade(orders=(order(), order(order_number="PO-2")))
    assert standing() == ("cleared", "auto", [])
    one_by_one(table("receipts", receipt(order_number="PO-2")))
    assert standing()[1:] == ("escalated", ["no_receipt"])


def test_a_unit_factor_that_is_corrected_asks_about_what_was_cleared_by_it() -> None:
    factor = {"vendor_id": "V-1", "item": "A-1", "unit": "BX", "per": "EA"}
    take_in(table("vendors", vendor()), table("orders", order()), table("receipts", receipt()))
    take_in(table("conversions", factor | {"factor": "20"}))
    one_by_one(table("invoices", bill(quantity="5", unit="BX", unit_price="200.00")))
    assert standing() == ("cleared", "auto", [])
    one_by_one(table("conversions", factor | {"factor": "10"}))
    assert standing()[0] != "cleared"


def test_a_better_rate_asks_about_what_was_counted_by_the_other() -> None:
    cast.trade(
        bill(
            currency="SEK",
            quantity="100",
            unit_price="980.00",
            issue_date="2026-11-20",
            due_date="2026-12-20",
        ),
        orders=(order(currency="SEK", unit_price="980.00"),),
    )
    assert "over_threshold" in standing()[2]
    before = Hold.objects.get(code="over_threshold").detail["found"]
    one_by_one(table("rates", {"date": "2026-11-01", "currency": "SEK", "rate_per_eur": "11.60"}))
    assert Hold.objects.get(code="over_threshold", status="open").detail["found"] != before


def test_an_order_that_comes_late_is_shown_to_whom_it_would_fit() -> None:
    lost = bill(order_number="", order_line="", invoice_number="L-1")
    one_by_one(table("vendors", vendor()), table("invoices", lost), table("receipts", receipt()))
    assert standing("L-1")[2] == ["no_po"]
    one_by_one(table("orders", order()))
    assert "PO-1 would fit" in Hold.objects.get(code="no_po", status="open").detail["sentence"]


@pytest.mark.parametrize("kind", ["Receipt", "Despatch"])
@pytest.mark.parametrize("sequence", [*permutations(["vendor", "order", "receipt", "invoice"])], ids="-".join)
def test_an_invoice_led_to_its_order_by_a_delivery_is_found_whatever_comes_last(
    sequence: tuple[str, ...], kind: str
) -> None:
    reference = f"<cac:{kind}DocumentReference><cbc:ID>GR-1</cbc:ID></cac:{kind}DocumentReference>"
    files = {
        "vendor": sells(),
        "order": order_xml(),
        "receipt": delivered(),
        "invoice": invoice_xml(references=reference),
    }
    for name in sequence:
        takes(files[name])
        cast.drain()
    assert standing() == ("cleared", "auto", [])


def test_two_alike_invoices_are_told_apart_when_the_vendor_of_one_comes_late() -> None:
    """RE-1001 names its seller by VAT id only; its vendor comes after RE-1010 of the same sum was cleared."""
    first = bill(invoice_number="RE-1001", vendor_id="V-9", issue_date="2026-09-05", iban="")
    second = bill(invoice_number="RE-1010", issue_date="2026-09-07")
    take_in(
        table("vendors", vendor()),
        table("orders", order(quantity="200")),
        table("receipts", receipt(quantity="200")),
    )
    one_by_one(table("invoices", second))
    assert standing("RE-1010") == ("cleared", "auto", [])
    one_by_one(table("invoices", first))
    from coordination.decisions import changes
    from coordination.models import Vendor

    known = Vendor.objects.get()

    def found(row: object, _: object) -> bool:
        row.vendor_id = known.pk  # type: ignore[attr-defined]
        return True

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(changes.vendor_directory, "resolve_invoice", found)
        one_by_one(table("vendors", vendor(vendor_id="V-8", name="Nowak", vat_id="PL5260001246", iban="")))
    assert standing("RE-1010")[1:] == ("escalated", ["duplicate_suspect"])


def test_ties_of_day_and_number_are_broken_alike_wherever_they_matter() -> None:
    a = related_invoices.Bill("o1", UUID(int=1), "invoice", "cleared", None, "N-1", "bbbb")
    b = related_invoices.Bill("o1", UUID(int=2), "invoice", "cleared", None, "N-1", "aaaa")
    assert related_invoices.concerned([b], [a]) == {b.id: [a.id]}
    assert related_invoices.concerned([a], [b]) == {}


def test_a_fact_that_comes_while_an_agent_outside_thinks_is_not_swallowed() -> None:
    from coordination.agents import REGISTRY

    take_in(table("vendors", vendor()), table("orders", order()), table("receipts", receipt()))
    take_in(table("invoices", bill()))
    taken = lease.take("finance.validation", by="tests", seconds=60)
    assert taken is not None
    proposal = REGISTRY["finance.validation"].propose(taken.snapshot)
    one_by_one(table("vendors", vendor(status="blocked")))
    with pytest.raises(lease.VersionMoved):
        lease.submit(taken, proposal)
    cast.drain()
    assert standing()[1:] == ("escalated", ["supplier_blocked"])


def test_an_amount_over_the_limit_stays_over_it_while_another_hold_waits() -> None:
    """Goods that went to another order may still come; what is said of the limit is as it was."""
    today = cast.today()
    dates = {"issue_date": str(today), "due_date": str(today + timedelta(30))}
    orders = (order(unit_price="300.00"), order(order_number="PO-2"))
    cast.trade(bill(unit_price="300.00", **dates), orders=orders)
    [asked] = Hold.objects.filter(code="over_threshold")
    one_by_one(table("receipts", receipt(order_number="PO-2")))
    assert Hold.objects.get(code="no_receipt").status == "waiting"
    [stands] = Hold.objects.live().filter(code="over_threshold")
    assert (stands.pk, stands.detail["sentence"]) == (asked.pk, asked.detail["sentence"])
    assert "over no limit" not in stands.detail["sentence"]
