"""Claims that look like one another and are not the same, and sums that look split and are not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from ...translation.canonical import Invoice, Order
from ..case import Case, clean
from ..catalogue import GOODS
from ..making import Maker, Ware, claim
from ..totals import totalled
from ..trade import Trade, finished, trade
from ..traders import Trader


def twin(maker: Maker, draft: Trade, days: int) -> Trade:
    """The same goods ordered, delivered and billed again, some days later."""
    on = (draft.invoice.issue_date or maker.today) + timedelta(days=days)
    wares = [
        Ware(item, line.quantity or Decimal(1), line.price or Decimal(1))
        for line in draft.order.lines
        for item in GOODS[draft.trader.company.goods]
        if item.code == line.item
    ]
    return trade(maker, draft.trader, wares, on=on)


def one_digit_on(number: str) -> str:
    """A number that differs from this one in its last digit."""
    place = max(n for n, c in enumerate(number) if c.isdigit())
    return f"{number[:place]}{(int(number[place]) + 1) % 10}{number[place + 1 :]}"


def early(maker: Maker) -> Trade:
    """A trade far enough back for something to follow it."""
    return trade(maker, on=maker.day(35, 25))


@clean("duplicate in other bytes")
def other_bytes(maker: Maker) -> Case:
    """The same document once more: it makes no second invoice."""
    case = finished(maker, trade(maker))
    return replace(case, copies=(case.claims[0].invoice,))


@clean("the same again, other order", claims=2)
def ordered_again(maker: Maker) -> Case:
    """Same vendor, amount and day, and two orders; the numbers are not similar."""
    first = early(maker)
    return finished(maker, first).with_case(finished(maker, twin(maker, first, 0)))


@clean("similar number, other amount", claims=2)
def other_amount(maker: Maker) -> Case:
    """The next number of the vendor, the same day, a cent apart."""
    first = early(maker)
    second = twin(maker, first, 0)
    price = (second.line(1).price or Decimal(1)) - Decimal("0.01")
    second = second.billing(number=one_digit_on(first.invoice.number)).with_line(1, price=price)
    return finished(maker, first).with_case(finished(maker, second))


@clean("similar number six days apart", claims=2)
def six_days(maker: Maker) -> Case:
    """Same amount, next number, and one day more than counts as close."""
    first = early(maker)
    second = twin(maker, first, 6).billing(number=one_digit_on(first.invoice.number))
    return finished(maker, first).with_case(finished(maker, second))


@clean("same number, other vendor", claims=2)
def other_vendor(maker: Maker) -> Case:
    """Two vendors number their invoices alike."""
    one, two = maker.known.namesakes
    first = trade(maker, one)
    second = trade(maker, two, on=first.invoice.issue_date)
    return finished(maker, first).with_case(finished(maker, second.billing(number=first.invoice.number)))


@clean("monthly rent", claims=2)
def rent(maker: Maker) -> Case:
    """The same amount each month on one frame order, under consecutive numbers."""
    trader = maker.trader(goods="service")
    item = GOODS["service"][1]
    order = maker.order(
        trader, [Ware(item, Decimal(12), Decimal("1180.00"))], maker.today - timedelta(days=60)
    )
    days = [maker.today - timedelta(days=d) for d in (37, 7)]
    one = [Decimal(1)]
    first = maker.bill(trader, [order], days[0], [one])
    second = replace(maker.bill(trader, [order], days[1], [one]), number=one_digit_on(first.number))
    receipts = tuple(maker.receipt(order, day - timedelta(days=1), one) for day in days)
    return Case((order,), receipts, (claim(first), claim(second)))


def large(maker: Maker, trader: Trader, net: Decimal, on: date) -> tuple[Order, Invoice]:
    """One piece of this worth, without tax, ordered and billed."""
    item = maker.chance.choice(GOODS[trader.company.goods])
    order = maker.order(trader, [Ware(item, Decimal(1), net, rate="0")], on - timedelta(days=10))
    return order, maker.bill(trader, [order], on)


@clean("three large invoices for three orders", claims=3)
def no_split(maker: Maker) -> Case:
    """Each just under the threshold, within a week, and each for an order of its own."""
    trader = maker.trader(euro=True)
    start = maker.day(30, 15)
    pairs = [large(maker, trader, Decimal(9000 + 150 * n), start + timedelta(days=2 * n)) for n in range(3)]
    receipts = tuple(maker.receipt(order, start - timedelta(days=1)) for order, _ in pairs)
    return Case(tuple(o for o, _ in pairs), receipts, tuple(claim(totalled(i)) for _, i in pairs))
