"""Orders and invoices that came before their vendor find it when it is known; those of a VAT group are looked
at again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q

from audit import ledger, trail
from audit.subjects import Subject

from ...facts import related_invoices
from ...facts import vendor_directory as directory
from ...facts.documents import party
from ...models import FINAL, Invoice, Order
from ...tasks import statement_changes, work_queue


def adopt(actor: str, at: datetime, vat_keys: Collection[str] = ()) -> None:
    """Orders and invoices that came before their vendor find it now. `vat_keys`: VAT ids that have come or
    gone, under which there may be several vendors since."""
    known = directory.Directory.load()
    shared = directory.shared_keys(vat_keys)
    unsure = Q(vendor=None) | Q(vendor__vat_key__in=shared)
    orders = []
    for order in Order.objects.select_for_update(of=("self",)).filter(unsure):
        seller = dict(order.seller)
        found = known.find(
            party({k: v for k, v in seller.items() if k != "vendor_id"}), seller.get("vendor_id", "")
        )
        if found != order.vendor_id:
            order.vendor_id = found
            orders.append(order)
    changes = trail.update(orders, ("vendor_id",), trail.Stamp(actor, at, "vendor known"))
    work_queue.invalidate(
        related_invoices.naming([o.number for o in orders]), "order", "vendor of the order known"
    )
    ledger.append(
        [
            ledger.Event(
                Subject.of("order", o.id),
                "order.vendor_known",
                actor,
                at,
                {"vendor": str(o.vendor_id or "")},
                [c],
            )
            for o, c in zip(orders, changes, strict=True)
        ]
    )
    work_queue.invalidate(
        list(Invoice.objects.filter(vendor=None).values_list("id", flat=True)), "vendor", "vendor/new"
    )
    look_again(vat_keys, "vendor/new")
    statement_changes.vendors_changed("vendor/new")


def look_again(vat_keys: Collection[str], cause: str) -> None:
    """Something by which the vendors of a shared VAT id are told apart is another now: their undecided
    invoices, and those of nobody, are looked at again."""
    shared = directory.shared_keys(vat_keys)
    if shared:
        unsure = Invoice.objects.filter(Q(vendor=None) | Q(vendor__vat_key__in=shared)).exclude(
            state__in=FINAL
        )
        work_queue.invalidate(list(unsure.values_list("id", flat=True)), "vendor", cause)
