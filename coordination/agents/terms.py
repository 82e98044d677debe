"""Payment terms as agreed with the vendor, and a due date on the document that says otherwise."""

from __future__ import annotations

import re
from datetime import date, timedelta

from .base import Evidence, Finding, Snapshot

TERMS = re.compile(
    r"^\s*(?:(?P<pct>\d{1,2}(?:\.\d+)?)\s*/\s*(?P<days>\d{1,3})\s+)?net\s+(?P<net>\d{1,3})\s*$", re.IGNORECASE
)


def due(issued: date | None, terms: str) -> date | None:
    """The day that the terms make the claim due; None where they say none, or no day is known from which they count."""
    found = TERMS.match(terms)
    return issued + timedelta(days=int(found["net"])) if found is not None and issued is not None else None


def disagreeing(snapshot: Snapshot) -> list[Finding]:
    """Terms of the vendor list and due date of the document that say two days: remarked, and nothing is held for it."""
    document, vendor = snapshot.document, snapshot.vendor
    agreed = due(document.issue_date, vendor.payment_terms) if vendor else None
    if vendor is None or agreed is None or document.due_date in (None, agreed) or snapshot.credit:
        return []
    return [
        Finding(
            "completeness", f"The document is due on {document.due_date}; the terms agreed with {vendor.name} ({vendor.payment_terms}) make it {agreed}.",
            expected=str(agreed), found=str(document.due_date),
            evidence=(Evidence(f"invoice {document.number}", "due_date", str(document.due_date)),
                      Evidence(f"vendor {vendor.vendor_id}", "payment_terms", vendor.payment_terms)),
        )
    ]  # fmt: skip
