"""The pages on which many questions are answered together: what is shown before, what becomes of each, and
what is said when nothing is answered at all."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from audit import clock
from audit.ledger import data_of
from audit.models import Entry
from coordination.domain.oversight import Defect
from coordination.models import KNOWN_ANSWER
from coordination.oversight import planting
from reviews import bulk, handling
from reviews.models import Escalation, Verdict
from tests import cast
from tests.cast import Cast
from tests.oversight.trade import trade as twinned
from tests.reviews.test_groups import open_questions, several
from tests.views.conftest import HTMX

pytestmark = pytest.mark.django_db
URL, POST = "/inbox/together/", "/inbox/together/answer/"


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(user: User, **asked: Any) -> str:
    return browser(user).get(URL, asked).content.decode()


def items(text: str) -> list[str]:
    return re.findall(r'name="item" value="([^"]*)"', text)


def form(text: str) -> dict[str, Any]:
    """What the form of a page sends that is left as it is."""
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text))
    return {name: hidden[name] for name in ("decision", "counted")} | {"item": items(text)}


ANSWER = {"verdict": "approve", "reason": "approve:difference_accepted", "comment": ""}


def send(user: User, text: str, **changes: Any) -> HttpResponse:
    found: HttpResponse = browser(user).post(POST, form(text) | ANSWER | changes)  # type: ignore[assignment]
    return found


def words(text: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())


# --- before -------------------------------------------------------------------------------------------------


def test_a_case_leads_to_the_others_of_its_cause(people: Cast) -> None:
    several(3)
    one = open_questions()[0]
    case = browser(people.alice).get(reverse("reviews:case", args=[one.pk])).content.decode()
    assert "2 more of this cause" in words(case)
    assert re.search(r"Hartmann GmbH, price over, 3 invoices, EUR [\d,]+\.\d\d", words(case))
    assert f"{URL}?like={one.pk}" in case
    other = browser(people.erin).get(reverse("reviews:case", args=[one.pk])).content.decode()
    assert "more of this cause" not in words(other), "who only reads is offered no answer"


def test_the_preview_shows_each_case_its_total_and_the_reasons_that_are_true_of_all(people: Cast) -> None:
    several(3)
    text = page(people.alice, like=open_questions()[0].pk)
    shown = words(text)
    for row in open_questions():
        assert row.case["number"] in shown
        assert f"{row.amount:,.2f}" in shown
    assert f"3 cases · EUR {sum(e.amount or 0 for e in open_questions()):,.2f}" in shown
    assert 'value="approve:difference_accepted"' in text
    assert len(items(text)) == 3


def test_nothing_is_chosen_beforehand_but_what_it_is_about(people: Cast) -> None:
    several(2)
    text = page(people.alice, like=open_questions()[0].pk)
    assert "selected" not in text[text.index("data-verdicts") : text.index("</select>")]
    assert "autofocus" not in text
    assert 'type="radio"' not in text
    assert re.search(r"<textarea[^>]*></textarea>", text)


def test_what_cannot_be_answered_stands_there_with_its_reason_and_no_tick(people: Cast) -> None:
    several(3)
    first, second, third = open_questions()
    handling.put_aside(first.pk, clock.now() + timedelta(days=2), by=people.carol)
    text = page(people.alice, like=second.pk)
    assert "Put aside until" in words(text) or "Carol has claimed this." in words(text)
    assert len(items(text)) == 2
    assert "2 cases" in words(text)
    assert third.case["number"] in text


def test_where_none_can_be_answered_no_verdict_is_offered(people: Cast) -> None:
    several(2)
    text = page(people.bob, like=open_questions()[0].pk)  # these are for procurement
    assert "None of these cases can be answered together" in words(text)
    assert "data-verdicts" not in text


def test_those_that_are_chosen_are_shown_in_that_order_and_what_is_no_key_is_ignored(people: Cast) -> None:
    several(3)
    keys = [row.pk for row in reversed(open_questions())]
    text = page(people.alice, q=[keys[0], "x", keys[2], keys[0]])
    assert [i.split(" ")[0] for i in items(text)] == [str(keys[0]), str(keys[2])]
    assert "No open case is chosen." in page(people.alice)
    assert "No open case is chosen." in page(people.alice, q="00000000-0000-0000-0000-000000000000")
    assert browser(people.alice).get(URL, {"like": "00000000-0000-0000-0000-000000000000"}).status_code == 404


def test_cases_of_several_causes_are_offered_only_what_is_true_of_all(people: Cast) -> None:
    several(1)
    several(1, first=5, quantity="400")
    text = page(people.carol, q=[e.pk for e in open_questions()])
    assert "These are 2 causes: only reasons that fit every case are offered." in words(text)
    offered = re.findall(r'<option value="(\w+:\w+)">', text)
    for one in offered:
        verdict, code = one.split(":")
        results = bulk.answer_together(
            [bulk.Sent(e.pk) for e in open_questions()], verdict, by=people.carol, reason=code, comment="So."
        )
        assert all(r.answered for r in results)
        break
    assert offered


# --- answering ----------------------------------------------------------------------------------------------


def test_one_press_answers_all_and_says_what_became_of_each(people: Cast) -> None:
    several(3)
    text = page(people.alice, like=open_questions()[0].pk)
    found = send(people.alice, text, comment="Agreed with the buyer.")
    shown = words(found.content.decode())
    assert found.status_code == 200
    assert "3 of 3 answered" in shown
    assert shown.count("Approved") == 3
    assert not open_questions()
    together = {str(data_of(e.body)["together"]) for e in Entry.objects.filter(type="verdict.given")}
    assert len(together) == 1


def test_one_that_fails_fails_alone_and_the_text_is_kept(people: Cast) -> None:
    several(3)
    text = page(people.alice, like=open_questions()[0].pk)
    cast.answer(open_questions()[1], "reject", by=people.carol)
    shown = send(people.alice, text, comment="typed with care").content.decode()
    assert "2 of 3 answered" in words(shown)
    assert "Carol rejected this at" in words(shown)
    assert "typed with care" in shown


def test_what_was_refused_and_is_open_can_be_answered_once_more_with_the_same_text(people: Cast) -> None:
    several(2)
    text = page(people.alice, like=open_questions()[0].pk)
    first = open_questions()[0]
    Escalation.objects.filter(pk=first.pk).update(version=first.version + 1)
    shown = send(people.alice, text, comment="typed with care").content.decode()
    assert "What was refused, once more" in words(shown)
    assert re.search(r"<textarea[^>]*>typed with care</textarea>", shown)
    [again] = items(shown)
    assert again.split(" ")[0] == str(first.pk)
    assert "1 of 1 answered" in words(send(people.alice, shown).content.decode())


def test_the_same_form_again_gives_the_same_page_and_no_second_answer(people: Cast) -> None:
    several(2)
    text = page(people.alice, like=open_questions()[0].pk)
    first, again = send(people.alice, text), send(people.alice, text)
    assert words(first.content.decode()).replace("csrf", "") == words(again.content.decode())
    assert Verdict.objects.count() == 2


@pytest.mark.parametrize(
    ("change", "status", "why"),
    [
        ({"reason": ""}, 422, "Choose a reason code."),
        ({"verdict": "reject", "reason": "reject:price_not_agreed"}, 422, "in your own words"),
        ({"verdict": "reject"}, 422, "That reason is one to approve."),
        ({"item": []}, 422, "Tick the cases"),
        ({"item": ["rubbish"]}, 409, "Load it again"),
    ],
)
def test_an_incomplete_answer_is_refused_before_any_is_given(
    people: Cast, change: dict[str, Any], status: int, why: str
) -> None:
    several(2)
    text = page(people.alice, like=open_questions()[0].pk)
    found = send(people.alice, text, **change)
    assert (found.status_code, why in words(found.content.decode())) == (status, True)
    part = browser(people.alice).post(POST, form(text) | ANSWER | change, headers=HTMX)
    assert part.status_code == status
    assert not Verdict.objects.exists()


def test_what_was_left_out_by_hand_is_counted_anew_before_it_is_answered(people: Cast) -> None:
    several(3)
    text = page(people.alice, like=open_questions()[0].pk)
    found = send(people.alice, text, item=items(text)[:2], comment="kept")
    shown = found.content.decode()
    assert found.status_code == 409
    assert "Of 3 cases, 2 are ticked." in words(shown)
    assert "2 cases · EUR" in words(shown)
    assert ">kept</textarea>" in shown
    assert not Verdict.objects.exists()
    assert "2 of 2 answered" in words(send(people.alice, shown).content.decode())


def test_a_page_that_is_shown_again_keeps_since_when_it_was_shown(people: Cast) -> None:
    several(1)
    text = page(people.alice, like=open_questions()[0].pk)
    again = send(people.alice, text, reason="").content.decode()
    assert items(again)[0].split(" ")[-1] == items(text)[0].split(" ")[-1]


def test_what_has_ended_since_the_page_was_shown_is_said(people: Cast) -> None:
    several(2)
    first, second = open_questions()
    before = {"as_of": clock.now().isoformat(), "q": [first.pk, second.pk]}
    client = browser(people.alice)
    assert words(client.get(f"{URL}changed/", before).content.decode()) == ""
    cast.answer(first, "approve", by=people.carol)
    told = words(client.get(f"{URL}changed/", before).content.decode())
    assert f"{first.case['number']} approved by Carol." in told
    assert second.case["number"] not in told


# --- rights, and known-answer cases -------------------------------------------------------------------------


def test_who_answers_nothing_opens_no_preview(people: Cast) -> None:
    several(1)
    for user in (people.erin, people.frank):
        assert browser(user).get(URL).status_code == 403
        assert browser(user).post(POST, {}).status_code == 403


def test_a_known_answer_case_is_shown_as_an_invoice_and_tells_itself_once_answered(people: Cast) -> None:
    twinned(12, wrong={3: "price", 5: "price"})
    [known] = planting.by_hand(1, by="system:test", defect=Defect.PRICE).cases
    text = page(people.alice, like=known.question_id)
    rows = re.findall(r"<tr>.*?</tr>", text[text.index("<tbody>") :], re.DOTALL)
    shapes = {re.sub(r"\d[\d,.]*", "0", words(re.sub(r"GmbH|INV-\d+", "", row))) for row in rows}
    assert KNOWN_ANSWER not in text
    assert "known" not in words(text).lower()
    assert len(rows) >= 2
    assert len({len(shape.split()) for shape in shapes}) == 1, shapes
    mine = [item for item in items(text) if item.startswith(str(known.question_id))]
    shown = send(people.alice, text, item=mine, counted="1").content.decode()
    assert "This was a known-answer case" in words(shown)
    assert "1 of 1 answered" in words(shown)
