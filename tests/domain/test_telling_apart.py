"""The regression that tries to tell known-answer cases from real ones: it finds what is there, and only
that."""

import random

import pytest

from coordination.domain.telling_apart import auc, told_apart


def test_the_area_under_the_curve_is_the_chance_that_a_known_case_scores_higher() -> None:
    assert auc([1, 2, 3, 4], [False, False, True, True]) == 1.0
    assert auc([4, 3, 2, 1], [False, False, True, True]) == 0.0
    assert auc([1, 1, 1, 1], [False, False, True, True]) == 0.5
    assert auc([1, 3, 2, 4], [False, False, True, True]) == 0.75


def test_with_one_sort_of_case_there_is_nothing_to_tell() -> None:
    assert auc([1, 2], [True, True]) == 0.5


def test_cases_that_differ_in_nothing_are_guessed() -> None:
    chance = random.Random(3)
    cases = [{"amount": chance.gauss(6, 1), "lines": float(chance.randint(1, 9))} for _ in range(400)]
    assert told_apart(cases, [n % 2 == 0 for n in range(400)]) == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize("shift", [1.5, 3.0])
def test_cases_that_differ_in_one_thing_are_told_apart(shift: float) -> None:
    chance = random.Random(5)
    known = [n % 2 == 0 for n in range(400)]
    cases = [{"amount": chance.gauss(6, 1), "digits": chance.gauss(shift if one else 0, 1)} for one in known]
    assert told_apart(cases, known) > 0.8


def test_a_mark_that_only_known_cases_bear_is_certainty() -> None:
    known = [n % 2 == 0 for n in range(100)]
    cases = [{"mark": 1.0} if one else {"other": 1.0} for one in known]
    assert told_apart(cases, known) == 1.0
