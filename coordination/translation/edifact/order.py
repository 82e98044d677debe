"""ORDERS: the buyer's order as first sent, or taken back."""

from __future__ import annotations

from typing import Final

from .. import values
from ..canonical import Order, OrderLine
from . import lines as common
from . import money, parties
from .interchange import Message
from .lines import Parts
from .record import MessageRecord
from .record import money as amount_of

CANCELLATION: Final = frozenset({"1", "3"})
"""Message functions (UNTDID 1225) that take an order back."""

_STATUS: Final = {
    "1": "added",
    "2": "deleted",
    "3": "changed",
    "4": "unchanged",
    "5": "accepted",
    "7": "rejected",
}
"""What LIN says of its line (UNTDID 1229)."""


def read_order(message: Message, number: str, record: MessageRecord) -> Order:
    """Read an ORDERS; function 1 or 3 cancels the order of that number."""
    parts = common.parts(message)
    header = parts.header
    record.currency = money.currency_of(record, parts)
    beginning = message.first("BGM")
    function = beginning.component(2) if beginning is not None else ""
    return Order(
        number=number,
        message="cancellation" if function in CANCELLATION else "order",
        message_id=number,
        order_date=record.day("order_date", next(iter(header.all("DTM", "137", "4")), None)),
        currency=record.currency,
        seller=parties.party(record, "seller", parties.group_of(header, ("SU", "SE"))),
        buyer=parties.party(record, "buyer", parties.group_of(header, parties.BUYER)),
        net=record.amount("net", amount_of(next(iter(parts.summary.all("MOA", "79")), None))),
        note=common.notes(record, "note", header.all("FTX")),
        lines=tuple(_line(record, parts, n) for n in range(len(parts.lines))),
        allowances=money.allowances(record, "", header),
        type_code=values.order_kind(
            record.key("type_code", beginning.leaf(0) if beginning is not None else None)
        ),
        unreadable=record.unreadable,
        provenance=record.provenance,
    )


def _line(record: MessageRecord, parts: Parts, index: int) -> OrderLine:
    line, name = parts.lines[index], f"lines/{index + 1}"
    found = common.item(record, name, line)
    quantity, unit = common.quantity(record, f"{name}/quantity", line, "21", "1")
    price = common.price(record, name, line)
    _, rate = money.line_tax(record, name, line, parts.header)
    record.provenance.pop(f"{name}/tax_category", None)
    net = record.amount(f"{name}/net", amount_of(next(iter(line.all("MOA", "203", "66")), None)))
    return OrderLine(
        line=record.key(f"{name}/line", line.own[0].leaf(0)),
        item=found.item,
        buyer_item=found.buyer_item,
        standard_item=found.standard_item,
        description=found.name,
        quantity=quantity,
        unit=unit,
        price=price.amount,
        base_quantity=price.base,
        base_unit=price.base_unit,
        net=net,
        tax_rate=rate,
        allowances=money.line_allowances(record, name, line, price, quantity, net),
        status=_STATUS.get(line.own[0].component(1), ""),
    )
