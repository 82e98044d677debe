"""The only code that assigns an invoice's state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ..domain.transitions import TransitionRefused, allowed
from ..models import Invoice

MOVED = ("state", "lane", "version", "state_since")
"""Columns that a move writes."""


@dataclass(frozen=True, slots=True)
class Move:
    """From one state to another, at a version of the invoice; the same state where it stays."""

    before: str
    after: str
    version: int

    def as_json(self) -> dict[str, str]:
        """As an entry keeps it: `from`, `to` and `version`."""
        return {"from": self.before, "to": self.after, "version": str(self.version)}


def transition(row: Invoice, to: str, at: datetime, *, lane: str = "", anew: bool = False) -> Move:
    """Move a locked invoice and count its version on; the caller writes the columns of `MOVED` with their
    history.

    `lane`: empty leaves it. `anew`: the state counts from now even where it is the same, because a person or
    a bank has put the invoice there again. Raises `TransitionRefused` for a move that the table does not
    name.
    """
    before = row.state
    if not allowed(before, to):
        raise TransitionRefused(row.subject, before, to)
    if anew or to != before:
        row.state, row.state_since = to, at
    if lane:
        row.lane = lane
    row.version += 1
    return Move(before, to, row.version)
