"""Goods in parts, in several receipts, changed orders, returns, units that mean the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from ...translation.canonical import Order
from ..case import Case, clean
from ..catalogue import GOODS
from ..making import Maker, Ware, claim
from ..totals import cents, totalled
from ..trade import finished, trade
from ..traders import Trader


def hundred(maker: Maker, trader: Trader, quantity: int = 100) -> Order:
    """An order of one line of so many pieces, worth little."""
    item = maker.chance.choice(GOODS[trader.company.goods])
    return maker.order(trader, [Ware(item, Decimal(quantity), Decimal("24.50"))], maker.day(40, 20))


@clean("partial deliveries", claims=2)
def partial(maker: Maker) -> Case:
    """40 arrive and are billed, then 60."""
    trader = maker.trader()
    order = hundred(maker, trader)
    first, rest = Decimal(40), Decimal(60)
    on = order.order_date or maker.today
    return Case(
        (order,),
        tuple(maker.receipt(order, on + timedelta(days=d), [q]) for d, q in ((3, first), (9, rest))),
        tuple(
            claim(maker.bill(trader, [order], on + timedelta(days=d), [[q]]))
            for d, q in ((4, first), (10, rest))
        ),
    )


@clean("three invoices before the rest arrives", claims=3)
def unfinished(maker: Maker) -> Case:
    """Three deliveries, three invoices, and a rest that is still to come."""
    trader = maker.trader()
    order = hundred(maker, trader)
    on = order.order_date or maker.today
    parts = [(n * 4, Decimal(q)) for n, q in enumerate((30, 25, 20), 1)]
    return Case(
        (order,),
        tuple(maker.receipt(order, on + timedelta(days=d), [q]) for d, q in parts),
        tuple(claim(maker.bill(trader, [order], on + timedelta(days=d + 1), [[q]])) for d, q in parts),
    )


@clean("one invoice, receipts in parts")
def receipts_in_parts(maker: Maker) -> Case:
    """Three receipts cover one invoice, the last of them posted after its date."""
    trader = maker.trader()
    order = hundred(maker, trader)
    on = order.order_date or maker.today
    receipts = [
        maker.receipt(order, on + timedelta(days=d), [Decimal(q)]) for d, q in ((2, 50), (3, 30), (8, 20))
    ]
    return Case((order,), tuple(receipts), (claim(maker.bill(trader, [order], on + timedelta(days=5))),))


@clean("one receipt for two orders", claims=2)
def one_receipt(maker: Maker) -> Case:
    """Both orders came on one lorry and stand on one goods receipt."""
    trader = maker.trader()
    orders = [hundred(maker, trader), hundred(maker, trader, 40)]
    on = max(order.order_date or maker.today for order in orders) + timedelta(days=2)
    parts = [maker.receipt(order, on) for order in orders]
    lines = tuple(replace(line, line=str(n)) for n, line in enumerate((x for p in parts for x in p.lines), 1))
    receipt = replace(parts[0], order_number="", lines=lines)
    bills = [maker.bill(trader, [order], on + timedelta(days=1)) for order in orders]
    return Case(tuple(orders), (receipt,), tuple(claim(bill) for bill in bills))


@clean("receipt without order lines", syntax="ubl")
def by_article(maker: Maker) -> Case:
    """The receipt names the order and the articles, not the lines of the order."""
    case = finished(maker, trade(maker, least=2))
    receipt = case.receipts[0]
    lines = tuple(replace(line, order_line="") for line in receipt.lines)
    return replace(case, receipts=(replace(receipt, lines=lines),))


@clean("rejected goods replaced")
def replaced(maker: Maker) -> Case:
    """Ten were not accepted and ten more came: in the end a hundred are good."""
    trader = maker.trader()
    order = hundred(maker, trader)
    on = order.order_date or maker.today
    first = maker.receipt(order, on + timedelta(days=2), [Decimal(100)], [Decimal(90)])
    second = maker.receipt(order, on + timedelta(days=6), [Decimal(10)])
    return Case((order,), (first, second), (claim(maker.bill(trader, [order], on + timedelta(days=7))),))


@clean("order changed", syntax="ubl")
def changed(maker: Maker) -> Case:
    """More pieces at a higher price, as the order was changed to."""
    draft = trade(maker, maker.trader(euro=True))
    line = draft.order.lines[0]
    price = cents((line.price or Decimal(0)) * Decimal("1.10"))
    quantity = (line.quantity or Decimal(0)) + 2
    new = replace(line, price=price, quantity=quantity, net=cents(price * quantity), status="changed")
    change = replace(
        draft.order,
        message="change",
        message_id=f"{draft.order.number}-C1",
        sequence="1",
        lines=(new, *draft.order.lines[1:]),
        net=(draft.order.net or Decimal(0)) - (line.net or Decimal(0)) + (new.net or Decimal(0)),
        order_date=(draft.order.order_date or maker.today) + timedelta(days=1),
    )
    case = finished(maker, draft.with_line(1, price=price, quantity=quantity).got(1, quantity))
    return replace(case, orders=(change, draft.order))


@clean("returned on the next invoice", claims=2)
def returned(maker: Maker) -> Case:
    """Two pieces go back; the next invoice of the order takes them off on a line of minus two."""
    trader = maker.trader(euro=True)
    order = maker.order(trader, maker.wares(trader, 2, 2), maker.day(40, 20))
    on = order.order_date or maker.today
    quantities = [line.quantity or Decimal(1) for line in order.lines]
    first = maker.bill(trader, [order], on + timedelta(days=4), [[quantities[0], None]])
    second = maker.bill(trader, [order], on + timedelta(days=9), [[None, quantities[1]]])
    back = replace(first.lines[0], position=2, line="2", quantity=Decimal(-1))
    if (second.net or Decimal(0)) <= (back.price or Decimal(0)):  # a negative invoice would be a credit
        back = replace(back, quantity=Decimal(-1), price=cents((second.net or Decimal(2)) / 2))
    second = totalled(replace(second, lines=(*second.lines, back)))
    receipt = maker.receipt(order, on + timedelta(days=3))
    return Case((order,), (receipt,), (claim(first), claim(second)))


@clean("pieces by another name")
def pieces(maker: Maker) -> Case:
    """EA, C62, H87 and PCE all count pieces."""
    trader = maker.trader(goods="office")
    draft = trade(maker, trader)
    unit = maker.chance.choice(("C62", "H87", "PCE"))
    lines = tuple(replace(line, unit=unit) for line in draft.invoice.lines)
    return finished(maker, draft.billing(lines=lines))


@clean("fractions of a unit")
def fractions(maker: Maker) -> Case:
    """Kilograms with three decimals, received in two parts that add up exactly."""
    trader = maker.trader(goods="steel")
    item = GOODS["steel"][0]
    weight = Decimal(maker.chance.randint(200_000, 900_000)) / 1000
    order = maker.order(trader, [Ware(item, weight, Decimal("1.284"))], maker.day())
    on = order.order_date or maker.today
    part = Decimal("101.337")
    receipts = [maker.receipt(order, on + timedelta(days=d), [q]) for d, q in ((2, part), (3, weight - part))]
    return Case((order,), tuple(receipts), (claim(maker.bill(trader, [order], on + timedelta(days=4))),))
