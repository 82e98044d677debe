"""What we know around an invoice beyond its own order: how it leads to one, what its vendor sold before, in which units.

Each question is one query for the whole batch, and most are asked only of invoices that need the answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from ..agents.base import Conversion, OrderFacts
from ..agents.order_index import codes, key
from ..models import Invoice as InvoiceRow
from ..translation.canonical import Invoice
from ..translation.identity import normalised_numbers
from .queries import rows

MOST_CANDIDATES = 20
"""Open orders of a vendor that are tried for an invoice which names none, the newest first."""


@dataclass
class Background:
    """Answers by invoice or by vendor; empty where nothing was asked or is known."""

    derived: dict[UUID, tuple[str, ...]] = field(default_factory=dict)
    candidates: dict[UUID, list[str]] = field(default_factory=dict)
    learned: dict[UUID, set[tuple[str, str]]] = field(default_factory=dict)
    conversions: dict[UUID | None, tuple[Conversion, ...]] = field(default_factory=dict)
    namesakes: dict[UUID, tuple[str, ...]] = field(default_factory=dict)
    last_paid: dict[UUID, date | None] = field(default_factory=dict)

    def conversions_of(self, vendor: UUID | None) -> tuple[Conversion, ...]:
        """The vendor's factors, then those that hold for everybody."""
        own = self.conversions.get(vendor, ()) if vendor else ()
        return own + self.conversions.get(None, ())


def grouped(found: Iterable[tuple[UUID, str]]) -> dict[UUID, tuple[str, ...]]:
    out: dict[UUID, list[str]] = defaultdict(list)
    for name, value in found:
        out[name].append(value)
    return {name: tuple(values) for name, values in out.items()}


DERIVED = """
SELECT DISTINCT w.invoice, o.number
  FROM unnest(%s::uuid[], %s::uuid[], %s::text[]) AS w(invoice, vendor, number)
  JOIN coordination_receipt r ON r.number_key = w.number
  JOIN coordination_receiptline l ON l.receipt_id = r.id
  JOIN coordination_ordername n ON n.number_key = l.order_key
  JOIN coordination_order o ON o.id = n.order_id AND o.vendor_id = w.vendor
 UNION
SELECT DISTINCT s.invoice, o.number
  FROM unnest(%s::uuid[], %s::uuid[], %s::text[]) AS s(invoice, vendor, number)
  JOIN coordination_ordername n ON n.sales_key = s.number AND n.sales_key <> ''
  JOIN coordination_order o ON o.id = n.order_id AND o.vendor_id = s.vendor
 ORDER BY 1, 2
"""


def derived(batch: Sequence[tuple[InvoiceRow, Invoice]]) -> dict[UUID, tuple[str, ...]]:
    """Orders that invoices without an order number lead to, if they are the vendor's: through the despatches and
    receipts they name, and through the vendor's own number of the order, as its answer to us gave it."""
    lost = [(row, document) for row, document in batch if row.vendor_id and not row.order_numbers]
    by_delivery = [(r.id, r.vendor_id, n) for r, d in lost for n in delivery_keys(d)]
    by_sale = [(r.id, r.vendor_id, n) for r, d in lost for n in normalised_numbers(d.sales_orders)]
    if not by_delivery and not by_sale:
        return {}
    return grouped(rows(DERIVED, *_columns(by_delivery), *_columns(by_sale)))


def delivery_keys(document: Invoice) -> list[str]:
    """Despatches and receipts that a document names, as they are searched by."""
    return normalised_numbers((*document.despatch_numbers, *document.receipt_numbers))


def _columns(found: list[tuple[UUID, UUID | None, str]]) -> list[list[object]]:
    return [list(column) for column in zip(*found, strict=True)] if found else [[], [], []]


CANDIDATES = """
SELECT v.id, c.number FROM unnest(%s::uuid[], %s::text[]) AS v(id, currency) CROSS JOIN LATERAL (
       SELECT n.number_key AS number FROM coordination_order o JOIN coordination_ordername n ON n.order_id = o.id
        WHERE vendor_id = v.id AND status = 'open' AND currency = v.currency
        ORDER BY order_date DESC NULLS LAST, number LIMIT %s) c
"""


def candidates(batch: Sequence[InvoiceRow]) -> dict[UUID, list[str]]:
    """Keys of open orders of the vendors of invoices that lead to none, by vendor."""
    wanted = sorted({(row.vendor_id, row.currency) for row in batch if row.vendor_id})
    if not wanted:
        return {}
    vendors, currencies = map(list, zip(*wanted, strict=True))
    found = grouped(rows(CANDIDATES, vendors, currencies, MOST_CANDIDATES))
    return {vendor: list(numbers) for vendor, numbers in found.items()}


LEARNED = """
SELECT DISTINCT i.vendor_id, il.item, ol.item
  FROM coordination_invoice i
  JOIN coordination_invoiceline il ON il.invoice_id = i.id
  JOIN coordination_allocation a ON a.invoice_id = i.id AND a.position = il.position AND a.matching = i.matching
  JOIN coordination_orderline ol ON ol.id = a.order_line_id
 WHERE i.vendor_id = ANY(%s) AND i.state IN ('scheduled', 'paid') AND il.item = ANY(%s)
   AND ol.item <> '' AND lower(ol.item) <> lower(il.item)
"""


def learned(
    batch: Sequence[tuple[InvoiceRow, Invoice, Sequence[OrderFacts]]],
) -> dict[UUID, set[tuple[str, str]]]:
    """What a vendor's item codes stood for on invoices that were paid, where an invoice leaves it open."""
    vendors: set[UUID] = set()
    items: set[str] = set()
    for row, document, orders in batch:
        known = {c for o in orders for x in o.lines for c in codes(x.item, x.buyer_item, x.standard_item)}
        open_codes = {
            line.item
            for line in document.lines
            if line.item and not line.order_line and not codes(line.item, line.buyer_item) & known
        }
        if row.vendor_id and orders and open_codes:
            vendors.add(row.vendor_id)
            items |= open_codes
    found: dict[UUID, set[tuple[str, str]]] = defaultdict(set)
    if items:
        for vendor, theirs, ours in rows(LEARNED, list(vendors), sorted(items)):
            found[vendor].add((key(theirs), key(ours)))
    return found


CONVERSIONS = """
SELECT DISTINCT ON (vendor_id, lower(item), upper(unit), upper(per)) vendor_id, item, unit, per, factor
  FROM coordination_unitconversion WHERE vendor_id = ANY(%s) OR vendor_id IS NULL
 ORDER BY vendor_id, lower(item), upper(unit), upper(per), declared_at DESC, id DESC
"""


def conversions(vendors: Iterable[UUID]) -> dict[UUID | None, tuple[Conversion, ...]]:
    """Declared unit factors by vendor, the newest of each; under None those that hold for all."""
    found: dict[UUID | None, list[Conversion]] = defaultdict(list)
    for vendor, item, unit, per, factor in rows(CONVERSIONS, list(vendors)):
        found[vendor].append(Conversion(item, unit, per, factor))
    return {vendor: tuple(factors) for vendor, factors in found.items()}


NAMESAKES = """
SELECT a.vendor_id, v.name FROM coordination_bankaccount a
  JOIN coordination_bankaccount b ON b.number = a.number AND b.vendor_id <> a.vendor_id AND b.status = 'verified'
  JOIN coordination_vendor v ON v.id = b.vendor_id
 WHERE a.vendor_id = ANY(%s) AND a.status = 'verified' ORDER BY 1, 2
"""
LAST_PAID = """
SELECT v.id, (SELECT max(p.state_since)::date FROM coordination_invoice p WHERE p.vendor_id = v.id AND p.state = 'paid')
  FROM unnest(%s::uuid[]) AS v(id)
"""


def namesakes(vendors: Iterable[UUID]) -> dict[UUID, tuple[str, ...]]:
    """Names of other vendors with the same verified account."""
    return grouped(rows(NAMESAKES, list(vendors)))


def last_paid(vendors: Iterable[UUID]) -> dict[UUID, date | None]:
    """When each vendor was last paid; None if never."""
    return dict(rows(LAST_PAID, list(vendors)))
