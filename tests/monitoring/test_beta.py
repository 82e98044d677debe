"""The beta distribution against its definition, its symmetry, and the binomial."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit import sampling
from coordination.monitoring import beta

SHAPES = st.floats(0.3, 400)


@pytest.mark.parametrize(
    ("chance", "a", "b", "share"),
    [(0.1, 1, 1, 0.1), (0.5, 2, 2, 0.5), (0.25, 1, 2, 1 - 0.75**0.5), (0.9, 3, 1, 0.9 ** (1 / 3))],
)
def test_quantiles_that_have_a_closed_form(chance: float, a: float, b: float, share: float) -> None:
    assert beta.quantile(chance, a, b) == pytest.approx(share, abs=1e-9)


@given(st.floats(0.01, 0.99), SHAPES, SHAPES)
def test_it_is_symmetric(share: float, a: float, b: float) -> None:
    assert beta.below(share, a, b) == pytest.approx(1 - beta.below(1 - share, b, a), abs=1e-9)


@given(st.floats(0.01, 0.99), SHAPES, SHAPES)
def test_a_quantile_is_where_the_chance_is_reached(chance: float, a: float, b: float) -> None:
    share = beta.quantile(chance, a, b)
    if 1e-9 < share < 1 - 1e-9:
        assert beta.below(share, a, b) == pytest.approx(chance, abs=1e-6)


@given(st.integers(1, 150), st.data(), st.floats(0.02, 0.98))
def test_it_is_the_binomials_other_side(cases: int, data: st.DataObject, share: float) -> None:
    wrong = data.draw(st.integers(0, cases - 1))
    assert 1 - beta.below(share, wrong + 1, cases - wrong) == pytest.approx(
        sampling.chance_of_at_most(wrong, cases, share), abs=1e-8
    )


@pytest.mark.parametrize(("share", "chance"), [(-1, 0), (0, 0), (1, 1), (2, 1)])
def test_beyond_its_ends_there_is_nothing(share: float, chance: float) -> None:
    assert beta.below(share, 2, 3) == chance
