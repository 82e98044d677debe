"""From what a review found to a plan, by a manager into force, from there into what is drawn, and back into
what is said of the whole."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse

from audit import clock, ledger, trail
from audit.ids import new_id
from coordination import jobs
from coordination.decisions import replay
from coordination.domain.review_plan import Plan
from coordination.facts import review_plans
from coordination.models import Agent, Decision, Hold, Incident, ReviewPlan
from coordination.selectors import quality_review
from coordination.services.behaviour import measured_versions, plan_review, reviewed
from reviews import kinds
from reviews.errors import NotAllowed
from reviews.models import Escalation
from tests import cast
from tests.behaviour.reviewed import AGENT, Went, write
from tests.behaviour.test_incidents import answer
from tests.cast import Cast

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
D = Decimal


@pytest.fixture
def people() -> Cast:
    return cast.people()


@pytest.fixture
def found(people: Cast, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """Weeks in which 40 invoices were reviewed; a plan needs only two reviews here."""
    monkeypatch.setattr(plan_review, "LEAST", 2)
    ways = [Went("0.98", amount="500.00") for _ in range(120)]
    ways += [Went("0.85", amount="6000.00") for _ in range(40)]
    ways += [Went("0.98", ("random_audit",), "approve", amount="500.00") for _ in range(30)]
    ways += [
        Went("0.85", ("random_audit",), "reject" if n < 4 else "approve", amount="6000.00") for n in range(10)
    ]
    write(ways, NOW)
    return people


def propose(at: datetime = NOW) -> ReviewPlan:
    with clock.simulated(at):
        return plan_review.propose()


def in_force(**changes: Any) -> None:
    """A plan that draws nothing but what is said; put in force as a service would."""
    nothing = tuple(tuple(D(0) for _ in range(3)) for _ in range(3))
    values = {"confidence": (D("0.90"), D("0.97")), "value": (D(1_000), D(5_000)), "rates": nothing} | changes
    plan = Plan(1, **values)
    row = ReviewPlan(
        id=new_id(),
        number=1,
        text=orjson.dumps(plan.as_json()).decode(),
        sha256="0" * 64,
        decided=1,
        budget=1,
        basis_from=NOW,
        basis_until=NOW,
        status="active",
        made_by="system:test",
        made_at=NOW,
        activated_by="human:1",
        activated_at=NOW,
    )
    with transaction.atomic():
        changes_ = trail.insert([row], trail.Stamp("system:test", NOW, "made"))
        ledger.append([ledger.Event("review_plan/1", "review_plan.activated", "human:1", NOW, {}, changes_)])


def one_trade(number: str = "INV-1") -> Decision:
    """One clean invoice through the agents; the decision on its release."""
    own = f"PO-{number}"
    cast.take_in(
        cast.table("vendors", cast.vendor()),
        cast.table("orders", cast.order(order_number=own)),
        cast.table("receipts", cast.receipt(receipt_number=f"GR-{number}", order_number=own)),
        cast.table("invoices", cast.bill(invoice_number=number, order_number=own)),
    )
    cast.drain()
    return Decision.objects.get(agent="finance.payment", invoice__number=number)


def holds() -> list[str]:
    return list(Hold.objects.live().values_list("code", flat=True))


# --- into force ---------------------------------------------------------------------------------------------


def test_a_plan_spreads_the_rate_of_the_policy_over_what_was_found(found: Cast) -> None:
    plan, decided, budget = plan_review.compute(NOW)
    assert (decided, budget) == (200, 4)
    assert plan.interval == D("187500.00"), "half of the reviews by amount: 375,000.00 by two"
    assert plan.rates[2][0] > plan.rates[0][2] > 0, "more of what was found wrong more often"
    assert plan.rates[1][1] == D("0.02"), "of what nobody has decided yet the policy's rate"
    assert (plan.first_of_vendor, plan.incidents) == (20, True)


def test_it_is_a_draft_until_a_manager_has_agreed(found: Cast) -> None:
    row = propose()
    assert review_plans.active() is None
    question = Escalation.objects.get(kind="review_plan")
    with pytest.raises(NotAllowed):
        answer(question, found.alice)
    answer(question, found.carol)
    row.refresh_from_db()
    assert (row.status, row.activated_by) == ("active", f"human:{found.carol.pk}")
    assert review_plans.active() == Plan.from_json(1, plan_review.compute(NOW)[0].as_json())
    assert cast.entries("review_plan/1") == [
        "review_plan.computed",
        "escalation.opened",
        "verdict.given",
        "review_plan.activated",
    ]


def test_the_question_shows_each_stratum_with_its_rate_now_and_then_and_who_asks(found: Cast) -> None:
    with clock.simulated(NOW):
        row = plan_review.make(by=found.carol)
    question = Escalation.objects.get(kind="review_plan")
    client = Client()
    client.force_login(found.dave)
    told = " ".join(client.get(f"/inbox/{question.pk}/").content.decode().split())
    rates = Plan.from_json(1, json.loads(row.text)).rates
    for words, rate in (
        ("Amounts under 1,000, confidence under 0.90", rates[0][0]),
        ("Amounts 1,000 to under 5,000, confidence 0.90 to under 0.97", rates[1][1]),
        ("Amounts 5,000 and more, confidence 0.97 and more", rates[2][2]),
    ):
        cells = f'>{words}</th> <td class="r" data-head="now">2.0 %</td> <td class="r" data-head="proposed">'
        _, _, then = told.partition(cells)
        assert then.removeprefix("<b>").startswith(plan_review.per_cent(rate)), words
    assert f"{found.carol.get_full_name()} had it made" in told
    assert "/quality/review/" in told
    assert told.count("Spread by what the review found so far.") == 1


def test_what_was_refused_stays_out_of_force(found: Cast) -> None:
    propose()
    answer(Escalation.objects.get(kind="review_plan"), found.carol, "reject", "not_wanted")
    assert ReviewPlan.objects.get().status == "refused"
    assert review_plans.active() is None


def test_a_newer_plan_takes_the_place_of_the_one_before_and_of_its_question(found: Cast) -> None:
    propose()
    write([Went("0.98", amount="90000.00")], NOW)
    propose()
    asked = Escalation.objects.filter(kind="review_plan").order_by("subject")
    assert [e.status for e in asked] == ["withdrawn", "open"]
    answer(Escalation.objects.get(kind="review_plan", status="open"), found.carol)
    write([Went("0.98", amount="95000.00")], NOW)
    propose()
    answer(Escalation.objects.get(kind="review_plan", status="open"), found.carol)
    assert dict(ReviewPlan.objects.values_list("number", "status")) == {1: "draft", 2: "retired", 3: "active"}


def test_the_same_findings_ask_nobody_twice_and_few_make_no_plan(
    found: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    propose()
    with pytest.raises(measured_versions.NothingNew):
        propose()
    monkeypatch.setattr(plan_review, "LEAST", 20)
    with pytest.raises(plan_review.TooFew):
        propose()


# --- on a manager's word, and by the clock ------------------------------------------------------------------


def press(person: User, at: datetime = NOW) -> str:
    """What the page says after a click on the button."""
    browser = Client()
    browser.force_login(person)
    with clock.simulated(at):
        found = browser.post("/quality/review/plan/", follow=True)
    return " ".join(re.sub("<[^>]+>", "", found.content.decode()).split())


def the_month_begins(at: datetime) -> None:
    with clock.simulated(at):
        jobs.plan_review(timestamp=0)


def test_a_manager_has_a_plan_made_and_another_puts_it_in_force(found: Cast) -> None:
    told = press(found.carol)
    assert "Review plan 1 is made: 4 reviews of 200 invoices." in told
    assert "It waits in the inbox for another manager" in told
    row = ReviewPlan.objects.get()
    assert (row.status, row.made_by) == ("draft", f"human:{found.carol.pk}")
    question = Escalation.objects.get(kind="review_plan")
    with pytest.raises(NotAllowed):
        answer(question, found.carol)
    answer(question, found.dave)
    assert review_plans.active() is not None


@pytest.mark.parametrize("who", ["alice", "erin", "frank"])
def test_who_puts_no_policy_in_force_makes_no_plan(found: Cast, who: str) -> None:
    person = getattr(found, who)
    press(person)
    with pytest.raises(NotAllowed):
        plan_review.make(by=person)
    assert not ReviewPlan.objects.exists()


def test_a_double_click_makes_one_plan(found: Cast) -> None:
    press(found.carol)
    write([Went("0.98", amount="90000.00")], NOW)
    assert "Review plan 1 waits for a manager" in press(found.carol)
    assert "Review plan 1 waits for a manager" in press(found.dave)
    assert ReviewPlan.objects.count() == Escalation.objects.filter(kind="review_plan").count() == 1


def test_the_button_refuses_what_the_command_refuses(found: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    press(found.carol)
    answer(Escalation.objects.get(kind="review_plan"), found.dave)
    assert "What was measured is what the last version says already" in press(found.carol)
    monkeypatch.setattr(plan_review, "LEAST", 20)
    assert "fewer reviews than a plan needs" in press(found.carol)
    assert ReviewPlan.objects.count() == 1


def test_what_is_in_force_is_not_asked_about_again_after_another_was_refused(found: Cast) -> None:
    propose()
    answer(Escalation.objects.get(kind="review_plan"), found.carol)
    active = ReviewPlan.objects.get()
    write([Went("0.98", amount="90000.00")], NOW)
    propose()
    answer(Escalation.objects.get(kind="review_plan", status="open"), found.carol, "reject", "not_wanted")
    with transaction.atomic(), pytest.raises(measured_versions.NothingNew):
        plan_review.VERSIONS.keep(active.text, NOW, NOW, decided=1, budget=1)


def test_a_month_begins_with_a_plan_and_the_schedule_makes_one_however_often_it_runs(found: Cast) -> None:
    first = datetime(2026, 12, 1, 2, 53, tzinfo=UTC)
    the_month_begins(first)
    the_month_begins(first)
    row = ReviewPlan.objects.get()
    assert (row.made_by, row.made_at.date()) == ("system:monitor", first.date())
    answer(Escalation.objects.get(kind="review_plan"), found.carol)
    write([Went("0.98", amount="90000.00")], NOW)
    the_month_begins(first + timedelta(days=1))
    assert ReviewPlan.objects.count() == 1, "a month has one"
    the_month_begins(datetime(2027, 1, 1, 2, 53, tzinfo=UTC))
    assert ReviewPlan.objects.count() == 2
    assert Escalation.objects.filter(kind="review_plan", status="open").count() == 1


def test_a_plan_made_while_the_clock_was_ahead_keeps_no_earlier_month_without_one(found: Cast) -> None:
    propose(datetime(2027, 1, 2, 9, tzinfo=UTC))
    answer(Escalation.objects.get(kind="review_plan"), found.carol)
    write([Went("0.98", amount="90000.00")], NOW)
    the_month_begins(datetime(2026, 12, 1, 2, 53, tzinfo=UTC))
    assert ReviewPlan.objects.count() == 2


def test_nowhere_is_the_name_of_its_code_read(found: Cast) -> None:
    propose()
    question, browser = Escalation.objects.get(kind="review_plan"), Client()
    browser.force_login(found.carol)
    for address in (reverse("reviews:inbox"), reverse("reviews:case", args=[question.pk])):
        said = re.sub("<[^>]+>", " ", browser.get(address).content.decode())
        assert "Review plan 1" in said
        assert "review_plan" not in said.lower()
    assert "Review plan computed" in said


def test_the_schedule_asks_nothing_while_a_plan_waits(found: Cast) -> None:
    propose()
    write([Went("0.98", amount="90000.00")], NOW)
    the_month_begins(datetime(2026, 12, 1, 2, 53, tzinfo=UTC))
    assert ReviewPlan.objects.count() == 1
    assert Escalation.objects.get(kind="review_plan").status == "open"


def test_the_schedule_makes_none_of_too_few_reviews(found: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_review, "LEAST", 20)
    the_month_begins(datetime(2026, 12, 1, 2, 53, tzinfo=UTC))
    assert not ReviewPlan.objects.exists()


def test_the_schedule_makes_none_where_it_would_be_the_one_in_force(found: Cast) -> None:
    propose()
    answer(Escalation.objects.get(kind="review_plan"), found.carol)
    the_month_begins(datetime(2026, 12, 1, 2, 53, tzinfo=UTC))
    assert ReviewPlan.objects.count() == 1


# --- what is drawn ------------------------------------------------------------------------------------------


@pytest.fixture
def drawing(people: Cast, settings: Any) -> Cast:
    settings.COUNTERSIGN_SAMPLING = True
    return people


def test_without_a_plan_nothing_of_it_is_recorded(drawing: Cast) -> None:
    assert "review" not in cast.body_of(one_trade())["input"]


def test_the_first_invoices_of_a_vendor_go_to_a_person_and_the_reason_says_why(drawing: Cast) -> None:
    in_force(first_of_vendor=1)
    body = cast.body_of(one_trade())
    assert holds() == ["random_audit"]
    assert body["input"]["review"]["first"] == "1"
    [reason] = cast.question().reasons
    assert reason["sentence"] == "It is one of its vendor's first: up to number 1 all of them are reviewed."
    [case] = reviewed.of_releases(clock.now()).cases
    assert (case.way, case.chance) == ("drawn", 1.0)
    assert replay.reperform().different == []


def test_later_ones_go_by_the_chance_of_their_stratum(drawing: Cast) -> None:
    in_force(first_of_vendor=1)
    one_trade("FIRST")
    assert "first" not in cast.body_of(one_trade("LATER-77"))["input"]["review"]


def test_an_amount_of_an_interval_is_hit_for_sure(drawing: Cast) -> None:
    in_force(interval=D("1190.00"))
    body = cast.body_of(one_trade())
    assert holds() == ["random_audit"]
    assert D(body["input"]["review"]["money"]) == 1
    assert replay.reperform().different == []


def test_a_critical_incident_of_an_agent_draws_what_rests_on_it(drawing: Cast) -> None:
    in_force(incidents=True)
    row = Incident(
        number=1, agent_id=AGENT, baseline=1, level="critical", category="behaviour", action="open",
        onset=NOW.date(), opened_at=NOW,
    )  # fmt: skip
    cast.take_in(cast.table("vendors", cast.vendor()))
    assert Agent.objects.filter(pk=AGENT).exists()
    with transaction.atomic():
        changes = trail.insert([row], trail.Stamp("system:test", NOW, "made"))
        ledger.append([ledger.Event("incident/1", "incident.opened", "system:test", NOW, {}, changes)])
    one_trade()
    assert holds() == ["random_audit"]
    assert AGENT in cast.question().reasons[0]["sentence"]
    assert replay.reperform().different == []


def test_a_plan_that_draws_nothing_of_a_stratum_lets_it_go(drawing: Cast) -> None:
    in_force()
    body = cast.body_of(one_trade())
    assert holds() == []
    assert [s["rate"] for s in body["input"]["review"]["steps"]] == ["0", "0", "0"]


def test_a_decision_from_before_the_plan_runs_again_as_it_was(drawing: Cast) -> None:
    one_trade("BEFORE")
    in_force(first_of_vendor=20)
    assert replay.reperform().different == []
    count = Decision.objects.count()
    cast.drain()
    assert Decision.objects.count() == count, "and nobody is asked again"


# --- what it says of the money ------------------------------------------------------------------------------


def test_money_is_bounded_by_what_was_hit_by_amount(drawing: Cast) -> None:
    in_force(interval=D("1190.00"))
    one_trade()
    plan = quality_review.load(clock.now()).plan
    assert plan is not None
    assert (plan.hit, plan.answered, plan.upper) == (1, 0, None)
    question = cast.question()
    reason = kinds.reasons_of("invoice", "approve", question.reasons)[0][0]
    cast.resolve(question.pk, "approve", by=drawing.carol, reason=reason)
    plan = quality_review.load(clock.now()).plan
    assert plan is not None
    assert plan.upper == D("3564.92"), "3.00 intervals, as the tables of the AICPA guide have it for no error"


def test_the_command_says_what_waits_for_a_manager(found: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    with clock.simulated(NOW):
        call_command("monitor", "plan", "--json")
    told = json.loads(capsys.readouterr().out)
    assert (told["review_plan"], told["budget"], told["decided"]) == (1, 4, 200)
    told_by_page = quality_review.load(NOW)
    assert told_by_page.waiting is not None
    assert told_by_page.plan is None, "a draft draws nothing"
