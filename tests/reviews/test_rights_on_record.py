"""Each change of what a person may do is an entry, whichever way it was made and from whichever side."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone

from audit.ledger import data_of
from audit.models import Entry
from reviews import access, rights
from reviews.grants import DECIDE, READ_CASES, SEE
from reviews.models import SigningProfile
from tests import cast
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def recorded(user: User) -> list[dict[str, Any]]:
    """What was recorded of a person, in order."""
    rows = Entry.objects.filter(subject=f"person/{user.pk}", type=rights.TYPE).order_by("seq")
    return [data_of(row.body)["rights"] for row in rows]


def newest(user: User) -> dict[str, Any]:
    return recorded(user)[-1]


def group(name: str) -> Any:
    return Group.objects.get(name=name)


def profile(user: User) -> SigningProfile:
    return SigningProfile.objects.get(user=user)


# --- what is recorded ---------------------------------------------------------------------------------------


def test_what_is_recorded_is_all_that_decides(people: Cast) -> None:
    assert newest(people.alice) == {
        "name": "Alice",
        "groups": ["specialist"],
        "active": True,
        "department": "procurement",
        "limit": "",
    }


@pytest.mark.parametrize(
    ("limit", "written"), [("0", "0.00"), ("25000", "25000.00"), ("0.5", "0.50"), (None, "")]
)
def test_a_limit_is_written_with_two_decimals_and_none_as_nothing(
    people: Cast, limit: str | None, written: str
) -> None:
    row = profile(people.carol)
    row.limit = None if limit is None else Decimal(limit)
    row.save()
    assert rights.rights_of(people.carol)["limit"] == written


def test_an_end_is_recorded_only_where_there_is_one(people: Cast) -> None:
    assert "until" not in newest(people.erin)
    row = profile(people.erin)
    row.until = datetime(2026, 12, 31, 23, 0, tzinfo=UTC)
    row.save()
    assert newest(people.erin)["until"] == "2026-12-31T23:00:00.000000Z"


def test_an_account_without_a_profile_has_no_department_and_no_limit() -> None:
    user = User.objects.create_user("zoé")
    none = {"name": "zoé", "groups": [], "active": True, "department": "", "limit": ""}
    assert rights.rights_of(user) == none
    assert recorded(user) == []  # nobody could do anything yet
    user.groups.add(group("auditor"))
    assert recorded(user) == [none | {"groups": ["auditor"]}]


# --- whichever way it is changed ----------------------------------------------------------------------------


def _joins(user: User) -> None:
    user.groups.add(group("manager"))


def _is_added_by_the_group(user: User) -> None:
    group("manager").user_set.add(user)


def _is_set_by_the_group(user: User) -> None:
    group("manager").user_set.set([user])


def _is_taken_out_by_the_group(user: User) -> None:
    group("specialist").user_set.remove(user)


CHANGES: dict[str, tuple[Callable[[User], Any], dict[str, Any]]] = {
    "joins": (_joins, {"groups": ["manager", "specialist"]}),
    "is added by the group": (_is_added_by_the_group, {"groups": ["manager", "specialist"]}),
    "is set by the group": (_is_set_by_the_group, {"groups": ["manager", "specialist"]}),
    "leaves": (lambda user: user.groups.remove(group("specialist")), {"groups": []}),
    "leaves all": (lambda user: user.groups.clear(), {"groups": []}),
    "is taken out by the group": (_is_taken_out_by_the_group, {"groups": []}),
    "the group is emptied": (lambda _: group("specialist").user_set.clear(), {"groups": []}),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_groups_is_recorded_from_either_side(people: Cast, change: str) -> None:
    before = recorded(people.alice)
    make, differs = CHANGES[change]
    make(people.alice)
    assert recorded(people.alice) == [*before, before[-1] | differs]


def test_of_a_group_that_is_emptied_everybody_is_recorded_and_nobody_else(people: Cast) -> None:
    group("specialist").user_set.clear()
    assert {newest(u)["groups"] == [] for u in (people.alice, people.bob)} == {True}
    assert newest(people.carol)["groups"] == ["manager"]
    assert len(recorded(people.carol)) == len(recorded(people.dave))


def test_a_profile_that_is_taken_away_takes_limit_and_department_with_it(people: Cast) -> None:
    row = profile(people.alice)
    row.limit = Decimal("100.00")
    row.save()
    assert newest(people.alice)["limit"] == "100.00"
    SigningProfile.objects.get(user=people.alice).delete()
    assert (newest(people.alice)["limit"], newest(people.alice)["department"]) == ("", "")


def test_an_account_that_is_closed_and_opened_again_is_two_entries(people: Cast) -> None:
    before = len(recorded(people.bob))
    for active in (False, True):
        people.bob.is_active = active
        people.bob.save(update_fields=["is_active"])
    assert [r["active"] for r in recorded(people.bob)[before:]] == [False, True]


@pytest.mark.parametrize(
    "change",
    [
        lambda user: user.save(),
        lambda user: user.groups.add(Group.objects.get(name="specialist")),
        lambda user: SigningProfile.objects.get(user=user).save(),
        lambda user: setattr(user, "last_login", timezone.now()) or user.save(update_fields=["last_login"]),
        lambda user: user.set_password("another one") or user.save(),
    ],
    ids=["saved", "added again", "profile saved", "signed in", "another password"],
)
def test_what_changes_no_right_is_no_entry(people: Cast, change: Callable[[User], Any]) -> None:
    before = recorded(people.alice)
    change(people.alice)
    assert recorded(people.alice) == before


def test_rights_of_somebody_who_is_gone_are_not_recorded(people: Cast) -> None:
    count = Entry.objects.count()
    rights.record(User(pk=999_999))
    assert Entry.objects.count() == count


# --- when access ends ---------------------------------------------------------------------------------------


def ends(user: User, at: datetime | None) -> None:
    SigningProfile.objects.filter(user=user).update(until=at)


def test_access_ends_at_the_moment_itself(people: Cast) -> None:
    at = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    ends(people.erin, at)
    assert rights.ended(people.erin, at) == at
    assert rights.ended(people.erin, at + timedelta(microseconds=1)) == at
    assert rights.ended(people.erin, at - timedelta(microseconds=1)) is None
    assert rights.ended(people.alice, at) is None


def test_whose_access_has_ended_has_no_group_and_no_right(people: Cast) -> None:
    ends(people.erin, timezone.now() - timedelta(seconds=1))
    assert rights.groups_now(people.erin) == frozenset()
    assert not access.may_now(people.erin, READ_CASES)
    ends(people.erin, timezone.now() + timedelta(hours=1))
    assert rights.groups_now(people.erin) == {"auditor"}
    assert access.may_now(people.erin, READ_CASES)


def test_what_a_request_remembers_does_not_count_for_a_write(people: Cast) -> None:
    assert access.may(people.alice, DECIDE)
    people.alice.groups.clear()
    assert access.may(people.alice, DECIDE)  # the page was begun as a specialist
    assert not access.may_now(people.alice, DECIDE)


def test_an_account_that_is_off_may_nothing_now_whatever_its_groups(people: Cast) -> None:
    people.carol.is_active = False
    assert not access.may_now(people.carol, SEE)


@pytest.mark.parametrize(
    ("who", "title"),
    [
        ("alice", "Specialist"),
        ("carol", "Manager"),
        ("erin", "Auditor, read only"),
        ("frank", "Administrator"),
    ],
)
def test_under_a_name_stands_the_group(people: Cast, who: str, title: str) -> None:
    assert access.title_of(getattr(people, who)) == title


def test_a_title_of_ones_own_goes_before_the_group_and_nobody_is_in_none(people: Cast) -> None:
    row = profile(people.alice)
    row.title = "Buyer, Köln"
    row.save()
    assert access.title_of(User.objects.get(pk=people.alice.pk)) == "Buyer, Köln"
    assert access.title_of(User.objects.create_user("new")) == "No group"


def test_of_several_groups_the_one_that_decides_is_named(people: Cast) -> None:
    people.erin.groups.add(group("manager"))
    assert access.title_of(User.objects.get(pk=people.erin.pk)) == "Manager"


# --- limits -------------------------------------------------------------------------------------------------


def test_somebody_in_the_cast_signs_by_their_group(people: Cast) -> None:
    from reviews.signing import limit_of

    assert limit_of(people.alice, frozenset({"specialist"})) == Decimal("25000.00")
    assert limit_of(people.alice, frozenset({"specialist", "manager"})) == Decimal("1000000.00")
    assert limit_of(people.erin, frozenset({"auditor"})) is None
    own = cast.person("gina", "manager", limit="0.00")
    assert limit_of(own, frozenset({"manager"})) == 0  # nothing is a limit, not its absence
