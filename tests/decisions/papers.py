"""One paper in several syntaxes: what a vendor sends about order PO-1, as UBL, CII, EDIFACT, or a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from coordination.translation import nature
from tests import cast
from tests.cast import IBAN, bill, order, receipt, table, vendor
from tests.translation import ciis, edifacts, make

VENDOR = {"name": "Nails and More", "vat_id": "DE136695976"}


@dataclass(frozen=True)
class Line:
    """So much of an item at a price; the amount follows unless it is given."""

    quantity: str = "10"
    price: str = "10.00"
    item: str = "A-1"
    name: str = "Bolt M8"
    order_line: str = "10"
    net: str = ""

    @property
    def amount(self) -> Decimal:
        return Decimal(self.net) if self.net else cast.cents(Decimal(self.quantity) * Decimal(self.price))


@dataclass(frozen=True)
class Paper:
    """A document of a code of UNTDID 1001 over its lines, 19 % tax. `minus`: a credit that is written with
    minus signs."""

    number: str
    code: str = "380"
    lines: tuple[Line, ...] = (Line(),)
    preceding: tuple[str, ...] = ()
    day: str = "2026-09-05"
    prepaid: str = "0"
    note: str = ""
    minus: bool = False

    @property
    def credit(self) -> bool:
        return nature.is_credit(self.code)

    @property
    def net(self) -> Decimal:
        return sum((x.amount for x in self.lines), Decimal(0))

    @property
    def tax(self) -> Decimal:
        return cast.cents(self.net * 19 / 100)

    @property
    def payable(self) -> Decimal:
        return self.net + self.tax - Decimal(self.prepaid)

    def signed(self) -> Paper:
        if not self.minus:
            return self
        turned = (replace(x, quantity=f"-{x.quantity}", net=f"-{x.net}" if x.net else "") for x in self.lines)
        return replace(self, lines=tuple(turned))


def ubl(paper: Paper) -> bytes:
    p = paper.signed()
    kind = "CreditNote" if p.credit else "Invoice"
    element, quantity = (
        ("CreditNoteLine", "CreditedQuantity") if p.credit else ("InvoiceLine", "InvoicedQuantity")
    )
    named = "".join(
        f"<cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>{n}</cbc:ID></cac:InvoiceDocumentReference>"
        "</cac:BillingReference>"
        for n in p.preceding
    )
    lines = "".join(
        f'<cac:{element}><cbc:ID>{n}</cbc:ID><cbc:{quantity} unitCode="EA">{x.quantity}</cbc:{quantity}>'
        f'<cbc:LineExtensionAmount currencyID="EUR">{x.amount}</cbc:LineExtensionAmount>'
        + (
            f"<cac:OrderLineReference><cbc:LineID>{x.order_line}</cbc:LineID></cac:OrderLineReference>"
            if x.order_line
            else ""
        )
        + f"<cac:Item><cbc:Name>{x.name}</cbc:Name>"
        + (
            f"<cac:SellersItemIdentification><cbc:ID>{x.item}</cbc:ID></cac:SellersItemIdentification>"
            if x.item
            else ""
        )
        + "<cac:ClassifiedTaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>19</cbc:Percent></cac:ClassifiedTaxCategory></cac:Item>"
        "<cac:Price><cbc:PriceAmount"
        f' currencyID="EUR">{x.price}</cbc:PriceAmount></cac:Price></cac:{element}>'
        for n, x in enumerate(p.lines, 1)
    )
    account = (
        "<cac:PaymentMeans><cbc:PaymentMeansCode>30</cbc:PaymentMeansCode><cac:PayeeFinancialAccount>"
        f"<cbc:ID>{IBAN}</cbc:ID></cac:PayeeFinancialAccount></cac:PaymentMeans>"
    )
    note = f"<cbc:Note>{p.note}</cbc:Note>" if p.note else ""
    return make.invoice_xml(
        kind=kind,
        number=f"<cbc:ID>{p.number}</cbc:ID>",
        head=f"<cbc:IssueDate>{p.day}</cbc:IssueDate><cbc:{kind}TypeCode>{p.code}</cbc:{kind}TypeCode>{note}",
        references=f"<cac:OrderReference><cbc:ID>PO-1</cbc:ID></cac:OrderReference>{named}",
        middle=account,
        tax=make.TAX.replace("19.00", str(p.tax)).replace("100.00", str(p.net)),
        totals=make.TOTALS.replace("100.00", str(p.net))
        .replace(
            '<cbc:PayableAmount currencyID="EUR">119.00',
            f'<cbc:PrepaidAmount currencyID="EUR">{p.prepaid}</cbc:PrepaidAmount><cbc:PayableAmount'
            f' currencyID="EUR">{p.payable}',
        )
        .replace("119.00", str(p.net + p.tax)),
        lines=lines,
    )


def cii(paper: Paper) -> bytes:
    p = paper.signed()
    reference = (
        "<ram:BuyerOrderReferencedDocument><ram:LineID>{}</ram:LineID></ram:BuyerOrderReferencedDocument>"
    )
    lines = "".join(
        ciis.line(
            str(n),
            quantity=f'<ram:BilledQuantity unitCode="EA">{x.quantity}</ram:BilledQuantity>',
            price=f"<ram:ChargeAmount>{x.price}</ram:ChargeAmount>",
            order=reference.format(x.order_line) if x.order_line else "",
            net=str(x.amount),
        )
        .replace(
            "<ram:SellerAssignedID>N-1</ram:SellerAssignedID>",
            f"<ram:SellerAssignedID>{x.item}</ram:SellerAssignedID>" if x.item else "",
        )
        .replace("<ram:Name>Nails</ram:Name>", f"<ram:Name>{x.name}</ram:Name>")
        for n, x in enumerate(p.lines, 1)
    )
    named = "".join(
        f"<ram:InvoiceReferencedDocument><ram:IssuerAssignedID>{n}</ram:IssuerAssignedID></ram:InvoiceReferencedDocument>"
        for n in p.preceding
    )
    account = (
        "<ram:SpecifiedTradeSettlementPaymentMeans><ram:TypeCode>30</ram:TypeCode><ram:PayeePartyCreditorFinancialAccount>"
        f"<ram:IBANID>{IBAN}</ram:IBANID></ram:PayeePartyCreditorFinancialAccount></ram:SpecifiedTradeSettlementPaymentMeans>"
    )
    total = f"<ram:TotalPrepaidAmount>{p.prepaid}</ram:TotalPrepaidAmount><ram:DuePayableAmount>{p.payable}<"
    text = ciis.cii_xml(
        number=f"<ram:ID>{p.number}</ram:ID>",
        type_code=p.code,
        issued=ciis.day(p.day.replace("-", "")),
        settlement=account,
        tax=ciis.TAX.replace("19.00", str(p.tax)).replace("100.00", str(p.net)),
        totals=ciis.TOTALS.replace("<ram:DuePayableAmount>119.00<", total)
        .replace("19.00<", f"{p.tax}<", 1)
        .replace("100.00", str(p.net))
        .replace("119.00", str(p.net + p.tax))
        + "",
        lines=lines,
    ).decode()
    note = (
        f"<ram:IncludedNote><ram:Content>{p.note}</ram:Content></ram:IncludedNote></rsm:ExchangedDocument>"
        if p.note
        else "</rsm:ExchangedDocument>"
    )
    text = text.replace("</rsm:ExchangedDocument>", note, 1)
    end = "</ram:SpecifiedTradeSettlementHeaderMonetarySummation>"
    return text.replace(end, end + named, 1).encode()


def edifact(paper: Paper) -> bytes:
    p = paper.signed()
    head: tuple[str, ...] = (
        f"BGM+{p.code}+{p.number}+9'",
        f"DTM+137:{p.day.replace('-', '')}:102'",
        *edifacts.HEAD[2:],
    )
    at = head.index("RFF+VA:DE136695976'")
    head = (*head[:2], *(f"RFF+OI:{n}'" for n in p.preceding), "RFF+ON:PO-1'", *head[2:at], *head[at:])
    if p.note:
        head = (*head[:2], f"FTX+AAI+++{p.note}'", *head[2:])
    lines: list[str] = []
    for n, x in enumerate(p.lines, 1):
        lines += [f"LIN+{n}'"]
        lines += [f"PIA+5+{x.item}:SA'"] if x.item else []
        lines += [
            f"IMD+F++:::{x.name}'",
            f"QTY+47:{x.quantity}:EA'",
            f"MOA+203:{x.amount}'",
            f"PRI+AAA:{x.price}:::1:EA'",
        ]
        lines += [f"RFF+ON:PO-1:{x.order_line}'"] if x.order_line else []
        lines += ["TAX+7+VAT+++:::19+S'"]
    totals = [
        "UNS+S'",
        f"CNT+2:{len(p.lines)}'",
        f"MOA+79:{p.net}'",
        f"MOA+125:{p.net}'",
        f"MOA+176:{p.tax}'",
        f"MOA+77:{p.net + p.tax}'",
    ]
    totals += [f"MOA+113:{p.prepaid}'"] if Decimal(p.prepaid) else []
    totals += [f"MOA+9:{p.payable}'", "TAX+7+VAT+++:::19+S'", f"MOA+125:{p.net}'", f"MOA+124:{p.tax}'"]
    return edifacts.interchange(edifacts.message((*head, *lines, *totals)))


def csv(paper: Paper) -> bytes:
    """Canonical CSV has no codes and no notes: an invoice or a credit note, with the invoice before."""
    p = paper.signed()
    rows = [
        bill(
            invoice_number=p.number,
            type="credit_note" if p.credit else "invoice",
            line=str(n),
            issue_date=p.day,
            due_date="",
            item=x.item,
            description=x.name,
            quantity=x.quantity,
            unit_price=x.price,
            line_net=x.amount,
            order_line=x.order_line,
            net=p.net,
            tax=p.tax,
            gross=p.net + p.tax,
            preceding_invoice=next(iter(p.preceding), ""),
        )
        for n, x in enumerate(p.lines, 1)
    ]
    return table("invoices", *rows)


SYNTAXES: dict[str, Callable[[Paper], bytes]] = {"ubl": ubl, "cii": cii, "edifact": edifact, "csv": csv}
CODED = ("ubl", "cii", "edifact")
"""Syntaxes that say what kind of document it is."""


def trade(quantity: str = "10", received: str = "10", *lines: tuple[str, str, str]) -> list[bytes]:
    """Vendor, order PO-1 and its receipt: line 10 over bolts at 10.00, and further lines (number, item,
    quantity)."""
    orders = [order(quantity=quantity)]
    receipts = [receipt(quantity=received)]
    for number, item, count in lines:
        orders.append(order(line=number, item=item, description=f"Nut {item}", quantity=count))
        receipts.append(receipt(line=number, order_line=number, quantity=count))
    return [
        table("vendors", vendor(**VENDOR)),
        table("orders", *orders),
        table("receipts", *receipts),
    ]


def takes(*files: bytes) -> None:
    """Take files in one by one, with a drain after each."""
    for n, content in enumerate(files):
        end = "xml" if content.lstrip().startswith(b"<") else "edi" if content.startswith(b"UN") else "csv"
        report = cast.intake([(f"{n}.{end}", content)], actor="system:test", source="test")
        assert [x.result for x in report.lines] == ["accepted"] * len(report.lines), report
        cast.drain()
