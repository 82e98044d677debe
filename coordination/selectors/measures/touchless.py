"""What cleared without a person, of the invoices received in the period."""

from __future__ import annotations

from ...domain.key_figures import PUBLISHED, Measure

MEASURES = (
    Measure(
        "Touchless, order-based",
        "ruled on that name an order cleared without a person",
        lambda period: period.clearing.touchless_ordered,
        PUBLISHED["touchless"],
        ("touchless-ordered", "ruled-on-ordered"),
    ),
    Measure(
        "Touchless, all",
        "ruled on, with or without an order, credit notes included",
        lambda period: period.clearing.touchless,
        PUBLISHED["touchless"],
        ("touchless", "ruled-on"),
    ),
)
