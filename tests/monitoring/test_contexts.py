"""Month-ends are the last two business days and the first."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.monitoring.contexts import MONTH_END, ORDINARY, day_context, is_month_end


@given(st.integers(2000, 2100), st.integers(1, 12))
def test_a_month_has_three_such_business_days(year: int, month: int) -> None:
    start = date(year, month, 1)
    days = [d for i in range(31) if (d := start + timedelta(days=i)).month == month and d.weekday() < 5]
    assert [d for d in days if is_month_end(d)] == [days[0], *days[-2:]]


@pytest.mark.parametrize(
    ("day", "context"),
    [
        (date(2026, 3, 2), ("Monday", MONTH_END)),  # the first of March is a Sunday
        (date(2026, 3, 3), ("midweek", ORDINARY)),
        (date(2026, 1, 30), ("Friday", MONTH_END)),
        (date(2026, 1, 29), ("midweek", MONTH_END)),
        (date(2026, 1, 28), ("midweek", ORDINARY)),
        (date(2026, 12, 31), ("midweek", MONTH_END)),
    ],
)
def test_a_day_says_its_class_and_whether_a_month_ends(day: date, context: tuple[str, str]) -> None:
    assert day_context(day) == context


def test_a_public_holiday_is_no_business_day_and_moves_the_months_end() -> None:
    new_year, first_at_work = date(2027, 1, 1), date(2027, 1, 4)
    assert day_context(new_year) == ("Friday", MONTH_END)
    assert day_context(new_year, "DE") == ("weekend", ORDINARY)
    assert day_context(first_at_work) == ("Monday", ORDINARY)
    assert day_context(first_at_work, "DE") == ("Monday", MONTH_END)


def test_of_an_ordinary_week_a_country_changes_nothing() -> None:
    days = [date(2026, 9, 7) + timedelta(days=n) for n in range(5)]
    assert [day_context(d) for d in days] == [day_context(d, "DE") for d in days]
