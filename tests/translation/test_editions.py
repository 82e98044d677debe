"""EN 16931-1:2026 beside 2017: the terms that are new, where UBL 2.5 and CII D25A put them, and what stays as
it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from coordination.agents import en16931
from coordination.translation import translate
from coordination.translation.canonical import AllowanceCharge, Invoice
from coordination.translation.identity import canonical_digest

from . import ciis, edifacts
from .features import referenced, totals, ubl_line
from .make import LINE, TAX, invoice, invoice_xml

SPECIFICATIONS = (
    "urn:cen.eu:en16931:2017",
    "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0",
    "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0",
    "urn:cen.eu:en16931:2026",
)
HEAD = "<cbc:IssueDate>2026-03-01</cbc:IssueDate><cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>"
ZERO = Decimal(0)


def context(specification: str) -> str:
    return (
        "<rsm:ExchangedDocumentContext><ram:GuidelineSpecifiedDocumentContextParameter>"
        f"<ram:ID>{specification}</ram:ID></ram:GuidelineSpecifiedDocumentContextParameter></rsm:ExchangedDocumentContext>"
    )


def cii_of(specification: str, content: bytes) -> bytes:
    return content.replace(
        b"<rsm:ExchangedDocument>", context(specification).encode() + b"<rsm:ExchangedDocument>"
    )


@pytest.mark.parametrize("specification", SPECIFICATIONS)
def test_the_edition_that_a_document_follows_makes_no_other_invoice(specification: str) -> None:
    plain = canonical_digest(invoice(invoice_xml()))
    head = f"<cbc:CustomizationID>{specification}</cbc:CustomizationID>{HEAD}"
    assert canonical_digest(invoice(invoice_xml(head=head))) == plain
    assert canonical_digest(ciis.invoice(cii_of(specification, ciis.cii_xml()))) == plain


@pytest.mark.parametrize(
    ("stated", "known"), [("2.1", "ubl-2.1"), ("2.4", "ubl-2.4"), ("2.5", "ubl-2.5"), ("3", "ubl-2.1")]
)
def test_the_version_of_ubl_is_in_the_format(stated: str, known: str) -> None:
    content = invoice_xml(number=f"<cbc:UBLVersionID>{stated}</cbc:UBLVersionID><cbc:ID>INV-1</cbc:ID>")
    assert translate(content, "x.xml").source_format == known


# --- references of a line (BT-188 to BT-192, BT-198 to BT-201) ----------------------------------------------


def of_ubl(despatch: str = "", receipt: str = "", more: str = "") -> Invoice:
    def to(element: str, stated: str) -> str:
        number, _, line = stated.partition("/")
        document = f"<cac:DocumentReference><cbc:ID>{number}</cbc:ID></cac:DocumentReference>"
        return f"<cac:{element}><cbc:LineID>{line}</cbc:LineID>{document}</cac:{element}>" if stated else ""

    inside = to("DespatchLineReference", despatch) + to("ReceiptLineReference", receipt) + more
    return invoice(invoice_xml(lines=ubl_line(inside, before="<cac:Item>")))


def of_cii(despatch: str = "", receipt: str = "", more: str = "") -> Invoice:
    def to(element: str, stated: str) -> str:
        number, _, line = stated.partition("/")
        return (
            referenced(element, number, f"<ram:LineID>{line}</ram:LineID>" if line else "") if stated else ""
        )

    inside = (
        to("DespatchAdviceReferencedDocument", despatch)
        + to("ReceivingAdviceReferencedDocument", receipt)
        + more
    )
    quantity = f'<ram:BilledQuantity unitCode="C62">10</ram:BilledQuantity>{inside}'
    return ciis.invoice(ciis.cii_xml(lines=ciis.line(quantity=quantity)))


def of_edifact(despatch: str = "", receipt: str = "", more: str = "") -> Invoice:
    stated = (("AAK", despatch), ("ALO", receipt))
    segments = [f"RFF+{kind}:{number.replace('/', ':')}'" for kind, number in stated if number] + [
        more
    ] * bool(more)
    place = edifacts.INVOICE.index("RFF+ON:PO-1:10'") + 1
    body = (*edifacts.INVOICE[:place], *segments, *edifacts.INVOICE[place:])
    found: Invoice = edifacts.one(edifacts.interchange(edifacts.message(body)), Invoice)
    return found


def named(found: Invoice) -> tuple[str, str, str, str]:
    [line] = found.lines
    return line.despatch_number, line.despatch_line, line.receipt_number, line.receipt_line


@pytest.mark.parametrize("of", [of_ubl, of_cii, of_edifact])
@pytest.mark.parametrize(
    ("despatch", "receipt", "expected"),
    [
        ("DA-7/3", "GR-9/2", ("DA-7", "3", "GR-9", "2")),
        ("DA-7/3", "", ("DA-7", "3", "", "")),
        ("", "GR-9/2", ("", "", "GR-9", "2")),
        ("DA-7", "GR-9", ("DA-7", "", "GR-9", "")),
        ("DA-7/None", "GR-9/None", ("DA-7", "", "GR-9", "")),  # what UBL asks for where no line is meant
        ("#MULTI#/1", "siehe Anlage/1", ("", "1", "", "1")),
        ("", "", ("", "", "", "")),
    ],
)
def test_a_line_names_its_despatch_and_its_receipt(of, despatch, receipt, expected) -> None:  # type: ignore[no-untyped-def]
    found = of(despatch, receipt)
    assert named(found) == expected
    assert found.despatch_numbers == tuple(filter(None, expected[:1]))
    assert found.receipt_numbers == tuple(filter(None, expected[2:3]))


NOTES = {
    of_ubl: (
        "<cac:Delivery><cac:DeliveryNoteDocumentReference><cbc:ID>DN-4</cbc:ID></cac:DeliveryNoteDocumentReference>"
        "<cac:DeliveryNoteLineReference><cbc:LineID>6</cbc:LineID></cac:DeliveryNoteLineReference></cac:Delivery>"
    ),
    of_cii: referenced("DeliveryNoteReferencedDocument", "DN-4", "<ram:LineID>6</ram:LineID>"),
    of_edifact: "RFF+DQ:DN-4:6'",
}


@pytest.mark.parametrize("of", NOTES)
def test_a_delivery_note_of_a_line_stands_in_for_its_despatch(of) -> None:  # type: ignore[no-untyped-def]
    assert named(of(more=NOTES[of])) == ("DN-4", "6", "", "")
    both = of("DA-7/3", more=NOTES[of])
    assert named(both) == ("DA-7", "3", "", "")
    assert both.despatch_numbers == ("DA-7", "DN-4")


def test_where_a_line_reference_was_read_is_remembered() -> None:
    found = of_ubl("DA-7/3")
    assert (
        found.provenance["lines/1/despatch_number"].path
        == "/Invoice/cac:InvoiceLine/cac:DespatchLineReference/cac:DocumentReference/cbc:ID"
    )


def test_a_sellers_order_number_may_stand_on_a_line() -> None:
    order = "<cac:OrderLineReference><cbc:LineID>None</cbc:LineID><cac:OrderReference><cbc:ID>None</cbc:ID><cbc:SalesOrderID>SO-8"
    order += "</cbc:SalesOrderID></cac:OrderReference></cac:OrderLineReference>"
    old = "<cac:OrderLineReference><cbc:LineID>1</cbc:LineID></cac:OrderLineReference>"
    of_both = [
        invoice(invoice_xml(lines=LINE.replace(old, order))),
        ciis.invoice(
            ciis.cii_xml(lines=ciis.line(order=referenced("SellerOrderReferencedDocument", "SO-8")))
        ),
    ]
    for found in of_both:
        assert (found.sales_orders, found.order_numbers) == (("SO-8",), ("PO-1",))
        assert (found.lines[0].order_number, found.lines[0].order_line) == ("", "")


# --- what moved, and what is new in the totals --------------------------------------------------------------


def test_the_note_of_a_document_may_be_an_annotation() -> None:
    annotation = (
        "<cac:Annotation><cbc:SubjectCode>AAI</cbc:SubjectCode><cbc:AnnotationContent>By"
        " hand</cbc:AnnotationContent></cac:Annotation>"
    )
    found = invoice(invoice_xml(head=HEAD + "<cbc:Note>Old</cbc:Note>", references=annotation))
    assert found.note == "Old\nBy hand"
    assert "By hand" in {text.raw for text in found.texts}


@pytest.mark.parametrize(
    "stamp", ["20260301120503+0100", "20260301235959-1100", "20260301000000+01:00", "20260301120503Z"]
)
def test_a_moment_with_its_zone_is_of_the_day_it_says(stamp: str) -> None:
    found = ciis.invoice(ciis.cii_xml(issued=ciis.day(stamp, "208")))
    assert (found.issue_date, found.unreadable) == (date(2026, 3, 1), ())


@pytest.mark.parametrize(
    "stamp", ["20260301", "20260301120503", "20260230120503+0100", "20260301120503+0100 "[:-3]]
)
def test_what_is_no_moment_with_a_zone_is_none(stamp: str) -> None:
    found = ciis.invoice(ciis.cii_xml(issued=ciis.day(stamp, "208")))
    assert found.issue_date is None
    assert [p.field for p in found.unreadable] == ["issue_date"]


def test_a_tax_row_in_the_currency_of_the_tax_office_is_no_tax_of_ours() -> None:
    row = (
        '<cac:TaxSubtotal><cbc:TaxableAmount currencyID="SEK">1120.00</cbc:TaxableAmount><cbc:TaxAmount'
        ' currencyID="SEK">212.80'
        "</cbc:TaxAmount><cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>19</cbc:Percent></cac:TaxCategory></cac:TaxSubtotal>"
    )
    of_ubl_ = invoice(invoice_xml(tax=TAX.replace("</cac:TaxTotal>", row + "</cac:TaxTotal>")))
    sek = (
        ciis.TAX.replace("19.00", "212.80")
        .replace("100.00", "1120.00")
        .replace("<ram:TypeCode>", "<ram:CurrencyCode>SEK</ram:CurrencyCode><ram:TypeCode>")
    )
    of_cii_ = ciis.invoice(ciis.cii_xml(tax=ciis.TAX + sek))
    for found in (of_ubl_, of_cii_):
        assert [(row.base, row.tax) for row in found.taxes] == [(Decimal("100.00"), Decimal("19.00"))]
        assert found.unreadable == ()


COLLECTED = (AllowanceCharge(True, Decimal("4.50"), "City tax for two nights"),)


def collected_ubl(
    element: str = "CollectionInvoiceLine", *, kind: str = "Invoice", payable: str = "123.50"
) -> bytes:
    line = (
        f"<cac:{element}><cbc:ID>1</cbc:ID><cbc:TaxInclusiveLineExtensionAmount"
        ' currencyID="EUR">4.50</cbc:TaxInclusiveLineExtensionAmount><cac:Item><cbc:Description>City tax for'
        f" two nights</cbc:Description></cac:Item></cac:{element}>"
    )
    lines = (
        LINE
        if kind == "Invoice"
        else LINE.replace("InvoiceLine", "CreditNoteLine").replace("Invoiced", "Credited")
    )
    return invoice_xml(totals=totals(PayableAmount=payable) + line, kind=kind, lines=lines)


def collected_cii(payable: str = "123.50") -> bytes:
    adjustment = "<ram:ActualAmount>4.50</ram:ActualAmount><ram:Reason>City tax for two nights</ram:Reason>"
    return ciis.cii_xml(
        settlement=f"<ram:SpecifiedFinancialAdjustment>{adjustment}</ram:SpecifiedFinancialAdjustment>",
        totals=ciis.TOTALS.replace("DuePayableAmount>119.00", f"DuePayableAmount>{payable}"),
    )


@pytest.mark.parametrize(
    "content",
    [
        collected_ubl(),
        collected_ubl("CollectionCreditNoteLine", kind="CreditNote"),
        cii_of("urn:cen.eu:en16931:2026", collected_cii()),
    ],
    ids=["invoice", "credit note", "cii"],
)
def test_what_is_collected_for_others_is_payable_and_in_no_other_total(content: bytes) -> None:
    found = invoice(content)
    assert found.collected == COLLECTED
    assert (found.net, found.gross, found.payable) == (
        Decimal("100.00"),
        Decimal("119.00"),
        Decimal("123.50"),
    )
    assert list(en16931.unbalanced(found, ZERO)) == []


def test_what_is_collected_has_to_be_in_the_payable_amount() -> None:
    [breach] = en16931.unbalanced(invoice(collected_ubl(payable="119.00")), ZERO)
    assert (breach.rule, breach.computed, breach.stated) == ("BR-CO-16", Decimal("123.50"), Decimal("119.00"))


def test_the_older_edition_collects_for_nobody() -> None:
    found = ciis.invoice(cii_of(SPECIFICATIONS[2], collected_cii("119.00")))
    assert found.collected == ()
    assert list(en16931.unbalanced(found, ZERO)) == []


def test_a_gross_that_is_left_out_is_without_what_is_collected() -> None:
    content = collected_ubl().replace(
        b'<cbc:TaxInclusiveAmount currencyID="EUR">119.00</cbc:TaxInclusiveAmount>', b""
    )
    assert invoice(content).gross == Decimal("119.00")


def test_tax_rows_of_one_rate_may_part_goods_from_services() -> None:
    halves = [f"{part}</cbc:TaxAmount>" for part in ("11.40", "7.60")]
    rows = "".join(
        f'<cac:TaxSubtotal><cbc:TaxableAmount currencyID="EUR">{base}</cbc:TaxableAmount><cbc:TaxAmount'
        f' currencyID="EUR">{tax}'
        "<cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>19</cbc:Percent>"
        f"<cbc:SupplyTypeCode>{kind}</cbc:SupplyTypeCode></cac:TaxCategory></cac:TaxSubtotal>"
        for base, tax, kind in (("60.00", halves[0], "G"), ("40.00", halves[1], "S"))
    )
    tax = f'<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">19.00</cbc:TaxAmount>{rows}</cac:TaxTotal>'
    found = invoice(invoice_xml(tax=tax))
    assert [row.base for row in found.taxes] == [Decimal("60.00"), Decimal("40.00")]
    assert list(en16931.mistaxed(found, Decimal("0.02"))) == []
    twice = replace(found, taxes=(*found.taxes, found.taxes[0]))
    assert [b.rule for b in en16931.mistaxed(twice, Decimal("0.02"))] == ["BR-S-08"]
