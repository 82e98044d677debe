"""Loading what agents may know: whole batches in a handful of queries, as frozen facts.

Only the kinds of facts an agent's contract reads are loaded. Document facts never change after intake and are kept
in the process.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from ..agents import pairing
from ..agents.base import (
    Allocated,
    Billed,
    HoldFacts,
    OrderFacts,
    OrderLineFacts,
    Position,
    ReceiptLineFacts,
    Sibling,
    Snapshot,
    VendorFacts,
)
from ..governance.policy import Policy
from ..models import Invoice as InvoiceRow
from ..translation.identity import normalised_number
from . import documents
from .rates import Rates


def rows(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """All rows of one query."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def grouped(found: Iterable[tuple[Any, ...]]) -> dict[Any, list[tuple[Any, ...]]]:
    """Rows by their first column, which is taken off."""
    out: dict[Any, list[tuple[Any, ...]]] = defaultdict(list)
    for key, *rest in found:
        out[key].append(tuple(rest))
    return out


def invoices(ids: Sequence[UUID]) -> list[InvoiceRow]:
    """Complete invoice rows, in the order of `ids`. The caller holds their locks if it means to write them."""
    found = {row.id: row for row in InvoiceRow.objects.filter(id__in=ids)}
    return [found[i] for i in ids]


@dataclass
class Batch:
    """The facts of a batch, by kind. Filled once, read per invoice."""

    vendors: dict[UUID, VendorFacts] = field(default_factory=dict)
    orders: dict[str, list[OrderFacts]] = field(default_factory=dict)
    receipts: dict[str, list[ReceiptLineFacts]] = field(default_factory=dict)
    siblings: dict[UUID, list[Sibling]] = field(default_factory=dict)
    allocations: dict[UUID, list[tuple[Any, ...]]] = field(default_factory=dict)
    holds: dict[UUID, list[tuple[Any, ...]]] = field(default_factory=dict)
    positions: dict[UUID, list[tuple[Any, ...]]] = field(default_factory=dict)


def load(batch: Sequence[InvoiceRow], reads: frozenset[str], policy: Policy, now: datetime) -> list[Snapshot]:
    """One snapshot per invoice, with the kinds of facts in `reads`."""
    contents = documents.contents([row.id for row in batch])
    rates = Rates.load(policy.company_currency)
    facts = Batch()
    ids = [row.id for row in batch]
    if "vendor" in reads:
        facts.vendors = _vendors({row.vendor_id for row in batch if row.vendor_id})
    notes = [row for row in batch if row.type == "credit_note"]
    if "siblings" in reads or notes:
        facts.siblings = _siblings(batch if "siblings" in reads else notes, split_floor(policy, rates))
    if reads & {"order", "receipt"}:
        numbers = _order_keys(batch, contents, facts)
        facts.orders = _orders(numbers, with_billing="billing" in reads)
        facts.allocations = grouped(rows(ALLOCATIONS, ids)) if "billing" in reads else {}
        if "receipt" in reads:
            facts.receipts = _receipts(numbers)
    facts.holds = grouped(rows(HOLDS, ids))
    if reads & {"ruling"}:
        facts.positions = grouped(rows(POSITIONS, ids))
    return [_snapshot(row, contents[row.id], facts, policy, now, rates) for row in batch]


def _snapshot(
    row: InvoiceRow, content: documents.Content, facts: Batch, policy: Policy, now: datetime, rates: Rates
) -> Snapshot:
    siblings = tuple(facts.siblings.get(row.id, ()))
    keys = order_keys(row, content, siblings)
    return Snapshot(
        id=str(row.id),
        state=row.state,
        lane=row.lane,
        version=row.version,
        facts_version=row.facts_version,
        received_on=row.received_at.date(),
        now=now,
        document=content.invoice,
        source_format=content.source_format,
        policy=policy,
        answered=tuple(row.answered),
        vendor=facts.vendors.get(row.vendor_id) if row.vendor_id else None,
        orders=tuple(o for k in keys for o in facts.orders.get(k, ())),
        receipts=tuple(r for k in keys for r in facts.receipts.get(k, ())),
        siblings=siblings,
        allocations=tuple(Allocated(p, str(o), q, a, by) for p, o, q, a, by in facts.allocations.get(row.id, ())),
        holds=tuple(HoldFacts(*h) for h in facts.holds.get(row.id, ())),
        positions=tuple(Position(a, o, c, tuple(codes), v) for a, o, c, codes, v in _decoded(facts.positions.get(row.id, ()))),
        gross_company=rates.convert(row.gross, row.currency, row.issue_date or row.received_at.date()),
        makers=(content.received_by,),
        sampling=settings.COUNTERSIGN_SAMPLING,
    )  # fmt: skip


def _decoded(found: Iterable[tuple[Any, ...]]) -> Iterable[tuple[Any, ...]]:
    from audit.canonical import loads

    for agent, outcome, confidence, codes, version in found:
        yield agent, outcome, confidence, loads(codes) if isinstance(codes, str) else codes, version


# --- which orders concern an invoice ---------------------------------------------------------------------------


def order_keys(row: InvoiceRow, content: documents.Content, siblings: Sequence[Sibling]) -> list[str]:
    """Keys of the orders the invoice names; a credit note without one takes those of what it credits."""
    named = content.order_numbers
    if not named and row.type == "credit_note":
        credited = {normalised_number(p) for p in row.preceding}
        named = [
            n for s in siblings if s.type == "invoice" and s.number_key in credited for n in s.order_numbers
        ]
    return list(dict.fromkeys(pairing.key(n) for n in named))


def _order_keys(
    batch: Sequence[InvoiceRow], contents: dict[UUID, documents.Content], facts: Batch
) -> list[str]:
    keys = {k for row in batch for k in order_keys(row, contents[row.id], facts.siblings.get(row.id, []))}
    return sorted(keys)


# --- queries ---------------------------------------------------------------------------------------------------

VENDORS = """
SELECT v.id, v.vendor_id, v.name, v.vat_id, v.country, v.currency, v.payment_terms, v.status,
       coalesce(max(a.number) FILTER (WHERE a.status = 'verified'), ''),
       coalesce(max(a.number) FILTER (WHERE a.status = 'proposed'), '')
  FROM coordination_vendor v LEFT JOIN coordination_bankaccount a ON a.vendor_id = v.id
 WHERE v.id = ANY(%s) GROUP BY v.id
"""


def _vendors(ids: set[UUID]) -> dict[UUID, VendorFacts]:
    return {r[0]: VendorFacts(str(r[0]), *r[1:]) for r in rows(VENDORS, list(ids))}


ORDERS = """
SELECT lower(btrim(number)), id, number, vendor_id, currency, status, order_date, net
  FROM coordination_order WHERE lower(btrim(number)) = ANY(%s) ORDER BY number
"""
ORDER_LINES = """
SELECT order_id, id, line, item, buyer_item, description, quantity, unit, price, base_quantity, net, tax_rate
  FROM coordination_orderline WHERE order_id = ANY(%s) AND quantity IS DISTINCT FROM 0 ORDER BY order_id, position
"""
BILLED = """
SELECT a.order_line_id, i.id, i.number, i.type, i.issue_date, i.state, sum(a.quantity), sum(a.amount)
  FROM coordination_orderline l
  JOIN coordination_allocation a ON a.order_line_id = l.id
  JOIN coordination_invoice i ON i.id = a.invoice_id AND i.matching = a.matching
 WHERE l.order_id = ANY(%s) GROUP BY a.order_line_id, i.id ORDER BY i.id
"""


def _orders(keys: list[str], *, with_billing: bool) -> dict[str, list[OrderFacts]]:
    heads = rows(ORDERS, keys)
    ids = [h[1] for h in heads]
    billed = grouped(rows(BILLED, ids)) if with_billing and ids else {}
    lines: dict[UUID, list[OrderLineFacts]] = defaultdict(list)
    for order_id, line_id, *rest in rows(ORDER_LINES, ids) if ids else ():
        others = tuple(Billed(str(b[0]), *b[1:]) for b in billed.get(line_id, ()))
        facts: list[Any] = [str(line_id), *rest, others]
        lines[order_id].append(OrderLineFacts(*facts))
    out: dict[str, list[OrderFacts]] = defaultdict(list)
    for key, order_id, number, vendor, currency, status, order_date, net in heads:
        out[key].append(
            OrderFacts(
                str(order_id),
                number,
                str(vendor or ""),
                currency,
                status,
                order_date,
                net,
                tuple(lines[order_id]),
            )
        )
    return out


RECEIPTS = """
SELECT lower(btrim(l.order_number)), l.id, r.number, r.kind, l.order_number, l.order_line, l.item, l.buyer_item,
       l.quantity, l.accepted, l.unit, r.received_date
  FROM coordination_receiptline l JOIN coordination_receipt r ON r.id = l.receipt_id
 WHERE lower(btrim(l.order_number)) = ANY(%s)
   AND NOT EXISTS (SELECT 1 FROM coordination_receipt later WHERE later.number = r.number AND later.kind = r.kind
                   AND (later.recorded_at, later.id) > (r.recorded_at, r.id))
 ORDER BY r.received_date, l.id
"""


def _receipts(keys: list[str]) -> dict[str, list[ReceiptLineFacts]]:
    out: dict[str, list[ReceiptLineFacts]] = defaultdict(list)
    for key, line_id, *rest in rows(RECEIPTS, keys):
        out[key].append(ReceiptLineFacts(str(line_id), *rest))
    return out


SIBLINGS = """
SELECT DISTINCT ON (x.id, s.id) x.id, s.id, s.number, s.number_key, s.skeleton, s.type, s.type_code, s.issue_date,
       s.currency, s.net, s.gross, s.order_numbers, s.preceding, s.state, s.lane
  FROM coordination_invoice x JOIN LATERAL (
       SELECT * FROM coordination_invoice n WHERE n.vendor_id = x.vendor_id AND n.number_key = x.number_key
       UNION ALL
       SELECT * FROM coordination_invoice g WHERE g.vendor_id = x.vendor_id AND g.currency = x.currency AND g.gross = x.gross
       UNION ALL
       SELECT * FROM coordination_invoice p WHERE p.vendor_id = x.vendor_id AND p.number_key = ANY(%s)
          AND p.number_key = ANY(SELECT upper(regexp_replace(q, '[^0-9A-Za-z]', '', 'g')) FROM unnest(x.preceding) q)
       UNION ALL
       SELECT * FROM coordination_invoice c WHERE x.type = 'credit_note' AND c.vendor_id = x.vendor_id
          AND c.type = 'credit_note' AND c.preceding && x.preceding
       UNION ALL
       SELECT * FROM coordination_invoice w WHERE w.vendor_id = x.vendor_id AND w.type = 'invoice' AND x.gross >= %s
          AND w.currency = x.currency AND w.gross BETWEEN x.gross * 0.8 AND x.gross * 1.25
          AND w.issue_date BETWEEN x.issue_date - 7 AND x.issue_date
       ) s ON s.id <> x.id
 WHERE x.id = ANY(%s)
"""


def split_floor(policy: Policy, rates: Rates) -> Decimal:
    """The least gross, in any currency, that can lie just under an approval threshold: no split below it."""
    limits = [Decimal(v) for r in policy.rules for f, op, v in r.when if f == "gross_company" and op == ">"]
    return min(limits, default=Decimal(0)) * policy.split_from_pct / 100 * rates.least()


def _siblings(batch: Sequence[InvoiceRow], floor: Decimal) -> dict[UUID, list[Sibling]]:
    """Invoices of the same vendor that a duplicate, split or credit check may have to look at."""
    preceding = sorted({normalised_number(p) for row in batch for p in row.preceding})
    out: dict[UUID, list[Sibling]] = defaultdict(list)
    for key, sid, *rest in rows(SIBLINGS, preceding, floor, [row.id for row in batch if row.vendor_id]):
        *head, orders, before, state, lane = rest
        facts: list[Any] = [str(sid), *head, tuple(orders), tuple(before), state, lane, ""]
        out[key].append(Sibling(*facts))
    return out


ALLOCATIONS = """
SELECT a.invoice_id, a.position, a.order_line_id, a.quantity, a.amount, a.found_by
  FROM coordination_allocation a JOIN coordination_invoice i ON i.id = a.invoice_id AND i.matching = a.matching
 WHERE a.invoice_id = ANY(%s) ORDER BY a.invoice_id, a.position
"""
HOLDS = """
SELECT invoice_id, code, line, question, owner, status, release, raised_by, fingerprint, until,
       coalesce(detail->>'sentence', ''), released_by
  FROM coordination_hold WHERE invoice_id = ANY(%s) ORDER BY invoice_id, opened_at, id
"""
POSITIONS = """
SELECT DISTINCT ON (invoice_id, agent) invoice_id, agent, outcome, confidence, codes, facts_version
  FROM coordination_decision WHERE invoice_id = ANY(%s) AND agent NOT IN ('person', 'support.status')
 ORDER BY invoice_id, agent, state_version DESC
"""
