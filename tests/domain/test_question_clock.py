"""The clock of a question counts business days alone, wherever the server and the reader are."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import assume, given
from hypothesis import strategies as st

from coordination.domain import business_days
from coordination.domain.question_clock import (
    DISCOUNT,
    DUE_DATE,
    MOST_HOURS,
    PERIOD_CLOSE,
    SLA,
    BusinessHours,
    Dates,
    earliest,
)

BERLIN = ZoneInfo("Europe/Berlin")
HERE = BusinessHours("DE", BERLIN)
ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Pacific/Kiritimati",
    "Africa/Cairo",
    "Asia/Beirut",
)
COUNTRIES = ("", "DE", "US", "FR", "JP", "ZZ")

houses = st.builds(BusinessHours, st.sampled_from(COUNTRIES), st.sampled_from(ZONES).map(ZoneInfo))
moments = st.datetimes(datetime(2024, 1, 1), datetime(2029, 12, 31), timezones=st.just(UTC))
hours = st.integers(0, 400)
days = st.none() | st.dates(date(2023, 12, 1), date(2030, 2, 1))
dates = st.builds(Dates, days, days, days, st.none() | st.integers(0, 20))


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@contextmanager
def server_in(zone: str) -> Iterator[None]:
    """As if the machine stood in this zone, and the page of a reader, too."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = zone
    time.tzset()
    try:
        with timezone.override(zone):
            yield
    finally:
        os.environ.pop("TZ") if before is None else os.environ.__setitem__("TZ", before)
        time.tzset()


# --- what is true of every question -------------------------------------------------------------------------


@given(houses, moments, hours)
def test_it_is_never_due_before_it_is_asked_and_never_on_a_free_day(
    house: BusinessHours, asked: datetime, n: int
) -> None:
    due = house.after(asked, n)
    assert due >= asked
    assert business_days.is_business_day(due.astimezone(house.zone).date(), house.country)


@given(houses, moments, hours, hours)
def test_a_longer_sla_ends_no_earlier(house: BusinessHours, asked: datetime, one: int, other: int) -> None:
    short, long = sorted((one, other))
    assert house.after(asked, short) <= house.after(asked, long)


@given(houses, moments, moments, hours)
def test_what_is_asked_later_is_due_no_earlier(
    house: BusinessHours, one: datetime, other: datetime, n: int
) -> None:
    first, second = sorted((one, other))
    assert house.after(first, n) <= house.after(second, n)


@given(houses, moments, hours)
def test_exactly_the_hours_of_the_sla_pass_on_business_days(
    house: BusinessHours, asked: datetime, n: int
) -> None:
    assert house.worked(asked, house.after(asked, n)) == timedelta(hours=n)


@given(houses, moments, hours, hours)
def test_two_slas_one_after_the_other_are_one_of_their_sum(
    house: BusinessHours, asked: datetime, a: int, b: int
) -> None:
    assert house.after(house.after(asked, a), b) == house.after(asked, a + b)


@given(houses, moments, st.integers(1, 400))
def test_halfway_lies_between_and_as_much_business_time_is_before_it_as_after(
    house: BusinessHours, asked: datetime, n: int
) -> None:
    due = house.after(asked, n)
    half = house.halfway(asked, due)
    assert asked <= half <= due
    assert house.worked(asked, half) == house.worked(half, due) == timedelta(hours=n) / 2


@given(houses, moments, hours, dates)
def test_the_earliest_clock_is_ahead_on_a_business_day_and_no_later_than_the_sla(
    house: BusinessHours, asked: datetime, n: int, known: Dates
) -> None:
    due, clock = earliest(house, asked, n, known)
    assert asked <= due <= house.after(asked, n)
    assert business_days.is_business_day(due.astimezone(house.zone).date(), house.country)
    assert (clock == SLA) or due > asked


@given(houses, moments, hours, dates)
def test_a_day_that_is_lost_is_never_passed(
    house: BusinessHours, asked: datetime, n: int, known: Dates
) -> None:
    """A clock of a date ends on that date at the latest, in the zone of the house."""
    due, clock = earliest(house, asked, n, known)
    last = {DISCOUNT: known.discount, DUE_DATE: known.due}.get(clock)
    if last is not None:
        assert due.astimezone(house.zone).date() <= last


@given(houses, moments, hours, dates, st.sampled_from(ZONES), st.sampled_from(ZONES))
def test_where_the_server_stands_makes_no_difference(
    house: BusinessHours, asked: datetime, n: int, known: Dates, server: str, other: str
) -> None:
    with server_in(server):
        one = earliest(house, asked, n, known), house.halfway(asked, house.after(asked, n))
    with server_in(other):
        told = asked.astimezone(ZoneInfo(other))
        assert (earliest(house, told, n, known), house.halfway(told, house.after(told, n))) == one


@given(houses, st.dates(date(2024, 1, 1), date(2029, 12, 31)), st.integers(0, 30))
def test_so_many_days_before_and_after_are_business_days_counted_one_by_one(
    house: BusinessHours, day: date, n: int
) -> None:
    earlier, later = business_days.before(day, n, house.country), business_days.after(day, n, house.country)
    assert earlier <= day <= later
    between = [earlier + timedelta(i) for i in range((later - earlier).days + 1)]
    counted = [d for d in between if business_days.is_business_day(d, house.country)]
    assert len(counted) == 2 * n + (1 if day in counted else 2)


@given(st.sampled_from(COUNTRIES), st.dates(date(2024, 1, 1), date(2029, 12, 31)))
def test_a_month_is_closed_on_its_last_business_day_whichever_day_of_it_is_asked_about(
    country: str, day: date
) -> None:
    closes = business_days.month_close(day, 0, country)
    assert (closes.year, closes.month) == (day.year, day.month)
    assert business_days.after(closes, 1, country).month != day.month
    assert business_days.month_close(day.replace(day=1), 0, country) == closes


# --- days one can look up -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "n", "due"),
    [
        ("2026-11-20T15:00", 24, "2026-11-23T15:00"),  # Friday afternoon to Monday afternoon
        ("2026-11-19T15:00", 24, "2026-11-20T15:00"),
        ("2026-11-20T00:00", 24, "2026-11-23T00:00"),  # a day that is used up ends with the weekend
        ("2026-11-21T10:00", 24, "2026-11-24T00:00"),  # what comes on Saturday has the whole of Monday
        ("2026-11-21T10:00", 0, "2026-11-23T00:00"),
        ("2026-12-24T15:00", 24, "2026-12-28T15:00"),  # Christmas is on a Friday
        ("2026-12-31T12:00", 24, "2027-01-04T12:00"),
        ("2026-04-02T16:00", 24, "2026-04-07T16:00"),  # Easter takes four days
        ("2026-11-20T15:00", 72, "2026-11-25T15:00"),
        # clocks change on a Sunday: Monday afternoon is Monday afternoon
        ("2026-10-23T15:00", 24, "2026-10-26T15:00"),
        ("2026-03-27T15:00", 24, "2026-03-30T15:00"),
    ],
)
def test_a_weekend_and_a_holiday_are_no_time_to_answer(asked: str, n: int, due: str) -> None:
    assert HERE.after(at(asked), n) == at(due)


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        # clocks go forward at midnight of Friday 24 April 2026, and back in the night to Friday 30 October
        ("2026-04-23T12:00", "2026-04-24T13:00"),
        ("2026-10-29T12:00", "2026-10-30T11:00"),
    ],
)
def test_a_business_day_of_23_or_25_hours_has_so_many(asked: str, due: str) -> None:
    cairo = ZoneInfo("Africa/Cairo")
    house = BusinessHours("", cairo)
    assert house.after(at(asked, cairo), 24) == at(due, cairo)
    assert house.after(at(asked, cairo), 24) - at(asked, cairo).astimezone(UTC) == timedelta(hours=24)


def test_half_of_the_time_from_friday_to_monday_is_on_monday() -> None:
    friday = at("2026-11-20T15:00")
    assert HERE.halfway(friday, HERE.after(friday, 24)) == at("2026-11-23T03:00")


def test_where_there_is_no_business_time_half_of_the_time_is_half_of_it() -> None:
    """A question of before, that was due on a Sunday."""
    saturday, sunday = at("2026-11-21T12:00"), at("2026-11-22T12:00")
    assert HERE.halfway(saturday, sunday) == at("2026-11-22T00:00")


MONDAY = at("2026-11-16T09:00")


@pytest.mark.parametrize(
    ("known", "due", "clock"),
    [
        (Dates(), "2026-11-27T09:00", SLA),
        (Dates(discount=date(2026, 11, 24)), "2026-11-23T12:00", DISCOUNT),
        (Dates(discount=date(2026, 11, 23)), "2026-11-20T12:00", DISCOUNT),  # the business day before Monday
        (Dates(discount=date(2026, 11, 22)), "2026-11-19T12:00", DISCOUNT),  # a Sunday ends on Friday
        (Dates(discount=date(2026, 11, 16)), "2026-11-16T12:00", DISCOUNT),  # the day itself, the last chance
        (Dates(discount=date(2026, 11, 15)), "2026-11-27T09:00", SLA),  # it has ended
        (Dates(due=date(2026, 11, 25)), "2026-11-20T12:00", DUE_DATE),
        (Dates(due=date(2026, 11, 18)), "2026-11-16T12:00", DUE_DATE),
        (Dates(due=date(2026, 11, 2)), "2026-11-27T09:00", SLA),
        (Dates(due=date(1, 1, 1), discount=date(9999, 12, 31)), "2026-11-27T09:00", SLA),
        (Dates(issued=date(2026, 11, 3), close_days=None), "2026-11-27T09:00", SLA),
        (Dates(issued=date(2026, 10, 3), close_days=0), "2026-11-27T09:00", SLA),  # that month is closed
        (Dates(issued=date(2026, 10, 3), close_days=15), "2026-11-20T12:00", PERIOD_CLOSE),
        (Dates(issued=date(2026, 11, 3), due=date(2026, 11, 24), close_days=0), "2026-11-19T12:00", DUE_DATE),
    ],
)
def test_the_earliest_of_the_clocks_counts(known: Dates, due: str, clock: str) -> None:
    assert earliest(HERE, MONDAY, 24 * 9, known) == (at(due), clock)


def test_the_last_business_day_of_the_month_closes_its_period() -> None:
    """January 2026 ends with a Saturday: its invoices are to be answered on Friday by noon."""
    asked, january = at("2026-01-29T14:00"), Dates(issued=date(2026, 1, 5), close_days=0)
    assert earliest(HERE, asked, 24, january) == (at("2026-01-30T12:00"), PERIOD_CLOSE)
    assert earliest(HERE, at("2026-01-30T12:00"), 24, january)[1] == SLA


@given(moments)
def test_a_year_of_hours_is_counted_and_more_than_that_is_as_much(asked: datetime) -> None:
    assume(asked.year < 2026)
    assert HERE.after(asked, 10**12) == HERE.after(asked, MOST_HOURS)
    assert HERE.after(asked, -5) == HERE.after(asked, 0)
