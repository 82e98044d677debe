"""What a review found, by strata, and how reviews are spread: properties, figures from published tables, and
what a limit says of invoices that nobody saw."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.monitoring.review_plan import (
    CONFIDENCE,
    FLOOR,
    VALUE,
    Stratum,
    money_limit,
    spread,
    strata,
)
from coordination.monitoring.thresholds import Case
from tests.monitoring.test_thresholds import CASES, case

STRATA = st.lists(
    st.integers(0, 3_000).flatmap(
        lambda decided: st.integers(0, min(decided, 200)).flatmap(
            lambda reviewed: st.builds(
                Stratum,
                st.just(0),
                st.just(0),
                st.just(decided),
                st.just(reviewed),
                st.just(reviewed),
                st.integers(0, reviewed),
            )
        )
    ),
    min_size=1,
    max_size=9,
)


def stratum(decided: int, reviewed: int = 0, wrong: int = 0) -> Stratum:
    return Stratum(0, 0, decided, reviewed, reviewed, wrong)


def worth(
    amount: str, way: str = "automatic", *, right: bool | None = None, chance: float = 1.0, n: int = 0
) -> Case:
    found = case(0.95, way, right=right, chance=chance, n=n)  # type: ignore[arg-type]
    return replace(found, amount=Decimal(amount))


# --- strata -------------------------------------------------------------------------------------------------


def test_every_eligible_invoice_is_in_one_stratum() -> None:
    cases = [
        worth("999.99"),
        worth("1000.00", "drawn", right=False),
        worth("5000.00", "drawn"),
        worth("5000.00", "other"),
        worth("5000.00", "unsure", right=True),
        replace(worth("1.00"), confidence=0.89),
    ]
    found = {
        (s.confidence, s.value): (s.decided, s.drawn, s.reviewed, s.wrong) for s in strata(cases) if s.decided
    }
    assert found == {(1, 0): (1, 0, 0, 0), (1, 1): (1, 1, 1, 1), (1, 2): (1, 1, 0, 0), (0, 0): (1, 0, 0, 0)}
    assert len(strata([])) == (len(CONFIDENCE) + 1) * (len(VALUE) + 1)


@given(st.lists(CASES, max_size=50))
def test_strata_count_everything_once(cases: list[Case]) -> None:
    assert sum(s.decided for s in strata(cases)) == sum(c.way in {"automatic", "drawn"} for c in cases)


@pytest.mark.parametrize(
    ("reviewed", "wrong", "low", "high"),
    [(10, 0, 0.0, 0.3085), (20, 1, 0.0013, 0.2487), (50, 5, 0.0333, 0.2181), (100, 1, 0.0003, 0.0545)],
)
def test_intervals_are_those_of_published_tables(reviewed: int, wrong: int, low: float, high: float) -> None:
    """Clopper and Pearson's exact limits for a share, two-sided 95 %."""
    assert stratum(500, reviewed, wrong).interval == pytest.approx((low, high), abs=0.00011)


def test_where_nobody_looked_nothing_is_known() -> None:
    assert stratum(500).interval == (0.0, 1.0)


# --- money --------------------------------------------------------------------------------------------------


def test_without_a_review_all_the_money_may_have_gone_wrongly() -> None:
    assert money_limit([worth("100.00"), worth("7000.00")]) == Decimal("7100.00")
    assert money_limit([]) == 0


def test_what_a_person_saw_is_no_part_of_it() -> None:
    assert money_limit([worth("100.00", "drawn", right=True), worth("200.00", "drawn", right=False)]) == 0


def test_the_limit_by_hand() -> None:
    """59 reviews without an error: less than 5 % are wrong, 95 % sure. Of 200 unseen that is at most nine."""
    seen = [worth("10.00", "drawn", right=True, chance=0.1, n=n) for n in range(59)]
    unseen = [worth(f"{n + 1}.00", n=n) for n in range(200)]
    assert money_limit([*seen, *unseen]) == sum(range(192, 201))


def test_the_limit_holds_nineteen_times_in_twenty() -> None:
    held = 0
    for seed in range(100):
        chance, cases, lost = random.Random(seed), [], Decimal(0)
        for n in range(1_200):
            amount = Decimal(f"{chance.lognormvariate(6.5, 1.2):.2f}")
            right, drawn = chance.random() > 0.03, chance.random() < 0.10
            cases.append(
                worth(str(amount), "drawn" if drawn else "automatic", right=right if drawn else None, n=n)
            )
            lost += amount if not drawn and not right else 0
        held += lost <= money_limit(cases)
    assert held >= 95


# --- spreading ----------------------------------------------------------------------------------------------


@given(STRATA, st.integers(0, 2_000))
def test_rates_are_rates_and_the_budget_holds(found: list[Stratum], budget: int) -> None:
    rates = spread(found, budget)
    assert all(0 <= r <= 1 for r in rates)
    assert sum(r * s.decided for r, s in zip(rates, found, strict=True)) <= budget + Decimal("0.000001")


@given(STRATA, st.integers(1, 2_000))
def test_every_stratum_has_its_floor_or_its_part_of_the_budget(found: list[Stratum], budget: int) -> None:
    filled = sum(s.decided > 0 for s in found)
    for rate, s in zip(spread(found, budget), found, strict=True):
        if s.decided:
            least = min(FLOOR, budget / filled, s.decided)
            assert float(rate) * s.decided >= least - 0.001 * s.decided - 1e-6


@given(STRATA, st.integers(1, 2_000))
def test_the_budget_is_used_where_there_are_so_many(found: list[Stratum], budget: int) -> None:
    rates, whole = spread(found, budget), sum(s.decided for s in found)
    used = float(sum(r * s.decided for r, s in zip(rates, found, strict=True)))
    assert used >= min(budget, whole) - 0.001 * whole - 1e-6


def test_more_is_drawn_where_more_is_uncertain() -> None:
    calm, wild = spread([stratum(2_000, 100, 0), stratum(2_000, 100, 10)], 200)
    assert wild > calm > 0
    assert calm * 2_000 >= FLOOR


def test_without_anything_decided_nothing_is_drawn() -> None:
    assert spread([stratum(0), stratum(0)], 100) == [0, 0]
    assert spread([stratum(10)], 0) == [0]


def test_spread_so_an_estimate_is_closer_than_by_an_equal_rate() -> None:
    """Two kinds of invoices, one of them with most of the errors: the same number of reviews says more."""
    sizes, errors, budget = (3_000, 300), (0.002, 0.25), 132
    known = [stratum(3_000, 300, 1), stratum(300, 40, 10)]
    rates = [float(r) for r in spread(known, budget)]

    def squared(shares: list[float]) -> float:
        return sum(n**2 * p * (1 - p) / (n * r) for n, p, r in zip(sizes, errors, shares, strict=True))

    assert squared(rates) < 0.75 * squared([budget / sum(sizes)] * 2)
