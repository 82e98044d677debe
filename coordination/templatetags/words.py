"""`{% load words %}`: statuses and codes as icon and word, of `display.words`."""

from __future__ import annotations

from ..display.words import register

__all__ = ["register"]
