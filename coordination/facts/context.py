"""What we know around an invoice beyond its own order: how it leads to one, what its vendor sold before, in
which units.

Each question is one query for the whole batch, and most are asked only of invoices that need the answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from ..agents.order_index import codes, key
from ..domain.facts import Conversion, Led, OrderFacts
from ..models import Invoice as InvoiceRow
from ..tasks.sql import rows
from ..translation.canonical import Invoice
from ..translation.identity import normalised_number, normalised_numbers
from .receipt_versions import IN_FORCE

MOST_CANDIDATES = 20
"""Open orders of a vendor that are tried for an invoice which names none, the newest first."""


@dataclass
class Background:
    """Answers by invoice or by vendor; empty where nothing was asked or is known."""

    derived: dict[UUID, tuple[str, ...]] = field(default_factory=dict)
    led: dict[UUID, tuple[Led, ...]] = field(default_factory=dict)
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


LED = f"""
SELECT DISTINCT w.invoice, w.position, o.number, l.order_line, r.own
  FROM unnest(%s::uuid[], %s::uuid[], %s::int[], %s::text[], %s::text[]) AS w(invoice, vendor, position,
      number, line)
 CROSS JOIN LATERAL (
       SELECT id, number, number_key, kind, recorded_at, true AS own FROM coordination_receipt
        WHERE number_key = w.number
        UNION ALL
       SELECT id, number, number_key, kind, recorded_at, false FROM coordination_receipt
        WHERE despatch_key = w.number AND despatch_key <> '' AND number_key <> w.number) r
  JOIN coordination_receiptline l ON l.receipt_id = r.id AND (w.line = '' OR NOT r.own
      OR lower(btrim(l.line)) = w.line)
  JOIN coordination_ordername n ON n.number_key = l.order_key
  JOIN coordination_order o ON o.id = n.order_id AND o.vendor_id = w.vendor
 WHERE {IN_FORCE}
 ORDER BY 1, 2, 3, 4
"""  # noqa: S608 - made of constants


def led(batch: Sequence[tuple[InvoiceRow, Invoice]]) -> dict[UUID, tuple[Led, ...]]:
    """Where the despatches and receipts lead that lines name, to orders of the vendor.

    A despatch that we have tells its order line; where it says nothing, what a receipt of it says counts.
    """
    asked = [
        (row.id, row.vendor_id, x.position, normalised_number(number), key(line))
        for row, document in batch
        if row.vendor_id
        for x in document.lines
        if not (x.order_number and x.order_line)
        for number, line in ((x.receipt_number, x.receipt_line), (x.despatch_number, x.despatch_line))
        if number
    ]
    if not asked:
        return {}
    found: dict[UUID, dict[int, dict[bool, list[Led]]]] = defaultdict(lambda: defaultdict(dict))
    for invoice, position, order, order_line, own in rows(LED, *map(list, zip(*asked, strict=True))):
        found[invoice][position].setdefault(own, []).append(Led(position, order, order_line))
    return {
        invoice: tuple(one for by_source in lines.values() for one in by_source.get(True) or by_source[False])
        for invoice, lines in found.items()
    }


DERIVED = """
SELECT DISTINCT w.invoice, o.number
  FROM unnest(%s::uuid[], %s::uuid[], %s::text[]) AS w(invoice, vendor, number)
 CROSS JOIN LATERAL (SELECT id FROM coordination_receipt WHERE number_key = w.number
                      UNION SELECT id FROM coordination_receipt WHERE despatch_key = w.number
                          AND despatch_key <> '') r
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


def derived(
    batch: Sequence[tuple[InvoiceRow, Invoice]], lines: dict[UUID, tuple[Led, ...]]
) -> dict[UUID, tuple[str, ...]]:
    """Orders that invoices without an order number lead to, if they are the vendor's: through the despatches
    and receipts they name, and through the vendor's own number of the order, as its answer to us gave it. Of
    an invoice that names orders, those to which a line leads that names a delivery instead (`lines`, from
    `led`)."""
    lost = [(row, document) for row, document in batch if row.vendor_id and not row.order_numbers]
    by_delivery = [(r.id, r.vendor_id, n) for r, d in lost for n in delivery_keys(d)]
    by_sale = [(r.id, r.vendor_id, n) for r, d in lost for n in normalised_numbers(d.sales_orders)]
    found: dict[UUID, tuple[str, ...]] = {}
    if by_delivery or by_sale:
        found = grouped(rows(DERIVED, *_columns(by_delivery), *_columns(by_sale)))
    for row, document in batch:
        silent = {x.position for x in document.lines if not x.order_number}
        orders = [x.order_number for x in lines.get(row.id, ()) if x.position in silent]
        if orders:
            found[row.id] = tuple(sorted({*orders, *found.get(row.id, ())}))
    return found


def delivery_keys(document: Invoice) -> list[str]:
    """Despatches and receipts that a document names, as they are searched by."""
    return normalised_numbers((*document.despatch_numbers, *document.receipt_numbers))


def _columns(found: list[tuple[UUID, UUID | None, str]]) -> list[list[object]]:
    return [list(column) for column in zip(*found, strict=True)] if found else [[], [], []]


CANDIDATES = """
SELECT v.id, c.number FROM unnest(%s::uuid[], %s::text[]) AS v(id, currency) CROSS JOIN LATERAL (
       SELECT n.number_key AS number FROM coordination_order o JOIN coordination_ordername n
           ON n.order_id = o.id
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
  JOIN coordination_allocation a ON a.invoice_id = i.id AND a.position = il.position
      AND a.matching = i.matching
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
  JOIN coordination_bankaccount b ON b.number = a.number AND b.vendor_id <> a.vendor_id
      AND b.status = 'verified'
  JOIN coordination_vendor v ON v.id = b.vendor_id
 WHERE a.vendor_id = ANY(%s) AND a.status = 'verified' ORDER BY 1, 2
"""
LAST_PAID = """
SELECT v.id, (SELECT max(p.state_since)::date FROM coordination_invoice p WHERE p.vendor_id = v.id
    AND p.state = 'paid')
  FROM unnest(%s::uuid[]) AS v(id)
"""


def namesakes(vendors: Iterable[UUID]) -> dict[UUID, tuple[str, ...]]:
    """Names of other vendors with the same verified account."""
    return grouped(rows(NAMESAKES, list(vendors)))


def last_paid(vendors: Iterable[UUID]) -> dict[UUID, date | None]:
    """When each vendor was last paid; None if never."""
    return dict(rows(LAST_PAID, list(vendors)))
