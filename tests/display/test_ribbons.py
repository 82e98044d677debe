"""The picture of ways: as wide as the shares, nothing over another, nothing out of its frame."""

from __future__ import annotations

import itertools
import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.display.ribbons import GATE, HEIGHT, STATES, WIDTH, Picture, Step, picture, place, x_of
from coordination.domain.paths import ORDER, STANDS, forward, steps
from coordination.domain.transitions import ENDED

PATHS = st.lists(
    st.lists(st.sampled_from(STATES), min_size=1, max_size=8).map(lambda path: ["received", *path]),
    min_size=1,
    max_size=25,
)


def shares(paths: list[list[str]]) -> dict[Step, float]:
    found = Counter(step for path in paths for step in steps(forward(path)))
    return {step: n / len(paths) for step, n in found.items()}


def points(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", path)]


def began(path: str) -> tuple[float, float]:
    """Where a ribbon begins: above and below."""
    found = points(path)
    return found[0][1], found[-1][1]


def ended(path: str) -> tuple[float, float]:
    """Where it ends: it goes there above, three numbers for each piece, and back below."""
    found = points(path)
    half = len(found) // 2
    return found[half - 1][1], found[half][1]


def test_one_way_is_one_band_from_state_to_state() -> None:
    found = picture({("received", "validated"): 1.0, ("validated", STANDS): 1.0})
    assert [(g.state, g.x, g.y, g.height) for g in found.gates] == [
        ("received", 0.0, 0.0, HEIGHT),
        ("validated", 160.0, 0.0, HEIGHT),
    ]
    assert found.ribbons["received", "validated"] == (
        "M2.5,0.0 C81.2,0.0 81.2,0.0 160.0,0.0 L160.0,300.0 C81.2,300.0 81.2,300.0 2.5,300.0 Z"
    )


def test_who_is_paid_goes_to_the_edge_and_who_waits_only_so_far() -> None:
    found = picture({("received", "paid"): 0.5, ("paid", STANDS): 0.5, ("received", STANDS): 0.5})
    assert max(x for x, _ in points(found.ribbons["paid", STANDS])) == WIDTH
    assert max(x for x, _ in points(found.ribbons["received", STANDS])) == 64.0


def test_before_anything_came_in_there_is_nothing_to_draw() -> None:
    assert picture({}) == Picture({}, [])
    assert picture({("received", STANDS): 0.0}).ribbons == {}


def test_ends_without_payment_lie_below_what_is_paid() -> None:
    found = picture(shares([["received", "paid"], ["received", "rejected"], ["received", "void"]]))
    tops = {g.state: g.y for g in found.gates}
    assert tops["paid"] < tops["rejected"] < tops["void"]
    assert {g.x for g in found.gates if g.state in {"paid", *ENDED}} == {960.0}


@given(PATHS)
def test_every_step_is_drawn_within_the_frame(paths: list[list[str]]) -> None:
    wanted = shares(paths)
    found = picture(wanted)
    assert found.ribbons.keys() == wanted.keys()
    for path in found.ribbons.values():
        assert all(-0.1 <= x <= WIDTH + 0.1 and -0.1 <= y <= HEIGHT + 0.1 for x, y in points(path))


@given(PATHS)
def test_ribbons_are_as_wide_as_their_shares(paths: list[list[str]]) -> None:
    wanted = shares(paths)
    found = picture(wanted)
    scale = next(g.height for g in found.gates if g.state == "received")
    for step, path in found.ribbons.items():
        for above, below in (began(path), ended(path)):
            assert below - above == pytest.approx(wanted[step] * scale, abs=0.21)


@given(PATHS)
def test_ribbons_leave_and_enter_a_state_one_below_the_other_and_fill_it(paths: list[list[str]]) -> None:
    found = picture(shares(paths))
    for gate in found.gates:
        leaving = sorted(began(r) for (source, _), r in found.ribbons.items() if source == gate.state)
        entering = sorted(ended(r) for (_, target), r in found.ribbons.items() if target == gate.state)
        for stack in (leaving, entering) if gate.state != "received" else (leaving,):
            assert stack[0][0] == pytest.approx(gate.y, abs=0.11)
            assert stack[-1][1] == pytest.approx(gate.y + gate.height, abs=0.21)
            for one, next_ in itertools.pairwise(stack):
                assert next_[0] == pytest.approx(one[1], abs=0.21)


@given(PATHS)
def test_what_passes_a_state_by_goes_below_it(paths: list[list[str]]) -> None:
    found = picture(shares(paths))
    bottoms = {g.state: g.y + g.height for g in found.gates}
    for (source, target), path in found.ribbons.items():
        if target == STANDS:
            continue
        for state in ORDER[place(source) + 1 : place(target)]:
            at = [y for x, y in points(path) if x in (x_of(state), round(x_of(state) + GATE, 1))]
            assert min(at) >= bottoms.get(state, 0) - 0.11
