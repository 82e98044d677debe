"""UBL DespatchAdvice and ReceiptAdvice: what was sent, and what arrived and was accepted."""

from __future__ import annotations

from decimal import Decimal

from ..canonical import Receipt, ReceiptLine
from ..record import Record
from ..xml import ElementLeaf, Node
from . import lines as parts
from .money import first_leaf
from .parties import party
from .source import Source


def read_despatch(source: Source) -> Receipt:
    """The seller's announcement. It explains a missing receipt and never replaces one."""
    root, record = source.root, source.record
    rows = enumerate(root.all("cac:DespatchLine"), 1)
    return Receipt(
        number=source.number,
        kind="despatch",
        received_date=record.date("received_date", root.leaf("cbc:IssueDate")),
        seller=party(record, "seller", _seller(root)),
        order_number=_header_order(record, root),
        despatch_number=source.number,
        lines=tuple(_despatch_line(record, f"lines/{n}", node) for n, node in rows),
        unreadable=record.unreadable,
        provenance=record.provenance,
    )


def read_receipt(source: Source) -> Receipt:
    """The buyer's own receipt; its date is that of its lines, or else the day it was written."""
    root, record = source.root, source.record
    nodes = root.all("cac:ReceiptLine")
    despatch = root.leaf("cac:DespatchDocumentReference", "cbc:ID")
    return Receipt(
        number=source.number,
        kind="receipt",
        received_date=record.date("received_date", _received(root, nodes)),
        seller=party(record, "seller", _seller(root)),
        order_number=_header_order(record, root),
        despatch_number=record.key("despatch_number", despatch),
        lines=tuple(_receipt_line(record, f"lines/{n}", node) for n, node in enumerate(nodes, 1)),
        unreadable=record.unreadable,
        provenance=record.provenance,
    )


def _seller(root: Node) -> Node | None:
    return root.one("cac:SellerSupplierParty") or root.one("cac:DespatchSupplierParty")


def _header_order(record: Record, root: Node) -> str:
    return record.key("order_number", root.leaf("cac:OrderReference", "cbc:ID"))


def _received(root: Node, nodes: list[Node]) -> ElementLeaf | None:
    days = [node.leaf("cbc:ReceivedDate") for node in nodes]
    return first_leaf([*days, root.leaf("cbc:IssueDate")])


def _despatch_line(record: Record, name: str, node: Node) -> ReceiptLine:
    quantity, unit = parts.quantity(record, name, node, "cbc:DeliveredQuantity")
    later = first_leaf((node.leaf("cbc:OutstandingQuantity"), node.leaf("cbc:BackorderQuantity")))
    outstanding = record.number(f"{name}/outstanding", later)
    return _build(record, name, node, quantity, unit, None, outstanding)


def _receipt_line(record: Record, name: str, node: Node) -> ReceiptLine:
    quantity, unit = parts.quantity(record, name, node, "cbc:ReceivedQuantity")
    rejected = node.leaf("cbc:RejectedQuantity")
    if rejected is None or not rejected.raw:
        return _build(record, name, node, quantity, unit, None, None)
    accepted = _accepted(record, name, quantity, unit, rejected)
    # None would mean "all of it": where the rejects cannot be read, nothing is known to be good.
    return _build(record, name, node, quantity if accepted is not None else None, unit, accepted, None)


def _accepted(
    record: Record, name: str, quantity: Decimal | None, unit: str, rejected: ElementLeaf
) -> Decimal | None:
    field, other = f"{name}/accepted", rejected.attribute("unitCode")
    if other and unit and other != unit:
        record.problem(field, rejected, f"rejected in {other[:8]}, received in {unit[:8]}")
        return None
    count = record.number(field, rejected)
    return quantity - count if quantity is not None and count is not None else None


def _build(
    record: Record,
    name: str,
    node: Node,
    quantity: Decimal | None,
    unit: str,
    accepted: Decimal | None,
    outstanding: Decimal | None,
) -> ReceiptLine:
    item = parts.read_item(record, name, node.first("cac:Item"))
    reference = parts.order_reference(record, name, node)
    return ReceiptLine(
        line=record.key(f"{name}/line", node.leaf("cbc:ID")),
        order_number=reference.order,
        order_line=reference.line,
        item=item.seller,
        buyer_item=item.buyer,
        standard_item=item.standard,
        description=item.name,
        quantity=quantity,
        accepted=accepted,
        unit=unit,
        outstanding=outstanding,
    )
