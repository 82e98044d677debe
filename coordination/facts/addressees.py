"""Who we are where no setting says it: whom documents of two vendors address alike, as one of them may have
mistaken us for somebody else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.conf import settings

from ..domain.facts import Ours
from ..tasks.sql import rows
from ..translation.canonical import Invoice

_AGREED = """
SELECT v FROM unnest(%s::text[]) v CROSS JOIN LATERAL (
    SELECT i.vendor_id FROM coordination_invoicefacts f JOIN coordination_invoice i ON i.id = f.invoice_id
     WHERE f.buyer->>'FIELD' = v AND i.vendor_id IS NOT NULL AND i.state NOT IN ('rejected', 'void') LIMIT 1
  ) one
 WHERE (
    SELECT i.vendor_id FROM coordination_invoicefacts f JOIN coordination_invoice i ON i.id = f.invoice_id
     WHERE f.buyer->>'FIELD' = v AND i.vendor_id <> one.vendor_id AND i.state NOT IN ('rejected', 'void')
         LIMIT 1
  ) IS NOT NULL
"""
BY_VAT_ID, BY_ENDPOINT = _AGREED.replace("FIELD", "vat_id"), _AGREED.replace("FIELD", "endpoint")
"""Values that documents of two vendors name. The field stands in the text, as a bound one could not use its
index, and each look stops at the first row: nearly every document names us."""


def ours(documents: Mapping[UUID, Invoice]) -> dict[UUID, Ours]:
    """Who we are, for each of these documents: as the settings say, else as documents of two vendors agree,
    which counts only where the order says nothing (`agents.addressee`)."""
    if settings.COUNTERSIGN_OURS:
        return dict.fromkeys(documents, Ours(*settings.COUNTERSIGN_OURS))
    return agreed(documents)


def agreed(documents: Mapping[UUID, Invoice]) -> dict[UUID, Ours]:
    """For each document whose buyer's VAT id or electronic address two vendors name: that it is ours."""
    vat_ids = _found(BY_VAT_ID, {d.buyer.vat_id for d in documents.values()} - {""})
    addresses = _found(BY_ENDPOINT, {d.buyer.endpoint for d in documents.values()} - {""})
    found = {}
    for key, document in documents.items():
        buyer = document.buyer
        us = Ours(
            agreed=True,
            vat_ids=(buyer.vat_id,) if buyer.vat_id in vat_ids else (),
            endpoints=(buyer.endpoint,) if buyer.endpoint in addresses else (),
        )
        if us.vat_ids or us.endpoints:
            found[key] = us
    return found


def _found(statement: str, values: set[str]) -> set[str]:
    return {value for (value,) in rows(statement, sorted(values))} if values else set()


DOUBTED = """
SELECT DISTINCT h.invoice_id FROM coordination_hold h JOIN coordination_invoicefacts f
    ON f.invoice_id = h.invoice_id
 WHERE h.code = 'not_addressed_to_us' AND h.status <> 'released'
   AND (f.buyer->>'vat_id' = ANY(%s) OR f.buyer->>'endpoint' = ANY(%s))
"""


def doubted(documents: Iterable[Invoice]) -> list[UUID]:
    """Invoices held because nobody knew whether their buyer is us, and that name the same one as these
    documents: with them it may be known."""
    if settings.COUNTERSIGN_OURS:
        return []
    buyers = [d.buyer for d in documents]
    vat_ids, endpoints = {b.vat_id for b in buyers} - {""}, {b.endpoint for b in buyers} - {""}
    return (
        [key for (key,) in rows(DOUBTED, sorted(vat_ids), sorted(endpoints))] if vat_ids or endpoints else []
    )
