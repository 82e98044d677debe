"""Public PDFs: hybrid ones (golden 16) and printed ones with what they say beside them (invoice2data)."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from coordination.translation import QuarantineCode, Unreadable, translate
from coordination.translation.canonical import Invoice, Order
from coordination.translation.identity import canonical_digest, normalised_number

from .conftest import PUBLIC, Read, only

pytestmark = pytest.mark.golden

MUSTANG = "mustangproject/pdf"
PRINTED = "invoice2data/compare"


@cache
def outcome(path: str) -> tuple[str, Invoice | Order] | QuarantineCode:
    """Format and document of a public PDF, or why it was set aside."""
    try:
        translation = translate((PUBLIC / path).read_bytes(), path)
    except Unreadable as unreadable:
        return unreadable.code
    [document] = translation.documents
    assert isinstance(document, Invoice | Order)
    return translation.source_format, document


def invoice(path: str) -> Invoice:
    found = outcome(path)
    assert not isinstance(found, QuarantineCode)
    assert isinstance(found[1], Invoice)
    return found[1]


def test_the_xml_inside_equals_the_xml_beside_it(data: Path, read: Read) -> None:
    inside = invoice("akretion-facturx/pdf/invoice_EN16931.pdf")
    assert canonical_digest(inside) == canonical_digest(
        only(read("akretion-facturx/xml/factur-x-en16931.xml"), Invoice)
    )
    assert (inside.number, inside.net, inside.tax, inside.gross) == (
        "F20260023",
        Decimal("100.00"),
        Decimal("4.90"),
        Decimal("104.90"),
    )
    assert (inside.order_numbers, inside.preceding) == (("PO201925478",), ("F20260003",))


def test_an_order_that_only_the_page_names_is_no_order(data: Path) -> None:
    found = invoice(f"{MUSTANG}/103767-Invoice-2026-03-24-1.pdf")
    assert (found.number, found.net, found.tax, found.gross) == (
        "103767",
        Decimal("573.00"),
        Decimal("108.87"),
        Decimal("681.87"),
    )
    assert found.order_numbers == ()
    assert "101628" in "".join(text.raw for text in found.texts)


def test_what_is_prepaid_is_read(data: Path) -> None:
    found = invoice(f"{MUSTANG}/Facture_F20180027.pdf")
    assert (found.gross, found.prepaid, found.payable, found.order_numbers) == (
        Decimal("110.00"),
        Decimal("10.00"),
        Decimal("100.00"),
        ("PO201925478",),
    )


def test_a_cent_between_page_and_xml_is_no_difference(data: Path) -> None:
    found = invoice(f"{MUSTANG}/MustangBeispiel20221026.pdf")
    assert (found.gross, found.tax) == (Decimal("963.11"), Decimal("153.77"))


def test_another_invoice_on_the_page_is_a_mismatch(data: Path) -> None:
    with pytest.raises(Unreadable) as caught:
        translate((data / MUSTANG / "validXRechnung.pdf").read_bytes(), "x")
    assert caught.value.code == QuarantineCode.MISMATCH
    assert "RE-20190610/507" in caught.value.error
    assert "2019-06-10" in caught.value.error


def test_two_xmls_of_one_invoice_are_one_invoice(data: Path) -> None:
    found = outcome(f"{MUSTANG}/validV2PDF.pdf")
    assert not isinstance(found, QuarantineCode)
    assert (found[0], found[1].gross) == ("pdf+cii-d16b", Decimal("571.04"))


def test_attributes_that_a_schema_forbids_do_not_change_an_invoice(data: Path) -> None:
    one, other = invoice(f"{MUSTANG}/XMLinvalidV2PDF.pdf"), invoice(f"{MUSTANG}/validV2PDF.pdf")
    assert canonical_digest(one) == canonical_digest(other)


@pytest.mark.parametrize("name", ["corruptedV2PDF", "MustangGnuaccountingBeispielRE-20201121_508blanko"])
def test_a_pdf_without_attachment_that_no_template_knows(data: Path, name: str) -> None:
    assert outcome(f"{MUSTANG}/{name}.pdf") == QuarantineCode.UNSUPPORTED


def test_fifteen_bytes_are_no_pdf(data: Path) -> None:
    assert outcome(f"{MUSTANG}/corrupt-factur-x-waytoosmall.pdf") == QuarantineCode.MALFORMED


def test_an_order_is_never_an_invoice(data: Path) -> None:
    found = outcome(f"{MUSTANG}/ORDER-X_EX01_ORDER_FULL_DATA-COMFORT.pdf")
    assert not isinstance(found, QuarantineCode)
    assert found[0] == "pdf+order-x-1.0"
    assert isinstance(found[1], Order)
    assert (found[1].number, found[1].gross, found[1].order_date) == (
        "PO123456789",
        Decimal("360.00"),
        date(2020, 3, 31),
    )


def test_ubl_inside_is_read(data: Path) -> None:
    found = invoice(f"{PRINTED}/AzureInterior.pdf")
    assert (found.number, found.currency, found.net, found.tax, found.gross) == (
        "INV/2023/03/0008",
        "USD",
        Decimal("262.90"),
        Decimal("16.94"),
        Decimal("279.84"),
    )
    assert [line.net for line in found.lines if line.quantity] == [
        Decimal("42.00"),
        Decimal("70.00"),
        Decimal("0.90"),
        Decimal("150.00"),
    ]


# --- text extraction ---------------------------------------------------------------------------------

READ = [
    "AmazonWebServices",
    "FlipkartInvoice",
    "NetpresseInvoice",
    "QualityHosting",
    "coolblue1",
    "coolblue2",
    "free_fiber",
]
UNKNOWN = ["SammyMaystoneLinesTest", "oyo", "saeco"]
"""A label without a number, a receipt, and values in a row below their labels: no template knows them."""


@pytest.mark.parametrize("name", READ)
def test_what_is_read_from_print_is_what_stands_there(data: Path, name: str) -> None:
    [truth] = json.loads((data / PRINTED / f"{name}.json").read_text(), parse_float=Decimal)
    found = outcome(f"{PRINTED}/{name}.pdf")
    assert not isinstance(found, QuarantineCode)
    assert found[0] == "pdf-text"
    document = found[1]
    assert isinstance(document, Invoice)
    assert normalised_number(document.number) == normalised_number(truth["invoice_number"])
    assert document.issue_date == date.fromisoformat(truth["date"])
    assert document.gross == Decimal(truth["amount"])
    assert document.currency in {"", truth["currency"]}
    assert document.net in {None, truth.get("amount_untaxed")}
    assert normalised_number(document.seller.vat_id) in {"", normalised_number(truth.get("vat", ""))}
    assert document.account.number in {"", truth.get("iban", document.account.number)}
    assert str(document.due_date) in {"None", truth.get("date_due", str(document.due_date))}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_no_template_knows_is_unsupported(data: Path, name: str) -> None:
    assert outcome(f"{PRINTED}/{name}.pdf") == QuarantineCode.UNSUPPORTED


def test_every_public_pdf_is_accounted_for(data: Path) -> None:
    found = {path.stem for path in (data / PRINTED).glob("*.pdf")}
    assert found == {*READ, *UNKNOWN, "AzureInterior"}
