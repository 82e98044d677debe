"""Days on which money moves: TARGET, the euro's settlement system, and our bank's cut-off time.

TARGET is closed on Saturdays, Sundays, 1 January, Good Friday, Easter Monday, 1 May, 25 and 26 December
(European Central Bank, long-term calendar of closing days).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache

from django.conf import settings
from holidays import financial_holidays

ONE = timedelta(days=1)


@cache
def _closed(year: int) -> frozenset[date]:
    return frozenset(financial_holidays("ECB", years=year))


def is_bank_day(day: date) -> bool:
    """Does TARGET settle on this day?"""
    return day.weekday() < 5 and day not in _closed(day.year)


def first_from(day: date) -> date:
    """This day, or the next on which the bank works."""
    while not is_bank_day(day):
        day += ONE
    return day


def last_until(day: date) -> date:
    """This day, or the last before it on which the bank works."""
    while not is_bank_day(day):
        day -= ONE
    return day


def earliest(now: datetime) -> date:
    """The first day on which the bank can carry out what it is given now: today only before the cut-off."""
    cutoff, zone = settings.COUNTERSIGN_CUTOFF
    local = now.astimezone(zone)
    today = local.date()
    return first_from(today if local.time() < cutoff else today + ONE)
