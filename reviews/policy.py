"""What holds of every question, whatever its kind: verdicts, signing limits, who answers all of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from decimal import Decimal

LONGEST_KIND = 20
"""Characters of a kind's name, as stored."""

REJECT = "reject"

STATUS = {"approve": "approved", "override": "approved", "reject": "rejected"}
"""Verdict -> the escalation's terminal status. An edit ends as its remedy says (`remedies`)."""

NOT_STATED = "not_stated"
"""What a verdict by command records where it names no reason, and its kind allows that. No page offers it."""

TEXT_REQUIRED = frozenset({"reject", "override"})
"""Verdicts that need a comment in the person's own words."""

TEXT_OF = frozenset({"other"})
"""Reason codes that need one whatever the verdict is."""

ANSWERS_ALL = "manager"
"""Whoever belongs to this group answers every queue; everybody else that of their department."""

LIMITS: list[Callable[[str], Decimal | None]] = []
"""Where a group's signing limit comes from: the owner of the rules registers one function."""

CURRENCY: list[Callable[[], str]] = []
"""What limits are counted in: the owner of the rules registers one function."""

ZONE: list[Callable[[], tzinfo]] = []
"""In which zone days begin and end for this house: its owner registers one function."""

HALF_TIME: list[Callable[[datetime, datetime], datetime]] = []
"""When half of the time between two moments is over, by the calendar of the house: its owner registers one
function."""


def zone() -> tzinfo:
    """Return the zone in which days begin and end; UTC where nobody says."""
    return next((source() for source in ZONE), UTC)


def half_time(asked: datetime, due: datetime) -> datetime:
    """Return when half of the time of a question is over; half of all time where nobody says."""
    return next((source(asked, due) for source in HALF_TIME), asked + (due - asked) / 2)


def currency() -> str:
    """Return the currency of limits; empty where nobody says."""
    return next((source() for source in CURRENCY), "")


def limit_of(group: str) -> Decimal | None:
    """Return the amount in company currency up to which a group's member signs; None = no right to sign."""
    for source in LIMITS:
        return source(group)
    return None
