"""Unit factors as declared, and the invoices that waited for one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Upper

from audit import ledger, trail
from audit.ids import new_id

from ...domain.hold_codes import cured_by
from ...facts.serialization import decode
from ...models import FINAL, Document, Hold, Invoice, InvoiceLine, UnitConversion, Vendor
from ...tasks import work_queue
from ...translation import canonical as shapes
from .parts import Line, Origin, Part, Result, document_row, received

SUBJECT = "conversions/declared"


def conversions(parts: Sequence[Part], origin: Origin) -> list[Line]:
    """Keep each declared factor that is news; invoices held for a unit are asked about again."""
    standing = KnownFactors.of([_declared(p) for p in parts])
    documents, rows, lines, events = [], [], [], []
    for part in parts:
        declared = _declared(part)
        document = document_row(part, "conversion", _words(declared), origin, SUBJECT)
        documents.append(document)
        row, told = standing.take(declared, document, origin)
        known = row is None and not told
        type_ = "document.repeated" if known else "conversion.declared"
        events.append(
            received(document, type_, origin, {} if known else {"conversion": document.canonical}, [])
        )
        rows += [row] if row else []
        result: Result = "duplicate" if known else "accepted"
        lines.append(Line(part.path, result, "conversion", document.number, error=told, subject=SUBJECT))
    trail.insert_facts(documents)
    trail.insert_facts(rows)
    ledger.append(events)
    if rows:
        _ask_again(rows)
    return lines


def again(parts: Sequence[Part], origin: Origin) -> list[Line]:
    """Factors that were declared in these bytes before: unchanged if they still stand, else declared once
    more."""
    standing = KnownFactors.of([_declared(p) for p in parts])
    rows, lines, events = [], [], []
    for part in parts:
        declared = _declared(part)
        document = Document.objects.get(content=part.sha256, kind="conversion", part=str(part.index))
        row, _ = standing.take(declared, document, origin)
        if row is not None:
            rows.append(row)
            data = {"conversion": document.canonical, "again": {"document": str(document.id)}}
            events.append(ledger.Event(SUBJECT, "conversion.stated_again", origin.actor, origin.at, data))
        lines.append(
            Line(
                part.path, "accepted" if row else "unchanged", "conversion", _words(declared), subject=SUBJECT
            )
        )
    trail.insert_facts(rows)
    ledger.append(events)
    if rows:
        _ask_again(rows)
    return lines


def _declared(part: Part) -> shapes.Conversion:
    assert isinstance(part.document, shapes.Conversion)  # noqa: S101 - chosen by shape
    return part.document


def _words(declared: shapes.Conversion) -> str:
    return f"1 {declared.unit} = {declared.factor.normalize():f} {declared.per}"


@dataclass
class KnownFactors:
    """The vendors that declarations name, and the factors as they stand: the last declared of each."""

    vendors: dict[str, Vendor]
    factors: dict[tuple[str, str, str, str], Decimal]

    @classmethod
    def of(cls, declared: Sequence[shapes.Conversion]) -> KnownFactors:
        vendors = {
            v.vendor_id: v for v in Vendor.objects.filter(vendor_id__in={d.vendor_id for d in declared})
        }
        rows = UnitConversion.objects.filter(unit__in={d.unit for d in declared}).select_related("vendor")
        factors = {}
        for row in rows.order_by("declared_at", "id"):
            owner = row.vendor.vendor_id if row.vendor else ""
            factors[owner, row.item, row.unit, row.per] = row.factor
        return cls(vendors, factors)

    def take(
        self, declared: shapes.Conversion, document: Document, origin: Origin
    ) -> tuple[UnitConversion | None, str]:
        """The row to add, none where the factor stands already or its vendor is not known (then with a
        remark)."""
        if declared.vendor_id and declared.vendor_id not in self.vendors:
            return None, f"counts from when vendor {declared.vendor_id} is known"
        key = (declared.vendor_id, declared.item, declared.unit, declared.per)
        if self.factors.get(key) == declared.factor:
            return None, ""
        self.factors[key] = declared.factor
        return _row(declared, self.vendors.get(declared.vendor_id), document, origin), ""


def adopt(vendors: Sequence[Vendor], origin: Origin) -> None:
    """Factors that were declared before their vendor was known count from now on."""
    by_number = {v.vendor_id: v for v in vendors}
    waiting = Document.objects.filter(
        kind="conversion", canonical__vendor_id__in=list(by_number), id__in=_without_a_row().values("id")
    )
    rows = [
        _row(declared, by_number[declared.vendor_id], document, origin)
        for document in waiting.order_by("received_at", "id")
        if (declared := decode(shapes.Conversion, document.canonical))
    ]
    trail.insert_facts(rows)
    if rows:
        _ask_again(rows)


def _without_a_row() -> QuerySet[Document]:
    declared = UnitConversion.objects.filter(document=OuterRef("pk"))
    return Document.objects.filter(~Exists(declared), kind="conversion")


def _row(
    declared: shapes.Conversion, vendor: Vendor | None, document: Document, origin: Origin
) -> UnitConversion:
    return UnitConversion(
        id=new_id(),
        vendor=vendor,
        item=declared.item,
        unit=declared.unit,
        per=declared.per,
        factor=declared.factor,
        document=document,
        declared_at=origin.at,
    )


def _ask_again(rows: Sequence[UnitConversion]) -> None:
    """Ask about what a factor may count otherwise: of its vendor, or, where it holds for all, what bills in
    its units or is held for want of one."""
    of_all = {u.upper() for row in rows if row.vendor_id is None for u in (row.unit, row.per)}
    found = Q(vendor__in={row.vendor_id for row in rows if row.vendor_id})
    if of_all:
        held = Hold.objects.live().filter(code__in=cured_by("unit_factor"))
        billing = InvoiceLine.objects.annotate(code=Upper("unit")).filter(code__in=of_all)
        found |= Q(id__in=held.values("invoice")) | Q(id__in=billing.values("invoice"))
    ids = Invoice.objects.filter(found).exclude(state__in=FINAL).values_list("id", flat=True)
    for kind in ("order", "receipt"):
        work_queue.invalidate(list(ids), kind, "unit factor declared")
