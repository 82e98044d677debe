"""Tax and totals within two cents, rates and categories, allowances, rounding, text lines."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from ...translation.canonical import AllowanceCharge, Invoice, InvoiceLine, TaxSubtotal
from ..case import Case, clean
from ..making import Maker
from ..totals import cents, summed
from ..trade import finished, trade

TWO_CENTS = Decimal("0.02")


def tax_off(invoice: Invoice, by: Decimal) -> Invoice:
    """Its tax differs, and everything after it follows."""
    tax, gross, payable = (
        invoice.tax or Decimal(0),
        invoice.gross or Decimal(0),
        invoice.payable or Decimal(0),
    )
    first, rest = invoice.taxes[0], invoice.taxes[1:]
    taxes: tuple[TaxSubtotal, ...] = (replace(first, tax=(first.tax or Decimal(0)) + by), *rest)
    return replace(invoice, tax=tax + by, gross=gross + by, payable=payable + by, taxes=taxes)


def gross_off(invoice: Invoice, by: Decimal) -> Invoice:
    """Its gross differs from net and tax; what is to be paid follows the gross."""
    gross, payable = invoice.gross or Decimal(0), invoice.payable or Decimal(0)
    return replace(invoice, gross=gross + by, payable=payable + by)


@clean("tax off by 0.02")
def tax_within(maker: Maker) -> Case:
    """Tax rounded per line differs by two cents, up or down."""
    by = TWO_CENTS * maker.chance.choice((1, -1))
    return finished(maker, trade(maker).broken(lambda invoice: tax_off(invoice, by)))


@clean("gross off by 0.02")
def gross_within(maker: Maker) -> Case:
    """The total is two cents from net and tax."""
    by = TWO_CENTS * maker.chance.choice((1, -1))
    return finished(maker, trade(maker).broken(lambda invoice: gross_off(invoice, by)))


@clean("tax and gross off by 0.02")
def both_within(maker: Maker) -> Case:
    """Two differences, each within its own tolerance."""
    draft = trade(maker).broken(lambda invoice: tax_off(invoice, TWO_CENTS))
    return finished(maker, draft.broken(lambda invoice: gross_off(invoice, TWO_CENTS)))


@clean("every line off by 0.02")
def lines_within(maker: Maker) -> Case:
    """Each line amount is two cents from quantity x price; the totals follow the lines."""

    def off(invoice: Invoice) -> Invoice:
        lines = tuple(replace(line, net=(line.net or Decimal(0)) + TWO_CENTS) for line in invoice.lines)
        return summed(replace(invoice, lines=lines))

    return finished(maker, trade(maker, least=3).broken(off))


@clean("two tax rates")
def two_rates(maker: Maker) -> Case:
    """One line at a reduced rate."""
    trader = maker.trader()
    wares = maker.wares(trader, least=2)
    return finished(maker, trade(maker, trader, [replace(wares[0], rate="7"), *wares[1:]]))


@clean("each of two rates off by 0.02")
def two_rates_within(maker: Maker) -> Case:
    """Two cents are tolerated for each rate, so four in all."""
    trader = maker.trader()
    wares = maker.wares(trader, least=2)
    draft = trade(maker, trader, [replace(wares[0], rate="7"), *wares[1:]])
    return finished(maker, draft.broken(_each_off))


def _each_off(invoice: Invoice) -> Invoice:
    """Every subtotal two cents higher, and everything after them."""
    taxes = tuple(replace(row, tax=(row.tax or Decimal(0)) + TWO_CENTS) for row in invoice.taxes)
    by = TWO_CENTS * len(taxes)
    off = tax_off(invoice, by)
    return replace(off, taxes=taxes)


@clean("reverse charge", syntax="ubl")
def reverse_charge(maker: Maker) -> Case:
    """No tax on it, because the buyer owes it; or exempt, or at the zero rate."""
    category = maker.chance.choice(("AE", "Z", "E", "K"))
    trader = maker.trader()
    draft = trade(maker, trader, [replace(w, rate="0") for w in maker.wares(trader)])
    return finished(
        maker,
        draft.billing(lines=tuple(replace(x, tax_category=category) for x in draft.invoice.lines)),
    )


@clean("zero rate")
def zero_rate(maker: Maker) -> Case:
    """No tax at all, as ordered."""
    trader = maker.trader()
    return finished(maker, trade(maker, trader, [replace(w, rate="0") for w in maker.wares(trader)]))


@clean("allowance on the document", syntax="ubl")
def header_allowance(maker: Maker) -> Case:
    """Three per cent off, taxed accordingly."""
    draft = trade(maker)
    off = cents((draft.bill().net or Decimal(0)) * Decimal("0.03"))
    first = draft.line(1)
    allowance = AllowanceCharge(False, off, "Annual bonus", "95", first.tax_category, first.tax_rate)
    return finished(maker, draft.billing(allowances=(allowance,)))


@clean("allowance on a line", syntax="ubl")
def line_allowance(maker: Maker) -> Case:
    """A discount on one line, agreed at the counter."""
    draft = trade(maker)
    allowance = AllowanceCharge(False, cents((draft.line(1).price or Decimal(1)) / 4), "Discount", "95")
    return finished(maker, draft.with_line(1, allowances=(allowance,)))


@clean("ordered freight", syntax="ubl")
def ordered_charge(maker: Maker) -> Case:
    """Freight that stands on the order as well is not unplanned."""
    draft = trade(maker)
    first = draft.line(1)
    freight = AllowanceCharge(True, Decimal("35.00"), "Freight", "FC", first.tax_category, first.tax_rate)
    order = replace(draft.order, allowances=(freight,), net=(draft.order.net or Decimal(0)) + freight.amount)
    return finished(maker, replace(draft, order=order).billing(allowances=(freight,)))


@clean("rounded to five cents", syntax="ubl")
def rounded(maker: Maker) -> Case:
    """What is to be paid is the gross rounded, and says so."""
    draft = trade(maker)
    gross = draft.bill().gross or Decimal(0)
    target = (gross * 20).to_integral_value() / 20
    return finished(maker, draft.billing(rounding=target - gross))


@clean("line of text")
def heading(maker: Maker) -> Case:
    """A line that bills nothing and only says something."""
    draft = trade(maker)
    position = len(draft.invoice.lines) + 1
    words = maker.chance.choice(("Delivered with our lorry", "Your contact: Ms Berg", "Colli: 3"))
    text = InvoiceLine(
        position=position,
        line=str(position),
        description=words,
        quantity=Decimal(0),
        unit="EA",
        price=Decimal("0.00"),
        tax_rate=draft.line(1).tax_rate,
        tax_category=draft.line(1).tax_category,
        order_number=draft.order.number,
    )
    return finished(maker, draft.billing(lines=(*draft.invoice.lines, text)))


@clean("discount in the terms", syntax="ubl")
def discount(maker: Maker) -> Case:
    """Terms that offer a discount change nothing about the claim."""
    words = "2 % discount within 10 days, net within 30 days. Transfers free of charge, please."
    return finished(maker, trade(maker).billing(payment_terms=words))
