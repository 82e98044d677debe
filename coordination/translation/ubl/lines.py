"""What order lines, despatch lines, receipt lines and invoice lines of UBL have in common."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ..record import Record
from ..xml import Node


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


def notes(record: Record, name: str, *nodes: Node) -> str:
    """All notes of the nodes, one below the other."""
    leaves = [leaf for node in nodes for leaf in node.leaves("cbc:Note") if leaf.raw]
    if leaves:
        record.note(name, leaves[0])
    return "\n".join(leaf.raw for leaf in leaves)
