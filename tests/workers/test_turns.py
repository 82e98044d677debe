"""A turn takes what was due when it began and no more; it ends early where nothing is to be had, or on
request."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.workers import runner
from coordination.workers.loop import Stop
from coordination.workers.runner import Drained


def never() -> bool:
    return False


class Heap:
    """Work that lies about: `more` of it comes with each batch that is taken."""

    def __init__(self, due: int, more: int = 0, had: int = 10**9) -> None:
        self.due, self.more, self.had = due, more, had
        self.batches: list[int] = []

    def work(self, batch: int) -> int:
        """Take a batch; others may have had the rest."""
        taken = min(batch, self.due, self.had)
        self.due += self.more - taken
        self.had -= taken
        self.batches.append(taken)
        return taken


def turn(heap: Heap, batch: int = 10, stop: Callable[[], bool] = never) -> int:
    return runner._turn(heap.due, heap.work, batch, stop)


@pytest.mark.parametrize(
    ("due", "batches"),
    [
        (0, []),  # nothing is due: nothing is taken up
        (1, [1]),
        (10, [10]),
        (11, [10, 1]),
        (25, [10, 10, 5]),
    ],
)
def test_a_turn_takes_what_is_due_in_batches(due: int, batches: list[int]) -> None:
    heap = Heap(due)
    assert turn(heap) == due
    assert heap.batches == batches


def test_what_comes_meanwhile_waits_for_the_next_turn() -> None:
    heap = Heap(20, more=10)
    assert turn(heap) == 20
    assert heap.batches == [10, 10]
    assert heap.due == 20


def test_a_turn_ends_where_others_have_the_rest_in_hand() -> None:
    heap = Heap(30, had=10)
    assert turn(heap) == 10
    assert heap.batches == [10, 0]


@pytest.mark.parametrize(("after", "batches"), [(0, []), (1, [10]), (2, [10, 10])])
def test_a_turn_stops_between_batches_when_asked_to(after: int, batches: list[int]) -> None:
    heap = Heap(100)
    assert turn(heap, stop=lambda: len(heap.batches) >= after) == sum(batches)
    assert heap.batches == batches


@given(st.integers(0, 200), st.integers(1, 50), st.integers(0, 60))
def test_a_turn_comes_to_an_end_and_takes_at_most_a_batch_more_than_was_due(
    due: int, batch: int, more: int
) -> None:
    heap = Heap(due, more)
    taken = turn(heap, batch)
    assert due <= taken < due + batch or taken == due == 0


def test_a_worker_goes_on_until_it_is_told_to_stop() -> None:
    stop = Stop()
    assert not stop.requested
    stop.request(15, None)
    assert stop.requested


@pytest.mark.parametrize(
    ("decisions", "seconds", "rate"), [(100, 2.0, 50.0), (0, 2.0, 0.0), (5, 0.0, 0.0), (1, 4.0, 0.25)]
)
def test_decisions_per_second_of_a_drain(decisions: int, seconds: float, rate: float) -> None:
    assert Drained(decisions, 0, seconds).decisions_per_second == rate
