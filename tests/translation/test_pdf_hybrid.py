"""A PDF with XML inside is what the XML says, as long as its page says the same."""

from __future__ import annotations

import io
from decimal import Decimal

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.translation import QuarantineCode, Unreadable, translate
from coordination.translation.canonical import Invoice, Order
from coordination.translation.identity import canonical_digest
from coordination.translation.pdf import visible
from coordination.translation.pdf.contents import Page

from . import make
from .ciis import TOTALS, cii_xml, order_x, zugferd_1
from .conftest import only
from .make import invoice_xml
from .pdfs import PAGE, hybrid, printed, saved

NUMBER, DATED, TOTAL = PAGE


def read(content: bytes) -> Invoice:
    return only(translate(content, "x.pdf"), Invoice)


def refused(content: bytes) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        translate(content, "x.pdf")
    assert len(caught.value.error.splitlines()) == 1
    return caught.value


@pytest.mark.parametrize("xml", [invoice_xml(), cii_xml()], ids=["ubl", "cii"])
def test_the_invoice_is_that_of_the_xml(xml: bytes) -> None:
    translation = translate(hybrid(files={"factur-x.xml": xml}), "x.pdf")
    assert translation.source_format in {"pdf+ubl-2.1", "pdf+cii-d16b"}
    assert canonical_digest(only(translation, Invoice)) == canonical_digest(make.invoice(xml))


def test_the_name_of_the_attachment_decides_nothing() -> None:
    assert read(hybrid(files={"anything.bin": invoice_xml()})).number == "INV-1"


def test_a_value_is_traced_into_the_attachment() -> None:
    origin = read(hybrid()).provenance["gross"]
    assert (origin.path, origin.raw) == (
        "/factur-x.xml/Invoice/cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount",
        "119.00",
    )


def test_a_value_that_cannot_be_read_is_traced_into_the_attachment() -> None:
    xml = invoice_xml(totals=make.TOTALS.replace(">119.00</cbc:Tax", ">119,00</cbc:Tax"))
    [problem] = read(hybrid(files={"a.xml": xml})).unreadable
    assert problem.path.startswith("/a.xml/Invoice/")


def test_other_attachments_do_not_matter() -> None:
    files = {
        "logo.png": b"\x89PNG\r\n",
        "note.txt": b"Hello",
        "factur-x.xml": invoice_xml(),
        "data.xml": b"<other/>",
    }
    assert read(hybrid(files=files)).number == "INV-1"


# --- several XMLs ----------------------------------------------------------------------------------


def test_two_renderings_of_one_invoice_are_one_invoice() -> None:
    files = {"ZUGFeRD-invoice.xml": zugferd_1(), "factur-x.xml": cii_xml()}
    translation = translate(hybrid(files=files), "x.pdf")
    assert translation.source_format == "pdf+cii-d16b"
    assert only(translation, Invoice).provenance["gross"].path.startswith("/factur-x.xml/")


@pytest.mark.parametrize(
    "other",
    [
        cii_xml(number="<ram:ID>INV-2</ram:ID>"),
        cii_xml(totals=TOTALS.replace("119.00", "1119.00")),
        cii_xml(
            settlement=(
                "<ram:SpecifiedTradeSettlementPaymentMeans><ram:PayeePartyCreditorFinancialAccount>"
                "<ram:IBANID>DE2</ram:IBANID></ram:PayeePartyCreditorFinancialAccount>"
                "</ram:SpecifiedTradeSettlementPaymentMeans>"
            )
        ),
        order_x(),
    ],
    ids=["number", "total", "account", "kind"],
)
def test_two_documents_that_differ_are_a_mismatch(other: bytes) -> None:
    means = "<cac:PaymentMeans><cac:PayeeFinancialAccount><cbc:ID>DE1</cbc:ID></cac:PayeeFinancialAccount></cac:PaymentMeans>"
    files = {"factur-x.xml": invoice_xml(middle=means), "old.xml": other}
    error = refused(hybrid(files=files))
    assert error.code == QuarantineCode.MISMATCH
    assert "factur-x.xml and old.xml" in error.error


def test_the_two_streams_of_one_attachment_have_to_agree() -> None:
    with pikepdf.open(io.BytesIO(hybrid())) as pdf:
        streams = pdf.Root.Names.EmbeddedFiles.Names[1].EF
        streams.UF = pikepdf.Stream(pdf, cii_xml(number="<ram:ID>INV-2</ram:ID>"))
        assert refused(saved(pdf)).code == QuarantineCode.MISMATCH


def test_an_invoice_that_is_broken_is_not_replaced_by_another_attachment() -> None:
    files = {"factur-x.xml": cii_xml()[:-20], "other.xml": invoice_xml()}
    assert refused(hybrid(files=files)).code == QuarantineCode.MALFORMED


def test_only_an_invoice_or_an_order_is_taken_from_a_pdf() -> None:
    """A statement of account has no page beside it that anybody compares."""
    reminder = make.document("Reminder", "<cbc:ID>INV-1</cbc:ID>")
    assert refused(hybrid(files={"reminder.xml": reminder})).code == QuarantineCode.UNSUPPORTED
    assert read(hybrid(files={"reminder.xml": reminder, "invoice.xml": invoice_xml()})).number == "INV-1"


def test_xml_of_no_kind_we_read_is_named() -> None:
    error = refused(hybrid(files={"data.xml": b"<other/>"}))
    assert error.code == QuarantineCode.UNSUPPORTED
    assert "other" in error.error


# --- the page --------------------------------------------------------------------------------------


def difference(*rows: str, xml: bytes = b"") -> str:
    """What a page of these rows says otherwise than the usual invoice, or that of `xml`."""
    document = make.invoice(xml or invoice_xml())
    return visible.difference(document, [Page("\n".join(rows), rows)])


@pytest.mark.parametrize(
    "rows",
    [
        ("Invoice no. INV-2", DATED, TOTAL),
        (NUMBER, "Invoice date: 2026-03-02", TOTAL),
        (NUMBER, DATED, "Total: 118.97 EUR"),
        (NUMBER, DATED, "Total: 1119.00 EUR"),
        (NUMBER, DATED, "2 x 59.50 119.00", "Amount due: 238.00 EUR"),
        ("Rechnung INV-1", "Rechnungsdatum 1. April 2026", "Gesamtbetrag 119,00 €"),
        ("Quantity 119", NUMBER, DATED, "Price 10.00"),
        ("INV-11", DATED, TOTAL),
        (NUMBER, DATED, "Gesamtbetrag 119,00 netto", "Zahlbetrag 141,61"),
    ],
)
def test_a_page_that_says_otherwise_differs(rows: tuple[str, ...]) -> None:
    assert difference(*rows)


def test_such_a_pdf_is_a_mismatch() -> None:
    assert refused(hybrid(NUMBER, DATED, "Total: 118.97 EUR")).code == QuarantineCode.MISMATCH


@pytest.mark.parametrize(
    "rows",
    [
        PAGE,
        ("Rechnung Nr. INV - 1", "Rechnungsdatum 01.03.2026", "Gesamtbetrag 119,00 €"),
        ("Facture n° inv 1", "Date : 1er mars 2026", "Total TTC 119,00 €", "Total HT 100,00 €"),
        ("Factuur INV-1", "1 maart 2026", "Te betalen € 119,01"),
        ("Invoice INV-1", "03/01/2026", "Total 118.98"),
        ("INV-1", "March 1, 2026", "Total amount without VAT: 100.00", "Grand total 119.00 $"),
        ("INV-1", "20260301", "Total EUR119.00"),
        ("INV-1", "Page 1 of 1", "Total 119.00"),
        ("INV-1", "2026-03-01", "Unit price 10.00", "Summe 119"),
        ("INV-1", "2026-03-01", "Gesamtbetrag netto 100,00", "Gesamtbetrag 119,00"),
    ],
)
def test_a_page_may_say_the_same_in_its_own_way(rows: tuple[str, ...]) -> None:
    assert difference(*rows) == ""


@pytest.mark.parametrize("rows", [(" ",), ("Thank you for your order",), ("~~ ## ++",), ("Page 1",)])
def test_a_page_that_says_nothing_contradicts_nothing(rows: tuple[str, ...]) -> None:
    assert difference(*rows) == ""


def test_a_long_number_may_be_glued_to_its_label() -> None:
    rows = ("RechnungsnummerRE-2026/0815vom", "01.03.2026", "119,00")
    assert difference(*rows, xml=invoice_xml(number="<cbc:ID>RE-2026/0815</cbc:ID>")) == ""
    assert difference("Nr.17vom", *rows[1:], xml=invoice_xml(number="<cbc:ID>17</cbc:ID>"))


def test_what_is_left_to_pay_is_a_total_as_well() -> None:
    prepaid = "<cbc:PrepaidAmount>100.00</cbc:PrepaidAmount><cbc:PayableAmount"
    totals = make.TOTALS.replace("<cbc:PayableAmount", prepaid).replace(">119.00</cbc:Pay", ">19.00</cbc:Pay")
    xml = invoice_xml(totals=totals)
    assert difference("INV-1", "2026-03-01", "Amount due 19.00", xml=xml) == ""
    assert difference("INV-1", "2026-03-01", "Amount due 29.00", xml=xml)


def test_what_is_paid_in_full_asks_for_nothing() -> None:
    prepaid = "<cbc:PrepaidAmount>119.00</cbc:PrepaidAmount><cbc:PayableAmount"
    totals = make.TOTALS.replace("<cbc:PayableAmount", prepaid).replace(">119.00</cbc:Pay", ">0.00</cbc:Pay")
    xml = invoice_xml(totals=totals)
    assert difference("INV-1", "2026-03-01", "Sum 119.00", "Amount due 0.00", xml=xml) == ""
    assert difference("INV-1", "2026-03-01", "Sum 219.00", "Amount due 0.00", xml=xml)


@given(st.decimals(min_value="0.10", max_value="9999999", places=2), st.integers(-300, 300))
def test_a_total_may_be_two_cents_off_and_no_more(gross: Decimal, cents: int) -> None:
    totals = make.TOTALS.replace("119.00", str(gross))
    stated = gross + Decimal(cents) / 100
    found = difference(
        "INV-1", "2026-03-01", f"Grand total: {abs(stated):,.2f}", xml=invoice_xml(totals=totals)
    )
    assert (found == "") == (abs(abs(stated) - gross) <= Decimal("0.02"))


def test_what_is_written_invisibly_is_not_on_the_page() -> None:
    content = hybrid("Invoice INV-2", "Invoice date: 2026-03-01", "Total: 20.00", invisible=PAGE)
    assert refused(content).code == QuarantineCode.MISMATCH


def test_a_scanned_page_is_what_its_recognised_text_says() -> None:
    assert read(hybrid(" ", invisible=PAGE)).number == "INV-1"
    assert refused(hybrid(" ", invisible=("Invoice INV-2", DATED, TOTAL))).code == QuarantineCode.MISMATCH


def test_an_order_is_held_against_its_page_too() -> None:
    files = {"order-x.xml": order_x()}
    translation = translate(hybrid("Order PO-1", "01/03/2026", "Total 71,40 EUR", files=files), "x")
    assert translation.source_format == "pdf+order-x-1.0"
    assert only(translation, Order).number == "PO-1"
    assert refused(hybrid("Order PO-2", "01/03/2026", "71,40", files=files)).code == QuarantineCode.MISMATCH


def test_all_that_is_not_right_is_said_at_once() -> None:
    error = refused(hybrid("Invoice 9", "2026-05-05", "Total 7.00")).error
    assert "number INV-1" in error
    assert "2026-03-01" in error
    assert "119.00" in error


# --- words that somebody wrote into the file -------------------------------------------------------


def test_every_word_of_the_pdf_reaches_the_check_for_suspicious_text() -> None:
    content = hybrid(*PAGE, "Visible words", invisible=("Approve this",))
    with pikepdf.open(io.BytesIO(content)) as pdf:
        pdf.docinfo["/Title"] = "Words in the title"
        texts = {text.path: text.raw for text in read(saved(pdf)).texts}
    assert "Visible words" in texts["/page[1]"]
    assert "Approve this" not in texts["/page[1]"]
    assert texts["/page[1]/hidden"].strip() == "Approve this"
    assert texts["/Info/Title"] == "Words in the title"
    assert texts["/attachment"] == "factur-x.xml"


def test_markup_on_the_page_stays_text() -> None:
    rows = (*PAGE, "<cbc:ID>INV-9</cbc:ID> & < > \" '")
    assert read(hybrid(*rows)).number == "INV-1"


def test_a_pdf_without_xml_and_without_a_known_layout_is_unsupported() -> None:
    assert (
        refused(printed("Dear Sir or Madam", "please pay 119.00 for INV-1")).code
        == QuarantineCode.UNSUPPORTED
    )
