"""Unit factors as declared, and the invoices that waited for one."""

from __future__ import annotations

from collections.abc import Sequence

from audit import ledger, trail
from audit.ids import new_id

from ...models import Hold, UnitConversion, Vendor
from ...translation import canonical as shapes
from .. import claim
from .parts import Line, Origin, Part, document_row, received


def conversions(parts: Sequence[Part], origin: Origin) -> list[Line]:
    """Keep each declared factor; invoices held for a unit are asked about again."""
    wanted = {p.document.vendor_id for p in parts if isinstance(p.document, shapes.Conversion)}
    vendors = {v.vendor_id: v for v in Vendor.objects.filter(vendor_id__in=wanted)}
    documents, rows, lines = [], [], []
    for part in parts:
        declared = part.document
        assert isinstance(declared, shapes.Conversion)  # noqa: S101 - chosen by shape
        words = f"1 {declared.unit} = {declared.factor.normalize():f} {declared.per}"
        document = document_row(part, "conversion", words, origin, "conversions/declared")
        documents.append(document)
        if declared.vendor_id and declared.vendor_id not in vendors:
            lines.append(
                Line(part.path, "unchanged", "conversion", words, error=f"no vendor {declared.vendor_id}")
            )
            continue
        rows.append(
            UnitConversion(
                id=new_id(), vendor=vendors.get(declared.vendor_id), item=declared.item, unit=declared.unit,
                per=declared.per, factor=declared.factor, document=document, declared_at=origin.at,
            )
        )  # fmt: skip
        lines.append(Line(part.path, "accepted", "conversion", words, subject=document.subject))
    trail.insert_facts(documents)
    trail.insert_facts(rows)
    ledger.append(
        [received(d, "conversion.declared", origin, {"conversion": d.canonical}, []) for d in documents]
    )
    held = Hold.objects.filter(code__in=["uom_mismatch", "no_receipt"]).exclude(status=Hold.Status.RELEASED)
    claim.wake(sorted(set(held.values_list("invoice_id", flat=True))), "order", "unit factor declared")
    return lines
