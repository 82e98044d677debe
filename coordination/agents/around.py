"""What an invoice is judged by beside its order: who we are, the lines of those that it names, the advances of its order,
and how people coded lines of the vendor before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class NamedLine:
    """A line of an invoice that a credit, a debit or a corrected invoice names (BG-3), as that document states it.

    `unit_price` is the price of one `unit`, `net` the amount of the line. Documents never change, so that what is read
    from here is the same whatever becomes of the invoice.
    """

    number: str
    type_code: str
    order_number: str
    order_line: str
    item: str
    buyer_item: str
    standard_item: str
    description: str
    quantity: Decimal | None
    unit: str
    unit_price: Decimal | None
    net: Decimal | None


@dataclass(frozen=True, slots=True)
class Advance:
    """An advance on an order (`deducted` is none), or what another invoice of the order deducts of advances.

    Amounts are those with tax, in the currency of the document; `net` is an advance's without.
    """

    invoice: str
    number: str
    type: str
    issue_date: date | None
    state: str
    currency: str
    gross: Decimal
    net: Decimal
    deducted: Decimal
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Ours:
    """Who we are: by the settings, as an order has it, or where neither says it (`agreed`) as vendors address us alike."""

    names: tuple[str, ...] = ()
    vat_ids: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()
    agreed: bool = False


@dataclass(frozen=True, slots=True)
class Coded:
    """So many lines of this vendor that people coded alike: the same goods to the same account and cost centre.

    `rank` is the place of the newest of them among all of the vendor's coded lines, 1 being the newest. `since` counts
    those that are newer than any line of these goods that was coded otherwise.
    """

    item: str
    description: str
    account: str
    cost_centre: str
    lines: int
    rank: int
    since: int
