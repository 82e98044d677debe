"""Peppol BIS Billing and Self-Billing of May 2026: the kinds of document they allow are read for what they
are."""

from __future__ import annotations

from pathlib import Path

import pytest

from coordination.translation import translate
from coordination.translation.canonical import Invoice

from .conftest import PUBLIC
from .make import LINE, invoice, invoice_xml

BILLED = [
    "71",
    "80",
    "82",
    "84",
    "102",
    "218",
    "219",
    "326",
    "331",
    "380",
    "382",
    "383",
    "384",
    "386",
    "388",
    "393",
    "395",
    "553",
    "575",
    "623",
    "780",
    "817",
    "870",
    "875",
    "876",
    "877",
]
"""PEPPOL-EN16931-P0100 of billing: codes of an Invoice."""
SELF_BILLED = ("389", "527")
"""The same of self-billing."""
CREDITED = ("81", "83", "381", "396", "532")
"""PEPPOL-EN16931-P0101 of billing: codes of a CreditNote."""
BILLING = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
SELF_BILLING = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:selfbilling:3.0"
CREDIT_LINE = LINE.replace("InvoiceLine", "CreditNoteLine").replace("Invoiced", "Credited")
BUNDLE = PUBLIC / "peppol-bundle-2026.5"
DOCUMENTS = sorted([*BUNDLE.glob("billing/*.xml"), *BUNDLE.glob("SB-*.xml")])


def head(code: str, element: str, specification: str = BILLING) -> str:
    return (
        f"<cbc:CustomizationID>{specification}</cbc:CustomizationID><cbc:IssueDate>2026-05-20</cbc:IssueDate>"
        f"<cbc:{element}>{code}</cbc:{element}>"
    )


def preceding(*numbers: str) -> str:
    return "".join(
        f"<cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>{number}</cbc:ID><cbc:IssueDate>2026-05-01</cbc:IssueDate>"
        "</cac:InvoiceDocumentReference></cac:BillingReference>"
        for number in numbers
    )


@pytest.mark.parametrize("code", [*BILLED, *SELF_BILLED])
def test_an_invoice_of_each_kind_keeps_its_code(code: str) -> None:
    specification = SELF_BILLING if code in SELF_BILLED else BILLING
    found = invoice(invoice_xml(head=head(code, "InvoiceTypeCode", specification)))
    assert (found.type_code, found.unreadable) == (code, ())


@pytest.mark.parametrize("code", [*CREDITED, "261"])
def test_a_credit_note_of_each_kind_is_a_credit(code: str) -> None:
    specification = SELF_BILLING if code == "261" else BILLING
    content = invoice_xml(
        head=head(code, "CreditNoteTypeCode", specification), kind="CreditNote", lines=CREDIT_LINE
    )
    found = invoice(content)
    assert (found.type, found.type_code, found.unreadable) == ("credit_note", code, ())


def test_a_credit_note_may_take_back_parts_of_several_invoices() -> None:
    content = invoice_xml(
        head=head("381", "CreditNoteTypeCode"),
        kind="CreditNote",
        lines=CREDIT_LINE,
        references=preceding("A-1", "A-2", "A-1"),
    )
    assert invoice(content).preceding == ("A-1", "A-2")


@pytest.mark.parametrize("code", ["XCG", "CNH"])
def test_currencies_that_are_new_in_the_list_are_read(code: str) -> None:
    content = invoice_xml(currency=f"<cbc:DocumentCurrencyCode>{code}</cbc:DocumentCurrencyCode>").replace(
        b'"EUR"', f'"{code}"'.encode()
    )
    found = invoice(content)
    assert (found.currency, found.unreadable) == (code, ())


@pytest.mark.golden
@pytest.mark.skipif(not DOCUMENTS, reason="the public documents are not beside the checkout (../shared/data)")
@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.stem)
def test_every_billing_document_of_the_bundle_is_read_whole(path: Path) -> None:
    found = translate(path.read_bytes(), path.name)
    [read] = found.documents
    assert isinstance(read, Invoice)
    assert found.source_format == "ubl-2.1"
    assert read.unreadable == ()
    assert read.lines
    assert (read.type_code in {*SELF_BILLED, "261"}) == path.name.startswith("SB-")
