"""Unit factors as declared, and the invoices that waited for one."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, QuerySet

from audit import ledger, trail
from audit.ids import new_id

from ...models import Document, Hold, UnitConversion, Vendor
from ...translation import canonical as shapes
from .. import claim
from ..recording import decode
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
        told = ""
        if declared.vendor_id and declared.vendor_id not in vendors:
            told = f"counts from when vendor {declared.vendor_id} is known"
        else:
            rows.append(_row(declared, vendors.get(declared.vendor_id), document, origin))
        lines.append(Line(part.path, "accepted", "conversion", words, error=told, subject=document.subject))
    trail.insert_facts(documents)
    trail.insert_facts(rows)
    ledger.append(
        [received(d, "conversion.declared", origin, {"conversion": d.canonical}, []) for d in documents]
    )
    _ask_again()
    return lines


def adopt(vendors: Sequence[Vendor], origin: Origin) -> None:
    """Factors that were declared before their vendor was known count from now on."""
    by_number = {v.vendor_id: v for v in vendors}
    waiting = Document.objects.filter(
        kind="conversion", canonical__vendor_id__in=list(by_number), id__in=_without_a_row()
    )
    rows = [
        _row(declared, by_number[declared.vendor_id], document, origin)
        for document in waiting.order_by("received_at", "id")
        if (declared := decode(shapes.Conversion, document.canonical))
    ]
    trail.insert_facts(rows)
    if rows:
        _ask_again()


def _without_a_row() -> QuerySet[Document]:
    declared = UnitConversion.objects.filter(document=OuterRef("pk"))
    return Document.objects.filter(~Exists(declared), kind="conversion").values("id")


def _row(
    declared: shapes.Conversion, vendor: Vendor | None, document: Document, origin: Origin
) -> UnitConversion:
    return UnitConversion(
        id=new_id(), vendor=vendor, item=declared.item, unit=declared.unit, per=declared.per, factor=declared.factor,
        document=document, declared_at=origin.at,
    )  # fmt: skip


def _ask_again() -> None:
    held = Hold.objects.filter(code__in=["uom_mismatch", "no_receipt"]).exclude(status=Hold.Status.RELEASED)
    claim.wake(sorted(set(held.values_list("invoice_id", flat=True))), "order", "unit factor declared")
