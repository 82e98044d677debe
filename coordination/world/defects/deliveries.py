"""Not received, received in part, not accepted; ordered less than was billed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from ...translation.canonical import Receipt
from ..case import Case, scenario
from ..catalogue import GOODS
from ..clean.deliveries import hundred
from ..labels import Expected
from ..making import Maker, Ware, claim
from ..totals import totalled
from ..trade import Trade, finished, trade


def short_receipt(draft: Trade, position: int = 0) -> Trade:
    """Less arrived than is billed, of the last line unless another is meant."""
    at = position or len(draft.received)
    billed = draft.line(at).quantity or Decimal(1)
    return draft.got(at, billed - max(Decimal(1), billed // 6)).held("qty_over_received", at)


@scenario("short receipt")
def short(maker: Maker) -> Case:
    """Some pieces are missing."""
    return finished(maker, short_receipt(trade(maker)))


def rejected_goods(draft: Trade, position: int = 1) -> Trade:
    """One piece was received and not accepted."""
    billed = draft.line(position).quantity or Decimal(1)
    return draft.got(position, billed, billed - 1).held("qty_not_accepted", position)


@scenario("rejected goods")
def rejected(maker: Maker) -> Case:
    """All arrived, one piece was sent back."""
    return finished(maker, rejected_goods(trade(maker)))


@scenario("short and rejected")
def both_short(maker: Maker) -> Case:
    """Of one line some are missing and some were rejected: the missing ones are what is said."""
    draft = trade(maker)
    billed = draft.line(1).quantity or Decimal(1)
    return finished(maker, draft.got(1, billed - 1, max(billed - 2, Decimal(0))).held("qty_over_received", 1))


def missing(draft: Trade) -> Trade:
    """No receipt of any line."""
    draft = replace(draft, received_on=None)
    for line in draft.invoice.lines:
        draft = draft.held("no_receipt", line.position)
    return draft


def on_its_way(maker: Maker, days: int) -> Case:
    """Issued so many days ago; the receipt comes late, and the invoice then clears by itself."""
    draft = trade(maker, on=maker.today - timedelta(days=days))
    case = finished(maker, missing(draft), waiting=True)
    return replace(case, late=(maker.receipt(draft.order, maker.today),))


@scenario("waiting")
def waiting(maker: Maker) -> Case:
    """The receipt is a few days late."""
    return on_its_way(maker, maker.chance.randint(0, 3))


@scenario("waiting on the fifth day")
def fifth_day(maker: Maker) -> Case:
    """Five days are waited, counted from the issue date."""
    return on_its_way(maker, 5)


@scenario("no receipt on the sixth day")
def sixth_day(maker: Maker) -> Case:
    """After five days a person is asked."""
    return finished(maker, missing(trade(maker, on=maker.today - timedelta(days=6))))


@scenario("never received")
def never(maker: Maker) -> Case:
    """Billed weeks ago, and nothing has come."""
    return finished(maker, missing(trade(maker, on=maker.day(30, 7))))


@scenario("waiting for one line")
def one_line_missing(maker: Maker) -> Case:
    """All lines but one have arrived."""
    draft = trade(maker, on=maker.today - timedelta(days=maker.chance.randint(0, 3)), least=2)
    return finished(maker, draft.got(2, None).held("no_receipt", 2), waiting=True)


@scenario("announced, not received", syntax="ubl")
def announced(maker: Maker) -> Case:
    """The vendor has sent a despatch advice, which is no receipt."""
    draft = missing(trade(maker, on=maker.today - timedelta(days=2)))
    case = finished(maker, draft, waiting=True)
    advice = maker.receipt(draft.order, maker.today)
    despatch: Receipt = replace(
        advice, kind="despatch", number=f"DA-{advice.number[3:]}", despatch_number=f"DA-{advice.number[3:]}"
    )
    return replace(case, receipts=(despatch,))


@scenario("received in a smaller unit")
def smaller_unit(maker: Maker) -> Case:
    """Tonnes ordered and billed, as many kilograms received: equal figures, and hardly anything came. Without
    a declared factor such a receipt says nothing of the order."""
    trader = maker.trader(goods="steel", euro=True)
    wares = [Ware(GOODS["steel"][0], Decimal(4), Decimal("1280.00"), unit="TNE")]
    draft = trade(maker, trader, wares, on=maker.day(30, 7))
    case = finished(maker, draft.held("no_receipt", 1))
    receipt = case.receipts[0]
    line = replace(receipt.lines[0], unit="KGM")
    return replace(case, receipts=(replace(receipt, lines=(line,)),))


@scenario("second invoice over received", claims=2)
def received_together(maker: Maker) -> Case:
    """100 ordered, 60 received, 50 and 20 billed."""
    trader = maker.trader()
    order = hundred(maker, trader)
    on = order.order_date or maker.today
    receipt = maker.receipt(order, on + timedelta(days=3), [Decimal(60)])
    first, second = (
        maker.bill(trader, [order], on + timedelta(days=d), [[Decimal(q)]]) for d, q in ((4, 50), (8, 20))
    )
    return Case((order,), (receipt,), (claim(first), claim(second, Expected("qty_over_received", 1))))


def more_billed(draft: Trade, position: int = 1) -> Trade:
    """Two more than ordered, which also arrived."""
    quantity = (draft.line(position).quantity or Decimal(0)) + 2
    changed = draft.with_line(position, quantity=quantity).got(position, quantity)
    return changed.held("qty_over_ordered", position)


@scenario("over ordered")
def ordered(maker: Maker) -> Case:
    """The vendor sent two more and bills them."""
    return finished(maker, more_billed(trade(maker)))


@scenario("a gram over ordered")
def by_a_gram(maker: Maker) -> Case:
    """Nothing is tolerated: 0.001 kg more than ordered."""
    trader = maker.trader(goods="steel", euro=True)
    draft = trade(maker, trader, [Ware(GOODS["steel"][1], Decimal("412.500"), Decimal("1.46"))])
    quantity = Decimal("412.501")
    return finished(maker, draft.with_line(1, quantity=quantity).got(1, quantity).held("qty_over_ordered", 1))


@scenario("second invoice over ordered", claims=2)
def ordered_together(maker: Maker) -> Case:
    """100 ordered, 120 received, 60 billed twice."""
    trader = maker.trader()
    order = hundred(maker, trader)
    on = order.order_date or maker.today
    receipt = maker.receipt(order, on + timedelta(days=3), [Decimal(120)])
    first, second = (maker.bill(trader, [order], on + timedelta(days=d), [[Decimal(60)]]) for d in (4, 12))
    return Case((order,), (receipt,), (claim(first), claim(second, Expected("qty_over_ordered", 1))))


@scenario("two lines over one order line")
def twice_on_one_invoice(maker: Maker) -> Case:
    """100 ordered, some more received, and half of it billed on each of two lines of one invoice."""
    trader = maker.trader()
    order = hundred(maker, trader)
    on = order.order_date or maker.today
    half = Decimal(maker.chance.choice((51, 52, 60)))
    receipt = maker.receipt(order, on + timedelta(days=3), [half * 2])
    invoice = maker.bill(trader, [order], on + timedelta(days=5), [[half]])
    second = replace(invoice.lines[0], position=2, line="2")
    invoice = totalled(replace(invoice, lines=(*invoice.lines, second)))
    return Case((order,), (receipt,), (claim(invoice, "qty_over_ordered"),))


@scenario("over the order as changed", syntax="ubl")
def reduced(maker: Maker) -> Case:
    """The order was cut to half; the vendor delivers and bills what was first ordered."""
    draft = trade(maker)
    line = draft.order.lines[0]
    half = max(Decimal(1), (line.quantity or Decimal(2)) // 2)
    cut = replace(line, quantity=half, net=half * (line.price or Decimal(0)), status="changed")
    change = replace(
        draft.order,
        message="change",
        message_id=f"{draft.order.number}-C1",
        sequence="1",
        lines=(cut, *draft.order.lines[1:]),
        net=None,
    )
    case = finished(maker, draft.held("qty_over_ordered", 1))
    return replace(case, orders=(draft.order, change))
