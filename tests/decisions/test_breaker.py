"""The drift breaker and the envelope on real invoices: who opens it, what is written, what it does to a
release."""

from __future__ import annotations

import json

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from audit import commitments
from audit.errors import CountersignError
from coordination.decisions import replay
from coordination.facts import policies
from coordination.governance.policy import default_text, parse
from coordination.models import Agent
from coordination.services import agent_control
from reviews.errors import NotAllowed
from tests import cast
from tests.cast import Cast, bill, standing, table, take_in

pytestmark = pytest.mark.django_db

MATCHING = "procurement.matching"


def test_an_open_breaker_sends_every_release_to_a_person_until_it_is_closed(people: Cast) -> None:
    call_command("agents", "breaker", MATCHING, "open", "--by", "carol", "--reason", "Its approvals drift.")
    cast.trade(bill(quantity="50"))
    assert standing() == ("delivered", "escalated", ["drift_breaker"])
    assert (
        cast.question().question
        == "Pay as billed, although the drift breaker of procurement.matching is open?"
    )
    agent_control.set_breaker(MATCHING, "close", "It was a holiday.", by=people.dave)
    take_in(table("invoices", bill(invoice_number="RE-22", quantity="50", issue_date="2026-09-08")))
    cast.drain()
    assert standing("RE-22") == ("cleared", "auto", [])
    assert standing()[1:] == ("escalated", ["drift_breaker"])
    cast.answer(cast.question(), "override", by=people.carol)
    cast.drain()
    assert standing() == ("cleared", "human", [])
    cast.assert_sound()
    assert replay.reperform().different == []


def test_who_set_it_and_why_is_an_entry_and_a_version_of_the_agent(people: Cast) -> None:
    agent_control.set_breaker(MATCHING, "open", "  Its approvals\n drift. ", by=people.carol)
    row = Agent.objects.get(name=MATCHING)
    assert (row.breaker, row.breaker_by) == ("open", f"human:{people.carol.pk}")
    assert commitments.reveal(row.breaker_reason) == "Its approvals drift."
    agent_control.set_breaker(MATCHING, "close", "Looked at.", by=people.carol)
    assert cast.entries(f"agent/{MATCHING}") == [
        "agent.registered",
        "agent.breaker_opened",
        "agent.breaker_closed",
    ]
    assert list(row.history.order_by("history_id").values_list("breaker", flat=True)) == ["", "open", ""]
    cast.assert_sound()


@pytest.mark.parametrize("who", ["alice", "erin", "frank"])
def test_only_a_manager_sets_a_breaker(people: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        agent_control.set_breaker(MATCHING, "open", "Because.", by=getattr(people, who))
    assert not Agent.objects.filter(breaker="open").exists()


@pytest.mark.parametrize(
    ("name", "state", "reason", "said"),
    [
        (MATCHING, "open", " ", "Say why"),
        (MATCHING, "ajar", "x", "open, half or close"),
        ("magic", "open", "x", "no agent named magic"),
    ],
)
def test_a_breaker_that_cannot_be_set_is_refused_in_words(
    name: str, state: str, reason: str, said: str, people: Cast
) -> None:
    with pytest.raises(CountersignError, match=said):
        agent_control.set_breaker(name, state, reason, by=people.carol)


def test_the_list_says_which_breaker_is_open(people: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("agents", "breaker", MATCHING, "open", "--by", "carol", "--reason", "x", "--json")
    assert [(r["name"], r["breaker"]) for r in json.loads(capsys.readouterr().out)["agents"]] == [
        (MATCHING, "open")
    ]


def test_the_agents_page_says_that_its_breaker_is_open(people: Cast, client: Client) -> None:
    client.force_login(people.carol)
    page = reverse("coordination:agent", args=[MATCHING])
    assert "Breaker closed" in client.get(page).content.decode()
    agent_control.set_breaker(MATCHING, "open", "x", by=people.carol)
    assert "Breaker open" in client.get(page).content.decode()


def test_an_envelope_of_the_policy_in_force_holds_what_is_outside_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = {MATCHING: {"gross": "500.00", "countries": ["FR"]}, "finance.payment": {"vendors": ["V-1"]}}
    text = json.dumps(json.loads(default_text()) | {"envelopes": rows})
    monkeypatch.setattr(policies, "active", lambda: parse(text, 1))
    cast.trade()
    assert standing()[1:] == ("escalated", ["outside_envelope"])
    assert (
        cast.question().question == "Pay as billed, although an agent was not approved for 1,190.00 EUR, DE?"
    )
    assert (
        cast.question().reasons[0]["sentence"]
        == "procurement.matching is approved for amounts up to 500.00 EUR and the countries FR; this is"
        " 1,190.00 EUR, DE."
    )


def test_a_row_about_the_vendor_is_about_that_vendor_only(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = json.loads(default_text())
    row = {
        "id": "B-00",
        "section": "B",
        "text": "watched",
        "when": [["vendor", "=", "V-7"]],
        "then": "escalate",
    }
    policy["rules"].insert(6, row)
    monkeypatch.setattr(policies, "active", lambda: parse(json.dumps(policy), 1))
    cast.trade()
    assert standing() == ("cleared", "auto", [])
