"""Who belongs to whom when only resemblance is left: nobody twice, no more than there is room, no choice in a
tie."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.agents import resemblance
from coordination.agents.resemblance import Goods, Score

from .make import line, ordered


def kinds(*names: str) -> list[Goods]:
    return [(n,) for n in names]


def scored(rows: dict[int, dict[str, float]]) -> dict[int, dict[Goods, Score]]:
    return {p: {(k,): Score(v, "content") for k, v in row.items()} for p, row in rows.items()}


@pytest.mark.parametrize(
    ("rows", "room", "made"),
    [
        ({1: {"a": 90}}, {"a": 1}, {1: "a"}),
        ({1: {"a": 90, "b": 80}}, {"a": 1, "b": 1}, {1: "a"}),
        ({1: {"a": 90, "b": 89.5}}, {"a": 1, "b": 1}, {}),
        ({1: {"a": 90, "b": 90}, 2: {"b": 95}}, {"a": 1, "b": 1}, {2: "b", 1: "a"}),
        ({1: {"a": 90}, 2: {"a": 90}}, {"a": 1}, {}),
        ({1: {"a": 90}, 2: {"a": 90}}, {"a": 2}, {1: "a", 2: "a"}),
        ({1: {"a": 95}, 2: {"a": 90, "b": 70}}, {"a": 1, "b": 1}, {1: "a", 2: "b"}),
        ({1: {"a": 95}, 2: {"a": 90}}, {"a": 1}, {1: "a"}),
        ({}, {}, {}),
    ],
)
def test_a_line_gets_its_best_if_that_is_sure(
    rows: dict[int, dict[str, float]], room: dict[str, int], made: dict[int, str]
) -> None:
    found = resemblance.assign(scored(rows), {(k,): n for k, n in room.items()})
    assert found == {p: (k,) for p, k in made.items()}


@given(
    st.dictionaries(
        st.integers(1, 8),
        st.dictionaries(st.sampled_from("abcd"), st.integers(60, 100).map(float), min_size=1),
        max_size=8,
    ),
    st.fixed_dictionaries({k: st.integers(1, 3) for k in "abcd"}),
)
def test_nobody_gets_what_it_did_not_ask_for_and_no_place_is_given_twice(
    rows: dict[int, dict[str, float]], room: dict[str, int]
) -> None:
    made = resemblance.assign(scored(rows), {(k,): n for k, n in room.items()})
    assert all(kind[0] in rows[position] for position, kind in made.items())
    taken = [kind[0] for kind in made.values()]
    assert all(taken.count(k) <= room[k] for k in "abcd")


@given(
    st.dictionaries(
        st.integers(1, 6),
        st.dictionaries(st.sampled_from("abc"), st.integers(60, 100).map(float), min_size=1),
        max_size=6,
    ),
    st.permutations(range(1, 7)),
)
def test_the_numbers_of_the_lines_decide_nothing(rows: dict[int, dict[str, float]], new: list[int]) -> None:
    renamed = {new[p - 1]: row for p, row in rows.items()}
    room: dict[Goods, int] = dict.fromkeys(kinds("a", "b", "c"), 1)
    straight = resemblance.assign(scored(rows), room)
    assert resemblance.assign(scored(renamed), room) == {new[p - 1]: k for p, k in straight.items()}


@pytest.mark.parametrize(
    ("billed", "wanted", "by"),
    [
        ({}, {}, "content"),
        ({"price": "11.00"}, {}, "wording"),
        ({"price": "11.00", "description": "M8 Bolt"}, {}, "wording"),
        ({"price": "11.00", "description": "Bolt M8 zinc"}, {}, None),
        ({"description": "Bolt M8 zinc"}, {}, "content"),
        ({"description": "Bolt M10"}, {}, None),
        ({"description": "Cleaner 5l"}, {"description": "Cleaner 10l"}, None),
        ({"description": "Consulting"}, {}, None),
        ({"description": ""}, {}, None),
        ({"price": None}, {}, None),
    ],
)
def test_price_words_and_sizes_have_to_go_together(
    billed: dict[str, str], wanted: dict[str, str], by: str | None
) -> None:
    one = ordered(**wanted)
    score = resemblance.score(line(**billed), one, one.quantity, Decimal(1))
    assert (score.by if score else None) == by
