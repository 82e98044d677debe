"""Until when a question is to be answered. Pure.

Time passes for people on business days alone: the SLA counts their hours, days before a date are business
days, and a date on a free day is that of the business day before, for it is us who decide. A moment here is
UTC, and never on a free day of the house; in which zone a server or a reader is makes no difference.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from . import business_days
from .business_days import ONE

SLA, DISCOUNT, DUE_DATE, PERIOD_CLOSE = "desk time", "discount", "due date", "period close"
"""The words by which questions keep which clock it is."""

BEFORE_DISCOUNT, BEFORE_DUE = 1, 3
"""So many business days before a discount ends, and before an invoice is due, it has to be answered."""
MOST_HOURS = 24 * 1_000
"""A longer SLA is one of so many hours."""
FAR = timedelta(days=6 * 366)
"""Days further away are later than every SLA."""
NOON = time(12)


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """Where people answer: the country whose holidays are free, and the zone in which days begin and end."""

    country: str
    zone: ZoneInfo

    def after(self, asked: datetime, hours: int) -> datetime:
        """The moment at which so many hours of business days have passed. Where the last of them ends a day,
        it is the beginning of the next business day."""
        return self._after(asked, timedelta(hours=max(0, min(hours, MOST_HOURS))))

    def _after(self, asked: datetime, left: timedelta) -> datetime:
        for begins, ends in self._open_from(asked):
            if left < ends - begins:
                return begins + left
            left -= ends - begins
        raise AssertionError("days do not end")

    def worked(self, start: datetime, end: datetime) -> timedelta:
        """How much of the time between two moments is on business days."""
        sum_ = timedelta(0)
        for begins, ends in self._open_from(start):
            if begins >= end:
                break
            sum_ += min(ends, end) - begins
        return sum_

    def halfway(self, asked: datetime, due: datetime) -> datetime:
        """When half of the business time between two moments has passed; where there is none, half of the
        time."""
        worked = self.worked(asked, due)
        return self._after(asked, worked / 2) if worked else asked + (due - asked) / 2

    def noon(self, day: date) -> datetime:
        """Noon of a day."""
        return datetime.combine(day, NOON, self.zone).astimezone(UTC)

    def _open_from(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """What is left of the day of a moment, then whole days: when each begins and ends; business days
        only."""
        day = moment.astimezone(self.zone).date()
        begins = moment.astimezone(UTC)
        while True:
            if business_days.is_business_day(day, self.country):
                yield max(begins, self._begins(day)), self._begins(day + ONE)
            day += ONE

    def _begins(self, day: date) -> datetime:
        return datetime.combine(day, time.min, self.zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Dates:
    """What of an invoice is lost when: the last day of a discount, the day it is due, and the day it was
    issued, whose month is its period. None: it has none. `close_days`: how many business days after the last
    one of a month its books are closed; None: no question waits for that."""

    discount: date | None = None
    due: date | None = None
    issued: date | None = None
    close_days: int | None = None


def earliest(house: BusinessHours, asked: datetime, hours: int, dates: Dates) -> tuple[datetime, str]:
    """The earliest moment that is still ahead, and which clock it is.

    Noon a business day before the discount ends, and three before the invoice is due; within these days each
    noon up to the day itself. Noon of the day on which the period is closed. What is past counts no more; the
    SLA is always there.
    """
    ahead = [(moment, clock) for moment, clock in _noons(house, asked, dates) if moment > asked]
    return min([(house.after(asked, hours), SLA), *ahead])


def _noons(house: BusinessHours, asked: datetime, dates: Dates) -> Iterator[tuple[datetime, str]]:
    for day, days, clock in (
        (dates.discount, BEFORE_DISCOUNT, DISCOUNT),
        (dates.due, BEFORE_DUE, DUE_DATE),
    ):
        if day is not None and _is_near(day, asked):
            yield from (
                (house.noon(business_days.before(day, n, house.country)), clock) for n in range(days + 1)
            )
    if dates.issued is not None and dates.close_days is not None and _is_near(dates.issued, asked):
        closes = business_days.month_close(dates.issued, dates.close_days, house.country)
        yield house.noon(closes), PERIOD_CLOSE


def _is_near(day: date, asked: datetime) -> bool:
    """May the day matter? A document may state any, from which no calendar counts."""
    return abs(day - asked.date()) < FAR
