"""Where an invoice stands, derived: the furthest stage whose questions are all settled."""

from __future__ import annotations

from collections.abc import Iterable

STAGES = ("validated", "matched", "delivered")
"""Stages that agents settle in turn; `cleared` is the ruling on the release, later ones are payment's."""

SETTLED_BY = {
    "validated": "finance.validation",
    "matched": "procurement.matching",
    "delivered": "operations.delivery",
}


def stage(answered: Iterable[str], holding: Iterable[str]) -> str:
    """The furthest stage reached. `answered`: agents whose answers stand; `holding`: agents with a live
    hold."""
    answered, holding = set(answered), set(holding)
    reached = "received"
    for name in STAGES:
        agent = SETTLED_BY[name]
        if agent not in answered or agent in holding:
            return reached
        reached = name
    return reached
