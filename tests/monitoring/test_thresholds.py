"""What another threshold would have done: to whom it makes a difference, by which answers it is told, and
that what is told is true of invoices that nobody looked at."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.monitoring.thresholds import BINS, Case, Way, Weeks, histogram

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def case(
    confidence: float, way: Way = "automatic", *, right: bool | None = None, chance: float = 1.0, n: int = 0
) -> Case:
    return Case(f"{n}", f"INV-{n}", NOW - timedelta(minutes=n), confidence, Decimal(100), way, right, chance)


def weeks(*cases: Case, in_force: float = 0.80) -> Weeks:
    return Weeks(cases, in_force, days=10, span=14)


CASES = st.builds(
    case,
    st.floats(0.5, 0.99),
    st.sampled_from(["automatic", "drawn", "unsure", "other"]),
    right=st.none() | st.booleans(),
    chance=st.sampled_from([0.02, 0.3, 1.0]),
    n=st.integers(0, 999),
)


@given(st.lists(CASES, max_size=60), st.integers(50, 99))
def test_a_stricter_threshold_never_lets_more_go(cases: list[Case], per_cent: int) -> None:
    found = weeks(*cases)
    assert found.at(per_cent / 100).automatic >= found.at(per_cent / 100 + 0.01).automatic


@given(st.lists(CASES, max_size=60), st.integers(50, 99))
def test_who_would_be_asked_is_the_difference_of_what_is_let_go(cases: list[Case], per_cent: int) -> None:
    found, then = weeks(*cases), per_cent / 100
    moved = len(found.moved(then))
    difference = (found.at(found.in_force).automatic - found.at(then).automatic) * len(cases)
    assert moved == pytest.approx(abs(difference))
    assert found.what_if(then).more_a_day == pytest.approx(difference / found.days)


def test_what_another_reason_brought_to_a_person_stays_there_at_any_threshold() -> None:
    found = weeks(case(0.99, "other"), case(0.99))
    assert found.at(0.5).automatic == 0.5
    assert [c.way for c in found.moved(0.995)] == ["automatic"]


def test_raising_a_threshold_goes_by_the_review_alone() -> None:
    """Whoever was unsure was wrong often, and says nothing of those who were sure."""
    found = weeks(
        *[case(0.9, "drawn", right=True, chance=0.1, n=n) for n in range(30)],
        *[case(0.85, "unsure", right=False, n=n) for n in range(30)],
        in_force=0.80,
    )
    assert found.at(0.85).labels == 30
    assert found.at(0.85).wrong == 0
    stricter = Weeks(found.cases, 0.88, 10, 14)
    assert stricter.at(0.85).labels == 60, "lower than in force, those that it would let go count too"
    assert stricter.at(0.85).wrong == pytest.approx(30 / 330)


def test_what_nobody_answered_says_nothing() -> None:
    found = weeks(case(0.9, "drawn", chance=0.1), case(0.9))
    assert found.at(0.8).wrong is None
    assert found.safe(0.8, 1.0) is None


def test_the_answer_of_a_review_is_told_apart() -> None:
    found = weeks(
        case(0.9, "drawn", right=True), case(0.84, "drawn", right=True), case(0.7, "unsure", right=True)
    )
    assert found.what_if(0.85).reviewed == 1
    assert found.what_if(0.70).then.labels == 3


def test_money_at_risk_is_that_of_a_week() -> None:
    cases = [replace(case(0.9, "drawn", right=n > 0, n=n), amount=Decimal(1_400)) for n in range(10)]
    found = weeks(*cases)
    assert found.what_if(0.95).at_risk == (Decimal("700.00"), Decimal("0.00")), "a tenth of 14,000.00"
    assert found.what_if(0.80).at_risk_at_most == Decimal("3115.11"), "44.5 %, the upper bound of one in ten"


def test_the_interval_holds_what_is_true_of_those_that_nobody_looked_at() -> None:
    """Ten in a hundred are drawn, more where the agent was reviewed more; the rest is never seen."""
    held = 0
    for seed in range(60):
        chance, cases = random.Random(seed), []
        truth = []
        for n in range(2_500):
            confidence = chance.uniform(0.8, 0.99)
            right = chance.random() > (1 - confidence) / 2
            truth.append(not right)
            share = 0.3 if n % 4 == 0 else 0.1
            drawn = chance.random() < share
            way: Way = "drawn" if drawn else "automatic"
            cases.append(case(confidence, way, right=right if drawn else None, chance=share, n=n))
        told = weeks(*cases).at(0.80)
        held += told.low <= sum(truth) / len(truth) <= told.high
    assert held >= 55


def test_the_histogram_has_a_place_for_every_answer() -> None:
    shares = histogram([0.1, 0.5, 0.549, 0.55, 0.80, 0.999, 1.0])
    assert len(shares) == len(BINS)
    assert sum(shares) == pytest.approx(1)
    assert shares[0] == pytest.approx(3 / 7)
    assert shares[1] == shares[6] == pytest.approx(1 / 7)
    assert shares[-1] == pytest.approx(2 / 7)
    assert histogram([]) == [0.0] * len(BINS)
