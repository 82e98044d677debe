"""What an entry says was seen is what was sent, and by which door the answer came."""

from __future__ import annotations

import os
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from audit.canonical import loads
from audit.models import Entry
from coordination.models import PaymentBatch
from coordination.services import payments
from reviews import exposure
from reviews.models import Escalation, Verdict
from tests import cast
from tests.cast import Cast, bill
from tests.commands.test_commands import run

pytestmark = pytest.mark.django_db


def given() -> dict[str, Any]:
    body = Entry.objects.filter(type="verdict.given").latest("id").body
    data: dict[str, Any] = loads(body)["data"]
    return data


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def form(page: str) -> dict[str, str]:
    """The hidden fields that a page carries."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))


ANSWER = {"verdict": "approve", "reason": "approve:difference_accepted", "comment": ""}
SENT = ("seen_version", "payload_hash", "shown")


@pytest.fixture
def question(people: Cast) -> Escalation:
    cast.trade(bill(unit_price="11.00"))
    return cast.question()


@pytest.fixture
def run_proposed(people: Cast) -> PaymentBatch:
    cast.trade()
    [batch] = payments.propose(f"human:{people.dave.pk}").batches
    return batch


@pytest.mark.parametrize("missing", SENT)
@pytest.mark.parametrize("left_out", ["nothing", "emptied", "garbage"])
def test_a_verdict_by_page_without_what_it_showed_is_refused(
    question: Escalation, people: Cast, missing: str, left_out: str
) -> None:
    alice, url = browser(people.alice), reverse("reviews:decide", args=[question.pk])
    fields = form(alice.get(reverse("reviews:case", args=[question.pk])).content.decode()) | ANSWER
    assert set(SENT) <= set(fields)
    broken = {k: v for k, v in fields.items() if k != missing}
    if left_out != "nothing":
        broken[missing] = "" if left_out == "emptied" else "9" * 5000
    assert alice.post(url, broken).status_code == 409
    assert not Verdict.objects.exists()
    assert alice.post(url, fields).status_code == 302
    seen = given()["seen"]
    assert (seen["version"], seen["payload_sha256"]) == ("1", question.payload_hash)
    assert "shown_at" in seen
    assert given()["via"] == "page"
    assert "operator" not in given()
    cast.assert_sound()


def test_the_page_of_somebody_else_is_no_page_of_ones_own(question: Escalation, people: Cast) -> None:
    theirs = exposure.stamp(question, people.carol)
    fields = {"seen_version": "1", "payload_hash": question.payload_hash, "shown": theirs} | ANSWER
    url = reverse("reviews:decide", args=[question.pk])
    assert browser(people.alice).post(url, fields).status_code == 409
    assert not Verdict.objects.exists()


def test_an_answer_by_command_names_the_door_and_the_systems_user(question: Escalation, people: Cast) -> None:
    answer = ("--by", "alice", "--reason", "difference_accepted")
    assert run("decide", str(question.id), "approve", *answer)[0] == 0
    told = given()
    assert (told["via"], told["operator"]["uid"], told["seen"]) == ("command", str(os.getuid()), {})
    assert told["on"] == {"version": "1", "payload_sha256": question.payload_hash}
    assert Verdict.objects.get().seen_version is None
    cast.assert_sound()


def test_a_version_named_by_command_is_all_that_is_recorded_as_seen(
    question: Escalation, people: Cast
) -> None:
    answer = ("--by", "alice", "--reason", "difference_accepted", "--seen-version", "1")
    assert run("decide", str(question.id), "approve", *answer)[0] == 0
    assert given()["seen"] == {"version": "1"}


# --- payment runs ----------------------------------------------------------------------------------


def test_a_run_is_approved_by_page_with_a_reason_that_was_chosen(
    run_proposed: PaymentBatch, people: Cast
) -> None:
    carol = browser(people.carol)
    page = carol.get(reverse("coordination:payment_batch", args=[run_proposed.number])).content.decode()
    assert 'name="reason"' in page
    assert "selected" not in page.partition('name="reason"')[2].partition("</select>")[0]
    url = reverse("coordination:payment_approve", args=[run_proposed.number])
    for broken in ({}, form(page), form(page) | {"reason": "not_stated"}, {"reason": "evidence_complete"}):
        assert carol.post(url, broken).status_code in {409, 422}
    assert not Verdict.objects.exists()
    assert carol.post(url, form(page) | {"reason": "payments_checked"}).status_code == 302
    told = given()
    assert (told["reason"], told["via"], told["seen"]["version"]) == ("payments_checked", "page", "1")
    assert "seconds" in told["seen"]
    cast.assert_sound()


@pytest.mark.parametrize(
    ("named", "recorded"), [((), "not_stated"), (("--reason", "payments_checked"), "payments_checked")]
)
def test_a_run_approved_by_command_records_no_reason_that_nobody_chose(
    run_proposed: PaymentBatch, people: Cast, named: tuple[str, ...], recorded: str
) -> None:
    assert run("payments", "approve", str(run_proposed.number), "--by", "carol", *named)[0] == 0
    told = given()
    assert (told["reason"], told["via"], told["seen"]) == (recorded, "command", {})
    assert told["operator"]["uid"] == str(os.getuid())


def test_no_other_question_is_answered_without_a_reason(question: Escalation, people: Cast) -> None:
    answer = ("--by", "alice", "--reason", "not_stated")
    assert run("decide", str(question.id), "approve", *answer)[0] == 4
