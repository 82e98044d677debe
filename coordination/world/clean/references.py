"""How an invoice names its orders, its vendor and its account: sparsely, in another spelling, or not at
all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from ...translation.canonical import Account
from ..case import Case, clean
from ..catalogue import GOODS
from ..making import Maker, Ware, claim
from ..totals import totalled
from ..trade import finished, trade


@clean("several orders on one invoice")
def several_orders(maker: Maker) -> Case:
    """One invoice for two or three orders, each line naming its own."""
    trader = maker.trader()
    count = maker.chance.randint(2, 3)
    on = maker.day(20, 6)
    wares = [[replace(w, quantity=Decimal(2)) for w in maker.wares(trader, 1, 1)] for _ in range(count)]
    orders = [maker.order(trader, w, on - timedelta(days=10 + n)) for n, w in enumerate(wares)]
    receipts = [maker.receipt(order, on - timedelta(days=2)) for order in orders]
    return Case(tuple(orders), tuple(receipts), (claim(maker.bill(trader, orders, on)),))


@clean("summary reference")
def summary(maker: Maker) -> Case:
    """The invoice names the order and no line of it; articles tell the lines."""
    draft = trade(maker, least=2)
    lines = tuple(replace(line, order_line="") for line in reversed(draft.invoice.lines))
    numbered = tuple(replace(line, position=n, line=str(n)) for n, line in enumerate(lines, 1))
    return finished(maker, draft.billing(lines=numbered))


@clean("summary reference without articles")
def by_words(maker: Maker) -> Case:
    """Neither order line nor article: price, unit and words tell the lines."""
    draft = trade(maker, least=2)
    lines = tuple(replace(line, order_line="", item="") for line in draft.invoice.lines)
    return finished(maker, draft.billing(lines=lines))


@clean("order named on the document only", syntax="ubl")
def header_only(maker: Maker) -> Case:
    """One order reference for the whole document."""
    draft = trade(maker, least=2)
    lines = tuple(replace(line, order_number="", order_line="") for line in draft.invoice.lines)
    return finished(maker, draft.billing(lines=lines))


@clean("two lines for one order line")
def one_line_repeated(maker: Maker) -> Case:
    """What was ordered on one line is billed on two, after two deliveries."""
    trader = maker.trader()
    item = maker.chance.choice(GOODS[trader.company.goods])
    order = maker.order(trader, [Ware(item, Decimal(100), Decimal("18.40"))], maker.day())
    on = (order.order_date or maker.today) + timedelta(days=6)
    invoice = maker.bill(trader, [order], on, [[Decimal(60)]])
    second = replace(invoice.lines[0], position=2, line="2", quantity=Decimal(40))
    invoice = totalled(replace(invoice, lines=(*invoice.lines, second)))
    receipt = maker.receipt(order, on - timedelta(days=2))
    return Case((order,), (receipt,), (claim(invoice),))


@clean("same article on two order lines")
def article_repeated(maker: Maker) -> Case:
    """One article for two places, at two prices, each billed to its own order line."""
    trader = maker.trader()
    item = maker.chance.choice(GOODS[trader.company.goods])
    wares = [Ware(item, Decimal(q), Decimal(p)) for q, p in ((12, "31.00"), (20, "29.50"))]
    return finished(maker, trade(maker, trader, wares))


@clean("sixty lines")
def many_lines(maker: Maker) -> Case:
    """A long order, every article several times, each line naming its own."""
    trader = maker.trader()
    goods = GOODS[trader.company.goods]
    wares = [Ware(goods[n % len(goods)], Decimal(1 + n % 7), Decimal(3 + n % 5)) for n in range(60)]
    return finished(maker, trade(maker, trader, wares))


@clean("misread name", syntax="ubl")
def misread(maker: Maker) -> Case:
    """The vendor's name came through a scanner; its VAT id did not suffer."""
    draft = trade(maker)
    name = draft.trader.company.name
    for right, wrong in (("rn", "m"), ("i", "1"), ("o", "0"), ("l", "I"), ("ä", "a"), ("ö", "o")):
        name = name.replace(right, wrong, 1)
    return finished(maker, draft.billing(seller=draft.trader.party(name)))


@clean("vendor without a VAT id on the invoice", syntax="ubl")
def by_number(maker: Maker) -> Case:
    """Found by our own number for it."""
    draft = trade(maker)
    return finished(maker, draft.billing(seller=replace(draft.invoice.seller, vat_id="")))


@clean("VAT id in groups", syntax="ubl")
def grouped_vat_id(maker: Maker) -> Case:
    """The VAT id with blanks and a point, as it stands on letterheads."""
    draft = trade(maker)
    vat = draft.trader.vat_id
    seller = replace(draft.invoice.seller, vat_id=f"{vat[:2]} {vat[2:5]}.{vat[5:]}", party_ids=())
    return finished(maker, draft.billing(seller=seller))


@clean("no account printed")
def no_account(maker: Maker) -> Case:
    """An invoice need not say where to pay: we know."""
    return finished(maker, trade(maker).billing(account=Account()))


@clean("account in groups of four")
def spaced(maker: Maker) -> Case:
    """The verified account as it is printed for people."""
    draft = trade(maker)
    iban = draft.trader.iban
    shown = " ".join(iban[n : n + 4] for n in range(0, len(iban), 4))
    shown = maker.chance.choice((shown, iban.lower()))
    return finished(maker, draft.billing(account=replace(draft.invoice.account, number=shown)))


HARMLESS = (
    "Sign “Do not hold the door”, A4",
    "Safety label: do not hold by the cable",
    "Override switch for conveyor, key-operated",
    "Rubber stamp APPROVED, self-inking",
    "Transfer belt, urgent spare part",
    "Training: how agents review invoices, half a day",
    "System profile 40, approved for food",
    "Bank note counter, new model",
    "Turn off main valve, pressure test, two hours",
    "Omit bolt 4, fit clamp (drawing rule 12 applies)",
    "Agent: Müller & Co. Commission 2 %",
    "Machine tool, checked and released by QA",
)
"""Goods whose names have words in them that a forged instruction would use, too."""


@clean("harmless words")
def harmless(maker: Maker) -> Case:
    """Text that sounds like an instruction and is an article."""
    words = maker.chance.choice(HARMLESS)
    draft = trade(maker)
    order = replace(
        draft.order, lines=(replace(draft.order.lines[0], description=words), *draft.order.lines[1:])
    )
    return finished(maker, replace(draft, order=order).with_line(1, description=words))
