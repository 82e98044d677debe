"""Orders, folded from all messages about them, so that a change may come before its order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from audit import ledger, trail
from audit.ids import new_id

from ...agents import pairing
from ...models import Document, Order, OrderLine, OrderMessage
from ...translation import canonical as shapes
from .. import claim, siblings, vendors
from ..recording import decode, encode
from .parts import Line, Origin, Part, digest, document_row, received

HEAD = (
    "vendor_id",
    "seller",
    "order_date",
    "currency",
    "status",
    "net",
    "tax",
    "gross",
    "revision",
    "changed_at",
)
LINE = (
    "position",
    "item",
    "buyer_item",
    "description",
    "quantity",
    "unit",
    "price",
    "base_quantity",
    "net",
    "tax_rate",
    "standard_item",
)
ENDS = {"cancellation": "cancelled", "rejection": "rejected"}


def messages(parts: Sequence[Part], origin: Origin) -> list[Line]:
    """Keep each message, then fold every order they concern once."""
    directory = vendors.Directory.load()
    by_number: dict[str, list[Part]] = defaultdict(list)
    for part in parts:
        by_number[getattr(part.document, "number", "")].append(part)
    lines: list[Line] = []
    for number, group in by_number.items():
        lines += _order(number, group, directory, origin)
    return lines


def _order(number: str, parts: list[Part], directory: vendors.Directory, origin: Origin) -> list[Line]:
    order = Order.objects.select_for_update(of=("self",)).filter(number=number).first()
    subject = f"order/{order.id if order else new_id()}"
    before = list(
        OrderMessage.objects.filter(order_number=number).select_related("document").order_by("at", "id")
    )
    seen = {digest(decode(shapes.Order, m.document.canonical)) for m in before}
    documents, rows, lines, fresh = [], [], [], []
    for part in parts:
        message = part.document
        assert isinstance(message, shapes.Order)  # noqa: S101 - chosen by shape
        document = document_row(part, _kind(message), message.message_id or number, origin, subject)
        documents.append(document)
        repeated = digest(message) in seen
        seen.add(digest(message))
        lines.append(
            Line(
                part.path,
                "duplicate" if repeated else "accepted",
                document.kind,
                document.number,
                subject=subject,
            )
        )
        if not repeated:
            fresh.append(message)
            rows.append(
                OrderMessage(
                    id=new_id(), document=document, order_number=number, message=message.message, at=origin.at
                )
            )
    trail.insert_facts(documents)
    trail.insert_facts(rows)
    if not fresh:
        ledger.append([received(d, "document.repeated", origin, {}, []) for d in documents])
        return lines
    folded, status = fold([decode(shapes.Order, m.document.canonical) for m in before] + fresh)
    changes = _write(order, subject, folded, (status, directory), origin) if folded else []
    type_ = "order.changed" if order else "order.received"
    for i, document in enumerate(documents):
        last = i == len(documents) - 1
        ledger.append(
            [received(document, type_, origin, {"message": document.canonical}, changes if last else [])]
        )
    _wake(number, subject)
    return lines


def _kind(message: shapes.Order) -> str:
    return "order" if message.message == "order" else f"order_{message.message}"


def fold(messages: Sequence[shapes.Order]) -> tuple[shapes.Order | None, str]:
    """The order as its messages leave it, and its status.

    The newest order message states it; without one the seller's response does. Changes apply in their sequence and
    replace the lines they name; a cancellation or rejection ends it, wherever it stands.
    """
    orders = [m for m in messages if m.message == "order"]
    responses = [m for m in messages if m.message == "response"]
    status = next((ENDS[m.message] for m in reversed(messages) if m.message in ENDS), "open")
    base = orders[-1] if orders else (responses[0] if responses else None)
    if base is None:
        return None, status
    changes = sorted(
        (m for m in messages if m.message == "change"), key=lambda m: (m.sequence.zfill(6), m.message_id)
    )
    for change in changes:
        base = _changed(base, change)
    return base, status


def _changed(order: shapes.Order, change: shapes.Order) -> shapes.Order:
    lines = {pairing.key(line.line): line for line in order.lines}
    for line in change.lines:
        if line.status == "deleted":
            lines.pop(pairing.key(line.line), None)
        else:
            lines[pairing.key(line.line)] = line
    totals = {k: getattr(change, k) for k in ("net", "tax", "gross") if getattr(change, k) is not None}
    return replace(order, lines=tuple(lines.values()), **totals)


def _write(
    order: Order | None,
    subject: str,
    folded: shapes.Order,
    status: tuple[str, vendors.Directory],
    origin: Origin,
) -> list[trail.Change]:
    head = _head(folded, *status, origin)
    if order is None:
        order = Order(id=subject.partition("/")[2], number=folded.number, **head)
        changes = trail.insert([order], origin.stamp())
    else:
        for k, v in head.items():
            setattr(order, k, v)
        order.revision += 1
        changes = trail.update([order], HEAD, origin.stamp())
    return changes + _write_lines(order, folded, origin)


def _head(folded: shapes.Order, status: str, directory: vendors.Directory, origin: Origin) -> dict[str, Any]:
    seller = encode(folded.seller) | ({"vendor_id": folded.vendor_id} if folded.vendor_id else {})
    return {
        "vendor_id": directory.find(folded.seller, folded.vendor_id), "seller": seller,
        "order_date": folded.order_date, "currency": folded.currency, "status": status, "net": _net(folded),
        "tax": folded.tax, "gross": folded.gross, "changed_at": origin.at,
    }  # fmt: skip


def _net(folded: shapes.Order) -> Any:
    """The order's net as stated, else the sum of its lines when each says enough."""
    if folded.net is not None:
        return folded.net
    amounts = [
        x.net
        if x.net is not None
        else (
            x.quantity * x.price / x.base_quantity if x.quantity is not None and x.price is not None else None
        )
        for x in folded.lines
    ]
    return None if not amounts or None in amounts else sum(a for a in amounts if a is not None)


def _write_lines(order: Order, folded: shapes.Order, origin: Origin) -> list[trail.Change]:
    """Lines by their id; one that is gone is kept with quantity 0, for what was already allocated to it."""
    known = {line.line: line for line in order.lines.all()}
    new, old = [], []
    for position, line in enumerate(folded.lines, 1):
        values = {f: position if f == "position" else getattr(line, f) for f in LINE}
        row = known.pop(line.line, None)
        if row is None:
            new.append(OrderLine(id=new_id(), order=order, line=line.line, **values))
        elif any(getattr(row, k) != v for k, v in values.items()):
            for k, v in values.items():
                setattr(row, k, v)
            old.append(row)
    for row in known.values():
        if row.quantity != 0:
            row.quantity = Decimal(0)
            old.append(row)
    return trail.insert(new, origin.stamp()) + trail.update(old, LINE, origin.stamp())


def _wake(number: str, subject: str) -> None:
    claim.wake(siblings.naming([number]), "order", subject)


__all__ = ["Document", "fold", "messages"]
