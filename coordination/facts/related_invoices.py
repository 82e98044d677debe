"""Which other invoices a change concerns: those that bill the same orders, and those of the same claim."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from ..domain.amounts import rank
from ..tasks.sql import rows
from ..translation import nature
from ..translation.identity import normalised_numbers
from . import policies, similar_invoices, split_groups
from .exchange_rates import Rates

MINE = """
SELECT DISTINCT 'o' || l.order_id, x.id, x.type, x.state, x.issue_date, x.number, left(x.digest, 12),
    x.type_code FROM coordination_invoice x
  JOIN coordination_allocation m ON m.invoice_id = x.id AND m.matching IN (x.matching, x.matching - 1)
  JOIN coordination_orderline l ON l.id = m.order_line_id
 WHERE x.id = ANY(%(ids)s)
UNION
SELECT 'n' || n, x.id, x.type, x.state, x.issue_date, x.number, left(x.digest, 12), x.type_code
  FROM coordination_invoice x JOIN coordination_invoicefacts f ON f.invoice_id = x.id
 CROSS JOIN LATERAL unnest(f.order_keys) n WHERE x.id = ANY(%(ids)s)
UNION
SELECT 'n' || n.number_key, x.id, x.type, x.state, x.issue_date, x.number, left(x.digest, 12), x.type_code
  FROM coordination_invoice x
  JOIN coordination_allocation m ON m.invoice_id = x.id AND m.matching IN (x.matching, x.matching - 1)
  JOIN coordination_orderline l ON l.id = m.order_line_id
  JOIN coordination_ordername n ON n.order_id = l.order_id
 WHERE x.id = ANY(%(ids)s)
"""
THEIRS = """
SELECT DISTINCT 'o' || s.order_id, i.id, i.type, i.state, i.issue_date, i.number, left(i.digest, 12)
    FROM coordination_orderline s
  JOIN coordination_allocation a ON a.order_line_id = s.id
  JOIN coordination_invoice i ON i.id = a.invoice_id AND i.matching = a.matching
 WHERE s.order_id = ANY(%(orders)s) AND i.state NOT IN ('scheduled', 'paid', 'rejected', 'void')
UNION
SELECT 'n' || n, i.id, i.type, i.state, i.issue_date, i.number, left(i.digest, 12)
  FROM unnest(%(numbers)s::text[]) n CROSS JOIN LATERAL (
       SELECT g.invoice_id FROM coordination_invoicefacts g WHERE g.order_keys @> ARRAY[n] OFFSET 0) f
 CROSS JOIN LATERAL (SELECT * FROM coordination_invoice WHERE id = f.invoice_id OFFSET 0) i
 WHERE i.state NOT IN ('scheduled', 'paid', 'rejected', 'void')
"""

# each by its own index: an OR over both sides would compare all invoices of a vendor with each other
SAME_CLAIM = """
WITH own AS MATERIALIZED (
  SELECT x.id, x.vendor_id, y.number_key, y.preceding_keys FROM coordination_invoice x
    JOIN coordination_invoicefacts y ON y.invoice_id = x.id WHERE x.id = ANY(%s)
), numbers AS MATERIALIZED (
  SELECT DISTINCT vendor_id, number_key FROM own
), named AS MATERIALIZED (
  SELECT DISTINCT vendor_id, n AS number_key FROM own CROSS JOIN LATERAL unnest(preceding_keys) n
), found AS (
  SELECT f.invoice_id, w.vendor_id, NULL AS type FROM (TABLE numbers UNION TABLE named) w
    JOIN coordination_invoicefacts f ON f.number_key = w.number_key
   UNION ALL
  SELECT f.invoice_id, w.vendor_id, NULL FROM numbers w
    JOIN coordination_invoicefacts f ON f.preceding_keys @> ARRAY[w.number_key]
   UNION ALL
  SELECT f.invoice_id, w.vendor_id, 'credit_note' FROM named w
    JOIN coordination_invoicefacts f ON f.preceding_keys @> ARRAY[w.number_key]
)
SELECT DISTINCT i.id FROM found JOIN coordination_invoice i ON i.id = found.invoice_id
   AND i.vendor_id = found.vendor_id AND i.type = coalesce(found.type, i.type)
 WHERE i.state NOT IN ('scheduled', 'paid', 'rejected', 'void')
"""
MAY_BE_PARTS = """
SELECT vendor_id, currency, issue_date, gross FROM coordination_invoice
 WHERE id = ANY(%s) AND type = 'invoice' AND vendor_id IS NOT NULL AND issue_date IS NOT NULL AND gross > 0
"""

# each key by its index, OFFSET 0 holding the planner to it: it knows nothing of tables that have just been
# filled, and of an overlap of arrays it would look at every invoice there is
NAMING = """
WITH orders AS MATERIALIZED (
  SELECT f.invoice_id FROM unnest(%(keys)s::text[]) k CROSS JOIN LATERAL (
         SELECT g.invoice_id FROM coordination_invoicefacts g WHERE g.order_keys @> ARRAY[k] OFFSET 0) f
)
SELECT invoice_id FROM orders
UNION
SELECT c.id FROM orders o
 CROSS JOIN LATERAL (SELECT * FROM coordination_invoice WHERE id = o.invoice_id OFFSET 0) i
 CROSS JOIN LATERAL (SELECT * FROM coordination_invoicefacts WHERE invoice_id = i.id OFFSET 0) f
 CROSS JOIN LATERAL (
       SELECT g.invoice_id FROM coordination_invoicefacts g
        WHERE g.preceding_keys @> ARRAY[f.number_key] AND g.order_keys = '{}' OFFSET 0) g
 CROSS JOIN LATERAL (SELECT * FROM coordination_invoice WHERE id = g.invoice_id OFFSET 0) c
 WHERE c.vendor_id = i.vendor_id AND c.type = 'credit_note'
UNION
SELECT a.invoice_id FROM coordination_ordername n JOIN coordination_orderline l ON l.order_id = n.order_id
  JOIN coordination_allocation a ON a.order_line_id = l.id
  JOIN coordination_invoice i ON i.id = a.invoice_id AND i.matching = a.matching
 WHERE n.number_key = ANY(%(keys)s)
UNION
SELECT f.invoice_id FROM (
       SELECT DISTINCT k FROM coordination_receiptline l JOIN coordination_receipt r ON r.id = l.receipt_id
        CROSS JOIN LATERAL (VALUES (r.number_key), (r.despatch_key)) AS named(k)
        WHERE l.order_key = ANY(%(keys)s)) named
 CROSS JOIN LATERAL (
       SELECT g.invoice_id, g.order_keys FROM coordination_invoicefacts g
        WHERE g.delivery_keys @> ARRAY[named.k] OFFSET 0) f
 WHERE f.order_keys = '{}' OR EXISTS (
       SELECT 1 FROM coordination_invoiceline s WHERE s.invoice_id = f.invoice_id
          AND (s.order_number = '' OR s.order_line = '') AND (s.despatch_number <> ''
              OR s.receipt_number <> ''))
"""
NAMING_DELIVERIES = """
SELECT DISTINCT f.invoice_id FROM unnest(%s::text[]) k CROSS JOIN LATERAL (
       SELECT g.invoice_id, g.order_keys FROM coordination_invoicefacts g
        WHERE g.delivery_keys @> ARRAY[k] OFFSET 0) f
 WHERE f.order_keys = '{}' OR EXISTS (
       SELECT 1 FROM coordination_invoiceline s WHERE s.invoice_id = f.invoice_id
          AND (s.order_number = '' OR s.order_line = '') AND (s.despatch_number <> ''
              OR s.receipt_number <> ''))
"""
NAMING_SALES_ORDERS = """
SELECT DISTINCT f.invoice_id FROM unnest(%s::text[]) k CROSS JOIN LATERAL (
       SELECT g.invoice_id FROM coordination_invoicefacts g
        WHERE g.sales_keys @> ARRAY[k] AND g.order_keys = '{}' OFFSET 0) f
"""


def naming(numbers: Sequence[str]) -> list[UUID]:
    """Invoices that name one of these orders, credit notes that inherit it from what they credit, and those
    that were led to it without naming it, or would be by a receipt or despatch that they name."""
    return [key for (key,) in rows(NAMING, keys=normalised_numbers(numbers))]


def naming_deliveries(numbers: Sequence[str]) -> list[UUID]:
    """Invoices that name one of these despatches or receipts and no order of ours, or no order line where
    they do."""
    return _naming(NAMING_DELIVERIES, numbers)


def naming_sales_orders(numbers: Sequence[str]) -> list[UUID]:
    """Invoices that name one of the sellers' own order numbers and no order of ours."""
    return _naming(NAMING_SALES_ORDERS, numbers)


def _naming(statement: str, numbers: Sequence[str]) -> list[UUID]:
    return [key for (key,) in rows(statement, normalised_numbers(numbers))]


@dataclass(frozen=True, slots=True)
class Bill:
    """An invoice in one of the groups that bill the same order."""

    group: str
    id: UUID
    type: str
    state: str
    issue_date: date | None
    number: str
    digest: str = ""
    type_code: str = ""

    @property
    def everywhere(self) -> bool:
        """Does it count for others wherever they stand? A credit and an advance do."""
        return self.type == "credit_note" or nature.look_up(self.type_code).is_("advance")

    @property
    def rank(self) -> tuple[bool, date, str, str]:
        return rank(self.state, self.issue_date, self.number, self.digest or str(self.id))


def billing_siblings(changed: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """Invoices whose sums over an order may change because allocations of these did, each once, under one
    that did.

    Sums are over credits and over what stands before an invoice: nothing changes for those before a changed
    invoice. The orders are those of its allocations in force and of the set before: who leaves an order makes
    room there.
    """
    mine, theirs = _groups(changed)
    return concerned(mine, theirs)


def whole_groups(moved: Sequence[UUID]) -> list[UUID]:
    """Invoices of the same orders or the same claim as these, wherever they stand: for when the place of
    these changes."""
    mine, theirs = _groups(moved)
    return sorted(
        ({bill.id for bill in theirs} | set(alike_now(moved))) - {bill.id for bill in mine} - set(moved)
    )


def _groups(changed: Sequence[UUID]) -> tuple[list[Bill], list[Bill]]:
    if not changed:
        return [], []
    mine = [Bill(*row) for row in rows(MINE, ids=list(changed))]
    groups = {bill.group for bill in mine}
    orders = [UUID(g[1:]) for g in groups if g[0] == "o"]
    numbers = [g[1:] for g in groups if g[0] == "n"]
    return mine, [Bill(*row) for row in rows(THEIRS, orders=orders, numbers=numbers)]


def concerned(mine: Iterable[Bill], theirs: Iterable[Bill]) -> dict[UUID, list[UUID]]:
    """Which of `theirs` stand behind one of `mine`, or beside a credit or an advance of `mine`, in a
    group."""
    first: dict[str, list[Bill]] = defaultdict(list)
    for bill in sorted(set(mine), key=lambda b: (not b.everywhere, b.rank)):
        if len(first[bill.group]) < 2:  # the second stands in where the first is the other itself
            first[bill.group].append(bill)
    out: dict[UUID, list[UUID]] = defaultdict(list)
    seen: set[UUID] = set()
    for other in theirs:
        own = next((b for b in first[other.group] if b.id != other.id and _concerns(b, other)), None)
        if own and other.id not in seen:
            seen.add(other.id)
            out[own.id].append(other.id)
    return dict(out)


def _concerns(changed: Bill, other: Bill) -> bool:
    return changed.everywhere or changed.rank < other.rank


def alike_now(ids: Sequence[UUID]) -> list[UUID]:
    """Invoices already here that a duplicate, split or credit check has to look at again for these new ones,
    by the policy and the rates in force."""
    policy = policies.active()
    found = {other for _, other in similar_invoices.pairs(ids, policy.duplicate_days)}
    found |= {key for (key,) in rows(SAME_CLAIM, list(ids))}
    rates = Rates.load(policy.company_currency)
    found |= set(split_groups.behind(rows(MAY_BE_PARTS, list(ids)), policy, rates.spans()))
    return sorted(found - set(ids))
