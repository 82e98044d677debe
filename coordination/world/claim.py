"""One made claim with what is true of it."""

from __future__ import annotations

from dataclasses import dataclass

from ..translation.canonical import Invoice
from .labels import Expected


@dataclass(frozen=True, slots=True)
class Claim:
    """An invoice or credit note, and what it should come to. `vendor` is empty where none of ours should be
    found."""

    invoice: Invoice
    vendor: str
    lane: str
    holds: tuple[Expected, ...] = ()
