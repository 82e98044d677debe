"""Orders and invoices that came before their vendor: they find it when it is known, by number, VAT id or name."""

from __future__ import annotations

from datetime import datetime

from audit import ledger, trail

from ..models import Invoice, Order
from . import claim, siblings, statements
from . import vendors as directory
from .documents import party


def adopt(actor: str, at: datetime) -> None:
    """Orders and invoices that came before their vendor find it now."""
    known = directory.Directory.load()
    orders = []
    for order in Order.objects.select_for_update(of=("self",)).filter(vendor=None):
        seller = dict(order.seller)
        found = known.find(
            party({k: v for k, v in seller.items() if k != "vendor_id"}), seller.get("vendor_id", "")
        )
        if found is not None:
            order.vendor_id = found
            orders.append(order)
    changes = trail.update(orders, ("vendor_id",), trail.Stamp(actor, at, "vendor known"))
    claim.wake(siblings.naming([o.number for o in orders]), "order", "vendor of the order known")
    ledger.append(
        [
            ledger.Event(
                f"order/{o.id}",
                "order.vendor_known",
                actor,
                at,
                {"vendor": str(o.vendor_id)},
                [c],
            )
            for o, c in zip(orders, changes, strict=True)
        ]
    )
    claim.wake(list(Invoice.objects.filter(vendor=None).values_list("id", flat=True)), "vendor", "vendor/new")
    statements.vendors_changed("vendor/new")
