"""The run length under control is at least the stated one, one day alone is no evidence, and a change is seen
about as soon as the best detector for it would."""

from __future__ import annotations

import copy
import statistics
from collections.abc import Callable
from math import exp
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.monitoring.baselines import Expected, probability, to_log_odds
from coordination.monitoring.detectors import (
    CALM,
    CALM_CAP,
    DAY_CAP,
    HIGHEST,
    ODDS_RATIOS,
    Detector,
    day_cap,
    place_bets,
)
from coordination.monitoring.measures import Direction
from tests.monitoring.cusum import limit_for, mean_run_length, steps_up
from tests.monitoring.make import known

DAY = 100
RUNS, SAMPLING = 400, 0.05
"""Run lengths are about exponential: the mean of so many is off by a twentieth."""
rates = st.floats(0.005, 0.995)
spreads = st.floats(0.0, 0.3)


def run_length(
    rate_of_day: Callable[[Random], float],
    expected: Expected,
    direction: Direction,
    *,
    at: float,
    spread: float = 0.0,
    seed: int = 1,
) -> int:
    """Decisions until the evidence reaches `at`."""
    random = Random(seed)
    bets = place_bets(expected, direction)
    detector = Detector(spread)
    count = 0
    while count < 200 * at:
        detector.begin_day()
        rate = rate_of_day(random)
        for _ in range(DAY):
            count += 1
            if detector.observe(random.random() < rate, bets) >= at:
                return count
    return count


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("rate", [0.02, 0.1, 0.4, 0.8])
def test_under_control_the_run_length_is_at_least_the_stated_one(rate: float, direction: Direction) -> None:
    stated = 400
    lengths = [
        run_length(lambda _: rate, known(rate), direction, at=stated, seed=seed) for seed in range(RUNS)
    ]
    assert statistics.fmean(lengths) >= (1 - SAMPLING) * stated


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("rate", [0.05, 0.2, 0.75])
def test_days_that_differ_do_not_shorten_it_where_the_spread_is_known(
    rate: float, direction: Direction
) -> None:
    stated, deviation = 400, 0.3

    def noisy(random: Random) -> float:
        return probability(to_log_odds(rate) + random.gauss(0, deviation))

    lengths = [
        run_length(noisy, known(rate), direction, at=stated, spread=deviation**2, seed=seed)
        for seed in range(RUNS)
    ]
    assert statistics.fmean(lengths) >= (1 - SAMPLING) * stated


def test_days_that_differ_shorten_it_where_nobody_reckons_with_them() -> None:
    stated, deviation = 2_000, 0.5

    def noisy(random: Random) -> float:
        return probability(to_log_odds(0.3) + random.gauss(0, deviation))

    lengths = [run_length(noisy, known(0.3), Direction.UP, at=stated, seed=seed) for seed in range(30)]
    assert statistics.fmean(lengths) < stated


def test_the_guard_band_lengthens_it() -> None:
    exact = to_log_odds(0.1)
    guarded = Expected(exact, exact - 0.2, exact + 0.2)
    bare, wide = (
        statistics.fmean(
            run_length(lambda _: 0.1, expected, Direction.UP, at=200, seed=seed) for seed in range(40)
        )
        for expected in (known(0.1), guarded)
    )
    assert wide > 2 * bare


@given(rates, spreads, st.sampled_from(Direction), st.lists(st.booleans(), max_size=300))
def test_the_evidence_is_a_fair_bet_at_the_start_of_a_day(
    rate: float, spread: float, direction: Direction, events: list[bool]
) -> None:
    """Whatever was seen: if nothing has changed, M is expected to grow by one."""
    bets = place_bets(known(rate), direction)
    detector = Detector(spread)
    for event in events:
        detector.observe(event, bets)
    detector.begin_day()
    before = detector.evidence
    happens, does_not = copy.copy(detector), copy.copy(detector)
    after = rate * happens.observe(True, bets) + (1 - rate) * does_not.observe(False, bets)
    assert after <= (1 + before) * (1 + 1e-9)


@given(rates, spreads, st.sampled_from(Direction), st.booleans(), st.integers(1, 200))
def test_one_day_raises_the_evidence_by_no_more_than_its_cap(
    rate: float, spread: float, direction: Direction, event: bool, cases: int
) -> None:
    bets = place_bets(known(rate), direction)
    detector = Detector(spread)
    for _ in range(cases):
        detector.observe(event, bets)
    assert 0 <= detector.evidence <= cases * day_cap(spread) * (1 + 1e-9)


def test_where_days_hardly_differ_one_day_says_more() -> None:
    assert day_cap(0.0) == day_cap(CALM * 0.99) == CALM_CAP > day_cap(CALM) == DAY_CAP


@given(rates, spreads, st.sampled_from(Direction))
def test_evidence_stays_a_number_and_falls_once_a_change_is_over(
    rate: float, spread: float, direction: Direction
) -> None:
    bets = place_bets(known(rate), direction)
    detector = Detector(spread)
    for _ in range(30):
        detector.begin_day()
        for _ in range(20):
            detector.observe(direction is Direction.UP, bets)
    assert detector.evidence <= (HIGHEST + 20) * day_cap(spread)
    highest = detector.evidence
    for _ in range(30):
        detector.begin_day()
        for _ in range(20):
            detector.observe(direction is Direction.DOWN, bets)
    assert detector.evidence < highest


def test_the_bets_are_the_stated_odds_ratios_on_the_guarded_side() -> None:
    expected = Expected(to_log_odds(0.1), to_log_odds(0.08), to_log_odds(0.12))
    for direction, bound, power in ((Direction.UP, 0.12, 1), (Direction.DOWN, 0.08, -1)):
        usual, *changed = place_bets(expected, direction)
        assert usual == pytest.approx(bound)
        for rate, ratio in zip(changed, ODDS_RATIOS, strict=True):
            assert exp(to_log_odds(rate) - to_log_odds(bound)) == pytest.approx(ratio**power)


@pytest.mark.parametrize(("usual", "changed"), [(0.1, 0.2), (0.1, 0.3)])
def test_a_change_is_seen_about_as_soon_as_by_the_cusum_made_for_it(usual: float, changed: float) -> None:
    """The CUSUM knows the size of the change and has the same run length; ours bets on three sizes."""
    at = 500

    def length(rate: float, seed: int) -> int:
        return run_length(lambda _: rate, known(usual), Direction.UP, at=at, seed=seed)

    under_control = statistics.fmean(length(usual, seed) for seed in range(60))
    up = steps_up(usual, changed)
    limit = limit_for(under_control, usual, up)
    best = mean_run_length(changed, up, limit)
    ours = statistics.fmean(length(changed, seed) for seed in range(300))
    assert ours < 1.4 * best


def test_the_exact_run_length_of_the_cusum_is_that_of_a_simulation() -> None:
    random = Random(7)
    up, limit, rate = 6, 20, 0.2

    def once() -> int:
        total = count = 0
        while total < limit:
            count += 1
            total = max(0, total + (up if random.random() < rate else -1))
        return count

    simulated = statistics.fmean(once() for _ in range(4_000))
    assert mean_run_length(rate, up, limit) == pytest.approx(simulated, rel=0.05)
