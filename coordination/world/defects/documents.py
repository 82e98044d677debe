"""Documents that lack something or do not agree with themselves: data, totals, tax."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from ...translation.canonical import AllowanceCharge, Invoice
from ..case import Case, scenario
from ..clean.amounts import gross_off, tax_off
from ..making import Maker
from ..totals import cents, summed
from ..trade import Trade, finished, trade

ZERO = Decimal(0)


@scenario("no issue date")
def no_date(maker: Maker) -> Case:
    """Nobody can tell when it was issued."""
    return finished(maker, trade(maker).held("missing_data").billing(issue_date=None))


@scenario("no total")
def no_gross(maker: Maker) -> Case:
    """Net and tax stand there, the total does not."""

    def without(invoice: Invoice) -> Invoice:
        return replace(invoice, gross=None, payable=None)

    return finished(maker, trade(maker).held("missing_data").broken(without))


@scenario("no currency")
def no_currency(maker: Maker) -> Case:
    """Figures, and nothing that says of what."""
    return finished(maker, trade(maker).held("missing_data").billing(currency=""))


@scenario("no quantity")
def no_quantity(maker: Maker) -> Case:
    """A line states price and amount and not how many."""

    def without(invoice: Invoice) -> Invoice:
        first, *rest = invoice.lines
        return replace(invoice, lines=(replace(first, quantity=None), *rest))

    return finished(maker, trade(maker).held("missing_data", 1).broken(without))


@scenario("no unit price")
def no_price(maker: Maker) -> Case:
    """A line states its amount and not what a piece costs."""
    draft = trade(maker)

    def without(invoice: Invoice) -> Invoice:
        first, *rest = invoice.lines
        return replace(invoice, lines=(replace(first, price=None), *rest))

    return finished(maker, draft.held("missing_data", 1).broken(without))


def wrong_gross(draft: Trade) -> Trade:
    """The total is 90.00 more than its parts."""
    return draft.broken(lambda invoice: gross_off(invoice, Decimal("90.00"))).held("totals_unbalanced")


@scenario("unbalanced")
def unbalanced(maker: Maker) -> Case:
    """Net and tax do not make the gross."""
    return finished(maker, wrong_gross(trade(maker)))


@scenario("gross off by 0.03")
def just_unbalanced(maker: Maker) -> Case:
    """A cent beyond the tolerance, in our favour as well as against us."""
    by = Decimal("0.03") * maker.chance.choice((1, -1))
    return finished(
        maker, trade(maker).broken(lambda invoice: gross_off(invoice, by)).held("totals_unbalanced")
    )


def wrong_line(draft: Trade, more: Decimal, position: int = 1) -> Trade:
    """A line amount is not quantity x price; the totals follow it."""

    def change(invoice: Invoice) -> Invoice:
        lines = tuple(
            replace(x, net=(x.net or ZERO) + more) if x.position == position else x for x in invoice.lines
        )
        return summed(replace(invoice, lines=lines))

    return draft.broken(change).held("totals_unbalanced", position)


@scenario("line amount wrong")
def line_wrong(maker: Maker) -> Case:
    """A line comes to some more than its quantity and price."""
    draft = trade(maker)
    more = cents((draft.bill().net or ZERO) * Decimal("0.03")) + Decimal("0.03")
    return finished(maker, wrong_line(draft, more))


@scenario("line amount far too high")
def line_far_wrong(maker: Maker) -> Case:
    """A line at the agreed price whose amount is a third of the order too high: one mistake, said once."""
    draft = trade(maker)
    return finished(maker, wrong_line(draft, cents((draft.bill().net or ZERO) / 3)))


@scenario("nothing for its amount")
def nought(maker: Maker) -> Case:
    """A line of no pieces that costs money."""

    def change(invoice: Invoice) -> Invoice:
        first, *rest = invoice.lines
        return replace(invoice, lines=(replace(first, quantity=ZERO), *rest))

    return finished(maker, trade(maker).broken(change).held("totals_unbalanced", 1))


@scenario("sum of lines wrong")
def sum_wrong(maker: Maker) -> Case:
    """Net is 25.00 over its lines and gross agrees with it; the tax is that of the lines."""

    def change(invoice: Invoice) -> Invoice:
        net = (invoice.net or ZERO) + 25
        gross = net + (invoice.tax or ZERO)
        return replace(invoice, net=net, gross=gross, payable=gross)

    return finished(maker, trade(maker).broken(change).held("totals_unbalanced"))


@scenario("payable wrong", syntax="ubl")
def payable_wrong(maker: Maker) -> Case:
    """More is asked for than the total, without a word why."""

    def change(invoice: Invoice) -> Invoice:
        return replace(invoice, payable=(invoice.payable or ZERO) + Decimal("12.40"))

    return finished(maker, trade(maker).broken(change).held("totals_unbalanced"))


@scenario("rounding of fifty", syntax="ubl")
def called_rounding(maker: Maker) -> Case:
    """Total and tax are right, and 50.00 more is asked for under the name of rounding: no rounding that can
    be read."""
    asked = trade(maker).billing(rounding=Decimal("50.00"))
    return finished(maker, asked.held("missing_data").held("totals_unbalanced"))


def wrong_tax(draft: Trade, by: Decimal = Decimal("7.00")) -> Trade:
    """The tax is too high; the gross follows it."""
    return draft.broken(lambda invoice: tax_off(invoice, by)).held("tax_mismatch")


@scenario("tax")
def tax(maker: Maker) -> Case:
    """Seven too many."""
    return finished(maker, wrong_tax(trade(maker)))


@scenario("tax off by 0.03")
def tax_just_off(maker: Maker) -> Case:
    """A cent beyond the tolerance, up or down."""
    return finished(maker, wrong_tax(trade(maker), Decimal("0.03") * maker.chance.choice((1, -1))))


@scenario("tax of one rate wrong", syntax="ubl")
def one_rate_wrong(maker: Maker) -> Case:
    """Of two rates one is reckoned wrongly."""
    trader = maker.trader()
    wares = maker.wares(trader, least=2)
    draft = trade(maker, trader, [replace(wares[0], rate="7"), *wares[1:]])
    return finished(maker, wrong_tax(draft, Decimal("3.10")))


@scenario("tax before the allowance", syntax="ubl")
def tax_on_too_much(maker: Maker) -> Case:
    """Ten per cent off, and the tax still on the whole."""
    draft = trade(maker)
    whole = draft.bill()
    off = cents((whole.net or ZERO) / 10)
    first = draft.line(1)
    allowance = AllowanceCharge(False, off, "Bonus", "95", first.tax_category, first.tax_rate)
    by = (whole.tax or ZERO) - (draft.billing(allowances=(allowance,)).bill().tax or ZERO)
    return finished(maker, wrong_tax(draft.billing(allowances=(allowance,)), by))
