"""What a decision's day and document say about the rates to expect: weekday, month-end, document type.

A country's public holidays are no business days; without a country only weekends are none.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache, lru_cache

WEEKDAYS = ("Monday", "midweek", "midweek", "midweek", "Friday")
FREE = "weekend"
ORDINARY, MONTH_END = "ordinary", "month-end"


@lru_cache(maxsize=4096)
def day_context(day: date, country: str = "") -> tuple[str, str]:
    """The class of the weekday, and whether the day is at a month's end: its last two business days and the
    first one of the next month."""
    if not is_business_day(day, country):
        return FREE, ORDINARY
    return WEEKDAYS[day.weekday()], MONTH_END if is_month_end(day, country) else ORDINARY


def is_month_end(day: date, country: str = "") -> bool:
    return _month(day, country, back=1) != day.month or _month(day, country, ahead=2) != day.month


def is_business_day(day: date, country: str = "") -> bool:
    """Is anybody at work?"""
    return day.weekday() < 5 and not (country and day in _holidays(country, day.year))


@cache
def _holidays(country: str, year: int) -> frozenset[date]:
    from holidays import country_holidays  # read when a first day is looked up

    return frozenset(country_holidays(country, years=year))


def _month(day: date, country: str, *, ahead: int = 0, back: int = 0) -> int:
    """The month of the day so many business days away."""
    left, step = ahead + back, timedelta(days=1 if ahead else -1)
    while left:
        day += step
        left -= is_business_day(day, country)
    return day.month
