"""The facts that agents read, as they stand in the tables: one query for each kind, for a whole batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import connection

from audit.canonical import loads

from ..domain.amounts import coarse
from ..domain.facts import (
    Advance,
    Billed,
    Charged,
    OrderFacts,
    OrderLineFacts,
    ReceiptLineFacts,
    Sibling,
    VendorFacts,
)
from ..domain.policy import Policy
from ..models import Invoice as InvoiceRow
from ..tasks.sql import grouped, rows
from ..translation import nature
from ..translation.canonical import AllowanceCharge, Party
from ..translation.identity import normalised_number, normalised_numbers, skeleton
from . import preceding_invoices, similar_invoices
from .receipt_versions import IN_FORCE
from .serialization import decode
from .vendor_directory import keys_named

VENDORS = """
SELECT v.id, v.vendor_id, v.name, v.vat_id, v.country, v.currency, v.payment_terms, v.status,
       coalesce(max(a.number) FILTER (WHERE a.status = 'verified'), ''),
       coalesce(max(a.number) FILTER (WHERE a.status = 'proposed'), '')
  FROM coordination_vendor v LEFT JOIN coordination_bankaccount a ON a.vendor_id = v.id
 WHERE v.id = ANY(%s) GROUP BY v.id
"""


def vendors(ids: set[UUID]) -> dict[UUID, VendorFacts]:
    return {r[0]: VendorFacts(str(r[0]), *r[1:]) for r in rows(VENDORS, list(ids))}


ORDERS = """
SELECT n.number_key, o.id, o.number, o.vendor_id, o.currency, o.status, o.order_date, o.net, o.charges,
    o.type_code, o.seller, o.buyer
  FROM coordination_ordername n JOIN coordination_order o ON o.id = n.order_id WHERE n.number_key = ANY(%s)
      ORDER BY o.number
"""
ORDER_LINES = """
SELECT order_id, id, standard_item, line, item, buyer_item, description, quantity, unit, price, base_quantity,
    net, tax_rate
  FROM coordination_orderline WHERE order_id = ANY(%s) AND quantity IS DISTINCT FROM 0
      ORDER BY order_id, position
"""
BILLED = """
SELECT a.order_line_id, i.id, i.number, i.type, i.issue_date, i.state, sum(a.quantity), sum(a.amount), 0,
       left(i.digest, 12)
  FROM coordination_orderline l
  JOIN coordination_allocation a ON a.order_line_id = l.id
  JOIN coordination_invoice i ON i.id = a.invoice_id AND i.matching = a.matching
 WHERE l.order_id = ANY(%s) GROUP BY a.order_line_id, i.id ORDER BY i.id
"""


CHARGED = """
SELECT DISTINCT l.order_id, i.id, i.number, i.type, i.issue_date, i.state, c.amount, c.reason, c.reason_code,
       left(i.digest, 12), c.id
  FROM coordination_orderline l
  JOIN coordination_allocation a ON a.order_line_id = l.id
  JOIN coordination_invoice i ON i.id = a.invoice_id AND i.matching = a.matching
  JOIN coordination_allowancecharge c ON c.invoice_id = i.id AND c.charge
 WHERE l.order_id = ANY(%s) ORDER BY c.id
"""

ADVANCES = """
WITH named AS (SELECT DISTINCT n.order_id, n.number_key, o.vendor_id FROM coordination_ordername n
                 JOIN coordination_order o ON o.id = n.order_id WHERE n.order_id = ANY(%(orders)s))
SELECT DISTINCT n.order_id, i.id, i.number, i.type, i.issue_date, i.state, i.currency, abs(coalesce(i.gross,
    0)),
       abs(coalesce(i.net, i.gross, 0)), CASE WHEN i.type = 'credit_note'
           OR i.type_code = ANY(%(codes)s) THEN 0 ELSE f.prepaid END, left(i.digest, 12)
  FROM named n CROSS JOIN LATERAL (
       SELECT g.invoice_id, g.prepaid, g.preceding_keys FROM coordination_invoicefacts g
        WHERE g.order_keys @> ARRAY[n.number_key] OFFSET 0) f
 CROSS JOIN LATERAL (SELECT * FROM coordination_invoice WHERE id = f.invoice_id OFFSET 0) i
 WHERE (n.vendor_id IS NULL OR n.vendor_id = i.vendor_id) AND (
       i.type_code = ANY(%(codes)s) OR (i.type = 'invoice' AND f.prepaid <> 0) OR (i.type = 'credit_note'
           AND EXISTS (
         SELECT 1 FROM coordination_invoicefacts af JOIN coordination_invoice a ON a.id = af.invoice_id
          WHERE af.number_key = ANY(f.preceding_keys) AND a.vendor_id = i.vendor_id
            AND a.type_code = ANY(%(codes)s))))
 ORDER BY i.id
"""


def orders(keys: list[str]) -> dict[str, list[OrderFacts]]:
    """The orders under these keys as their messages left them, without what anybody bills of them."""
    heads = rows(ORDERS, keys)
    ids = [h[1] for h in heads]
    lines: dict[UUID, list[OrderLineFacts]] = defaultdict(list)
    for order_id, line_id, standard_item, *rest in rows(ORDER_LINES, ids) if ids else ():
        facts: list[Any] = [str(line_id), *rest, (), standard_item]
        lines[order_id].append(OrderLineFacts(*facts))
    out: dict[str, list[OrderFacts]] = defaultdict(list)
    for name, order_id, number, vendor, currency, status, day, net, charges, kind, seller, buyer in heads:
        out[name].append(
            OrderFacts(
                str(order_id),
                number,
                str(vendor or ""),
                currency,
                status,
                day,
                net,
                tuple(lines[order_id]),
                () if charges in ([], "[]") else tuple(decode(AllowanceCharge, c) for c in loads(charges)),
                (),
                kind,
                () if vendor else keys_named(loads(seller)),
                decode(Party, loads(buyer)) if buyer not in ({}, "{}") else None,
            )
        )
    return out


def with_billing(found: Mapping[str, list[OrderFacts]]) -> dict[str, list[OrderFacts]]:
    """The same orders with what invoices and credit notes bill of their lines, ask for in charges and have
    paid ahead."""
    ids = [UUID(i) for i in {o.id for group in found.values() for o in group}]
    if not ids:
        return dict(found)
    billed: dict[str, tuple[Billed, ...]] = {
        str(line): tuple(Billed(str(b[0]), *b[1:]) for b in group)
        for line, group in grouped(rows(BILLED, ids)).items()
    }
    planned = [UUID(i) for i in {o.id for group in found.values() for o in group if o.charges}]
    charged = _charged(planned) if planned else {}
    advances = _advances(ids)

    def told(order: OrderFacts) -> OrderFacts:
        key = UUID(order.id)
        if key not in charged and key not in advances and not any(x.id in billed for x in order.lines):
            return order
        lines = tuple(replace(x, billed=billed[x.id]) if x.id in billed else x for x in order.lines)
        return replace(order, lines=lines, charged=charged.get(key, ()), advances=advances.get(key, ()))

    return {name: [told(o) for o in group] for name, group in found.items()}


def _charged(ids: list[UUID]) -> dict[UUID, tuple[Charged, ...]]:
    """What invoices of these orders ask for in charges."""
    found = grouped(rows(CHARGED, ids))
    return {order: tuple(Charged(str(c[0]), *c[1:9]) for c in group) for order, group in found.items()}


def _advances(ids: list[UUID]) -> dict[UUID, tuple[Advance, ...]]:
    """Advances on these orders, and what invoices of them deduct."""
    with connection.cursor() as cursor:
        cursor.execute(ADVANCES, {"orders": ids, "codes": nature.codes("advance")})
        found = grouped(cursor.fetchall())
    return {order: tuple(Advance(str(a[0]), *a[1:]) for a in group) for order, group in found.items()}


RECEIPTS = f"""
SELECT l.order_key, l.id, r.number, r.kind, l.order_number, l.order_line, l.item, l.buyer_item,
       l.quantity, l.accepted, l.unit, r.received_date, l.line, r.despatch_key
  FROM coordination_receiptline l JOIN coordination_receipt r ON r.id = l.receipt_id
 WHERE l.order_key = ANY(%s)
   AND {IN_FORCE}
 ORDER BY r.received_date, l.id
"""  # noqa: S608 - made of constants


def receipts(keys: list[str]) -> dict[str, list[ReceiptLineFacts]]:
    out: dict[str, list[ReceiptLineFacts]] = defaultdict(list)
    for name, line_id, *rest in rows(RECEIPTS, keys):
        out[name].append(ReceiptLineFacts(str(line_id), *rest))
    return out


# OFFSET 0 keeps the planner, which knows nothing of new tables, from comparing all invoices of a vendor: each
# key is looked up by its index
SIBLINGS = """
WITH own AS MATERIALIZED (
  SELECT x.id, x.vendor_id, y.number_key, y.preceding_keys, y.prepaid, y.order_keys
    FROM coordination_invoice x JOIN coordination_invoicefacts y ON y.invoice_id = x.id
   WHERE x.id = ANY(%s) AND x.vendor_id IS NOT NULL
), found AS (
  SELECT w.id AS own, w.vendor_id, f.invoice_id, NULL AS type
    FROM own w CROSS JOIN LATERAL unnest(w.preceding_keys) n CROSS JOIN LATERAL (
         SELECT o.invoice_id FROM coordination_invoicefacts o WHERE o.number_key = n OFFSET 0) f
   UNION ALL
  SELECT w.id, w.vendor_id, f.invoice_id, 'invoice'
    FROM own w CROSS JOIN LATERAL (
         SELECT g.invoice_id FROM coordination_invoicefacts g
          WHERE g.preceding_keys @> ARRAY[w.number_key] OFFSET 0) f
   UNION ALL
  SELECT w.id, w.vendor_id, f.invoice_id, NULL
    FROM own w CROSS JOIN LATERAL unnest(w.order_keys) n CROSS JOIN LATERAL (
         SELECT g.invoice_id FROM coordination_invoicefacts g
          WHERE g.order_keys @> ARRAY[n] OFFSET 0) f
   WHERE w.prepaid <> 0
), pair AS (
  SELECT found.own, i.id AS other FROM found
   CROSS JOIN LATERAL (SELECT * FROM coordination_invoice WHERE id = found.invoice_id OFFSET 0) i
   WHERE i.vendor_id = found.vendor_id AND i.type = coalesce(found.type, i.type) AND i.id <> found.own
   UNION
  SELECT * FROM unnest(%s::uuid[], %s::uuid[])
)
SELECT pair.own, s.id, s.number, f.number_key, s.type, s.type_code, s.issue_date,
       s.currency, s.net, s.gross, s.order_numbers, s.preceding, s.state, f.prepaid, left(s.digest, 12)
  FROM pair CROSS JOIN LATERAL (SELECT * FROM coordination_invoice WHERE id = pair.other OFFSET 0) s
 CROSS JOIN LATERAL (SELECT * FROM coordination_invoicefacts WHERE invoice_id = s.id OFFSET 0) f
 ORDER BY pair.own, s.id
"""


def related(
    batch: Sequence[InvoiceRow], policy: Policy, before: Sequence[tuple[UUID, UUID]]
) -> dict[UUID, list[Sibling]]:
    """Invoices of the same vendor that a duplicate, split or credit check may have to look at, and no
    others. `before`: (invoice, another) that stand before it as parts of a split, under its number, or as
    credits of the same invoice."""
    ids = [row.id for row in batch if row.vendor_id]
    wanted = set(ids)
    beside = [*similar_invoices.pairs(ids, policy.duplicate_days), *(p for p in before if p[0] in wanted)]
    own, other = map(list, zip(*beside, strict=True)) if beside else ([], [])
    out: dict[UUID, list[Sibling]] = defaultdict(list)
    for name, sid, number, key, *rest in rows(SIBLINGS, ids, own, other):
        *head, orders, before, state, prepaid, digest = rest
        facts: list[Any] = [
            str(sid),
            number,
            key,
            skeleton(number),
            *head,
            tuple(orders),
            tuple(before),
            _counting(state),
            "",
            prepaid,
            digest,
        ]
        out[name].append(Sibling(*facts))
    return _with_replacing(batch, out)


def _with_replacing(
    batch: Sequence[InvoiceRow], found: dict[UUID, list[Sibling]]
) -> dict[UUID, list[Sibling]]:
    """The same, and which of them may replace the invoice of the batch that they name."""
    keys = {
        r.id: normalised_number(r.number)
        for r in batch
        if r.type == "invoice" and not nature.look_up(r.type_code).is_("advance")
    }
    naming_it = [
        (own, UUID(s.id))
        for own, key in keys.items()
        for s in found.get(own, ())
        if s.type == "invoice" and key in normalised_numbers(s.preceding)
    ]
    for own, other in preceding_invoices.replacing(naming_it):
        found[own] = [replace(s, may_replace=keys[own]) if s.id == str(other) else s for s in found[own]]
    return found


def _counting(state: str) -> str:
    """Of the same vendor's invoices it matters only whether they ended and whether their money is on its
    way."""
    found = coarse(state)
    return "received" if found == "cleared" else found


ALLOCATIONS = """
SELECT a.invoice_id, a.position, a.order_line_id, a.quantity, a.amount, a.found_by
  FROM coordination_allocation a JOIN coordination_invoice i ON i.id = a.invoice_id
      AND i.matching = a.matching
 WHERE a.invoice_id = ANY(%s) ORDER BY a.invoice_id, a.position, a.order_line_id
"""
BREAKERS = (
    "SELECT name || CASE breaker WHEN 'half' THEN ' ' || coalesce(breaker_share, 0) ELSE '' END"
    " FROM coordination_agent WHERE breaker <> '' ORDER BY name"
)
REVIEWED = (
    "SELECT name || ' ' || review_share FROM coordination_agent WHERE review_share IS NOT NULL ORDER BY name"
)
ADVISED = (
    "SELECT name || ' ' || autonomy FROM coordination_agent WHERE autonomy IN ('shadow', 'advise') ORDER BY"
    " name"
)
