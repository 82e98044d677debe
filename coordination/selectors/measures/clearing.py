"""How invoices came through, as shares of those received in the period."""

from __future__ import annotations

from ...domain.key_figures import PUBLISHED, Measure

MEASURES = (
    Measure(
        "Touchless, order-based",
        "ruled on that name an order cleared without a person",
        lambda period: period.clearing.touchless_ordered,
        PUBLISHED["touchless"],
    ),
    Measure(
        "Touchless, all",
        "ruled on, with or without an order, credit notes included",
        lambda period: period.clearing.touchless,
        PUBLISHED["touchless"],
    ),
    Measure(
        "First-time match",
        "order-based invoices never held by procurement or operations",
        lambda period: period.clearing.first_match,
    ),
    Measure(
        "Exception rate",
        "received had a hold at some time, waits for a receipt included",
        lambda period: period.clearing.exceptions,
        PUBLISHED["exceptions"],
    ),
)
