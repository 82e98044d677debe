"""A drill: drift made on purpose that says so, lets no money out, and leaves nothing behind when it ends."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse

from audit import clock, commitments
from audit.errors import CountersignError
from audit.ledger import data_of
from audit.models import Entry
from coordination.decisions import replay
from coordination.models import Decision, Drill, PaymentBatch
from coordination.services import drills, payments
from reviews.errors import NotAllowed
from tests import cast
from tests.cast import Cast, bill, standing

pytestmark = pytest.mark.django_db

MATCHING = "procurement.matching"
ALL = Decimal(1)
DEAR = bill(unit_price="11.00")
"""Over the agreed price: the agent would hold it."""


@pytest.fixture
def demo(settings: Any) -> None:
    settings.COUNTERSIGN_ENV = "demo"


def start(people: Cast, kind: str = "approves", share: Decimal = ALL) -> Drill:
    return drills.start(MATCHING, kind, share, by=people.carol, reason="To see the alarm.", seed="one")


def last_of(agent: str = MATCHING) -> Decision:
    return Decision.objects.filter(agent=agent).latest("entry_id")


@pytest.mark.usefixtures("demo")
def test_what_a_drill_let_through_says_so_and_goes_to_a_manager(people: Cast) -> None:
    start(people)
    cast.trade(DEAR)
    told = cast.body_of(last_of())
    assert (told["agent_version"], told["outcome"], told["result"]) == ("2+drill", "approve", "act")
    assert told["reasoning"].startswith("Drill: ")
    assert last_of().actor == f"agent:{MATCHING}/2+drill"
    state, lane, codes = standing()
    assert (state, lane) == ("delivered", "escalated")
    assert "drill" in codes
    assert "price_over" not in codes
    with pytest.raises(NotAllowed):
        cast.answer(cast.question(), "approve", by=people.alice)
    cast.assert_sound()
    assert replay.reperform().different == []


@pytest.mark.usefixtures("demo")
def test_no_run_pays_what_a_drill_let_through_whatever_people_answer(people: Cast) -> None:
    start(people)
    cast.trade(DEAR)
    cast.answer(cast.question(), "override", by=people.carol)
    cast.drain()
    assert standing()[0] == "cleared"
    proposed = payments.propose(f"human:{people.carol.pk}")
    assert [(x.invoice, x.why) for x in proposed.left] == [
        ("INV-1", "a drill changed what an agent proposed; end the drill, then it is looked at again")
    ]
    assert not PaymentBatch.objects.exists()
    drills.end(MATCHING, by=people.dave, reason="Seen.")
    cast.drain()
    assert standing()[1:] == ("escalated", ["price_over"])
    cast.assert_sound()


@pytest.mark.usefixtures("demo")
def test_with_its_end_the_agent_looks_again_and_holds_what_it_would_have_held(people: Cast) -> None:
    start(people)
    cast.trade(DEAR)
    assert drills.end(MATCHING, by=people.dave, reason="Seen.") == 1
    cast.drain()
    assert standing() == ("validated", "escalated", ["price_over"])
    assert last_of().actor == f"agent:{MATCHING}/2"
    assert cast.entries(f"agent/{MATCHING}") == [
        "agent.registered",
        "agent.drill_started",
        "agent.drill_ended",
    ]
    cast.assert_sound()
    assert replay.reperform().different == []


@pytest.mark.usefixtures("demo")
def test_what_a_drill_has_nothing_to_change_in_stays_as_it_was(people: Cast) -> None:
    start(people)
    cast.trade(bill())
    assert last_of().actor == f"agent:{MATCHING}/2"
    assert standing() == ("cleared", "auto", [])


@pytest.mark.usefixtures("demo")
def test_an_agent_that_is_made_unsure_asks_people(people: Cast) -> None:
    start(people, "unsure")
    cast.trade(bill())
    assert cast.body_of(last_of())["confidence"] == "0.500"
    assert set(standing()[2]) == {"low_confidence", "drill"}
    drills.end(MATCHING, by=people.dave, reason="Seen.")
    cast.drain()
    assert standing()[1:] == ("escalated", ["low_confidence"]), "what a person was asked stays with a person"
    assert replay.reperform().different == []


@pytest.mark.usefixtures("demo")
def test_decisions_without_a_drill_stand_on_what_they_stood_on(people: Cast) -> None:
    cast.trade(bill())
    before = last_of().stands_on
    start(people)
    drills.end(MATCHING, by=people.carol, reason="Seen.")
    cast.drain()
    assert "drill" not in cast.body_of(last_of())["input"]
    assert last_of().stands_on == before
    assert Decision.objects.filter(agent=MATCHING).count() == 1


@pytest.mark.usefixtures("demo")
def test_other_agents_do_not_see_the_drill(people: Cast) -> None:
    start(people)
    cast.trade(DEAR)
    with_drill = {
        d.agent for d in Decision.objects.exclude(agent="person") if "drill" in cast.body_of(d)["input"]
    }
    assert with_drill == {MATCHING}


@pytest.mark.parametrize("env", ["local", "development", "production"])
def test_no_drill_is_started_where_work_is_real(env: str, people: Cast, settings: Any) -> None:
    settings.COUNTERSIGN_ENV = env
    with pytest.raises(drills.NoPlaceForDrills, match="staging"):
        start(people)
    assert not Drill.objects.exists()


def test_a_drill_in_a_copied_database_has_no_effect_where_work_is_real(people: Cast, settings: Any) -> None:
    settings.COUNTERSIGN_ENV = "staging"
    start(people)
    settings.COUNTERSIGN_ENV = "production"
    cast.trade(DEAR)
    assert standing()[1:] == ("escalated", ["price_over"])


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("who", ["alice", "erin", "frank"])
def test_only_managers_start_a_drill(who: str, people: Cast) -> None:
    with pytest.raises(NotAllowed):
        drills.start(MATCHING, "approves", ALL, by=getattr(people, who), reason="Because.")


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize(
    ("name", "kind", "share", "reason"),
    [
        (MATCHING, "sleeps", "0.3", "x"),
        (MATCHING, "approves", "0", "x"),
        (MATCHING, "approves", "1.1", "x"),
        (MATCHING, "approves", "much", "x"),
        (MATCHING, "approves", "NaN", "x"),
        (MATCHING, "approves", "0.3", " "),
        ("nobody.here", "approves", "0.3", "x"),
        ("finance.payment", "approves", "0.3", "x"),
        ("support.status", "approves", "0.3", "x"),
    ],
)
def test_a_drill_that_cannot_be_is_refused_in_words(
    name: str, kind: str, share: str, reason: str, people: Cast
) -> None:
    with pytest.raises(CountersignError, match=r"\w"):
        drills.start(name, kind, drills.share_of(share), by=people.carol, reason=reason)
    assert not Drill.objects.exists()


@pytest.mark.usefixtures("demo")
def test_one_drill_at_a_time_and_only_one_that_runs_is_ended(people: Cast) -> None:
    with pytest.raises(drills.NotRunning):
        drills.end(MATCHING, by=people.carol, reason="Seen.")
    start(people)
    with pytest.raises(drills.Running), transaction.atomic():
        start(people)
    drills.end(MATCHING, by=people.carol, reason="Seen.")
    start(people)
    assert Drill.objects.running().count() == 1


@pytest.mark.usefixtures("demo")
def test_the_command_starts_shows_and_ends_a_drill(people: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    said = ("--by", "carol", "--reason", "To see the alarm.", "--json")
    call_command("agents", "drill", MATCHING, "approves", "--share", "0.25", *said)
    assert json.loads(capsys.readouterr().out)["agents"][0]["drill"] == "approves"
    row = Drill.objects.get()
    assert row.share == Decimal("0.25")
    assert commitments.reveal(row.reason) == "To see the alarm."
    call_command("agents", "drill", MATCHING, "end", *said)
    assert "drill" not in json.loads(capsys.readouterr().out)["agents"][0]
    assert [h.ended_at is None for h in row.history.order_by("history_id")] == [True, False]
    cast.assert_sound()


@pytest.mark.usefixtures("demo")
def test_a_manager_starts_and_ends_it_on_the_agents_page(people: Cast, client: Client) -> None:
    client.force_login(people.carol)
    page = reverse("coordination:agent", args=[MATCHING])
    assert "Start the drill" in client.get(page).content.decode()
    sent = {"kind": "approves", "share": "0.3", "reason": "To see the alarm."}
    client.post(reverse("coordination:agent_drill", args=[MATCHING]), sent)
    shown = client.get(page).content.decode()
    assert "A drill is running" in shown
    assert "To see the alarm." in shown
    client.post(reverse("coordination:agent_drill_end", args=[MATCHING]), {"reason": "Seen."})
    assert "A drill is running" not in client.get(page).content.decode()
    assert not Drill.objects.running().exists()


@pytest.mark.parametrize(("env", "who"), [("local", "carol"), ("demo", "alice")])
def test_no_page_offers_a_drill_where_there_is_none_or_to_who_may_not(
    env: str, who: str, people: Cast, client: Client, settings: Any
) -> None:
    settings.COUNTERSIGN_ENV = env
    client.force_login(getattr(people, who))
    page = client.get(reverse("coordination:agent", args=[MATCHING]))
    assert page.status_code == 200
    assert "drill" not in page.content.decode().lower()


def test_a_demonstration_of_the_past_may_drill_on_its_own_clock(people: Cast) -> None:
    with clock.simulated(clock.now()):
        start(people)
    entry = Entry.objects.get(type="agent.drill_started")
    assert data_of(entry.body)["kind"] == "approves"
    assert json.loads(entry.body)["clock"] == "simulated"
