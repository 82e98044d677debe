"""DESADV and RECADV: what the seller has sent, and what the buyer received and accepted."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from ..canonical import Receipt, ReceiptLine
from . import lines as common
from . import parties
from .interchange import Message
from .record import MessageRecord
from .segments import Section

_REFUSED: Final = ("195", "196", "124")
"""Received and not accepted, to be returned or destroyed; damaged (UNTDID 6063)."""


def read_despatch(message: Message, number: str, record: MessageRecord) -> Receipt:
    """The seller's announcement. It explains a missing receipt and never replaces one."""
    parts = common.parts(message)
    header = parts.header
    date = next((s for one in ("11", "137") for s in header.all("DTM", one)), None)
    return Receipt(
        number=number,
        kind="despatch",
        received_date=record.day("received_date", date),
        seller=parties.party(record, "seller", parties.group_of(header, ("SU", "SE"))),
        order_number=_header_order(record, header),
        despatch_number=number,
        lines=tuple(_despatched(record, f"lines/{n}", line) for n, line in enumerate(parts.lines, 1)),
        unreadable=record.unreadable,
        provenance=record.provenance,
    )


def read_receipt(message: Message, number: str, record: MessageRecord) -> Receipt:
    """The buyer's own receipt; its date is that of the goods' receipt, or else the day it was written."""
    parts = common.parts(message)
    header = parts.header
    date = next((s for one in ("50", "310", "137") for s in header.all("DTM", one)), None)
    despatch = next((s for one in ("AAK", "DQ") for s in header.anywhere("RFF", one)), None)
    return Receipt(
        number=number,
        kind="receipt",
        received_date=record.day("received_date", date),
        seller=parties.party(record, "seller", parties.group_of(header, ("SU", "SE"))),
        order_number=_header_order(record, header),
        despatch_number=record.key("despatch_number", despatch.leaf(0, 1) if despatch else None),
        lines=tuple(_received(record, f"lines/{n}", line) for n, line in enumerate(parts.lines, 1)),
        unreadable=record.unreadable,
        provenance=record.provenance,
    )


def _header_order(record: MessageRecord, header: Section) -> str:
    segment = next(header.anywhere("RFF", *common.ORDER, outside=("NAD",)), None)
    return record.key("order_number", segment.leaf(0, 1) if segment is not None else None)


@dataclass(frozen=True, slots=True)
class _Amounts:
    quantity: Decimal | None
    accepted: Decimal | None
    unit: str
    outstanding: Decimal | None = None


def _despatched(record: MessageRecord, name: str, line: Section) -> ReceiptLine:
    quantity, unit = common.quantity(record, f"{name}/quantity", line, "12", "46", "21")
    later, _ = common.quantity(record, f"{name}/outstanding", line, "83", "73")
    return _build(record, name, line, _Amounts(quantity, None, unit, later))


def _received(record: MessageRecord, name: str, line: Section) -> ReceiptLine:
    """Received (48) and accepted (194), of which one may follow from the other and what was refused."""
    quantity, unit = common.quantity(record, f"{name}/quantity", line, "48", "46")
    accepted, other = common.quantity(record, f"{name}/accepted", line, "194")
    refused = _refused(record, name, line, {one for one in (unit, other) if one})
    if refused is None or len({one for one in (unit, other) if one}) > 1:
        return _build(record, name, line, _Amounts(None, None, unit or other))
    if quantity is None and accepted is not None and not line.all("QTY", "48", "46"):
        quantity = accepted + refused
    if accepted is None and quantity is not None and refused:
        accepted = quantity - refused
    if line.all("QTY", "194") and accepted is None:
        quantity = None  # None accepted would mean "all of it", and nobody can read how much
    return _build(record, name, line, _Amounts(quantity, accepted, unit or other))


def _refused(record: MessageRecord, name: str, line: Section, units: set[str]) -> Decimal | None:
    """The sum of what was refused, or None where a part of it cannot be read or has another unit."""
    total = Decimal(0)
    for segment in line.all("QTY", *_REFUSED):
        amount, unit = record.number(f"{name}/accepted", segment.leaf(0, 1)), segment.component(0, 2)
        if unit and units and unit not in units:
            record.problem(f"{name}/accepted", segment.leaf(0, 2), "refused in another unit than received")
            return None
        if amount is None:
            return None
        total += amount
    return total


def _build(record: MessageRecord, name: str, line: Section, amounts: _Amounts) -> ReceiptLine:
    found = common.item(record, name, line)
    order, order_line = common.order_reference(record, name, line)
    return ReceiptLine(
        line=record.key(f"{name}/line", line.own[0].leaf(0)),
        order_number=order,
        order_line=order_line,
        item=found.item,
        buyer_item=found.buyer_item,
        standard_item=found.standard_item,
        description=found.name,
        quantity=amounts.quantity,
        accepted=amounts.accepted,
        unit=amounts.unit,
        outstanding=amounts.outstanding,
    )
