"""The ways that invoices take from received to paid, and which of them are as intended. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
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


STANDS: Final = ""
"""In place of a next state: this is where it stands."""


def forward(path: Sequence[str]) -> tuple[str, ...]:
    """A way without what was taken back: each of its states lies further on than the one before, and the last
    is where it ends. received, matched, received, validated -> received, validated."""
    out: list[str] = []
    for state in path:
        at = _place(state)
        while out and _place(out[-1]) >= at:
            out.pop()
        out.append(state)
    return tuple(out)


def _place(state: str) -> int:
    return ORDER.index(state) if state in ORDER else len(ORDER)


def steps(path: Sequence[str]) -> list[tuple[str, str]]:
    """The steps of a way that goes forward, each as from and to; the last one is to stand where it ends."""
    return [*pairwise(path), (path[-1], STANDS)] if path else []
