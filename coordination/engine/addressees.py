"""Who we are where no setting says it: whom documents of several vendors address alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.conf import settings

from ..agents.around import Ours
from ..translation.canonical import Invoice
from .queries import rows

VENDORS = 2
"""Vendors whose documents have to agree: one of them may have mistaken us for somebody else."""

AGREED = """
SELECT f.buyer->>%s, count(DISTINCT i.vendor_id) FROM coordination_invoicefacts f
  JOIN coordination_invoice i ON i.id = f.invoice_id AND i.vendor_id IS NOT NULL
 WHERE f.buyer->>%s = ANY(%s) GROUP BY 1
"""


def ours(documents: Mapping[UUID, Invoice]) -> dict[UUID, Ours]:
    """Who we are, for each of these documents: as the settings say, else as documents of several vendors agree."""
    if settings.COUNTERSIGN_OURS:
        return dict.fromkeys(documents, Ours(*settings.COUNTERSIGN_OURS))
    return agreed(documents)


def agreed(documents: Mapping[UUID, Invoice]) -> dict[UUID, Ours]:
    """For each document whose buyer's VAT id or electronic address several vendors name: that it is ours."""
    vat_ids = _named("vat_id", {d.buyer.vat_id for d in documents.values()} - {""})
    addresses = _named("endpoint", {d.buyer.endpoint for d in documents.values()} - {""})
    found = {}
    for key, document in documents.items():
        buyer = document.buyer
        us = Ours(
            vat_ids=(buyer.vat_id,) if buyer.vat_id in vat_ids else (),
            endpoints=(buyer.endpoint,) if buyer.endpoint in addresses else (),
        )
        if us != Ours():
            found[key] = us
    return found


def _named(field: str, values: set[str]) -> set[str]:
    if not values:
        return set()
    return {value for value, vendors in rows(AGREED, field, field, sorted(values)) if vendors >= VENDORS}


DOUBTED = """
SELECT DISTINCT h.invoice_id FROM coordination_hold h JOIN coordination_invoicefacts f ON f.invoice_id = h.invoice_id
 WHERE h.code = 'not_addressed_to_us' AND h.status <> 'released'
   AND (f.buyer->>'vat_id' = ANY(%s) OR f.buyer->>'endpoint' = ANY(%s))
"""


def doubted(documents: Iterable[Invoice]) -> list[UUID]:
    """Invoices held because nobody knew whether their buyer is us, and that name the same one as these documents: with
    them it may be known."""
    if settings.COUNTERSIGN_OURS:
        return []
    buyers = [d.buyer for d in documents]
    vat_ids, endpoints = {b.vat_id for b in buyers} - {""}, {b.endpoint for b in buyers} - {""}
    return (
        [key for (key,) in rows(DOUBTED, sorted(vat_ids), sorted(endpoints))] if vat_ids or endpoints else []
    )
