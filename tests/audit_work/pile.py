"""A pile of invoices to draw from: not decided on, so that it is quick."""

from __future__ import annotations

from tests import cast
from tests.cast import Row, bill, table


def pile(count: int = 20, *more: Row) -> None:
    """INV-1 to INV-n of V-1 over n times 119.00 EUR each, and what else is given."""
    bills = [
        bill(invoice_number=f"INV-{n}", order_number=f"PO-{n}", quantity="1", unit_price=str(n * 100))
        for n in range(1, count + 1)
    ]
    cast.take_in(table("vendors", cast.vendor()), table("invoices", *bills, *more))
