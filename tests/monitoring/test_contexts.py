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
