"""The flow from received to paid, counted by hand: who reached a stage, who stands there, and the bands that
are drawn of it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.models import Lane, State
from coordination.selectors import flow
from coordination.selectors.figures import ENDED, STAGES, Cell

MONDAY, FRIDAY = datetime(2026, 11, 16, 8, tzinfo=UTC), datetime(2026, 11, 20, 8, tzinfo=UTC)
NAMES = [stage.value for stage in STAGES]


def cell(
    state: str, lane: str = "auto", count: int = 1, worth: str = "0", since: datetime | None = None
) -> Cell:
    return Cell(state, lane, count, Decimal(worth), since)


def reached(grid: list[Cell]) -> dict[str, int]:
    """How many reached each stage."""
    return {name: flow._stage(i, grid).reached for i, name in enumerate(NAMES)}


# --- stages -------------------------------------------------------------------------------------------------


def test_who_was_paid_has_reached_every_stage() -> None:
    assert reached([cell("paid", count=3)]) == dict.fromkeys(NAMES, 3)


def test_who_stands_at_a_stage_has_reached_those_before_and_none_after() -> None:
    assert reached([cell("matched", count=2), cell("received")]) == {
        "received": 3,
        "validated": 2,
        "matched": 2,
        "delivered": 0,
        "cleared": 0,
        "scheduled": 0,
        "paid": 0,
    }


@pytest.mark.parametrize("state", ENDED)
def test_who_was_rejected_or_set_aside_was_received_and_is_counted_nowhere_else(state: str) -> None:
    assert reached([cell(state, "human", 4)]) == dict.fromkeys(NAMES, 0) | {"received": 4}


def test_a_stage_says_what_passed_it_and_what_stands_there() -> None:
    grid = [
        cell("received", "open", 2, "10.00", FRIDAY),
        cell("received", "escalated", 1, "5.50", MONDAY),
        cell("cleared", "auto", 4, "100.00", MONDAY),
    ]
    found = flow._stage(0, grid)
    assert (found.name, found.reached, found.worth) == ("Received", 7, Decimal("115.50"))
    assert (found.here, found.here_worth, found.since) == (3, Decimal("15.50"), MONDAY)
    assert [(s.words, s.count) for s in found.stands] == [("escalated", 1), ("being decided", 2)]


def test_whose_move_it_is_stands_in_one_order_and_nobody_is_named_for_nothing() -> None:
    lanes = ["human", "auto", "open", "waiting", "escalated"]
    grid = [cell("matched", lane, n) for n, lane in enumerate(lanes)]  # none by a person
    assert [(s.words, s.count) for s in flow._stage(2, grid).stands] == [
        ("escalated", 4),
        ("wait for a receipt", 3),
        ("being decided", 2),
        ("automatic", 1),
    ]


def test_a_stage_at_which_nothing_stands_has_no_age() -> None:
    found = flow._stage(1, [cell("paid", since=MONDAY)])
    assert (found.here, found.here_worth, found.since, list(found.stands)) == (0, Decimal(0), None, [])


def test_credit_notes_take_off_what_passes() -> None:
    grid = [cell("paid", worth="100.00"), cell("cleared", worth="-30.00")]
    assert flow._stage(0, grid).worth == Decimal("70.00")
    assert flow._stage(NAMES.index("paid"), grid).worth == Decimal("100.00")


def test_stages_stand_in_equal_steps_from_the_left() -> None:
    assert [flow._stage(i, []).x for i in range(7)] == [0.0, 160.0, 320.0, 480.0, 640.0, 800.0, 960.0]


# --- bands --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grid", "index", "shares"),
    [
        ([], 0, (0.0, 0.0)),  # nothing came in: no band, and no fault
        ([cell("paid")], 0, (1.0, 0.0)),
        ([cell("paid", "human")], 0, (0.0, 1.0)),
        ([cell("paid", "auto", 3), cell("received", "human", 1)], 0, (0.75, 0.25)),
        ([cell("paid", "auto", 3), cell("received", "human", 1)], 6, (0.75, 0.0)),
        ([cell("paid", "auto", 1), cell("rejected", "human", 3)], 0, (0.25, 0.0)),  # what ended is apart
        ([cell("cleared", "escalated", 2), cell("cleared", "human", 2)], 4, (0.5, 0.5)),
    ],
)
def test_a_share_is_of_all_that_came_in(grid: list[Cell], index: int, shares: tuple[float, float]) -> None:
    assert flow._shares(index, grid, sum(c.count for c in grid)) == shares


GRIDS = st.lists(
    st.builds(
        cell,
        st.sampled_from(State.values),
        st.sampled_from(Lane.values),
        st.integers(1, 50),
        st.integers(-500, 500).map(str),
    ),
    max_size=12,
)


@given(GRIDS)
def test_no_stage_is_reached_by_more_than_the_one_before(grid: list[Cell]) -> None:
    found = [flow._stage(i, grid) for i in range(len(STAGES))]
    counts = [stage.reached for stage in found]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] == sum(c.count for c in grid)
    assert sum(stage.here for stage in found) + sum(c.count for c in grid if c.state in ENDED) == counts[0]


@given(GRIDS)
def test_the_bands_of_a_stage_lie_within_the_picture(grid: list[Cell]) -> None:
    total = sum(c.count for c in grid)
    for i in range(len(STAGES)):
        automatic, people = flow._shares(i, grid, total)
        assert 0 <= automatic <= 1
        assert 0 <= people <= 1
        assert automatic + people <= 1 + 1e-9


def test_a_band_goes_there_above_and_back_below_and_is_closed() -> None:
    path = flow._band([(0.0, 1.0), (0.0, 0.5)])
    assert path == (
        "M0.0,0.0 C280.0,0.0 280.0,0.0 560.0,0.0 C840.0,0.0 840.0,0.0 1120.0,0.0"
        " L1120.0,66.0 C840.0,66.0 840.0,66.0 560.0,66.0 C280.0,66.0 280.0,132.0 0.0,132.0 Z"
    )


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=9))
def test_no_band_leaves_its_frame(edges: list[tuple[float, float]]) -> None:
    points = re.findall(r"(-?[\d.]+),(-?[\d.]+)", flow._band(edges))
    assert all(0 <= float(x) <= flow.WIDTH and 0 <= float(y) <= flow.HEIGHT for x, y in points)
    assert float(points[0][0]) == float(points[-1][0]) == 0
    assert max(float(x) for x, _ in points) == flow.WIDTH


def test_a_band_is_as_high_as_its_share_of_the_picture() -> None:
    assert flow._band([(0.25, 0.75)]).startswith("M0.0,33.0 ")
    assert flow._band([(0.25, 0.75)]).endswith(" 0.0,99.0 Z")


# --- the three bands ----------------------------------------------------------------------------------------


def edges(path: str) -> tuple[float, float]:
    """Where a band begins at the left: above, and below."""
    points = re.findall(r"(-?[\d.]+),(-?[\d.]+)", path)
    return float(points[0][1]), float(points[-1][1])


@pytest.mark.parametrize(
    ("grid", "automatic", "people", "ended"),
    [
        ([cell("paid")], (0, 132), (132, 132), (132, 132)),
        ([cell("paid", "human")], (0, 0), (0, 132), (132, 132)),
        ([cell("rejected", "human")], (0, 0), (0, 0), (0, 132)),
        # a half by itself, a quarter by people, a quarter ended
        (
            [cell("paid", "auto", 2), cell("cleared", "human"), cell("void", "void")],
            (0, 66),
            (66, 99),
            (99, 132),
        ),
    ],
)
def test_what_passed_by_itself_by_people_and_not_at_all_lie_one_below_the_other(
    grid: list[Cell],
    automatic: tuple[float, float],
    people: tuple[float, float],
    ended: tuple[float, float],
) -> None:
    found = flow.drawn(grid, [])
    assert edges(found.automatic_path) == automatic
    assert edges(found.person_path) == people
    assert edges(found.ended_path) == ended
    assert found.total == sum(c.count for c in grid)
    assert found.ended == sum(c.count for c in grid if c.state in ENDED)


def test_before_anything_came_in_there_is_a_flow_of_nothing() -> None:
    found = flow.drawn([], [])
    assert (found.total, found.ended, len(found.stages)) == (0, 0, 7)
