"""What the columns of the canonical layouts hold, whatever table they come from."""

from __future__ import annotations

from typing import Final

NUMBERS: Final = frozenset(
    {
        "quantity",
        "accepted",
        "unit_price",
        "line_net",
        "net",
        "tax",
        "gross",
        "amount",
        "balance",
        "tax_rate",
        "rate",
        "per_eur",
        "rate_per_eur",
    }
)
"""Columns of amounts, quantities and rates."""

FREE_TEXT: Final = frozenset({"name", "description", "payment_terms"})
"""Columns in which people write what they like; all others hold numbers, days, codes and identifiers."""
