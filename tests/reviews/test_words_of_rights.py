"""Whoever may not do something is told what it is and who may; what one may not see is not there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from coordination import rights
from reviews import access
from reviews.grants import DECIDE, READ_CASES, SEE
from reviews.kinds import KINDS
from reviews.models import Escalation, SigningProfile
from tests import cast
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def again(user: User) -> User:
    """The person as the next request knows them."""
    return User.objects.get(pk=user.pk)


def refusal(user: Any, right: rights.Right) -> str:
    """What somebody is told who asks for a right; empty if they have it."""
    try:
        access.demand(user, right)
    except PermissionDenied as denied:
        return str(denied)
    return ""


# --- refusals -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "right", "words"),
    [
        ("alice", DECIDE, ""),
        ("erin", DECIDE, "You may not decide cases. Specialists and managers do."),
        ("frank", READ_CASES, "You may not read cases. Specialists, managers and auditors do."),
        ("alice", rights.READ_PAYMENTS, "You may not see payment runs. Managers and auditors do."),
        ("bob", rights.BRING_ORDERS, "You may not bring orders. People of procurement do."),
        ("alice", rights.BRING_ORDERS, ""),
        (
            "alice",
            rights.CODE_LINES,
            "You may not say where lines are booked. Managers and people of finance do.",
        ),
        ("bob", rights.CODE_LINES, ""),
        ("carol", rights.NOTE, "You may not write auditor's notes. Auditors do."),
        ("carol", rights.BRING_ORDERS, "You may not bring orders. People of procurement do."),
    ],
)
def test_a_refusal_says_what_and_who_may(people: Cast, who: str, right: rights.Right, words: str) -> None:
    assert refusal(again(getattr(people, who)), right) == words


def test_of_what_everybody_may_nobody_is_named() -> None:
    assert refusal(User.objects.create_user("new"), SEE) == "You may not see this page."
    assert refusal(AnonymousUser(), SEE) == "You may not see this page."


def test_an_auditor_or_administrator_of_a_department_has_no_right_of_it(people: Cast) -> None:
    """Departments are those of specialists and managers."""
    for user in (people.erin, people.frank):
        SigningProfile.objects.filter(user=user).update(department="procurement")
        assert refusal(again(user), rights.BRING_ORDERS) != ""
    SigningProfile.objects.filter(user=people.carol).update(department="procurement")
    assert refusal(again(people.carol), rights.BRING_ORDERS) == ""


@pytest.mark.parametrize(("zone", "day"), [("UTC", "20 November 2020"), ("Asia/Tokyo", "21 November 2020")])
def test_whose_access_has_ended_is_told_on_which_day(people: Cast, zone: str, day: str) -> None:
    SigningProfile.objects.filter(user=people.erin).update(until=datetime(2020, 11, 20, 23, 30, tzinfo=UTC))
    with timezone.override(zone):
        assert refusal(again(people.erin), READ_CASES) == f"Your access ended on {day}."


# --- a view behind a right ----------------------------------------------------------------------------------


def test_a_view_asks_for_its_right_before_it_does_anything(people: Cast) -> None:
    seen: list[str] = []

    @access.requires(DECIDE)
    def view(request: Any, number: int) -> HttpResponse:
        seen.append(f"{request.user.get_username()} {number}")
        return HttpResponse()

    request: Any = RequestFactory().get("/")
    request.user = again(people.erin)
    with pytest.raises(PermissionDenied):
        view(request, 7)
    request.user = again(people.alice)
    assert view(request, number=7).status_code == 200
    assert seen == ["alice 7"]
    assert view.right == DECIDE  # what lists say it opens
    assert view.__name__ == "view"


def test_nobody_is_no_person() -> None:
    request: Any = RequestFactory().get("/")
    request.user = AnonymousUser()
    with pytest.raises(PermissionDenied, match="Sign in first"):
        access.signed_in(request)


# --- questions that one may see -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "hidden"),
    [
        ("alice", {"payment_run", "paid_elsewhere", "bank_message"}),
        ("carol", set()),
        ("erin", set()),
        ("frank", set(KINDS)),
    ],
)
def test_each_group_has_its_kinds_of_question(people: Cast, who: str, hidden: set[str]) -> None:
    assert set(access.hidden_kinds(getattr(people, who))) == hidden


@pytest.mark.parametrize(("who", "reserved"), [("alice", 3), ("carol", 0), ("erin", 0), ("frank", 3)])
def test_how_many_wait_is_told_of_all_but_what_asks_for_more_than_reading_cases(
    people: Cast, who: str, reserved: int
) -> None:
    assert len(access.reserved_kinds(getattr(people, who))) == reserved


@pytest.mark.parametrize(
    ("who", "kind", "decides"),
    [
        ("alice", "invoice", True),
        ("alice", "payment_run", False),
        ("alice", "policy", False),
        ("carol", "policy", True),
        ("erin", "invoice", False),
        ("frank", "policy", False),
        ("carol", "gone by", False),  # a kind that nobody registers any more
    ],
)
def test_whether_one_decides_a_kind_is_for_its_owner_to_say(
    people: Cast, who: str, kind: str, decides: bool
) -> None:
    row, user = Escalation(kind=kind), again(getattr(people, who))
    assert access.decides(user, row) is decides
    assert access.decides_now(user, row) is decides


def test_a_question_that_one_may_not_see_is_not_there(people: Cast) -> None:
    cast.trade(cast.bill(unit_price="11.00"))
    row = cast.question()
    assert access.escalation_for(again(people.alice), row.pk) == row
    with pytest.raises(PermissionDenied):
        access.escalation_for(again(people.frank), row.pk)
    with pytest.raises(Http404, match="There is no such case"):
        access.escalation_for(again(people.alice), UUID(int=7))
