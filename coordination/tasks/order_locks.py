"""Locks of orders, held until invoices that were matched to them stand where others read them.

Who bills an order and names it is found by its number, decided or not. Who was led to it otherwise, by a
receipt, say, is found by its allocations alone, and only once they are committed: of two at one time neither
would hear of the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from .sql import rows

LOCK: Final = 0x4F524452
"""First half of the advisory locks; the second is one of `KEPT` into which the orders fall by their keys."""
KEPT: Final = 1024
"""So many locks there are at most, whatever a batch is matched to."""

TAKE = """
SELECT CASE WHEN alone THEN pg_advisory_xact_lock(%s, key)::text
            ELSE pg_advisory_xact_lock_shared(%s, key)::text END, unnamed
  FROM (SELECT key, bool_or(not_named) AS alone, array_agg(id) FILTER (WHERE not_named) AS unnamed
          FROM (SELECT abs(hashtext(l.order_id::text) %% %s) AS key, i.id,
                       i.type <> 'credit_note' AND NOT EXISTS (
                           SELECT 1 FROM coordination_ordername n
                            WHERE n.order_id = l.order_id AND n.number_key = ANY(f.order_keys)) AS not_named
                  FROM coordination_invoice i JOIN coordination_invoicefacts f ON f.invoice_id = i.id
                  JOIN coordination_allocation a ON a.invoice_id = i.id
                   AND a.matching IN (i.matching, i.matching - 1)
                  JOIN coordination_orderline l ON l.id = a.order_line_id
                 WHERE i.id = ANY(%s)) matched
         GROUP BY key ORDER BY key) wanted
"""


def take(invoices: Sequence[UUID]) -> set[UUID]:
    """Lock the orders that these invoices bill or just billed: each with others that name it, alone where
    one does not. Which do not name an order that they bill; a credit note looks at nobody."""
    return {key for _, unnamed in rows(TAKE, LOCK, LOCK, KEPT, list(invoices)) for key in unnamed or ()}
