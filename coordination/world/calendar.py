"""The working days of the made-up company: Monday to Friday without the public holidays of its country."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from ..domain.business_days import is_business_day

ONE = timedelta(days=1)
COUNTRY = "DE"


def is_working_day(day: date) -> bool:
    """Is anybody at work?"""
    return is_business_day(day, COUNTRY)


def working_days(first: date, last: date) -> Iterator[date]:
    """The working days from one day to another, both included."""
    day = first
    while day <= last:
        if is_working_day(day):
            yield day
        day += ONE


def next_working_day(day: date) -> date:
    """The first working day after this one."""
    day += ONE
    while not is_working_day(day):
        day += ONE
    return day


def closes_a_month(day: date) -> bool:
    """Is it one of the last two working days of a month or the first of the next: the books are closed?"""
    after = next_working_day(day)
    before = day - ONE
    while not is_working_day(before):
        before -= ONE
    return after.month != day.month or next_working_day(after).month != day.month or before.month != day.month
