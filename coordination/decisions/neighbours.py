"""Whom a move of an invoice concerns: others of its order, claim or vendor, whose agents look whether they
answer otherwise now."""

from __future__ import annotations

from collections.abc import Sequence

from ..domain.hold_codes import cured_by
from ..facts import related_invoices
from ..models import FINAL, Hold, Invoice
from ..tasks import statement_changes, work_queue


def settled(rows: Sequence[Invoice], cause: str) -> None:
    """Whoever stands beside invoices that are paid or scheduled now is asked again."""
    invalidate_held_deductions(rows)
    invalidate_group(rows, cause)
    statement_changes.changed((r.vendor_id for r in rows), cause)


def invalidate_group(rows: Sequence[Invoice], cause: str) -> None:
    """Money on its way stands first among invoices of one order or claim: with it the place of the others
    changes."""
    others = related_invoices.whole_groups([r.id for r in rows])
    for kind in ("billing", "siblings"):
        work_queue.invalidate(others, kind, cause)


def invalidate_held_deductions(rows: Sequence[Invoice]) -> None:
    """Invoices held because an advance they deduct was not paid: one of these may be it, so they are asked
    again."""
    vendors = {r.vendor_id for r in rows if r.vendor_id}
    held = Hold.objects.live().filter(code__in=cured_by("payment"), invoice__vendor__in=vendors)
    work_queue.invalidate(list(held.values_list("invoice_id", flat=True)), "siblings", "a payment")


def invalidate_deductions_of(row: Invoice) -> None:
    """Invoices of the vendor that deduct an advance and are not paid yet: this one no longer counts as
    paid."""
    deducting = (
        Invoice.objects.filter(vendor=row.vendor_id).exclude(facts__prepaid=0).exclude(state__in=FINAL)
    )
    work_queue.invalidate(
        list(deducting.exclude(pk=row.pk).values_list("id", flat=True)), "siblings", row.subject
    )


def invalidate_order_and_lookalikes(row: Invoice) -> None:
    """A claim that ended counts no longer for its orders, a credit that cleared does: who stands beside it is
    asked again."""
    for others in related_invoices.billing_siblings([row.id]).values():
        work_queue.invalidate(others, "billing", row.subject)
    work_queue.invalidate(related_invoices.alike_now([row.id]), "siblings", row.subject)
