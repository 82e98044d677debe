"""Holds end in one way: released, by whom, how and why."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from ..models import Hold

RELEASED = ("status", "release", "until", "released_at", "released_by", "release_reason")
"""Columns that a release writes."""


def release(holds: Iterable[Hold], how: str, by: str, reason: str, at: datetime) -> None:
    """Release these holds; the caller writes the columns of `RELEASED` with their history. `how`: a
    `Hold.Release`."""
    for hold in holds:
        hold.status, hold.release, hold.until = Hold.Status.RELEASED, how, None
        hold.released_at, hold.released_by, hold.release_reason = at, by, reason
