"""Which other invoices a change concerns: those that bill the same orders, and those of the same claim."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from ..models import Invoice

SAME_ORDERS = """
SELECT DISTINCT i.id FROM coordination_orderline l
  JOIN coordination_allocation a ON a.order_line_id = l.id
  JOIN coordination_invoice i ON i.id = a.invoice_id AND i.matching = a.matching
 WHERE l.order_id = ANY(%(orders)s) AND i.state NOT IN ('scheduled', 'paid', 'rejected', 'void') AND i.id <> %(own)s
UNION
SELECT i.id FROM coordination_invoice i
 WHERE i.order_numbers && %(numbers)s AND i.state NOT IN ('scheduled', 'paid', 'rejected', 'void') AND i.id <> %(own)s
"""

SAME_CLAIM = """
SELECT DISTINCT i.id FROM coordination_invoice x JOIN coordination_invoice i ON i.vendor_id = x.vendor_id AND i.id <> x.id
 WHERE x.id = ANY(%(ids)s) AND i.state NOT IN ('scheduled', 'paid', 'rejected', 'void')
   AND (i.number_key = x.number_key OR (i.currency = x.currency AND i.gross = x.gross)
        OR x.number_key = ANY(SELECT upper(regexp_replace(q, '[^0-9A-Za-z]', '', 'g')) FROM unnest(i.preceding) q)
        OR (i.type = 'credit_note' AND i.preceding && x.preceding)
        OR (i.currency = x.currency AND i.gross BETWEEN x.gross * 0.8 AND x.gross * 1.25
            AND i.issue_date BETWEEN x.issue_date AND x.issue_date + 7))
"""


def billing_siblings(
    changed: Sequence[Invoice], orders: dict[UUID, list[UUID]]
) -> list[tuple[str, list[UUID], str]]:
    """(kind, invoices, cause) to wake for each invoice whose allocations changed: cumulative sums read them."""
    out = []
    for row in changed:
        with connection.cursor() as cursor:
            cursor.execute(SAME_ORDERS, {"orders": orders[row.id], "numbers": row.order_numbers, "own": row.id})
            found = [r[0] for r in cursor.fetchall()]
        if found:
            out.append(("billing", found, f"invoice/{row.id}"))
    return out


def same_claim(ids: Sequence[UUID]) -> list[UUID]:
    """Invoices already here that a duplicate, split or credit check has to look at again for these new ones."""
    with connection.cursor() as cursor:
        cursor.execute(SAME_CLAIM, {"ids": list(ids)})
        return [r[0] for r in cursor.fetchall()]
