"""The ordinary trade, one order, its receipt and its invoice, and how something in it comes to differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from ..translation.canonical import Invoice, InvoiceLine, Order, Receipt
from .case import Case
from .labels import Expected
from .making import Maker, Ware, claim
from .totals import totalled
from .traders import Trader

Break = Callable[[Invoice], Invoice]
Quantities = tuple[Decimal | None, ...]


@dataclass(frozen=True)
class Trade:
    """One order in the making. `invoice` is reckoned up at the end; `breaks` are applied to it after that.

    `received` and `accepted` are by order line, None where nothing came; `received_on` None: no receipt at
    all.
    """

    trader: Trader
    order: Order
    invoice: Invoice
    received: Quantities
    accepted: Quantities
    received_on: date | None
    holds: tuple[Expected, ...] = ()
    breaks: tuple[Break, ...] = ()
    vendor: str = field(default="")

    def held(self, code: str, line: int | None = None) -> Trade:
        """The same, expected to be held for this."""
        return replace(self, holds=(*self.holds, Expected(code, line)))

    def line(self, position: int) -> InvoiceLine:
        return self.invoice.lines[position - 1]

    def with_line(self, position: int, **changes: Any) -> Trade:
        """One line of the invoice says something else."""
        lines = tuple(replace(x, **changes) if x.position == position else x for x in self.invoice.lines)
        return self.billing(lines=lines)

    def billing(self, **changes: Any) -> Trade:
        """The invoice says something else."""
        return replace(self, invoice=replace(self.invoice, **changes))

    def broken(self, change: Break) -> Trade:
        """The invoice is changed after it was reckoned up, so that it no longer agrees with itself."""
        return replace(self, breaks=(*self.breaks, change))

    def got(self, position: int, received: Decimal | None, accepted: Decimal | None = None) -> Trade:
        """Something else arrived of an order line."""
        fine = received if accepted is None else accepted
        return replace(
            self,
            received=_at(self.received, position, received),
            accepted=_at(self.accepted, position, fine),
        )

    def bill(self) -> Invoice:
        """The invoice as it is sent."""
        invoice = totalled(self.invoice)
        for change in self.breaks:
            invoice = change(invoice)
        return invoice


def _at(values: Quantities, position: int, value: Decimal | None) -> Quantities:
    return tuple(value if n == position else old for n, old in enumerate(values, 1))


def trade(
    maker: Maker,
    trader: Trader | None = None,
    wares: Sequence[Ware] | None = None,
    *,
    least: int = 1,
    on: date | None = None,
) -> Trade:
    """Ordered some weeks ago, received in full, billed as ordered. `on` is the day of the invoice."""
    vendor = trader or maker.trader()
    ordered_on = on - timedelta(days=maker.chance.randint(5, 20)) if on else maker.day()
    order = maker.order(vendor, wares or maker.wares(vendor, least), ordered_on)
    invoiced_on = on or min(ordered_on + timedelta(days=maker.chance.randint(4, 9)), maker.today)
    everything = tuple(line.quantity for line in order.lines)
    return Trade(
        vendor,
        order,
        maker.bill(vendor, [order], invoiced_on),
        everything,
        everything,
        ordered_on + timedelta(days=3),
    )


def finished(maker: Maker, draft: Trade, *, waiting: bool = False) -> Case:
    """The trade as documents and one claim."""
    receipts: tuple[Receipt, ...] = ()
    if draft.received_on and any(q is not None for q in draft.received):
        receipts = (maker.receipt(draft.order, draft.received_on, draft.received, draft.accepted),)
    made = claim(draft.bill(), *draft.holds, waiting=waiting, vendor=draft.vendor or draft.trader.vendor_id)
    return Case(orders=(draft.order,), receipts=receipts, claims=(made,))
