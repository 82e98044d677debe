"""Documents made by the tests: a plain UBL invoice whose parts can be replaced, and canonical CSV."""

from __future__ import annotations

from collections.abc import Iterable

from coordination.translation import translate
from coordination.translation.canonical import Invoice, Order, Translation

NAMESPACES = (
    'xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2" '
    'xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"'
)

TOTALS = """<cac:LegalMonetaryTotal>
  <cbc:LineExtensionAmount currencyID="EUR">100.00</cbc:LineExtensionAmount>
  <cbc:TaxExclusiveAmount currencyID="EUR">100.00</cbc:TaxExclusiveAmount>
  <cbc:TaxInclusiveAmount currencyID="EUR">119.00</cbc:TaxInclusiveAmount>
  <cbc:PayableAmount currencyID="EUR">119.00</cbc:PayableAmount>
</cac:LegalMonetaryTotal>"""

TAX = """<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">19.00</cbc:TaxAmount>
  <cac:TaxSubtotal><cbc:TaxableAmount currencyID="EUR">100.00</cbc:TaxableAmount>
    <cbc:TaxAmount currencyID="EUR">19.00</cbc:TaxAmount>
    <cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>19</cbc:Percent></cac:TaxCategory>
  </cac:TaxSubtotal></cac:TaxTotal>"""

LINE = """<cac:InvoiceLine><cbc:ID>1</cbc:ID>
  <cbc:InvoicedQuantity unitCode="C62">10</cbc:InvoicedQuantity>
  <cbc:LineExtensionAmount currencyID="EUR">100.00</cbc:LineExtensionAmount>
  <cac:OrderLineReference><cbc:LineID>1</cbc:LineID></cac:OrderLineReference>
  <cac:Item><cbc:Name>Nails</cbc:Name>
    <cac:SellersItemIdentification><cbc:ID>N-1</cbc:ID></cac:SellersItemIdentification>
    <cac:ClassifiedTaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>19</cbc:Percent></cac:ClassifiedTaxCategory>
  </cac:Item>
  <cac:Price><cbc:PriceAmount currencyID="EUR">10.00</cbc:PriceAmount></cac:Price>
</cac:InvoiceLine>"""

SELLER = """<cac:AccountingSupplierParty><cac:Party>
  <cac:PartyName><cbc:Name>Nails and More</cbc:Name></cac:PartyName>
  <cac:PartyTaxScheme><cbc:CompanyID>DE136695976</cbc:CompanyID>
    <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
</cac:Party></cac:AccountingSupplierParty>"""


def document(kind: str, body: str) -> bytes:
    """A UBL document of that kind around a body."""
    namespace = f"urn:oasis:names:specification:ubl:schema:xsd:{kind}-2"
    return f'<?xml version="1.0"?>\n<{kind} xmlns="{namespace}" {NAMESPACES}>{body}</{kind}>'.encode()


def invoice_xml(
    *,
    number: str = "<cbc:ID>INV-1</cbc:ID>",
    head: str = "<cbc:IssueDate>2026-03-01</cbc:IssueDate><cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>",
    currency: str = "<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>",
    references: str = "<cac:OrderReference><cbc:ID>PO-1</cbc:ID></cac:OrderReference>",
    seller: str = SELLER,
    middle: str = "",
    tax: str = TAX,
    totals: str = TOTALS,
    lines: str = LINE,
    kind: str = "Invoice",
) -> bytes:
    """A correct invoice of 10 at 10.00, 19 % tax, in which parts are replaced."""
    return document(kind, "".join((number, head, currency, references, seller, middle, tax, totals, lines)))


def invoice(content: bytes) -> Invoice:
    """The one invoice of a file."""
    (found,) = translate(content, "made.xml").documents
    assert isinstance(found, Invoice)
    return found


def order(content: bytes) -> Order:
    """The one order message of a file."""
    (found,) = translate(content, "made.xml").documents
    assert isinstance(found, Order)
    return found


INVOICES = (
    "invoice_number,type,line,vendor_id,issue_date,due_date,currency,order_number,order_line,item,description,"
    "quantity,unit,unit_price,line_net,tax_rate,iban,net,tax,gross,preceding_invoice"
)
ORDERS = "order_number,line,vendor_id,order_date,currency,item,description,quantity,unit,unit_price,tax_rate"
RECEIPTS = "receipt_number,line,order_number,order_line,received_date,quantity,accepted,unit"
VENDORS = "vendor_id,name,vat_id,iban,bic,country,currency,payment_terms,status"
STATEMENTS = "statement_number,vendor_id,date,currency,reference,reference_date,type,amount,balance"

_INVOICE_ROW = {
    "invoice_number": "INV-1",
    "type": "invoice",
    "line": "1",
    "vendor_id": "V-1",
    "issue_date": "2026-03-01",
    "due_date": "2026-03-31",
    "currency": "EUR",
    "order_number": "PO-1",
    "order_line": "1",
    "item": "N-1",
    "description": "Nails",
    "quantity": "10",
    "unit": "C62",
    "unit_price": "10.00",
    "line_net": "100.00",
    "tax_rate": "19",
    "iban": "DE89370400440532013000",
    "net": "100.00",
    "tax": "19.00",
    "gross": "119.00",
}


def table(header: str, rows: Iterable[dict[str, str]]) -> bytes:
    """A CSV file of that header; cells that a row does not name are empty."""
    names = header.split(",")
    lines = [",".join(row.get(name, "") for name in names) for row in rows]
    return "\n".join([header, *lines, ""]).encode()


def invoices_csv(*rows: dict[str, str]) -> bytes:
    """Invoice rows; each says only what differs from 10 nails at 10.00."""
    return table(INVOICES, [_INVOICE_ROW | row for row in rows])


def read(content: bytes) -> Translation:
    """Translate a made file."""
    return translate(content, "made.csv")
