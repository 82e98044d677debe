"""The line that made documents are tried with: 100 bolts at 10.00, for line 10 of PO-1."""

from __future__ import annotations

from decimal import Decimal

from coordination.translation.canonical import InvoiceLine

LINE = InvoiceLine(
    position=1,
    line="1",
    item="A-1",
    description="Bolt M8",
    quantity=Decimal(100),
    unit="EA",
    price=Decimal("10.00"),
    net=Decimal("1000.00"),
    tax_rate=Decimal(19),
    order_number="PO-1",
    order_line="10",
)
