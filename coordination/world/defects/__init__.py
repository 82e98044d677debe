"""Trades in which something is wrong, each labelled with the holds it should raise."""

from __future__ import annotations

from . import claims, combined, deliveries, documents, identity, orders, prices, text

__all__ = ["claims", "combined", "deliveries", "documents", "identity", "orders", "prices", "text"]
