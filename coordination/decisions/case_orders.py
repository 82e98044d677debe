"""Which order, and which line of it, an invoice may belong to: candidates with their fit, for a person to
choose from. Nobody takes one for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from reviews.remedies import Choice, Field

from ..agents import pairing
from ..agents.completeness import format_day
from ..agents.order_index import number_key
from ..domain.amounts import ZERO, format_amount, ordered_price, signed, unit_price
from ..domain.facts import OrderFacts, OrderLineFacts, Snapshot
from ..domain.proposal import HoldDetail
from ..domain.supplied import ORDER
from ..facts import context, queries
from ..models import Hold, Invoice
from ..translation.canonical import InvoiceLine

SHOWN = 8
"""Orders shown of those that were looked at: those first that fit every line, then the nearest in amount."""
MOST_LINES = 6
"""Lines of one invoice that are assigned one by one; where more fit nothing, the order is another one."""


class OrderNamed(NamedTuple):
    """An order as a document names it, and its place among those that it names, from 1."""

    number: str
    place: int


# --- orders -------------------------------------------------------------------------------------------------


def order_fields(row: Invoice, snapshot: Snapshot, holds: Sequence[Hold]) -> list[Field]:
    """One field for each order that these holds are about, with the orders that would fit."""
    wanted = {named.place: named for hold in holds for named in _meant(snapshot, hold)}
    if not wanted:
        return []
    choices = _choices(row, snapshot, {number_key(named.number) for named in wanted.values()})
    return [
        Field(
            f"{ORDER}/{named.place}",
            "order" if len(wanted) == 1 else f"order for {named.number}",
            "choice",
            was=named.number,
            place="BT-13",
            hint="a number of ours",
            choices=choices,
        )
        for named in sorted(wanted.values(), key=lambda one: one.place)
    ]


def _meant(snapshot: Snapshot, hold: Hold) -> list[OrderNamed]:
    """The orders that a hold is about, as the document names them: one that it leads to without naming it,
    and none at all, are a new one."""
    document = snapshot.document
    stated = [*document.order_numbers, *(line.order_number for line in document.lines)]
    named = list(dict.fromkeys(n for n in stated if n))
    detail = HoldDetail.from_json(hold.detail)
    if hold.code == "no_po":
        return [OrderNamed("", 1)]
    if hold.code == "po_unknown":
        about = {number_key(detail.found)}
    else:
        orders = (of.removeprefix("order ") for of, _, _ in detail.evidence if of.startswith("order "))
        about = {number_key(n) for n in orders}
    found = [OrderNamed(n, at) for at, n in enumerate(named, 1) if number_key(n) in about]
    return found or [OrderNamed("", len(named) + 1)]


def _choices(row: Invoice, snapshot: Snapshot, without: set[str]) -> list[Choice]:
    orders = {o.id: o for o in snapshot.candidates or _open_orders(row)}
    found = [o for o in orders.values() if number_key(o.number) not in without]
    fits = set(pairing.fitting(replace(snapshot, candidates=tuple(found))))
    net = snapshot.document.net

    def nearness(order: OrderFacts) -> tuple[bool, Decimal, str]:
        left = open_of(order)
        apart = abs(left - net) if net is not None and left is not None else ZERO
        return order.number not in fits, apart, order.number

    vendor = snapshot.vendor.name if snapshot.vendor else ""
    return [_choice(o, vendor, net, fits=o.number in fits) for o in sorted(found, key=nearness)[:SHOWN]]


def _choice(order: OrderFacts, vendor: str, net: Decimal | None, *, fits: bool) -> Choice:
    left = open_of(order)
    fit = (
        ("Vendor", vendor),
        ("Date", format_day(order.order_date) if order.order_date else ""),
        (f"Net {order.currency}".strip(), _money(order.net)),
        ("Still open", _money(left)),
        ("Difference", signed(net - left) if net is not None and left is not None else ""),
        ("Lines", "fits every line" if fits else "differ"),
    )
    return Choice(order.number, order.number, fit)


def _open_orders(row: Invoice) -> list[OrderFacts]:
    """Open orders of the vendor in the currency of the invoice, with what is billed of them."""
    keys = [key for keys in context.candidates([row]).values() for key in keys]
    found = queries.with_billing(queries.orders(keys)) if keys else {}
    return [order for group in found.values() for order in group]


def open_of(order: OrderFacts) -> Decimal | None:
    """What of an order nobody has billed yet, in its currency; None where it states no amount."""
    if order.net is None:
        return None
    return order.net - sum((_billed(line) for line in order.lines), ZERO)


def _billed(line: OrderLineFacts) -> Decimal:
    return sum((-b.amount if b.type == "credit_note" else b.amount for b in line.billed), ZERO)


def _money(amount: Decimal | None) -> str:
    return format_amount(amount) if amount is not None else ""


# --- lines of an order --------------------------------------------------------------------------------------


def line_fields(snapshot: Snapshot, holds: Sequence[Hold]) -> list[Field]:
    """One field for each line that fits no line of its order, with the lines of that order. Where several
    orders are meant and the line names none, nobody can say a line of it."""
    lines = {x.position: x for x in snapshot.document.lines}
    found = []
    for position in sorted({hold.line for hold in holds if hold.line in lines})[:MOST_LINES]:
        order = _order_of(snapshot, lines[position])
        if order is not None and order.lines:
            found.append(_line_field(lines[position], order))
    return found


def _order_of(snapshot: Snapshot, line: InvoiceLine) -> OrderFacts | None:
    own = [o for o in snapshot.orders if number_key(o.number) == number_key(line.order_number)]
    found = own if line.order_number else list(snapshot.orders)
    return found[0] if len(found) == 1 else None


def _line_field(line: InvoiceLine, order: OrderFacts) -> Field:
    billed = unit_price(line)

    def choice(x: OrderLineFacts) -> Choice:
        price = ordered_price(x)
        left = x.quantity - sum((b.quantity for b in x.billed), ZERO) if x.quantity is not None else None
        fit = (
            ("Item", x.item),
            ("Description", x.description),
            ("Still open", f"{left.normalize():f} {x.unit}".strip() if left is not None else ""),
            ("Unit price", _money(price)),
            (
                "Difference",
                signed(billed - price) if billed is not None and price is not None else "",
            ),
        )
        return Choice(x.line, f"{order.number} line {x.line}", fit)

    named = line.item or line.description
    return Field(
        f"lines/{line.position}/order_line",
        f"order line for line {line.position}",
        "choice",
        was=line.order_line,
        place=f"line {line.position} ({named}), BT-132" if named else f"line {line.position}, BT-132",
        choices=[choice(x) for x in order.lines if x.line][:20],
    )
