"""Coordination ends, and in whatever order the documents come in it ends the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coordination.agents import REGISTRY
from coordination.agents.procurement_matching import ProcurementMatching
from coordination.decisions import loop_guard, replay
from coordination.domain.facts import Snapshot
from coordination.domain.proposal import Proposal
from coordination.models import Decision, Hold, Invalidation, Invoice, Task
from coordination.tasks import work_queue
from coordination.workers import runner
from tests import cast
from tests.cast import Cast, bill, credit_of, receipt, standing, table, take_in
from tests.decisions import trades
from tests.decisions.trades import Trade

pytestmark = pytest.mark.django_db

WORLDS = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)


class Undone(Exception):
    """Ends a world."""


@contextmanager
def world() -> Iterator[None]:
    """A database to oneself, which is as it was afterwards."""
    try:
        with transaction.atomic():
            yield
            raise Undone
    except Undone:
        pass


# --- the case it was found with -------------------------------------------------------------------------


def test_two_credits_on_one_invoice_come_to_rest() -> None:
    """One order of 100, one invoice of 100, two linked credit notes of 10 and 5."""
    cast.trade(bill(), credit_of("INV-1", "CN-22", "10"), credit_of("INV-1", "CN-333", "5"))
    assert [standing(n) for n in ("INV-1", "CN-22", "CN-333")] == [("cleared", "auto", [])] * 3
    assert trades.most_on_one_fact() < loop_guard.most()
    assert cast.drain().decisions == 0
    cast.assert_sound()


def test_a_credit_that_is_undecided_gives_nothing_back() -> None:
    cast.trade(
        bill(),
        bill(invoice_number="RE-2207", quantity="10", issue_date="2026-09-20"),
        credit_of("INV-1", "CN-22", "10", iban="DE75512108001245126199"),
    )
    assert standing("CN-22")[1:] == ("escalated", ["bank_mismatch"])
    assert "qty_over_ordered" in standing("RE-2207")[2]


def test_what_a_credit_gives_back_counts_from_its_clearing_on(people: Cast) -> None:
    cast.trade(
        bill(),
        bill(invoice_number="RE-2207", quantity="10", issue_date="2026-09-20"),
        credit_of("INV-1", "CN-22", "10"),
    )
    assert standing("CN-22") == ("cleared", "auto", [])
    assert standing("RE-2207") == ("cleared", "auto", [])


# --- properties -----------------------------------------------------------------------------------------


@given(trades.trades(), st.data())
@WORLDS
def test_the_end_is_the_same_whatever_came_first(trade: Trade, data: st.DataObject) -> None:
    with world():
        expected = trades.run([trade.documents])
        assert trades.most_on_one_fact() < loop_guard.most() - loop_guard.LEFT_OVER
        before = Decision.objects.count()
        assert (cast.drain().decisions, Decision.objects.count()) == (0, before)
    shuffled = data.draw(st.permutations(trade.documents))
    portions = data.draw(st.integers(1, len(shuffled)))
    with world():
        found = trades.run([shuffled[n::portions] for n in range(portions)], once=data.draw(st.booleans()))
        assert trades.most_on_one_fact() < loop_guard.most() - loop_guard.LEFT_OVER
        assert (Task.objects.count(), Invalidation.objects.count()) == (0, 0)
        assert cast.drain().decisions == 0
    assert found == expected


@given(trades.trades(), st.integers(1, 7))
@settings(WORLDS, max_examples=8)
def test_the_size_of_a_batch_makes_no_difference(trade: Trade, batch: int) -> None:
    with world():
        expected = trades.run([trade.documents])
    with world():
        trades.documents.clear_cache()
        trades.take_in(trade.documents, actor="system:intake", source="test")
        runner.drain(batch)
        assert trades.stands() == expected
        assert trades.most_on_one_fact() < loop_guard.most() - loop_guard.LEFT_OVER


def test_facts_that_are_said_again_lead_to_no_decision() -> None:
    """A wake is a hint: it is what the agent reads that decides."""
    cast.trade(bill(), credit_of("INV-1", "CN-22", "10"))
    before = Decision.objects.count()
    for kind in sorted({k for a in REGISTRY.values() for k in a.contract.reads} - {"standing", "codings"}):
        work_queue.invalidate(list(Invoice.objects.values_list("id", flat=True)), kind, "somebody says so")
    cast.drain()
    assert Decision.objects.count() == before
    assert not Task.objects.exists()


# --- the bound ------------------------------------------------------------------------------------------


class Restless(ProcurementMatching):
    """Bills by what others bill and the other way round: no argument foresees such an agent."""

    def propose(self, snapshot: Snapshot) -> Proposal:
        proposal = super().propose(snapshot)
        asked = Decimal(snapshot.version) / 100
        moved = tuple(replace(a, amount=a.amount + asked) for a in proposal.allocations or ())
        return replace(proposal, allocations=moved)


@pytest.fixture
def restless(monkeypatch: pytest.MonkeyPatch) -> None:
    """An agent that answers otherwise each time, and a loader that lets all invoices look at each other."""
    monkeypatch.setitem(REGISTRY, "procurement.matching", Restless())
    monkeypatch.setattr("coordination.facts.order_sums._before", lambda other, own: other.invoice != own.id)
    monkeypatch.setattr("coordination.facts.related_invoices._concerns", lambda changed, other: True)
    monkeypatch.setattr("coordination.decisions.commit.contributes_otherwise", lambda step: step.rematched)
    monkeypatch.setattr("coordination.decisions.chain.contributes_otherwise", lambda step: step.rematched)


TWO = (bill(quantity="50"), bill(invoice_number="RE-2207", quantity="20", issue_date="2026-09-08"))


def test_agents_that_never_come_to_rest_are_stopped_and_a_person_is_told_of_the_circle(
    restless: None,
) -> None:
    cast.trade(*TWO, bill(invoice_number="F-9", order_number="PO-9"))
    for number in ("INV-1", "RE-2207"):
        assert standing(number)[1] == "escalated"
        assert "agent_error" in standing(number)[2]
        assert any(r["code"] == "agent_error" for r in cast.question(number).reasons)
    assert trades.most_on_one_fact() <= loop_guard.most()
    sentence = Hold.objects.get(code="agent_error", invoice__number="INV-1").detail["sentence"]
    assert "procurement.matching" in sentence
    assert "Asked again because of RE-2207" in sentence
    assert "What alternated: orders/0/lines/0/billed" in sentence
    assert standing("F-9") == ("validated", "escalated", ["po_unknown"])
    assert (Task.objects.count(), Invalidation.objects.count()) == (0, 0)
    cast.assert_sound()
    last = {d.agent for d in replay.reperform().different}
    assert last <= {"procurement.matching"}


def test_a_fact_from_outside_lets_them_decide_again(restless: None, monkeypatch: pytest.MonkeyPatch) -> None:
    cast.trade(*TWO)
    monkeypatch.undo()
    take_in(table("receipts", receipt(receipt_number="GR-2", quantity="1")))
    cast.drain()
    assert [standing(n) for n in ("INV-1", "RE-2207")] == [("cleared", "auto", [])] * 2
    assert set(Hold.objects.filter(code="agent_error").values_list("release", flat=True)) == {"matched"}


def test_what_a_person_accepted_is_not_asked_again(restless: None, people: Cast) -> None:
    cast.trade(*TWO)
    cast.answer(cast.question("INV-1"), "override", by=people.carol)
    cast.drain()
    assert standing("INV-1")[1] == "human"
    cast.assert_sound()


def test_new_invoices_of_an_order_are_news_however_many_they_are() -> None:
    cast.trade(bill(quantity="1"))
    for n in range(loop_guard.most()):
        row = bill(invoice_number=f"{n:04}-{n * 7919 % 9973}", quantity="1", issue_date="2026-09-01")
        take_in(table("invoices", row))
        cast.drain()
    assert Decision.objects.filter(invoice__number="INV-1").count() > loop_guard.most()
    assert standing() == ("cleared", "auto", [])


def test_every_decision_says_on_what_it_stands_and_why_it_was_asked_for() -> None:
    cast.trade(receipts=(receipt(order_number="PO-9"),))
    take_in(table("receipts", receipt()))
    cast.drain()
    last = Decision.objects.filter(agent="operations.delivery").latest("state_version")
    data = cast.body_of(last)
    assert (data["stands_on"], data["asked_because"]) == (last.stands_on, "PO-1, PO-9")
    assert len(last.stands_on) == 64
