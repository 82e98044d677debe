"""From files to standing: the seller's own order number, twins in two syntaxes, agreed charges, our rates,
printed lines."""

from __future__ import annotations

from typing import Any

import pytest

from coordination.models import Hold, Invoice, Rate
from coordination.services.intake import take_in as intake
from tests import cast
from tests.cast import bill, order, receipt, standing, table, take_in, vendor
from tests.translation.make import LINE, TOTALS, document, invoice_xml

pytestmark = pytest.mark.django_db

LINE_OF_ORDER = """<cac:OrderLine><cac:LineItem><cbc:ID>1</cbc:ID><cbc:Quantity unitCode="C62">10</cbc:Quantity>
  <cbc:LineExtensionAmount currencyID="EUR">100.00</cbc:LineExtensionAmount>
  <cac:Price><cbc:PriceAmount currencyID="EUR">10.00</cbc:PriceAmount></cac:Price>
  <cac:Item><cbc:Name>Nails</cbc:Name><cac:SellersItemIdentification><cbc:ID>N-1</cbc:ID></cac:SellersItemIdentification>
  </cac:Item></cac:LineItem></cac:OrderLine>"""
SELLER = """<cac:SellerSupplierParty><cac:Party><cac:PartyTaxScheme><cbc:CompanyID>DE136695976</cbc:CompanyID>
  <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme></cac:Party></cac:SellerSupplierParty>"""
FREIGHT = """<cac:AllowanceCharge><cbc:ChargeIndicator>true</cbc:ChargeIndicator>
  <cbc:AllowanceChargeReasonCode>FC</cbc:AllowanceChargeReasonCode><cbc:AllowanceChargeReason>Freight</cbc:AllowanceChargeReason>
  <cbc:Amount currencyID="EUR">{amount}</cbc:Amount>{category}</cac:AllowanceCharge>"""
CATEGORY = "<cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>19</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:TaxCategory>"


def order_xml(middle: str = "") -> bytes:
    head = "<cbc:ID>PO-1</cbc:ID><cbc:IssueDate>2026-02-01</cbc:IssueDate>"
    currency = "<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>"
    return document("Order", f"{head}{currency}{SELLER}{middle}{LINE_OF_ORDER}")


def response(sales_order: str) -> bytes:
    """The seller's answer, which gives the order a number of its own."""
    head = f"<cbc:ID>OR-1</cbc:ID><cbc:SalesOrderID>{sales_order}</cbc:SalesOrderID>"
    reference = "<cac:OrderReference><cbc:ID>PO-1</cbc:ID></cac:OrderReference>"
    body = f"{head}<cbc:IssueDate>2026-02-02</cbc:IssueDate><cbc:OrderResponseCode>AP</cbc:OrderResponseCode>{reference}{SELLER}"
    return document("OrderResponse", body)


def sells(**changes: Any) -> bytes:
    return table("vendors", vendor(name="Nails and More", **changes))


def delivered(**changes: Any) -> bytes:
    row = {"order_line": "1", "quantity": "10", "unit": "C62", "received_date": "2026-02-20"}
    return table("receipts", receipt(**(row | changes)))


def takes(*files: bytes) -> list[str]:
    """Take files in by what they are; the results of their documents."""
    named = [(f"{n}.{'xml' if f.lstrip().startswith(b'<') else 'csv'}", f) for n, f in enumerate(files)]
    return [line.result for line in intake(named, actor="system:test", source="test").lines]


# --- goods on consignment -----------------------------------------------------------------------------


def on_consignment(code: str = "227") -> bytes:
    return order_xml().replace(
        b"<cbc:DocumentCurrencyCode>",
        f"<cbc:OrderTypeCode>{code}</cbc:OrderTypeCode><cbc:DocumentCurrencyCode>".encode(),
    )


def test_goods_on_consignment_are_not_billed_by_the_vendor() -> None:
    takes(sells(), on_consignment(), delivered(), invoice_xml())
    cast.drain()
    assert standing()[1:] == ("escalated", ["po_closed"])
    assert "on consignment" in Hold.objects.get().detail["sentence"]
    cast.assert_sound()


def test_our_own_invoice_for_what_was_taken_is_matched_like_any() -> None:
    takes(sells(), on_consignment(), delivered(), invoice_xml().replace(b">380<", b">389<"))
    cast.drain()
    assert standing() == ("cleared", "auto", [])


def test_an_order_that_says_it_is_an_ordinary_one_is_the_same_order() -> None:
    assert takes(sells(), order_xml(), on_consignment("220")) == ["accepted", "accepted", "duplicate"]


# --- the seller's own number of the order (BT-14) --------------------------------------------------


def billed_by_sale(number: str) -> bytes:
    line = LINE.replace("<cac:OrderLineReference><cbc:LineID>1</cbc:LineID></cac:OrderLineReference>", "")
    reference = f"<cac:OrderReference><cbc:SalesOrderID>{number}</cbc:SalesOrderID></cac:OrderReference>"
    return invoice_xml(references=reference, lines=line)


def test_an_invoice_that_names_the_sellers_order_number_leads_to_our_order() -> None:
    takes(sells(), order_xml(), response("SO-77"), delivered(), billed_by_sale("SO-77"))
    cast.drain()
    assert standing() == ("cleared", "auto", [])
    cast.assert_sound()


def test_the_answer_with_that_number_may_come_after_the_invoice() -> None:
    takes(sells(), order_xml(), delivered(), billed_by_sale("SO-77"))
    cast.drain()
    assert standing()[1:] == ("escalated", ["no_po"])
    takes(response("SO-77"))
    cast.drain()
    assert standing() == ("cleared", "auto", [])


def test_another_order_number_of_the_seller_leads_nowhere() -> None:
    takes(sells(), order_xml(), response("SO-77"), delivered(), billed_by_sale("SO-78"))
    cast.drain()
    assert standing()[2] == ["no_po"]


# --- one claim in two syntaxes ---------------------------------------------------------------------

TWIN = {
    "issue_date": "2026-03-01",
    "due_date": "",
    "order_line": "1",
    "item": "N-1",
    "description": "Nails",
    "quantity": "10",
    "unit": "C62",
    "iban": "",
}


@pytest.mark.parametrize("table_first", [True, False])
def test_a_table_and_its_twin_in_ubl_make_one_invoice(table_first: bool) -> None:
    takes(sells())
    twins = [table("invoices", bill(**TWIN)), invoice_xml()]
    first, second = twins if table_first else reversed(twins)
    assert [takes(first), takes(second)] == [["accepted"], ["duplicate"]]
    assert Invoice.objects.count() == 1
    cast.assert_sound()


def test_twins_that_differ_in_money_are_two_claims() -> None:
    takes(sells())
    assert takes(table("invoices", bill(**TWIN | {"unit_price": "10.01"})), invoice_xml()) == [
        "accepted",
        "accepted",
    ]
    cast.drain()
    codes = [
        set(Hold.objects.filter(invoice=row).values_list("code", flat=True)) for row in Invoice.objects.all()
    ]
    assert sum("duplicate_suspect" in found for found in codes) == 1


# --- charges that were agreed on -------------------------------------------------------------------


def with_freight(amount: str, gross: str, tax: str, net: str, number: str = "INV-1") -> bytes:
    totals = (
        TOTALS.replace(
            '<cbc:TaxExclusiveAmount currencyID="EUR">100.00',
            f'<cbc:TaxExclusiveAmount currencyID="EUR">{net}',
        )
        .replace("119.00", gross)
        .replace(
            "<cbc:PayableAmount",
            f'<cbc:ChargeTotalAmount currencyID="EUR">{amount}</cbc:ChargeTotalAmount><cbc:PayableAmount',
        )
    )
    taxes = f"""<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">{tax}</cbc:TaxAmount><cac:TaxSubtotal>
      <cbc:TaxableAmount currencyID="EUR">{net}</cbc:TaxableAmount><cbc:TaxAmount currencyID="EUR">{tax}</cbc:TaxAmount>
      <cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>19</cbc:Percent></cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal>"""
    charge = FREIGHT.format(amount=amount, category=CATEGORY)
    return invoice_xml(number=f"<cbc:ID>{number}</cbc:ID>", middle=charge, totals=totals, tax=taxes)


@pytest.mark.parametrize(
    ("agreed", "codes"),
    [("", ["charge_unplanned"]), ("10.00", []), ("9.99", ["charge_unplanned"]), ("20.00", [])],
)
def test_freight_is_held_against_what_the_order_carries(agreed: str, codes: list[str]) -> None:
    carried = FREIGHT.format(amount=agreed, category="") if agreed else ""
    takes(sells(), order_xml(carried), delivered(), with_freight("10.00", "130.90", "20.90", "110.00"))
    cast.drain()
    assert standing()[1:] == ("escalated" if codes else "auto", codes)


# --- our own rates ---------------------------------------------------------------------------------


def test_a_list_of_rates_replaces_the_shipped_ones_and_moves_the_threshold(people: cast.Cast) -> None:
    shipped = Rate.objects.get(currency="USD")
    assert takes(b"date,currency,rate\n2020-01-01,USD,2.00\n") == ["accepted"]
    assert list(Rate.objects.filter(currency="USD")) == [shipped]  # it is out of line: a manager agrees first
    cast.answer(cast.Escalation.objects.get(kind="master_data"), "approve", by=people.dave)
    assert [str(r.per_eur.normalize()) for r in Rate.objects.filter(currency="USD")] == ["2"]
    assert Rate.objects.filter(currency="GBP").exists()
    assert shipped.per_eur < 2
    usd = {"currency": "USD", "unit_price": "150.00"}
    cast.trade(bill(**usd), vendors=(vendor(currency="USD"),), orders=(order(**usd),))
    assert standing() == ("cleared", "auto", [])


def test_without_a_list_the_shipped_rate_decides_the_threshold() -> None:
    usd = {"currency": "USD", "unit_price": "150.00"}
    cast.trade(bill(**usd), vendors=(vendor(currency="USD"),), orders=(order(**usd),))
    assert standing()[2] == ["over_threshold"]


# --- printed line numbers --------------------------------------------------------------------------


def lines_of_holds(number: str = "INV-1") -> list[Any]:
    [line] = [x for x in cast.EXPORTS["invoices"]() if x["invoice_number"] == number]
    return [h["line"] for h in line["holds"] if h["code"] == "price_over"]


def test_an_export_names_a_line_by_the_number_printed_on_the_document() -> None:
    orders = (order(), order(line="20", item="A-2", description="Nut"))
    receipts = (receipt(), receipt(line="2", order_line="20"))
    rows = (
        bill(line="100", net="2100.00", tax="399.00", gross="2499.00"),
        bill(
            line="200",
            item="A-2",
            description="Nut",
            order_line="20",
            unit_price="11.00",
            net="2100.00",
            tax="399.00",
            gross="2499.00",
        ),
    )
    take_in(
        table("vendors", vendor()),
        table("orders", *orders),
        table("receipts", *receipts),
        table("invoices", *rows),
    )
    cast.drain()
    assert standing()[2] == ["price_over"]
    assert lines_of_holds() == [200]
    assert Hold.objects.get(code="price_over").line == 2
