"""Days on which an order in another currency can be carried out: TARGET and the banks of the currency both
have to be open, and each currency has its own cut-off."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.services.payments import bank_days

CURRENCIES = ["EUR", "USD", "CHF", "GBP", "JPY", "SAR", "KWD"]
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("currency", "day", "open_"),
    [
        ("USD", date(2025, 7, 4), False),  # Independence Day, a Friday
        ("EUR", date(2025, 7, 4), True),
        ("USD", date(2026, 11, 26), False),  # Thanksgiving
        ("USD", date(2026, 11, 27), True),
        ("USD", date(2026, 6, 19), False),  # Juneteenth
        ("USD", date(2026, 4, 3), False),  # Good Friday: the Federal Reserve is open, TARGET is not
        ("USD", date(2026, 5, 1), False),  # likewise
        ("CHF", date(2025, 8, 1), False),  # the Swiss national day
        ("CHF", date(2025, 8, 4), True),
        ("GBP", date(2026, 8, 31), False),  # the summer bank holiday of England
        ("GBP", date(2026, 11, 30), True),  # Saint Andrew's day is one of Scotland
        ("JPY", date(2026, 4, 29), False),
        ("JPY", date(2026, 5, 6), False),  # in the place of 3 May, a Sunday
        ("JPY", date(2026, 5, 7), True),
        ("JPY", date(2026, 12, 31), False),  # no public holiday: banks are closed until 3 January
        ("EUR", date(2026, 12, 31), True),
        ("PLN", date(2026, 11, 11), False),
        ("CZK", date(2026, 10, 28), False),
        ("DKK", date(2026, 5, 14), False),  # Ascension
        ("BRL", date(2026, 9, 7), False),
        ("AUD", date(2026, 10, 5), False),  # Labour Day in Sydney, not in Melbourne
        ("CNY", date(2026, 10, 1), False),
    ],
)
def test_an_order_needs_target_and_the_banks_of_its_currency(currency: str, day: date, open_: bool) -> None:
    assert bank_days.is_bank_day(day, currency) is open_


@pytest.mark.parametrize(
    ("currency", "open_"),
    [
        ("SAR", False),  # Friday and Saturday are the weekend there
        ("AED", True),  # Saturday and Sunday, since 2022
        ("EUR", True),
        ("KWD", True),  # no calendar of its own here: TARGET's days alone
    ],
)
def test_a_friday_is_a_weekend_where_banks_keep_it(currency: str, open_: bool) -> None:
    assert bank_days.is_bank_day(date(2026, 3, 6), currency) is open_


@pytest.mark.parametrize("currency", CURRENCIES)
def test_nothing_moves_on_a_saturday_or_sunday_in_any_currency(currency: str) -> None:
    assert not bank_days.is_bank_day(date(2026, 3, 7), currency)
    assert not bank_days.is_bank_day(date(2026, 3, 8), currency)


def test_a_currency_without_a_calendar_has_the_days_of_target() -> None:
    assert bank_days.is_bank_day(date(2026, 2, 25), "KWD")  # the national day of Kuwait
    assert not bank_days.is_bank_day(date(2026, 12, 25), "KWD")
    assert not bank_days.is_bank_day(date(2026, 5, 1), "XXX")


@pytest.mark.parametrize(
    ("currency", "day", "before", "after"),
    [
        ("USD", date(2026, 11, 26), date(2026, 11, 25), date(2026, 11, 27)),
        ("JPY", date(2026, 12, 31), date(2026, 12, 30), date(2027, 1, 4)),  # over the end of the year
        ("EUR", date(2026, 12, 26), date(2026, 12, 24), date(2026, 12, 28)),
        ("EUR", date(2027, 1, 1), date(2026, 12, 31), date(2027, 1, 4)),
        ("JPY", date(2026, 5, 4), date(2026, 4, 30), date(2026, 5, 7)),  # 1 May is closed by TARGET
        ("USD", date(2026, 3, 2), date(2026, 3, 2), date(2026, 3, 2)),  # a day that is one itself
    ],
)
def test_the_bank_days_around_a_day(currency: str, day: date, before: date, after: date) -> None:
    assert bank_days.last_until(day, currency) == before
    assert bank_days.first_from(day, currency) == after


@given(st.dates(date(2025, 1, 1), date(2027, 12, 31)), st.sampled_from(CURRENCIES))
def test_no_bank_day_is_passed_over(day: date, currency: str) -> None:
    before, after = bank_days.last_until(day, currency), bank_days.first_from(day, currency)
    assert before <= day <= after
    assert bank_days.is_bank_day(before, currency)
    assert bank_days.is_bank_day(after, currency)
    between = [before + DAY * n for n in range(1, (after - before).days)]
    assert not any(bank_days.is_bank_day(d, currency) for d in between)


@given(st.dates(date(2025, 1, 1), date(2027, 12, 31)), st.sampled_from(CURRENCIES))
def test_a_day_on_which_another_currency_moves_is_one_of_target(day: date, currency: str) -> None:
    assert not bank_days.is_bank_day(day, currency) or bank_days.is_bank_day(day)


TOKYO = (time(9, 0), ZoneInfo("Asia/Tokyo"))


@pytest.mark.parametrize(
    ("now", "currency", "first"),
    [
        ("2026-03-01T23:59:59+00:00", "JPY", "2026-03-02"),  # a second to nine in Tokyo, Monday there
        ("2026-03-02T00:00:00+00:00", "JPY", "2026-03-03"),  # nine o'clock is too late
        ("2026-03-02T00:00:00+00:00", "EUR", "2026-03-02"),  # of the euro nothing is changed
        ("2026-03-02T00:00:00+00:00", "USD", "2026-03-02"),
        ("2026-03-06T00:30:00+00:00", "JPY", "2026-03-09"),  # Friday in Tokyo, after nine
        ("2026-05-01T00:30:00+00:00", "JPY", "2026-05-07"),  # the golden week
    ],
)
def test_a_currency_may_have_a_cut_off_of_its_own(
    settings: object, now: str, currency: str, first: str
) -> None:
    settings.COUNTERSIGN_CUTOFFS = {"JPY": TOKYO}
    assert bank_days.earliest(datetime.fromisoformat(now), currency).isoformat() == first
