"""The loop: facts first, then agents; one bad item stops nothing, time and people move the rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import ClassVar

import pytest
from django.db import connection

from audit.errors import CountersignError
from coordination.agents import REGISTRY
from coordination.agents.finance_validation import FinanceValidation
from coordination.decisions import changes, runner
from coordination.decisions.commit import NotAtomic, commit
from coordination.decisions.steps import Step, decide
from coordination.domain.facts import Snapshot
from coordination.domain.proposal import Finding, Proposal
from coordination.facts import loader, policies
from coordination.facts.taken import Taken
from coordination.models import Decision, Hold, Invalidation, Task
from coordination.services import agent_control
from coordination.tasks import work_queue
from reviews.errors import NotAllowed
from tests import cast
from tests.cast import Cast, bill, days_ago, receipt, standing, table, take_in

pytestmark = pytest.mark.django_db


# --- waiting ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("age", "lane"), [(0, "waiting"), (5, "waiting"), (6, "escalated")])
def test_a_missing_receipt_is_waited_for_and_then_asked_about(age: int, lane: str) -> None:
    cast.trade(bill(issue_date=days_ago(age)), receipts=(receipt(order_number="PO-9"),))
    assert standing()[1:] == (lane, ["no_receipt"])
    cast.assert_sound()


def test_a_receipt_that_comes_closes_the_case_by_itself() -> None:
    cast.trade(bill(issue_date=days_ago(1)), receipts=(receipt(order_number="PO-9"),))
    take_in(table("receipts", receipt()))
    cast.drain()
    assert standing() == ("cleared", "auto", [])
    assert Hold.objects.get().release == "matched"
    cast.assert_sound()


def test_a_wait_that_is_over_wakes_the_agent_who_waits() -> None:
    cast.trade(bill(issue_date=days_ago(1)), receipts=(receipt(order_number="PO-9"),))
    assert changes.ask_overdue(cast.moment()) == 0
    assert changes.ask_overdue(cast.moment() + timedelta(days=10)) == 1
    assert Task.objects.get().cause == "time is up"
    assert changes.ask_overdue(cast.moment() + timedelta(days=10)) == 0  # it is asked already
    assert set(Task.objects.values_list("agent", flat=True)) == {"operations.delivery"}


def test_a_second_invoice_is_held_until_more_arrives() -> None:
    """100 ordered, 60 received, invoices of 50 and 20."""
    cast.trade(
        bill(quantity="50"),
        bill(invoice_number="RE-22", quantity="20", issue_date="2026-09-08"),
        receipts=(receipt(quantity="60"),),
    )
    assert standing() == ("cleared", "auto", [])
    assert standing("RE-22")[1:] == ("escalated", ["qty_over_received"])
    assert Hold.objects.get().detail["excess"] == "+10"
    question = cast.question("RE-22")
    take_in(table("receipts", receipt(receipt_number="GR-2", quantity="10")))
    cast.drain()
    question.refresh_from_db()
    assert standing("RE-22") == ("cleared", "auto", [])
    assert question.status == "withdrawn"
    cast.assert_sound()


# --- decisions -------------------------------------------------------------------------------------


def test_a_drain_leaves_nothing_open_and_says_what_it_did() -> None:
    take_in(table("invoices", bill()))
    done = cast.drain()
    assert (done.decisions, done.escalations) == (Decision.objects.count(), 1)
    assert not Task.objects.exists()
    assert not Invalidation.objects.exists()
    assert (cast.drain().decisions, cast.drain().escalations) == (0, 0)


def test_an_open_invoice_is_worked_on_by_somebody() -> None:
    cast.trade()
    for agent in (
        "finance.validation",
        "procurement.matching",
        "operations.delivery",
        "control.crosscheck",
        "finance.payment",
    ):
        assert Decision.objects.filter(agent=agent).count() >= 1
    assert not Decision.objects.exclude(actor__startswith="agent:").exists()


@pytest.mark.django_db(transaction=True)
def test_decisions_are_written_only_in_the_transaction_that_claimed_them() -> None:
    take_in(table("invoices", bill()))
    row = cast.invoice()
    agent = REGISTRY["finance.validation"]
    [snap] = loader.load([row], agent.contract.reads, policies.active(), cast.moment())
    proposal, ruling = decide(agent, snap)
    with pytest.raises(NotAtomic):
        commit([Step(agent, row, snap, proposal, ruling, cast.moment(), [])], cast.moment(), Taken())
    assert not Decision.objects.exists()


# --- agents that fail ------------------------------------------------------------------------------


class Failing(FinanceValidation):
    """Raises on every invoice whose number ends in 2."""

    def propose(self, snapshot: Snapshot) -> Proposal:
        if snapshot.document.number.endswith("2"):
            raise ZeroDivisionError("by nothing")
        return super().propose(snapshot)


class Poisonous(FinanceValidation):
    """Makes of every such invoice a finding that cannot be written."""

    version: ClassVar[str] = "1"

    def propose(self, snapshot: Snapshot) -> Proposal:
        proposal = super().propose(snapshot)
        if not snapshot.document.number.endswith("2"):
            return proposal
        return replace(proposal, outcome="hold", findings=(Finding("tax", "x", code="no_such_code"),))


def three() -> None:
    take_in(table("invoices", *(bill(invoice_number=f"INV-{n}", order_number=f"PO-{n}") for n in (1, 2, 3))))


def test_an_agent_that_raises_is_answered_for_by_a_person() -> None:
    three()
    assert runner.run(Failing(), 10) == 3
    [hold] = Hold.objects.filter(code="agent_error")
    assert hold.invoice.number == "INV-2"
    assert "ZeroDivisionError: by nothing" in hold.detail["sentence"]
    cast.assert_sound()


def test_an_agent_error_closes_when_the_agent_is_mended() -> None:
    three()
    runner.run(Failing(), 10)
    row = cast.invoice("INV-2")
    work_queue.invalidate([row.id], "invoice", "mended")
    cast.drain()
    assert Hold.objects.get(code="agent_error").release in {"matched", "replaced"}
    assert "agent_error" not in standing("INV-2")[2]


def test_one_invoice_that_cannot_be_written_does_not_stop_the_others() -> None:
    three()
    done = runner.run(Poisonous(), 10)
    while done and Decision.objects.filter(agent="finance.validation").count() < 2:
        done = runner.run(Poisonous(), 10)
    assert set(Decision.objects.values_list("invoice__number", flat=True)) == {"INV-1", "INV-3"}
    task = Task.objects.get(agent="finance.validation")
    assert task.invoice.number == "INV-2"


def test_after_three_tries_a_person_is_asked_instead() -> None:
    take_in(table("invoices", bill(invoice_number="INV-2")))
    for attempt in (1, 2, 3):
        assert runner.run(Poisonous(), 1) == 1
        if attempt < 3:
            task = Task.objects.get(agent="finance.validation")
            assert (task.attempts, task.error.partition(":")[0]) == (attempt, "KeyError")
            Task.objects.update(due_at=task.opened_at - timedelta(hours=1))
    assert not Task.objects.filter(agent="finance.validation").exists()
    assert Hold.objects.get().code == "agent_error"
    connection.check_constraints()


def test_a_task_put_off_is_not_claimed_before_its_time() -> None:
    take_in(table("invoices", bill(invoice_number="INV-2")))
    runner.run(Poisonous(), 1)
    assert "finance.validation" not in work_queue.waiting()[1]
    assert runner.run(Poisonous(), 1) == 0


# --- hands on the agents ---------------------------------------------------------------------------


def test_a_stopped_agent_claims_nothing_until_it_goes_on(people: Cast) -> None:
    agent_control.pause("procurement.matching", by=people.carol)
    cast.trade()
    assert not Decision.objects.filter(agent="procurement.matching").exists()
    assert standing() == ("validated", "open", [])
    agent_control.resume("procurement.matching", by=people.carol, reason="It was nothing.")
    cast.drain()
    assert standing() == ("cleared", "auto", [])
    assert cast.entries("agent/procurement.matching") == ["agent.registered", "agent.paused", "agent.resumed"]
    cast.assert_sound()


@pytest.mark.parametrize("who", ["alice", "erin", "frank"])
def test_only_a_manager_stops_an_agent(people: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        agent_control.pause("procurement.matching", by=getattr(people, who))


def test_how_far_an_agent_may_act_is_one_of_four_levels(people: Cast) -> None:
    assert (
        agent_control.set_autonomy("finance.payment", "advise", by=people.carol, reason="New.").autonomy
        == "advise"
    )
    with pytest.raises(CountersignError, match="shadow, advise, supervised, autonomous"):
        agent_control.set_autonomy("finance.payment", "free", by=people.carol)
    with pytest.raises(agent_control.NoSuchAgent):
        agent_control.pause("finance.magic")


def test_confidence_is_kept_with_the_decision() -> None:
    cast.trade()
    sure = Decision.objects.get(agent="procurement.matching").confidence
    assert sure == Decimal("0.99")
