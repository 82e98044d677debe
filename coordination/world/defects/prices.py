"""Too dear, too much money, not ordered in that unit, and sums that a person has to sign."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from ...translation.canonical import AllowanceCharge, InvoiceLine
from ..case import Case, scenario
from ..catalogue import GOODS, RATES
from ..clean.prices import dear, gross_of, raised
from ..labels import Expected
from ..making import Maker, Ware, claim
from ..totals import CENT, cents, company
from ..trade import Trade, finished, trade


def too_dear(maker: Maker, draft: Trade, position: int = 1) -> Trade:
    """A line clearly over the agreed price."""
    price = draft.line(position).price or Decimal(1)
    worse = cents(price * Decimal(maker.chance.choice(("1.031", "1.06", "1.12")))) + CENT
    return draft.with_line(position, price=worse).held("price_over", position)


@scenario("price")
def over(maker: Maker) -> Case:
    """Three to twelve per cent over."""
    return finished(maker, too_dear(maker, trade(maker)))


@scenario("price +2.01 %")
def just_over(maker: Maker) -> Case:
    """A hundredth of a per cent beyond the tolerance."""
    return finished(maker, raised(maker, Decimal("1.0201")).held("price_over", 1))


@scenario("price +100.01 on the line")
def over_the_amount(maker: Maker) -> Case:
    """Under 2 %, and a cent over what a line may differ."""
    return finished(maker, dear(maker, Decimal("1.0001")).held("price_over", 1))


@scenario("price of one line among many")
def hidden_among_lines(maker: Maker) -> Case:
    """One line is dearer and another cheaper, so that the sum is as ordered or less."""
    draft = trade(maker, maker.trader(euro=True), least=3)
    last = len(draft.invoice.lines)
    line, cheap = draft.line(last), draft.line(1)
    price = cents((line.price or Decimal(1)) * Decimal("1.08")) + CENT
    more = (price - (line.price or Decimal(0))) * (line.quantity or Decimal(0))
    lower = (cheap.price or Decimal(1)) - more / (cheap.quantity or Decimal(1)) - CENT
    if lower > 0:
        draft = draft.with_line(1, price=lower.quantize(Decimal("0.0001")))
    return finished(maker, draft.with_line(last, price=price).held("price_over", last))


@scenario("price per hundred billed each", syntax="ubl")
def wrong_base(maker: Maker) -> Case:
    """Ordered per 100 and billed at the same figure for one piece."""
    trader = maker.trader(euro=True)
    item = maker.chance.choice(GOODS[trader.company.goods])
    draft = trade(maker, trader, [Ware(item, Decimal(300), Decimal("12.50"), Decimal(100))])
    return finished(maker, draft.with_line(1, base_quantity=Decimal(1)).held("price_over", 1))


def other_unit(draft: Trade, position: int = 1) -> Trade:
    """A line billed in a unit that was not ordered."""
    return draft.with_line(position, unit="MTK").held("uom_mismatch", position)


@scenario("unit")
def unit(maker: Maker) -> Case:
    """Square metres were not ordered."""
    return finished(maker, other_unit(trade(maker)))


@scenario("kilograms for tonnes")
def weight(maker: Maker) -> Case:
    """Ordered by the tonne and billed by the kilogram: a thousand to one, which nobody has declared."""
    trader = maker.trader(goods="steel", euro=True)
    item = GOODS["steel"][0]
    draft = trade(maker, trader, [Ware(item, Decimal(2), Decimal("1280.00"), unit="TNE")])
    line = draft.line(1)
    changed = draft.with_line(1, unit="KGM", quantity=Decimal(2000), price=(line.price or Decimal(0)) / 1000)
    return finished(maker, changed.held("uom_mismatch", 1))


def strange_item(draft: Trade) -> Trade:
    """One more line, for what nobody ordered."""
    position = len(draft.invoice.lines) + 1
    line = InvoiceLine(
        position=position,
        line=str(position),
        item="ZZ-900",
        description="Consulting, flat",
        quantity=Decimal(1),
        unit="EA",
        price=Decimal("240.00") * Decimal(RATES[draft.trader.currency]),
        tax_rate=draft.line(1).tax_rate,
        tax_category=draft.line(1).tax_category,
        order_number=draft.order.number,
    )
    return draft.billing(lines=(*draft.invoice.lines, line)).held("item_not_ordered", position)


@scenario("strange item")
def item(maker: Maker) -> Case:
    """A line of the invoice fits no line of the order."""
    return finished(maker, strange_item(trade(maker)))


@scenario("strange item in place of another")
def item_instead(maker: Maker) -> Case:
    """The same price and quantity under another article and name, without an order line."""
    draft = trade(maker, least=2)
    position = len(draft.invoice.lines)
    changed = draft.with_line(position, item="ZZ-310", description="Garden chair, teak", order_line="")
    return finished(maker, changed.held("item_not_ordered", position))


@scenario("unplanned freight", syntax="ubl")
def freight(maker: Maker) -> Case:
    """A charge on the document that the order does not carry."""
    draft = trade(maker)
    first = draft.line(1)
    charge = AllowanceCharge(True, Decimal("48.00"), "Freight", "FC", first.tax_category, first.tax_rate)
    return finished(maker, draft.billing(allowances=(charge,)).held("charge_unplanned"))


@scenario("surcharge on a line", syntax="ubl")
def surcharge(maker: Maker) -> Case:
    """A small-quantity surcharge on one line."""
    draft = trade(maker)
    charge = AllowanceCharge(True, Decimal("9.50"), "Small quantity", "ADR")
    return finished(maker, draft.with_line(1, allowances=(charge,)).held("charge_unplanned", 1))


def unpriced(maker: Maker) -> Trade:
    """An order of ten hours that states what it is worth in all, and no price of an hour."""
    trader = maker.trader(euro=True, goods="service")
    item = GOODS["service"][2]
    draft = trade(maker, trader, [Ware(item, Decimal(10), Decimal("95.00"), unit="HUR")], on=maker.day(20, 8))
    lines = tuple(replace(line, price=None, net=None) for line in draft.order.lines)
    return replace(draft, order=replace(draft.order, lines=lines))


@scenario("more than the order is worth", syntax="ubl")
def over_the_order(maker: Maker) -> Case:
    """No price to compare, and in all 6 % over the order."""
    return finished(maker, unpriced(maker).with_line(1, price=Decimal("100.70")).held("amount_over_po"))


@scenario("more than the order is worth, in two", claims=2, syntax="ubl")
def over_in_two(maker: Maker) -> Case:
    """An order over a sum, without price or quantity. Each invoice is half of it and a bit, both together are
    too much."""
    draft = unpriced(maker).with_line(1, quantity=Decimal(5), price=Decimal("101.00"))
    lines = tuple(replace(line, quantity=None) for line in draft.order.lines)
    draft = replace(draft, order=replace(draft.order, lines=lines))
    first = finished(maker, draft)
    on = (draft.invoice.issue_date or maker.today) + timedelta(days=3)
    second = replace(draft.bill(), number=maker.invoice_number(draft.trader, on), issue_date=on)
    return first.with_case(Case(claims=(claim(second, Expected("amount_over_po")),)))


def enlarged(maker: Maker, draft: Trade, least: Decimal = Decimal(12000)) -> Trade:
    """The same trade, several times as large, so that a person has to sign."""
    scale = Decimal(maker.chance.choice((3, 12)))
    while company(draft.bill().net or Decimal(1), draft.trader.currency) * scale < least:
        scale *= 2
    lines = [replace(x, quantity=(x.quantity or Decimal(0)) * scale) for x in draft.invoice.lines]
    ordered = [
        replace(x, quantity=(x.quantity or Decimal(0)) * scale, net=(x.net or Decimal(0)) * scale)
        for x in draft.order.lines
    ]
    everything = tuple(x.quantity for x in ordered)
    order = replace(draft.order, lines=tuple(ordered), net=(draft.order.net or Decimal(0)) * scale)
    return replace(draft, order=order, received=everything, accepted=everything).billing(lines=tuple(lines))


@scenario("large")
def signature(maker: Maker) -> Case:
    """Nothing wrong but its size."""
    return finished(maker, enlarged(maker, trade(maker)))


@scenario("gross a cent over the threshold")
def a_cent_over(maker: Maker) -> Case:
    """10,000.01 needs a signature."""
    return finished(maker, gross_of(maker, Decimal("10000.01")))


@scenario("very large")
def two_signatures(maker: Maker) -> Case:
    """Over the second threshold."""
    return finished(maker, enlarged(maker, trade(maker), Decimal(60000)))
