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

    The newest order message states it; without one the seller's response does. Changes apply in their
    sequence, line by line; a cancellation or rejection ends it, wherever it stands.
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
    moved: Decimal | None = Decimal(0)
    for line in change.lines:
        name = key(line.line)
        before, after = lines.pop(name, None), None
        if line.status == "unchanged" and before is not None:
            after = before
        elif line.status != "deleted":
            after = _amended(before, line, whole=bool(change.unreadable))
        if after is not None:
            lines[name] = after
        moved = _sum(moved, _line_worth(after), minus=_line_worth(before))
    net, tax, gross = _totals(order, change, moved)
    charged = change.allowances or order.allowances
    in_place = [lines.pop(key(x.line)) for x in order.lines if key(x.line) in lines]
    return replace(
        order, lines=(*in_place, *lines.values()), allowances=charged, net=net, tax=tax, gross=gross
    )


def _amended(before: OrderLine | None, line: OrderLine, *, whole: bool) -> OrderLine:
    """The line as the change leaves it: what the change does not say stays as it was.

    `whole`: the change has values that nobody could read, so that what is missing may be one of them: nothing
    is kept.
    """
    if before is None or whole:
        return line
    same_price = line.price is None or (line.price, line.base_quantity) == (
        before.price,
        before.base_quantity,
    )
    same_quantity = line.quantity is None or line.quantity == before.quantity
    priced = before if line.price is None else line
    return replace(
        line,
        item=line.item or before.item,
        buyer_item=line.buyer_item or before.buyer_item,
        standard_item=line.standard_item or before.standard_item,
        description=line.description or before.description,
        quantity=before.quantity if line.quantity is None else line.quantity,
        unit=line.unit or before.unit,
        price=priced.price,
        base_quantity=priced.base_quantity,
        base_unit=priced.base_unit,
        allowances=line.allowances or (before.allowances if line.price is None else ()),
        net=before.net if line.net is None and same_price and same_quantity else line.net,
        tax_rate=before.tax_rate if line.tax_rate is None else line.tax_rate,
    )


Totals = tuple[Decimal | None, Decimal | None, Decimal | None]


def _totals(order: Order, change: Order, moved: Decimal | None) -> Totals:
    """Net, tax and gross: those the change states; without a net the one before and what its lines add to
    it."""
    if change.net is not None or moved == 0:
        told = ((change.net, order.net), (change.tax, order.tax), (change.gross, order.gross))
        net, tax, gross = (before if now is None else now for now, before in told)
        return net, tax, gross
    return None if order.net is None or moved is None else order.net + moved, change.tax, change.gross


def _sum(so_far: Decimal | None, plus: Decimal | None, *, minus: Decimal | None) -> Decimal | None:
    return None if so_far is None or plus is None or minus is None else so_far + plus - minus


def _line_worth(line: OrderLine | None) -> Decimal | None:
    """What a line comes to; nought where there is none, None where it does not say enough."""
    if line is None:
        return Decimal(0)
    if line.net is not None:
        return line.net
    goods = _goods(line)
    if goods is None:
        return None
    return goods + sum((a.amount if a.charge else -a.amount for a in line.allowances), Decimal(0))


ROUNDED = Decimal("0.02")
_PLACES = Decimal("1E-10")
"""Decimals in which prices are kept."""


def agreed(line: OrderLine) -> OrderLine:
    """The line at its net price: what its allowances take off is no part of the agreed price, what its
    charges add is agreed on its own (`charges`).

    Where the line amount is quantity x price all the same, the price is a net one already and the rest is
    information.
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
    worths = [_line_worth(line) for line in folded.lines]
    known = [w for w in worths if w is not None]
    return sum(known, Decimal(0)) if folded.lines and len(known) == len(worths) else None
