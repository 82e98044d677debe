"""The ways that invoices take from received to paid, and which of them are as intended. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from .stages import STAGES
from .transitions import ENDED

ORDER: Final = ("received", *STAGES, "cleared", "scheduled", "paid")
"""The intended way. A step may be passed over: what one agent answers may take an invoice two on."""

Kind = Literal["intended", "under way", "ended", "deviates"]


def kind_of(path: Sequence[str]) -> Kind:
    """What a way is: it ended as paid without going back; it has not ended and has not gone back; it ended
    without payment; or it went back, or on after an end."""
    *before, last = path
    if any(state in ENDED or state == "paid" for state in before):
        return "deviates"
    steps = before if last in ENDED else path
    places = [ORDER.index(state) for state in steps if state in ORDER]
    if len(places) != len(steps) or places != sorted(set(places)):
        return "deviates"
    if last in ENDED:
        return "ended"
    return "intended" if last == "paid" else "under way"
