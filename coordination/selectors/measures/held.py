"""What was never held, and what was, of the invoices received in the period."""

from __future__ import annotations

from ...domain.key_figures import PUBLISHED, Measure

MEASURES = (
    Measure(
        "First-time match",
        "order-based invoices never held by procurement or operations",
        lambda period: period.clearing.first_match,
        listed=("first-time-match", "matched"),
    ),
    Measure(
        "Exception rate",
        "received had a hold at some time, waits for a receipt included",
        lambda period: period.clearing.exceptions,
        PUBLISHED["exceptions"],
        ("exceptions", "looked-at"),
    ),
)
