"""How a cross industry document wants to be paid, and what it says of itself beside its kind (EN 16931 BG-16
to BG-19)."""

from __future__ import annotations

from ..canonical import PaymentMeans
from ..record import Record
from ..ubl.paying import LONGEST, affirmed, stated
from ..xml import ElementLeaf, Node
from .source import Source

_MEANS = "ram:SpecifiedTradeSettlementPaymentMeans"
_TERMS = "ram:SpecifiedTradePaymentTerms"


def means(source: Source) -> tuple[PaymentMeans, ...]:
    """Every way of payment it names, in document order. The mandate (BT-89) stands with the terms and holds
    for all."""
    terms = source.settlement.all(_TERMS)
    mandate = next((leaf for node in terms for leaf in node.leaves("ram:DirectDebitMandateID")), None)
    found: list[PaymentMeans] = []
    for node in source.settlement.all(_MEANS):
        one = _means(source.record, f"means/{len(found) + 1}", node, mandate)
        found += [one] if one != PaymentMeans() else []
    if not found and mandate is not None:
        return (PaymentMeans(mandate=source.record.text("means/1/mandate", mandate)),)
    return tuple(found)


def _means(record: Record, name: str, node: Node, mandate: ElementLeaf | None) -> PaymentMeans:
    note = next(iter(node.leaves("ram:Information")), None)
    account = node.leaf("ram:PayerPartyDebtorFinancialAccount", "ram:IBANID")
    return PaymentMeans(
        code=record.text(f"{name}/code", node.leaf("ram:TypeCode"))[:LONGEST],
        text=note.raw if note is not None else "",
        mandate=record.text(f"{name}/mandate", mandate),
        debited=record.text(f"{name}/debited", account),
        card=record.text(f"{name}/card", node.leaf("ram:ApplicableTradeSettlementFinancialCard", "ram:ID")),
    )


def reference(source: Source) -> str:
    """What the seller wants to see with the money (BT-83)."""
    leaf = next((one for one in source.settlement.leaves("ram:PaymentReference") if stated(one)), None)
    return source.record.text("payment_reference", leaf)


def marks(source: Source) -> tuple[str, ...]:
    """`copy` where the document says that it is one."""
    return ("copy",) if affirmed(source.document.leaf("ram:CopyIndicator", "udt:Indicator")) else ()
