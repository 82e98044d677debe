"""Credit notes in all their forms, and what may be billed again after them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from ...translation.canonical import Invoice, InvoiceLine
from ..case import Case, clean
from ..making import Maker, claim
from ..totals import totalled
from ..trade import Trade, finished, trade


def past(maker: Maker, least: int = 1) -> Trade:
    """A trade billed long enough ago for credits to have followed."""
    return trade(maker, on=maker.day(35, 12), least=least)


def day_after(draft: Trade, maker: Maker, days: int = 2) -> Invoice:
    """The whole credit note for a trade's invoice."""
    return maker.credit(draft.bill(), (draft.invoice.issue_date or maker.today) + timedelta(days=days))


@clean("credit", claims=2)
def whole(maker: Maker) -> Case:
    """The invoice is taken back entirely."""
    draft = past(maker)
    return finished(maker, draft).with_case(Case(claims=(claim(day_after(draft, maker)),)))


@clean("credit for a part", claims=2)
def part(maker: Maker) -> Case:
    """Goods go back and one line is credited in part."""
    draft = past(maker, least=2)
    on = (draft.invoice.issue_date or maker.today) + timedelta(days=3)
    quantities = [Decimal(1), *([None] * (len(draft.invoice.lines) - 1))]
    note = maker.credit(draft.bill(), on, quantities)
    return finished(maker, draft).with_case(Case(claims=(claim(note),)))


@clean("short delivery made good by a credit", claims=2)
def made_good(maker: Maker) -> Case:
    """Two pieces never came and were credited: what is billed in the end is what was received."""
    draft = past(maker, least=2)
    billed = draft.line(1).quantity or Decimal(2)
    on = (draft.invoice.issue_date or maker.today) + timedelta(days=3)
    quantities = [Decimal(1), *([None] * (len(draft.invoice.lines) - 1))]
    note = maker.credit(draft.bill(), on, quantities)
    return finished(maker, draft.got(1, billed - 1)).with_case(Case(claims=(claim(note),)))


@clean("billed again after a credit", claims=3)
def again(maker: Maker) -> Case:
    """Invoice, credit of all of it, corrected invoice for the same goods at a lower price."""
    draft = past(maker)
    on = (draft.invoice.issue_date or maker.today) + timedelta(days=4)
    lower = [replace(x, price=(x.price or Decimal(0)) * Decimal("0.95")) for x in draft.invoice.lines]
    corrected = totalled(
        replace(
            draft.invoice, number=maker.invoice_number(draft.trader, on), issue_date=on, lines=tuple(lower)
        )
    )
    return finished(maker, draft).with_case(Case(claims=(claim(day_after(draft, maker)), claim(corrected))))


@clean("credit with the invoice's number", claims=2)
def same_number(maker: Maker) -> Case:
    """Some vendors number a credit note as the invoice it belongs to."""
    draft = past(maker)
    note = replace(day_after(draft, maker), number=draft.invoice.number)
    return finished(maker, draft).with_case(Case(claims=(claim(note),)))


@clean("negative invoice", claims=2)
def negative(maker: Maker) -> Case:
    """A credit written as an invoice of negative amounts."""
    draft = past(maker)
    on = (draft.invoice.issue_date or maker.today) + timedelta(days=2)
    lines = tuple(replace(x, quantity=-(x.quantity or Decimal(0))) for x in draft.invoice.lines)
    minus = totalled(
        replace(
            draft.invoice,
            number=maker.invoice_number(draft.trader, on),
            issue_date=on,
            lines=lines,
            preceding=(draft.invoice.number,),
        )
    )
    return finished(maker, draft).with_case(Case(claims=(claim(minus),)))


@clean("one credit for two invoices", claims=3, syntax="ubl")
def of_two(maker: Maker) -> Case:
    """A credit note that names both invoices it takes back."""
    trader = maker.trader()
    few = [[replace(w, quantity=Decimal(2)) for w in maker.wares(trader, 1, 1)] for _ in range(2)]
    first = trade(maker, trader, few[0], on=maker.day(35, 12))
    second = trade(maker, trader, few[1], on=first.invoice.issue_date)
    both = day_after(first, maker)
    note = totalled(
        replace(
            both,
            preceding=(first.invoice.number, second.invoice.number),
            order_numbers=(first.order.number, second.order.number),
            lines=(*both.lines, *_renumbered(second, both)),
        )
    )
    case = finished(maker, first).with_case(finished(maker, second))
    return case.with_case(Case(claims=(claim(note),)))


def _renumbered(second: Trade, note: Invoice) -> list[InvoiceLine]:
    start = len(note.lines)
    return [
        replace(line, position=start + n, line=str(start + n))
        for n, line in enumerate(second.invoice.lines, 1)
    ]
