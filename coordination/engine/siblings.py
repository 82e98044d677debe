"""Which other invoices a change concerns: those that bill the same orders, and those of the same claim."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

SAME_ORDERS = """
WITH mine AS (
  SELECT DISTINCT x.id, l.order_id FROM coordination_invoice x
    JOIN coordination_allocation m ON m.invoice_id = x.id AND m.matching = x.matching
    JOIN coordination_orderline l ON l.id = m.order_line_id
   WHERE x.id = ANY(%(ids)s)
), theirs AS (
  SELECT DISTINCT o.order_id, i.id FROM (SELECT DISTINCT order_id FROM mine) o
    JOIN coordination_orderline s ON s.order_id = o.order_id
    JOIN coordination_allocation a ON a.order_line_id = s.id
    JOIN coordination_invoice i ON i.id = a.invoice_id AND i.matching = a.matching
   WHERE i.state NOT IN ('scheduled', 'paid', 'rejected', 'void')
)
SELECT mine.id, theirs.id FROM mine JOIN theirs USING (order_id) WHERE theirs.id <> mine.id
UNION
SELECT x.id, i.id FROM coordination_invoice x JOIN coordination_invoice i ON i.order_numbers && x.order_numbers
 WHERE x.id = ANY(%(ids)s) AND i.state NOT IN ('scheduled', 'paid', 'rejected', 'void') AND i.id <> x.id
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

NAMING = """
SELECT id FROM coordination_invoice WHERE order_numbers && %(numbers)s
UNION
SELECT c.id FROM coordination_invoice i JOIN coordination_invoice c ON c.vendor_id = i.vendor_id
 WHERE i.order_numbers && %(numbers)s AND c.type = 'credit_note' AND c.order_numbers = '{}'
   AND i.number_key = ANY(SELECT upper(regexp_replace(q, '[^0-9A-Za-z]', '', 'g')) FROM unnest(c.preceding) q)
"""


def naming(numbers: Sequence[str]) -> list[UUID]:
    """Invoices that name one of these orders, in usual spellings, and credit notes that inherit it from what they credit."""
    plain = [n.strip() for n in numbers]
    spellings = {f(n) for n in plain for f in (str, str.lower, str.upper, str.capitalize)} | set(numbers)
    with connection.cursor() as cursor:
        cursor.execute(NAMING, {"numbers": sorted(spellings)})
        return [r[0] for r in cursor.fetchall()]


def naming_sales_orders(numbers: Sequence[str]) -> list[UUID]:
    """Invoices that name one of the sellers' own order numbers and no order of ours."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT f.invoice_id FROM coordination_invoicefacts f JOIN coordination_invoice i ON i.id = f.invoice_id"
            " WHERE f.sales_orders && %s AND i.order_numbers = '{}'",
            [list(numbers)],
        )
        return [r[0] for r in cursor.fetchall()]


def billing_siblings(changed: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """For each invoice whose allocations changed: the others that bill its orders; their cumulative sums read them."""
    if not changed:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(SAME_ORDERS, {"ids": list(changed)})
        out: dict[UUID, list[UUID]] = {}
        for own, other in cursor.fetchall():
            out.setdefault(own, []).append(other)
        return out


def same_claim(ids: Sequence[UUID]) -> list[UUID]:
    """Invoices already here that a duplicate, split or credit check has to look at again for these new ones."""
    with connection.cursor() as cursor:
        cursor.execute(SAME_CLAIM, {"ids": list(ids)})
        return [r[0] for r in cursor.fetchall()]
