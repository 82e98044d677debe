"""Features that say something to us, and what."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Final

from coordination.translation.canonical import Account

from . import ciis, edifacts, make
from .features import (
    CII_TAXED,
    FACTOR,
    FREIGHT,
    REBATE,
    UBL_TAXED,
    Feature,
    cii,
    cii_charge,
    edi,
    on_line,
    product,
    reference,
    referenced,
    totals,
    ubl,
    ubl_charge,
    ubl_line,
)

SAYING: Final = (
    Feature(
        "other numbers of an item (BT-156, BT-157)",
        ubl(
            lines=ubl_line(
                "<cac:BuyersItemIdentification><cbc:ID>OUR-7</cbc:ID></cac:BuyersItemIdentification><cac:StandardItemIdentification><cbc:ID"
                ' schemeID="0160">4000862141404</cbc:ID></cac:StandardItemIdentification>',
                before="<cac:ClassifiedTaxCategory>",
            )
        ),
        cii(
            lines=product(
                "<ram:GlobalID"
                ' schemeID="0160">4000862141404</ram:GlobalID><ram:BuyerAssignedID>OUR-7</ram:BuyerAssignedID>'
            )
        ),
        edi("PIA+1+OUR-7:BP'", line=True),
        line=on_line(buyer_item="OUR-7", standard_item="4000862141404"),
    ),
    Feature(
        "words of a line (BT-127)",
        ubl(lines=ubl_line("<cbc:Note>Second delivery</cbc:Note>", before="<cac:OrderLineReference>")),
        cii(
            lines=ciis.line(
                document="<ram:IncludedNote><ram:Content>Second delivery</ram:Content></ram:IncludedNote>"
            )
        ),
        edi("FTX+AAI+++Second delivery'", line=True),
        line=on_line(note="Second delivery"),
    ),
    Feature(
        "allowances and charges of the document with their codes (BG-20, BG-21)",
        ubl(
            ubl_charge("8.00", tax=UBL_TAXED)
            + ubl_charge("5.00", charge="false", code="95", reason="Spring rebate", tax=UBL_TAXED),
            totals=totals(TaxExclusiveAmount="103.00", TaxInclusiveAmount="122.57", PayableAmount="122.57"),
        ),
        cii(
            settlement=cii_charge("8.00", tax=CII_TAXED)
            + cii_charge("5.00", charge="false", code="95", reason="Spring rebate", tax=CII_TAXED),
            totals=ciis.TOTALS.replace("BasisTotalAmount>100.00", "BasisTotalAmount>103.00").replace(
                "119.00", "122.57"
            ),
        ),
        says={
            "allowances": tuple(
                replace(one, tax_category="S", tax_rate=Decimal(19)) for one in (FREIGHT, REBATE)
            ),
            "net": Decimal("103.00"),
            "gross": Decimal("122.57"),
            "payable": Decimal("122.57"),
        },
    ),
    Feature(
        "allowances and charges of a line with their codes (BG-27, BG-28)",
        ubl(
            lines=ubl_line(
                ubl_charge("8.00") + ubl_charge("5.00", charge="false", code="95", reason="Spring rebate"),
                before="<cac:Item>",
            )
        ),
        cii(
            lines=ciis.line(
                settlement=cii_charge("8.00")
                + cii_charge("5.00", charge="false", code="95", reason="Spring rebate")
            )
        ),
        line=on_line(allowances=(FREIGHT, REBATE)),
    ),
    Feature(
        "paid in advance, and rounded (BT-113, BT-114)",
        ubl(totals=totals(PrepaidAmount="50.00", PayableRoundingAmount="0.02", PayableAmount="69.02")),
        cii(
            totals=ciis.TOTALS.replace(
                "<ram:DuePayableAmount>119.00",
                "<ram:TotalPrepaidAmount>50.00</ram:TotalPrepaidAmount>"
                "<ram:RoundingAmount>0.02</ram:RoundingAmount><ram:DuePayableAmount>69.02",
            )
        ),
        edifacts.replaced(edi("MOA+113:50.00'", "MOA+165:0.02'", after="MOA+77:119.00'"), "MOA+9:69.02'"),
        says={"prepaid": Decimal("50.00"), "rounding": Decimal("0.02"), "payable": Decimal("69.02")},
    ),
    Feature(
        "somebody else is paid (BG-10)",
        ubl(
            "<cac:PayeeParty><cac:PartyName><cbc:Name>Quick Cash"
            " Factoring</cbc:Name></cac:PartyName></cac:PayeeParty>"
        ),
        cii(
            settlement="<ram:PayeeTradeParty><ram:Name>Quick Cash Factoring</ram:Name></ram:PayeeTradeParty>"
        ),
        edi("NAD+PE+++Quick Cash Factoring'", after="NAD+BY+4000001000012::9++Buyer Ltd'"),
        says={"payee": FACTOR},
    ),
    Feature(
        "two accounts (BG-17)",
        ubl(
            "".join(
                f"<cac:PaymentMeans><cbc:PaymentMeansCode>30</cbc:PaymentMeansCode><cac:PayeeFinancialAccount><cbc:ID>{number}</cbc:ID>"
                "</cac:PayeeFinancialAccount></cac:PaymentMeans>"
                for number in ("DE75512108001245126199", "FI2112345600000785")
            )
        ),
        cii(
            settlement="".join(
                "<ram:SpecifiedTradeSettlementPaymentMeans><ram:TypeCode>30</ram:TypeCode><ram:PayeePartyCreditorFinancialAccount>"
                f"<ram:IBANID>{number}</ram:IBANID></ram:PayeePartyCreditorFinancialAccount></ram:SpecifiedTradeSettlementPaymentMeans>"
                for number in ("DE75512108001245126199", "FI2112345600000785")
            )
        ),
        says={
            "account": Account("DE75512108001245126199"),
            "other_accounts": (Account("FI2112345600000785"),),
        },
    ),
    Feature(
        "a price of several (BT-149)",
        ubl(
            lines=ubl_line(
                '<cbc:PriceAmount currencyID="EUR">1000.00</cbc:PriceAmount><cbc:BaseQuantity'
                ' unitCode="C62">100</cbc:BaseQuantity>',
                old='<cbc:PriceAmount currencyID="EUR">10.00</cbc:PriceAmount>',
            )
        ),
        cii(
            lines=ciis.line(
                price=(
                    "<ram:ChargeAmount>1000.00</ram:ChargeAmount><ram:BasisQuantity"
                    ' unitCode="C62">100</ram:BasisQuantity>'
                )
            )
        ),
        edifacts.replaced(edifacts.INVOICE, "PRI+AAA:1000.00:::100:C62'"),
        line=on_line(price=Decimal("1000.00"), base_quantity=Decimal(100), base_unit="C62"),
    ),
    Feature(
        "invoices before this one, of the document and of a line (BT-25, BT-217)",
        ubl(
            references=(
                f"<cac:BillingReference>{reference('InvoiceDocumentReference', 'INV-0')}</cac:BillingReference>"
            ),
            lines=ubl_line(
                f"<cac:BillingReference>{reference('InvoiceDocumentReference', 'INV-00')}<cac:BillingReferenceLine><cbc:ID>3</cbc:ID>"
                "</cac:BillingReferenceLine></cac:BillingReference>",
                before="<cac:Item>",
            ),
        ),
        cii(
            settlement=referenced("InvoiceReferencedDocument", "INV-0"),
            lines=ciis.line(
                settlement=referenced("InvoiceReferencedDocument", "INV-00", "<ram:LineID>3</ram:LineID>")
            ),
        ),
        (
            *edi("RFF+OI:INV-0'", after="DTM+137:20261101:102'")[:2],
            "RFF+OI:INV-0'",
            *edi("RFF+OI:INV-00:3'", line=True)[2:],
        ),
        says={"preceding": ("INV-0", "INV-00")},
    ),
    Feature(
        "despatch, delivery note and receipt of the document (BT-16, BT-197, BT-15)",
        ubl(
            references=reference("DespatchDocumentReference", "DA-1")
            + reference("ReceiptDocumentReference", "GR-1")
            + reference("DeliveryNoteDocumentReference", "DN-1")
        ),
        ciis.cii_xml(
            delivery=referenced("DespatchAdviceReferencedDocument", "DA-1")
            + referenced("ReceivingAdviceReferencedDocument", "GR-1")
            + referenced("DeliveryNoteReferencedDocument", "DN-1")
        ),
        edi("RFF+AAK:DA-1'", "RFF+DQ:DN-1'", "RFF+ALO:GR-1'", after="DTM+137:20261101:102'"),
        says={"despatch_numbers": ("DA-1", "DN-1"), "receipt_numbers": ("GR-1",)},
    ),
    Feature(
        "the seller's own number of the order (BT-14)",
        make.invoice_xml(
            references="<cac:OrderReference><cbc:ID>PO-1</cbc:ID><cbc:SalesOrderID>SO-8</cbc:SalesOrderID></cac:OrderReference>"
        ),
        cii(referenced("SellerOrderReferencedDocument", "SO-8")),
        edi("RFF+VN:SO-8'", after="DTM+137:20261101:102'"),
        says={"sales_orders": ("SO-8",)},
    ),
    Feature(
        "a line of another order (BT-188)",
        ubl(
            lines=ubl_line(
                "<cac:OrderLineReference><cbc:LineID>4</cbc:LineID><cac:OrderReference><cbc:ID>PO-2</cbc:ID></cac:OrderReference>"
                "</cac:OrderLineReference>",
                old="<cac:OrderLineReference><cbc:LineID>1</cbc:LineID></cac:OrderLineReference>",
            )
        ),
        cii(
            lines=ciis.line(
                order=referenced("BuyerOrderReferencedDocument", "PO-2", "<ram:LineID>4</ram:LineID>")
            )
        ),
        says={"order_numbers": ("PO-1", "PO-2")},
        line=on_line(order_number="PO-2", order_line="4"),
    ),
)
"""What says something, and what."""
