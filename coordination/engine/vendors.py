"""Finding the vendor of a document: by VAT id, then party identification, then company id."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from ..models import Invoice, InvoiceFacts, Vendor
from ..translation.canonical import Party
from ..translation.identity import normalised_number
from .documents import party


def keys_named(seller: dict[str, Any]) -> tuple[str, ...]:
    """The keys by which an order names its vendor, as `Directory.find` reads them; its name is none."""
    named = [
        seller.get("vendor_id", ""),
        seller.get("vat_id", ""),
        *seller.get("party_ids", ()),
        seller.get("company_id", ""),
    ]
    return tuple(dict.fromkeys(n for n in named if n))


class Directory:
    """Vendors by every key a document may name. Keys are compared normalised; a key shared by two vendors is none."""

    def __init__(self, vendors: Iterable[tuple[UUID, str, str]]) -> None:
        self.by_vat: dict[str, set[UUID]] = {}
        self.by_id: dict[str, set[UUID]] = {}
        for key, vendor_id, vat_key in vendors:
            self.by_id.setdefault(normalised_number(vendor_id), set()).add(key)
            if vat_key:
                self.by_vat.setdefault(vat_key, set()).add(key)

    @classmethod
    def load(cls) -> Directory:
        return cls(Vendor.objects.values_list("id", "vendor_id", "vat_key"))

    def find(self, seller: Party, vendor_id: str = "") -> UUID | None:
        """The one vendor these keys name, or None."""
        if vendor_id:
            return self._one(self.by_id, vendor_id)
        by_vat = self._vat(seller.vat_id) if seller.vat_id else None
        if by_vat is not None:
            return by_vat
        for key in (*seller.party_ids, seller.company_id):
            found = self._one(self.by_id, key) or self._vat(key) if key else None
            if found is not None:
                return found
        return None

    def _vat(self, number: str) -> UUID | None:
        return self._one(self.by_vat, number)

    @staticmethod
    def _one(index: dict[str, set[UUID]], key: str) -> UUID | None:
        found = index.get(normalised_number(key), set())
        return next(iter(found)) if len(found) == 1 else None


def resolve_invoice(row: Invoice, known: Directory) -> bool:
    """Give an invoice without vendor the one its seller names, if it is in the directory. The caller writes the row."""
    seller, reference = InvoiceFacts.objects.values_list("seller", "vendor_ref").get(invoice_id=row.id)
    found = known.find(party(seller), reference)
    row.vendor_id = found
    return found is not None
