"""Orders that are not named, not ours, or no longer open."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ...translation.canonical import Order
from ..case import Case, scenario
from ..making import Maker
from ..trade import Trade, finished, trade


def naming(draft: Trade, number: str) -> Trade:
    """The invoice names another order, or with an empty number none."""
    lines = tuple(replace(x, order_number=number, order_line="") for x in draft.invoice.lines)
    return draft.billing(order_numbers=(number,) if number else (), lines=lines)


@scenario("no order")
def none(maker: Maker) -> Case:
    """Nothing says what it is for."""
    return finished(maker, naming(trade(maker), "").held("no_po"))


@scenario("filler for an order")
def filler(maker: Maker) -> Case:
    """The field is filled in, with nothing."""
    return finished(maker, naming(trade(maker), maker.chance.choice(("n/a", "-", "none"))).held("no_po"))


@scenario("unknown order")
def unknown(maker: Maker) -> Case:
    """An order number that is not one of ours."""
    return finished(maker, naming(trade(maker), f"47{maker.last}").held("po_unknown"))


@scenario("order number mistyped")
def mistyped(maker: Maker) -> Case:
    """Our order number with two digits exchanged, which names no order."""
    draft = trade(maker)
    number = draft.order.number
    swapped = f"{number[1]}{number[0]}{number[2:]}"
    return finished(maker, naming(draft, swapped).held("po_unknown"))


@scenario("one of two orders unknown")
def half_known(maker: Maker) -> Case:
    """Two orders on one invoice, of which one is not ours."""
    trader = maker.trader()
    draft = trade(maker, trader, least=2)
    strange = f"47{maker.last}"
    changed = draft.with_line(2, order_number=strange, order_line="10")
    changed = changed.billing(order_numbers=(draft.order.number, strange))
    return finished(maker, changed.held("po_unknown"))


def ended(maker: Maker, draft: Trade, message: str) -> tuple[Order, Order]:
    """The order and the message that ends it."""
    end = replace(
        draft.order,
        message=message,  # type: ignore[arg-type]
        message_id=f"{draft.order.number}-X",
        order_date=(draft.order.order_date or maker.today) + timedelta(days=1),
        lines=(),
        net=None,
    )
    return draft.order, end


@scenario("order cancelled", syntax="ubl")
def cancelled(maker: Maker) -> Case:
    """We took the order back; the vendor delivers and bills it."""
    draft = trade(maker).held("po_closed")
    return replace(finished(maker, draft), orders=ended(maker, draft, "cancellation"))


@scenario("order refused", syntax="ubl")
def refused(maker: Maker) -> Case:
    """The vendor refused the order and bills it all the same."""
    draft = trade(maker).held("po_closed")
    return replace(finished(maker, draft), orders=ended(maker, draft, "rejection"))
