"""INVOIC: invoices and credit notes, of EANCOM and other subsets and of the EN 16931 binding."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..canonical import Account, Invoice, InvoiceLine, Origin, Party
from ..credit import CREDIT_NOTE_CODES
from ..settlement import settled
from . import lines as common
from . import money, parties
from .interchange import Message
from .lines import Parts
from .record import MessageRecord
from .record import money as amount_of
from .segments import PlaceLeaf, Section, Segment

_DUE: Final = ("13", "265", "140")
"""Terms net due date, due date, payment due date (UNTDID 2005)."""

_TERMS: Final = ("AAB",)
_PROFILE: Final = "DOC"
_LONG_WORD: Final = 40


def read_invoice(message: Message, number: str, record: MessageRecord) -> Invoice:
    """Read an INVOIC; an invoice of negative amount comes out as the credit it is."""
    parts = common.parts(message)
    header = parts.header
    record.currency = money.currency_of(record, parts)
    type_code = record.key("type_code", _type_leaf(message))
    seller = parties.group_of(header, parties.SELLER)
    payee = parties.group_of(header, parties.PAYEE)
    header_allowances = money.allowances(record, "", header)
    total = money.totals(record, parts, header_allowances)
    asked = parties.accounts(record, (seller, payee))
    references = [*header.anywhere("RFF"), *(s for line in parts.lines for s in line.anywhere("RFF"))]
    invoice = Invoice(
        number=number,
        type="credit_note" if type_code in CREDIT_NOTE_CODES else "invoice",
        type_code=type_code,
        issue_date=record.day("issue_date", next(iter(header.all("DTM", "137", "3")), None)),
        due_date=record.day("due_date", _due(header)),
        currency=record.currency,
        seller=parties.party(record, "seller", seller, binding=message.binding),
        buyer=_buyer(message, record, header),
        payee=parties.party(record, "payee", payee, binding=message.binding),
        account=asked[0] if asked else Account(),
        other_accounts=asked[1:],
        order_numbers=common.keys(record, "order_numbers", _of(references, *common.ORDER)),
        despatch_numbers=common.keys(record, "despatch_numbers", _of(references, "AAK", "DQ")),
        receipt_numbers=common.keys(record, "receipt_numbers", _of(references, "ALO")),
        sales_orders=common.keys(record, "sales_orders", _of(references, "VN")),
        preceding=common.keys(record, "preceding", _preceding(references, number)),
        lines_net=total.lines_net,
        net=total.net,
        tax=total.tax,
        gross=total.gross,
        prepaid=total.prepaid,
        rounding=total.rounding,
        payable=total.payable,
        payment_terms=common.notes(record, "payment_terms", header.all("FTX", *_TERMS)),
        note=common.notes(record, "note", _notes(header)),
        lines=tuple(_line(record, message, parts, n) for n in range(len(parts.lines))),
        allowances=header_allowances,
        taxes=money.taxes(record, parts),
        texts=tuple(speaking(message)),
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


def _due(header: Section) -> Segment | None:
    """EN 16931 puts it with the terms of payment, older senders behind the currency."""
    return next((s for one in _DUE for s in header.anywhere("DTM", one)), None)


def _of(references: list[Segment], *qualifiers: str) -> list[Segment]:
    return [s for s in references if s.qualifier in qualifiers]


def _preceding(references: list[Segment], number: str) -> list[Segment]:
    """Previous invoices (OI), or the invoice a credit note is about (IV); a document precedes not itself."""
    return [s for s in _of(references, "OI", "IV") if s.component(0, 1) != number]


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
        allowances=money.allowances(record, name, line)
        if parties.is_en16931(message.binding)
        else money.line_allowances(record, name, line, price, quantity, net),
    )


def speaking(message: Message) -> Iterator[Origin]:
    """Every text that could speak to a reader, in whatever segment it stands."""
    for segment in message.segments:
        for place in range(len(segment.elements)):
            for text in segment.components(place):
                if " " in text or "\n" in text or not text.isascii() or len(text) > _LONG_WORD:
                    yield Origin(f"{segment.tag}@{segment.number}/{place + 1}", text)
