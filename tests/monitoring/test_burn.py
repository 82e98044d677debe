"""Burn rates: two windows must agree, and a moment is no rate."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.monitoring.burn import THRESHOLDS, WINDOWS, Count, Urgency, burning

BUDGET = 0.01
NONE = dict.fromkeys(WINDOWS, Count(1_000, 0))
FIVE_MINUTES, HALF_HOUR, HOUR, SIX_HOURS, THREE_DAYS = WINDOWS


def test_the_windows_are_those_of_the_book() -> None:
    assert [(t.rate, t.long, t.short) for t in THRESHOLDS] == [
        (14.4, timedelta(hours=1), timedelta(minutes=5)),
        (6.0, timedelta(hours=6), timedelta(minutes=30)),
        (1.0, timedelta(days=3), timedelta(hours=6)),
    ]


def test_within_the_budget_nothing_is_told() -> None:
    assert burning(NONE, BUDGET) is None
    assert burning(NONE | {THREE_DAYS: Count(1_000, 9), SIX_HOURS: Count(1_000, 9)}, BUDGET) is None


@pytest.mark.parametrize(
    ("long", "short", "rate", "urgency"),
    [
        (HOUR, FIVE_MINUTES, 14.4, Urgency.NOW),
        (SIX_HOURS, HALF_HOUR, 6.0, Urgency.TODAY),
        (THREE_DAYS, SIX_HOURS, 1.0, Urgency.SOON),
    ],
)
def test_both_windows_have_to_have_it(
    long: timedelta, short: timedelta, rate: float, urgency: Urgency
) -> None:
    late = Count(1_000, round(1_000 * rate * BUDGET) + 1)
    found = burning(NONE | {long: late, short: late}, BUDGET)
    assert found is not None
    assert found.threshold.urgency is urgency
    assert found.rate == pytest.approx(late.late / 10)
    assert burning(NONE | {long: late}, BUDGET) is None, "it is over"
    assert burning(NONE | {short: late}, BUDGET) is None, "it is a moment"


def test_one_late_of_two_is_no_rate() -> None:
    assert burning(dict.fromkeys(WINDOWS, Count(2, 1)), BUDGET) is None
    assert burning(dict.fromkeys(WINDOWS, Count(6, 3)), BUDGET) is not None


def test_without_cases_there_is_no_rate() -> None:
    assert burning(dict.fromkeys(WINDOWS, Count(0, 0)), BUDGET) is None


@given(st.integers(3, 500), st.integers(0, 500))
def test_more_late_is_never_less_urgent(late: int, more: int) -> None:
    order = [None, Urgency.SOON, Urgency.TODAY, Urgency.NOW]

    def told(n: int) -> int:
        found = burning(dict.fromkeys(WINDOWS, Count(1_000, n)), BUDGET)
        return order.index(found and found.threshold.urgency)

    assert told(min(1_000, late + more)) >= told(late)
