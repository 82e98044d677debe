"""Rows of a population that are made up, in the order of their keys."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from coordination.reports.table import COLUMNS, Row

USUAL: dict[str, Any] = {
    "invoice_number": "INV-1",
    "type": "invoice",
    "vendor_id": "V-1",
    "vendor_name": "Hartmann GmbH",
    "issue_date": date(2026, 9, 5),
    "due_date": None,
    "received_at": datetime(2026, 9, 6, 7, 8, 9, tzinfo=UTC),
    "currency": "EUR",
    "net": Decimal("1000.000000"),
    "tax": Decimal("190.000000"),
    "gross": Decimal("1190.000000"),
    "order_numbers": ("PO-1",),
    "state": "cleared",
    "lane": "auto",
    "holds": (),
    "document_sha256": "a" * 64,
    "source_format": "ubl-2.1",
    "entries": 7,
    "last_entry_hash": "b" * 64,
}


def row(number: int = 1, **changes: Any) -> Row:
    """One row; what is not given is as usual."""
    values = USUAL | {"invoice_id": str(UUID(int=number))} | changes
    return [values[column.name] for column in COLUMNS]


def rows(count: int) -> Iterator[Row]:
    """So many rows, one after the other."""
    return (row(n, invoice_number=f"INV-{n}") for n in range(1, count + 1))
