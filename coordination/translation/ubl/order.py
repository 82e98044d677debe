"""UBL Order, OrderChange, OrderCancellation, OrderResponse and OrderResponseSimple: what an order is now."""

from __future__ import annotations

from typing import Final, Literal

from .. import values
from ..canonical import Order, OrderLine, Party, QuarantineCode, Unreadable
from ..xml import ElementLeaf, Node, line_of
from . import lines as parts
from . import money
from .parties import party
from .source import Source

Message = Literal["order", "change", "response", "cancellation", "rejection", "acceptance"]

_ANSWERS: Final[dict[str, Message]] = {"AP": "acceptance", "RE": "rejection"}
"""Peppol order response codes that settle the order; CA, AB and none leave it a view of the seller."""

LINE_STATUS: Final = {
    "1": "added",
    "2": "deleted",
    "3": "changed",
    "4": "unchanged",
    "5": "accepted",
    "7": "rejected",
    "42": "delivered",
    "Added": "added",
    "Cancelled": "deleted",
    "Revised": "changed",
    "Disputed": "rejected",
}
"""Line status of Peppol (UNTDID 1229) and of UBL 2.0; `NoStatus` says nothing."""


def read_order(source: Source) -> Order:
    """The buyer's order as first sent."""
    return _read(source, "order", "cac:AnticipatedMonetaryTotal")


def read_change(source: Source) -> Order:
    """A change: replaces the lines it names. Changes follow each other by sequence number, not by date."""
    return _read(source, "change", "cac:AnticipatedMonetaryTotal")


def read_response(source: Source) -> Order:
    """The seller's answer with lines; a code may accept or reject the order as a whole."""
    code = source.root.leaf("cbc:OrderResponseCode")
    message = _ANSWERS.get(code.raw, "response") if code is not None else "response"
    if code is not None:
        source.record.note("message", code)
    return _read(source, message, "cac:LegalMonetaryTotal")


def read_simple_response(source: Source) -> Order:
    """The seller's yes or no; one that is neither readable as yes nor as no settles nothing."""
    leaf = source.root.leaf("cbc:AcceptedIndicator")
    accepted = source.record.truth("message", leaf)
    messages: dict[bool | None, Message] = {True: "acceptance", False: "rejection", None: "response"}
    return _read(source, messages[accepted], "", _note_leaf(source.root, "cbc:RejectionNote"))


def read_cancellation(source: Source) -> Order:
    """The buyer takes the order back."""
    return _read(source, "cancellation", "", _note_leaf(source.root, "cbc:CancellationNote"))


def _note_leaf(root: Node, name: str) -> ElementLeaf | None:
    return money.first_leaf(root.leaves(name))


def _read(source: Source, message: Message, total: str, reason: ElementLeaf | None = None) -> Order:
    root, record = source.root, source.record
    number = _order_number(source, message)
    totals = _totals(source, total)
    note = record.text("note", reason) if reason is not None else parts.notes(record, "note", root)
    return Order(
        number=number,
        message=message,
        message_id=source.number,
        sequence=record.key("sequence", root.leaf("cbc:SequenceNumberID")),
        order_date=record.date("order_date", root.leaf("cbc:IssueDate")),
        currency=record.currency,
        seller=_party(source, "seller", "cac:SellerSupplierParty"),
        buyer=_party(source, "buyer", "cac:BuyerCustomerParty"),
        net=totals.net,
        tax=totals.tax,
        gross=totals.gross,
        note=note,
        lines=tuple(_line(source, n, node) for n, node in enumerate(root.all("cac:OrderLine"), 1)),
        allowances=money.allowances(record, "", root),
        sales_order=_sales_order(source),
        type_code=values.order_kind(record.key("type_code", root.leaf("cbc:OrderTypeCode"))),
        unreadable=record.unreadable,
        provenance=record.provenance,
    )


def _sales_order(source: Source) -> str:
    """The seller's own number of the order: of its answer, or repeated in the reference to the order."""
    root = source.root
    leaf = root.leaf("cbc:SalesOrderID") or root.leaf("cac:OrderReference", "cbc:SalesOrderID")
    return source.record.key("sales_order", leaf)


def _totals(source: Source, name: str) -> money.Totals:
    """Net, tax and gross; the rest of the total is not kept of an order, and neither is where it stood."""
    totals = money.totals(source, name) if name else money.Totals()
    for field in ("lines_net", "prepaid", "rounding", "payable"):
        source.record.provenance.pop(field, None)
    return totals


def _party(source: Source, name: str, holder: str) -> Party:
    return party(source.record, name, source.root.one(holder))


def _order_number(source: Source, message: Message) -> str:
    """The order's own number, or the one that the message refers to; a message about no order is refused."""
    record, root = source.record, source.root
    record.provenance["message_id"] = record.provenance["number"]
    if message == "order":
        return source.number
    number = record.key("number", root.leaf("cac:OrderReference", "cbc:ID"))
    if not number:
        error = f"the {source.name} names no order (cac:OrderReference/cbc:ID): ask which order is meant"
        raise Unreadable(QuarantineCode.MISSING_ID, error, line_of(root.element))
    return number


def _line(source: Source, position: int, node: Node) -> OrderLine:
    name, record = f"lines/{position}", source.record
    body = node.one("cac:LineItem") or node
    quantity, unit = parts.quantity(record, name, body, "cbc:Quantity")
    item_node = body.one("cac:Item")
    item = parts.read_item(record, name, item_node)
    price = money.price(record, name, body)
    _, rate = money.line_tax(record, name, body, item_node)
    record.provenance.pop(f"{name}/tax_category", None)
    return OrderLine(
        line=record.key(f"{name}/line", _line_number(node, body)),
        item=item.seller,
        buyer_item=item.buyer,
        standard_item=item.standard,
        description=item.name,
        quantity=quantity,
        unit=unit,
        price=price.amount,
        base_quantity=price.base,
        base_unit=price.base_unit,
        net=record.amount(f"{name}/net", body.leaf("cbc:LineExtensionAmount")),
        tax_rate=rate,
        allowances=money.allowances(record, name, body),
        status=_status(body),
    )


def _line_number(node: Node, body: Node) -> ElementLeaf | None:
    """The line of the order: a response numbers its own lines and refers to those of the order."""
    return node.leaf("cac:OrderLineReference", "cbc:LineID") or body.leaf("cbc:ID")


def _status(body: Node) -> str:
    leaf = body.leaf("cbc:LineStatusCode")
    return LINE_STATUS.get(leaf.raw, "") if leaf is not None else ""
