"""Reference rates: which day's rate holds, what is not known stays unknown, and no direction is mixed up."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.facts.exchange_rates import Rates

JANUARY, MARCH, JUNE = date(2026, 1, 2), date(2026, 3, 2), date(2026, 6, 1)
DOLLARS = [(JANUARY, Decimal("1.25")), (MARCH, Decimal("1.10")), (JUNE, Decimal("1.00"))]
YEN = [(JANUARY, Decimal(160))]
DINARS = [(JANUARY, Decimal("0.32"))]
RATE = st.decimals("0.01", "2000", places=4)
MONEY = st.decimals("0", "1000000", places=2)


def rates(company: str = "EUR") -> Rates:
    return Rates(company, {"USD": DOLLARS, "JPY": YEN, "KWD": DINARS})


# --- which rate holds ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "per_eur"),
    [
        (date(2025, 1, 1), "1.25"),  # before there was any: the oldest there is
        (JANUARY, "1.25"),  # the day itself
        (MARCH - timedelta(days=1), "1.25"),  # the last day of the old one
        (MARCH, "1.10"),
        (MARCH + timedelta(days=1), "1.10"),
        (JUNE, "1.00"),
        (date(2030, 1, 1), "1.00"),  # long after: the newest there is
    ],
)
def test_the_newest_rate_on_or_before_a_day_holds(on: date, per_eur: str) -> None:
    assert rates().per_eur("USD", on) == Decimal(per_eur)


def test_a_euro_is_a_euro_on_any_day_whatever_a_list_says() -> None:
    assert rates().per_eur("EUR", JANUARY) == 1
    assert Rates("EUR", {"EUR": [(JANUARY, Decimal(2))]}).per_eur("EUR", JUNE) == 1


@pytest.mark.parametrize("currency", ["CHF", "", "usd", "US"])
def test_a_currency_of_no_list_has_no_rate(currency: str) -> None:
    assert rates().per_eur(currency, JUNE) is None


def test_a_list_without_a_day_is_no_rate() -> None:
    assert Rates("EUR", {"CHF": []}).per_eur("CHF", JUNE) is None


# --- amounts ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "currency", "company", "on", "expected"),
    [
        ("110.00", "USD", "EUR", MARCH, "100.00"),  # 110 / 1.10
        ("100.00", "EUR", "USD", MARCH, "110.00"),
        ("125.00", "USD", "EUR", JANUARY, "100.00"),  # the rate of its own day
        ("16000", "JPY", "EUR", MARCH, "100.00"),
        ("1", "JPY", "EUR", MARCH, "0.01"),  # 0.00625 of a euro
        ("100.00", "EUR", "JPY", MARCH, "16000.00"),
        ("0.320", "KWD", "EUR", MARCH, "1.00"),
        ("3.200", "KWD", "JPY", MARCH, "1600.00"),  # 10 euro, by way of which two others are compared
        ("160", "JPY", "KWD", MARCH, "0.32"),
        ("-110.00", "USD", "EUR", MARCH, "-100.00"),
        ("0", "USD", "EUR", MARCH, "0.00"),
    ],
)
def test_an_amount_in_company_currency_by_hand(
    amount: str, currency: str, company: str, on: date, expected: str
) -> None:
    found = rates(company).convert(Decimal(amount), currency, on)
    assert str(found) == expected


def test_an_amount_in_company_currency_needs_no_rate() -> None:
    assert Rates("CHF", {}).convert(Decimal("10"), "CHF", JUNE) == Decimal("10.00")


def test_an_amount_that_is_not_known_is_not_known_in_any_currency() -> None:
    assert rates().convert(None, "EUR", JUNE) is None
    assert rates().convert(None, "USD", JUNE) is None


@pytest.mark.parametrize(("company", "currency"), [("EUR", "CHF"), ("CHF", "EUR"), ("CHF", "USD")])
def test_without_a_rate_of_either_side_the_amount_is_unknown_and_not_nothing(
    company: str, currency: str
) -> None:
    assert rates(company).convert(Decimal(100), currency, JUNE) is None


@given(MONEY, RATE)
def test_a_higher_rate_never_makes_an_amount_worth_more(amount: Decimal, rate: Decimal) -> None:
    table = {"USD": [(JANUARY, rate)], "CHF": [(JANUARY, rate + 1)]}
    cheap = Rates("EUR", table).convert(amount, "CHF", JUNE)
    dear = Rates("EUR", table).convert(amount, "USD", JUNE)
    assert cheap is not None
    assert dear is not None
    assert cheap <= dear


@given(MONEY, MONEY)
def test_two_amounts_together_are_worth_what_they_are_apart_to_two_cents(
    one: Decimal, other: Decimal
) -> None:
    parts = [rates().convert(a, "USD", MARCH) for a in (one, other)]
    whole = rates().convert(one + other, "USD", MARCH)
    assert whole is not None
    assert abs(whole - sum(p for p in parts if p is not None)) <= Decimal("0.02")


# --- what a unit can be -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("company", "currency", "least", "most"),
    [
        ("EUR", "USD", "0.8", "1"),  # 1.25 for a euro at the most, 1.00 at the least
        ("EUR", "JPY", "0.00625", "0.00625"),
        ("EUR", "EUR", "1", "1"),
        ("USD", "EUR", "1", "1.25"),
        ("USD", "USD", "1", "1"),
        ("CHF", "CHF", "1", "1"),  # without a rate of its own
    ],
)
def test_between_what_a_unit_of_a_currency_ever_was(
    company: str, currency: str, least: str, most: str
) -> None:
    assert rates(company).spans()[currency] == (Decimal(least), Decimal(most))


def test_a_currency_without_a_rate_was_never_anything() -> None:
    assert "CHF" not in rates().spans()
    assert set(rates("CHF").spans()) == {"CHF"}


@given(st.lists(RATE, min_size=1, max_size=5), MONEY, st.sampled_from([JANUARY, MARCH, JUNE]))
def test_no_amount_is_worth_more_or_less_than_its_unit_allows(
    found: list[Decimal], amount: Decimal, on: date
) -> None:
    days = [JANUARY + timedelta(days=60 * n) for n in range(len(found))]
    known = Rates("EUR", {"X": list(zip(days, found, strict=True))})
    least, most = known.spans()["X"]
    worth = known.convert(amount, "X", on)
    assert worth is not None
    assert amount * least - Decimal("0.01") <= worth <= amount * most + Decimal("0.01")
