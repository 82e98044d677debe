"""Agents that are stopped, added or late: the release waits for every question of the chain, and nothing
passes by."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

import pytest
from django.db import connection

from coordination.agents import ADVISORY, OWNERS, REGISTRY
from coordination.decisions import changes, replay, stopped
from coordination.domain.facts import Snapshot
from coordination.domain.proposal import Agent, Contract, Finding, Proposal
from coordination.models import Agent as AgentRow
from coordination.models import Decision, Hold, Task
from coordination.services import agent_control, payments, policy_versions
from coordination.tasks import work_queue
from reviews.errors import NotAllowed
from tests import cast
from tests.cast import Cast, bill, receipt, standing, table, take_in, vendor

pytestmark = pytest.mark.django_db

CHAIN = [name for name in REGISTRY if name not in ADVISORY and name != "finance.payment"]


def stop(name: str) -> None:
    switch(name, paused=True)


def go_on(name: str) -> None:
    switch(name, paused=False)


def switch(name: str, *, paused: bool) -> None:
    """In the table itself: this is about the engine, and not about who may."""
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE coordination_agent DISABLE TRIGGER USER")
        cursor.execute("UPDATE coordination_agent SET paused = %s WHERE name = %s", [paused, name])
        cursor.execute("ALTER TABLE coordination_agent ENABLE TRIGGER USER")


def payable() -> bool:
    """Would a run pay the invoice now?"""
    found = payments.selection.select(list(payments.selection.candidates()), cast.moment())
    return "INV-1" in [c.number for p in found.plan.payments for c in [p.claim]]


# --- stopped ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CHAIN)
def test_no_invoice_is_cleared_while_an_agent_of_the_chain_is_stopped(name: str) -> None:
    stop(name)
    cast.trade()
    assert standing()[0] != "cleared"
    assert stopped.waiting() == {name: 1}
    go_on(name)
    cast.drain()
    assert standing() == ("cleared", "auto", [])
    assert stopped.waiting() == {}


@pytest.mark.parametrize("name", CHAIN)
def test_people_answer_in_the_stead_of_a_stopped_agent(people: Cast, name: str) -> None:
    stop(name)
    cast.trade()
    assert len(stopped.ask_people(name)) == 1
    cast.drain()
    assert standing()[1:] == ("escalated", ["contract_breached"])
    cast.answer(cast.question(), "override", by=people.carol)
    cast.drain()
    assert standing() == ("cleared", "human", [])
    assert payable()


@pytest.mark.parametrize("name", CHAIN)
def test_a_breach_ends_when_the_answer_comes(name: str) -> None:
    stop(name)
    cast.trade()
    stopped.ask_people(name)
    cast.drain()
    go_on(name)
    cast.drain()
    assert standing() == ("cleared", "auto", [])
    assert Hold.objects.get(code="contract_breached").release == "matched"


def test_an_answer_that_comes_after_clearing_re_opens_with_a_reason_and_a_question(people: Cast) -> None:
    stop("operations.delivery")
    cast.trade(bill(), receipts=(receipt(quantity="60"),))
    stopped.ask_people("operations.delivery")
    cast.drain()
    cast.answer(cast.question(), "override", by=people.carol)
    cast.drain()
    assert standing() == ("cleared", "human", [])
    go_on("operations.delivery")
    cast.drain()
    state, lane, codes = standing()
    assert (state != "cleared", lane, codes) == (True, "escalated", ["qty_over_received"])
    assert [r["code"] for r in cast.question().reasons] == ["qty_over_received"]


def test_what_may_have_changed_for_a_stopped_agent_is_not_paid_meanwhile() -> None:
    cast.trade()
    assert payable()
    stop("operations.delivery")
    take_in(table("receipts", receipt(quantity="60")))
    cast.drain()
    assert not payable()
    assert standing()[0] == "cleared"
    go_on("operations.delivery")
    cast.drain()
    assert standing()[1:] == ("escalated", ["qty_over_received"])


def test_a_wait_that_is_over_is_noted_once_for_a_stopped_agent() -> None:
    cast.trade(bill(issue_date=cast.days_ago(1)), receipts=(receipt(order_number="PO-9"),))
    stop("operations.delivery")
    later = cast.moment() + timedelta(days=10)
    assert [changes.ask_overdue(later) for _ in range(3)] == [1, 0, 0]
    assert Task.objects.count() == 1


# --- added ------------------------------------------------------------------------------------------------


class Sundays(Agent):
    """Holds what was issued on a Sunday."""

    name: ClassVar[str] = "control.sundays"
    version: ClassVar[str] = "1"
    department: ClassVar[str] = "control"
    purpose: ClassVar[str] = "Holds what was issued on a Sunday."
    contract: ClassVar[Contract] = Contract("1", frozenset({"invoice"}), frozenset(), frozenset({"sunday"}))
    sla: ClassVar[timedelta] = timedelta(seconds=10)

    def propose(self, snapshot: Snapshot) -> Proposal:
        day = snapshot.document.issue_date
        sunday = day is not None and day.isoweekday() == 7
        finding = Finding("sunday", "Issued on a Sunday.", code="suspicious_text", found=str(day))
        return Proposal(
            self.name,
            self.version,
            "hold" if sunday else "approve",
            finding.confidence,
            "Looked at the day.",
            (finding,) if sunday else (),
        )


@pytest.fixture
def sundays(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setitem(REGISTRY, Sundays.name, Sundays())
    monkeypatch.setitem(OWNERS, "sunday", Sundays.name)
    return Sundays.name


SUNDAY = {"issue_date": "2026-09-06"}


def test_a_new_agent_is_registered_and_asked_on_a_running_installation(sundays: str) -> None:
    cast.trade(bill(**SUNDAY))
    assert AgentRow.objects.filter(pk=sundays).exists()
    assert standing()[1:] == ("escalated", ["suspicious_text"])
    cast.assert_sound()


def test_the_release_waits_for_a_new_agent(sundays: str) -> None:
    policy_versions.ensure_defaults()
    stop(sundays)
    cast.trade(bill(**SUNDAY))
    assert standing()[0] == "delivered"
    go_on(sundays)
    cast.drain()
    assert standing()[1:] == ("escalated", ["suspicious_text"])


def test_a_new_agent_is_asked_about_what_is_here_and_not_cleared(monkeypatch: pytest.MonkeyPatch) -> None:
    other = bill(**SUNDAY, invoice_number="RE-2207", order_number="PO-9")
    cast.trade(bill(), other)
    assert standing("RE-2207")[1] == "escalated"
    monkeypatch.setitem(REGISTRY, Sundays.name, Sundays())
    monkeypatch.setitem(OWNERS, "sunday", Sundays.name)
    cast.drain()
    assert standing("RE-2207")[2] == ["po_unknown", "suspicious_text"]
    assert standing("INV-1") == ("cleared", "auto", [])
    assert not Decision.objects.filter(agent=Sundays.name, invoice__number="INV-1").exists()


def test_the_answer_of_an_agent_that_holds_nothing_leaves_what_was_cleared(sundays: str) -> None:
    """Whatever agent is asked after clearing: an answer that holds nothing takes nothing back."""
    cast.trade()
    for name in (sundays, *CHAIN):
        work_queue.open_tasks([(name, cast.invoice().id, "again")])
        cast.drain()
        assert standing() == ("cleared", "auto", [])


def test_a_changed_vendor_asks_only_whom_it_concerns() -> None:
    cast.trade()
    before = Decision.objects.count()
    take_in(table("vendors", vendor(name="Hartmann  GmbH")))
    cast.drain()
    decided = set(
        Decision.objects.order_by("-at").values_list("agent", flat=True)[: Decision.objects.count() - before]
    )
    assert decided <= {"finance.validation", "procurement.matching", "control.crosscheck"}
    assert standing() == ("cleared", "auto", [])


# --- autonomy ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*CHAIN, "finance.payment"])
@pytest.mark.parametrize("level", ["shadow", "advise"])
def test_a_person_decides_what_rests_on_an_agent_that_may_not_act_alone(
    people: Cast, name: str, level: str
) -> None:
    agent_control.set_autonomy(name, level, by=people.carol, reason="not trusted yet")
    cast.trade()
    assert standing()[1:] == ("escalated", ["outside_envelope"])
    assert (
        cast.question().reasons[0]["sentence"]
        == f"{name} is at {level}: a person decides what rests on its answers."
    )
    cast.answer(cast.question(), "override", by=people.dave)
    cast.drain()
    assert standing() == ("cleared", "human", [])
    assert replay.reperform().different == []
    cast.assert_sound()


def test_what_was_cleared_before_stays_cleared_when_an_agents_autonomy_is_lowered(people: Cast) -> None:
    cast.trade()
    agent_control.set_autonomy("operations.delivery", "advise", by=people.carol, reason="it drifts")
    work_queue.invalidate([cast.invoice().id], "receipt", "somebody says so")
    cast.drain()
    assert standing() == ("cleared", "auto", [])


def test_only_what_waits_for_a_stopped_agent_is_put_to_people(people: Cast) -> None:
    with pytest.raises(agent_control.Running):
        agent_control.ask_people("operations.delivery", by=people.carol, reason="month end")
    agent_control.pause("operations.delivery", by=people.carol)
    cast.trade()
    assert agent_control.ask_people("operations.delivery", by=people.carol, reason="month end") == 1
    cast.drain()
    assert standing()[1:] == ("escalated", ["contract_breached"])
    assert cast.entries("agent/operations.delivery")[-1] == "agent.people_asked"
    with pytest.raises(NotAllowed):
        agent_control.ask_people("operations.delivery", by=people.alice, reason="month end")
    cast.assert_sound()
