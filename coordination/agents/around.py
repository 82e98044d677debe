"""What an invoice is judged by beside its order: the lines of those that it names, and the advances of its order."""

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
