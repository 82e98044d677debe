"""Vendors and rates. The first account of a vendor counts as verified; every later one is a proposal for a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Q

from audit import ledger, trail
from audit.ids import new_id
from reviews import services as reviews
from reviews.services import Question

from ...agents.identity import compact, masked
from ...models import BankAccount, Document, Invoice, Order, Rate, Vendor
from ...translation import canonical as shapes
from ...translation.identity import normalised_number
from .. import claim, stakes, statements
from .. import vendors as directory
from ..documents import party
from ..rates import replace_shipped
from .parts import Line, Origin, Part, document_row, received

FIELDS = ("name", "vat_id", "vat_key", "country", "currency", "payment_terms", "status")


def rates(parts: Sequence[Part], origin: Origin) -> list[Line]:
    """Replace or add reference rates, one per currency and day."""
    lines = []
    replace_shipped(p.document.currency for p in parts if isinstance(p.document, shapes.Rate))
    for part in parts:
        rate = part.document
        if not isinstance(rate, shapes.Rate):
            continue
        Rate.objects.update_or_create(currency=rate.currency, on=rate.on, defaults={"per_eur": rate.per_eur})
        lines.append(Line(part.path, "accepted", "rate", f"{rate.currency} {rate.on}"))
    documents = [document_row(p, "rate", "", origin, "rates/reference") for p in parts]
    trail.insert_facts(documents)
    ledger.append([received(d, "rate.recorded", origin, {"rate": d.canonical}, []) for d in documents])
    stakes.rates_came(p.document.currency for p in parts if isinstance(p.document, shapes.Rate))
    return _one_per_file(lines, "rates")


def vendors(parts: Sequence[Part], origin: Origin) -> list[Line]:
    """Create or update vendors by our number for them."""
    wanted = {p.document.vendor_id: p for p in parts if isinstance(p.document, shapes.Vendor)}
    known = {v.vendor_id: v for v in Vendor.objects.select_for_update().filter(vendor_id__in=wanted)}
    new = [
        _new(p.document, origin)
        for key, p in wanted.items()
        if key not in known and isinstance(p.document, shapes.Vendor)
    ]
    lines = _write_new(new, wanted, origin)
    for key, row in known.items():
        lines.append(_update(row, wanted[key], origin))
    return _one_per_file(lines, "vendors")


def _one_per_file(lines: list[Line], kind: str) -> list[Line]:
    """A list of masters is one document: accepted when anything in it was new."""
    files: dict[str, list[Line]] = {}
    for line in lines:
        files.setdefault(line.path, []).append(line)
    return [
        Line(
            path, "accepted" if any(x.result == "accepted" for x in group) else "unchanged", kind,
            group[0].number if len(group) == 1 else f"{len(group)} {kind}", subject=group[0].subject if len(group) == 1 else "",
        )
        for path, group in files.items()
    ]  # fmt: skip


def _values(vendor: shapes.Vendor) -> dict[str, Any]:
    return {
        "name": vendor.name, "vat_id": vendor.vat_id, "vat_key": normalised_number(vendor.vat_id),
        "country": vendor.country, "currency": vendor.currency, "payment_terms": vendor.payment_terms, "status": vendor.status,
    }  # fmt: skip


def _new(vendor: shapes.Canonical, origin: Origin) -> Vendor:
    assert isinstance(vendor, shapes.Vendor)  # noqa: S101 - chosen by shape
    return Vendor(id=new_id(), vendor_id=vendor.vendor_id, created_at=origin.at, **_values(vendor))


def _write_new(new: list[Vendor], wanted: dict[str, Part], origin: Origin) -> list[Line]:
    changes = {r.id: [c] for r, c in zip(new, trail.insert(new, origin.stamp()), strict=True)}
    accounts = [a for row in new if (a := _account(row, wanted[row.vendor_id], "verified", origin))]
    for account, change in zip(accounts, trail.insert(accounts, origin.stamp()), strict=True):
        changes[account.vendor_id].append(change)
    documents = [
        document_row(wanted[r.vendor_id], "vendor", r.vendor_id, origin, f"vendor/{r.id}") for r in new
    ]
    trail.insert_facts(documents)
    ledger.append(
        [
            received(d, "vendor.created", origin, {"vendor": masked_master(d)}, changes[r.id])
            for d, r in zip(documents, new, strict=True)
        ]
    )
    if new:
        _adopt(origin)
    return [
        Line(wanted[r.vendor_id].path, "accepted", "vendor", r.vendor_id, subject=f"vendor/{r.id}")
        for r in new
    ]


def masked_master(document: Document) -> dict[str, Any]:
    """The master row as the ledger keeps it: the account recognisable, not whole."""
    facts = dict(document.canonical)
    if facts.get("iban"):
        facts["iban"] = masked(facts["iban"])
    return facts


def _account(row: Vendor, part: Part, status: str, origin: Origin) -> BankAccount | None:
    vendor = part.document
    if not isinstance(vendor, shapes.Vendor) or not vendor.iban:
        return None
    return BankAccount(
        id=new_id(), vendor=row, number=compact(vendor.iban), bic=vendor.bic, status=status,
        origin=f"{part.path} ({origin.source or 'intake'})", since=origin.at,
        verified_by="system:first-import" if status == "verified" else "",
    )  # fmt: skip


def _adopt(origin: Origin) -> None:
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
    changes = trail.update(orders, ("vendor_id",), origin.stamp("vendor known"))
    ledger.append(
        [
            ledger.Event(
                f"order/{o.id}",
                "order.vendor_known",
                origin.actor,
                origin.at,
                {"vendor": str(o.vendor_id)},
                [c],
            )
            for o, c in zip(orders, changes, strict=True)
        ]
    )
    claim.wake(list(Invoice.objects.filter(vendor=None).values_list("id", flat=True)), "vendor", "vendor/new")
    statements.vendors_changed("vendor/new")


def _update(row: Vendor, part: Part, origin: Origin) -> Line:
    vendor = part.document
    assert isinstance(vendor, shapes.Vendor)  # noqa: S101 - chosen by shape
    values = _values(vendor)
    changed = {k: [getattr(row, k), v] for k, v in values.items() if getattr(row, k) != v}
    account = _changed_account(row, part, origin)
    document = document_row(part, "vendor", row.vendor_id, origin, f"vendor/{row.id}")
    trail.insert_facts([document])
    if not changed and account is None:
        ledger.append([received(document, "document.repeated", origin, {}, [])])
        return Line(part.path, "unchanged", "vendor", row.vendor_id, subject=document.subject)
    for k, v in values.items():
        setattr(row, k, v)
    changes = trail.update([row], FIELDS, origin.stamp()) if changed else []
    changes += trail.insert([account], origin.stamp("proposed")) if account else []
    ledger.append([received(document, "vendor.changed", origin, {"changed": changed}, changes)])
    if account is not None:
        reviews.ask([_verify_question(row, account, origin)], at=origin.at)
    claim.wake(
        list(Invoice.objects.filter(vendor=row).values_list("id", flat=True)), "vendor", document.subject
    )
    return Line(part.path, "accepted", "vendor", row.vendor_id, subject=document.subject)


def _changed_account(row: Vendor, part: Part, origin: Origin) -> BankAccount | None:
    """A proposal when the account differs from every one we know of the vendor; the old one stays in force."""
    account = _account(row, part, "proposed", origin)
    if account is None:
        return None
    standing = Q(status__in=["verified", "proposed"])
    if (
        row.accounts.filter(standing, number=account.number).exists()
        or row.accounts.filter(status="proposed").exists()
    ):
        return None
    return account


def _verify_question(row: Vendor, account: BankAccount, origin: Origin) -> Question:
    verified = row.accounts.filter(status="verified").first()
    known = masked(verified.number) if verified else "none"
    new = masked(account.number)
    sentence = f"{row.name} is to be paid to {new} instead of {known}. Call back on a number already on file."
    return Question(
        subject=f"vendor/{row.id}", kind="vendor_bank", text=f"Pay {row.name} to {new} from now on?",
        reasons=[{"code": "bank_change_unverified", "words": "bank change unverified", "excess": "", "sentence": sentence,
                  "question": "vendor_bank", "owner": "governance", "line": "", "rule": "A-02", "expected": known,
                  "found": new, "tolerance": "", "money": "", "hard": True}],
        case={"vendor": row.name, "vendor_id": row.vendor_id, "account_now": known, "account_new": new, "origin": account.origin,
              "account": str(account.id),
              "consequences": [{"verdict": "approve", "text": f"Approving pays {row.name} to {new} from now on."},
                               {"verdict": "reject", "text": f"Rejecting keeps {known}."}]},
        policy="", queue="finance", due_at=origin.at + timedelta(hours=24), clock="desk time", asked_by=origin.actor,
        makers=(origin.actor,) if origin.actor.startswith("human:") else (), options=("approve", "reject"),
    )  # fmt: skip
