"""Claims made twice, in pieces, taken back twice, in another currency, or partly paid already."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from ...translation.canonical import Invoice
from ..case import Case, scenario
from ..clean.crediting import day_after, past
from ..clean.lookalikes import early, large, one_digit_on, twin
from ..labels import Expected
from ..making import Maker, claim
from ..totals import totalled
from ..trade import Trade, finished, trade
from .prices import enlarged

DUPLICATE = Expected("duplicate_suspect")


def sent_again(maker: Maker, draft: Trade, number: str, days: int = 1) -> Case:
    """The trade, and its invoice once more under another number; the later one is suspected."""
    first = draft.bill()
    on = (first.issue_date or maker.today) + timedelta(days=days)
    return finished(maker, draft).with_case(
        Case(claims=(claim(replace(first, number=number, issue_date=on), DUPLICATE),))
    )


@scenario("duplicate", claims=2)
def letter(maker: Maker) -> Case:
    """A zero has become the letter O, or the number has a letter more."""
    draft = early(maker)
    number = draft.invoice.number
    misread = number[::-1].replace("0", "O", 1)[::-1]
    wanted = f"{number}A" if misread == number else maker.chance.choice((misread, f"{number}A"))
    return sent_again(maker, draft, wanted)


@scenario("duplicate, number spelt otherwise", claims=2)
def spelling(maker: Maker) -> Case:
    """Other signs between the digits, another case; weeks later, when amount and date are no help."""
    draft = early(maker)
    number = draft.invoice.number
    spelt = f"{number[:5]}/{number[5:]}".lower().replace("-", " ")
    return sent_again(maker, draft, spelt, days=14)


@scenario("duplicate with a suffix", claims=2)
def suffix(maker: Maker) -> Case:
    """The same number with one or two characters before or after it."""
    draft = early(maker)
    number = draft.invoice.number
    changed = maker.chance.choice((f"{number}-2", f"{number}/01", f"{number}K", f"R{number}"))
    return sent_again(maker, draft, changed, days=maker.chance.randint(1, 5))


@scenario("duplicate, one digit wrong", claims=2)
def typed(maker: Maker) -> Case:
    """Typed off with one digit changed or left out."""
    draft = early(maker)
    number = draft.invoice.number
    place = max(n for n, c in enumerate(number) if c.isdigit()) - 3
    shorter = number[:place] + number[place + 1 :]
    return sent_again(maker, draft, maker.chance.choice((one_digit_on(number), shorter)), days=2)


@scenario("duplicate five days later", claims=2)
def five_days(maker: Maker) -> Case:
    """Five days apart is close, six is not."""
    draft = early(maker)
    return sent_again(maker, draft, one_digit_on(draft.invoice.number), days=5)


@scenario("duplicate number, other amount", claims=2)
def other_sum(maker: Maker) -> Case:
    """The same number a second time, for another delivery."""
    first = early(maker)
    second = twin(maker, first, 8)
    line = second.line(1)
    second = second.billing(number=first.invoice.number)
    second = second.with_line(1, price=(line.price or Decimal(2)) - Decimal("0.01"))
    return finished(maker, first).with_case(finished(maker, second.held("duplicate_suspect")))


@scenario("duplicate of another order", claims=2)
def other_order(maker: Maker) -> Case:
    """The next number, the same amount and day, for another order: alike enough to ask."""
    first = early(maker)
    second = twin(maker, first, 1).billing(number=one_digit_on(first.invoice.number))
    return finished(maker, first).with_case(finished(maker, second.held("duplicate_suspect")))


@scenario("split", claims=3)
def split(maker: Maker) -> Case:
    """Three parts of one order within a week, each just under the threshold."""
    trader = maker.trader(euro=True)
    start = maker.day(30, 15)
    order, whole = large(maker, trader, Decimal(27600), start)
    line = replace(order.lines[0], quantity=Decimal(3), price=Decimal(9200), net=Decimal(27600))
    order = replace(order, lines=(line,))
    parts = [_part(maker, whole, n) for n in range(3)]
    receipt = maker.receipt(order, start - timedelta(days=1), [Decimal(3)])
    return Case(
        (order,), (receipt,), (claim(parts[0]), claim(parts[1]), claim(parts[2], Expected("split_suspect")))
    )


def _part(maker: Maker, whole: Invoice, n: int) -> Invoice:
    """One third of the whole, two days after the last."""
    on = (whole.issue_date or maker.today) + timedelta(days=2 * n)
    lines = (replace(whole.lines[0], quantity=Decimal(1), price=Decimal(9200)),)
    number = whole.number
    if n:
        trader = next(t for t in maker.known.usual if t.vendor_id == whole.vendor_id)
        number = maker.invoice_number(trader, on)
    return totalled(replace(whole, number=number, issue_date=on, lines=lines))


@scenario("split without orders", claims=3)
def split_services(maker: Maker) -> Case:
    """Three invoices of the same days that name no order."""
    trader = maker.trader(euro=True)
    start = maker.day(30, 15)
    made = [large(maker, trader, Decimal(8600 + 130 * n), start + timedelta(days=n))[1] for n in range(3)]
    bare = [
        replace(i, order_numbers=(), lines=tuple(replace(x, order_number="", order_line="") for x in i.lines))
        for i in made
    ]
    holds = (("no_po",), ("no_po",), ("no_po", "split_suspect"))
    return Case(claims=tuple(claim(totalled(i), *h) for i, h in zip(bare, holds, strict=True)))


@scenario("other currency")
def currency(maker: Maker) -> Case:
    """Ordered in euro, billed at the same figures in dollars."""
    draft = trade(maker, maker.trader(euro=True))
    return finished(maker, draft.billing(currency="USD").held("currency_diff"))


@scenario("converted to another currency")
def converted(maker: Maker) -> Case:
    """Ordered in euro, billed in kronor at a rate: no figure can be compared until the currency is
    settled."""
    draft = trade(maker, maker.trader(euro=True))
    lines = tuple(replace(x, price=(x.price or Decimal(0)) * Decimal("11.5")) for x in draft.invoice.lines)
    return finished(maker, draft.billing(currency="SEK", lines=lines).held("currency_diff"))


@scenario("credit of nothing we have")
def credit_alone(maker: Maker) -> Case:
    """A credit note for an invoice that never came, or for none at all."""
    draft = trade(maker)
    named = maker.chance.choice(((), ("GS-88-104",)))
    whole = draft.bill()
    note = replace(whole, type="credit_note", type_code="381", due_date=None, preceding=named)
    case = finished(maker, draft)
    return replace(case, claims=(claim(note, Expected("credit_unlinked")),))


@scenario("credit too high", claims=2)
def credit_high(maker: Maker) -> Case:
    """More is credited than was billed."""
    draft = past(maker)
    note = day_after(draft, maker)
    lines = tuple(replace(x, price=(x.price or Decimal(0)) * Decimal("1.2")) for x in note.lines)
    note = totalled(replace(note, lines=lines))
    return finished(maker, draft).with_case(Case(claims=(claim(note, Expected("credit_over")),)))


@scenario("credited twice", claims=3)
def credit_twice(maker: Maker) -> Case:
    """Two credit notes for one invoice, each for nearly all of it."""
    draft = past(maker)
    first = day_after(draft, maker)
    second = day_after(draft, maker, days=9)
    lines = tuple(replace(x, price=(x.price or Decimal(0)) * Decimal("0.9")) for x in second.lines)
    second = totalled(replace(second, lines=lines))
    return finished(maker, draft).with_case(
        Case(claims=(claim(first), claim(second, Expected("credit_over"))))
    )


@scenario("credit sent again", claims=3)
def credit_again(maker: Maker) -> Case:
    """A credit note for a part, and once more under a number with a letter more."""
    draft = trade(maker, on=maker.day(30, 20), least=2)
    on = (draft.invoice.issue_date or maker.today) + timedelta(days=3)
    quantities = [Decimal(1), *([None] * (len(draft.invoice.lines) - 1))]
    note = maker.credit(draft.bill(), on, quantities)
    copy = replace(note, number=f"{note.number}B", issue_date=on + timedelta(days=1))
    return finished(maker, draft).with_case(Case(claims=(claim(note), claim(copy, DUPLICATE))))


@scenario("large credit", claims=2)
def large_credit(maker: Maker) -> Case:
    """What took a signature to pay takes one to take back."""
    draft = enlarged(maker, past(maker))
    return finished(maker, draft).with_case(Case(claims=(claim(day_after(draft, maker)),)))


@scenario("prepaid", syntax="ubl")
def prepaid(maker: Maker) -> Case:
    """A part is said to have been paid before; we know of no such payment."""
    draft = trade(maker)
    return finished(maker, draft.billing(prepaid=Decimal("50.00")).held("prepayment_open"))
