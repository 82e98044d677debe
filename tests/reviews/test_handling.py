"""What people do with a case short of answering it: say something, hand it over, put it aside. None of it is
an answer, each is an entry, and what was put aside comes back by itself."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from audit import clock, inspection
from audit.models import Entry
from coordination import jobs
from coordination.services import deadlines
from reviews import aside, assignment, fields, handling, signals
from reviews.errors import Claimed, LostRace, NotAllowed, Refused
from reviews.handling import Awaited
from reviews.models import Escalation, Mention, OpenQuestion
from reviews.names import person
from reviews.open_lists import ASIDE, MENTIONED, MINE, Filters, listed, of_list, queues, totals
from reviews.selectors import listing
from tests import cast
from tests.cast import Cast, bill, table

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(people: Cast) -> Escalation:
    """A price that is too high: a question for procurement."""
    cast.trade(bill(unit_price="12.00"))
    return cast.question()


def entries(row: Escalation) -> list[str]:
    """The types of what was done with a question."""
    return [
        e.type
        for e in Entry.objects.filter(subject=row.subject).order_by("seq")
        if e.type.startswith("escalation.") and e.type != "escalation.opened"
    ]


def fresh(row: Escalation) -> Escalation:
    return Escalation.objects.get(pk=row.pk)


def seen(user: User, queue: str = "") -> list[Escalation]:
    """The questions of a list as this person sees it."""
    keys = listed(of_list(queue), person(user), []).values_list("pk", flat=True)
    return list(Escalation.objects.filter(pk__in=keys))


def later(**hours: int) -> datetime:
    return clock.now() + timedelta(**hours)


# --- remarks ------------------------------------------------------------------------------------------------


def test_a_remark_is_an_entry_whose_words_can_be_erased(asked: Escalation, people: Cast) -> None:
    handling.remark(asked.id, " The buyer is on holiday. ", by=people.alice)
    assert entries(asked) == ["escalation.remarked"]
    body = Entry.objects.get(type="escalation.remarked").body
    assert "holiday" not in body
    assert fresh(asked).version == asked.version, "what is asked is as it was"
    assert inspection.verify().findings == []


def test_whom_a_remark_names_finds_it_until_the_case_is_answered(asked: Escalation, people: Cast) -> None:
    handling.remark(asked.id, "@carol, do you know this? cc @carol.", by=people.alice)
    assert seen(people.carol, MENTIONED) == [asked]
    assert seen(people.bob, MENTIONED) == []
    assert [q.title for q in queues(person(people.carol))[1]][-1] == "Mentions me"
    cast.answer(asked, "approve", by=people.carol)
    assert seen(people.carol, MENTIONED) == []
    assert not Mention.objects.exists()


def test_nobody_is_named_who_reads_no_cases(asked: Escalation, people: Cast) -> None:
    for words in ("Ask @frank.", "Ask @nobody.", "Ask @" + "x" * 150):
        with pytest.raises(Refused, match="called @"):
            handling.remark(asked.id, words, by=people.alice)
    assert entries(asked) == []
    handling.remark(asked.id, "Mail to buyer@example.com, and 5@12.00 is no name.", by=people.alice)
    assert not Mention.objects.exists()


def test_a_remark_says_something_and_not_too_much(asked: Escalation, people: Cast) -> None:
    with pytest.raises(Refused):
        handling.remark(asked.id, " \n ", by=people.alice)
    with pytest.raises(fields.TooLong):
        handling.remark(asked.id, "x" * (fields.MOST_WORDS + 1), by=people.alice)


def test_an_auditor_may_say_something_and_do_nothing_else(asked: Escalation, people: Cast) -> None:
    handling.remark(asked.id, "Seen by audit.", by=people.erin)
    with pytest.raises(NotAllowed):
        handling.put_aside(asked.id, later(hours=3), by=people.erin)
    with pytest.raises(NotAllowed):
        handling.hand_over(asked.id, people.alice, by=people.erin)


# --- handing over -------------------------------------------------------------------------------------------


def test_a_case_is_handed_to_somebody_who_may_answer_it(asked: Escalation, people: Cast) -> None:
    handling.hand_over(asked.id, people.carol, by=people.alice, why="Above what I know.")
    assert fresh(asked).owner == person(people.carol)
    assert seen(people.carol, MINE) == [asked]
    assert entries(asked) == ["escalation.handed_over"]
    assert "Above" not in Entry.objects.get(type="escalation.handed_over").body


def test_nobody_is_given_what_they_do_not_answer(asked: Escalation, people: Cast) -> None:
    for user in (people.bob, people.erin, people.frank):
        with pytest.raises(NotAllowed, match="does not answer this"):
            handling.hand_over(asked.id, user, by=people.alice)
    people.carol.is_active = False
    people.carol.save()
    with pytest.raises(NotAllowed):
        handling.hand_over(asked.id, people.carol, by=people.alice)


def test_colleagues_are_looked_up_in_as_many_queries_for_many_as_for_few(
    asked: Escalation, people: Cast, django_assert_num_queries: Any
) -> None:
    for n in range(12):
        cast.person(f"colleague{n}", "specialist", "procurement")
    with django_assert_num_queries(3):
        found = handling.colleagues(asked, people.alice)
    assert len(found) == 14


def test_the_colleagues_on_offer_are_those_who_may_answer(asked: Escalation, people: Cast) -> None:
    assert handling.colleagues(asked, people.alice) == [people.carol, people.dave]
    assert handling.colleagues(asked, people.carol) == [people.alice, people.dave]
    people.dave.groups.remove(Group.objects.get(name="manager"))
    assert handling.colleagues(asked, people.alice) == [people.carol]


def test_what_a_third_person_is_on_is_not_handed_over_behind_them(asked: Escalation, people: Cast) -> None:
    assignment.claim(asked.id, by=people.dave)
    with pytest.raises(Claimed, match="Dave has claimed this"):
        handling.hand_over(asked.id, people.carol, by=people.alice)
    with pytest.raises(Claimed):
        handling.put_aside(asked.id, later(hours=3), by=people.alice)


# --- putting aside ------------------------------------------------------------------------------------------


def test_what_is_put_aside_leaves_the_list_and_has_its_own(asked: Escalation, people: Cast) -> None:
    handling.put_aside(asked.id, later(hours=3), by=people.alice)
    for user in (people.alice, people.carol):
        assert seen(user) == seen(user, "procurement") == []
        assert seen(user, ASIDE) == [asked]
        assert totals(Filters(), person(user))[0] == 1, "it is open all the same"
    found = listing(Filters(), person(people.alice))
    assert (found.open_count, found.aside, found.groups) == (1, 1, [])
    procurement = listing(Filters(queue="procurement", aside=True), person(people.alice))
    assert (procurement.title, procurement.open_count) == ("Procurement, put aside", 1)
    assert listing(Filters(queue="finance", aside=True), person(people.alice)).groups == []
    for cause, there in (("price_over", 1), ("no_receipt", 0)):
        found = listing(Filters(cause=cause), person(people.alice))
        assert (found.open_count, found.aside) == (there, there), cause
    [group] = listing(of_list(ASIDE), person(people.alice)).groups
    assert group.rows[0].aside == fresh(asked).aside_until
    assert fresh(asked).owner == person(people.alice)
    assert fresh(asked).status == "open", "silence answers nothing"


def test_it_comes_back_at_its_time_also_before_anybody_puts_it_back(asked: Escalation, people: Cast) -> None:
    until = later(hours=3)
    handling.put_aside(asked.id, until, by=people.alice)
    with clock.simulated(until - timedelta(seconds=30)):
        assert handling.return_due(clock.now()) == 0
        assert seen(people.alice) == []
    with clock.simulated(until + timedelta(seconds=1)):
        assert seen(people.alice) == [asked]
        jobs.run_clocks(0)
        assert handling.return_due(clock.now()) == 0
    assert entries(asked)[-1] == "escalation.returned"
    assert (fresh(asked).aside_until, OpenQuestion.objects.get().aside_until) == (None, None)
    assert fresh(asked).owner == person(people.alice), "it comes back to whoever put it aside"


def test_something_that_happens_to_the_invoice_brings_it_back(asked: Escalation, people: Cast) -> None:
    handling.put_aside(asked.id, later(days=14), by=people.alice, awaited=Awaited.EVENT)
    handling.remark(asked.id, "I wait for the delivery note.", by=people.alice)
    assert handling.return_due(clock.now()) == 0, "what people do with it is no news"
    cast.take_in(table("receipts", cast.receipt(receipt_number="GR-2", quantity="1")))
    cast.drain()
    again = Escalation.objects.get(subject=asked.subject, status="open")
    if again.pk == asked.pk:
        assert handling.return_due(clock.now()) == 1
    assert Escalation.objects.get(pk=again.pk).aside_until is None
    assert seen(people.alice) == [again]


def test_its_clock_runs_on_and_what_is_overdue_stands_in_the_list(asked: Escalation, people: Cast) -> None:
    handling.put_aside(asked.id, later(days=29), by=people.alice)
    deadlines.run(asked.due_at + timedelta(minutes=1))
    assert seen(people.carol) == [asked]
    assert (fresh(asked).owner, fresh(asked).aside_for) == ("", "")


def test_what_waits_for_an_event_comes_back_in_the_end_all_the_same(asked: Escalation, people: Cast) -> None:
    handling.put_aside(asked.id, later(hours=2), by=people.alice, awaited=Awaited.EVENT)
    assert handling.return_due(later(hours=3)) == 1


@pytest.mark.parametrize("until", [timedelta(0), -timedelta(days=1), timedelta(days=31)])
def test_nothing_is_put_aside_into_the_past_or_for_good(
    asked: Escalation, people: Cast, until: timedelta
) -> None:
    with pytest.raises(Refused, match="30 days at most"):
        handling.put_aside(asked.id, clock.now() + until, by=people.alice)
    assert fresh(asked).aside_until is None


def test_it_is_taken_back_by_hand(asked: Escalation, people: Cast) -> None:
    handling.put_aside(asked.id, later(hours=3), by=people.alice)
    handling.take_back(asked.id, by=people.alice)
    handling.take_back(asked.id, by=people.alice)
    assert entries(asked) == ["escalation.put_aside", "escalation.returned"]
    assert seen(people.alice) == [asked]


def test_what_is_answered_is_handled_no_more(asked: Escalation, people: Cast) -> None:
    handling.put_aside(asked.id, later(hours=3), by=people.alice)
    cast.answer(asked, "approve", by=people.carol)
    assert handling.return_due(later(hours=4)) == 0
    for act in (
        lambda: handling.remark(asked.id, "Too late.", by=people.alice),
        lambda: handling.put_aside(asked.id, later(hours=3), by=people.alice),
        lambda: handling.hand_over(asked.id, people.carol, by=people.alice),
    ):
        with pytest.raises(LostRace):
            act()
    assert seen(people.alice, ASIDE) == []
    assert inspection.verify().findings == []


# --- moments on offer ---------------------------------------------------------------------------------------


def test_the_mornings_on_offer_are_those_of_working_days() -> None:
    friday = datetime(2026, 11, 27, 15, tzinfo=UTC)
    found = {m.name: m.until.date().isoformat() for m in aside.moments(friday)}
    assert found["tomorrow"] == "2026-11-30"
    assert found["days"] == "2026-12-02"
    assert "monday" not in found, "it is the same morning"


def test_a_day_of_ones_own_is_read_or_refused() -> None:
    now = datetime(2026, 11, 27, 15, tzinfo=UTC)
    chosen = aside.chosen("day", "2026-12-24", now)
    assert chosen is not None
    assert chosen.until.date().isoformat() == "2026-12-24"
    for name, day in (
        ("day", "soon"),
        ("day", ""),
        ("day", "9999-12-31"),
        ("day", "0001-01-01"),
        ("never", ""),
    ):
        assert aside.chosen(name, day, now) is None


# --- by the page --------------------------------------------------------------------------------------------


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def fields_of(client: Client, row: Escalation) -> dict[str, str]:
    page = client.get(reverse("reviews:case", args=[row.id])).content.decode()
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))


def test_a_claim_is_respected_by_pages_until_it_is_taken_over(asked: Escalation, people: Cast) -> None:
    carol = browser(people.carol)
    form = fields_of(carol, asked) | {"verdict": "approve", "reason": "approve:evidence_complete"}
    assignment.claim(asked.id, by=people.alice)
    page = carol.get(reverse("reviews:case", args=[asked.id])).content.decode()
    assert "Alice has claimed this. Take it over" in page
    refused = carol.post(reverse("reviews:decide", args=[asked.id]), form | {"comment": "I know it."})
    assert refused.status_code == 409
    assert "Your text is kept." in refused.content.decode()
    assert fresh(asked).status == "open"
    assignment.claim(asked.id, by=people.carol, take_over=True)
    assert carol.post(reverse("reviews:decide", args=[asked.id]), form).status_code == 302
    assert fresh(asked).status == "approved"


def test_who_takes_over_is_shown_the_verdicts_at_once(asked: Escalation, people: Cast) -> None:
    assignment.claim(asked.id, by=people.alice)
    carol = browser(people.carol)
    taken = carol.post(
        reverse("reviews:claim", args=[asked.id]), {"take_over": "1"}, headers={"HX-Request": "true"}
    )
    assert taken["HX-Retarget"] == "#case"
    page = taken.content.decode()
    assert "Claimed by you" in page
    assert "data-verdicts" in page


def test_others_hear_of_each_act_as_it_happens(asked: Escalation, people: Cast) -> None:
    heard: list[str] = []

    def hear(escalation: Escalation, **_: object) -> None:
        heard.append(entries(escalation)[-1])

    signals.handled.connect(hear)
    try:
        assignment.claim(asked.id, by=people.alice)
        handling.remark(asked.id, "Hm.", by=people.bob)
        handling.put_aside(asked.id, later(hours=3), by=people.alice)
        handling.return_due(later(hours=4))
        handling.hand_over(asked.id, people.carol, by=people.alice)
        assignment.release(asked.id, by=people.carol)
    finally:
        signals.handled.disconnect(hear)
    assert heard == [
        f"escalation.{what}"
        for what in ("claimed", "remarked", "put_aside", "returned", "handed_over", "released")
    ]


def test_each_act_is_one_form_of_the_case(asked: Escalation, people: Cast) -> None:
    alice = browser(people.alice)
    alice.post(reverse("reviews:remark", args=[asked.id]), {"text": "Look at line 1, @carol."})
    alice.post(reverse("reviews:put_aside", args=[asked.id]), {"until": "event"})
    page = alice.get(reverse("reviews:case", args=[asked.id])).content.decode()
    assert "Look at line 1, @carol." in page
    assert "Put aside until" in page
    alice.post(reverse("reviews:take_back", args=[asked.id]))
    alice.post(reverse("reviews:hand_over", args=[asked.id]), {"to": str(people.carol.pk), "why": "Yours."})
    assert entries(asked) == [
        "escalation.remarked",
        "escalation.put_aside",
        "escalation.returned",
        "escalation.handed_over",
    ]
    page = browser(people.carol).get(reverse("reviews:case", args=[asked.id])).content.decode()
    assert "Handed over to Carol" in page
    assert "“Yours.”" in page


def test_what_is_refused_is_said_on_the_case(asked: Escalation, people: Cast) -> None:
    alice = browser(people.alice)
    for name, sent, told in (
        ("remark", {"text": "@nobody"}, "called @nobody"),
        ("put_aside", {"until": "day", "day": "2020-01-01"}, "Choose until when"),
        ("hand_over", {"to": ""}, "Choose whom"),
        ("hand_over", {"to": str(people.bob.pk)}, "does not answer this"),
    ):
        answer = alice.post(reverse(f"reviews:{name}", args=[asked.id]), sent, follow=True)
        assert told in answer.content.decode(), name
    assert entries(asked) == []


def test_what_is_put_aside_goes_on_to_the_next_case(people: Cast) -> None:
    cast.trade(bill(unit_price="12.00"), bill(invoice_number="INV-2", unit_price="13.00"))
    first, second = cast.question("INV-1"), cast.question("INV-2")
    alice = browser(people.alice)
    answer = alice.post(
        reverse("reviews:put_aside", args=[first.id]), {"until": "hours"}, headers={"HX-Request": "true"}
    )
    assert str(second.id) in answer["HX-Push-Url"]
    assert answer["HX-Trigger"] == "decided"
