"""Ordered, received and invoiced, line by line, as the question to a person shows them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..agents.operations_delivery import belongs
from ..agents.order_index import key, number_key
from ..domain.amounts import ZERO, counted, format_amount, ordered_price, two_decimals, unit_price
from ..domain.facts import OrderFacts, OrderLineFacts, ReceiptLineFacts, Snapshot
from ..domain.hold_codes import CATALOGUE
from ..models import Hold
from ..translation.canonical import InvoiceLine


def received_worth(lines: list[dict[str, Any]]) -> str:
    parts = [
        Decimal(x["received"]["accepted"].replace(",", "")) * Decimal(x["ordered"]["price"].replace(",", ""))
        for x in lines
        if x["received"] and x["received"]["accepted"] and x["ordered"] and x["ordered"]["price"]
    ]
    return two_decimals(sum(parts, ZERO)) if parts else ""


def total_variance(lines: list[dict[str, Any]]) -> dict[str, str] | None:
    """All lines together; None where one cannot be compared."""
    parts = [x["variance"] for x in lines]
    if not parts or None in parts:
        return None
    over = sum((Decimal(p["money"]) for p in parts), ZERO)
    base = sum((_base(x) for x in lines), ZERO)
    return {"money": f"{over:.2f}", "pct": f"{over / base * 100:.1f}" if base else ""}


def _base(line: dict[str, Any]) -> Decimal:
    """What the per cent of a line's variance are of: what is due, or what was ordered where its quantity is
    over."""
    ordered = line["ordered"]
    if ordered and ordered["quantity"] and any(r["code"].startswith("qty_") for r in line["result"]):
        return Decimal(ordered["quantity"].replace(",", "")) * Decimal(ordered["price"].replace(",", ""))
    return Decimal(line["variance"]["due"])


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


def compare_line(snapshot: Snapshot, line: InvoiceLine, known: KnownLines) -> dict[str, Any] | None:
    """Ordered, received and invoiced of one invoice line, with what is off."""
    position = line.position
    if not line.quantity and not line.net:
        return None
    order, ordered = known.ordered.get(position, (None, None))
    holds = known.holds.get(position, [])
    asked = unit_price(line)
    arrived = known.arrived(order, ordered) if order and ordered else []
    agreed = ordered_price(ordered) if ordered else None
    return {
        "position": str(position),
        "line": line.line,
        "description": line.description,
        "item": line.item,
        "unit": line.unit,
        "ordered": (
            {
                "quantity": counted(ordered.quantity) if ordered.quantity is not None else "",
                "price": format_amount(agreed) if agreed is not None else "",
                "order": order.number,
                "line": ordered.line,
            }
            if order and ordered
            else None
        ),
        "received": (
            {
                "quantity": counted(sum((r.quantity for r in arrived), ZERO)),
                "accepted": counted(sum((r.accepted for r in arrived), ZERO)),
            }
            if ordered
            else None
        ),
        "invoiced": {
            "quantity": counted(line.quantity) if line.quantity is not None else "",
            "price": format_amount(asked) if asked is not None else "",
            "net": two_decimals(line.net),
        },
        "variance": (
            _variance(agreed, asked, line.quantity, arrived, holds, ordered.quantity)
            if ordered
            else _unordered(line.net, holds)
        ),
        "tolerance": _tolerance(snapshot, holds),
        "marks": sorted({cell for h in holds if (cell := CATALOGUE[h.code].cell)}),
        "result": [
            {"code": h.code, "words": CATALOGUE[h.code].words, "excess": h.detail.get("excess", "")}
            for h in holds
        ],
    }


def _variance(
    agreed: Decimal | None,
    asked: Decimal | None,
    quantity: Decimal | None,
    arrived: list[Any],
    holds: list[Hold],
    ordered: Decimal | None,
) -> dict[str, str] | None:
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
        elif hold.code.startswith("qty_") and hold.detail.get("money"):
            due = min(due, max(ZERO, agreed * quantity - Decimal(hold.detail["money"])))
    over, base = asked * quantity - due, due
    if ordered and any(h.code.startswith("qty_") for h in holds):
        base = agreed * ordered
    return {"money": f"{over:.2f}", "pct": f"{over / base * 100:.1f}" if base else "", "due": f"{due:.2f}"}


def _unordered(net: Decimal | None, holds: list[Hold]) -> dict[str, str] | None:
    """A line that a known order does not carry is over by all of it."""
    if net is None or not any(h.code == "item_not_ordered" for h in holds):
        return None
    return {"money": f"{net:.2f}", "pct": "", "due": "0.00"}


def _tolerance(snapshot: Snapshot, holds: list[Any]) -> str:
    against = {CATALOGUE[h.code].against for h in holds}
    for quantity in ("received", "accepted", "ordered"):
        if quantity in against:
            return f"{quantity} + 0"
    price = snapshot.policy.price
    return f"{price.pct:f} % or {price.abs:f}" if price.pct is not None and price.abs is not None else ""
