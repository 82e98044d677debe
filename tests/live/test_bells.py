"""For whom the doorbell rings: each change that may end somebody's access, made from whichever side."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from coordination.live import endings
from coordination.live.access import person_of_session
from coordination.live.hub import RESYNC, Hub, Subscriber
from coordination.live.relay import Relay
from reviews.models import SigningProfile
from tests.cast import Cast

Rung = list[str]


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> Rung:
    """The keys of the people for whom it rang, in order."""
    found: Rung = []
    monkeypatch.setattr(endings, "check_again", lambda person: found.append(str(person)))
    return found


def group(name: str) -> Any:
    return Group.objects.get(name=name)


def _switched_off(user: User) -> None:
    user.is_active = False
    user.save()


def _another_password(user: User) -> None:
    user.set_password("another one")
    user.save(update_fields=["password"])


def _profile_changed(user: User) -> None:
    row = SigningProfile.objects.get(user=user)
    row.until = timezone.now() + timedelta(days=1)
    row.save()


def _signed_out(user: User) -> None:
    browser = Client()
    browser.force_login(user)
    browser.logout()


def _added_by_the_group(user: User) -> None:
    group("manager").user_set.add(user)


def _taken_out_by_the_group(user: User) -> None:
    group("specialist").user_set.remove(user)


CHANGES: dict[str, Callable[[User], Any]] = {
    "switched off": _switched_off,
    "another password": _another_password,
    "profile changed": _profile_changed,
    "signed out": _signed_out,
    "joins": lambda user: user.groups.add(group("manager")),
    "leaves": lambda user: user.groups.remove(group("specialist")),
    "leaves all": lambda user: user.groups.clear(),
    "is added by the group": _added_by_the_group,
    "is taken out by the group": _taken_out_by_the_group,
}


@pytest.mark.django_db
@pytest.mark.parametrize("change", CHANGES)
def test_the_bell_rings_for_the_person_whose_access_may_have_changed(
    people: Cast, rung: Rung, change: str
) -> None:
    CHANGES[change](people.alice)
    assert set(rung) == {str(people.alice.pk)}


@pytest.mark.django_db
def test_for_a_group_that_is_emptied_it_rings_for_each_who_was_in_it(people: Cast, rung: Rung) -> None:
    group("specialist").user_set.clear()
    assert sorted(rung) == sorted(str(u.pk) for u in (people.alice, people.bob))


@pytest.mark.django_db
def test_neither_a_sign_in_nor_a_new_account_rings_a_bell(people: Cast, rung: Rung) -> None:
    people.alice.save(update_fields=["last_login"])
    User.objects.create_user("new")
    assert rung == []


@pytest.mark.django_db
def test_a_session_of_nobody_rings_no_bell(rung: Rung) -> None:
    empty = SessionStore()
    empty.create()
    Session.objects.get(pk=empty.session_key).delete()
    assert rung == []


# --- who a socket is ----------------------------------------------------------------------------------------


def key_of(user: User) -> str:
    browser = Client()
    browser.force_login(user)
    return str(browser.session.session_key)


@pytest.mark.django_db
def test_a_socket_is_whoever_signed_in_with_the_groups_of_now(people: Cast) -> None:
    key = key_of(people.alice)
    found = person_of_session(key)
    assert found is not None
    assert (found.person, found.groups) == (str(people.alice.pk), {"specialist"})
    people.alice.groups.add(group("manager"))
    again = person_of_session(key)
    assert again is not None
    assert again.groups == {"specialist", "manager"}


@pytest.mark.django_db
@pytest.mark.parametrize("key", [None, "", "no-such-session", "x" * 300, "a/../b", "ÄÖ"])
def test_a_key_that_opens_no_session_is_nobody(key: str | None) -> None:
    assert person_of_session(key) is None


@pytest.mark.django_db
@pytest.mark.parametrize("end", ["switched off", "another password"])
def test_a_session_whose_account_changed_is_nobodys(people: Cast, end: str) -> None:
    key = key_of(people.alice)
    CHANGES[end](people.alice)
    assert person_of_session(key) is None


@pytest.mark.django_db
def test_a_session_ends_with_the_persons_time(people: Cast) -> None:
    key = key_of(people.erin)
    SigningProfile.objects.filter(user=people.erin).update(until=timezone.now() + timedelta(hours=1))
    assert person_of_session(key) is not None
    SigningProfile.objects.filter(user=people.erin).update(until=timezone.now(), limit=Decimal(5))
    assert person_of_session(key) is None


# --- what the relay passes on -------------------------------------------------------------------------------


@pytest.fixture
def hub() -> Hub:
    return Hub()


def follower(hub: Hub, *topics: str, person: str = "") -> Subscriber:
    one = Subscriber()
    one.person = person
    hub.join(one)
    hub.subscribe(one, topics)
    return one


def heard(one: Subscriber) -> list[Any]:
    return [json.loads(text) for text in one._waiting]


def test_a_notification_may_name_several_things_of_several_kinds(hub: Hub) -> None:
    one, other = follower(hub, "inbox", "invoice/7"), follower(hub, "flow")
    Relay(hub).announce('{"topics": [["inbox", 5], ["invoice", "7"], ["invoice", "8"], ["flow", ""]]}')
    assert heard(one) == [{"topic": "inbox", "id": "5"}, {"topic": "invoice", "id": "7"}]
    assert heard(other) == [{"topic": "flow", "id": ""}]


def test_a_notification_that_asks_to_reload_says_nothing_beside_it(hub: Hub) -> None:
    one = follower(hub, "inbox")
    Relay(hub).announce('{"topics": [["inbox", 5]], "resync": true}')
    assert list(one._waiting) == [RESYNC]


@pytest.mark.parametrize("payload", ["{}", '{"topics": []}', '{"resync": false}', '{"unheard": 1}'])
def test_a_notification_of_nothing_moves_no_page(hub: Hub, payload: str) -> None:
    one = follower(hub, "inbox")
    Relay(hub).announce(payload)
    assert heard(one) == []
    assert not one.doubt.is_set()


@pytest.mark.parametrize("written", ["7", '"7"'])
def test_a_bell_rings_for_every_socket_of_one_person_and_for_nobody_else(hub: Hub, written: str) -> None:
    mine, mine_too = follower(hub, person="7"), follower(hub, "inbox", person="7")
    others, strangers = follower(hub, person="77"), follower(hub)
    Relay(hub).announce(f'{{"person": {written}}}')
    assert [one.doubt.is_set() for one in (mine, mine_too, others, strangers)] == [True, True, False, False]
    assert heard(mine_too) == []  # a page learns of it only if something is lost


def test_after_a_cut_line_everybody_is_in_doubt(hub: Hub) -> None:
    everybody = [follower(hub, person="7"), follower(hub)]
    hub.doubt_all()
    assert all(one.doubt.is_set() for one in everybody)


def test_who_follows_a_kind_and_one_thing_of_it_hears_of_that_once(hub: Hub) -> None:
    one = follower(hub, "invoice", "invoice/7")
    hub.publish("invoice", "7")
    assert heard(one) == [{"topic": "invoice", "id": "7"}]


def test_what_was_taken_back_is_heard_no_more_and_the_rest_is(hub: Hub) -> None:
    one, other = follower(hub, "inbox", "flow"), follower(hub, "inbox")
    hub.unsubscribe(one, ["inbox", "never followed"])
    hub.publish("inbox", "5")
    hub.publish("flow", "1")
    assert heard(one) == [{"topic": "flow", "id": "1"}]
    assert heard(other) == [{"topic": "inbox", "id": "5"}]
    assert one.topics == {"flow"}


def test_who_leaves_is_forgotten_with_all_topics(hub: Hub) -> None:
    one = follower(hub, "inbox", "invoice/7")
    hub.leave(one)
    assert (one.topics, len(hub), dict(hub._by_topic)) == (set(), 0, {})


@pytest.mark.parametrize(("waiting", "resync"), [(255, False), (256, False), (257, True)])
def test_as_many_announcements_wait_as_the_queue_is_long(waiting: int, resync: bool) -> None:
    one = Subscriber()
    for n in range(waiting):
        one.offer(f"{n}")
    assert (list(one._waiting) == [RESYNC]) is resync
    assert len(one._waiting) == (1 if resync else waiting)


def test_once_told_to_reload_nothing_else_is_worth_saying() -> None:
    one = Subscriber(length=2)
    one.offer("a")
    one.offer(RESYNC)
    one.offer("b")
    assert list(one._waiting) == [RESYNC]
