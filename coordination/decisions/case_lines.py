"""Ordered, received and invoiced, line by line, as the question to a person shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ..agents.operations_delivery import belongs
from ..agents.order_index import key, number_key
from ..domain.amounts import ZERO, counted, format_amount, ordered_price, two_decimals, unit_price
from ..domain.facts import OrderFacts, OrderLineFacts, ReceiptLineFacts, Snapshot
from ..domain.hold_codes import CATALOGUE
from ..domain.proposal import HoldDetail
from ..models import Hold
from ..translation.canonical import InvoiceLine


@dataclass(frozen=True, slots=True)
class Ordered:
    """What the order line says: quantity, agreed price of a unit, number of the order and of its line."""

    quantity: str
    price: str
    order: str
    line: str


@dataclass(frozen=True, slots=True)
class Received:
    """How many came, and how many of them were accepted."""

    quantity: str
    accepted: str


@dataclass(frozen=True, slots=True)
class Invoiced:
    """What the invoice line says: quantity, price of a unit, amount."""

    quantity: str
    price: str
    net: str


@dataclass(frozen=True, slots=True)
class Variance:
    """What is billed over what is `due`, in money and per cent (empty: of nothing)."""

    money: str
    pct: str
    due: str


@dataclass(frozen=True, slots=True)
class Result:
    """A hold on the line: its code, the words of the chip, the size of it."""

    code: str
    words: str
    excess: str


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One invoice line beside its order line and receipts, all as text; empty for what is not known.

    `ordered` and `received` are None where the line leads to no order line, `variance` where nothing can be
    compared. `marks`: which figures are off.
    """

    position: str
    line: str
    description: str
    item: str
    unit: str
    ordered: Ordered | None
    received: Received | None
    invoiced: Invoiced
    variance: Variance | None
    tolerance: str
    marks: list[str]
    result: list[Result]

    @property
    def base(self) -> Decimal:
        """What the per cent of the variance are of: what is due, or what was ordered where its quantity is
        over."""
        ordered = self.ordered
        if ordered and ordered.quantity and any(r.code.startswith("qty_") for r in self.result):
            return _number(ordered.quantity) * _number(ordered.price)
        return Decimal(self.variance.due) if self.variance else ZERO


@dataclass(frozen=True, slots=True)
class TotalVariance:
    """What all lines together are over, in money and per cent."""

    money: str
    pct: str


def _number(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def received_worth(lines: Sequence[CaseLine]) -> str:
    """What came and was accepted is worth by the order; empty where nothing is known to have come."""
    parts = [
        _number(x.received.accepted) * _number(x.ordered.price)
        for x in lines
        if x.received and x.received.accepted and x.ordered and x.ordered.price
    ]
    return two_decimals(sum(parts, ZERO)) if parts else ""


def total_variance(lines: Sequence[CaseLine]) -> TotalVariance | None:
    """All lines together; None where one cannot be compared."""
    known = [x.variance for x in lines if x.variance is not None]
    if not known or len(known) < len(lines):
        return None
    over = sum((Decimal(v.money) for v in known), ZERO)
    base = sum((x.base for x in lines), ZERO)
    return TotalVariance(f"{over:.2f}", f"{over / base * 100:.1f}" if base else "")


@dataclass(frozen=True, slots=True)
class KnownLines:
    """What is known about each line: the order line it bills first, its holds, and receipts by what they
    name."""

    ordered: dict[int, tuple[OrderFacts, OrderLineFacts]]
    holds: dict[int | None, list[Hold]]
    receipts: dict[tuple[str, str], list[ReceiptLineFacts]]

    @classmethod
    def of(cls, snapshot: Snapshot, open_holds: list[Hold]) -> KnownLines:
        lines = {x.id: (o, x) for o in snapshot.orders for x in o.lines}
        ordered = {
            a.position: lines[a.order_line] for a in reversed(snapshot.allocations) if a.order_line in lines
        }
        holds: dict[int | None, list[Hold]] = {}
        for hold in open_holds:
            holds.setdefault(hold.line, []).append(hold)
        receipts: dict[tuple[str, str], list[ReceiptLineFacts]] = {}
        for receipt in snapshot.receipts:
            if receipt.kind == "receipt":
                receipts.setdefault((number_key(receipt.order_number), key(receipt.order_line)), []).append(
                    receipt
                )
        return cls(ordered, holds, receipts)

    def arrived(self, order: OrderFacts, line: OrderLineFacts) -> list[ReceiptLineFacts]:
        named = ((number_key(order.number), key(line.line)), (number_key(order.number), ""))
        return [r for name in named for r in self.receipts.get(name, ()) if belongs(r, order, line)]


def compare_line(snapshot: Snapshot, line: InvoiceLine, known: KnownLines) -> CaseLine | None:
    """Ordered, received and invoiced of one invoice line, with what is off; None for a line that bills
    nothing."""
    if not line.quantity and not line.net:
        return None
    order, ordered = known.ordered.get(line.position, (None, None))
    holds = known.holds.get(line.position, [])
    asked = unit_price(line)
    arrived = known.arrived(order, ordered) if order and ordered else []
    agreed = ordered_price(ordered) if ordered else None
    return CaseLine(
        position=str(line.position),
        line=line.line,
        description=line.description,
        item=line.item,
        unit=line.unit,
        ordered=Ordered(_count(ordered.quantity), _price(agreed), order.number, ordered.line)
        if order and ordered
        else None,
        received=Received(
            counted(sum((r.quantity for r in arrived), ZERO)),
            counted(sum((r.accepted for r in arrived), ZERO)),
        )
        if ordered
        else None,
        invoiced=Invoiced(_count(line.quantity), _price(asked), two_decimals(line.net)),
        variance=_variance(agreed, asked, line.quantity, arrived, holds, ordered.quantity)
        if ordered
        else _unordered(line.net, holds),
        tolerance=_tolerance(snapshot, holds),
        marks=sorted({cell for h in holds if (cell := CATALOGUE[h.code].cell)}),
        result=[
            Result(h.code, CATALOGUE[h.code].words, HoldDetail.from_json(h.detail).excess) for h in holds
        ],
    )


def _count(quantity: Decimal | None) -> str:
    return counted(quantity) if quantity is not None else ""


def _price(price: Decimal | None) -> str:
    return format_amount(price) if price is not None else ""


def _variance(
    agreed: Decimal | None,
    asked: Decimal | None,
    quantity: Decimal | None,
    arrived: list[ReceiptLineFacts],
    holds: list[Hold],
    ordered: Decimal | None,
) -> Variance | None:
    """Billed against ordered price and the quantity that is due, in money and per cent of what it should be.

    Due is what was accepted, less what a hold says is too much: earlier invoices of the order line count in
    that. A quantity that is over is over by so many per cent of what was ordered.
    """
    if agreed is None or asked is None or quantity is None:
        return None
    taken = sum((r.accepted for r in arrived), ZERO)
    due = agreed * (min(quantity, taken) if arrived else quantity)
    for hold in holds:
        if hold.code == "no_receipt" and not arrived:
            due = ZERO
        elif hold.code.startswith("qty_") and (money := HoldDetail.from_json(hold.detail).money):
            due = min(due, max(ZERO, agreed * quantity - Decimal(money)))
    over, base = asked * quantity - due, due
    if ordered and any(h.code.startswith("qty_") for h in holds):
        base = agreed * ordered
    return Variance(f"{over:.2f}", f"{over / base * 100:.1f}" if base else "", f"{due:.2f}")


def _unordered(net: Decimal | None, holds: list[Hold]) -> Variance | None:
    """A line that a known order does not carry is over by all of it."""
    if net is None or not any(h.code == "item_not_ordered" for h in holds):
        return None
    return Variance(f"{net:.2f}", "", "0.00")


def _tolerance(snapshot: Snapshot, holds: list[Hold]) -> str:
    against = {CATALOGUE[h.code].against for h in holds}
    for quantity in ("received", "accepted", "ordered"):
        if quantity in against:
            return f"{quantity} + 0"
    price = snapshot.policy.price
    return f"{price.pct:f} % or {price.abs:f}" if price.pct is not None and price.abs is not None else ""
