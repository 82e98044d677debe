"""One item that an agent cannot take, and several workers: the others go on, it ends with a person, nothing
is decided twice."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from functools import partial

import pytest
from django.db import connection
from django.db.models import F

from coordination.agents import REGISTRY
from coordination.agents.procurement_matching import ProcurementMatching
from coordination.management.commands.dburl import url
from coordination.models import Decision, Hold, InHand, Task
from coordination.tasks import work_queue
from coordination.workers import runner
from reviews.models import Escalation
from tests import cast
from tests.cast import bill, order, receipt, standing, table, take_in, vendor
from tests.conftest import ROOT
from tests.races.poisoned import Raising, Unwritable
from tests.races.together import of, together

pytestmark = pytest.mark.django_db(transaction=True)

MATCHING = ProcurementMatching.name
SOUND = [f"RE-{n}" for n in range(11, 23)]


def number_of(n: int) -> str:
    return SOUND[n] if n != 5 else "RE-POISON"


NUMBERS = [number_of(n) for n in range(len(SOUND))]
GOOD = [number for number in NUMBERS if number != "RE-POISON"]


def pile() -> None:
    """Twelve invoices on orders of their own, each another amount; one of them is poisoned."""
    counts = {f"PO-{n}": str(10 + 7 * n) for n in range(len(NUMBERS))}
    take_in(
        table("vendors", vendor()),
        table("orders", *(order(order_number=po, quantity=q) for po, q in counts.items())),
        table(
            "receipts",
            *(receipt(receipt_number=f"GR-{po}", order_number=po, quantity=q) for po, q in counts.items()),
        ),
        table(
            "invoices",
            *(
                bill(invoice_number=number, order_number=po, quantity=q)
                for number, (po, q) in zip(NUMBERS, counts.items(), strict=True)
            ),
        ),
    )


def answers_of(agent: str) -> Counter[str]:
    return Counter(Decision.objects.filter(agent=agent).values_list("invoice__number", flat=True))


def lanes() -> dict[str, str]:
    return {number: standing(number)[1] for number in NUMBERS}


def assert_the_others_went_on() -> None:
    assert {n: lane for n, lane in lanes().items() if n in GOOD} == dict.fromkeys(GOOD, "auto")
    once = Decision.objects.filter(invoice__number__in=GOOD).exclude(agent="support.status")
    assert set(Counter(once.values_list("invoice__number", "agent")).values()) == {1}


def assert_it_ends_with_a_person() -> None:
    assert standing("RE-POISON")[1:] == ("escalated", ["agent_error"])
    [asked] = Escalation.objects.filter(subject=cast.invoice("RE-POISON").subject)
    assert asked.status == "open"
    [hold] = Hold.objects.filter(code="agent_error")
    assert hold.invoice.number == "RE-POISON"
    assert answers_of(MATCHING)["RE-POISON"] == 1
    assert not Task.objects.exists()


def test_an_agent_that_raises_stops_nobody_but_the_invoice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(REGISTRY, MATCHING, Raising())
    pile()
    outcomes = together(*[partial(runner.drain, 4)] * 4)
    assert not of(Exception, outcomes), outcomes
    cast.drain()
    assert_the_others_went_on()
    assert_it_ends_with_a_person()
    cast.assert_sound()


def test_what_cannot_be_written_is_tried_three_times_by_whichever_workers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(REGISTRY, MATCHING, Unwritable())
    pile()
    for tries in (1, 2):
        outcomes = together(*[partial(runner.drain, 5)] * 4)
        assert not of(Exception, outcomes), outcomes
        cast.drain()
        assert_the_others_went_on()
        [task] = Task.objects.all()
        assert (task.invoice.number, task.attempts, task.error.partition(":")[0]) == (
            "RE-POISON",
            tries,
            "KeyError",
        )
        assert not Escalation.objects.exists()
        Task.objects.update(due_at=task.opened_at)  # its time has come
    together(*[partial(runner.drain, 5)] * 4)
    cast.drain()
    assert_the_others_went_on()
    assert_it_ends_with_a_person()
    cast.assert_sound()


@pytest.mark.parametrize("verdict", ["override", "reject"])
def test_a_person_ends_it_and_the_answer_stands_when_the_agent_is_mended(
    monkeypatch: pytest.MonkeyPatch, verdict: str
) -> None:
    people = cast.people()
    with monkeypatch.context() as broken:
        broken.setitem(REGISTRY, MATCHING, Raising())
        pile()
        together(*[partial(runner.drain, 4)] * 3)
        cast.drain()
        cast.answer(cast.question("RE-POISON"), verdict, by=people.carol)
        cast.drain()
        after = {"override": "cleared", "reject": "rejected"}[verdict]
        assert (standing("RE-POISON")[0], standing("RE-POISON")[2]) == (after, [])
    work_queue.open_tasks([(MATCHING, cast.invoice("RE-POISON").id, "mended")])
    together(*[partial(runner.drain, 4)] * 3)
    cast.drain()
    assert standing("RE-POISON")[0] == after
    assert not Escalation.objects.filter(status="open").exists()
    cast.assert_sound()


def test_once_the_agent_is_mended_what_nobody_answered_ends_by_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as broken:
        broken.setitem(REGISTRY, MATCHING, Raising())
        pile()
        cast.drain()
    work_queue.open_tasks([(MATCHING, cast.invoice("RE-POISON").id, "mended")])
    together(*[partial(runner.drain, 4)] * 3)
    cast.drain()
    assert standing("RE-POISON") == ("cleared", "auto", [])
    assert [e.status for e in Escalation.objects.all()] == ["withdrawn"]
    cast.assert_sound()


# --- processes ----------------------------------------------------------------------------------------------


def workers(*kinds: str) -> list[int]:
    """Real worker processes side by side, each with its own agent; how they ended."""
    environment = cast.environment() | {"DATABASE_URL": url(connection.get_connection_params())}
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.races.poisoned", kind, "3"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for kind in kinds
    ]
    return [process.wait(timeout=120) for process in running]


def test_three_processes_with_a_poisoned_invoice_decide_everything_once() -> None:
    pile()
    assert workers("Raising", "Raising", "Raising") == [0, 0, 0]
    assert_the_others_went_on()
    assert_it_ends_with_a_person()
    cast.assert_sound()


def test_a_worker_that_dies_over_an_item_leaves_it_and_its_batch_to_the_others() -> None:
    pile()
    assert workers("Dying") == [9]
    assert not answers_of(MATCHING)["RE-POISON"]
    assert workers("Raising", "Raising") == [0, 0]
    assert_the_others_went_on()
    assert_it_ends_with_a_person()
    cast.assert_sound()


def test_what_takes_worker_after_worker_along_ends_with_a_person_too() -> None:
    """With three workers: one dies over its batch, two over the item alone; the next asks a person."""
    pile()
    ended = []
    for _ in range(4):
        ended += workers("Dying")
        Task.objects.update(due_at=F("opened_at"))
    assert ended == [9, 9, 9, 0]
    assert_it_ends_with_a_person()
    [hold] = Hold.objects.filter(code="agent_error")
    assert "WorkerDied" in hold.detail["sentence"]
    assert not InHand.objects.exists()
    cast.drain()
    assert_the_others_went_on()
    cast.assert_sound()
