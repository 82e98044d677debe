"""Real invoices of which a twin can be made: with the order they bill and what arrived of it, as
documents."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.utils import timezone

from ..facts import documents
from ..models import Invoice, Order, Receipt, ReceiptLine
from ..translation import canonical as shapes
from .twins import Source

TRANSFER = ("", "30")
"""Codes of the means of payment that a twin's document repeats (UNTDID 4461): a credit transfer."""


def source_of(row: Invoice) -> Source | None:
    """A real invoice with its order and receipts; None where they are not the whole of it."""
    order = (
        Order.objects.select_related("vendor")
        .filter(number=row.order_numbers[0], vendor=row.vendor_id, status=Order.Status.OPEN)
        .first()
    )
    if order is None or order.vendor is None or order.charges:
        return None
    lines = list(order.lines.order_by("position"))
    if not lines or any(x.base_quantity != 1 or x.price is None for x in lines):
        return None
    invoice = documents.contents([row.id])[row.id].invoice
    if not _plain(invoice):
        return None
    receipts = tuple(_receipts(order))
    vendor_id = order.vendor.vendor_id
    ordered = shapes.Order(
        number=order.number,
        order_date=order.order_date,
        currency=order.currency,
        vendor_id=vendor_id,
        lines=tuple(
            shapes.OrderLine(
                line=x.line,
                item=x.item,
                description=x.description,
                quantity=x.quantity,
                unit=x.unit,
                price=x.price,
                tax_rate=x.tax_rate,
            )
            for x in lines
        ),
    )
    return Source(invoice, ordered, receipts, timezone.localdate(row.received_at))


def _plain(invoice: shapes.Invoice) -> bool:
    """Is it nothing but what its lines, totals and days say?"""
    special = (
        invoice.preceding,
        invoice.unreadable,
        invoice.rules,
        invoice.instalments,
        invoice.discounts,
        invoice.withheld,
        invoice.marks,
        invoice.collected,
        [m for m in invoice.means if m.code not in TRANSFER or m.mandate or m.debited or m.card],
        invoice.prepaid,
        invoice.rounding,
        invoice.other_accounts,
        invoice.payee.name,
    )
    return not any(special) and bool(invoice.lines)


def _receipts(order: Order) -> Iterable[shapes.Receipt]:
    lines = ReceiptLine.objects.select_related("receipt").filter(
        order_number=order.number, receipt__kind=Receipt.Kind.RECEIPT
    )
    by_receipt: dict[UUID, list[ReceiptLine]] = {}
    for line in lines.order_by("receipt_id", "line", "id"):
        by_receipt.setdefault(line.receipt_id, []).append(line)
    for found in by_receipt.values():
        receipt = found[0].receipt
        yield shapes.Receipt(
            number=receipt.number,
            received_date=receipt.received_date,
            lines=tuple(
                shapes.ReceiptLine(
                    line=x.line,
                    order_number=x.order_number,
                    order_line=x.order_line,
                    item=x.item,
                    description=x.description,
                    quantity=x.quantity,
                    accepted=x.accepted,
                    unit=x.unit,
                )
                for x in found
            ),
        )
