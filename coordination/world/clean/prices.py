"""Prices at the edge of the tolerance, in our favour, per hundred, free, in another currency."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from ..case import Case, clean
from ..catalogue import GOODS
from ..making import Maker, Ware
from ..trade import Trade, finished, trade

LIMIT = Decimal("1.02")


@clean("clean")
def plain(maker: Maker) -> Case:
    """Ordered, received in full, billed as ordered."""
    return finished(maker, trade(maker))


@clean("price exactly +2 %")
def at_the_percentage(maker: Maker) -> Case:
    """By more than 2 % is held, exactly 2 % is not, however many decimals that takes."""
    return finished(maker, raised(maker, LIMIT))


def raised(maker: Maker, factor: Decimal) -> Trade:
    """A trade whose first line is dearer by a factor, and by less than 100.00 in all."""
    draft = trade(maker, maker.trader(euro=True))
    line = draft.line(1)
    price = line.price or Decimal(0)
    quantity = min(line.quantity or Decimal(1), Decimal(90) // (price * (factor - 1)) or Decimal(1))
    return _billed_only(draft, quantity).with_line(1, price=price * factor)


def _billed_only(draft: Trade, quantity: Decimal) -> Trade:
    return draft.with_line(1, quantity=max(Decimal(1), quantity))


@clean("price +100.00 on the line")
def at_the_amount(maker: Maker) -> Case:
    """The second limit: exactly 100.00 over on the line, which is less than 2 %."""
    return finished(maker, dear(maker, Decimal("1.00")))


def dear(maker: Maker, more: Decimal) -> Trade:
    """A hundred pieces at 60.00 and a bit more each."""
    trader = maker.trader(euro=True)
    item = maker.chance.choice(GOODS[trader.company.goods])
    draft = trade(maker, trader, [Ware(item, Decimal(100), Decimal("60.00"))])
    return draft.with_line(1, price=Decimal("60.00") + more)


@clean("cheaper and less")
def in_our_favour(maker: Maker) -> Case:
    """Billed below the order and less than was delivered: recorded, not held."""
    draft = trade(maker, least=2)
    line = draft.line(1)
    draft = draft.with_line(1, price=(line.price or Decimal(0)) * Decimal("0.9"))
    return finished(
        maker, draft.with_line(2, quantity=max(Decimal(1), (draft.line(2).quantity or Decimal(2)) // 2))
    )


@clean("price per hundred", syntax="ubl")
def per_hundred(maker: Maker) -> Case:
    """The order prices per 100, the invoice per piece or per 1,000."""
    trader = maker.trader(euro=True)
    item = maker.chance.choice(GOODS[trader.company.goods])
    each = Decimal(maker.chance.choice(("0.0125", "0.118", "1.405")))
    draft = trade(maker, trader, [Ware(item, Decimal(2000), each * 100, Decimal(100))])
    base = Decimal(maker.chance.choice((1, 1000)))
    return finished(maker, draft.with_line(1, price=each * base, base_quantity=base))


@clean("free goods")
def free(maker: Maker) -> Case:
    """A line that costs nothing, ordered so."""
    trader = maker.trader()
    wares = maker.wares(trader, least=2)
    return finished(maker, trade(maker, trader, [*wares[:-1], replace(wares[-1], price=Decimal("0.00"))]))


@clean("foreign currency")
def foreign(maker: Maker) -> Case:
    """Over 10,000 in the vendor's currency, under it in ours."""
    trader = maker.trader(currency=maker.chance.choice(("SEK", "DKK")))
    item = GOODS[trader.company.goods][-1]
    draft = trade(
        maker, trader, [Ware(item, Decimal(40), Decimal(maker.chance.choice(("350.00", "420.00"))))]
    )
    return finished(maker, draft)


@clean("gross exactly at the threshold")
def at_the_threshold(maker: Maker) -> Case:
    """10,000.00 needs no signature, a cent more does."""
    return finished(maker, gross_of(maker, Decimal("10000.00")))


def gross_of(maker: Maker, gross: Decimal) -> Trade:
    """A trade of exactly this gross in EUR: one piece, without tax."""
    trader = maker.trader(euro=True)
    item = maker.chance.choice(GOODS[trader.company.goods])
    return trade(maker, trader, [Ware(item, Decimal(1), gross, rate="0")])
