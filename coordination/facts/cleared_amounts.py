"""What stands cleared for payment, by invoice: written with the decision that clears
(`decisions.clearances`)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID

from ..tasks.sql import rows

NEWEST = """
SELECT DISTINCT ON (invoice_id) invoice_id, currency, amount FROM coordination_clearance
 WHERE invoice_id = ANY(%s) ORDER BY invoice_id, at DESC, id DESC
"""


def in_force(invoices: Iterable[UUID]) -> dict[UUID, tuple[str, Decimal]]:
    """Currency and amount that stand cleared, by invoice."""
    return {key: (currency, amount) for key, currency, amount in rows(NEWEST, list(invoices))}
