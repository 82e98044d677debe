"""`{% load moments %}`: ledger entries in words, of `display.ledger_entries`."""

from __future__ import annotations

from ..display.ledger_entries import register

__all__ = ["register"]
