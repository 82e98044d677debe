"""Payments that SEPA does not carry: what a payment abroad needs beside the account, and what of it is
missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from ...domain.facts import VendorFacts
from ...facts import documents
from ...models import BankAccount, Invoice, PaymentBatch, Vendor
from ...translation import cross_border
from ...translation.canonical import Address
from ...translation.sepa import PostalAddress, Transfer, carries

Scheme = PaymentBatch.Scheme
PAYABLE = "a cross-border run pays it"


@dataclass(frozen=True, slots=True)
class Needed:
    """An invoice to be paid abroad: where to and how much. `amount`: of the payment that would be made."""

    invoice: Invoice
    vendor: VendorFacts
    amount: Decimal


def scheme(currency: str, account: str) -> Scheme:
    """How money in this currency goes to this account."""
    return Scheme.SEPA if carries(currency, account) else Scheme.CROSS_BORDER


def lacking(needed: Sequence[Needed]) -> dict[UUID, str]:
    """What is missing for a payment abroad, by invoice, in words; nothing for those that can be paid."""
    if not needed:
        return {}
    known = bics({UUID(n.vendor.id) for n in needed})
    where = addresses([n.invoice for n in needed])
    out = {}
    for n in needed:
        transfer = Transfer(
            n.invoice.id.hex,
            n.vendor.name,
            n.vendor.verified,
            n.amount,
            n.invoice.number,
            bic=known.get(UUID(n.vendor.id), ""),
            currency=n.invoice.currency,
            address=where[n.invoice.id],
        )
        if why := cross_border.lacking(transfer):
            out[n.invoice.id] = why
    return out


def bics(vendors: set[UUID]) -> dict[UUID, str]:
    """The bank of each vendor's verified account: as stated, else as an IBAN names it by itself."""
    found = BankAccount.objects.filter(vendor__in=vendors, status=BankAccount.Status.VERIFIED)
    return {
        key: bic or bank_of(number) for key, number, bic in found.values_list("vendor_id", "number", "bic")
    }


def bank_of(account: str) -> str:
    """The BIC that an IBAN leads to by the registers of banks; empty for any other account."""
    from schwifty import IBAN  # its registers are read when the first payment abroad is looked at
    from schwifty.exceptions import SchwiftyException

    try:
        found = IBAN(account).bic
    except SchwiftyException:
        return ""
    return str(found) if found else ""


def addresses(invoices: Sequence[Invoice]) -> dict[UUID, PostalAddress]:
    """Where the creditor of each invoice is: as our master data say, else as the invoice prints it. The
    country of the vendor stands in where an invoice prints a town alone."""
    rows = Vendor.objects.in_bulk([i.vendor_id for i in invoices if i.vendor_id])
    contents = documents.contents([i.id for i in invoices])
    return {
        i.id: _address(rows.get(i.vendor_id) if i.vendor_id else None, contents[i.id].invoice.seller.address)
        for i in invoices
    }


def _address(vendor: Vendor | None, printed: Address) -> PostalAddress:
    country = (vendor.country if vendor else "") or printed.country
    if vendor is not None and vendor.town:
        return PostalAddress(
            street=vendor.street, postcode=vendor.postcode, town=vendor.town, country=country
        )
    return PostalAddress(
        street=printed.street,
        postcode=printed.postcode,
        town=printed.town,
        country=printed.country or country,
    )
