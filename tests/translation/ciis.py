"""Cross industry documents made by the tests: the twin of the invoice of `make.py`, whose parts can be
replaced."""

from __future__ import annotations

from coordination.translation.canonical import Invoice, Order

from .conftest import only
from .make import read

_UNECE = "urn:un:unece:uncefact:data:standard"
NAMESPACES = (
    f'xmlns:rsm="{_UNECE}:CrossIndustryInvoice:100" xmlns:udt="{_UNECE}:UnqualifiedDataType:100" '
    f'xmlns:ram="{_UNECE}:ReusableAggregateBusinessInformationEntity:100"'
)
SELLER = (
    "<ram:SellerTradeParty><ram:Name>Nails and More</ram:Name><ram:SpecifiedTaxRegistration>"
    '<ram:ID schemeID="VA">DE136695976</ram:ID></ram:SpecifiedTaxRegistration></ram:SellerTradeParty>'
)
ORDER = (
    "<ram:BuyerOrderReferencedDocument><ram:IssuerAssignedID>PO-1</ram:IssuerAssignedID>"
    "</ram:BuyerOrderReferencedDocument>"
)
TAX = (
    "<ram:ApplicableTradeTax><ram:CalculatedAmount>19.00</ram:CalculatedAmount><ram:TypeCode>VAT</ram:TypeCode>"
    "<ram:BasisAmount>100.00</ram:BasisAmount><ram:CategoryCode>S</ram:CategoryCode>"
    "<ram:RateApplicablePercent>19</ram:RateApplicablePercent></ram:ApplicableTradeTax>"
)
TOTALS = (
    "<ram:LineTotalAmount>100.00</ram:LineTotalAmount><ram:TaxBasisTotalAmount>100.00</ram:TaxBasisTotalAmount>"
    '<ram:TaxTotalAmount currencyID="EUR">19.00</ram:TaxTotalAmount>'
    "<ram:GrandTotalAmount>119.00</ram:GrandTotalAmount><ram:DuePayableAmount>119.00</ram:DuePayableAmount>"
)


def day(text: str = "20260301", stated: str = "102") -> str:
    return f'<udt:DateTimeString format="{stated}">{text}</udt:DateTimeString>'


def line(
    number: str = "1",
    *,
    document: str = "",
    quantity: str = '<ram:BilledQuantity unitCode="C62">10</ram:BilledQuantity>',
    price: str = "<ram:ChargeAmount>10.00</ram:ChargeAmount>",
    order: str = "<ram:BuyerOrderReferencedDocument><ram:LineID>1</ram:LineID></ram:BuyerOrderReferencedDocument>",
    settlement: str = "",
    rate: str = "19",
    net: str = "100.00",
) -> str:
    return (
        "<ram:IncludedSupplyChainTradeLineItem><ram:AssociatedDocumentLineDocument>"
        f"<ram:LineID>{number}</ram:LineID>{document}</ram:AssociatedDocumentLineDocument>"
        "<ram:SpecifiedTradeProduct><ram:SellerAssignedID>N-1</ram:SellerAssignedID><ram:Name>Nails</ram:Name>"
        f"</ram:SpecifiedTradeProduct><ram:SpecifiedLineTradeAgreement>{order}"
        f"<ram:NetPriceProductTradePrice>{price}</ram:NetPriceProductTradePrice></ram:SpecifiedLineTradeAgreement>"
        f"<ram:SpecifiedLineTradeDelivery>{quantity}</ram:SpecifiedLineTradeDelivery>"
        "<ram:SpecifiedLineTradeSettlement><ram:ApplicableTradeTax><ram:CategoryCode>S</ram:CategoryCode>"
        f"<ram:RateApplicablePercent>{rate}</ram:RateApplicablePercent></ram:ApplicableTradeTax>{settlement}"
        "<ram:SpecifiedTradeSettlementLineMonetarySummation>"
        f"<ram:LineTotalAmount>{net}</ram:LineTotalAmount></ram:SpecifiedTradeSettlementLineMonetarySummation>"
        "</ram:SpecifiedLineTradeSettlement></ram:IncludedSupplyChainTradeLineItem>"
    )


def cii_xml(
    *,
    number: str = "<ram:ID>INV-1</ram:ID>",
    type_code: str = "380",
    issued: str = day(),
    agreement: str = SELLER + ORDER,
    delivery: str = "",
    currency: str = "<ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>",
    settlement: str = "",
    tax: str = TAX,
    totals: str = TOTALS,
    lines: str | None = None,
) -> bytes:
    """A CrossIndustryInvoice, the same as `make.invoice_xml`."""
    return (
        f"<rsm:CrossIndustryInvoice {NAMESPACES}><rsm:ExchangedDocument>{number}"
        f"<ram:TypeCode>{type_code}</ram:TypeCode><ram:IssueDateTime>{issued}</ram:IssueDateTime>"
        "</rsm:ExchangedDocument><rsm:SupplyChainTradeTransaction>"
        f"{line() if lines is None else lines}"
        f"<ram:ApplicableHeaderTradeAgreement>{agreement}</ram:ApplicableHeaderTradeAgreement>"
        f"<ram:ApplicableHeaderTradeDelivery>{delivery}</ram:ApplicableHeaderTradeDelivery>"
        f"<ram:ApplicableHeaderTradeSettlement>{currency}{settlement}{tax}"
        "<ram:SpecifiedTradeSettlementHeaderMonetarySummation>"
        f"{totals}</ram:SpecifiedTradeSettlementHeaderMonetarySummation></ram:ApplicableHeaderTradeSettlement>"
        "</rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>"
    ).encode()


def trade_terms(*inside: str) -> str:
    """Terms of payment, one after the other."""
    return "".join(
        f"<ram:SpecifiedTradePaymentTerms>{one}</ram:SpecifiedTradePaymentTerms>" for one in inside
    )


def due(text: str) -> str:
    return f"<ram:DueDateDateTime>{day(text)}</ram:DueDateDateTime>"


def partial(text: str) -> str:
    return f"<ram:PartialPaymentAmount>{text}</ram:PartialPaymentAmount>"


def zugferd_1(settlement: str = "") -> bytes:
    """The same invoice in the names of ZUGFeRD 1."""
    text = cii_xml(settlement=settlement).decode()
    for new, old in (
        (
            "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
            "urn:ferd:CrossIndustryDocument:invoice:1p0",
        ),
        ("CrossIndustryInvoice", "CrossIndustryDocument"),
        ("Entity:100", "Entity:12"),
        ("UnqualifiedDataType:100", "UnqualifiedDataType:15"),
        ("rsm:ExchangedDocument", "rsm:HeaderExchangedDocument"),
        ("rsm:SupplyChainTradeTransaction", "rsm:SpecifiedSupplyChainTradeTransaction"),
        ("ApplicableHeaderTrade", "ApplicableSupplyChainTrade"),
        ("SpecifiedLineTrade", "SpecifiedSupplyChainTrade"),
        ("TradeSettlementHeaderMonetary", "TradeSettlementMonetary"),
        ("TradeSettlementLineMonetary", "TradeSettlementMonetary"),
        ("RateApplicablePercent", "ApplicablePercent"),
        ("IssuerAssignedID", "ID"),
    ):
        text = text.replace(new, old)
    return text.encode()


def invoice(content: bytes) -> Invoice:
    return only(read(content), Invoice)


def order_x(
    *,
    type_code: str = "220",
    issued: str = day("202603011230", "203"),
    agreement: str = SELLER,
    lines: str = "",
) -> bytes:
    """An Order-X document of one line: 6 at 10.00."""
    unece = f"{_UNECE}:ReusableAggregateBusinessInformationEntity:128"
    return (
        "<rsm:SCRDMCCBDACIOMessageStructure"
        ' xmlns:rsm="urn:un:unece:uncefact:data:SCRDMCCBDACIOMessageStructure:100"'
        f' xmlns:ram="{unece}" xmlns:udt="{_UNECE}:UnqualifiedDataType:128"><rsm:ExchangedDocument>'
        f"<ram:ID>PO-1</ram:ID><ram:TypeCode>{type_code}</ram:TypeCode><ram:IssueDateTime>{issued}"
        "</ram:IssueDateTime></rsm:ExchangedDocument><rsm:SupplyChainTradeTransaction>"
        f"{lines or order_line()}<ram:ApplicableHeaderTradeAgreement>{agreement}</ram:ApplicableHeaderTradeAgreement>"
        "<ram:ApplicableHeaderTradeSettlement><ram:OrderCurrencyCode>EUR</ram:OrderCurrencyCode>"
        "<ram:SpecifiedTradeSettlementHeaderMonetarySummation><ram:LineTotalAmount>60.00</ram:LineTotalAmount>"
        "<ram:TaxBasisTotalAmount>60.00</ram:TaxBasisTotalAmount><ram:GrandTotalAmount>71.40</ram:GrandTotalAmount>"
        "</ram:SpecifiedTradeSettlementHeaderMonetarySummation></ram:ApplicableHeaderTradeSettlement>"
        "</rsm:SupplyChainTradeTransaction></rsm:SCRDMCCBDACIOMessageStructure>"
    ).encode()


def order_line(*, status: str = "", agreed: str = "") -> str:
    return line(
        document=f"<ram:LineStatusCode>{status}</ram:LineStatusCode>" if status else "",
        quantity=f'{agreed}<ram:RequestedQuantity unitCode="C62">6</ram:RequestedQuantity>',
        order="",
        net="60.00",
    )


def order(content: bytes) -> Order:
    return only(read(content), Order)
