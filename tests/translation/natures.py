"""One invoice in every syntax, in which what it says of its own nature can be changed: 10 nails at 10.00 on
PO-1."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from . import ciis, edifacts, make, pdfs

IBAN = "DE89370400440532013000"


@dataclass(frozen=True)
class Said:
    """What a document says of itself. `means`: codes with mandates; `account`: where money is asked to go
    to."""

    number: str = "INV-1"
    type_code: str = "380"
    means: tuple[tuple[str, str], ...] = (("58", ""),)
    account: str = IBAN
    reference: str = ""
    payee: str = ""
    buyer: str = "Musterbetrieb AG"
    buyer_vat: str = ""
    buyer_endpoint: str = ""
    terms: str = ""
    copy: bool = False
    test: bool = False
    preceding: str = ""
    issued: str = "2026-03-01"
    extra: dict[str, str] = field(default_factory=dict)


def ubl(said: Said) -> bytes:
    """As UBL; it knows no mark of a test."""
    name = "CreditNote" if said.extra.get("root") == "CreditNote" else "Invoice"
    copied = "<cbc:CopyIndicator>true</cbc:CopyIndicator>" if said.copy else ""
    head = f"{copied}<cbc:IssueDate>{said.issued}</cbc:IssueDate><cbc:{name}TypeCode>{said.type_code}</cbc:{name}TypeCode>"
    references = "<cac:OrderReference><cbc:ID>PO-1</cbc:ID></cac:OrderReference>"
    if said.preceding:
        references += f"<cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>{said.preceding}</cbc:ID></cac:InvoiceDocumentReference></cac:BillingReference>"
    vat = f"<cac:PartyTaxScheme><cbc:CompanyID>{said.buyer_vat}</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>"
    scheme, _, address = said.buyer_endpoint.rpartition(":")
    endpoint = f'<cbc:EndpointID schemeID="{scheme}">{address}</cbc:EndpointID>' if address else ""
    middle = (
        f"<cac:AccountingCustomerParty><cac:Party>{endpoint}{vat if said.buyer_vat else ''}<cac:PartyLegalEntity>"
        f"<cbc:RegistrationName>{said.buyer}</cbc:RegistrationName></cac:PartyLegalEntity></cac:Party></cac:AccountingCustomerParty>"
    )
    if said.payee:
        middle += f"<cac:PayeeParty><cac:PartyName><cbc:Name>{said.payee}</cbc:Name></cac:PartyName></cac:PayeeParty>"
    for code, mandate in said.means:
        middle += f"<cac:PaymentMeans><cbc:PaymentMeansCode>{code}</cbc:PaymentMeansCode>"
        middle += f"<cbc:PaymentID>{said.reference}</cbc:PaymentID>" if said.reference else ""
        middle += (
            f"<cac:PayeeFinancialAccount><cbc:ID>{said.account}</cbc:ID></cac:PayeeFinancialAccount>"
            if said.account
            else ""
        )
        middle += f"<cac:PaymentMandate><cbc:ID>{mandate}</cbc:ID></cac:PaymentMandate>" if mandate else ""
        middle += "</cac:PaymentMeans>"
    middle += f"<cac:PaymentTerms><cbc:Note>{said.terms}</cbc:Note></cac:PaymentTerms>" if said.terms else ""
    return make.invoice_xml(
        number=f"<cbc:ID>{said.number}</cbc:ID>", head=head, references=references, middle=middle, kind=name
    )


def cii(said: Said) -> bytes:
    """As CII."""
    vat = (
        "<ram:SpecifiedTaxRegistration><ram:ID"
        f' schemeID="VA">{said.buyer_vat}</ram:ID></ram:SpecifiedTaxRegistration>'
    )
    scheme, _, address = said.buyer_endpoint.rpartition(":")
    endpoint = (
        "<ram:URIUniversalCommunication><ram:URIID"
        f' schemeID="{scheme}">{address}</ram:URIID></ram:URIUniversalCommunication>'
    )
    buyer = f"<ram:BuyerTradeParty><ram:Name>{said.buyer}</ram:Name>{endpoint if address else ''}{vat if said.buyer_vat else ''}</ram:BuyerTradeParty>"
    settlement = f"<ram:PaymentReference>{said.reference}</ram:PaymentReference>" if said.reference else ""
    settlement += (
        f"<ram:PayeeTradeParty><ram:Name>{said.payee}</ram:Name></ram:PayeeTradeParty>" if said.payee else ""
    )
    for code, _ in said.means:
        settlement += f"<ram:SpecifiedTradeSettlementPaymentMeans><ram:TypeCode>{code}</ram:TypeCode>"
        settlement += (
            f"<ram:PayeePartyCreditorFinancialAccount><ram:IBANID>{said.account}</ram:IBANID></ram:PayeePartyCreditorFinancialAccount>"
            if said.account
            else ""
        )
        settlement += "</ram:SpecifiedTradeSettlementPaymentMeans>"
    mandate = next((m for _, m in said.means if m), "")
    terms = f"<ram:Description>{said.terms}</ram:Description>" if said.terms else ""
    terms += f"<ram:DirectDebitMandateID>{mandate}</ram:DirectDebitMandateID>" if mandate else ""
    settlement += f"<ram:SpecifiedTradePaymentTerms>{terms}</ram:SpecifiedTradePaymentTerms>" if terms else ""
    if said.preceding:
        settlement += f"<ram:InvoiceReferencedDocument><ram:IssuerAssignedID>{said.preceding}</ram:IssuerAssignedID></ram:InvoiceReferencedDocument>"
    content = ciis.cii_xml(
        number=f"<ram:ID>{said.number}</ram:ID>",
        type_code=said.type_code,
        agreement=ciis.SELLER + buyer + ciis.ORDER,
        settlement=settlement,
        issued=ciis.day(said.issued.replace("-", "")),
    ).decode()
    if said.copy:
        content = content.replace(
            "</ram:TypeCode><ram:IssueDateTime>",
            "</ram:TypeCode><ram:CopyIndicator><udt:Indicator>true</udt:Indicator></ram:CopyIndicator><ram:IssueDateTime>",
        )
    if said.test:
        context = "<rsm:ExchangedDocumentContext><ram:TestIndicator><udt:Indicator>true</udt:Indicator></ram:TestIndicator></rsm:ExchangedDocumentContext>"
        content = content.replace("<rsm:ExchangedDocument>", f"{context}<rsm:ExchangedDocument>", 1)
    return content.encode()


def zugferd_1(said: Said) -> bytes:
    """As ZUGFeRD 1."""
    text = cii(said).decode()
    for new, old in (
        (
            "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
            "urn:ferd:CrossIndustryDocument:invoice:1p0",
        ),
        ("CrossIndustryInvoice", "CrossIndustryDocument"),
        ("Entity:100", "Entity:12"),
        ("UnqualifiedDataType:100", "UnqualifiedDataType:15"),
        ("rsm:ExchangedDocumentContext", "rsm:SpecifiedExchangedDocumentContext"),
        ("rsm:ExchangedDocument>", "rsm:HeaderExchangedDocument>"),
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


def factur_x(said: Said) -> bytes:
    """As the CII inside a PDF whose page shows it."""
    page = (f"Invoice {said.number}", f"Invoice date: {said.issued}", "Total: 119.00 EUR")
    return pdfs.hybrid(*page, files={"factur-x.xml": cii(said)})


def edifact(said: Said) -> bytes:
    """As INVOIC; a mandate has no place in it."""
    number = said.issued.replace("-", "")
    head = [f"BGM+{said.type_code}+{said.number}+{'31' if said.copy else '9'}'", f"DTM+137:{number}:102'"]
    head += [f"PAI+::{code}'" for code, _ in said.means]
    head += [f"FTX+AAB+++{said.terms}'"] if said.terms else []
    head += [f"RFF+PQ:{said.reference}'"] if said.reference else []
    head += [f"RFF+IV:{said.preceding}'"] if said.preceding else []
    head += ["NAD+SU+4000001000005::9++Nails and More+Long Street 1+Bonn++53111+DE'", "RFF+VA:DE136695976'"]
    head += [f"FII+RB+{said.account}'"] if said.account else []
    head += [f"NAD+BY+4000001000012::9++{said.buyer}'"]
    head += [f"RFF+VA:{said.buyer_vat}'"] if said.buyer_vat else []
    head += [f"NAD+PE+++{said.payee}'"] if said.payee else []
    head += ["CUX+2:EUR:4'", "PAT+1'", "DTM+13:20260401:102'"]
    lines = edifacts.replaced(edifacts.LINE, "RFF+ON:PO-1:1'")
    unb = edifacts.UNB.replace("+77'", "+77++++++1'") if said.test else edifacts.UNB
    return edifacts.interchange(edifacts.message((*head, *lines, *edifacts.TOTALS)), unb=unb)


def ubl_json(said: Said) -> bytes:
    """As UBL in the JSON of OASIS, in its short form."""
    from lxml import etree

    def value(element: etree._Element) -> object:
        children = [c for c in element if isinstance(c.tag, str)]
        if children:
            return dict(grouped(children).items())
        return {"_": element.text or "", **dict(element.attrib.items())}

    def grouped(children: list[etree._Element]) -> dict[str, list[object]]:
        out: dict[str, list[object]] = {}
        for child in children:
            out.setdefault(etree.QName(child).localname, []).append(value(child))
        return out

    root = etree.fromstring(ubl(said))
    uri = "urn:oasis:names:specification:ubl:schema:xsd:"
    kind = etree.QName(root).localname
    body = {
        "_D": f"{uri}{kind}-2",
        "_A": f"{uri}CommonAggregateComponents-2",
        "_B": f"{uri}CommonBasicComponents-2",
    }
    return json.dumps(body | {kind: [grouped([c for c in root if isinstance(c.tag, str)])]}).encode()


SYNTAXES: dict[str, Callable[[Said], bytes]] = {
    "ubl": ubl,
    "ubl-json": ubl_json,
    "cii": cii,
    "zugferd-1": zugferd_1,
    "factur-x": factur_x,
    "edifact": edifact,
}
