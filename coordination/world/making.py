"""What cases are made with: chance, the day, numbers that never repeat, and documents that are right in
themselves."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from ..translation.canonical import (
    Invoice,
    InvoiceLine,
    Order,
    OrderLine,
    Party,
    Receipt,
    ReceiptLine,
)
from .catalogue import GOODS, RATES, Item
from .claim import Claim
from .labels import Expected
from .totals import ZERO, cents, company, totalled
from .traders import Trader, Traders

BUYER = Party(name="Countersign example company", legal_name="Countersign example company")
QUANTITIES = (2, 4, 5, 8, 10, 12, 20, 24, 40, 60)
NET_LIMIT = Decimal(6000)
"""Most that an ordinary trade is worth in EUR without tax: with any tax it stays under 80 % of the first
threshold."""

THRESHOLD = Decimal(10000)
PER_CASE = 10
"""Numbers of orders and receipts that one case may use up."""


@dataclass(frozen=True, slots=True)
class Ware:
    """What is ordered on one line. `price` is in the vendor's currency for `base` units."""

    item: Item
    quantity: Decimal
    price: Decimal
    base: Decimal = Decimal(1)
    unit: str = ""
    rate: str = ""
    category: str = ""


class Maker:
    """Makes the documents of one case. Everything follows from the seed and the number of the case's first
    invoice."""

    def __init__(self, seed: str, index: int, today: date, known: Traders) -> None:
        self.chance = random.Random(f"{seed}/{index}")  # noqa: S311 - a game, not a secret
        self.today = today
        self.known = known
        self._invoices = index
        self.last = ""
        self._orders = self._receipts = index * PER_CASE

    # --- numbers --------------------------------------------------------------------------------------------

    def order_number(self) -> str:
        self._orders += 1
        return f"45{self._orders:09d}"

    def receipt_number(self) -> str:
        self._receipts += 1
        return f"GR-{5_000_000_000 + self._receipts}"

    def digits(self) -> str:
        """Seven digits and two check digits (ISO 7064 MOD 97-10): two of them differ in two places at least,
        so that no invoice is similar to another by accident."""
        payload = 1_000_000 + self._invoices
        self._invoices += 1
        self.last = f"{payload}{98 - payload * 100 % 97:02d}"
        return self.last

    def invoice_number(self, trader: Trader, on: date, digits: str = "") -> str:
        """The vendor's next number, in its own style."""
        return trader.style.format(
            initials=trader.initials, year=on.year, short=f"{on:%y}", digits=digits or self.digits()
        )

    # --- choices --------------------------------------------------------------------------------------------

    def trader(self, *, euro: bool = False, currency: str = "", goods: str = "") -> Trader:
        """Any of the usual vendors that fits."""
        fitting = [
            t
            for t in self.known.usual
            if (not euro or t.currency == "EUR")
            and (not currency or t.currency == currency)
            and (not goods or t.company.goods == goods)
        ]
        return self.chance.choice(fitting)

    def other(self, than: Trader) -> Trader:
        """Another vendor of the same currency."""
        return self.chance.choice([t for t in self.known.usual if t != than and t.currency == than.currency])

    def day(self, oldest: int = 40, newest: int = 9) -> date:
        """A day so many days ago."""
        return self.today - timedelta(days=self.chance.randint(newest, oldest))

    def wares(self, trader: Trader, least: int = 1, most: int = 5) -> list[Ware]:
        """Different articles of the vendor, at least two of each, in all under `NET_LIMIT`."""
        goods = GOODS[trader.company.goods]
        count = self.chance.randint(min(least, len(goods)), min(most, len(goods)))
        rate = Decimal(RATES[trader.currency])
        found = [
            Ware(item, Decimal(self.chance.choice(QUANTITIES)), cents(Decimal(item.price) * rate))
            for item in self.chance.sample(goods, k=count)
        ]
        while company(worth(found), trader.currency) > NET_LIMIT:
            found = [replace(w, quantity=max(Decimal(2), w.quantity // 2)) for w in found]
        return found

    # --- documents ------------------------------------------------------------------------------------------

    def order(self, trader: Trader, wares: Sequence[Ware], on: date) -> Order:
        """An order of these wares; lines are numbered 10, 20 and so on."""
        lines = tuple(_order_line(trader, n * 10, ware) for n, ware in enumerate(wares, 1))
        net = sum((line.net or ZERO for line in lines), ZERO)
        number = self.order_number()
        return Order(
            number=number,
            message_id=number,
            order_date=on,
            currency=trader.currency,
            seller=trader.party(),
            buyer=BUYER,
            vendor_id=trader.vendor_id,
            net=net,
            lines=lines,
        )

    def receipt(
        self,
        order: Order,
        on: date,
        received: Sequence[Decimal | None] | None = None,
        accepted: Sequence[Decimal | None] | None = None,
    ) -> Receipt:
        """What arrived of an order, all of it unless said otherwise; None leaves a line out."""
        got = [line.quantity for line in order.lines] if received is None else list(received)
        good = got if accepted is None else list(accepted)
        rows = [
            ReceiptLine(
                line=str(n),
                order_number=order.number,
                order_line=line.line,
                item=line.item,
                description=line.description,
                quantity=quantity,
                accepted=fine,
                unit=line.unit,
            )
            for n, (line, quantity, fine) in enumerate(zip(order.lines, got, good, strict=True), 1)
            if quantity is not None
        ]
        return Receipt(
            number=self.receipt_number(),
            received_date=on,
            seller=order.seller,
            order_number=order.number,
            lines=tuple(rows),
            vendor_id=order.vendor_id,
        )

    def bill(
        self,
        trader: Trader,
        orders: Sequence[Order],
        on: date,
        billed: Sequence[Sequence[Decimal | None]] | None = None,
    ) -> Invoice:
        """Bills orders as ordered; `billed` are other quantities by order and line, None leaves a line
        out."""
        quantities = billed or [[line.quantity for line in order.lines] for order in orders]
        chosen = [
            (order, line, quantity)
            for order, of_order in zip(orders, quantities, strict=True)
            for line, quantity in zip(order.lines, of_order, strict=True)
            if quantity is not None
        ]
        lines = tuple(_bill_line(trader, n, *one) for n, one in enumerate(chosen, 1))
        return totalled(
            Invoice(
                number=self.invoice_number(trader, on),
                type_code="380",
                issue_date=on,
                due_date=on + timedelta(days=30),
                currency=trader.currency,
                seller=trader.party(),
                buyer=BUYER,
                vendor_id=trader.vendor_id,
                account=trader.account(),
                order_numbers=tuple(dict.fromkeys(o.number for o, _, _ in chosen)),
                lines=lines,
            )
        )

    def credit(
        self, invoice: Invoice, on: date, quantities: Sequence[Decimal | None] | None = None
    ) -> Invoice:
        """A credit note for an invoice, the whole of it unless quantities are given."""
        wanted = [line.quantity for line in invoice.lines] if quantities is None else list(quantities)
        kept = [replace(x, quantity=q) for x, q in zip(invoice.lines, wanted, strict=True) if q is not None]
        lines = tuple(replace(line, position=n, line=str(n)) for n, line in enumerate(kept, 1))
        trader = next(t for t in self.known.everybody() if t.vendor_id == invoice.vendor_id)
        return totalled(
            replace(
                invoice,
                number=self.invoice_number(trader, on),
                type="credit_note",
                type_code="381",
                issue_date=on,
                due_date=None,
                lines=lines,
                preceding=(invoice.number,),
            )
        )


def worth(wares: Sequence[Ware]) -> Decimal:
    """What these wares cost without tax, in the vendor's currency."""
    return sum((ware.quantity * ware.price / ware.base for ware in wares), ZERO)


def _order_line(trader: Trader, number: int, ware: Ware) -> OrderLine:
    return OrderLine(
        line=str(number),
        item=ware.item.code,
        description=ware.item.description,
        quantity=ware.quantity,
        unit=ware.unit or ware.item.unit,
        price=ware.price,
        base_quantity=ware.base,
        net=cents(ware.quantity * ware.price / ware.base),
        tax_rate=Decimal(ware.rate or trader.rate),
    )


def _bill_line(
    trader: Trader, position: int, order: Order, ordered: OrderLine, quantity: Decimal
) -> InvoiceLine:
    rate = ordered.tax_rate if ordered.tax_rate is not None else Decimal(trader.rate)
    return InvoiceLine(
        position=position,
        line=str(position),
        item=ordered.item,
        description=ordered.description,
        quantity=quantity,
        unit=ordered.unit,
        price=ordered.price,
        base_quantity=ordered.base_quantity,
        tax_rate=rate,
        tax_category="S" if rate else "Z",
        order_number=order.number,
        order_line=ordered.line,
    )


def claim(
    invoice: Invoice, *holds: Expected | str, waiting: bool = False, vendor: str | None = None
) -> Claim:
    """An invoice with what it should come to.

    Held: a person is asked; with nothing but missing receipts that may still come (`waiting`) nobody is. A
    gross over the threshold needs a signature, once there is no fact to wait for.
    """
    expected = [Expected(hold) if isinstance(hold, str) else hold for hold in holds]
    if not waiting and over_threshold(invoice):
        expected.append(Expected("over_threshold"))
    lane = "waiting" if waiting else "escalated" if expected else "auto"
    return Claim(invoice, invoice.vendor_id if vendor is None else vendor, lane, tuple(expected))


def over_threshold(invoice: Invoice) -> bool:
    return invoice.gross is not None and company(abs(invoice.gross), invoice.currency) > THRESHOLD
