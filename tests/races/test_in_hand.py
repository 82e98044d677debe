"""What dead workers had in hand is run alone, each try counted once; what living ones have is left to
them."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.db import connection, transaction
from django.utils import timezone

from coordination.agents import REGISTRY
from coordination.decisions import runner as deciding
from coordination.models import Decision, InHand, Task
from coordination.tasks import in_hand, work_queue
from coordination.workers import runner
from reviews.models import Escalation
from tests import cast
from tests.races.test_poisoned import GOOD, NUMBERS, assert_the_others_went_on, lanes, pile
from tests.races.together import of, together

pytestmark = pytest.mark.django_db(transaction=True)

FIRST = next(iter(REGISTRY))


def first_tasks() -> list[int]:
    return list(Task.objects.filter(agent=FIRST).values_list("id", flat=True))


def died_with(tasks: list[int]) -> None:
    """A worker that noted these tasks and is gone without a word."""
    worker = in_hand.Register()
    worker.keep(tasks)
    assert worker._connection is not None
    worker._connection.close()


def apart() -> set[int]:
    return set(Task.objects.filter(alone=True).values_list("id", flat=True))


def test_what_a_dead_worker_had_in_hand_is_run_alone_and_decided_once() -> None:
    pile()
    died_with(first_tasks())
    assert runner.drain(200).decisions
    assert set(lanes().values()) == {"auto"}
    assert Decision.objects.filter(agent=FIRST).count() == len(NUMBERS)
    assert not InHand.objects.exists()
    cast.assert_sound()


def test_several_workers_count_a_try_of_what_is_alone_once() -> None:
    """Were it counted by each, three of them would ask a person about what nobody has tried."""
    pile()
    died_with(first_tasks())
    outcomes = together(*[partial(runner.drain, 5)] * 6)
    assert not of(Exception, outcomes), outcomes
    cast.drain()
    assert set(lanes().values()) == {"auto"}
    assert not Escalation.objects.exists()
    cast.assert_sound()


def test_what_a_living_worker_has_in_hand_is_left_to_it() -> None:
    pile()
    worker = in_hand.Register()
    worker.keep(first_tasks())
    with in_hand.registered():
        in_hand.note([1])
        assert in_hand.take_over() == 0
        assert InHand.objects.count() == 2
    worker.leave()
    assert not InHand.objects.exists()
    assert apart() == set()


def test_what_another_worker_has_taken_up_since_is_not_waited_for() -> None:
    pile()
    tasks = first_tasks()
    died_with(tasks)

    def look() -> int:
        with in_hand.registered():
            in_hand.note([1])
            return in_hand.take_over()

    with transaction.atomic():
        work_queue.acquire(FIRST, 4)
        assert together(look) == [1]
    assert len(apart()) == len(tasks) - 4


def test_a_worker_that_ends_in_good_order_leaves_nothing() -> None:
    pile()
    cast.drain()
    runner.drain(3)
    assert not InHand.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute(
            # The view shows every database of the server, also those of tests that run beside this one.
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())",
            [in_hand.LOCK],
        )
        assert cursor.fetchone()[0] == 0


def test_a_register_that_cannot_be_written_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_hand, "KEEP", "SELECT 1 / 0")
    pile()
    runner.drain(5)
    assert set(lanes().values()) == {"auto"}


def test_with_what_even_asking_a_person_kills_a_worker_is_left_for_a_while() -> None:
    pile()
    [task] = Task.objects.filter(agent=FIRST, invoice__number="RE-POISON")
    Task.objects.filter(pk=task.pk).update(alone=True, attempts=deciding.ATTEMPTS)
    runner.drain(200)
    assert {n: lane for n, lane in lanes().items() if n in GOOD} == dict.fromkeys(GOOD, "auto")
    task.refresh_from_db()
    assert task.due_at > timezone.now() + timedelta(minutes=50)
    assert not Escalation.objects.exists()
    Task.objects.update(due_at=task.opened_at)  # the hour is over
    runner.drain(200)
    assert_the_others_went_on()
    assert Escalation.objects.get().subject == cast.invoice("RE-POISON").subject
