"""Who is on a case and who looks at it: claims that end by themselves, a next case for each of two people,
and who has what before them now."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from audit import clock, ledger
from audit.models import Entry
from coordination.services import deadlines
from reviews import answering, assignment, channel, exposure, handling, listed, open_lists, presence, signals
from reviews.errors import Claimed
from reviews.models import Escalation, OpenQuestion, Presence
from reviews.names import person
from tests import cast
from tests.cast import Cast, bill, order, receipt

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def asked(people: Cast) -> Escalation:
    """A price that is too high: a question for procurement."""
    cast.trade(bill(unit_price="11.00"))
    return cast.question()


@pytest.fixture
def several(people: Cast) -> list[Escalation]:
    """Three questions for procurement."""
    numbers = ("1", "2", "3")
    cast.trade(
        *(bill(invoice_number=f"INV-{n}", order_number=f"PO-{n}", unit_price=f"1{n}.00") for n in numbers),
        orders=tuple(order(order_number=f"PO-{n}") for n in numbers),
        receipts=tuple(receipt(receipt_number=f"GR-{n}", order_number=f"PO-{n}") for n in numbers),
    )
    return [cast.question(f"INV-{n}") for n in numbers]


def fresh(row: Escalation) -> Escalation:
    return Escalation.objects.get(pk=row.pk)


def later(**how_long: int) -> datetime:
    return clock.now() + timedelta(**how_long)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


# --- claims end by themselves -------------------------------------------------------------------------------


def test_a_claim_ends_when_its_owner_was_not_seen_for_so_long(asked: Escalation, people: Cast) -> None:
    assignment.claim(asked.pk, by=people.alice)
    deadlines.run(later(minutes=29))
    assert fresh(asked).owner == person(people.alice)
    deadlines.run(later(minutes=31))
    assert fresh(asked).owner == ""
    [entry] = Entry.objects.filter(type="escalation.lease_ended")
    assert entry.actor == "system:reviews"
    assert ledger.data_of(entry.body)["from"] == person(people.alice)
    assert OpenQuestion.objects.get(pk=asked.pk).leased_until is None
    cast.assert_sound()


def test_whoever_has_the_case_before_them_keeps_the_claim(asked: Escalation, people: Cast) -> None:
    assignment.claim(asked.pk, by=people.alice)
    presence.note(asked.pk, person(people.alice), typing=False, now=later(minutes=25))
    deadlines.run(later(minutes=50))
    assert fresh(asked).owner == person(people.alice)
    entries = cast.entries(asked.subject)
    assert entries.count("escalation.claimed") == 1, "that it lasts on is no entry"


def test_whoever_only_looks_renews_nobody_elses_claim(asked: Escalation, people: Cast) -> None:
    assignment.claim(asked.pk, by=people.alice)
    presence.note(asked.pk, person(people.carol), typing=False, now=later(minutes=25))
    deadlines.run(later(minutes=31))
    assert fresh(asked).owner == ""


def test_taking_over_begins_a_lease_of_its_own(asked: Escalation, people: Cast) -> None:
    assignment.claim(asked.pk, by=people.alice)
    with clock.simulated(later(minutes=20)):
        assignment.claim(asked.pk, by=people.carol, take_over=True)
    deadlines.run(later(minutes=31))
    assert fresh(asked).owner == person(people.carol)


def test_what_was_handed_over_or_put_aside_waits_for_its_owner(
    several: list[Escalation], people: Cast
) -> None:
    handed, aside, _ = several
    handling.hand_over(handed.pk, people.alice, by=people.carol)
    assignment.claim(aside.pk, by=people.alice)
    handling.put_aside(aside.pk, later(days=2), by=people.alice)
    assignment.end_leases(later(days=1))
    assert [fresh(row).owner for row in (handed, aside)] == [person(people.alice)] * 2


def test_a_claim_does_not_end_under_an_answer_that_waits(
    asked: Escalation, people: Cast, settings: Any
) -> None:
    settings.COUNTERSIGN_UNDO = 10
    assignment.claim(asked.pk, by=people.alice)
    answering.give(
        asked.pk,
        "approve",
        by=people.alice,
        reason="difference_accepted",
        seen_version=asked.version,
        payload_hash=asked.payload_hash,
        shown=exposure.stamp(asked, people.alice),
        via=channel.PAGE,
    )
    assert assignment.end_leases(later(hours=1)) == 0
    assert answering.settle(later(hours=1)) == 1


def test_lists_written_anew_keep_until_when_a_claim_lasts(asked: Escalation, people: Cast) -> None:
    assignment.claim(asked.pk, by=people.alice)
    before = OpenQuestion.objects.get(pk=asked.pk).leased_until
    listed.rebuild()
    assert before is not None
    assert OpenQuestion.objects.get(pk=asked.pk).leased_until == before


def test_the_page_says_until_when_a_claim_lasts(asked: Escalation, people: Cast) -> None:
    assignment.claim(asked.pk, by=people.alice)
    for user in (people.alice, people.carol):
        page = browser(user).get(reverse("reviews:case", args=[asked.pk])).content.decode()
        assert re.search(r"Claimed by (you|Alice) until \d\d:\d\d", page)


# --- next ---------------------------------------------------------------------------------------------------


def take(user: User, queue: str = "") -> Escalation | None:
    keys = open_lists.free(open_lists.of_list(queue), person(user), [])
    return assignment.claim_next(keys, by=user)


def test_two_people_who_ask_for_the_next_case_get_two(several: list[Escalation], people: Cast) -> None:
    first, second = take(people.alice), take(people.carol)
    assert first
    assert second
    assert first.pk != second.pk
    assert [fresh(row).owner for row in (first, second)] == [person(people.alice), person(people.carol)]


def test_the_next_case_is_the_first_of_the_list_that_is_nobodys(
    several: list[Escalation], people: Cast
) -> None:
    keys = open_lists.free(open_lists.of_list(""), person(people.alice), [])
    assignment.claim(keys[0], by=people.carol)
    taken = take(people.alice)
    assert taken
    assert taken.pk == keys[1]


def test_nobody_is_given_what_is_not_theirs_to_sign(asked: Escalation, people: Cast) -> None:
    assert take(people.bob) is None, "he answers another department's"
    people.alice.signing_profile.limit = 1
    people.alice.signing_profile.save()
    assert take(User.objects.get(pk=people.alice.pk)) is None
    assert fresh(asked).owner == ""


def test_by_the_page_the_next_case_is_one_that_nobody_looks_at(
    several: list[Escalation], people: Cast
) -> None:
    keys = open_lists.free(open_lists.of_list(""), person(people.alice), [])
    presence.note(keys[0], person(people.carol), typing=True, now=clock.now())
    response = browser(people.alice).post(reverse("reviews:next"), headers=HTMX)
    assert response["HX-Push-Url"] == reverse("reviews:case", args=[keys[1]])
    assert Escalation.objects.get(pk=keys[1]).owner == person(people.alice)


def test_that_nothing_is_free_is_said(asked: Escalation, people: Cast) -> None:
    assignment.claim(asked.pk, by=people.carol)
    response = browser(people.alice).post(reverse("reviews:next"), headers=HTMX)
    assert response.status_code == 422
    assert "Nothing here is free for you" in response.content.decode()


def test_without_scripts_the_next_case_is_a_page(asked: Escalation, people: Cast) -> None:
    page = browser(people.alice).post(reverse("reviews:next"), follow=True).content.decode()
    assert "Claimed by you" in page


# --- who looks ----------------------------------------------------------------------------------------------


def shown(user: User, now: datetime | None = None) -> list[tuple[str, bool]]:
    """Whom this person sees looking, and whether they have typed something."""
    found = presence.looking(now or clock.now(), but=person(user))
    return [(look.person.name, look.typing) for looks in found.values() for look in looks]


def test_who_looks_is_seen_by_others_and_not_by_oneself(asked: Escalation, people: Cast) -> None:
    presence.note(asked.pk, person(people.alice), typing=False, now=clock.now())
    assert shown(people.carol) == [("Alice", False)]
    assert shown(people.alice) == []
    presence.note(asked.pk, person(people.alice), typing=True, now=clock.now())
    assert shown(people.carol) == [("Alice", True)]


def test_whoever_is_not_heard_of_is_gone(asked: Escalation, people: Cast) -> None:
    presence.note(asked.pk, person(people.alice), typing=False, now=clock.now())
    assert shown(people.carol, later(seconds=40)) == [("Alice", False)]
    assert shown(people.carol, later(seconds=60)) == []
    assert presence.remove_gone(later(seconds=60)) == 1
    assert not Presence.objects.exists()


def test_one_person_looks_at_one_case_at_a_time(several: list[Escalation], people: Cast) -> None:
    for row in several:
        presence.note(row.pk, person(people.alice), typing=False, now=clock.now())
    assert set(presence.looking(clock.now(), but="")) == {several[-1].pk}


def test_others_hear_of_a_change_and_not_of_every_beat(several: list[Escalation], people: Cast) -> None:
    first, second, _ = several
    heard: list[set[Any]] = []

    def hear(*, questions: set[Any], **_: Any) -> None:
        heard.append(set(questions))

    signals.looked.connect(hear)
    try:
        for row, typing in ((first, False), (first, False), (first, True), (second, False)):
            presence.note(row.pk, person(people.alice), typing=typing, now=clock.now())
        presence.leave(person(people.alice))
        presence.leave(person(people.alice))
    finally:
        signals.looked.disconnect(hear)
    assert heard == [{first.pk}, {first.pk}, {first.pk, second.pk}, {second.pk}]


def test_the_pages_tell_each_other(asked: Escalation, people: Cast) -> None:
    alice, carol = browser(people.alice), browser(people.carol)
    assert alice.post(reverse("reviews:look", args=[asked.pk]), {"typing": "1"}).status_code == 204
    page = carol.get(reverse("reviews:looking")).content.decode()
    assert f'data-looks="{asked.pk}"' in page
    assert "Alice is looking now, with something typed that is not sent" in page
    alice.post(reverse("reviews:leave"))
    assert "Alice" not in carol.get(reverse("reviews:looking")).content.decode()


def test_looking_is_no_act(asked: Escalation, people: Cast) -> None:
    entries, version = Entry.objects.count(), asked.version
    presence.note(asked.pk, person(people.alice), typing=True, now=clock.now())
    presence.leave(person(people.alice))
    assert (Entry.objects.count(), fresh(asked).version) == (entries, version)
    cast.assert_sound()


def test_who_looks_at_what_one_may_not_see_is_not_told(asked: Escalation, people: Cast) -> None:
    presence.note(asked.pk, person(people.alice), typing=False, now=clock.now())
    assert presence.looking(clock.now(), but="", hidden=[asked.kind]) == {}


def test_a_claim_by_hand_still_asks_to_be_taken_over(asked: Escalation, people: Cast) -> None:
    assignment.claim(asked.pk, by=people.alice)
    with pytest.raises(Claimed):
        assignment.claim(asked.pk, by=people.carol)
