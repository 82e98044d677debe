"""An agent's trained envelope: the amounts, currencies, vendors, countries and formats it was approved for.
Pure.

Without one nothing is limited. A value that is not known lies outside of any bound that is about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..domain.policy import Envelope

if TYPE_CHECKING:
    from ..domain.facts import Snapshot


@dataclass(frozen=True, slots=True)
class Broken:
    """One bound and what lies outside of it, in words."""

    bound: str
    found: str


def broken(envelope: Envelope, snapshot: Snapshot) -> list[Broken]:
    """Every bound that this invoice is outside of."""
    vendor, company = snapshot.vendor, snapshot.policy.company_currency
    out = []
    gross = snapshot.gross_company
    if envelope.gross is not None and (gross is None or gross > envelope.gross):
        found = f"{gross:,.2f} {company}" if gross is not None else "an amount that is not known"
        out.append(Broken(f"amounts up to {envelope.gross:,.2f} {company}", found))
    stated = (
        ("the currencies", envelope.currencies, snapshot.document.currency, "an unknown currency"),
        ("the vendors", envelope.vendors, vendor.vendor_id if vendor else "", "an unknown vendor"),
        ("the countries", envelope.countries, vendor.country if vendor else "", "an unknown country"),
        ("the formats", envelope.source_formats, snapshot.source_format, "an unknown format"),
    )
    for what, allowed, value, unknown in stated:
        if allowed and value not in allowed:
            out.append(Broken(f"{what} {', '.join(allowed)}", value or unknown))
    return out
