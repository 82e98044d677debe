"""Hands on the agents leave their name and their reason, and nobody's name is erased by somebody else's
act."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from audit import commitments
from audit.canonical import loads
from audit.models import Entry
from coordination.agents import REGISTRY, actor
from coordination.agents.finance_payment import FinancePayment
from coordination.models import Agent
from coordination.services import agent_control
from reviews.models import Escalation
from tests import cast
from tests.cast import Cast, bill
from tests.commands.test_commands import run

pytestmark = pytest.mark.django_db

NAME = "procurement.matching"
ACTS = (("resume",), ("autonomy", "shadow"), ("breaker", "open"), ("breaker", "close"))


def last() -> tuple[str, str, dict[str, Any]]:
    """Type, actor and data of the newest entry about the agent."""
    entry = Entry.objects.filter(subject=f"agent/{NAME}").latest("seq")
    return entry.type, entry.actor, loads(entry.body)["data"]


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize(
    "given", [(), ("--by", "carol"), ("--reason", "Because."), ("--by", "carol", "--reason", " ")]
)
def test_what_gives_an_agent_a_free_hand_needs_a_name_and_a_reason(
    people: Cast, act: tuple[str, ...], given: tuple[str, ...]
) -> None:
    before = Agent.objects.values().get(pk=NAME)
    verb, *level = act
    code, told = run("agents", verb, NAME, *level, *given)
    assert code == 2
    assert "--reason" in told["error"]
    assert Agent.objects.values().get(pk=NAME) == before


def test_an_agent_is_stopped_without_a_name_and_the_entry_says_who_ran_the_command() -> None:
    assert run("agents", "pause", NAME)[0] == 0
    type_, who, data = last()
    assert (type_, who, data["via"]) == ("agent.paused", "system:command-line", "command")
    assert data["operator"]["uid"] == str(os.getuid())
    assert data["operator"]["user"]


def test_an_act_by_command_keeps_the_name_the_reason_and_the_door(people: Cast) -> None:
    assert run("agents", "autonomy", NAME, "shadow", "--by", "carol", "--reason", "It drifts.")[0] == 0
    type_, who, data = last()
    assert (type_, who, data["via"]) == ("agent.autonomy_set", f"human:{people.carol.pk}", "command")
    assert commitments.reveal(data["reason"]) == "It drifts."
    cast.assert_sound()


@pytest.mark.parametrize("act", [("autonomy", "advise"), ("breaker", "open"), ("pause",)])
def test_who_stopped_an_agent_stays_named_whatever_is_done_to_it_then(
    people: Cast, act: tuple[str, ...]
) -> None:
    agent_control.pause(NAME, by=people.carol)
    verb, *level = act
    assert run("agents", verb, NAME, *level, "--by", "dave", "--reason", "Because.")[0] == 0
    row = Agent.objects.get(pk=NAME)
    assert (row.paused, row.paused_by) == (True, f"human:{people.carol.pk}")
    agent_control.resume(NAME, by=people.dave, reason="Over.")
    assert Agent.objects.get(pk=NAME).paused_by == ""


def test_a_manager_resumes_by_page_with_a_reason(people: Cast, client: Client) -> None:
    client.force_login(people.carol)
    client.post(reverse("coordination:agent_pause", args=[NAME]))
    url = reverse("coordination:agent_resume", args=[NAME])
    assert client.post(url, {"reason": " "}).status_code == 400
    assert client.post(url, {"reason": "It was nothing."}).status_code == 302
    _, _, data = last()
    assert (data["via"], commitments.reveal(data["reason"])) == ("page", "It was nothing.")


def test_the_actor_is_the_version_that_runs(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FinancePayment, "version", "7")
    assert actor(FinancePayment.name) == "agent:finance.payment/7"
    assert all(actor(name) == f"agent:{name}/{a.version}" for name, a in REGISTRY.items())
    cast.trade(bill(unit_price="11.00"))
    asked = cast.question()
    opened = Entry.objects.get(subject=asked.subject, type="escalation.opened")
    assert opened.actor == "agent:finance.payment/7"
    cast.take_in(cast.table("orders", cast.order(unit_price="11.00")))
    cast.drain()
    withdrawn = Entry.objects.get(subject=asked.subject, type="escalation.withdrawn")
    assert withdrawn.actor == "agent:finance.payment/7"
    assert run("payments", "propose")[0] == 0
    assert Escalation.objects.get(kind="payment_run").subject.startswith("payment_batch/")
    assert Entry.objects.get(type="payment.proposed").actor == "agent:finance.payment/7"
    cast.assert_sound()


def test_no_actor_is_written_with_a_version_of_its_own() -> None:
    root = Path(__file__).resolve().parents[2]
    found = [
        p.name
        for folder in ("coordination", "reviews", "audit")
        for p in (root / folder).rglob("*.py")
        if re.search(r'"agent:[a-z.]+/\d', p.read_text())
    ]
    assert not found
