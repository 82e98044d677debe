"""The vendor list a document asks for: its seller with the account it prints, as verified (golden set-up)."""

from __future__ import annotations

from coordination.translation import translate
from coordination.translation.canonical import Invoice
from tests.cast import Row, vendor


def seller_of(content: bytes, **changes: object) -> Row:
    """The seller of an invoice as a vendor with the account printed on it."""
    [document] = translate(content, "x").documents
    assert isinstance(document, Invoice)
    keys = {"vat_id": document.seller.vat_id, "name": document.seller.name, "iban": document.account.number}
    return vendor(
        **(keys | {"currency": document.currency, "country": document.seller.address.country} | changes)
    )
