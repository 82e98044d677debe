"""How a UBL document wants to be paid, and what it says of itself beside its kind (EN 16931 BG-16 to
BG-19)."""

from __future__ import annotations

from typing import Final

from ..canonical import PaymentMeans
from ..record import Record
from ..values import FILLERS
from ..xml import ElementLeaf, Node
from .source import Source

_MEANS: Final = "cac:PaymentMeans"
LONGEST: Final = 40
"""Characters of a code that are kept; a longer text is in no list."""


def means(record: Record, root: Node) -> tuple[PaymentMeans, ...]:
    """Every way of payment it names, in document order."""
    found: list[PaymentMeans] = []
    for node in root.all(_MEANS):
        one = _means(record, f"means/{len(found) + 1}", node)
        found += [one] if one != PaymentMeans() else []
    return tuple(found)


def _means(record: Record, name: str, node: Node) -> PaymentMeans:
    code = node.leaf("cbc:PaymentMeansCode")
    note = node.leaf("cbc:InstructionNote")
    payer = node.leaf("cac:PaymentMandate", "cac:PayerFinancialAccount", "cbc:ID")
    return PaymentMeans(
        code=record.text(f"{name}/code", code)[:LONGEST],
        text=(code.attribute("name") if code is not None else "") or (note.raw if note is not None else ""),
        mandate=record.text(f"{name}/mandate", node.leaf("cac:PaymentMandate", "cbc:ID")),
        debited=record.text(f"{name}/debited", payer or node.leaf("cac:PayerFinancialAccount", "cbc:ID")),
        card=record.text(f"{name}/card", node.leaf("cac:CardAccount", "cbc:PrimaryAccountNumberID")),
    )


def reference(source: Source) -> str:
    """What the seller wants to see with the money (BT-83).

    OIOUBL writes the kind of its payment slip into `PaymentID` and the payer's number into `InstructionID`.
    """
    names = (
        ("cbc:InstructionID", "cbc:PaymentID") if source.is_oioubl else ("cbc:PaymentID", "cbc:InstructionID")
    )
    for name in names:
        for node in source.root.all(_MEANS):
            for leaf in node.leaves(name):
                if stated(leaf):
                    return source.record.text("payment_reference", leaf)
    return ""


def affirmed(leaf: ElementLeaf | None) -> bool:
    """Does an indicator say yes? What is neither yes nor no says nothing."""
    return leaf is not None and leaf.raw.lower() in {"true", "1"}


def stated(leaf: ElementLeaf | None) -> bool:
    """Does it say something, and not that there is nothing?"""
    return leaf is not None and bool(leaf.raw) and leaf.raw.lower() not in FILLERS


def marks(root: Node) -> tuple[str, ...]:
    """`copy` where the document says that it is one."""
    return ("copy",) if affirmed(root.leaf("cbc:CopyIndicator")) else ()
