"""What a second person should look at twice in a run: new vendors, new accounts, chains that one person
brought, and payments abroad that do not say where the creditor is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from reviews.selectors import people

from ..facts import makers
from ..models import BankAccount, Payment, Vendor
from ..services.payments.abroad import addresses

NEW = timedelta(days=30)
"""So long a vendor or an account is called new, and for ever until something was paid to it."""
CHAIN = frozenset({"vendor", "account", "order", "receipt"})
"""Facts of which one person has brought all there are beside the invoice: nobody else stands behind the
claim."""


def marks(payments: Sequence[Payment]) -> dict[UUID, list[str]]:
    """What is marked of each payment, in words."""
    brought = makers.brought({p.invoice_id for p in payments})
    vendors = {p.vendor_id for p in payments}
    created = dict(Vendor.objects.filter(id__in=vendors).values_list("id", "created_at"))
    since = {
        (vendor, number): at
        for vendor, number, at in BankAccount.objects.filter(vendor__in=vendors).values_list(
            "vendor_id", "number", "since"
        )
    }
    before = Payment.objects.filter(vendor__in=vendors, status="paid").values_list("vendor_id", "account")
    paid = set(before.exclude(id__in=[p.id for p in payments]))
    known = people({b.actor for found in brought.values() for b in found})
    abroad = [p for p in payments if p.batch.scheme]
    where = addresses([p.invoice for p in abroad])
    out: dict[UUID, list[str]] = {}
    for p in payments:
        asked, words = p.batch.proposed_at, []
        if p.vendor_id not in {v for v, _ in paid} or asked - created[p.vendor_id] < NEW:
            words.append("new vendor")
        at = since.get((p.vendor_id, p.account))
        if (p.vendor_id, p.account) not in paid or (at is not None and asked - at < NEW):
            words.append("new account")
        if who := _one(brought.get(p.invoice_id, ())):
            words.append(f"all brought by {known[who].name if who in known else who}")
        if p.invoice_id in where and not where[p.invoice_id].is_usable:
            words.append("no town: the bank may refuse it")
        out[p.id] = words
    return out


def _one(facts: Sequence[makers.Brought]) -> str:
    """The person who brought the invoice and all of the vendor, the account, the order and the receipt; empty
    if none."""
    by_kind: dict[str, set[str]] = {}
    for fact in facts:
        by_kind.setdefault(fact.kind, set()).add(fact.actor)
    whole = by_kind.keys() >= CHAIN | {"invoice"}
    actors = {a for kind in (*CHAIN, "invoice") for a in by_kind.get(kind, ())}
    return next(iter(actors)) if whole and len(actors) == 1 else ""
