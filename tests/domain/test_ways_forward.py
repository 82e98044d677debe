"""A way without what was taken back goes forward only, and ends where the invoice stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.domain.paths import ORDER, STANDS, forward, kind_of, steps
from coordination.domain.transitions import ENDED

PATHS = st.lists(st.sampled_from([*ORDER, *sorted(ENDED)]), max_size=15)


@pytest.mark.parametrize(
    ("path", "way"),
    [
        (["received", "validated", "cleared"], ("received", "validated", "cleared")),
        (["received", "matched", "received", "validated"], ("received", "validated")),
        (
            ["received", "validated", "matched", "validated", "rejected"],
            ("received", "validated", "rejected"),
        ),
        (["received", "paid", "received"], ("received",)),
        ([], ()),
    ],
)
def test_what_was_taken_back_is_left_out(path: list[str], way: tuple[str, ...]) -> None:
    assert forward(path) == way


@given(PATHS)
def test_a_way_forward_never_goes_back_and_ends_where_it_ended(path: list[str]) -> None:
    way = forward(path)
    assert way[-1:] == tuple(path[-1:])
    assert kind_of(way) != "deviates" if way and way[-1] not in ENDED else True
    assert len(set(way)) == len(way)
    assert forward(way) == way


@given(PATHS)
def test_who_never_went_back_keeps_its_way(path: list[str]) -> None:
    if path and kind_of(path) != "deviates":
        assert forward(path) == tuple(path)


@given(PATHS)
def test_each_step_begins_where_the_one_before_ended_and_the_last_is_to_stand(path: list[str]) -> None:
    found = steps(forward(path))
    assert [a for a, _ in found[1:]] == [b for _, b in found[:-1]]
    assert [b for _, b in found[-1:]] == ([STANDS] if path else [])
