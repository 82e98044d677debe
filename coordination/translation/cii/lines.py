"""What ordered and invoiced lines of cross industry documents have in common."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from ..record import Record
from ..ubl.lines import DeliveryReference, Item
from ..ubl.lines import quantity as read_quantity
from ..xml import ElementLeaf, Node
from .source import Source, part

ORDER: Final = "ram:BuyerOrderReferencedDocument"
_SUMMED: Final = frozenset({"DETAIL"})
"""Line status reasons that count towards the total; GROUP and INFORMATION lines repeat or explain it."""


def is_billed(source: Source, node: Node) -> bool:
    """Whether a line is one that the document adds up.

    Sub-lines (with a parent) and grouping lines say in other words what their parents or parts say, and a
    line of nothing but a note bills nothing.
    """
    document = part(node, "ram:AssociatedDocumentLineDocument")
    reason = document.leaf("ram:LineStatusReasonCode")
    if reason is not None and reason.raw:
        return reason.raw.upper() in _SUMMED
    if document.leaf("ram:ParentLineID") is not None:
        return False
    settlement = part(node, source.dialect.line_part("Settlement"))
    delivery = part(node, source.dialect.line_part("Delivery"))
    stated = (net_leaf(source, settlement), *(delivery.leaf(name) for name in source.dialect.quantities))
    return any(leaf is not None for leaf in stated) or node.one("ram:SpecifiedTradeProduct") is not None


def read_item(record: Record, name: str, node: Node | None) -> Item:
    """Read a trade product. `detail` is its description where that says more than its name."""
    if node is None:
        return Item()
    label = record.text(f"{name}/description", node.leaf("ram:Name") or node.leaf("ram:Description"))
    detail = "\n".join(leaf.raw for leaf in node.leaves("ram:Description") if leaf.raw != label)
    return Item(
        seller=record.key(f"{name}/item", node.leaf("ram:SellerAssignedID")),
        buyer=record.key(f"{name}/buyer_item", node.leaf("ram:BuyerAssignedID")),
        standard=record.key(f"{name}/standard_item", node.leaf("ram:GlobalID")),
        name=label,
        detail=detail,
    )


def quantity(source: Source, name: str, delivery: Node) -> tuple[Decimal | None, str]:
    """The billed or ordered quantity and its unit (UN/ECE Rec 20)."""
    found = [element for element in source.dialect.quantities if delivery.leaf(element) is not None]
    return read_quantity(source.record, name, delivery, found[0]) if found else (None, "")


def net_leaf(source: Source, settlement: Node) -> ElementLeaf | None:
    """The line's net amount (BT-131)."""
    return settlement.leaf(source.dialect.line_totals, "ram:LineTotalAmount")


def order_reference(source: Source, name: str, agreement: Node) -> tuple[str, str]:
    """The order and the line of it that a line refers to (BT-132)."""
    node, record = agreement.first(ORDER), source.record
    if node is None:
        return "", ""
    number = record.key(f"{name}/order_number", node.leaf(source.dialect.reference))
    return number, record.key(f"{name}/order_line", node.leaf("ram:LineID"))


DESPATCH: Final = ("ram:DespatchAdviceReferencedDocument", "ram:DeliveryNoteReferencedDocument")
RECEIPT: Final = ("ram:ReceivingAdviceReferencedDocument",)


def delivery_reference(source: Source, name: str, delivery: Node) -> DeliveryReference:
    """The despatch or delivery note and the receipt that a line names (BT-189 to BT-192, BT-198, BT-199)."""
    despatch = _first_named(source, delivery, DESPATCH)
    receipt = _first_named(source, delivery, RECEIPT)
    return DeliveryReference(
        despatch_number=source.record.key(f"{name}/despatch_number", despatch[0]),
        despatch_line=source.record.key(f"{name}/despatch_line", despatch[1]),
        receipt_number=source.record.key(f"{name}/receipt_number", receipt[0]),
        receipt_line=source.record.key(f"{name}/receipt_line", receipt[1]),
    )


def _first_named(
    source: Source, delivery: Node, names: tuple[str, ...]
) -> tuple[ElementLeaf | None, ElementLeaf | None]:
    for node in (node for name in names for node in delivery.all(name)):
        number = node.leaf(source.dialect.reference)
        if number is not None and number.raw:
            return number, node.leaf("ram:LineID")
    return None, None


def note_leaves(document: Node) -> list[ElementLeaf]:
    """The notes of a document or of a line."""
    return [leaf for node in document.all("ram:IncludedNote") for leaf in node.leaves("ram:Content")]
