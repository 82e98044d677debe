"""Who we are where no setting says it: whom documents of several vendors address alike."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

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


def agreed(documents: Mapping[UUID, Invoice]) -> dict[UUID, Ours]:
    """For each document whose buyer's VAT id or electronic address several vendors name: that it is ours."""
    vat_ids = _named("vat_id", {d.buyer.vat_id for d in documents.values()} - {""})
    addresses = _named("endpoint", {d.buyer.endpoint for d in documents.values()} - {""})
    found = {}
    for key, document in documents.items():
        buyer = document.buyer
        ours = Ours(
            vat_ids=(buyer.vat_id,) if buyer.vat_id in vat_ids else (),
            endpoints=(buyer.endpoint,) if buyer.endpoint in addresses else (),
        )
        if ours != Ours():
            found[key] = ours
    return found


def _named(field: str, values: set[str]) -> set[str]:
    if not values:
        return set()
    return {value for value, vendors in rows(AGREED, field, field, sorted(values)) if vendors >= VENDORS}
