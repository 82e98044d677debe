"""Features that say nothing to us, and must not be taken for something else."""

from __future__ import annotations

from typing import Final

from . import ciis, make
from .features import (
    BILLING_PERIOD,
    SITE,
    Feature,
    cii,
    edi,
    period,
    product,
    reference,
    referenced,
    ubl,
    ubl_line,
)

SILENT: Final = (
    Feature(
        "tax representative (BG-11)",
        ubl(
            "<cac:TaxRepresentativeParty><cac:PartyName><cbc:Name>Stamp and Seal</cbc:Name></cac:PartyName>"
            "<cac:PartyTaxScheme><cbc:CompanyID>ATU12345675</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>"
            "</cac:PartyTaxScheme></cac:TaxRepresentativeParty>"
        ),
        cii(
            "<ram:SellerTaxRepresentativeTradeParty><ram:Name>Stamp and"
            " Seal</ram:Name><ram:SpecifiedTaxRegistration>"
            "<ram:ID"
            ' schemeID="VA">ATU12345675</ram:ID></ram:SpecifiedTaxRegistration></ram:SellerTaxRepresentativeTradeParty>'
        ),
        edi("NAD+LC+++Stamp and Seal'", "RFF+VA:ATU12345675'", after="NAD+BY+4000001000012::9++Buyer Ltd'"),
    ),
    Feature(
        "delivery: place, party, day (BG-13, BG-15)",
        ubl(
            "<cac:Delivery><cbc:ActualDeliveryDate>2026-02-25</cbc:ActualDeliveryDate><cac:DeliveryLocation><cbc:ID>77</cbc:ID></cac:DeliveryLocation><cac:DeliveryParty><cac:PartyName><cbc:Name>Our"
            " yard</cbc:Name></cac:PartyName></cac:DeliveryParty></cac:Delivery>"
        ),
        ciis.cii_xml(
            delivery=(
                "<ram:ShipToTradeParty><ram:ID>77</ram:ID><ram:Name>Our"
                f" yard</ram:Name>{SITE}</ram:ShipToTradeParty>"
                f"<ram:ActualDeliverySupplyChainEvent><ram:OccurrenceDateTime>{ciis.day('20260225')}</ram:OccurrenceDateTime>"
                "</ram:ActualDeliverySupplyChainEvent>"
            )
        ),
        edi("NAD+DP+77::92++Our yard'", "DTM+35:20261015:102'"),
    ),
    Feature(
        "invoicing period and tax point (BG-14, BT-7)",
        ubl(
            period("InvoicePeriod"),
            head=(
                "<cbc:IssueDate>2026-03-01</cbc:IssueDate><cbc:InvoiceTypeCode>380"
                "</cbc:InvoiceTypeCode><cbc:TaxPointDate>2026-02-28</cbc:TaxPointDate>"
            ),
        ),
        cii(settlement=BILLING_PERIOD),
        edi(
            "DTM+167:20261001:102'",
            "DTM+168:20261031:102'",
            "DTM+131:20261030:102'",
            after="DTM+137:20261101:102'",
        ),
    ),
    Feature(
        "period of a line (BG-26)",
        ubl(lines=ubl_line(period("InvoicePeriod"), before="<cac:OrderLineReference>")),
        cii(lines=ciis.line(settlement=BILLING_PERIOD)),
        edi("DTM+167:20261001:102'", "DTM+168:20261031:102'", line=True),
    ),
    Feature(
        "contract, tender, object, project (BT-12, BT-17, BT-18, BT-11)",
        ubl(
            references=reference("ContractDocumentReference", "CT-9")
            + reference("OriginatorDocumentReference", "LOT-2")
            + reference(
                "AdditionalDocumentReference", "METER-5", "<cbc:DocumentTypeCode>130</cbc:DocumentTypeCode>"
            )
            + reference("ProjectReference", "P-4")
        ),
        cii(
            referenced("ContractReferencedDocument", "CT-9")
            + referenced("AdditionalReferencedDocument", "LOT-2", "<ram:TypeCode>50</ram:TypeCode>")
            + referenced("AdditionalReferencedDocument", "METER-5", "<ram:TypeCode>130</ram:TypeCode>")
            + "<ram:SpecifiedProcuringProject><ram:ID>P-4</ram:ID><ram:Name>Roof</ram:Name></ram:SpecifiedProcuringProject>"
        ),
        edi("RFF+CT:CT-9'", "RFF+ATS:METER-5'", "RFF+AEP:P-4'", after="DTM+137:20261101:102'"),
    ),
    Feature(
        "buyer's reference and accounts (BT-10, BT-19, BT-133)",
        ubl(
            references=(
                "<cac:BuyerAssignedReference><cbc:BuyerReference>Dept"
                " 7</cbc:BuyerReference></cac:BuyerAssignedReference>"
            ),
            head=(
                "<cbc:IssueDate>2026-03-01</cbc:IssueDate><cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>"
                "<cbc:AccountingCost>4711</cbc:AccountingCost><cbc:BuyerReference>Dept 7</cbc:BuyerReference>"
            ),
            lines=ubl_line(
                "<cbc:AccountingCost>4712</cbc:AccountingCost>", before="<cac:OrderLineReference>"
            ),
        ),
        cii(
            "<ram:BuyerReference>Dept 7</ram:BuyerReference>",
            settlement="<ram:ReceivableSpecifiedTradeAccountingAccount><ram:ID>4711</ram:ID></ram:ReceivableSpecifiedTradeAccountingAccount>",
        ),
        edi("RFF+ADE:4711'", "RFF+AOU:Dept 7'", after="DTM+137:20261101:102'"),
    ),
    Feature(
        "supporting documents, embedded and linked (BG-24)",
        ubl(
            references=reference(
                "AdditionalDocumentReference",
                "TS-1",
                '<cac:Attachment><cbc:EmbeddedDocumentBinaryObject mimeCode="text/csv"'
                ' filename="hours.csv">aG91cnM=</cbc:EmbeddedDocumentBinaryObject></cac:Attachment>',
            )
            + reference(
                "AdditionalDocumentReference",
                "TS-2",
                "<cac:Attachment><cac:ExternalReference><cbc:URI>https://example.org/2</cbc:URI></cac:ExternalReference></cac:Attachment>",
            )
        ),
        cii(
            referenced(
                "AdditionalReferencedDocument",
                "TS-1",
                '<ram:TypeCode>916</ram:TypeCode><ram:AttachmentBinaryObject mimeCode="text/csv"'
                ' filename="hours.csv">aG91cnM=</ram:AttachmentBinaryObject>',
            )
        ),
    ),
    Feature(
        "attributes, class and origin of an item (BG-32, BT-158, BT-159)",
        ubl(
            lines=ubl_line(
                "<cac:OriginCountry><cbc:IdentificationCode>SE</cbc:IdentificationCode></cac:OriginCountry><cac:CommodityClassification>"
                "<cbc:ItemClassificationCode"
                ' listID="TST">31161500</cbc:ItemClassificationCode></cac:CommodityClassification>'
                "<cac:AdditionalItemProperty><cbc:Name>Colour</cbc:Name><cbc:Value>Black</cbc:Value></cac:AdditionalItemProperty>",
                before="<cac:ClassifiedTaxCategory>",
            )
        ),
        cii(
            lines=product(
                "<ram:ApplicableProductCharacteristic><ram:Description>Colour</ram:Description><ram:Value>Black</ram:Value>"
                "</ram:ApplicableProductCharacteristic><ram:DesignatedProductClassification><ram:ClassCode"
                ' listID="TST">31161500'
                "</ram:ClassCode></ram:DesignatedProductClassification><ram:OriginTradeCountry><ram:ID>SE</ram:ID></ram:OriginTradeCountry>"
            )
        ),
        edi("ALI+SE'", line=True),
    ),
    Feature(
        "tax in the currency of the tax office (BT-6, BT-111)",
        ubl(
            head=(
                "<cbc:IssueDate>2026-03-01</cbc:IssueDate><cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode><cbc:TaxCurrencyCode>SEK"
                "</cbc:TaxCurrencyCode>"
            ),
            tax=make.TAX
            + '<cac:TaxTotal><cbc:TaxAmount currencyID="SEK">212.80</cbc:TaxAmount></cac:TaxTotal>',
        ),
        cii(
            settlement="<ram:TaxCurrencyCode>SEK</ram:TaxCurrencyCode>",
            totals=ciis.TOTALS + '<ram:TaxTotalAmount currencyID="SEK">212.80</ram:TaxTotalAmount>',
        ),
        edi("MOA+176:212.80:SEK'", after="MOA+176:19.00'"),
    ),
    Feature(
        "parts of a line (sub-lines of the XRechnung extension)",
        ubl(
            lines=ubl_line(
                "<cac:SubInvoiceLine><cbc:ID>1.1</cbc:ID><cbc:InvoicedQuantity>10</cbc:InvoicedQuantity><cbc:LineExtensionAmount>100.00"
                "</cbc:LineExtensionAmount></cac:SubInvoiceLine>",
                before="<cac:OrderLineReference>",
            )
        ),
        cii(lines=ciis.line() + ciis.line("1.1", document="<ram:ParentLineID>1</ram:ParentLineID>")),
    ),
    Feature(
        "a signature and extensions",
        ubl(
            "<cac:Signature><cbc:ID>S-1</cbc:ID><cbc:SignatureMethod>urn:x:dsig</cbc:SignatureMethod></cac:Signature>"
        ),
    ),
)
"""What says nothing to us."""
