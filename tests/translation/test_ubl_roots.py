"""Roots beside Invoice and CreditNote: what they call their parts, and what they say of their nature by
themselves."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from coordination.translation import nature, translate
from coordination.translation.canonical import Invoice

from .make import LINE, SELLER, TOTALS, document, invoice, invoice_xml

LINES = {
    "SelfBilledInvoice": LINE,
    "SelfBilledCreditNote": LINE.replace("InvoiceLine", "CreditNoteLine").replace("Invoiced", "Credited"),
    "DebitNote": LINE.replace("InvoiceLine", "DebitNoteLine").replace("Invoiced", "Debited"),
}
ISSUED = "<cbc:IssueDate>2026-03-01</cbc:IssueDate>"


def made(kind: str, code: str = "", **changes: str) -> bytes:
    total = TOTALS.replace("Legal", "Requested") if kind == "DebitNote" else TOTALS
    return invoice_xml(
        **{"kind": kind, "head": ISSUED + code, "lines": LINES[kind], "totals": total} | changes
    )


@pytest.mark.parametrize(
    ("kind", "type_", "code", "trait"),
    [
        ("SelfBilledInvoice", "invoice", "389", "self_billed"),
        ("SelfBilledCreditNote", "credit_note", "261", "self_billed"),
        ("DebitNote", "invoice", "383", "debit"),
    ],
)
def test_a_root_says_what_it_is_where_no_code_does(
    kind: str, type_: str, code: str, trait: nature.Trait
) -> None:
    found = invoice(made(kind))
    assert (found.type, found.type_code) == (type_, code)
    assert nature.look_up(found.type_code).is_(trait)
    assert (found.net, found.gross, found.payable) == (
        Decimal("100.00"),
        Decimal("119.00"),
        Decimal("119.00"),
    )
    assert [(x.quantity, x.unit, x.price) for x in found.lines] == [(Decimal(10), "C62", Decimal("10.00"))]
    assert found.seller.vat_id == "DE136695976"
    assert found.unreadable == ()


@pytest.mark.parametrize(("stated", "code"), [("380", "389"), ("", "389"), ("389", "389"), ("527", "527")])
def test_a_code_that_says_more_than_the_root_counts(stated: str, code: str) -> None:
    assert (
        invoice(made("SelfBilledInvoice", f"<cbc:InvoiceTypeCode>{stated}</cbc:InvoiceTypeCode>")).type_code
        == code
    )


def test_whoever_wrote_it_the_supplier_is_who_is_to_be_paid() -> None:
    buyer = (
        SELLER.replace("Supplier", "Customer")
        .replace("Nails and More", "Us")
        .replace("DE136695976", "DE123456789")
    )
    found = invoice(made("SelfBilledInvoice", seller=buyer + SELLER))
    assert (found.seller.name, found.buyer.name) == ("Nails and More", "Us")


def test_a_debit_note_without_a_billing_reference_is_about_what_it_disagrees_with() -> None:
    about = (
        "<cac:DiscrepancyResponse><cbc:ReferenceID>INV-0</cbc:ReferenceID><cbc:Description>Two more"
        " came</cbc:Description></cac:DiscrepancyResponse>"
    )
    billing = "<cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>INV-9</cbc:ID></cac:InvoiceDocumentReference></cac:BillingReference>"
    assert invoice(made("DebitNote", references=about)).preceding == ("INV-0",)
    named = invoice(made("DebitNote", references=about + billing))
    assert named.preceding == ("INV-9",)
    assert "Two more came" in {text.raw for text in named.texts}


def test_the_currency_of_a_debit_note_may_stand_at_its_total_only() -> None:
    assert invoice(made("DebitNote", currency="")).currency == "EUR"


def test_a_self_billed_credit_names_the_self_billed_invoice() -> None:
    before = "<cac:BillingReference><cac:SelfBilledInvoiceDocumentReference><cbc:ID>SB-1</cbc:ID></cac:SelfBilledInvoiceDocumentReference></cac:BillingReference>"
    assert invoice(made("SelfBilledCreditNote", references=before)).preceding == ("SB-1",)


@pytest.mark.parametrize("kind", LINES)
def test_they_come_in_an_envelope_as_well(kind: str) -> None:
    envelope = (
        b"<StandardBusinessDocument"
        b' xmlns="http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader">'
        b"<StandardBusinessDocumentHeader/>%b</StandardBusinessDocument>"
    )
    inside = made(kind).partition(b"?>")[2]
    assert invoice(envelope % inside).lines == invoice(made(kind)).lines


@pytest.mark.parametrize(("kind", "code"), [("SelfBilledInvoice", "389"), ("DebitNote", "383")])
def test_they_come_as_json_as_well(kind: str, code: str) -> None:
    line, quantity = (
        ("DebitNoteLine", "DebitedQuantity") if kind == "DebitNote" else ("InvoiceLine", "InvoicedQuantity")
    )
    total = "RequestedMonetaryTotal" if kind == "DebitNote" else "LegalMonetaryTotal"
    content = {
        "ID": {"_": "SB-1"},
        "IssueDate": {"_": "2026-03-01"},
        "DocumentCurrencyCode": {"_": "EUR"},
        total: {"PayableAmount": {"_": "119.00", "currencyID": "EUR"}},
        line: [
            {"ID": {"_": "1"}, quantity: {"_": "10", "unitCode": "C62"}, "Item": {"Name": {"_": "Nails"}}}
        ],
    }
    names = {"_D": f"urn:oasis:names:specification:ubl:schema:xsd:{kind}-2", "_A": "", "_B": ""}
    found = translate(json.dumps(names | {kind: content}).encode(), "x.json")
    [read] = found.documents
    assert isinstance(read, Invoice)
    assert found.source_format == "ubl-2.1-json"
    assert (read.type_code, read.payable, read.lines[0].quantity) == (code, Decimal("119.00"), Decimal(10))


def test_two_totals_of_a_debit_note_are_one_too_many() -> None:
    body = "<cbc:ID>D-1</cbc:ID>" + TOTALS.replace("Legal", "Requested") * 2
    with pytest.raises(Exception, match="RequestedMonetaryTotal stands 2 times"):
        translate(document("DebitNote", body), "x.xml")
