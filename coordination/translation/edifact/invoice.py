"""INVOIC: invoices and credit notes, of EANCOM and other subsets and of the EN 16931 binding."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from .. import nature, payment_terms
from ..canonical import Account, Invoice, InvoiceLine, Origin, Party
from ..settlement import settled
from . import lines as common
from . import money, parties, paying, terms
from .interchange import Message
from .lines import Parts
from .record import MessageRecord
from .record import amount_leaf as amount_of
from .segments import PlaceLeaf, Section, Segment

_TERMS: Final = ("AAB",)
_PROFILE: Final = "DOC"
_LONG_WORD: Final = 40


def read_invoice(message: Message, number: str, record: MessageRecord) -> Invoice:
    """Read an INVOIC; an invoice of negative amount comes out as the credit it is."""
    parts = common.parts(message)
    header = parts.header
    record.currency = money.currency_of(record, parts)
    type_code = record.key("type_code", _type_leaf(message))
    nature.refuse_others(type_code, message.line)
    seller = parties.group_of(header, parties.SELLER)
    payee = parties.group_of(header, parties.PAYEE)
    header_allowances = money.allowances(record, "", header)
    total = money.totals(record, parts, header_allowances)
    asked = parties.accounts(record, (seller, payee))
    issued = record.day("issue_date", next(iter(header.all("DTM", "137", "3")), None))
    words = common.notes(record, "payment_terms", header.all("FTX", *_TERMS))
    references = [*header.anywhere("RFF"), *(s for line in parts.lines for s in line.anywhere("RFF"))]
    invoice = Invoice(
        number=number,
        type="credit_note" if nature.is_credit(type_code) else "invoice",
        type_code=type_code,
        issue_date=issued,
        due_date=record.day("due_date", terms.due(header)),
        currency=record.currency,
        seller=parties.party(record, "seller", seller, binding=message.binding),
        buyer=_buyer(message, record, header),
        payee=parties.party(record, "payee", payee, binding=message.binding),
        account=asked[0] if asked else Account(),
        other_accounts=asked[1:],
        order_numbers=common.keys(record, "order_numbers", _with_qualifier(references, *common.ORDER)),
        despatch_numbers=common.keys(
            record, "despatch_numbers", _with_qualifier(references, *common.DESPATCH)
        ),
        receipt_numbers=common.keys(record, "receipt_numbers", _with_qualifier(references, *common.RECEIPT)),
        sales_orders=common.keys(record, "sales_orders", _with_qualifier(references, "VN")),
        preceding=common.keys(record, "preceding", _preceding(references, number)),
        lines_net=total.lines_net,
        net=total.net,
        tax=total.tax,
        gross=total.gross,
        prepaid=total.prepaid,
        rounding=total.rounding,
        payable=total.payable,
        payment_terms=words,
        instalments=payment_terms.instalments(terms.parts(record, header), total.payable),
        discounts=payment_terms.discounts(terms.discounts(record, header, issued), words),
        note=common.notes(record, "note", _notes(header)),
        lines=tuple(_line(record, message, parts, n) for n in range(len(parts.lines))),
        allowances=header_allowances,
        taxes=money.taxes(record, parts),
        texts=tuple(speaking(message)),
        means=paying.means(record, header),
        payment_reference=paying.reference(record, header),
        marks=paying.marks(message),
        unreadable=record.unreadable,
        provenance=record.provenance,
    )
    return settled(invoice)


def _buyer(message: Message, record: MessageRecord, header: Section) -> Party:
    group = parties.group_of(header, parties.BUYER)
    return parties.party(record, "buyer", group, binding=message.binding)


def _type_leaf(message: Message) -> PlaceLeaf | None:
    beginning = message.first("BGM")
    return beginning.leaf(0) if beginning is not None else None


def _with_qualifier(references: list[Segment], *qualifiers: str) -> list[Segment]:
    return [s for s in references if s.qualifier in qualifiers]


def _preceding(references: list[Segment], number: str) -> list[Segment]:
    """Previous invoices (OI), or the invoice a credit note is about (IV); a document precedes not itself."""
    return [s for s in _with_qualifier(references, "OI", "IV") if s.component(0, 1) != number]


def _notes(header: Section) -> list[Segment]:
    return [s for s in header.all("FTX") if s.qualifier not in {_PROFILE, *_TERMS}]


def _line(record: MessageRecord, message: Message, parts: Parts, index: int) -> InvoiceLine:
    line, position = parts.lines[index], index + 1
    name = f"lines/{position}"
    found = common.item(record, name, line)
    quantity, unit = common.quantity(record, f"{name}/quantity", line, "47", "46", "12", "1")
    price = common.price(record, name, line)
    category, rate = money.line_tax(record, name, line, parts.header)
    order, order_line = common.order_reference(record, name, line)
    delivery = common.delivery_reference(record, name, line)
    stated = next((s for one in ("203", "66", "38") for s in line.all("MOA", one)), None)
    net = record.amount(f"{name}/net", amount_of(stated))
    note = common.notes(record, f"{name}/note", [s for s in line.all("FTX") if s.qualifier != "AFM"])
    return InvoiceLine(
        position=position,
        line=record.key(f"{name}/line", line.own[0].leaf(0)),
        item=found.item,
        buyer_item=found.buyer_item,
        standard_item=found.standard_item,
        description=found.name,
        note="\n".join(filter(None, (found.detail, note))),
        quantity=quantity,
        unit=unit,
        price=price.amount,
        base_quantity=price.base,
        base_unit=price.base_unit,
        net=net,
        tax_rate=rate,
        tax_category=category,
        order_number=order,
        order_line=order_line,
        allowances=(
            money.allowances(record, name, line)
            if parties.is_en16931(message.binding)
            else money.line_allowances(record, name, line, price, quantity, net)
        ),
        despatch_number=delivery.despatch_number,
        despatch_line=delivery.despatch_line,
        receipt_number=delivery.receipt_number,
        receipt_line=delivery.receipt_line,
    )


def speaking(message: Message) -> Iterator[Origin]:
    """Every text that could speak to a reader, in whatever segment it stands."""
    for segment in message.segments:
        for place in range(len(segment.elements)):
            for text in segment.components(place):
                if " " in text or "\n" in text or not text.isascii() or len(text) > _LONG_WORD:
                    yield Origin(f"{segment.tag}@{segment.number}/{place + 1}", text)
