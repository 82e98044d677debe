"""What a decision's day and document say about the rates to expect: weekday, month-end, document type."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

WEEKDAYS = ("Monday", "midweek", "midweek", "midweek", "Friday", "weekend", "weekend")
ORDINARY, MONTH_END = "ordinary", "month-end"


@lru_cache(maxsize=4096)
def day_context(day: date) -> tuple[str, str]:
    """The class of the weekday, and whether the day is at a month's end: its last two business days and the
    first one of the next month."""
    return WEEKDAYS[day.weekday()], MONTH_END if is_month_end(day) else ORDINARY


def is_month_end(day: date) -> bool:
    return _month(day, back=1) != day.month or _month(day, ahead=2) != day.month


def _month(day: date, *, ahead: int = 0, back: int = 0) -> int:
    """The month of the day so many business days away."""
    left, step = ahead + back, timedelta(days=1 if ahead else -1)
    while left:
        day += step
        left -= day.weekday() < 5
    return day.month
