"""Where a line leads that names a delivery instead of an order line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Led:
    """The order, and the line of it where that is told, for which the goods were that an invoice line's own despatch or
    receipt was about."""

    position: int
    order_number: str
    order_line: str = ""
