"""Single values: what their standards allow, and nothing else."""

from __future__ import annotations

import contextlib
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.translation import values


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**14), max_value=10**14, places=4))
def test_every_decimal_is_read_exactly(number: Decimal) -> None:
    assert values.decimal(format(number, "f")) == number


@pytest.mark.parametrize(
    ("text", "number"), [("+5", "5"), (".5", "0.5"), ("5.", "5"), ("-0.10", "-0.10"), ("007", "7")]
)
def test_all_forms_of_the_standard_are_read(text: str, number: str) -> None:
    assert values.decimal(text) == Decimal(number)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "+",
        "1,0",
        "1e5",
        "NaN",
        "sNaN",
        "INF",
        "-Infinity",
        "1_000",
        "1 0",
        "٣",
        "½",
        "１",
        "5\u00a0",
        "0x1",
    ],
)
def test_everything_else_is_no_number(text: str) -> None:
    with pytest.raises(values.BadValueError):
        values.decimal(text)


def test_numbers_beyond_exact_arithmetic_are_refused() -> None:
    assert values.decimal("999999999999999.9999999999")
    for text in ("1" + "0" * 15, "0." + "0" * 10 + "1", "9" * 5000):
        with pytest.raises(values.BadValueError):
            values.decimal(text)


def test_zeros_that_say_nothing_do_not_count() -> None:
    assert values.decimal("0" * 40 + "1." + "50" + "0" * 40) == Decimal("1.5")


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_every_day_is_read(day: date) -> None:
    assert values.day(day.isoformat()) == day
    assert values.day(day.isoformat() + "Z", zone=True) == day


@pytest.mark.parametrize(
    "text", ["2026-02-29", "0000-01-01", "20260301", "2026-03-01 ", "2026-03-01Z", "٢٠٢٦-٠٣-٠١"]
)
def test_everything_else_is_no_day(text: str) -> None:
    with pytest.raises(values.BadValueError):
        values.day(text)


@given(st.text(max_size=30))
def test_reading_a_value_raises_one_error_only(text: str) -> None:
    for read in (values.decimal, values.day, values.truth, values.currency, values.key):
        with contextlib.suppress(values.BadValueError):
            read(text)


@pytest.mark.parametrize("text", ["n/a", "N/A", "NA", "-", "Dummywert", "none", ""])
def test_fillers_are_absence(text: str) -> None:
    assert values.key(text) == ""


@pytest.mark.parametrize("text", ["NAB", "0", "n/a-1", "A-"])
def test_keys_are_kept_as_they_are(text: str) -> None:
    assert values.key(text) == text


@pytest.mark.parametrize(
    ("text", "is_one"), [("BANKSBIC", True), ("COBADEFFXXX", True), ("SE:BANKGIRO", False), ("1234", False)]
)
def test_a_bic_is_known_by_its_form(text: str, is_one: bool) -> None:
    assert values.is_bic(text) is is_one


@pytest.mark.parametrize("text", ["0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31"])
def test_a_day_of_no_age_of_trade_is_none(text: str) -> None:
    with pytest.raises(values.BadValueError, match="no year between 1900 and 2199"):
        values.day(text)
