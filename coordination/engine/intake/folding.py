"""An order as its messages leave it: pure, so that the sequence of arrival cannot matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from ...agents.order_index import key
from ...translation.canonical import AllowanceCharge, Order, OrderLine

ENDS = {"cancellation": "cancelled", "rejection": "rejected"}


def fold(messages: Sequence[Order]) -> tuple[Order | None, str]:
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
    told = next((m.sales_order for m in reversed(messages) if m.sales_order), "")
    kind = next((m.type_code for m in orders[::-1] if m.type_code), base.type_code)
    return replace(base, sales_order=base.sales_order or told, type_code=kind), status


def charges(folded: Order) -> list[AllowanceCharge]:
    """The charges that were agreed on, of the order as a whole and of its lines."""
    found = [*folded.allowances, *(a for line in folded.lines for a in line.allowances)]
    return [a for a in found if a.charge]


def _changed(order: Order, change: Order) -> Order:
    lines = {key(line.line): line for line in order.lines}
    for line in change.lines:
        if line.status == "deleted":
            lines.pop(key(line.line), None)
        else:
            lines[key(line.line)] = line
    totals = {k: getattr(change, k) for k in ("net", "tax", "gross") if getattr(change, k) is not None}
    charged = change.allowances or order.allowances
    return replace(order, lines=tuple(lines.values()), allowances=charged, **totals)


ROUNDED = Decimal("0.02")
_PLACES = Decimal("1E-10")
"""Decimals in which prices are kept."""


def agreed(line: OrderLine) -> OrderLine:
    """The line at its net price: what its allowances take off is no part of the agreed price, what its charges add is
    agreed on its own (`charges`).

    Where the line amount is quantity x price all the same, the price is a net one already and the rest is information.
    """
    printed = _goods(line)
    if not line.allowances or not printed or not line.quantity:
        return line
    if line.net is not None and abs(printed - line.net) <= ROUNDED:
        return line
    off = sum((a.amount for a in line.allowances if not a.charge), Decimal(0))
    on = sum((a.amount for a in line.allowances if a.charge), Decimal(0))
    price = (printed - off) / line.quantity * line.base_quantity
    if price < 0:
        return line
    net = None if line.net is None else line.net - on
    return replace(line, price=price.quantize(_PLACES, ROUND_HALF_UP) if off else line.price, net=net)


def _goods(line: OrderLine) -> Decimal | None:
    if line.quantity is None or line.price is None or not line.base_quantity:
        return None
    return line.quantity * line.price / line.base_quantity


def worth(folded: Order) -> Decimal | None:
    """The order's net as stated, else the sum of its lines when each says enough."""
    if folded.net is not None:
        return folded.net
    total = Decimal(0)
    for line in folded.lines:
        amount = line.net if line.net is not None else _goods(line)
        if amount is None:
            return None
        adjusted = () if line.net is not None else line.allowances
        total += amount + sum((a.amount if a.charge else -a.amount for a in adjusted), Decimal(0))
    return total if folded.lines else None
