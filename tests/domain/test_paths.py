"""Ways that invoices take: which are as intended, and which went back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.domain.paths import ORDER, kind_of
from coordination.domain.transitions import ENDED

WHOLE = "received validated matched delivered cleared scheduled paid"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (WHOLE, "intended"),
        ("received cleared scheduled paid", "intended"),
        ("received", "under way"),
        ("received validated matched", "under way"),
        ("received validated rejected", "ended"),
        ("void", "ended"),
        ("received validated matched validated matched", "deviates"),
        ("received cleared delivered cleared", "deviates"),
        ("received cleared scheduled cleared scheduled paid", "deviates"),
        ("received rejected validated", "deviates"),
        (f"{WHOLE} cleared", "deviates"),
        (f"{WHOLE} void", "deviates"),
        ("received lost", "deviates"),
    ],
)
def test_a_way_is_of_one_kind(path: str, kind: str) -> None:
    assert kind_of(path.split()) == kind


@given(st.sets(st.sampled_from(ORDER), min_size=1))
def test_any_steps_in_their_order_never_deviate(steps: set[str]) -> None:
    path = sorted(steps, key=ORDER.index)
    assert kind_of(path) == ("intended" if path[-1] == "paid" else "under way")


@given(st.lists(st.sampled_from([*ORDER, *sorted(ENDED)]), min_size=2, max_size=8))
def test_a_state_that_comes_twice_went_back(path: list[str]) -> None:
    if len(set(path)) < len(path):
        assert kind_of(path) == "deviates"
