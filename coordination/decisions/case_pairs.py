"""The invoices that a suspected duplicate resembles, to choose the one that is meant."""

from __future__ import annotations

from collections.abc import Sequence

from reviews.remedies import Choice, Field

from ..agents import claims, corrections
from ..agents.completeness import format_day
from ..domain.amounts import format_amount
from ..domain.facts import Sibling, Snapshot
from ..domain.proposal import HoldDetail
from ..models import Hold

TWIN = "twin"
"""The one field of both answers: the id of the other invoice."""
MOST = 8


def pair_fields(snapshot: Snapshot, holds: Sequence[Hold]) -> list[Field]:
    """The field with the invoices that are meant; none where it is asked whether one replaces another."""
    if any(HoldDetail.from_json(h.detail).rule == corrections.RULE for h in holds):
        return []
    found = [_choice(other, why) for other, why in claims.look_alikes(snapshot)[:MOST]]
    return [Field(TWIN, "other invoice", "choice", choices=found, closed=True)] if found else []


def _choice(other: Sibling, why: str) -> Choice:
    gross = f"{other.currency} {format_amount(other.gross)}" if other.gross is not None else ""
    fit = (
        ("Issued", format_day(other.issue_date) if other.issue_date else ""),
        ("Gross", gross.strip()),
        ("Resembles", why),
    )
    return Choice(other.id, other.number, fit)
