"""What figures of known-answer cases prove: exact bounds, and a fall that is seen and not imagined."""

import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.domain.oversight import (
    BLOCK,
    CAUGHT,
    MISSED,
    SPENT,
    CatchRate,
    Course,
    Defect,
    OrderEffect,
    Pair,
    Recovery,
    at_least,
    boundary,
    course,
    dwell,
    exact_interval,
    flagged_share,
    newcombe,
    noise,
    outcome_of,
    rate_of,
    recovery,
    to_catch,
)

RUNS = 1_000


@pytest.mark.parametrize(
    ("caught", "shown", "least"),
    [(54, 60, 0.812), (60, 60, 0.951), (29, 29, 0.902), (0, 10, 0.0), (1, 1, 0.05)],
)
def test_the_lower_bound_is_the_published_one(caught: int, shown: int, least: float) -> None:
    assert at_least(caught, shown) == pytest.approx(least, abs=0.0006)


@pytest.mark.parametrize(
    ("part", "base", "low", "high"),
    [(24, 25, 0.796, 0.999), (8, 12, 0.349, 0.901), (11, 11, 0.715, 1.0), (29, 37, 0.618, 0.902)],
)
def test_the_interval_is_that_of_clopper_and_pearson(part: int, base: int, low: float, high: float) -> None:
    assert exact_interval(part, base) == pytest.approx((low, high), abs=0.0006)


@given(st.integers(1, 80).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_bound_is_never_above_the_rate_and_rises_with_it(found: tuple[int, int]) -> None:
    part, base = found
    assert at_least(part, base) <= part / base + 1e-9
    if part < base:
        assert at_least(part, base) < at_least(part + 1, base)


@pytest.mark.parametrize("defect", Defect)
@pytest.mark.parametrize("verdict", ["approve", "override", "reject"])
def test_what_is_wrong_is_caught_by_rejecting_and_what_is_clean_by_letting_it_go(
    defect: Defect, verdict: str
) -> None:
    right = (verdict != "reject") if defect is Defect.CLEAN else (verdict == "reject")
    assert outcome_of(defect, verdict) == (CAUGHT if right else MISSED)


def test_a_case_that_was_looked_up_counts_in_no_rate() -> None:
    assert rate_of([CAUGHT, SPENT, MISSED, SPENT]) == CatchRate(1, 2)


def test_one_of_one_is_no_rate_but_a_bound_of_five_per_cent() -> None:
    rate = CatchRate(1, 1)
    assert rate.few
    assert rate.at_least == pytest.approx(0.05)


# --- a fall -------------------------------------------------------------------------------------------------


def flagged(rate: float, chance: random.Random) -> bool:
    """Is a reviewer of this rate flagged within the first 40 cases?"""
    outcomes = [CAUGHT if chance.random() < rate else MISSED for _ in range(BLOCK)]
    return any(course(outcomes[:n]).word == "falling" for n in range(1, BLOCK + 1))


def test_a_reviewer_of_70_per_cent_is_flagged_within_40_cases_in_at_least_900_of_1000_runs() -> None:
    chance = random.Random(7)
    assert sum(flagged(0.7, chance) for _ in range(RUNS)) >= 0.90 * RUNS


def test_a_reviewer_who_meets_the_goal_of_90_per_cent_is_flagged_in_at_most_50_of_1000_runs() -> None:
    chance = random.Random(11)
    assert sum(flagged(0.9, chance) for _ in range(RUNS)) <= 0.05 * RUNS


def test_the_chance_of_a_flag_is_worked_out_and_not_only_simulated() -> None:
    assert flagged_share(0.9) <= 0.05
    assert flagged_share(0.7) >= 0.94
    assert flagged_share(1.0) == 0.0
    assert flagged_share(0.0) == pytest.approx(1.0)


@pytest.mark.parametrize("goal", ["0.80", "0.90", "0.95", "0.99"])
def test_whatever_the_goal_who_meets_it_is_seldom_flagged(goal: str) -> None:
    assert flagged_share(float(goal), Decimal(goal)) <= 0.05
    assert list(boundary(Decimal(goal))) == sorted(boundary(Decimal(goal)))


def test_before_a_block_is_over_nothing_is_said_but_how_many_cases_there_are() -> None:
    assert course([CAUGHT] * 9) == Course("learning", 9, 9)
    assert course([]) == Course("learning", 0, 0)


def test_who_misses_most_of_the_first_ten_is_flagged_at_once() -> None:
    assert course([MISSED] * 10) == Course("falling", 10, 0)


def test_a_team_that_was_flagged_is_steady_again_after_a_whole_block_without_a_flag() -> None:
    fallen = [MISSED] * 10
    assert course([*fallen, *[CAUGHT] * (BLOCK - 1)]).word == "falling"
    assert course([*fallen, *[CAUGHT] * BLOCK]) == Course("steady", BLOCK, BLOCK)


def test_spent_cases_neither_raise_nor_lower_the_course() -> None:
    assert course([SPENT] * 100) == Course("learning", 0, 0)


# --- noise and time -----------------------------------------------------------------------------------------


def test_noise_is_what_two_people_let_go_differently() -> None:
    found = noise(
        [
            Pair(True, Decimal(0), Decimal(0)),
            Pair(False, Decimal("300.00"), Decimal(0)),
            Pair(True, Decimal("90.00"), Decimal("90.00")),
        ]
    )
    assert (found.agreed, found.pairs, found.per_case) == (2, 3, Decimal("100.00"))


def test_without_pairs_there_is_no_noise_to_speak_of() -> None:
    assert noise([]).per_case is None


def test_time_on_case_is_told_by_amount_with_its_bounds_included() -> None:
    found = {
        d.band: d
        for d in dwell([(Decimal(1000), 4), (Decimal(1001), 30), (Decimal(-20000), 108), (Decimal(20000), 8)])
    }
    assert (found["up to 1,000"].answers, found["up to 1,000"].quick) == (1, 1)
    assert found["1,000 to 10,000"].median == 30
    assert (found["over 10,000"].median, found["over 10,000"].quick) == (58, 1)


# --- a fall is over -----------------------------------------------------------------------------------------


def test_a_block_that_catches_36_of_40_meets_the_goal_and_one_less_does_not() -> None:
    assert to_catch() == 36
    assert recovery([*[MISSED] * 4, *[CAUGHT] * 36]) == Recovery(40, 36, met=True)
    assert recovery([*[MISSED] * 5, *[CAUGHT] * 35]) == Recovery(40, 35, met=False)


def test_before_a_block_is_whole_the_goal_is_not_met() -> None:
    assert recovery([]) == Recovery(0, 0, met=False)
    assert recovery([CAUGHT] * 39) == Recovery(39, 39, met=False)


def test_after_a_block_that_did_not_meet_it_the_next_may() -> None:
    assert recovery([*[MISSED] * 5, *[CAUGHT] * 35, *[SPENT] * 9, *[CAUGHT] * 2]) == Recovery(2, 2, met=False)
    assert recovery([*[MISSED] * 40, *[CAUGHT] * 40]).met


def met(rate: float, cases: int, chance: random.Random) -> bool:
    return recovery([CAUGHT if chance.random() < rate else MISSED for _ in range(cases)]).met


def test_a_reviewer_of_70_per_cent_is_almost_never_let_off_and_one_of_90_soon_is() -> None:
    chance = random.Random(13)
    assert sum(met(0.7, 3 * BLOCK, chance) for _ in range(RUNS)) <= 0.02 * RUNS
    assert sum(met(0.9, 3 * BLOCK, chance) for _ in range(RUNS)) >= 0.90 * RUNS


# --- two orders of a page -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
    ],
)
def test_the_interval_of_a_difference_is_that_of_newcombes_table(
    one: tuple[int, int], other: tuple[int, int], low: float, high: float
) -> None:
    assert newcombe(CatchRate(*one), CatchRate(*other)) == pytest.approx((low, high), abs=0.0001)


def test_of_fewer_than_ten_cases_of_an_order_nothing_is_said() -> None:
    assert OrderEffect(CatchRate(9, 9), CatchRate(40, 50)).few
    effect = OrderEffect(CatchRate(45, 50), CatchRate(40, 50))
    assert not effect.few
    assert effect.difference == pytest.approx(0.1)
    low, high = effect.interval
    assert low < 0.1 < high
