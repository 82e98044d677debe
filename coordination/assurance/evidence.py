"""What belongs to the evidence of an invoice beside its entries: rules it was decided under, documents around
it."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q, QuerySet

from audit.evidence import Attached, Original
from audit.subjects import Subject

from ..models import Content, Document, Invoice, Order, OrderMessage, PolicyVersion, Receipt
from ..translation.identity import normalised_numbers

MOST_DOCUMENTS = 200
MOST_BYTES = 100 * 2**20
"""Originals up to this sum go into a bundle; the rest are listed by their SHA-256."""


def attached(invoice: Invoice) -> Attached:
    """Rules with their own histories, and originals of the invoice, its orders and receipts."""
    rules = list(PolicyVersion.objects.order_by("revision"))
    return Attached(
        title=f"{invoice.type.replace('_', ' ')} {invoice.number}"
        + (f" of {invoice.vendor.name} ({invoice.vendor.vendor_id})" if invoice.vendor else ""),
        also=[Subject.of("policy", row.revision) for row in rules],
        policies=[(row.revision, row.sha256, row.text) for row in rules],
        originals=list(_originals(invoice)),
    )


def orders_named(invoice: Invoice) -> list[str]:
    """The numbers of the orders that the invoice names, as we write them, then as it does."""
    keys = normalised_numbers(invoice.order_numbers)
    ours = Order.objects.filter(name__number_key__in=keys).values_list("number", flat=True)
    return [*ours, *invoice.order_numbers]


def order_messages(invoice: Invoice) -> QuerySet[OrderMessage]:
    """The messages about the orders that the invoice names."""
    keys = normalised_numbers(invoice.order_numbers)
    return OrderMessage.objects.filter(Q(order_key__in=keys) | Q(order_number__in=invoice.order_numbers))


def _originals(invoice: Invoice) -> Iterator[Original]:
    light = Document.objects.defer("canonical", "provenance")
    keys = normalised_numbers(invoice.order_numbers)
    orders = order_messages(invoice).values("document_id")
    receipts = Receipt.objects.filter(lines__order_key__in=keys).values("document_id")
    around = light.filter(pk__in=orders) | light.filter(pk__in=receipts)
    own = light.filter(subject=invoice.subject).order_by("received_at", "id")
    left, seen = MOST_BYTES, set[str]()
    for document in [
        *own[:MOST_DOCUMENTS],
        *around.distinct().order_by("received_at", "id")[:MOST_DOCUMENTS],
    ]:
        if document.content_id in seen:
            continue
        seen.add(document.content_id)
        content = Content.objects.get(pk=document.content_id)
        data = bytes(content.data)
        fits = (
            len(data) == content.size <= left
        )  # emptied when its time of retention was over: the digest stays
        left -= content.size if fits else 0
        yield Original(
            content.sha256,
            document.name,
            document.kind,
            document.number,
            content.size,
            data if fits else None,
        )
