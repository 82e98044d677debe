"""What is in other hands is left there by a chain, and what it writes is what each decision left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from coordination.agents import OWNERS, REGISTRY
from coordination.agents.procurement_matching import ProcurementMatching
from coordination.decisions import lease, runner
from coordination.domain.facts import Snapshot
from coordination.domain.proposal import Proposal
from coordination.facts.answers import Answer
from coordination.models import Decision, Delivery, Task
from coordination.tasks import work_queue
from tests import cast
from tests.decisions.test_stopped import Sundays

pytestmark = pytest.mark.django_db

MATCHING, DELIVERY = "procurement.matching", "operations.delivery"


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """INV-1 is cleared; from now on every agent that is asked answers anew, and matching otherwise."""
    cast.trade()
    propose = ProcurementMatching.propose

    def answered(self: Any, snapshot: Snapshot) -> Proposal:
        return replace(propose(self, snapshot), confidence=Decimal("0.9"))

    monkeypatch.setattr(ProcurementMatching, "propose", answered)
    monkeypatch.setattr(Answer, "holds_for", lambda *_: False)


def ask(agent: str) -> Task:
    work_queue.open_tasks([(agent, cast.invoice().id, "again")])
    return Task.objects.get(agent=agent)


def answers_of(agent: str) -> int:
    return Decision.objects.filter(agent=agent).count()


@pytest.mark.parametrize("how", ["leased", "run alone", "put off"])
def test_a_task_in_other_hands_stays_there_when_an_answer_asks_its_agent(settled: None, how: str) -> None:
    task = ask(DELIVERY)
    if how == "leased":
        assert lease.take(DELIVERY, by="agent:slow/1", seconds=60) is not None
    elif how == "run alone":
        Task.objects.filter(pk=task.pk).update(alone=True)
    else:
        work_queue.put_off(task.pk, timedelta(hours=1), "it failed")
    ask(MATCHING)
    assert runner.run(REGISTRY[MATCHING], 10) == 1
    assert answers_of(MATCHING) == 2
    left = Task.objects.get(agent=DELIVERY)
    assert answers_of(DELIVERY) == 1
    assert (left.pk, left.alone, left.token is not None) == (task.pk, how == "run alone", how == "leased")


def test_a_lease_still_commits_or_is_asked_again_after_a_chain_asked_its_agent(settled: None) -> None:
    ask(DELIVERY)
    taken = lease.take(DELIVERY, by="agent:slow/1", seconds=60)
    assert taken is not None
    ask(MATCHING)
    runner.run(REGISTRY[MATCHING], 10)
    with pytest.raises(lease.VersionMoved):
        lease.submit(taken, REGISTRY[DELIVERY].propose(taken.snapshot))
    assert Task.objects.get(agent=DELIVERY).token is None


def test_deliveries_keep_the_facts_version_of_their_own_decision(settled: None) -> None:
    """Agents behind count it on before the row is written."""
    ask(MATCHING)
    runner.run(REGISTRY[MATCHING], 10)
    decided = Decision.objects.filter(agent=DELIVERY).order_by("state_version")
    kept = Delivery.objects.order_by("id").values_list("facts_version", flat=True)
    assert list(kept) == list(decided.values_list("facts_version", flat=True))


@pytest.mark.parametrize("sure", ["0.9725", "0.9735"])
def test_confidence_in_hand_reads_as_it_will_stand_in_the_table(
    settled: None, monkeypatch: pytest.MonkeyPatch, sure: str
) -> None:
    propose = ProcurementMatching.propose

    def answered(self: Any, snapshot: Snapshot) -> Proposal:
        return replace(propose(self, snapshot), confidence=Decimal(sure))

    monkeypatch.setattr(ProcurementMatching, "propose", answered)
    ask(MATCHING)
    runner.run(REGISTRY[MATCHING], 10)
    standing = Decision.objects.filter(agent=MATCHING).latest("state_version").confidence
    release = Decision.objects.filter(agent="finance.payment").latest("state_version")
    shown = {p["agent"]: p["confidence"] for p in cast.body_of(release)["input"]["positions"]}
    assert Decimal(shown[MATCHING]) == standing


def test_a_credit_note_is_confirmed_on_the_lines_that_it_was_matched_to_just_now() -> None:
    """While it is not cleared it counts for nobody else, and yet those behind matching read what it bills."""
    cast.trade()
    cast.take_in(cast.table("invoices", cast.credit_of("INV-1", "CN-1", "5")))
    cast.drain()
    decided = Decision.objects.filter(invoice__number="CN-1", agent__in=[DELIVERY, "control.crosscheck"])
    for one in decided:
        assert [a["quantity"] for a in cast.body_of(one)["input"]["allocations"]] == ["5"]
    work_queue.open_tasks([(d.agent, d.invoice_id, "again") for d in decided])
    assert cast.drain().decisions == 0


class First(Sundays):
    """Stands before all others, and consumes what matching answers."""

    contract = replace(Sundays.contract, consumes=frozenset({"order"}))


@pytest.fixture
def first(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    known = dict(REGISTRY)
    REGISTRY.clear()
    REGISTRY.update({First.name: First()} | known)
    monkeypatch.setitem(OWNERS, "sunday", First.name)
    yield First.name
    REGISTRY.clear()
    REGISTRY.update(known)


def test_the_release_waits_for_an_agent_that_stands_before_those_it_consumes(first: str) -> None:
    """A chain goes down the registry once: who stands before is asked in the next one."""
    cast.trade(cast.bill(issue_date="2026-09-06"))
    assert cast.standing()[1:] == ("escalated", ["suspicious_text"])
    order = list(Decision.objects.order_by("entry_id").values_list("agent", flat=True))
    assert order.index(MATCHING) < order.index(first) < order.index("finance.payment")
    assert order.count("finance.payment") == 1
    cast.assert_sound()
