"""Order-X: an order, an order change or an order response as a UN/CEFACT cross industry order."""

from __future__ import annotations

from typing import Final

from ..canonical import Order, OrderLine, QuarantineCode, Unreadable
from ..ubl.lines import joined
from ..ubl.order import LINE_STATUS, Message
from ..xml import Node, line_of
from . import lines as parts
from . import money
from .parties import party
from .source import Source, part

_MESSAGES: Final[dict[str, Message]] = {"220": "order", "230": "change", "231": "response"}
"""UNTDID 1001 of the document -> what it does to the order."""


def read_order(source: Source) -> Order:
    """Read an Order-X document, or raise `Unreadable` where its type code is none of the three."""
    record = source.record
    message = _message(source)
    total = money.totals(source)
    for field in ("lines_net", "prepaid", "rounding", "payable"):
        record.provenance.pop(field, None)
    return Order(
        number=_order_number(source, message),
        message=message,
        message_id=source.number,
        order_date=source.date("order_date", source.document.leaf("ram:IssueDateTime", "udt:DateTimeString")),
        currency=record.currency,
        seller=party(record, "seller", source.agreement.one("ram:SellerTradeParty")),
        buyer=party(record, "buyer", source.agreement.one("ram:BuyerTradeParty")),
        net=total.net,
        tax=total.tax,
        gross=total.gross,
        note=joined(record, "note", parts.note_leaves(source.document)),
        lines=tuple(_line(source, n, node) for n, node in enumerate(source.lines, 1)),
        allowances=money.allowances(source, "", source.settlement),
        unreadable=record.unreadable,
        provenance=record.provenance,
    )


def _message(source: Source) -> Message:
    leaf = source.document.leaf("ram:TypeCode")
    message = _MESSAGES.get(leaf.raw) if leaf is not None else None
    if leaf is None or message is None:
        error = "the Order-X document is neither an order (220), a change (230) nor a response (231)"
        raise Unreadable(QuarantineCode.UNSUPPORTED, error, line_of(source.document.element))
    if message != "order":
        source.record.note("message", leaf)
    return message


def _order_number(source: Source, message: Message) -> str:
    """The order's own number, or the one that a change or response refers to."""
    if message == "order":
        return source.number
    record = source.record
    record.provenance["message_id"] = record.provenance.pop("number")
    leaf = source.agreement.leaf(parts.ORDER, source.dialect.reference)
    number = record.key("number", leaf)
    if not number:
        error = f"the order {message} names no order (BuyerOrderReferencedDocument): ask which one is meant"
        raise Unreadable(QuarantineCode.MISSING_ID, error, line_of(source.document.element))
    return number


def _line(source: Source, position: int, node: Node) -> OrderLine:
    name, record = f"lines/{position}", source.record
    agreement = part(node, source.dialect.line_part("Agreement"))
    settlement = part(node, source.dialect.line_part("Settlement"))
    quantity, unit = parts.quantity(source, name, part(node, source.dialect.line_part("Delivery")))
    item = parts.read_item(record, name, node.one("ram:SpecifiedTradeProduct"))
    price = money.price(source, name, agreement)
    _, rate = money.line_tax(source, name, settlement)
    record.provenance.pop(f"{name}/tax_category", None)
    document = part(node, "ram:AssociatedDocumentLineDocument")
    status = document.leaf("ram:LineStatusCode")
    return OrderLine(
        line=record.key(f"{name}/line", document.leaf("ram:LineID")),
        item=item.seller,
        buyer_item=item.buyer,
        standard_item=item.standard,
        description=item.name,
        quantity=quantity,
        unit=unit,
        price=price.amount,
        base_quantity=price.base,
        base_unit=price.base_unit,
        net=record.amount(f"{name}/net", parts.net_leaf(source, settlement)),
        tax_rate=rate,
        allowances=money.allowances(source, name, settlement),
        status=LINE_STATUS.get(status.raw, "") if status is not None else "",
    )
