"""Goods receipts and despatch advices: after them the invoices that waited are looked at again."""

from __future__ import annotations

from collections.abc import Sequence

from audit import ledger, trail
from audit.ids import new_id
from audit.subjects import Subject

from ...facts import related_invoices
from ...facts.serialization import decode
from ...models import Document, Receipt, ReceiptLine
from ...tasks import work_queue
from ...translation import canonical as shapes
from ...translation.identity import normalised_number
from .parts import Line, Origin, Part, digest, document_row, received


def receipts(parts: Sequence[Part], origin: Origin) -> list[Line]:
    """Take receipts in. The same number with other content replaces what it said before, also in another
    spelling (`facts.receipt_versions`); the same content is known."""
    numbers = {getattr(p.document, "number", "") for p in parts}
    before = Document.objects.filter(kind__in=["receipt", "despatch"], number__in=numbers).only("canonical")
    seen = {digest(decode(shapes.Receipt, d.canonical)) for d in before}
    documents, heads, rows, lines, repeated = [], [], [], [], set()
    for part in parts:
        receipt = part.document
        assert isinstance(receipt, shapes.Receipt)  # noqa: S101 - chosen by shape
        head = Receipt(
            id=new_id(),
            number=receipt.number,
            number_key=normalised_number(receipt.number),
            kind=receipt.kind,
            received_date=receipt.received_date,
            recorded_at=origin.at,
            despatch_key=normalised_number(receipt.despatch_number),
        )
        document = document_row(part, receipt.kind, receipt.number, origin, Subject.of("receipt", head.id))
        documents.append(document)
        known = digest(receipt) in seen
        lines.append(
            Line(
                part.path,
                "duplicate" if known else "accepted",
                receipt.kind,
                receipt.number,
                subject=document.subject,
            )
        )
        if known:
            repeated.add(document.id)
            continue
        seen.add(digest(receipt))
        head.document = document
        heads.append(head)
        rows += [row for line in receipt.lines if (row := _line(head, receipt, line)) is not None]
    trail.insert_facts(documents)
    trail.insert_facts(heads)
    trail.insert_facts(rows)
    ledger.append(
        [
            received(
                d,
                "document.repeated" if d.id in repeated else "receipt.recorded",
                origin,
                {"receipt": d.canonical},
                [],
            )
            for d in documents
        ]
    )
    _invalidate(heads)
    named = [n for h in heads for n in (h.number, h.despatch_key) if n]
    work_queue.invalidate(related_invoices.naming_deliveries(named), "order", "a delivery it names")
    return lines


def _line(head: Receipt, receipt: shapes.Receipt, line: shapes.ReceiptLine) -> ReceiptLine | None:
    """A line that says how much arrived; one that does not is no receipt of anything."""
    if line.quantity is None:
        return None
    accepted = line.quantity if line.accepted is None else min(line.accepted, line.quantity)
    order = line.order_number or receipt.order_number
    return ReceiptLine(
        id=new_id(),
        receipt=head,
        line=line.line,
        order_number=order,
        order_key=normalised_number(order),
        order_line=line.order_line,
        item=line.item,
        buyer_item=line.buyer_item,
        description=line.description,
        quantity=line.quantity,
        accepted=accepted,
        unit=line.unit,
    )


def _invalidate(heads: list[Receipt]) -> None:
    """Ask about the orders that these receipts name, and those that an earlier version of them named: what
    arrived there did not, after all."""
    versions = ReceiptLine.objects.filter(receipt__number_key__in={h.number_key for h in heads}).exclude(
        order_number=""
    )
    numbers = sorted(set(versions.values_list("order_number", flat=True)))
    if numbers:
        work_queue.invalidate(related_invoices.naming(numbers), "receipt", ", ".join(numbers[:5]))
