"""Trades that nobody needs to be asked about, among them many at which a careless system would stop."""

from __future__ import annotations

from . import amounts, crediting, deliveries, lookalikes, prices, references

__all__ = ["amounts", "crediting", "deliveries", "lookalikes", "prices", "references"]
