"""What is typed after an option: a day, an amount; and what a command prints for programs."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.management.base import Report, day, dumps
from coordination.management.commands.payments import amount_argument


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1190.00", "1190.00"),
        ("1190", "1190"),
        ("0.01", "0.01"),
        ("1190.000", "1190.000"),  # noughts say nothing
        ("1E+3", "1000"),
        ("-5", "-5"),  # that it is more than nothing is asked where it is used
    ],
)
def test_an_amount_has_two_decimals_at_most(text: str, amount: str) -> None:
    assert amount_argument(text) == Decimal(amount)


@pytest.mark.parametrize(
    "text",
    ["", "x", "1,190.00", "1190,00", "1.005", "NaN", "Infinity", "-Infinity", "1e400", "sNaN", "1 190"],
)
def test_what_is_no_amount_is_said_with_an_example(text: str) -> None:
    with pytest.raises(ArgumentTypeError) as refused:
        amount_argument(text)
    assert str(refused.value) == f"{text!r} is no amount: write it like 1190.00"


def test_a_day_is_written_as_the_calendar_has_it() -> None:
    assert day("2026-03-02") == date(2026, 3, 2)
    assert day("2024-02-29") == date(2024, 2, 29)


@pytest.mark.parametrize("text", ["", "2026-02-29", "02.03.2026", "2026-13-01", "yesterday", "2026-3-2"])
def test_what_is_no_day_is_said_with_an_example(text: str) -> None:
    with pytest.raises(ArgumentTypeError) as refused:
        day(text)
    assert str(refused.value) == f"{text!r} is no day; write it like 2026-03-02"


@given(st.sampled_from([amount_argument, day]), st.text(max_size=12))
def test_any_text_is_a_value_or_refused_as_a_mistake(read: Callable[[str], object], text: str) -> None:
    try:
        found = read(text)
    except ArgumentTypeError:
        return
    assert isinstance(found, Decimal | date)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"amount": Decimal("1190.00")}, '{"amount":"1190.00"}'),
        ({"codes": {"b", "a"}}, '{"codes":["a","b"]}'),
        ({"codes": frozenset()}, '{"codes":[]}'),
        ({"on": date(2026, 3, 2)}, '{"on":"2026-03-02"}'),
        ({"name": "Müller"}, '{"name":"Müller"}'),
        ({"none": None, "yes": True, "many": [1, 2]}, '{"none":null,"yes":true,"many":[1,2]}'),
    ],
)
def test_a_program_reads_one_line_with_amounts_as_text(value: object, text: str) -> None:
    assert dumps(value) == text


def test_what_has_no_form_in_json_is_a_fault_of_the_command() -> None:
    with pytest.raises(TypeError):
        dumps({"x": object()})


@pytest.mark.parametrize(
    ("report", "lines"),
    [
        (Report({"a": 1, "b": "x"}), ["a: 1", "b: x"]),
        (Report({"a": 1}, ["one", "two"]), ["one", "two"]),
        (Report({"a": 1}, []), []),  # it has nothing to say, and says nothing
        (Report(), []),
    ],
)
def test_people_read_the_words_and_where_there_are_none_the_values(report: Report, lines: list[str]) -> None:
    assert list(report.lines()) == lines
