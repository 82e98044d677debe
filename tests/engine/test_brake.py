"""Agents that would wake each other for ever come to an end by themselves, and a person is asked."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from coordination.agents import REGISTRY
from coordination.agents.base import Proposal, Snapshot
from coordination.agents.procurement_matching import ProcurementMatching
from coordination.engine import brake, claim, reperformance
from coordination.models import Decision, Hold, Wake
from tests import cast
from tests.cast import Cast, bill, receipt, standing, table, take_in

pytestmark = pytest.mark.django_db

TWO = (
    bill(quantity="50"),
    bill(
        invoice_number="CN-22",
        type="credit_note",
        quantity="5",
        issue_date="2026-09-08",
        preceding_invoice="INV-1",
    ),
)
"""A credit counts for every invoice of its order, and an invoice for a credit behind it: they wake each other."""


class Restless(ProcurementMatching):
    """Allocates otherwise each time it is asked, so that all other invoices of the order are asked again."""

    def propose(self, snapshot: Snapshot) -> Proposal:
        proposal = super().propose(snapshot)
        asked = Decimal(snapshot.facts_version) / 100
        moved = tuple(replace(a, amount=a.amount + asked) for a in proposal.allocations or ())
        return replace(proposal, allocations=moved)


@pytest.fixture
def restless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(REGISTRY, "procurement.matching", Restless())


def decided(number: str, agent: str = "procurement.matching") -> int:
    return Decision.objects.filter(invoice__number=number, agent=agent).count()


def test_two_invoices_that_push_each_other_for_ever_end_with_a_person(restless: None) -> None:
    cast.trade(*TWO)
    assert not Wake.objects.exists()
    for number in ("INV-1", "CN-22"):
        assert standing(number)[1:] == ("escalated", ["agent_error"])
        assert brake.MOST <= decided(number) <= brake.MOST + 4
        assert cast.question(number).reasons[0]["code"] == "agent_error"
    sentence = Hold.objects.filter(code="agent_error", status="open")[0].detail["sentence"]
    assert sentence == (
        "procurement.matching decided this invoice 25 times in a row because other answers of agents changed, with "
        "nothing new from outside, and is not asked again until there is."
    )
    cast.assert_sound()
    stopped = {f"invoice/{h.invoice_id}" for h in Hold.objects.filter(code="agent_error")}
    last = {d.seq for d in reperformance.reperform().different if d.agent != "procurement.matching"}
    assert (len(stopped), last) == (2, set())


def test_a_fact_from_outside_lets_the_agent_decide_again(
    restless: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.trade(*TWO)
    monkeypatch.undo()
    take_in(table("receipts", receipt(receipt_number="GR-2", quantity="1")))
    cast.drain()
    assert [standing(n) for n in ("INV-1", "CN-22")] == [("cleared", "auto", [])] * 2
    assert set(Hold.objects.filter(code="agent_error").values_list("release", flat=True)) == {"matched"}


def test_what_a_person_accepted_is_not_asked_again(restless: None, people: Cast) -> None:
    cast.trade(*TWO)
    cast.answer(cast.question("INV-1"), "override", by=people.carol)
    cast.drain()
    assert standing("INV-1")[1] == "human"
    cast.assert_sound()


def test_new_invoices_of_an_order_are_news_however_many_they_are() -> None:
    cast.trade(bill(quantity="1"))
    for n in range(brake.MOST + 5):
        take_in(
            table(
                "invoices",
                bill(invoice_number=f"{n:04}-{n * 7919 % 9973}", quantity="1", issue_date="2026-09-01"),
            )
        )
        cast.drain()
    assert decided("INV-1") > brake.MOST
    assert standing() == ("cleared", "auto", [])


def test_only_second_thoughts_after_second_thoughts_are_counted() -> None:
    cast.trade()
    row = cast.invoice()
    assert brake.cause(row) == row.subject
    row.matching = 2
    assert brake.cause(row) == f"again: {row.subject}"
    claim.wake([row.id], "billing", brake.cause(row))
    cast.drain()
    assert cast.invoice().stirred == 1
    claim.wake([row.id], "billing", brake.cause(row))
    claim.wake([row.id], "billing", "a new invoice")
    cast.drain()
    assert cast.invoice().stirred is None


def test_other_agents_are_never_stopped() -> None:
    cast.trade()
    row = cast.invoice()
    row.stirred = brake.MOST + 1
    stopped = {name for name, agent in REGISTRY.items() if brake.stops(agent, row)}
    assert stopped == {"procurement.matching"}
