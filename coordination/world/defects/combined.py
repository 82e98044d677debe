"""Two things wrong with one invoice: both have to be said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from ..case import Case, scenario
from ..labels import Expected
from ..making import Maker, claim
from ..trade import Trade, finished, trade
from .claims import DUPLICATE
from .deliveries import missing, more_billed, rejected_goods, short_receipt
from .documents import wrong_gross, wrong_tax
from .identity import other_bank
from .orders import naming
from .prices import enlarged, other_unit, strange_item, too_dear
from .text import PLAIN, says

Twist = Callable[[Maker, Trade], Trade]

ON_LINES: tuple[Twist, ...] = (
    lambda maker, draft: too_dear(maker, draft, 1),
    lambda _, draft: rejected_goods(draft, 1),
    lambda _, draft: other_unit(draft, 1),
    lambda _, draft: more_billed(draft, 1),
)
"""What may be wrong with the first line."""

ON_THE_REST: tuple[Twist, ...] = (
    lambda _, draft: short_receipt(draft, 2),
    lambda _, draft: wrong_tax(draft),
    lambda _, draft: wrong_gross(draft),
    other_bank,
    lambda maker, draft: says(maker, draft, PLAIN),
    lambda _, draft: strange_item(draft),
    lambda maker, draft: too_dear(maker, draft, 2),
)
"""What may be wrong with the second line or with the document."""


@scenario("two: a line and the rest", "combination")
def line_and_rest(maker: Maker) -> Case:
    """One thing wrong with a line and another elsewhere."""
    draft = maker.chance.choice(ON_LINES)(maker, trade(maker, least=2))
    return finished(maker, maker.chance.choice(ON_THE_REST)(maker, draft))


@scenario("two: both on one line", "combination")
def same_line(maker: Maker) -> Case:
    """Too dear and too many on the same line."""
    return finished(maker, too_dear(maker, more_billed(trade(maker))))


@scenario("two: document and account", "combination")
def document_and_account(maker: Maker) -> Case:
    """The tax is wrong and the account is, too."""
    return finished(maker, other_bank(maker, wrong_tax(trade(maker))))


@scenario("two: large and too dear", "combination")
def large_and_dear(maker: Maker) -> Case:
    """Large enough to be signed, and not at the agreed price."""
    return finished(maker, too_dear(maker, enlarged(maker, trade(maker))))


@scenario("two: waiting and tax", "combination")
def waiting_and_tax(maker: Maker) -> Case:
    """A receipt may still come, but the tax is wrong whatever comes."""
    draft = trade(maker, on=maker.today - timedelta(days=maker.chance.randint(0, 3)))
    return finished(maker, wrong_tax(missing(draft)))


@scenario("two: no order and account", "combination")
def no_order_and_account(maker: Maker) -> Case:
    """No order named, and payment asked for elsewhere."""
    return finished(maker, other_bank(maker, naming(trade(maker), "").held("no_po")))


@scenario("two: blocked and too dear", "combination")
def blocked_and_dear(maker: Maker) -> Case:
    """A blocked vendor raises its prices."""
    trader = maker.chance.choice(maker.known.blocked)
    return finished(maker, too_dear(maker, trade(maker, trader)).held("supplier_blocked"))


@scenario("two: duplicate to another account", "combination", claims=2)
def duplicate_elsewhere(maker: Maker) -> Case:
    """A copy of an invoice with a letter more in its number and another account: how invoices are forged."""
    draft = trade(maker, on=maker.day(35, 25))
    forged = other_bank(maker, draft).bill()
    on = (draft.invoice.issue_date or maker.today) + timedelta(days=2)
    forged = replace(forged, number=f"{forged.number}B", issue_date=on)
    made = claim(forged, DUPLICATE, Expected("bank_mismatch"))
    return finished(maker, draft).with_case(Case(claims=(made,)))
