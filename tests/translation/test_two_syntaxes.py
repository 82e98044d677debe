"""One trade written as UBL and as CSV says the same, whatever its numbers are."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from coordination.translation.canonical import Invoice, InvoiceLine
from coordination.translation.identity import canonical_digest

from .conftest import only
from .make import invoice, invoice_xml, invoices_csv, read

AMOUNTS = st.decimals(min_value="0.01", max_value="99999.99", places=2)
QUANTITIES = st.decimals(min_value="0.001", max_value="9999", places=3)
RATES = st.sampled_from(["0", "7", "19", "25"])
LINES = st.lists(st.tuples(QUANTITIES, AMOUNTS, AMOUNTS, RATES), min_size=1, max_size=6)


def as_ubl(lines: list[tuple[Decimal, Decimal, Decimal, str]], net: Decimal, tax: Decimal) -> bytes:
    rows = "".join(
        f'<cac:InvoiceLine><cbc:ID>{n}</cbc:ID><cbc:InvoicedQuantity unitCode="C62">{quantity}'
        f"</cbc:InvoicedQuantity><cbc:LineExtensionAmount>{amount}</cbc:LineExtensionAmount>"
        f"<cac:OrderLineReference><cbc:LineID>{n}</cbc:LineID></cac:OrderLineReference>"
        "<cac:Item><cac:SellersItemIdentification><cbc:ID>N-1</cbc:ID></cac:SellersItemIdentification>"
        f"<cac:ClassifiedTaxCategory><cbc:Percent>{rate}</cbc:Percent></cac:ClassifiedTaxCategory></cac:Item>"
        f"<cac:Price><cbc:PriceAmount>{price}</cbc:PriceAmount></cac:Price></cac:InvoiceLine>"
        for n, (quantity, price, amount, rate) in enumerate(lines, 1)
    )
    totals = (
        f"<cac:LegalMonetaryTotal><cbc:TaxExclusiveAmount>{net}</cbc:TaxExclusiveAmount>"
        f"<cbc:TaxInclusiveAmount>{net + tax}</cbc:TaxInclusiveAmount>"
        f"<cbc:PayableAmount>{net + tax}</cbc:PayableAmount></cac:LegalMonetaryTotal>"
    )
    means = (
        "<cac:PaymentMeans><cbc:PaymentDueDate>2026-03-31</cbc:PaymentDueDate><cac:PayeeFinancialAccount>"
        "<cbc:ID>DE89370400440532013000</cbc:ID></cac:PayeeFinancialAccount></cac:PaymentMeans>"
    )
    stated = f"<cac:TaxTotal><cbc:TaxAmount>{tax}</cbc:TaxAmount></cac:TaxTotal>"
    return invoice_xml(seller="", middle=means, tax=stated, totals=totals, lines=rows)


def as_csv(lines: list[tuple[Decimal, Decimal, Decimal, str]], net: Decimal, tax: Decimal) -> bytes:
    header = {"net": str(net), "tax": str(tax), "gross": str(net + tax)}
    return invoices_csv(
        *(
            header
            | {"line": str(n), "order_line": str(n), "quantity": str(quantity), "unit_price": str(price)}
            | {"line_net": str(amount), "tax_rate": rate}
            for n, (quantity, price, amount, rate) in enumerate(lines, 1)
        )
    )


def billed(line: InvoiceLine) -> tuple[object, ...]:
    return (
        line.position,
        line.line,
        line.item,
        line.quantity,
        line.unit,
        line.price,
        line.net,
        line.tax_rate,
    )


@given(LINES, AMOUNTS, AMOUNTS)
def test_both_give_the_same_lines_and_totals(
    lines: list[tuple[Decimal, Decimal, Decimal, str]], net: Decimal, tax: Decimal
) -> None:
    ubl = invoice(as_ubl(lines, net, tax))
    csv = only(read(as_csv(lines, net, tax)), Invoice)
    assert list(map(billed, ubl.lines)) == list(map(billed, csv.lines))
    for field in ("number", "type", "issue_date", "due_date", "currency", "net", "tax", "gross", "payable"):
        assert getattr(ubl, field) == getattr(csv, field), field
    assert ubl.account.number == csv.account.number
    assert ubl.order_numbers == csv.order_numbers


@given(LINES, AMOUNTS, AMOUNTS)
def test_both_are_one_invoice_once_the_vendor_is_known(
    lines: list[tuple[Decimal, Decimal, Decimal, str]], net: Decimal, tax: Decimal
) -> None:
    ubl = replace(invoice(as_ubl(lines, net, tax)), vendor_id="V-1", taxes=())
    csv = replace(only(read(as_csv(lines, net, tax)), Invoice), taxes=())
    assert canonical_digest(ubl) == canonical_digest(csv)


@given(LINES, AMOUNTS, AMOUNTS)
def test_every_amount_can_be_traced_to_the_text_it_was_read_from(
    lines: list[tuple[Decimal, Decimal, Decimal, str]], net: Decimal, tax: Decimal
) -> None:
    for made in (invoice(as_ubl(lines, net, tax)), only(read(as_csv(lines, net, tax)), Invoice)):
        for line in made.lines:
            for field in ("quantity", "price", "net", "tax_rate"):
                origin = made.provenance[f"lines/{line.position}/{field}"]
                assert Decimal(origin.raw) == getattr(line, field)
        assert Decimal(made.provenance["gross"].raw) == made.gross
