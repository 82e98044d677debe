"""Vendors of ours whom a document may mean that leads to none, with what fits each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from ..agents.company_names import nearly_same
from ..models import BankAccount, Vendor
from ..translation.canonical import Invoice
from ..translation.identity import registered_number

MOST = 8


@dataclass(frozen=True, slots=True)
class Candidate:
    """One vendor, with what of the document fits it: `same`, `alike`, or what stands there instead."""

    key: UUID
    vendor_id: str
    name: str
    status: str
    vat_id: str
    by_vat: bool
    by_name: str
    by_account: str

    @property
    def fits(self) -> tuple[bool, bool, bool, bool]:
        return self.by_vat, self.by_account == "verified", self.by_name == "same", self.by_account != ""


def candidates(document: Invoice) -> list[Candidate]:
    """Those that share a VAT id, an account or nearly the name with the seller, the best first."""
    accounts = _accounts(document)
    found = [one for one in _all(document, accounts) if one.by_vat or one.by_name or one.by_account]
    return sorted(found, key=lambda one: (*(not fit for fit in one.fits), one.vendor_id))[:MOST]


def _all(document: Invoice, accounts: dict[UUID, str]) -> Iterator[Candidate]:
    vat_key = registered_number(document.seller.vat_id)
    names = [name for name in dict.fromkeys((document.seller.legal_name, document.seller.name)) if name]
    rows = Vendor.objects.values_list("id", "vendor_id", "name", "status", "vat_id", "vat_key")
    for key, vendor_id, name, status, vat_id, own_key in rows:
        same = any(registered_number(name) == registered_number(n) for n in names)
        alike = same or any(nearly_same(name, n) for n in names)
        yield Candidate(
            key,
            vendor_id,
            name,
            status,
            vat_id,
            by_vat=bool(vat_key) and vat_key == own_key,
            by_name="same" if same else "alike" if alike else "",
            by_account=accounts.get(key, ""),
        )


def _accounts(document: Invoice) -> dict[UUID, str]:
    """Vendors with an account that the document asks to be paid to: `verified` or `proposed`."""
    asked = {registered_number(a.number) for a in (document.account, *document.other_accounts) if a.number}
    live = (BankAccount.Status.PROPOSED, BankAccount.Status.VERIFIED)
    rows = BankAccount.objects.filter(status__in=live).values_list("vendor_id", "number", "status")
    found: dict[UUID, str] = {}
    for vendor, number, status in rows if asked else ():
        if registered_number(number) in asked and found.get(vendor) != BankAccount.Status.VERIFIED:
            found[vendor] = status
    return found


def numbered(number: str) -> list[str]:
    """Our numbers for vendors that are this one: to the letter, else written otherwise."""
    key = registered_number(number)
    found = [
        own for own in Vendor.objects.values_list("vendor_id", flat=True) if registered_number(own) == key
    ]
    return [own for own in found if own == number] or found
