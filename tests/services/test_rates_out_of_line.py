"""A rate that differs by more than a fifth from the one for its day, or from the one before the list came,
waits for a second person."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.models import Rate
from coordination.services import rate_changes
from coordination.services.rate_changes import NEAR, Dated, hear
from coordination.translation.canonical import Rate as Stated

DAY = timedelta(days=1)
FIRST = date(2026, 1, 1)


def dated(*values: tuple[int, str]) -> Dated:
    """Rates so many days after the first of January."""
    return Dated((FIRST + n * DAY, Decimal(v)) for n, v in values)


def stated(*rates: tuple[int, str], currency: str = "USD") -> list[Stated]:
    return [Stated(FIRST + n * DAY, currency, Decimal(v)) for n, v in rates]


@pytest.mark.parametrize(
    ("value", "base", "off"),
    [
        ("1.20", "1.00", False),  # a fifth is in line
        ("1.2000001", "1.00", True),
        ("0.80", "1.00", False),
        ("0.7999999", "1.00", True),
        ("192", "160", False),
        ("193", "160", True),
        ("1.00", "1.25", False),  # a fifth of the rate that is known, not of the new one
        ("1.25", "1.00", True),
    ],
)
def test_a_fifth_of_the_known_rate_is_in_line(value: str, base: str, off: bool) -> None:
    assert rate_changes._out_of_line(Decimal(value), Decimal(base)) is off


@pytest.mark.parametrize(
    ("day", "found"),
    [(-1, 0), (0, 0), (1, 0), (9, 0), (10, 10), (11, 10), (500, 10)],
)
def test_the_nearest_rate_is_the_last_on_or_before_a_day_and_else_the_first(day: int, found: int) -> None:
    known = dated((10, "1.2"), (0, "1.1"))
    assert known.nearest(FIRST + day * DAY) == (FIRST + found * DAY, known.values[FIRST + found * DAY])


def test_without_a_rate_nothing_is_near() -> None:
    assert Dated().nearest(FIRST) is None


def test_a_day_that_is_set_again_has_one_rate() -> None:
    known = dated((0, "1.1"))
    known[FIRST + DAY] = Decimal("1.3")
    known[FIRST] = Decimal("1.2")
    assert known.days == [FIRST, FIRST + DAY]
    assert known.nearest(FIRST) == (FIRST, Decimal("1.2"))


@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(1, 9)), min_size=1), st.integers(-60, 60))
def test_the_nearest_rate_is_found_in_whatever_order_days_came(
    found: list[tuple[int, int]], day: int
) -> None:
    known = Dated()
    for n, value in found:
        known[FIRST + n * DAY] = Decimal(value)
    last = dict(found)
    on = max((n for n in last if n <= day), default=min(last))
    assert known.nearest(FIRST + day * DAY) == (FIRST + on * DAY, Decimal(last[on]))


# --- a list -------------------------------------------------------------------------------------------------


@pytest.fixture
def known(db: None) -> None:
    Rate.objects.all().delete()
    Rate.objects.create(currency="USD", on=FIRST, per_eur=Decimal("1.00"))


@pytest.mark.parametrize(
    ("rates", "heard"),
    [
        ([(0, "1.00")], ["unchanged"]),
        ([(0, "1.10")], ["accepted"]),  # another value for a known day
        ([(1, "1.20")], ["accepted"]),
        ([(1, "1.21")], ["asked"]),
        ([(-1, "0.80")], ["accepted"]),  # compared with the first there is
        ([(-1, "0.79")], ["asked"]),
        ([(1, "1.15"), (2, "1.30")], ["accepted", "asked"]),  # two small steps are one large one
        ([(2, "1.30"), (1, "1.15")], ["asked", "accepted"]),  # whatever their order in the list
        ([(1, "1.15"), (1, "1.15")], ["accepted", "unchanged"]),
    ],
)
def test_what_becomes_of_each_rate_of_a_list(
    known: None, rates: list[tuple[int, str]], heard: list[str]
) -> None:
    assert hear(stated(*rates)) == heard


def test_a_rate_of_long_ago_is_compared_with_its_list_alone(known: None) -> None:
    far = NEAR.days + 1
    rates = [(NEAR.days, "1.15"), (far, "1.30"), (far + 1, "1.50")]
    assert hear(stated(*rates)) == ["accepted", "accepted", "accepted"]
    assert Rate.objects.filter(currency="USD").count() == 4


def test_the_first_rate_of_a_currency_is_compared_with_nothing(known: None) -> None:
    assert hear(stated((0, "0.32"), currency="KWD")) == ["accepted"]
    assert Rate.objects.get(currency="KWD").per_eur == Decimal("0.32")
