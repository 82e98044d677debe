"""What a decision's day and document say about the rates to expect: weekday, month-end, document type.

A country's public holidays are no business days; without a country only weekends are none.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from ..domain.business_days import is_business_day

__all__ = ["MONTH_END", "ORDINARY", "day_context", "is_business_day", "is_month_end"]

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


def _month(day: date, country: str, *, ahead: int = 0, back: int = 0) -> int:
    """The month of the day so many business days away."""
    left, step = ahead + back, timedelta(days=1 if ahead else -1)
    while left:
        day += step
        left -= is_business_day(day, country)
    return day.month
