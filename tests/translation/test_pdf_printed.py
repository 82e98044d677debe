"""Amounts and days as people print them: all that a text can mean, and one value where only one is meant."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.translation.pdf import printed
from coordination.translation.values import BadValueError

STYLES = {
    "plain": ("", "."),
    "english": (",", "."),
    "german": (".", ","),
    "french": ("\u202f", ","),
    "typewriter": (" ", ","),
    "swiss": ("’", "."),
}
MONEY = st.decimals(min_value="0.00", max_value="99999999.99", places=2)


def written(amount: Decimal, style: str) -> str:
    group, mark = STYLES[style]
    return f"{amount:,.2f}".replace(",", "\0").replace(".", mark).replace("\0", group)


@given(MONEY, st.sampled_from(sorted(STYLES)))
def test_an_amount_is_found_however_it_is_written(amount: Decimal, style: str) -> None:
    for text in (
        written(amount, style),
        f"Total EUR {written(amount, style)} incl. VAT",
        f"({written(amount, style)}€)",
    ):
        assert amount in printed.amounts(text)


@given(MONEY, st.sampled_from(["german", "french", "typewriter"]))
def test_a_printed_amount_with_a_known_mark_is_read_as_it_is_meant(amount: Decimal, style: str) -> None:
    assert printed.amount(written(amount, style), ",") == amount


@pytest.mark.parametrize(
    ("text", "mark", "value"),
    [
        ("1.234,56", "", "1234.56"),
        ("1,234.56", "", "1234.56"),
        ("1 234,56", "", "1234.56"),
        ("1'234.50", "", "1234.50"),
        ("12,5", "", "12.5"),
        ("1.234", ",", "1234"),
        ("1,234", ".", "1234"),
        ("29.99", ",", "29.99"),
        ("-19,00", ",", "-19.00"),
        ("19,00-", ",", "-19.00"),
        ("−19,00", ",", "-19.00"),
        ("1.234.567,89", "", "1234567.89"),
        ("1.234.567", "", "1234567"),
    ],
)
def test_one_amount(text: str, mark: str, value: str) -> None:
    assert printed.amount(text, mark) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("1.234", ""),
        ("1,234", ""),
        ("1,234.56", ","),
        ("1.23.4", ""),
        ("", ""),
        ("abc", ""),
        ("1.2.3,4", ","),
        ("9" * 20, ""),
    ],
)
def test_what_could_be_two_amounts_or_none_is_refused(text: str, mark: str) -> None:
    with pytest.raises(BadValueError):
        printed.amount(text, mark)


def test_an_ambiguous_amount_is_both_when_one_is_looked_for() -> None:
    assert {Decimal("1.234"), Decimal(1234)} <= printed.amounts("1.234")
    assert {Decimal("2500.00"), Decimal("500.00"), Decimal(2)} <= printed.amounts("2 500,00")


@given(
    st.dates(min_value=date(1990, 1, 1), max_value=date(2089, 12, 31)),
    st.sampled_from(
        [
            "%Y-%m-%d",
            "%Y%m%d",
            "%d.%m.%Y",
            "%d/%m/%Y",
            "%m/%d/%Y",
            "%d %B %Y",
            "%B %d, %Y",
            "%b %d, %Y",
            "%dth of %B %Y",
        ]
    ),
)
def test_a_day_is_found_however_it_is_written(day: date, style: str) -> None:
    assert day in printed.days(f"Invoice date: {day.strftime(style)}, net 30")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("7. Mai 2014", date(2014, 5, 7)),
        ("02 Juillet 2015", date(2015, 7, 2)),
        ("1er août 2026", date(2026, 8, 1)),
        ("19 april 2014", date(2014, 4, 19)),
        ("August 3 , 2014", date(2014, 8, 3)),
        ("Jan 1, 2022", date(2022, 1, 1)),
        ("3 de marzo de 2026", date(2026, 3, 3)),
        ("26.10.22", date(2022, 10, 26)),
        ("18. 11. 2017", date(2017, 11, 18)),
        ("12 Dezember 2026", date(2026, 12, 12)),
        ("1 října 2026", date(2026, 10, 1)),
        ("1. maaliskuuta 2026", date(2026, 3, 1)),
        ("1 plum 2026", None),
        ("31.02.2026", None),
        ("tomorrow", None),
    ],
)
def test_one_day(text: str, day: date | None) -> None:
    if day is None:
        with pytest.raises(BadValueError):
            printed.day(text)
    else:
        assert printed.day(text) == day


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2069, 12, 31)))
def test_a_day_that_can_be_two_is_read_only_where_the_order_is_known(day: date) -> None:
    text = day.strftime("%d/%m/%Y")
    assert printed.day(text, "dmy") == day
    assert printed.day(day.strftime("%m/%d/%Y"), "mdy") == day
    if day.day <= 12 and day.day != day.month:
        with pytest.raises(BadValueError, match="two days"):
            printed.day(text)


@given(st.text(max_size=200))
def test_no_text_is_too_strange(text: str) -> None:
    printed.amounts(text)
    assert all(isinstance(day, date) for day in printed.days(text))


def test_a_run_of_spaces_takes_no_time() -> None:
    assert printed.days("1" + " " * 200_000 + "mai 2026") == {date(2026, 5, 1)}
    assert printed.days("1 2 " * 50_000) == set()
    assert Decimal("1.00") in printed.amounts("1 " * 100_000 + "1,00")


def test_months_are_known_by_every_beginning_that_only_one_of_them_has() -> None:
    assert (printed.MONTHS["mar"], printed.MONTHS["okt"], printed.MONTHS["dec"], printed.MONTHS["juil"]) == (
        3,
        10,
        12,
        7,
    )
    assert "ma" not in printed.MONTHS
    assert date(2026, 1, 31) + timedelta(days=1) in printed.days("1 feb 2026")
