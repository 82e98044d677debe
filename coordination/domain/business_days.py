"""Business days of a country: Monday to Friday without its public holidays. One calendar for the whole house;
what banks settle on is another matter (`services.payments.bank_days`)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

ONE = timedelta(days=1)


def is_business_day(day: date, country: str = "") -> bool:
    """Is anybody at work? Without a country only weekends are free."""
    return day.weekday() < 5 and not (country and day in _holidays(country, day.year))


@cache
def _holidays(country: str, year: int) -> frozenset[date]:
    from holidays import country_holidays  # read when a first day is looked up

    try:
        return frozenset(country_holidays(country, years=year))
    except NotImplementedError:  # a country of whose holidays nobody keeps a list
        return frozenset()


def last_until(day: date, country: str = "") -> date:
    """This day, or the last business day before it."""
    while not is_business_day(day, country):
        day -= ONE
    return day


def first_from(day: date, country: str = "") -> date:
    """This day, or the first business day after it."""
    while not is_business_day(day, country):
        day += ONE
    return day


def before(day: date, days: int, country: str = "") -> date:
    """So many business days before this one, which counts as the last one until it."""
    day = last_until(day, country)
    for _ in range(days):
        day = last_until(day - ONE, country)
    return day


def after(day: date, days: int, country: str = "") -> date:
    """So many business days after this one, which counts as the first one from it."""
    day = first_from(day, country)
    for _ in range(days):
        day = first_from(day + ONE, country)
    return day


def month_close(day: date, days: int, country: str = "") -> date:
    """The day on which the books of the month of this day are closed: its last business day, or so many
    after."""
    of_next = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return after(last_until(of_next - ONE, country), days, country)
