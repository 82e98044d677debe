"""What agents did in equal steps of time: where a window begins, how steps add up, and the line drawn of
them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.selectors import agents
from coordination.selectors.agents import RANGES, Bucket, Range

NOW = datetime(2026, 11, 20, 14, 47, 33, 250_000, UTC)


def bucket(
    decisions: int, to_people: int = 0, confidence: float | None = None, latency: float | None = None
) -> Bucket:
    return Bucket(NOW, decisions, to_people, confidence, latency)


# --- windows ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("window", "now", "start"),
    [
        ("hour", NOW, datetime(2026, 11, 20, 13, 48, tzinfo=UTC)),
        ("day", NOW, datetime(2026, 11, 19, 15, 0, tzinfo=UTC)),
        ("fortnight", NOW, datetime(2026, 11, 7, 0, 0, tzinfo=UTC)),
        # on the stroke a new step has just begun
        ("hour", datetime(2026, 11, 20, 14, 0, tzinfo=UTC), datetime(2026, 11, 20, 13, 1, tzinfo=UTC)),
        ("day", datetime(2026, 11, 20, 0, 0, tzinfo=UTC), datetime(2026, 11, 19, 0, 30, tzinfo=UTC)),
        ("day", datetime(2026, 11, 20, 0, 29, 59, tzinfo=UTC), datetime(2026, 11, 19, 0, 30, tzinfo=UTC)),
        ("fortnight", datetime(2026, 3, 1, 12, 0, tzinfo=UTC), datetime(2026, 2, 16, 0, 0, tzinfo=UTC)),
    ],
)
def test_a_window_begins_on_a_whole_step(window: str, now: datetime, start: datetime) -> None:
    assert agents.start_of(RANGES[window], now) == start


@given(
    st.sampled_from(list(RANGES.values())),
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),
)
def test_now_is_in_the_last_step_of_every_window(window: Range, now: datetime) -> None:
    start = agents.start_of(window, now)
    last = start + window.step * (window.steps - 1)
    assert last <= now < last + window.step


def test_a_window_is_as_long_as_it_is_called() -> None:
    spans = {key: window.step * window.steps for key, window in RANGES.items()}
    assert spans == {
        "hour": timedelta(hours=1),
        "day": timedelta(hours=24),
        "fortnight": timedelta(days=14),
    }


# --- sums ---------------------------------------------------------------------------------------------------


def test_a_mean_weighs_each_step_by_its_decisions() -> None:
    found = agents._record("finance.payment", [bucket(1, 1, 0.5, 100.0), bucket(3, 0, 0.9, 300.0)])
    assert (found.decisions, found.to_people) == (4, 1)
    assert found.confidence == pytest.approx(0.8)
    assert found.latency == pytest.approx(250.0)


def test_steps_of_which_nothing_is_known_weigh_nothing() -> None:
    found = agents._record("x", [bucket(5, 0, None, None), bucket(2, 0, 0.6, 40.0), bucket(0)])
    assert found.decisions == 7
    assert (found.confidence, found.latency) == (pytest.approx(0.6), pytest.approx(40.0))


@pytest.mark.parametrize("buckets", [[], [bucket(0)], [bucket(0), bucket(0)], [bucket(3)]])
def test_of_nothing_there_is_no_mean(buckets: list[Bucket]) -> None:
    found = agents._record("x", buckets)
    assert (found.confidence, found.latency) == (None, None)


@pytest.mark.parametrize(
    ("one", "measure", "value"),
    [
        (bucket(4, 1), "decisions", 4.0),
        (bucket(4, 1), "people", 25.0),
        (bucket(4, 4), "people", 100.0),
        (bucket(4, 0), "people", 0.0),
        (bucket(0, 0), "people", None),  # no share of nothing
        (bucket(0, 0), "decisions", 0.0),
        (bucket(4, 1, 0.97, 1500.0), "confidence", 0.97),
        (bucket(4, 1, 0.97, 1500.0), "latency", 1500.0),
        (bucket(4, 1), "confidence", None),
    ],
)
def test_a_measure_of_one_step(one: Bucket, measure: str, value: float | None) -> None:
    assert agents._measure(one, measure) == value


def test_the_charts_have_seconds_and_few_places() -> None:
    found = agents._series(agents._record("finance.payment", [bucket(3, 1, 0.98765, 1234.5678), bucket(0)]))
    assert found == {
        "name": "finance.payment",
        "counts": [3, 0],
        "decisions": [3, 0],
        "people": [33.3, None],
        "confidence": [0.988, None],
        "latency": [1.235, None],
    }


# --- lines --------------------------------------------------------------------------------------------------


def points(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", path)]


@pytest.mark.parametrize("values", [[], [1.0], [None], [None, None, 3.0]])
def test_of_less_than_two_values_no_line_is_drawn(values: list[float | None]) -> None:
    assert agents.sparkline(values) == ""


def test_the_largest_value_is_at_the_top_and_the_smallest_at_the_bottom() -> None:
    assert points(agents.sparkline([0.0, 10.0, 5.0], width=100, height=12)) == [(0, 11), (50, 1), (100, 6)]


def test_values_below_nothing_are_drawn_as_any_others() -> None:
    assert points(agents.sparkline([-2.0, -1.0], width=10, height=12)) == [(0, 11), (10, 1)]


def test_a_gap_keeps_its_place() -> None:
    assert [x for x, _ in points(agents.sparkline([1.0, None, None, 2.0], width=90))] == [0, 90]
    assert [x for x, _ in points(agents.sparkline([None, 1.0, 2.0, None], width=90))] == [30, 60]


@given(st.lists(st.none() | st.floats(-1e6, 1e6), max_size=60), st.integers(10, 400), st.integers(4, 100))
def test_no_line_leaves_its_frame(values: list[float | None], width: int, height: int) -> None:
    found = points(agents.sparkline(values, width, height))
    known = [v for v in values if v is not None]
    assert len(found) == (len(known) if len(known) > 1 else 0)
    assert all(0 <= x <= width + 0.05 and 0 <= y <= height for x, y in found)
    assert [x for x, _ in found] == sorted(x for x, _ in found)
