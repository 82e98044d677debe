"""Agents stopped and let go on while things arrive: whatever the order, it ends as if nobody had stopped
anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from audit.errors import CountersignError
from coordination.agents import ADVISORY, REGISTRY
from coordination.decisions import stopped
from coordination.models import Agent, Decision, Invoice, Task
from coordination.services import agent_control
from coordination.workers import runner
from coordination.world import World, generate
from reviews.models import Escalation
from tests import cast
from tests.cast import Cast, bill, order, receipt, standing, table, take_in, vendor
from tests.races.together import of, together

CHAIN = [name for name in REGISTRY if name not in ADVISORY]
WHY = "It was nothing."


def found() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Lane and codes of each invoice."""
    lines = cast.EXPORTS["invoices"]()
    return {
        x["invoice_number"]: (
            x["lane"],
            tuple(sorted(h["code"] for h in x["holds"] if h["status"] != "released")),
        )
        for x in lines
    }


def assert_labels(world: World) -> None:
    lanes = found()
    wrong = [
        label
        for label in world.labels
        if (lanes[label.invoice][0], set(lanes[label.invoice][1]) >= set(label.codes)) != (label.lane, True)
    ]
    assert wrong == []


def number_of_questions() -> Counter[str]:
    return Counter(Escalation.objects.filter(status="open").values_list("subject", flat=True))


# --- over time ----------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("order_of_ends", list(permutations(range(3)))[::2])
def test_three_agents_stopped_at_different_times_and_let_go_in_any_order(
    order_of_ends: tuple[int, ...],
) -> None:
    people = cast.people()
    names = ["procurement.matching", "operations.delivery", "finance.validation"]
    world = generate(7, 14, cast.today(), defect_share=0.5)
    files = list(world.files.values())
    third = max(1, len(files) // 3)
    for n, name in enumerate(names):
        agent_control.pause(name, by=people.carol)
        take_in(*files[n * third : (n + 1) * third if n < 2 else None])
        before = Decision.objects.filter(agent__in=names[: n + 1]).count()
        outcomes = together(*[partial(runner.drain, 3)] * 3)
        assert not of(Exception, outcomes), outcomes
        assert Decision.objects.filter(agent__in=names[: n + 1]).count() == before
    assert not Invoice.objects.filter(state="cleared").exists()  # the release waits for all three
    for n in order_of_ends:
        agent_control.resume(names[n], by=people.dave, reason=WHY)
        outcomes = together(*[partial(runner.drain, 3)] * 3)
        assert not of(Exception, outcomes), outcomes
    cast.drain()
    assert not Task.objects.exists()
    assert stopped.waiting() == {}
    assert_labels(world)
    assert set(number_of_questions().values()) <= {1}
    cast.assert_sound()


class AnyOrder(TestCase):
    """Arrivals, pauses and returns in any order that Hypothesis thinks of."""

    @settings(max_examples=12)
    @given(data=st.data())
    def test_pauses_change_when_and_never_what(self, data: st.DataObject) -> None:
        people = cast.people()
        parts = [
            table("vendors", vendor()),
            table("orders", order(), order(order_number="PO-2")),
            table("receipts", receipt(), receipt(receipt_number="GR-2", order_number="PO-2", quantity="60")),
            table("invoices", bill()),
            table(
                "invoices",
                bill(invoice_number="INV-2", order_number="PO-2", quantity="80", issue_date="2026-09-08"),
            ),
        ]
        acts: list[Callable[[], object]] = []
        for name in data.draw(st.lists(st.sampled_from(CHAIN), max_size=4, unique=True), label="stopped"):
            acts.append(partial(agent_control.pause, name, by=people.carol))
        acts += [partial(take_in, part) for part in parts]
        acts += [cast.drain] * data.draw(st.integers(0, 3), label="drains")
        for act in data.draw(st.permutations(acts), label="order"):
            act()
        for name in data.draw(st.permutations(CHAIN), label="let go"):
            if Agent.objects.filter(pk=name, paused=True).exists():
                agent_control.resume(name, by=people.dave, reason=WHY)
                if data.draw(st.booleans(), label="work between"):
                    cast.drain()
        cast.drain()
        assert standing("INV-1") == ("cleared", "auto", [])
        assert standing("INV-2")[1:] == ("escalated", ["qty_over_received"])
        assert set(number_of_questions().values()) == {1}
        assert not Task.objects.exists()
        cast.assert_sound()


@pytest.mark.django_db(transaction=True)
def test_while_the_whole_chain_is_stopped_nothing_is_decided_and_nothing_is_lost() -> None:
    people = cast.people()
    for name in CHAIN:
        agent_control.pause(name, by=people.carol)
    world = generate(3, 10, cast.today(), defect_share=0.4)
    take_in(*world.files.values())
    together(*[partial(runner.drain, 3)] * 3)
    assert not Decision.objects.filter(agent__in=CHAIN).exists()
    for name in reversed(CHAIN):
        agent_control.resume(name, by=people.carol, reason=WHY)
    together(*[partial(runner.drain, 3)] * 3)
    cast.drain()
    assert_labels(world)
    cast.assert_sound()


# --- at one moment ------------------------------------------------------------------------------------------


def told(name: str) -> list[str]:
    return cast.entries(f"agent/{name}")[1:]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(3))
def test_hands_on_one_agent_at_one_moment_leave_what_the_last_of_them_did(turn: int) -> None:
    people, name = cast.people(), "procurement.matching"
    cast.trade()
    jobs = [partial(agent_control.pause, name, by=p) for p in (people.carol, people.dave)]
    jobs += [partial(agent_control.resume, name, by=people.carol, reason=WHY)] * (turn + 1)
    outcomes = together(*jobs)
    assert not of(Exception, outcomes), outcomes
    entries = told(name)
    assert Counter(entries) == {"agent.paused": 2, "agent.resumed": turn + 1}
    row = Agent.objects.get(pk=name)
    assert row.paused == (entries[-1] == "agent.paused")
    assert bool(row.paused_by) == row.paused
    cast.assert_sound()


@pytest.mark.django_db(transaction=True)
def test_an_agent_let_go_while_workers_look_decides_each_invoice_once() -> None:
    people = cast.people()
    for name in CHAIN[1:3]:
        agent_control.pause(name, by=people.carol)
    world = generate(11, 12, cast.today(), defect_share=0.4)
    take_in(*world.files.values())
    cast.drain()
    outcomes = together(
        partial(runner.drain, 2),
        partial(runner.drain, 2),
        *(partial(agent_control.resume, name, by=people.dave, reason=WHY) for name in CHAIN[1:3]),
    )
    assert not of(Exception, outcomes), outcomes
    cast.drain()
    assert_labels(world)
    cast.assert_sound()


@pytest.mark.django_db(transaction=True)
def test_two_managers_who_ask_people_at_once_ask_once() -> None:
    people, name = cast.people(), "operations.delivery"
    agent_control.pause(name, by=people.carol)
    cast.trade()
    asks = [
        partial(agent_control.ask_people, name, by=p, reason="Month end.")
        for p in (people.carol, people.dave)
    ]
    outcomes = together(*asks, partial(runner.drain, 2))
    assert not of(Exception, outcomes), outcomes
    together(*[cast.drain] * 3)
    cast.drain()
    assert standing()[1:] == ("escalated", ["contract_breached"])
    assert Escalation.objects.filter(subject=cast.invoice().subject).count() == 1
    agent_control.resume(name, by=people.dave, reason=WHY)
    together(*[cast.drain] * 3)
    cast.drain()
    assert standing() == ("cleared", "auto", [])
    cast.assert_sound()


@pytest.mark.django_db(transaction=True)
def test_an_answer_and_the_agents_return_at_one_moment_decide_once() -> None:
    people, name = cast.people(), "operations.delivery"
    agent_control.pause(name, by=people.carol)
    cast.trade(bill(), receipts=(receipt(quantity="60"),))
    agent_control.ask_people(name, by=people.carol, reason="Month end.")
    cast.drain()
    asked = cast.question()

    def answer() -> Escalation:
        return cast.answer(asked, "override", by=people.dave)

    def go_on() -> None:
        agent_control.resume(name, by=people.carol, reason=WHY)
        cast.drain()

    outcomes = together(answer, go_on)
    assert all(not isinstance(o, Exception) or isinstance(o, CountersignError) for o in outcomes), outcomes
    cast.drain()
    assert standing()[1:] == (
        "escalated",
        ["qty_over_received"],
    )  # said by the agent, whoever answered before
    assert number_of_questions() == {cast.invoice().subject: 1}
    cast.assert_sound()


# --- the breaker --------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["procurement.matching", "finance.validation"])
def test_a_breaker_that_opens_while_workers_work_splits_them_into_before_and_after(name: str) -> None:
    people = cast.people()
    numbers = pile(16)
    outcomes = together(
        *[partial(runner.drain, 2)] * 2,
        partial(agent_control.set_breaker, name, "open", "It drifts.", by=people.carol),
    )
    assert not of(Exception, outcomes), outcomes
    cast.drain()
    lanes = {n: (lane, codes) for n, (lane, codes) in found().items() if n in numbers}
    assert set(lanes.values()) <= {("auto", ()), ("escalated", ("drift_breaker",))}
    agent_control.set_breaker(name, "close", "Looked at.", by=people.dave)
    more = pile(2, start=50)
    cast.drain()
    assert {found()[n] for n in more} == {("auto", ())}
    assert {
        n: v for n, v in found().items() if n in numbers
    } == lanes  # who was put to a person stays with them
    cast.assert_sound()


@pytest.mark.django_db(transaction=True)
def test_two_breakers_and_a_pause_at_once_ask_one_question() -> None:
    people: Cast = cast.people()
    agent_control.set_breaker("procurement.matching", "open", "It drifts.", by=people.carol)
    agent_control.set_breaker("operations.delivery", "open", "It drifts, too.", by=people.dave)
    agent_control.pause("finance.validation", by=people.carol)
    numbers = pile(4)
    together(*[partial(runner.drain, 2)] * 3)
    assert not Escalation.objects.exists()  # the release waits for the one that is stopped
    agent_control.resume("finance.validation", by=people.carol, reason=WHY)
    together(*[partial(runner.drain, 2)] * 3)
    cast.drain()
    assert {found()[n][0] for n in numbers} == {"escalated"}
    assert set(number_of_questions().values()) == {1}
    assert len(number_of_questions()) == len(numbers)
    cast.assert_sound()


def pile(count: int, start: int = 0) -> list[str]:
    """So many invoices on orders of their own, each another amount, that clear by themselves."""
    rows = {n: (f"PO-{n}", str(10 + 7 * n)) for n in range(start, start + count)}
    take_in(
        table("vendors", vendor()),
        table("orders", *(order(order_number=po, quantity=q) for po, q in rows.values())),
        table(
            "receipts",
            *(receipt(receipt_number=f"GR-{po}", order_number=po, quantity=q) for po, q in rows.values()),
        ),
        table(
            "invoices",
            *(
                bill(invoice_number=f"RE-{n}X{n * 37 % 101}", order_number=po, quantity=q)
                for n, (po, q) in rows.items()
            ),
        ),
    )
    return [f"RE-{n}X{n * 37 % 101}" for n in rows]
