"""Golden case 16: hybrid PDFs from intake to their lane, and printed ones, which a person always looks at."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from coordination.models import Document, Hold, Invoice, Order, Payment, Quarantine
from coordination.services.intake import Report
from tests import cast
from tests.cast import Cast, standing, table
from tests.flows.sellers import seller_of
from tests.translation.pdfs import printed

pytestmark = pytest.mark.django_db

MUSTANG = "mustangproject/pdf"


class Shelf:
    """The public PDFs, taken in by name with their seller known."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def take(self, *names: str, **known: object) -> dict[str, Any]:
        contents = [(name, self.read(name)) for name in names]
        return take(*contents, **known).as_json()


def take(*files: tuple[str, bytes], **known: object) -> Report:
    """Take files in and let the agents work; with `known`, the seller of the first is a vendor so changed."""
    if known.pop("seller", True):
        cast.take_in(table("vendors", seller_of(files[0][1], **known)))
    report = cast.intake(list(files), actor="system:intake")
    cast.drain()
    cast.assert_sound()
    return report


@pytest.fixture
def shelf(shared_data: Path) -> Shelf:
    return Shelf(shared_data)


def exported() -> dict[str, Any]:
    [line] = cast.EXPORTS["invoices"]()
    return line


def codes() -> set[str]:
    return {hold["code"] for hold in exported()["holds"]}


# --- hybrid ----------------------------------------------------------------------------------------


@pytest.mark.golden
def test_the_pdf_and_its_xml_are_one_invoice(shelf: Shelf) -> None:
    report = shelf.take(
        "akretion-facturx/pdf/invoice_EN16931.pdf", "akretion-facturx/xml/factur-x-en16931.xml"
    )
    assert (report["accepted"], report["duplicates"]) == (1, 1)
    line = exported()
    assert (line["invoice_number"], line["net"], line["tax"], line["gross"]) == (
        "F20260023",
        "100.00",
        "4.90",
        "104.90",
    )
    assert line["order_numbers"] == ["PO201925478"]
    assert line["source_format"] == "pdf+cii-d16b"


@pytest.mark.golden
@pytest.mark.parametrize("profile", ["minimum", "basicwl"])
def test_a_profile_without_lines_lacks_what_matching_needs(shelf: Shelf, profile: str) -> None:
    shelf.take(f"akretion-facturx/xml/factur-x-{profile}.xml")
    assert "missing_data" in codes()
    assert not codes() & {"totals_unbalanced", "tax_mismatch"}
    assert exported()["lane"] == "escalated"


@pytest.mark.golden
def test_an_order_that_only_the_page_names_is_no_order(shelf: Shelf) -> None:
    shelf.take(f"{MUSTANG}/103767-Invoice-2026-03-24-1.pdf")
    assert codes() == {"no_po"}
    assert exported()["gross"] == "681.87"


@pytest.mark.golden
def test_a_prepaid_invoice_waits_for_its_prepayment(shelf: Shelf) -> None:
    shelf.take(f"{MUSTANG}/Facture_F20180027.pdf")
    assert {"prepayment_open", "po_unknown"} <= codes()
    assert (exported()["gross"], exported()["order_numbers"]) == ("110.00", ["PO201925478"])


@pytest.mark.golden
def test_a_cent_between_page_and_xml_passes(shelf: Shelf) -> None:
    report = shelf.take(f"{MUSTANG}/MustangBeispiel20221026.pdf")
    assert report["accepted"] == 1
    assert not codes() & {"totals_unbalanced", "tax_mismatch"}


@pytest.mark.golden
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("validXRechnung", "mismatch"),
        ("corruptedV2PDF", "unsupported"),
        ("MustangGnuaccountingBeispielRE-20201121_508blanko", "unsupported"),
        ("corrupt-factur-x-waytoosmall", "malformed"),
    ],
)
def test_what_cannot_be_trusted_or_read_is_set_aside(shelf: Shelf, name: str, code: str) -> None:
    report = shelf.take(f"{MUSTANG}/{name}.pdf", seller=False)
    assert [row["code"] for row in report["quarantined"]] == [code]
    assert Quarantine.objects.get().code == code
    assert not Invoice.objects.exists()


@pytest.mark.golden
def test_two_xmls_and_a_second_file_are_one_invoice(shelf: Shelf) -> None:
    report = shelf.take(f"{MUSTANG}/validV2PDF.pdf", f"{MUSTANG}/XMLinvalidV2PDF.pdf")
    assert (report["documents"], report["accepted"], report["duplicates"]) == (2, 1, 1)
    assert exported()["gross"] == "571.04"


@pytest.mark.golden
def test_cii_and_ubl_of_one_invoice_are_one_invoice(shelf: Shelf) -> None:
    report = shelf.take(
        "mustangproject/xml/factur-x.xml", "mustangproject/xml/ubl-conv-ubl-output-factur-x.xml"
    )
    assert (report["accepted"], report["duplicates"]) == (1, 1)
    assert (exported()["invoice_number"], exported()["gross"]) == ("RE-20201121/508", "571.04")


@pytest.mark.golden
def test_an_order_in_a_pdf_is_an_order(shelf: Shelf) -> None:
    shelf.take(f"{MUSTANG}/ORDER-X_EX01_ORDER_FULL_DATA-COMFORT.pdf", seller=False)
    assert not Invoice.objects.exists()
    order = Order.objects.get()
    assert (order.number, order.net) == ("PO123456789", Decimal("300.00"))


@pytest.mark.golden
def test_lines_of_nothing_are_headings(shelf: Shelf) -> None:
    """They lack nothing. That 15 % are not charged on all lines that name them, the XML says itself."""
    shelf.take("invoice2data/compare/AzureInterior.pdf", vat_id="US1")
    assert (exported()["net"], exported()["tax"], exported()["gross"]) == ("262.90", "16.94", "279.84")
    assert "missing_data" not in codes()
    assert "tax_mismatch" in codes()


# --- printed ---------------------------------------------------------------------------------------

ROWS = (
    "INVOICE",
    "Invoice No: INV-1  VAT-ID: DE136695976",
    "Invoice date: 2026-09-05  Due date: 2026-10-05",
    "Your order no. PO-1",
    "Subtotal 1000.00",
    "VAT total 190.00",
    "Total due: EUR 1190.00",
    f"IBAN {cast.IBAN}",
)


def test_what_was_read_from_print_is_never_cleared_without_a_person() -> None:
    cast.take_in(
        table("vendors", cast.vendor()), table("orders", cast.order()), table("receipts", cast.receipt())
    )
    report = take(("scan.pdf", printed(*ROWS)), seller=False).as_json()
    assert report["accepted"] == 1
    line = exported()
    assert (line["invoice_number"], line["vendor_id"], line["gross"]) == ("INV-1", "V-1", "1190.00")
    assert (line["source_format"], line["lane"]) == ("pdf-text", "escalated")
    assert {"low_confidence", "missing_data"} <= codes()
    assert not Payment.objects.exists()
    decision = next(x for x in cast.EXPORTS["decisions"]() if x["agent"] == "finance.validation")
    assert Decimal(decision["confidence"]) < Decimal("0.80")
    assert Document.objects.get(kind="invoice").provenance["gross"][0].startswith("/page[1]/row[")


def test_a_person_can_take_the_print_for_the_document(people: Cast) -> None:
    cast.take_in(
        table("vendors", cast.vendor()), table("orders", cast.order()), table("receipts", cast.receipt())
    )
    take(("scan.pdf", printed(*ROWS)), seller=False)
    cast.answer(cast.question(), "approve", by=people.carol)
    cast.drain()
    assert standing("INV-1")[1] == "human"
    assert not Hold.objects.live().exists()


def test_the_data_of_an_invoice_that_came_in_print_before_is_no_second_claim() -> None:
    cast.take_in(
        table("vendors", cast.vendor()), table("orders", cast.order()), table("receipts", cast.receipt())
    )
    take(("scan.pdf", printed(*ROWS)), seller=False)
    cast.take_in(table("invoices", cast.bill()))
    cast.drain()
    assert Hold.objects.filter(code="duplicate_suspect").count() == 1


@pytest.mark.golden
def test_a_printed_invoice_of_an_unknown_vendor_asks_who_it_is(shelf: Shelf) -> None:
    shelf.take("invoice2data/compare/coolblue1.pdf", seller=False)
    assert {"low_confidence", "missing_data", "supplier_unknown"} <= codes()
    assert (exported()["invoice_number"], exported()["gross"]) == ("993548900", "717.97")
