"""Invoices that may be one claim made twice are found by shared keys, and none that comparing each with each
would find is missed."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.facts.similar_invoices import Lookalike, resembling, signs
from coordination.translation.identity import similar_numbers

DAY = date(2026, 9, 5)
DAYS = 10
GROUP = ("V-1", "EUR", "1190.00", "invoice")


def claim(n: int, number: str, day: date | None = DAY, group: tuple[object, ...] = GROUP) -> Lookalike:
    return Lookalike(UUID(int=n), group, day, number)


def pairs(*claims: Lookalike, asked: int = 1, days: int = DAYS) -> set[tuple[int, int]]:
    """Pairs by number, when so many of the first are asked about."""
    found = list(resembling(claims[:asked], claims, days))
    assert len(found) == len(set(found))
    return {(one.int, other.int) for one, other in found}


@pytest.mark.parametrize(
    ("one", "other", "resembles"),
    [
        ("INV-1001", "INV-1001", True),
        ("INV-1001", "inv 1001", True),
        ("INV-1001", "INV-1002", True),  # one sign is another
        ("INV-1001", "INV-1032", False),  # two are
        ("INV-1001", "INV-101", True),  # one left out
        ("INV-1001", "INV-1001A", True),  # one more
        ("INV-1001", "INV-1001-2A", True),  # two more
        ("INV-1001", "INV-1001-2AB", False),  # three more
        ("INV-1001", "NV-1001", True),
        ("INV-1001", "V-1001", True),  # two more in front
        ("INV-1001", "1001", False),  # three more in front
        ("INV-1001", "INV-1O0I", True),  # letters for digits, however many
        ("INV-1001", "INV-1010", True),  # two that stand side by side, exchanged
        ("ÄÖ-1701", "äö1701", True),
    ],
)
def test_a_number_resembles_another_by_one_slip_two_signs_more_or_the_usual_confusions(
    one: str, other: str, resembles: bool
) -> None:
    expected = {(1, 2), (2, 1)} if resembles else set()
    assert pairs(claim(1, one), claim(2, other), asked=2) == expected


def test_what_is_asked_about_is_never_its_own_double() -> None:
    assert pairs(claim(1, "INV-1")) == set()
    assert pairs(claim(1, "INV-1001"), claim(2, "INV-1001"), asked=2) == {(1, 2), (2, 1)}


def test_only_those_that_are_asked_about_get_an_answer() -> None:
    found = pairs(claim(1, "INV-1001"), claim(2, "INV-1002"), claim(3, "INV-1003"), asked=1)
    assert found == {(1, 2), (1, 3)}


@pytest.mark.parametrize(
    "group",
    [
        ("V-2", "EUR", "1190.00", "invoice"),
        ("V-1", "USD", "1190.00", "invoice"),
        ("V-1", "EUR", "1190.01", "invoice"),
        ("V-1", "EUR", "1190.00", "credit_note"),
    ],
)
def test_another_vendor_currency_sum_or_kind_is_another_claim(group: tuple[object, ...]) -> None:
    assert pairs(claim(1, "INV-1001"), claim(2, "INV-1001", group=group)) == set()


@pytest.mark.parametrize(
    ("apart", "found"),
    [(DAYS, {(1, 2)}), (DAYS + 1, set()), (-DAYS, {(1, 2)}), (-DAYS - 1, set())],
)
def test_days_count_in_both_directions_and_the_last_of_them_too(
    apart: int, found: set[tuple[int, int]]
) -> None:
    other = claim(2, "INV-1002", DAY + timedelta(days=apart))
    assert pairs(claim(1, "INV-1001"), other) == found


def test_a_document_without_a_day_may_be_of_any_day() -> None:
    assert pairs(claim(1, "INV-1001", None), claim(2, "INV-1002")) == {(1, 2)}
    assert pairs(claim(1, "INV-1001"), claim(2, "INV-1002", None)) == {(1, 2)}


def test_the_same_signs_in_another_order_are_suspected_on_the_same_day_alone() -> None:
    assert signs("INV-1234") == signs("4321-VNI")
    assert not similar_numbers("INV-1234", "INV-4321")
    assert pairs(claim(1, "INV-1234"), claim(2, "INV-4321")) == {(1, 2)}
    assert pairs(claim(1, "INV-1234"), claim(2, "INV-4321", DAY + timedelta(days=1))) == set()


NUMBERS = st.text("A1O0-", min_size=1, max_size=6)


@given(st.lists(st.tuples(NUMBERS, st.none() | st.integers(0, 25)), min_size=1, max_size=8), st.data())
def test_keys_find_all_that_comparing_each_with_each_would(
    given_: list[tuple[str, int | None]], data: st.DataObject
) -> None:
    claims = [
        claim(n, number, None if days is None else DAY + timedelta(days=days))
        for n, (number, days) in enumerate(given_)
    ]
    asked = data.draw(st.integers(1, len(claims)))
    expected = {
        (one.id.int, other.id.int)
        for one in claims[:asked]
        for other in claims
        if one.id != other.id and _one_claim(one, other)
    }
    assert pairs(*claims, asked=asked) == expected


def _one_claim(one: Lookalike, other: Lookalike) -> bool:
    """The rule, said without keys."""
    if one.day == other.day and signs(one.number) == signs(other.number):
        return True
    apart = abs((one.day - other.day).days) if one.day and other.day else 0
    return apart <= DAYS and similar_numbers(one.number, other.number)
