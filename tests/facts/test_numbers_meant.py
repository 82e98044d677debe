"""Which of several things a number means: to the letter first, and only then in another spelling."""

from __future__ import annotations

import pytest

from coordination.facts.numbered import meant


def found(number: str, *known: str) -> list[str]:
    return meant(known, number, str)


@pytest.mark.parametrize(
    ("number", "known", "means"),
    [
        ("INV-1", ("INV-1", "INV1", "inv 1"), ["INV-1"]),
        ("inv 1", ("INV-1", "INV-2"), ["INV-1"]),
        ("INV1", ("INV-1", "inv/1"), ["INV-1", "inv/1"]),
        ("re-9200", ("RE-9200", "RE-9201"), ["RE-9200"]),
        ("INV-1", ("INV-2",), []),
        ("INV-1", (), []),
    ],
)
def test_the_letter_comes_before_the_spelling(number: str, known: tuple[str, ...], means: list[str]) -> None:
    assert found(number, *known) == means


@pytest.mark.parametrize("number", ["", "-", "--", " / "])
def test_a_number_of_signs_alone_means_nothing_but_itself(number: str) -> None:
    assert found(number, "INV-1", "", "/-/") == ([""] if not number else [])


def test_two_that_are_called_alike_are_both_meant() -> None:
    things = [("INV-1", "V-1"), ("INV-1", "V-2"), ("INV-2", "V-1")]
    assert meant(things, "INV-1", lambda t: t[0]) == things[:2]


def test_one_digit_more_is_another_number() -> None:
    assert found("INV-1", "INV-11", "INV-01") == []


def test_letters_of_another_alphabet_that_print_alike_are_another_number() -> None:
    assert found("INV-А1", "INV-A1") == []
