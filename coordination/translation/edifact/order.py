"""ORDERS, ORDCHG and ORDRSP: the buyer's order as first sent, changed or taken back, and the seller's answer
to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from .. import values
from ..canonical import Order, OrderLine, QuarantineCode, Unreadable
from ..ubl.order import Message as Kind
from . import lines as common
from . import money, parties
from .interchange import Message
from .lines import Parts
from .record import MessageRecord
from .record import amount_leaf as amount_of
from .segments import PlaceLeaf, Section

CANCELLATION: Final = frozenset({"1", "3"})
"""Message functions (UNTDID 1225) that take an order back."""
CHANGE: Final = frozenset({"2", "4", "36", "37"})
"""Message functions by which an ORDCHG adds to an order, changes it, its heading or its details."""
ANSWER: Final = frozenset({"4"})
"""Message functions of an ORDRSP that are no statement of their own: it accepts with changes."""

_ANSWERS: Final[Mapping[str, Kind]] = {"27": "rejection", "29": "acceptance"}
"""Functions of an ORDRSP that settle the order: not accepted, accepted as it stands. Any other leaves it a
view of the seller: accepted with amendments (4, 28, 30, 34), acknowledged, on its way."""

_ORDER_NAMES: Final = frozenset({"105", "220", "221", "224", "226", "227", "228"})
"""Document names (UNTDID 1001) under which the number in BGM is that of the order itself."""

_STATUS: Final = {
    "1": "added",
    "2": "deleted",
    "3": "changed",
    "4": "unchanged",
    "5": "accepted",
    "6": "changed",
    "7": "rejected",
}
"""What LIN says of its line (UNTDID 1229)."""

_CHANGED: Final = _STATUS | {"7": "deleted"}
"""In a change: a line that its buyer does not accept any more is taken out."""

_ORDERED: Final = ("21", "1")
_PROMISED: Final = ("113", "12", "21", "1")
"""Quantity types (UNTDID 6063): ordered, discrete; to be delivered, despatched, of which a seller promises
the first."""


def read_order(message: Message, number: str, record: MessageRecord) -> Order:
    """Read an ORDERS; function 1 or 3 cancels the order of that number."""
    cancels = _function(message) in CANCELLATION
    return _Reading(message, number, record).order("cancellation" if cancels else "order")


def read_change(message: Message, number: str, record: MessageRecord) -> Order:
    """Read an ORDCHG: it replaces the lines it names, or with function 1 or 3 takes the order back.

    Changes carry no sequence of their own: they follow each other by the moment they were written.
    """
    cancels = _function(message) in CANCELLATION
    reading = _Reading(message, number, record, refers=True)
    return reading.order("cancellation" if cancels else "change", _CHANGED)


def read_response(message: Message, number: str, record: MessageRecord) -> Order:
    """Read an ORDRSP: the seller's yes, no, or view of the order with what is promised of each line."""
    reading = _Reading(message, number, record, refers=True)
    return reading.order(_ANSWERS.get(_function(message), "response"), quantities=_PROMISED)


def _function(message: Message) -> str:
    beginning = message.first("BGM")
    return beginning.component(2) if beginning is not None else ""


@dataclass
class _Reading:
    """One message while it is read; one that `refers` is about an order and is not the order."""

    message: Message
    own: str
    record: MessageRecord
    refers: bool = False
    parts: Parts = field(init=False)

    def __post_init__(self) -> None:
        self.parts = common.parts(self.message)

    def order(
        self, kind: Kind, status: Mapping[str, str] = _STATUS, quantities: tuple[str, ...] = _ORDERED
    ) -> Order:
        record, header = self.record, self.parts.header
        record.currency = money.currency_of(record, self.parts)
        written = next(iter(header.all("DTM", "137", "4")), None)
        moment = written.leaf(0, 1) if written is not None and kind == "change" else None
        return Order(
            number=self._number(),
            message=kind,
            message_id=self.own,
            sequence=record.key("sequence", moment),
            order_date=record.day("order_date", written),
            currency=record.currency,
            seller=parties.party(record, "seller", parties.group_of(header, ("SU", "SE"))),
            buyer=parties.party(record, "buyer", parties.group_of(header, parties.BUYER)),
            net=record.amount("net", amount_of(next(iter(self.parts.summary.all("MOA", "79")), None))),
            note=common.notes(record, "note", header.all("FTX")),
            lines=tuple(self._line(n, status, quantities) for n in range(len(self.parts.lines))),
            allowances=money.allowances(record, "", header),
            sales_order=record.key("sales_order", self._reference("VN") if self.refers else None),
            type_code=values.order_kind(record.key("type_code", self._type())),
            unreadable=record.unreadable,
            provenance=record.provenance,
        )

    def _type(self) -> PlaceLeaf | None:
        """The kind of the order (BGM); most changes and answers say what they are themselves instead."""
        beginning = self.message.first("BGM")
        if beginning is None or (self.refers and beginning.component(0) not in _ORDER_NAMES):
            return None
        return beginning.leaf(0)

    def _number(self) -> str:
        """The order's own number, or the one that the message refers to; a message about no order is
        refused."""
        if not self.refers:
            return self.own
        self.record.provenance["message_id"] = self.record.provenance["number"]
        number = self.record.key("number", self._reference(*common.ORDER))
        if number or self._type() is not None:
            return number or self.own
        error = "it names no order (RFF+ON): ask which order is meant"
        raise Unreadable(QuarantineCode.MISSING_ID, error, self.message.line)

    def _reference(self, *qualifiers: str) -> PlaceLeaf | None:
        """The number of the first reference of the header."""
        segment = next(self.parts.header.anywhere("RFF", *qualifiers, outside=("NAD",)), None)
        return segment.leaf(0, 1) if segment is not None else None

    def _line(self, index: int, status: Mapping[str, str], quantities: tuple[str, ...]) -> OrderLine:
        record, line, name = self.record, self.parts.lines[index], f"lines/{index + 1}"
        found = common.item(record, name, line)
        quantity, unit = common.quantity(record, f"{name}/quantity", line, *quantities)
        price = common.price(record, name, line)
        _, rate = money.line_tax(record, name, line, self.parts.header)
        record.provenance.pop(f"{name}/tax_category", None)
        net = record.amount(f"{name}/net", amount_of(next(iter(line.all("MOA", "203", "66")), None)))
        return OrderLine(
            line=record.key(f"{name}/line", self._line_number(line)),
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
            status=status.get(line.own[0].component(1), ""),
        )

    def _line_number(self, line: Section) -> PlaceLeaf:
        """The line of the order: a change or an answer may number its own lines and refer to those of the
        order."""
        referred = next(line.anywhere("RFF", *common.ORDER, outside=("NAD",)), None) if self.refers else None
        if referred is not None and referred.component(0, 2):
            return referred.leaf(0, 2)
        return line.own[0].leaf(0)
