"""What is normal is learned by kind of day and document, shrunk where little was seen, with its bounds."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, date, datetime
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coordination.monitoring.baselines import Rate, probability, to_log_odds
from coordination.monitoring.contexts import MONTH_END, ORDINARY, is_month_end
from coordination.monitoring.learning import MIN_CASES, LearningState, count_month_ends, learn, learn_limits
from coordination.monitoring.observations import Observation
from coordination.world.recorded_stream import business_days
from tests.monitoring.make import daily, observation

FIRST = date(2026, 3, 2)


def orders_missing(rates: list[float], cases: int = 200, seed: int = 1) -> Rate:
    return learn(list(daily(rates, cases, seed)), sla_ms=10_000).rates["missing_po_rate"]


def expected(rate: Rate, *context: str) -> float:
    found = rate.expected(context)
    assert found
    return probability(found.log_odds)


def test_the_pooled_rate_is_that_of_the_learning_days() -> None:
    rate = orders_missing([0.1] * 40)
    assert rate.cases == 8_000
    assert rate.rate == pytest.approx(0.1, abs=0.01)
    assert rate.events == pytest.approx(800, abs=80)


def test_a_month_end_has_a_rate_of_its_own() -> None:
    days = [d for d, _ in zip(business_days(FIRST), range(45), strict=False)]
    rate = orders_missing([0.3 if is_month_end(d) else 0.1 for d in days])
    assert expected(rate, "midweek", MONTH_END, "invoice") == pytest.approx(0.3, abs=0.04)
    assert expected(rate, "midweek", ORDINARY, "invoice") == pytest.approx(0.1, abs=0.015)


def test_a_weekday_has_a_rate_of_its_own() -> None:
    days = [d for d, _ in zip(business_days(FIRST), range(45), strict=False)]
    rate = orders_missing([0.2 if d.weekday() == 0 else 0.1 for d in days])
    assert expected(rate, "Monday", ORDINARY, "invoice") == pytest.approx(0.2, abs=0.03)
    assert expected(rate, "Friday", ORDINARY, "invoice") == pytest.approx(0.1, abs=0.03)


def of_two_types(rare: int, rare_rate: float) -> Rate:
    """40 days of 200 invoices at 0.1, and so many credit notes in all."""
    random = Random(3)
    found = list(daily([0.1] * 40, 200))
    last = found[-1].at
    found += [
        observation(at=last, doc_type="credit_note", po_missing=random.random() < rare_rate)
        for _ in range(rare)
    ]
    return learn(found, sla_ms=10_000).rates["missing_po_rate"]


def test_a_rare_document_type_is_taken_for_the_rest_until_enough_was_seen() -> None:
    few, many = (expected(of_two_types(n, 0.5), "midweek", ORDINARY, "credit_note") for n in (5, 2_000))
    assert many == pytest.approx(0.5, abs=0.04)
    assert abs(few - 0.1) < abs(many - 0.1) / 2


def test_what_rests_on_less_has_a_wider_guard_band() -> None:
    def width(rare: int) -> float:
        found = of_two_types(rare, 0.1).expected(("midweek", ORDINARY, "credit_note"))
        assert found
        return found.high - found.low

    assert width(10) > width(100) > width(1_000)


def test_nothing_is_expected_of_a_document_type_that_was_never_seen() -> None:
    assert orders_missing([0.1] * 30).expected(("midweek", ORDINARY, "statement")) is None


@pytest.mark.parametrize("deviation", [0.0, 0.25, 0.5])
def test_the_spread_between_days_is_found(deviation: float) -> None:
    random = Random(5)
    rates = [probability(to_log_odds(0.2) + random.gauss(0, deviation)) for _ in range(60)]
    found = orders_missing(rates, cases=400).between_days ** 0.5
    assert found == pytest.approx(deviation, abs=0.08)


def test_decisions_of_a_day_go_together_as_much_as_days_differ() -> None:
    still, noisy = orders_missing([0.2] * 40), orders_missing([0.12, 0.28] * 20)
    assert 0 <= still.rho < 0.005 < noisy.rho


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_a_rate_without_an_exception_is_not_taken_for_certain(rate: float) -> None:
    found = orders_missing([rate] * 30)
    assert 0 < found.rate < 1
    bounds = found.expected(("midweek", ORDINARY, "invoice"))
    assert bounds
    assert bounds.low < bounds.log_odds < bounds.high


def test_a_measure_of_too_few_cases_has_no_baseline() -> None:
    def reviewed(count: int) -> Iterator[Observation]:
        for i, o in enumerate(daily([0.1] * 30, 100)):
            yield o._replace(reviewed="sample", verdict="confirmed") if i < count else o

    assert "override_rate" not in learn(list(reviewed(MIN_CASES - 1)), sla_ms=10_000).rates
    assert "override_rate" in learn(list(reviewed(MIN_CASES)), sla_ms=10_000).rates


def test_days_of_incidents_are_left_out() -> None:
    seen = list(daily([0.1] * 20 + [0.6] * 5 + [0.1] * 20, 100))
    bad = sorted({o.at.date() for o in seen})[20:25]
    baseline = learn(seen, sla_ms=10_000, excluded=bad, number=2)
    assert baseline.rates["missing_po_rate"].rate == pytest.approx(0.1, abs=0.01)
    assert (baseline.number, baseline.days, baseline.decisions) == (2, 40, 4_000)
    assert baseline.excluded == tuple(bad)


def test_limits_are_the_quantiles_of_the_learning_days() -> None:
    seen = [observation(amount=i, confidence=i / 1000) for i in range(1001)]
    limits = learn_limits(seen, sla_ms=500)
    assert (limits.amount_high, limits.confidence_low, limits.confidence_high) == (900, 0.1, 0.9)
    assert limits.sla_ms == 500


def test_the_ends_of_months_are_counted_once_each() -> None:
    days = [d for d, _ in zip(business_days(date(2026, 1, 5)), range(45), strict=False)]
    assert count_month_ends(days) == 2
    assert count_month_ends(days[:10]) == 0


def test_twenty_days_and_a_thousand_decisions_are_enough() -> None:
    assert LearningState(days=20, decisions=1_000, month_ends=0).enough
    assert not LearningState(days=19, decisions=1_000, month_ends=2).enough
    assert not LearningState(days=20, decisions=999, month_ends=2).enough


def test_month_ends_are_known_after_two() -> None:
    assert LearningState(days=45, decisions=1_000, month_ends=2).knows_month_ends
    assert not LearningState(days=45, decisions=1_000, month_ends=1).knows_month_ends


def test_a_baseline_cannot_be_changed() -> None:
    baseline = learn(list(daily([0.1] * 20, 20)), sla_ms=10_000)
    with pytest.raises(dataclasses.FrozenInstanceError):
        baseline.number = 2  # type: ignore[misc]


@settings(max_examples=15)
@given(st.lists(st.floats(0, 1), min_size=3, max_size=30), st.integers(20, 60))
def test_any_days_give_rates_between_nothing_and_all(rates: list[float], cases: int) -> None:
    seen = [o._replace(at=datetime.combine(o.at.date(), o.at.time(), UTC)) for o in daily(rates, cases)]
    baseline = learn(seen, sla_ms=10_000)
    for rate in baseline.rates.values():
        assert 0 < rate.rate < 1
        assert rate.between_days >= 0
        assert rate.variance > 0
