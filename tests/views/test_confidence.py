"""The page of an agent's confidence: what another threshold would have done, told with what it rests on."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from audit import clock
from coordination.models import Invoice, PolicyVersion
from coordination.monitoring.calibration import Label
from coordination.selectors.confidence import verdict
from coordination.selectors.plots import clear_words
from coordination.services import policy_activation, policy_thresholds
from coordination.services.behaviour import calibrate
from coordination.services.policy_versions import ensure_defaults
from coordination.world.recorded_stream import Work, recorded_stream
from reviews.errors import NotAllowed, Refused
from reviews.models import Escalation
from tests import cast
from tests.behaviour import recorded
from tests.behaviour.reviewed import AGENT, Went, write
from tests.behaviour.test_incidents import answer
from tests.cast import Cast

from .conftest import HTMX, client, read

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def month(people: Cast) -> Cast:
    """A hundred invoices: of 80 that went by themselves or were drawn half were 0.83 sure, half 0.95."""
    ways = [Went(c, days_ago=1 + n % 20) for n in range(30) for c in ("0.83", "0.95")]
    ways += [
        Went("0.83", ("random_audit",), "reject" if n < 2 else "approve", days_ago=2 + n) for n in range(10)
    ]
    ways += [Went("0.95", ("random_audit",), "approve", days_ago=2 + n) for n in range(10)]
    ways += [Went("0.70", ("low_confidence",), "reject", days_ago=3 + n) for n in range(10)]
    ways += [Went("0.95", ("over_threshold",), "approve", days_ago=3 + n) for n in range(10)]
    write(ways, NOW)
    return people


def address(**asked: object) -> str:
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    return f"{reverse('coordination:agent_confidence', args=[AGENT])}?{query}"


def page(browser: Client, **asked: object) -> str:
    with clock.simulated(NOW):
        return read(browser.get(address(**asked)))


def test_the_sentence_says_what_a_threshold_would_have_done(month: Cast) -> None:
    told = page(client(month.carol), threshold=90)
    assert "At <b>0.90</b> instead of 0.80: automatic <b>80 % → 40 %</b>" in told
    assert "wrong automatic decisions <b>100.0 → 0.0</b> per 1,000" in told
    assert "Basis: 10 answers of people, 10 of them about invoices drawn for review" in told
    assert "Only answers from the review are used where a threshold is raised" in told


def test_few_answers_are_called_few(month: Cast) -> None:
    assert "10 answers are few" in page(client(month.carol), threshold=90)
    assert "100 %" not in page(client(month.carol), threshold=90).split("What if")[1].split("<details")[0]


def test_without_the_slider_moved_it_says_how_it_is(month: Cast) -> None:
    told = page(client(month.carol))
    assert "At <b>0.80</b>, as it is: automatic <b>80 %</b>" in told
    assert "At the threshold in force nothing differs." in told


def test_none_qualifies_is_an_answer(month: Cast) -> None:
    told = page(client(month.carol), threshold=90, target=5)
    assert "Safe threshold: none qualifies" in told
    assert "Safe threshold: 0.84" in page(client(month.carol), target=310)


def test_what_changes_nothing_or_is_not_known_to_be_safe_is_not_offered_as_if_it_were(month: Cast) -> None:
    told = page(client(month.carol), threshold=82)
    assert "0.82 would have changed nothing in these weeks: there is nothing to propose." in told
    assert "Propose as policy draft" not in told
    assert "Propose as policy draft all the same" in page(client(month.carol), threshold=90, target=5)
    assert "Propose as policy draft</button>" in page(client(month.carol), threshold=90, target=310)


def test_a_target_of_none_is_answered_in_words(month: Cast) -> None:
    told = page(client(month.carol), target=0)
    assert "1 in 1,000 is the least that can be asked" in told
    assert "is the least that can be asked" not in page(client(month.carol), target=1)


def test_the_words_of_two_thresholds_do_not_cover_each_other() -> None:
    assert clear_words((200.0, 100.0), None) == 90.0
    assert clear_words((200.0, 100.0), (80.0, 100.0)) == 90.0
    assert clear_words((200.0, 100.0), (190.0, 98.0)) == 74.0


def test_below_what_the_rules_ask_of_all_there_is_nothing_to_choose(month: Cast) -> None:
    told = page(client(month.carol), threshold=50)
    assert 'min="80"' in told
    assert "At <b>0.80</b>, as it is" in told
    assert "rule B-05 asks 0.80 of every agent" in told


def test_the_page_names_each_invoice_that_would_have_gone_to_a_person(month: Cast) -> None:
    told = page(client(month.carol), threshold=90)
    assert "40 invoices would have gone to a person at 0.90" in told
    with clock.simulated(NOW):
        found = client(month.erin).get(
            reverse("coordination:confidence_replay", args=[AGENT]), {"threshold": "90"}
        )
    rows = list(csv.DictReader(io.StringIO(found.content.decode())))
    assert len(rows) == 40
    assert {r["confidence"] for r in rows} == {"0.830"}
    assert sum(r["answer"] == "refused" for r in rows) == 2
    assert {r["invoice"] for r in rows} <= {str(key) for key in Invoice.objects.values_list("id", flat=True)}


def test_what_people_answer_meanwhile_is_on_the_next_page(month: Cast) -> None:
    assert "Basis: 20 answers" in page(client(month.carol))
    write([Went("0.95", ("random_audit",), "approve")], NOW)
    assert "Basis: 21 answers" in page(client(month.carol))


def test_the_slider_gets_the_part_of_the_page(month: Cast) -> None:
    with clock.simulated(NOW):
        part = client(month.carol).get(address(threshold=90), headers=HTMX)
    assert part.content.lstrip().startswith(b'<div id="confidence"')


def test_an_agent_that_holds_nothing_up_has_no_threshold(month: Cast) -> None:
    told = read(client(month.carol).get(reverse("coordination:agent_confidence", args=["finance.coding"])))
    assert "No threshold decides about this agent." in told
    assert 'type="range"' not in told


def test_before_anything_was_decided_the_page_says_that_nothing_is_known(people: Cast) -> None:
    ensure_defaults()
    told = page(client(people.carol), threshold=90)
    assert "Nothing is known yet of what goes by itself." in told
    assert "0 answers of people so far." in told
    assert "wrong automatic decisions <b>not known → not known</b>" in told


# --- is it true what it says --------------------------------------------------------------------------------


def labels(said: float, right: int, wrong: int) -> list[Label]:
    return [Label(said, n < right) for n in range(right + wrong)]


def test_whether_it_is_true_is_told_by_a_test() -> None:
    assert verdict(labels(0.9, 30, 0))[1] == "open"
    assert verdict(labels(0.9, 182, 18))[1] == "ok"
    words, standing = verdict(labels(0.9, 150, 50))
    assert standing == "warn"
    assert words.startswith("It is more sure than people confirm: 0.900 said on average, 0.750 confirmed")
    assert verdict(labels(0.8, 199, 1))[0].startswith("It is less sure")


# --- a draft ------------------------------------------------------------------------------------------------


def test_a_draft_changes_nothing_until_two_managers_have_said_so(month: Cast) -> None:
    before = PolicyVersion.objects.get(status="active")
    with clock.simulated(NOW):
        client(month.carol).post(reverse("coordination:confidence_draft", args=[AGENT]), {"threshold": "86"})
    draft = PolicyVersion.objects.get(status="draft")
    assert json.loads(draft.text)["confidence"] == {"default": "0.80", AGENT: "0.86"}
    assert draft.author == f"human:{month.carol.pk}"
    assert PolicyVersion.objects.get(status="active") == before
    question = policy_activation.propose(draft.revision, by=month.carol)
    with pytest.raises(NotAllowed):
        answer(question, month.carol)
    answer(question, month.dave)
    told = page(client(month.carol))
    assert "At <b>0.86</b>, as it is: automatic <b>40 %</b>" in told


def test_only_managers_draft_and_the_page_offers_it_to_nobody_else(month: Cast) -> None:
    assert "Propose as policy draft" in page(client(month.carol), threshold=86)
    assert "Propose as policy draft" not in page(client(month.erin), threshold=86)
    with pytest.raises(NotAllowed):
        policy_thresholds.draft(AGENT, Decimal("0.86"), by=month.alice)


@pytest.mark.parametrize("threshold", ["0.80", "0.50", "1.00", "0"])
def test_a_threshold_that_would_change_nothing_is_refused(month: Cast, threshold: str) -> None:
    with pytest.raises(Refused):
        policy_thresholds.draft(AGENT, Decimal(threshold), by=month.carol)


# --- the table in force -------------------------------------------------------------------------------------


def test_the_table_in_force_is_on_the_page_and_to_take_away(people: Cast) -> None:
    work = Work(per_day=200, agent=AGENT, sampled=0.5, overridden=0.2)
    lines = recorded_stream(work, 3, lines=600, first=(NOW - timedelta(days=20)).date())
    recorded.write(recorded.Trade(), lines, method="paired by reference")
    with clock.simulated(NOW):
        table = calibrate.propose()
    assert "no table is in force" in page(client(people.carol))
    answer(Escalation.objects.get(kind="calibration"), people.carol)
    told = page(client(people.carol))
    assert f"calibration {table.number}, in force since" in told
    assert "paired by reference" in told
    found = client(people.alice).get(
        reverse("coordination:calibration_csv", args=[AGENT]), {"table": str(table.number)}
    )
    rows = list(csv.DictReader(io.StringIO(found.content.decode())))
    assert {r["agent"] for r in rows} == {AGENT}
    assert all(int(r["confirmed"]) <= int(r["answers"]) for r in rows)
    missing = client(people.alice).get(reverse("coordination:calibration_csv", args=[AGENT]), {"table": "9"})
    assert missing.status_code == 404
    assert cast.entries("calibration/1")[-1] == "calibration.activated"
