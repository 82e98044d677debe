"""Orders, folded from all messages about them, so that a change may come before its order.

A message is about the order of its number, to the letter or in another spelling (`order_names`).

A whole batch is read and written in sets: what is known of its orders in three queries, what it changes in
one statement per table.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q

from audit import ledger, trail
from audit.ids import new_id
from audit.subjects import Subject

from ...domain.hold_codes import cured_by
from ...facts import related_invoices
from ...facts.serialization import decode, encode
from ...facts.vendor_directory import Directory, keys_named
from ...models import Document, Hold, Order, OrderLine, OrderMessage, OrderName
from ...tasks import work_queue
from ...translation import canonical as shapes
from ...translation import limits
from ...translation.canonical import QuarantineCode
from ...translation.identity import normalised_number, normalised_numbers, registered_number
from . import quarantine
from .folding import agreed, charges, fold, worth
from .order_names import Names, Seller
from .parts import Line, Origin, Part, digest, document_row, received

HEAD = (
    "vendor_id",
    "seller",
    "buyer",
    "order_date",
    "currency",
    "status",
    "net",
    "tax",
    "gross",
    "charges",
    "sales_order",
    "type_code",
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


@dataclass
class Known:
    """What is on file about the orders of a batch."""

    directory: Directory
    orders: dict[str, Order]
    messages: dict[str, list[shapes.Order]]
    lines: dict[UUID, list[OrderLine]]
    files: dict[str, set[str]]
    """The numbers that each file names, by its digest."""

    @classmethod
    def of(cls, numbers: Sequence[str]) -> Known:
        """Read and lock the orders of these numbers, and those that differ from them in spelling."""
        keys = normalised_numbers(numbers)
        # by two indexes: an OR over both tables could use neither
        same = list(OrderName.objects.filter(number_key__in=keys).values_list("order_id", flat=True))
        asked = Q(number__in=numbers) | Q(pk__in=same)
        orders = {o.number: o for o in Order.objects.select_for_update(of=("self",)).filter(asked)}
        messages: dict[str, list[shapes.Order]] = defaultdict(list)
        files: dict[str, set[str]] = defaultdict(set)
        before = OrderMessage.objects.filter(Q(order_number__in=numbers) | Q(order_key__in=keys))
        for message in before.select_related("document").order_by("at", "id"):
            content = decode(shapes.Order, message.document.canonical)
            messages[message.order_number].append(content)
            files[message.document.content_id].add(content.number)
        lines: dict[UUID, list[OrderLine]] = defaultdict(list)
        for line in OrderLine.objects.filter(order__in=orders.values()):
            lines[line.order_id].append(line)
        return cls(Directory.load(), orders, messages, lines, files)

    def names(self) -> Names:
        """The numbers that these orders go by."""
        return Names({n: self.messages.get(n, []) for n in {*self.orders, *self.messages}}, self._seller)

    def _seller(self, message: shapes.Order) -> Seller:
        stated = keys_named(encode(message.seller) | {"vendor_id": message.vendor_id})
        vendor = self.directory.find(message.seller, message.vendor_id)
        return Seller(vendor, frozenset(map(registered_number, stated)))


@dataclass
class Written:
    """The rows that a batch adds and changes, by table."""

    documents: list[Document] = field(default_factory=list)
    messages: list[OrderMessage] = field(default_factory=list)
    new_orders: list[Order] = field(default_factory=list)
    changed_orders: list[Order] = field(default_factory=list)
    new_lines: list[OrderLine] = field(default_factory=list)
    changed_lines: list[OrderLine] = field(default_factory=list)

    def write(self, origin: Origin) -> dict[UUID, list[trail.Change]]:
        """Write everything; the changes by order."""
        stamp = origin.stamp()
        trail.insert_facts(self.documents)
        trail.insert_facts(self.messages)
        changes: dict[UUID, list[trail.Change]] = defaultdict(list)
        orders = zip(
            [*self.new_orders, *self.changed_orders],
            [*trail.insert(self.new_orders, stamp), *trail.update(self.changed_orders, HEAD, stamp)],
            strict=True,
        )
        for order, change in orders:
            changes[order.id].append(change)
        lines = zip(
            [*self.new_lines, *self.changed_lines],
            [*trail.insert(self.new_lines, stamp), *trail.update(self.changed_lines, LINE, stamp)],
            strict=True,
        )
        for line, change in lines:
            changes[line.order_id].append(change)
        self._names()
        return changes

    def _names(self) -> None:
        """The numbers of the orders as they are searched by."""
        OrderName.objects.bulk_create(
            [
                OrderName(
                    order=o,
                    number_key=normalised_number(o.number),
                    sales_key=normalised_number(o.sales_order),
                )
                for o in [*self.new_orders, *self.changed_orders]
            ],
            update_conflicts=True,
            unique_fields=["order"],
            update_fields=["number_key", "sales_key"],
        )


@dataclass
class OrderNews:
    """What a batch says of one order: documents with the messages they repeat or add."""

    key: UUID
    known: bool
    documents: list[Document] = field(default_factory=list)
    fresh: list[shapes.Order] = field(default_factory=list)

    def events(self, origin: Origin, changes: list[trail.Change]) -> list[ledger.Event]:
        """One entry per document; the rows that changed are bound to the last."""
        if not self.fresh:
            return [received(d, "document.repeated", origin, {}, []) for d in self.documents]
        type_ = "order.changed" if self.known else "order.received"
        last = len(self.documents) - 1
        return [
            received(d, type_, origin, {"message": d.canonical}, changes if i == last else [])
            for i, d in enumerate(self.documents)
        ]


def messages(parts: Sequence[Part], origin: Origin) -> list[Line]:
    """Keep each message, then fold every order they concern once."""
    known, written = Known.of(sorted({_order(part).number for part in parts})), Written()
    lines: list[Line] = []
    groups = _by_order(parts, known, lines, origin)
    told: dict[str, OrderNews] = {}
    for number, group in groups.items():
        told[number] = _listen(number, group, known, written, lines, origin)
        if told[number].fresh:
            _fold(number, told[number], known, written, origin)
    changes = written.write(origin)
    ledger.append([e for t in told.values() for e in t.events(origin, changes.get(t.key, []))])
    _invalidate([n for n, t in told.items() if t.fresh])
    _invalidate_by_sales_order(
        sorted({m.sales_order for t in told.values() for m in t.fresh if m.sales_order})
    )
    return lines


def _by_order(
    parts: Sequence[Part], known: Known, lines: list[Line], origin: Origin
) -> dict[str, list[Part]]:
    """The messages by the number of their order; one that may be about several is set aside."""
    names = known.names()
    for part in parts:
        known.files[part.sha256].add(_order(part).number)
    groups: dict[str, list[Part]] = defaultdict(list)
    for part in parts:
        message = _order(part)
        found = names.of(message, known.files[part.sha256])
        if len(found) == 1:
            groups[found[0]].append(part)
            continue
        told = (
            f"order {message.number[:60]} may be {' or '.join(sorted(found)[:3])}, which differ from it in"
            " spelling only: send it under the number of one of them"
        )
        row = limits.row_of(message)
        lines.append(quarantine.set_aside(part.path, part.sha256, QuarantineCode.MISMATCH, told, row, origin))
    return groups


def _order(part: Part) -> shapes.Order:
    assert isinstance(part.document, shapes.Order)  # noqa: S101 - chosen by shape
    return part.document


def _listen(
    number: str, group: list[Part], known: Known, written: Written, lines: list[Line], origin: Origin
) -> OrderNews:
    order = known.orders.get(number)
    told = OrderNews(order.id if order else new_id(), order is not None)
    seen = {digest(m) for m in known.messages.get(number, ())}
    for part in group:
        message = _order(part)
        kind = "order" if message.message == "order" else f"order_{message.message}"
        document = document_row(
            part, kind, message.message_id or message.number, origin, Subject.of("order", told.key)
        )
        told.documents.append(document)
        repeated = digest(message) in seen
        seen.add(digest(message))
        result = "duplicate" if repeated else "accepted"
        lines.append(Line(part.path, result, kind, document.number, subject=document.subject))  # type: ignore[arg-type]
        if not repeated:
            told.fresh.append(message)
            written.messages.append(
                OrderMessage(
                    id=new_id(),
                    document=document,
                    order_number=number,
                    order_key=normalised_number(number),
                    message=message.message,
                    at=origin.at,
                )
            )
    written.documents += told.documents
    return told


def _fold(number: str, told: OrderNews, known: Known, written: Written, origin: Origin) -> None:
    folded, status = fold([*known.messages.get(number, ()), *told.fresh])
    if folded is None:
        return
    head = _head(folded, status, known.directory, origin)
    order = known.orders.get(number)
    if order is None:
        order = Order(id=told.key, number=number, **head)
        written.new_orders.append(order)
    else:
        for k, v in head.items():
            setattr(order, k, v)
        order.revision += 1
        written.changed_orders.append(order)
    _fold_lines(order, folded, known.lines.get(order.id, []), written)


def _head(folded: shapes.Order, status: str, directory: Directory, origin: Origin) -> dict[str, Any]:
    seller = encode(folded.seller) | ({"vendor_id": folded.vendor_id} if folded.vendor_id else {})
    return {
        "vendor_id": directory.find(folded.seller, folded.vendor_id),
        "seller": seller,
        "buyer": _buyer(folded.buyer),
        "order_date": folded.order_date,
        "currency": folded.currency,
        "status": status,
        "net": worth(folded),
        "tax": folded.tax,
        "gross": folded.gross,
        "charges": encode(charges(folded)),
        "sales_order": folded.sales_order,
        "type_code": folded.type_code[:10],
        "changed_at": origin.at,
    }


def _buyer(party: shapes.Party) -> dict[str, Any]:
    """Who ordered, by all that tells a company apart; its address does not."""
    return {k: v for k, v in encode(party).items() if k != "address"}


def _fold_lines(order: Order, folded: shapes.Order, rows: list[OrderLine], written: Written) -> None:
    """Lines by their id; one that is gone is kept with quantity 0, for what was already allocated to it."""
    known = {line.line: line for line in rows}
    for position, line in enumerate(map(agreed, folded.lines), 1):
        values = {f: position if f == "position" else getattr(line, f) for f in LINE}
        row = known.pop(line.line, None)
        if row is None:
            written.new_lines.append(OrderLine(id=new_id(), order=order, line=line.line, **values))
        elif any(getattr(row, k) != v for k, v in values.items()):
            for k, v in values.items():
                setattr(row, k, v)
            written.changed_lines.append(row)
    for row in known.values():
        if row.quantity != 0:
            row.quantity = Decimal(0)
            written.changed_lines.append(row)


def _invalidate_by_sales_order(numbers: list[str]) -> None:
    if numbers:
        work_queue.invalidate(
            related_invoices.naming_sales_orders(numbers), "order", f"sales order {', '.join(numbers[:5])}"
        )


def _invalidate(numbers: list[str]) -> None:
    if numbers:
        cause = f"order {', '.join(numbers[:5])}"
        work_queue.invalidate(related_invoices.naming(numbers), "order", cause)
        vendors = Order.objects.filter(number__in=numbers, vendor__isnull=False).values("vendor")
        lost = Hold.objects.live().filter(code__in=cured_by("order"), invoice__vendor__in=vendors)
        work_queue.invalidate(
            list(lost.values_list("invoice_id", flat=True)), "order", cause
        )  # it may be shown to a person
