"""What a run of answers proves, against published figures and the definition of the bound."""

from __future__ import annotations

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.monitoring import proof


@pytest.mark.parametrize(("error", "needed"), [(0.05, 59), (0.03, 99), (0.02, 149), (0.01, 299)])
def test_so_many_agreements_in_a_row_show_an_error_under(error: float, needed: int) -> None:
    assert proof.missing(0, 0, error=error) == needed
    assert not proof.proves(needed - 1, 0, error=error)


def test_with_a_disagreement_it_takes_more() -> None:
    assert proof.missing(0, 0) < proof.missing(1, 1) + 1
    assert proof.proves(93, 1)
    assert not proof.proves(92, 1)


def test_without_answers_nothing_is_shown() -> None:
    assert not proof.proves(0, 0)
    assert proof.upper_bound(0, 0) == 1.0


@pytest.mark.parametrize(("right", "cases", "least"), [(54, 60, 0.812), (60, 60, 0.951)])
def test_the_lower_bound_is_the_published_one(right: int, cases: int, least: float) -> None:
    assert proof.lower_bound(right, cases) == pytest.approx(least, abs=6e-4)


@given(st.integers(1, 120), st.data(), st.floats(0.001, 0.999))
def test_the_chance_of_few_is_the_sum_of_its_terms(cases: int, data: st.DataObject, share: float) -> None:
    wrong = data.draw(st.integers(0, cases - 1))
    terms = [comb(cases, k) * share**k * (1 - share) ** (cases - k) for k in range(wrong + 1)]
    assert proof.at_most(wrong, cases, share) == pytest.approx(min(1.0, sum(terms)), abs=1e-9)


@given(st.integers(1, 200), st.data())
def test_the_bound_is_the_share_that_leaves_five_per_cent(cases: int, data: st.DataObject) -> None:
    wrong = data.draw(st.integers(0, cases - 1))
    bound = proof.upper_bound(wrong, cases)
    assert bound > wrong / cases
    assert proof.at_most(wrong, cases, bound) == pytest.approx(0.05, abs=1e-6)
