"""What holds of every question, whatever its kind: verdicts, signing limits, who answers all of it."""

from __future__ import annotations

from collections.abc import Callable
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


def currency() -> str:
    """Return the currency of limits; empty where nobody says."""
    return next((source() for source in CURRENCY), "")


def limit_of(group: str) -> Decimal | None:
    """Return the amount in company currency up to which a group's member signs; None = no right to sign."""
    for source in LIMITS:
        return source(group)
    return None
