"""How an INVOIC wants to be paid (PAI, RFF), and what it says of itself beside its kind (BGM)."""

from __future__ import annotations

from typing import Final

from ..canonical import PaymentMeans
from ..ubl.paying import LONGEST
from .interchange import Message
from .record import MessageRecord
from .segments import Section

_REFERENCE: Final = "PQ"
"""Reference qualifier (UNTDID 1153) of the payment reference, by the EN 16931 binding BT-83."""

_PAYING_BANK: Final = "PB"
"""Qualifier (UNTDID 3035) of the bank whose account is ours."""

_COPIES: Final = frozenset({"7", "31"})
"""Message functions (UNTDID 1225): duplicate, copy."""


def means(record: MessageRecord, header: Section) -> tuple[PaymentMeans, ...]:
    """The ways of payment it names (PAI, C534: conditions, guarantee, means)."""
    payer = next(iter(header.anywhere("FII", _PAYING_BANK)), None)
    stated = [s for s in header.anywhere("PAI") if s.component(0, 2)]
    return tuple(
        PaymentMeans(
            code=record.text(f"means/{n}/code", segment.leaf(0, 2))[:LONGEST],
            debited=record.text(f"means/{n}/debited", payer.leaf(1) if payer is not None else None),
        )
        for n, segment in enumerate(stated, 1)
    )


def reference(record: MessageRecord, header: Section) -> str:
    """What the seller wants to see with the money."""
    segment = next(iter(header.anywhere("RFF", _REFERENCE)), None)
    return record.text("payment_reference", segment.leaf(0, 1)) if segment is not None else ""


def marks(message: Message) -> tuple[str, ...]:
    """`copy` where the document says that it is one."""
    beginning = message.first("BGM")
    return ("copy",) if beginning is not None and beginning.component(2) in _COPIES else ()
