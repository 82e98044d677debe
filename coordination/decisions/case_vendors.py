"""Whom an invoice may be from: candidates with their fit, for a person to choose from."""

from __future__ import annotations

from reviews.remedies import Choice, Field

from ..domain.facts import Snapshot
from ..domain.supplied import VENDOR
from ..facts import vendor_candidates
from ..facts.vendor_candidates import Candidate


def vendor_fields(snapshot: Snapshot) -> list[Field]:
    """The one field: whose invoice it is."""
    seller, number = snapshot.document.seller, snapshot.document.vendor_id
    named = seller.vat_id or number or seller.legal_name or seller.name
    found = vendor_candidates.candidates(snapshot.document)
    hint = "our number for the vendor"
    return [
        Field(
            VENDOR,
            "vendor",
            "choice",
            was=named,
            place="seller, BG-4",
            hint=hint,
            choices=[_choice(c) for c in found],
        )
    ]


def _choice(one: Candidate) -> Choice:
    fit = (
        ("Name", f"{one.name} ({one.by_name})" if one.by_name else one.name),
        ("VAT id", f"{one.vat_id} (same)" if one.by_vat else one.vat_id),
        (
            "Account",
            {"verified": "same, verified", "proposed": "same, not verified"}.get(one.by_account, "another"),
        ),
        ("Status", one.status),
    )
    return Choice(one.vendor_id, one.vendor_id, fit)
