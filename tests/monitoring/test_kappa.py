"""Kappa against worked examples, and what holds of it whatever was counted."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from coordination.monitoring.kappa import Kappa, kappa

COUNTS = st.integers(0, 400)
TABLES = st.lists(st.lists(COUNTS, min_size=2, max_size=2), min_size=2, max_size=2)


def test_two_clinicians_of_a_hundred_patients() -> None:
    """Fleiss, *Statistical Methods for Rates and Proportions*, 1981, table 13.1: kappa .68, error .087."""
    found = kappa([[75, 1, 4], [5, 4, 1], [0, 0, 10]])
    assert found is not None
    assert found.value == pytest.approx(0.6765, abs=5e-5)
    assert found.error == pytest.approx(0.0877, abs=5e-5)


def test_two_readers_of_fifty_applications() -> None:
    """20 taken by both, 15 by neither, 5 and 10 by one of them alone: .7 agree, .5 by chance."""
    found = kappa([[20, 5], [10, 15]])
    assert found is not None
    assert found.value == pytest.approx(0.4)
    assert found.error == pytest.approx(0.1266, abs=5e-4)
    assert found.interval() == pytest.approx((0.4 - 1.959964 * found.error, 0.4 + 1.959964 * found.error))


@given(st.integers(1, 500), st.integers(1, 500))
def test_raters_that_say_the_same_of_both_kinds_agree_wholly(both: int, neither: int) -> None:
    found = kappa([[both, 0], [0, neither]])
    assert found is not None
    assert found.value == pytest.approx(1)
    assert found.interval() is None, "a sample without a difference says nothing of how wide it is"


@given(st.integers(1, 20), st.integers(1, 20), st.integers(1, 20), st.integers(1, 20))
def test_raters_that_have_nothing_to_do_with_each_other_have_none(a: int, b: int, c: int, d: int) -> None:
    found = kappa([[a * c, a * d], [b * c, b * d]])
    assert found is not None
    assert found.value == pytest.approx(0, abs=1e-9)


@given(TABLES)
def test_who_is_called_the_first_makes_no_difference(table: list[list[int]]) -> None:
    one, other = kappa(table), kappa([list(row) for row in zip(*table, strict=True)])
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert (one.value, one.error) == pytest.approx((other.value, other.error))


@given(TABLES)
def test_approve_and_not_approve_may_change_places(table: list[list[int]]) -> None:
    one, other = kappa(table), kappa([row[::-1] for row in table][::-1])
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert (one.value, one.error) == pytest.approx((other.value, other.error))


@given(TABLES)
def test_it_lies_between_minus_one_and_one_and_within_its_interval(table: list[list[int]]) -> None:
    found = kappa(table)
    assume(found is not None and found.interval() is not None)
    assert found is not None
    low, high = found.interval() or (0, 0)
    assert -1 <= low <= found.value <= high <= 1


@given(TABLES, st.integers(2, 50))
def test_more_cases_of_the_same_kind_make_it_surer(table: list[list[int]], times: int) -> None:
    once, often = kappa(table), kappa([[cell * times for cell in row] for row in table])
    assume(once is not None and once.error > 0)
    assert once is not None
    assert often is not None
    assert often.value == pytest.approx(once.value)
    assert often.error == pytest.approx(once.error / times**0.5)


@pytest.mark.parametrize("table", [[[0, 0], [0, 0]], [[7, 0], [0, 0]], [[0, 0], [0, 7]]])
def test_where_nothing_can_differ_there_is_none(table: list[list[int]]) -> None:
    assert kappa(table) is None


def test_one_that_never_differs_from_itself_beside_one_that_does_agrees_no_more_than_by_chance() -> None:
    for table in ([[30, 10], [0, 0]], [[30, 0], [10, 0]], [[0, 0], [3, 300]]):
        found = kappa(table)
        assert isinstance(found, Kappa)
        assert found.value == pytest.approx(0)
        assert found.interval() is None, "an interval of no width would say that this is known for sure"
