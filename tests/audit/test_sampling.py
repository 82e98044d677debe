"""Samples are drawn again from their seed alone, and what they say agrees with the published tables."""

from __future__ import annotations

from decimal import Decimal
from math import comb
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit import sampling
from audit.sampling import Item, NoSample

amounts = st.decimals("0.01", "100000", places=2)
populations = st.lists(amounts, min_size=1, max_size=60).map(
    lambda found: [Item(f"INV-{n}", amount) for n, amount in enumerate(found)]
)


def items(*found: Any) -> list[Item]:
    return [Item(f"INV-{n}", Decimal(str(amount))) for n, amount in enumerate(found)]


@given(populations, st.data(), st.randoms(), st.text(max_size=8))
def test_the_order_of_the_population_decides_nothing(
    population: list[Item], data: st.DataObject, chance: Any, seed: str
) -> None:
    size = data.draw(st.integers(1, len(population)))
    shuffled = list(population)
    chance.shuffle(shuffled)
    for draw in (
        sampling.random_sample,
        sampling.monetary_unit_sample,
        lambda p, n, s: (
            sampling.stratified_sample(p, max(n, 3) if len(p) >= 3 else len(p), s, [Decimal(100)])
            if len(p) > 2
            else sampling.random_sample(p, n, s)
        ),
    ):
        assert draw(population, size, seed) == draw(shuffled, size, seed)  # type: ignore[no-untyped-call]
    assert sampling.digest(population) == sampling.digest(shuffled)


@given(populations, st.data())
def test_a_sample_has_its_size_and_nobody_twice(population: list[Item], data: st.DataObject) -> None:
    size = data.draw(st.integers(1, len(population)))
    drawn = sampling.random_sample(population, size, "seed")
    assert len({d.item.id for d in drawn}) == len(drawn) == size


def test_another_seed_draws_others() -> None:
    population = items(*range(1, 1001))
    draws = {tuple(d.item.id for d in sampling.random_sample(population, 20, str(n))) for n in range(20)}
    assert len(draws) == 20


def test_every_item_is_about_as_likely_as_another() -> None:
    population = items(*[1] * 20)
    counts = dict.fromkeys((i.id for i in population), 0)
    for n in range(2000):
        for drawn in sampling.random_sample(population, 5, f"s{n}"):
            counts[drawn.item.id] += 1
    assert 420 < min(counts.values()) <= max(counts.values()) < 580  # 500 expected, 4 standard deviations


@given(populations, st.data())
def test_monetary_units_hit_as_often_as_asked_and_never_miss_a_large_item(
    population: list[Item], data: st.DataObject
) -> None:
    size = data.draw(st.integers(1, len(population)))
    drawn = sampling.monetary_unit_sample(population, size, "seed")
    assert sum(d.hits for d in drawn) == size
    interval = sum(i.amount for i in population) / size
    large = {i.id for i in population if i.amount >= interval}
    assert large <= {d.item.id for d in drawn}


def test_larger_items_are_drawn_in_proportion() -> None:
    population = items(*[1] * 50, *[9] * 50)
    large = sum(
        d.item.amount == 9 for n in range(200) for d in sampling.monetary_unit_sample(population, 10, f"s{n}")
    )
    assert 1700 < large < 1900  # nine of ten of 2000 hits


@given(populations, st.data())
def test_strata_are_all_visited_and_never_overdrawn(population: list[Item], data: st.DataObject) -> None:
    bounds = [Decimal(100), Decimal(10000)]
    names = {sampling.stratum_of(i.amount, bounds) for i in population}
    size = data.draw(st.integers(len(names), len(population)))
    drawn = sampling.stratified_sample(population, size, "seed", bounds)
    assert len({d.item.id for d in drawn}) == len(drawn) == size
    assert {d.stratum for d in drawn} == names
    assert all(sampling.stratum_of(d.item.amount, bounds) == d.stratum for d in drawn)


@pytest.mark.parametrize(
    ("population", "size"), [([], 1), (items(1, 2), 3), (items(1, 2), 0), (items(1, 2), -1)]
)
def test_what_cannot_be_drawn_is_refused(population: list[Item], size: int) -> None:
    for draw in (sampling.random_sample, sampling.monetary_unit_sample):
        with pytest.raises(NoSample):
            draw(population, size, "seed")


def test_money_that_is_not_there_cannot_be_hit() -> None:
    with pytest.raises(NoSample, match="positive"):
        sampling.monetary_unit_sample(items(0, -5), 1, "seed")


def test_the_digest_names_ids_and_amounts() -> None:
    assert sampling.digest(items(1, 2)) != sampling.digest(items(1, 3))
    assert sampling.digest(items(1)) != sampling.digest(items(1, 2))


# --- tables ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("errors", "factor"), [(0, 3.00), (1, 4.75), (2, 6.30), (3, 7.76), (4, 9.16), (5, 10.52), (10, 16.97)]
)
def test_the_poisson_factors_are_those_of_the_tables(errors: int, factor: float) -> None:
    assert sampling.reliability_factor(errors, 0.95) == pytest.approx(factor, abs=0.01)


@pytest.mark.parametrize(("errors", "factor"), [(0, 2.31), (1, 3.89), (2, 5.33)])
def test_the_factors_at_ninety_per_cent_too(errors: int, factor: float) -> None:
    assert sampling.reliability_factor(errors, 0.90) == pytest.approx(factor, abs=0.01)


@pytest.mark.parametrize(
    ("errors", "size", "bound"),
    [(0, 60, 0.0487), (0, 59, 0.0495), (1, 93, 0.0500), (0, 25, 0.113), (1, 25, 0.176), (3, 3, 1.0)],
)
def test_the_upper_error_rate_is_that_of_the_tables(errors: int, size: int, bound: float) -> None:
    assert sampling.upper_error_rate(errors, size) == pytest.approx(bound, abs=0.0006)


@given(st.integers(1, 300), st.data())
def test_more_errors_never_lower_the_bound(size: int, data: st.DataObject) -> None:
    errors = data.draw(st.integers(0, size - 1))
    low, high = sampling.upper_error_rate(errors, size), sampling.upper_error_rate(errors + 1, size)
    assert errors / size < low <= high <= 1


@given(st.integers(1, 120), st.data(), st.floats(0.001, 0.999))
def test_the_chance_of_few_is_the_sum_of_its_terms(size: int, data: st.DataObject, share: float) -> None:
    few = data.draw(st.integers(0, size - 1))
    terms = [comb(size, k) * share**k * (1 - share) ** (size - k) for k in range(few + 1)]
    assert sampling.chance_of_at_most(few, size, share) == pytest.approx(sum(terms), abs=1e-9)


@given(st.integers(1, 200), st.data())
def test_the_bound_is_the_rate_that_leaves_five_per_cent(size: int, data: st.DataObject) -> None:
    errors = data.draw(st.integers(0, size - 1))
    bound = sampling.upper_error_rate(errors, size)
    assert sampling.chance_of_at_most(errors, size, bound) == pytest.approx(0.05, abs=1e-6)


def test_a_clean_monetary_sample_still_has_an_upper_bound() -> None:
    done = sampling.project_monetary(Decimal(1000), [(Decimal(50), Decimal(50))] * 20)
    assert (done.found, done.projected) == (0, 0)
    assert done.upper == pytest.approx(Decimal("2995.73"), abs=Decimal("0.02"))


def test_a_tainting_is_projected_over_the_interval_and_a_large_item_counts_as_it_is() -> None:
    results = [(Decimal(100), Decimal(80)), (Decimal(5000), Decimal(4500)), (Decimal(10), Decimal(10))]
    done = sampling.project_monetary(Decimal(1000), results)
    assert done.found == Decimal("520.00")
    assert done.projected == Decimal("700.00")  # 500 known, and a fifth of the interval
    assert done.upper == pytest.approx(Decimal("500") + Decimal("1000") * Decimal("3.345"), abs=Decimal(2))
