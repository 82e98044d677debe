"""What stands first on the page of a case: as the policy says, as the person saw it, and what it changes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.test import override_settings
from django.urls import reverse

from audit import ledger
from audit.models import Entry
from coordination.assurance import oversight
from coordination.domain.doses import DisplayOrder
from coordination.domain.oversight import CAUGHT, MISSED, Defect
from coordination.models import KnownAnswer, KnownAnswerResult
from coordination.services import display_order
from reviews.models import Escalation
from tests.cast import Cast
from tests.oversight.test_pages import real, shape
from tests.oversight.trade import ended, planted, policy_says, trade
from tests.views.conftest import HTMX, client, read

pytestmark = pytest.mark.django_db

KEYS = [UUID(int=n) for n in range(4_000)]


@pytest.fixture(autouse=True)
def _traded(people: Cast) -> None:
    trade(8, wrong={3: "price", 4: "bank"})


def page(row: Escalation, who: object) -> str:
    return read(client(who).get(reverse("reviews:case", args=[row.pk]), headers=HTMX))  # type: ignore[arg-type]


def recommends(found: str) -> bool:
    """Do the agents' positions stand before the lines of the documents?"""
    assert 'class="positions"' in found
    return found.index('class="positions"') < found.index('class="lines')


def answered(row: Escalation, who: object, verdict: str = "reject") -> dict[str, Any]:
    """Answer from the page as it is shown; what the entry says of what was seen."""
    found = page(row, who)
    stamp = found.partition('name="shown" value="')[2].partition('"')[0]
    sent = {
        "verdict": verdict,
        "reason": f"{verdict}:wrong_document",
        "comment": "As found in the documents.",
        "seen_version": str(row.version),
        "payload_hash": row.payload_hash,
        "shown": stamp,
        "click": "click-1",
    }
    done = client(who).post(reverse("reviews:decide", args=[row.pk]), sent, headers=HTMX)  # type: ignore[arg-type]
    assert done.status_code == 200
    body = Entry.objects.filter(subject=row.subject, type="verdict.given").latest("id").body
    seen: dict[str, Any] = ledger.data_of(body)["seen"]
    return seen


@pytest.mark.parametrize("order", ["evidence", "recommendation"])
def test_the_page_follows_the_policy_and_the_entry_says_what_was_seen(people: Cast, order: str) -> None:
    policy_says(order=order)
    assert recommends(page(real(), people.carol)) is (order == "recommendation")
    seen = answered(real(), people.carol)
    assert seen["order"] == order
    assert "order_drawn" not in seen


def test_without_a_word_of_the_policy_evidence_stands_first(people: Cast) -> None:
    policy_says()
    assert not recommends(page(real(), people.carol))


def test_an_order_is_drawn_for_each_question_and_can_be_worked_out_again(people: Cast) -> None:
    policy_says(order="drawn")
    row = real()
    first = display_order.drawn_for(row.pk)
    assert recommends(page(row, people.carol)) is (first is DisplayOrder.RECOMMENDATION)
    assert recommends(page(row, people.dave)) is (first is DisplayOrder.RECOMMENDATION)
    seen = answered(row, people.carol)
    assert (seen["order"], seen["order_drawn"]) == (str(first), "yes")


def test_half_of_all_questions_have_either_order_and_another_key_draws_others() -> None:
    drawn = [display_order.drawn_for(key) for key in KEYS]
    assert 0.47 < drawn.count(DisplayOrder.EVIDENCE) / len(KEYS) < 0.53
    assert drawn == [display_order.drawn_for(key) for key in KEYS]
    with override_settings(SECRET_KEY="another key of at least fifty characters, for this one test"):
        assert drawn != [display_order.drawn_for(key) for key in KEYS]


def test_nobody_can_say_that_they_saw_another_order(people: Cast) -> None:
    policy_says(order="evidence")
    row = real()
    stamp = page(row, people.carol).partition('name="shown" value="')[2].partition('"')[0]
    forged = stamp.replace("/evidence:", "/recommendation:")
    assert forged != stamp
    sent = {
        "verdict": "reject",
        "reason": "reject:wrong_document",
        "comment": "No.",
        "seen_version": "1",
        "payload_hash": row.payload_hash,
        "shown": forged,
    }
    done = client(people.carol).post(reverse("reviews:decide", args=[row.pk]), sent, headers=HTMX)
    assert done.status_code == 409


def test_a_policy_that_changes_while_a_page_is_read_does_not_change_what_was_seen(
    people: Cast,
) -> None:
    policy_says(order="recommendation")
    row = real()
    stamp = page(row, people.carol).partition('name="shown" value="')[2].partition('"')[0]
    policy_says(order="evidence")
    sent = {
        "verdict": "reject",
        "reason": "reject:wrong_document",
        "comment": "No.",
        "seen_version": "1",
        "payload_hash": row.payload_hash,
        "shown": stamp,
    }
    client(people.carol).post(reverse("reviews:decide", args=[row.pk]), sent, headers=HTMX)
    body = Entry.objects.filter(subject=row.subject, type="verdict.given").latest("id").body
    assert ledger.data_of(body)["seen"]["order"] == "recommendation"


# --- known-answer cases -------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", [DisplayOrder.EVIDENCE, DisplayOrder.RECOMMENDATION])
def test_with_either_order_the_page_of_a_known_answer_case_has_the_shape_of_a_real_ones(
    people: Cast, monkeypatch: pytest.MonkeyPatch, first: DisplayOrder
) -> None:
    policy_says(order="drawn")
    monkeypatch.setattr(display_order, "drawn_for", lambda _: first)
    [known] = planted(Defect.PRICE)
    assert shape(page(real(), people.carol)) == shape(page(known.question, people.carol))


def test_a_commitment_opens_whatever_was_drawn_and_the_result_keeps_it(people: Cast) -> None:
    policy_says(order="drawn")
    [known] = planted(Defect.PRICE)
    answered(known.question, people.carol)
    result = KnownAnswerResult.objects.get(known=known)
    assert result.drawn_order == display_order.drawn_for(known.question_id)
    assert oversight.opens(KnownAnswer.objects.get(pk=known.pk))


def test_where_nothing_was_drawn_a_result_is_in_no_comparison(people: Cast) -> None:
    policy_says(order="recommendation")
    [known] = planted(Defect.PRICE)
    answered(known.question, people.carol)
    assert KnownAnswerResult.objects.get(known=known).drawn_order == ""


# --- what it changes ----------------------------------------------------------------------------------------


def told(people: Cast) -> str:
    return read(client(people.erin).get(reverse("coordination:oversight")))


def test_the_page_tells_the_difference_with_its_interval_and_its_base_or_too_few(people: Cast) -> None:
    policy_says(order="drawn")
    assert "one of the two, drawn for each question by a keyed hash stands first" in told(people)
    assert "too few to say what it changes" in told(people)
    [known] = planted(Defect.PRICE)
    ended(known, [CAUGHT] * 9, "evidence")
    ended(known, [CAUGHT] * 12, "recommendation")
    assert "too few to say: 10 of each are needed" in told(people)
    ended(known, [*[CAUGHT] * 47, *[MISSED] * 14], "evidence")
    ended(known, [*[CAUGHT] * 36, *[MISSED] * 32], "recommendation")
    found = told(people)
    assert "56 of 70 caught" in found
    assert "48 of 80 caught" in found
    assert "+20.0 percentage points, 95 % between +5.2 and +33.4" in found


def test_where_nothing_is_drawn_the_page_says_that_nothing_can_be_told(people: Cast) -> None:
    found = told(people)
    assert "On the page of a case the evidence stands first." in found
    assert "What it changes can be told only where it is drawn." in found
