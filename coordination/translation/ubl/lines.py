"""What order lines, despatch lines, receipt lines and invoice lines of UBL have in common."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from ..record import Record
from ..xml import ElementLeaf, Node


@dataclass(frozen=True, slots=True)
class Item:
    """Keys and words of an item; the seller's id is BT-155, the buyer's BT-156, the standard BT-157."""

    seller: str = ""
    buyer: str = ""
    standard: str = ""
    name: str = ""
    detail: str = ""


def read_item(record: Record, name: str, node: Node | None) -> Item:
    """Read `cac:Item`. `detail` is its description where that says more than its name."""
    if node is None:
        return Item()
    words = node.leaf("cbc:Name") or node.leaf("cbc:Description")
    label = record.text(f"{name}/description", words)
    detail = "\n".join(leaf.raw for leaf in node.leaves("cbc:Description") if leaf.raw != label)
    return Item(
        seller=record.key(f"{name}/item", node.leaf("cac:SellersItemIdentification", "cbc:ID")),
        buyer=record.key(f"{name}/buyer_item", node.leaf("cac:BuyersItemIdentification", "cbc:ID")),
        standard=record.key(f"{name}/standard_item", node.leaf("cac:StandardItemIdentification", "cbc:ID")),
        name=label,
        detail=detail,
    )


def quantity(record: Record, name: str, line: Node, element: str) -> tuple[Decimal | None, str]:
    """A quantity and its unit (UN/ECE Rec 20), both under the names every line shape gives them."""
    leaf = line.leaf(element)
    if leaf is None:
        return None, ""
    value = record.number(f"{name}/quantity", leaf)
    unit = leaf.attribute("unitCode")
    if unit:
        record.note(f"{name}/unit", leaf)
    return value, unit


@dataclass(frozen=True, slots=True)
class OrderReference:
    """The order and the line of it that a line refers to."""

    order: str = ""
    line: str = ""


def order_reference(record: Record, name: str, node: Node) -> OrderReference:
    """The first order line reference; the orders of further ones are among the document's."""
    reference = node.first("cac:OrderLineReference")
    if reference is None:
        return OrderReference()
    return OrderReference(
        order=record.key(f"{name}/order_number", reference.leaf("cac:OrderReference", "cbc:ID")),
        line=record.key(f"{name}/order_line", reference.leaf("cbc:LineID")),
    )


@dataclass(frozen=True, slots=True)
class DeliveryReference:
    """The despatch or delivery note and the receipt that an invoice line names (BT-189 to BT-192, BT-198,
    BT-199)."""

    despatch_number: str = ""
    despatch_line: str = ""
    receipt_number: str = ""
    receipt_line: str = ""


_DELIVERY_NOTE: Final = (
    ("cac:Delivery", "cac:DeliveryNoteDocumentReference", "cbc:ID"),
    ("cac:Delivery", "cac:DeliveryNoteLineReference", "cbc:LineID"),
)
"""UBL 2.5."""


def delivery_reference(record: Record, name: str, node: Node) -> DeliveryReference:
    """The first despatch and the first receipt of a line; a delivery note stands in for a despatch.

    Further ones are among the document's.
    """
    despatch, receipt = (
        _line_reference(node, "cac:DespatchLineReference"),
        _line_reference(node, "cac:ReceiptLineReference"),
    )
    if despatch[0] is None or not despatch[0].raw:
        despatch = (node.leaf(*_DELIVERY_NOTE[0]), node.leaf(*_DELIVERY_NOTE[1]))
    return DeliveryReference(
        despatch_number=record.key(f"{name}/despatch_number", despatch[0]),
        despatch_line=record.key(f"{name}/despatch_line", despatch[1]),
        receipt_number=record.key(f"{name}/receipt_number", receipt[0]),
        receipt_line=record.key(f"{name}/receipt_line", receipt[1]),
    )


def _line_reference(node: Node, element: str) -> tuple[ElementLeaf | None, ElementLeaf | None]:
    """The document and the line of the first reference of that kind."""
    reference = node.first(element)
    if reference is None:
        return None, None
    return reference.leaf("cac:DocumentReference", "cbc:ID"), reference.leaf("cbc:LineID")


def document_notes(record: Record, name: str, root: Node) -> str:
    """The notes of a document (BT-22): `cbc:Note`, and from UBL 2.5 on `cac:Annotation`."""
    leaves = [*root.leaves("cbc:Note")]
    leaves += [leaf for node in root.all("cac:Annotation") for leaf in node.leaves("cbc:AnnotationContent")]
    return joined(record, name, leaves)


def notes(record: Record, name: str, *nodes: Node) -> str:
    """All notes of the nodes, one below the other."""
    return joined(record, name, [leaf for node in nodes for leaf in node.leaves("cbc:Note")])


def joined(record: Record, name: str, leaves: Iterable[ElementLeaf]) -> str:
    """All texts, one below the other."""
    said = [leaf for leaf in leaves if leaf.raw]
    if said:
        record.note(name, said[0])
    return "\n".join(leaf.raw for leaf in said)
