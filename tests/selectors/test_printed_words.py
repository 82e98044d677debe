"""Moments, sums, names and spans on paper: in full, in UTC, and the same on whatever day it is printed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone as django_timezone
from hypothesis import given
from hypothesis import strategies as st

from coordination.selectors.printed import format_money, person_name, span, stamp
from reviews.selectors import Person

KNOWN = {
    "human:7": Person("human:7", "Alice", "human"),
    "agent:finance.payment/3": Person("agent:finance.payment/3", "finance.payment", "agent"),
}
UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}


# --- moments ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "printed"),
    [
        (datetime(2026, 3, 31, 14, 3, 7, 204_000, UTC), "2026-03-31 14:03:07.204 UTC"),
        (datetime(2026, 3, 31, 14, 3, 7, tzinfo=UTC), "2026-03-31 14:03:07.000 UTC"),
        (datetime(2026, 3, 31, 14, 3, 7, 999_999, UTC), "2026-03-31 14:03:07.999 UTC"),  # cut, not rounded up
        (datetime(2026, 4, 1, 0, 30, tzinfo=ZoneInfo("Europe/Berlin")), "2026-03-31 22:30:00.000 UTC"),
        (datetime(2026, 12, 31, 23, 0, tzinfo=ZoneInfo("America/New_York")), "2027-01-01 04:00:00.000 UTC"),
        (
            datetime(2026, 1, 1, 5, 45, tzinfo=timezone(timedelta(hours=5, minutes=45))),
            "2026-01-01 00:00:00.000 UTC",
        ),
        (None, "–"),
    ],
)
def test_a_moment_is_printed_in_utc_to_the_millisecond(at: datetime | None, printed: str) -> None:
    assert stamp(at) == printed


def test_the_zone_of_whoever_prints_changes_nothing() -> None:
    at = datetime(2026, 3, 31, 23, 59, 59, tzinfo=UTC)
    with django_timezone.override("Pacific/Kiritimati"):
        assert stamp(at) == "2026-03-31 23:59:59.000 UTC"


# --- sums ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "currency", "printed"),
    [
        (Decimal("1190"), "EUR", "EUR 1,190.00"),
        (Decimal("-1190.5"), "EUR", "EUR -1,190.50"),
        (Decimal("0"), "SEK", "SEK 0.00"),
        (Decimal("1234567.89"), "JPY", "JPY 1,234,567.89"),
        (Decimal("999.99"), "", "999.99"),
        (None, "EUR", "–"),
        (None, "", "–"),
    ],
)
def test_a_sum_is_printed_with_its_currency_first(
    amount: Decimal | None, currency: str, printed: str
) -> None:
    assert format_money(amount, currency) == printed


# --- who ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("actor", "printed"),
    [
        ("human:7", "Alice (person 7)"),
        ("human:8", "human 8"),  # an account that is gone
        ("agent:finance.payment/3", "agent finance.payment/3"),  # with the version that decided
        ("system:intake", "system intake"),
        ("", ""),
    ],
)
def test_a_person_is_printed_by_name_and_an_agent_by_its_version(actor: str, printed: str) -> None:
    assert person_name(actor, KNOWN) == printed


# --- spans --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("time", "printed"),
    [
        (timedelta(days=2, hours=3, minutes=4, seconds=5), "2 d 3 h 4 m 5 s"),
        (timedelta(days=2, seconds=5), "2 d 5 s"),
        (timedelta(hours=24), "1 d"),
        (timedelta(hours=23, minutes=59, seconds=59), "23 h 59 m 59 s"),
        (timedelta(minutes=60), "1 h"),
        (timedelta(seconds=59), "59 s"),
        (timedelta(seconds=60), "1 m"),
        (timedelta(seconds=1), "1 s"),
        (timedelta(milliseconds=999), "under a second"),
        (timedelta(0), "under a second"),
        (timedelta(seconds=-90), "under a second"),  # clocks of two machines may differ
        (timedelta(days=400), "400 d"),
    ],
)
def test_a_span_leaves_out_what_is_nought(time: timedelta, printed: str) -> None:
    assert span(time) == printed


@given(st.integers(1, 10**8))
def test_a_span_loses_no_second(seconds: int) -> None:
    numbers = span(timedelta(seconds=seconds)).split()
    pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
    assert sum(int(n) * UNITS[unit] for n, unit in pairs) == seconds
    assert all(int(n) > 0 for n, _ in pairs)
    assert [unit for _, unit in pairs] == [unit for unit in UNITS if unit in {u for _, u in pairs}]
