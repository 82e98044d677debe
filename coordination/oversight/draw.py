"""Which questions bring a known-answer case with them, and of which invoice it is a twin: by a keyed hash.

The hash is that of `services.keyed_draw`.
"""

from __future__ import annotations

from uuid import UUID

from ..domain.oversight import Defect
from ..services import keyed_draw

OF_CODES: dict[Defect, frozenset[str]] = {
    Defect.PRICE: frozenset({"price_over"}),
    Defect.QUANTITY: frozenset({"qty_over_received"}),
    Defect.BANK: frozenset({"bank_mismatch"}),
    Defect.DUPLICATE: frozenset({"duplicate_suspect"}),
    Defect.CLEAN: frozenset({"over_threshold", "random_audit", "low_confidence", "duplicate_suspect"}),
}
"""Reason codes that a case with this defect is held for. Cases with other reasons are never known-answer
ones."""

BESIDE: dict[Defect, frozenset[str]] = {
    Defect.PRICE: frozenset({"amount_over_po", "over_threshold"}),
    Defect.QUANTITY: frozenset({"over_threshold"}),
    Defect.BANK: frozenset({"over_threshold"}),
    Defect.DUPLICATE: frozenset(
        {"qty_over_ordered", "qty_over_received", "amount_over_po", "over_threshold", "no_receipt"}
    ),
    Defect.CLEAN: frozenset(),
}
"""Reason codes that may stand beside those."""


def drawn(question: UUID, rate: float) -> bool:
    """Does this question bring a known-answer case with it?"""
    return keyed_draw.number("drawn", question) < rate


def defect_for(question: UUID, codes: frozenset[str]) -> Defect:
    """What is wrong with the case that a question brings: what resembles the question itself, so that kinds
    of cases come as often as in the queue. Any, where the question cannot be imitated."""
    fitting = [d for d in Defect if fits(d, codes)] or list(Defect)
    return fitting[int(keyed_draw.number("defect", question) * len(fitting))]


def can_imitate(codes: frozenset[str]) -> bool:
    """Could a known-answer case be held for exactly these reasons?"""
    return any(fits(d, codes) for d in Defect)


def fits(defect: Defect, codes: frozenset[str]) -> bool:
    """Is a case that agents hold for these codes what was meant to be made?"""
    return bool(codes & OF_CODES[defect]) and codes <= OF_CODES[defect] | BESIDE[defect]
