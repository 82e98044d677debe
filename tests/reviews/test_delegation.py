"""Somebody is away: a colleague answers their questions, too, from a day to a day, and no more than that."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import IntegrityError, connection
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import clock
from audit.ledger import data_of
from audit.models import Entry
from coordination.facts.business_hours import business_hours
from coordination.services import deadlines, manual_hold
from reviews import assignment, coverage, delegation, principals, signing
from reviews.delegation import Circle, NoSuchDelegation
from reviews.errors import Claimed, NotAllowed, Refused
from reviews.models import Delegation, Escalation, SigningProfile, Verdict
from reviews.open_lists import Filters, listed
from tests import cast
from tests.cast import Cast, bill

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


BERLIN = business_hours().zone


def today() -> date:
    return datetime.now(UTC).astimezone(BERLIN).date()


def away(
    delegator: User, delegate: User, first: int = 0, last: int = 7, by: User | None = None
) -> Delegation:
    """From so many days from today until so many."""
    return delegation.arrange(
        delegator, delegate, today() + first * DAY, today() + last * DAY, by=by or delegator
    )


def asked(**changes: Any) -> Escalation:
    """A question of procurement, Alice's."""
    cast.trade(bill(unit_price="11.00", **changes))
    row = cast.question()
    assert row.queue == "procurement"
    return row


def deputy(limit: str | None = None, department: str = "finance") -> User:
    return cast.person("gina", "specialist", department, limit)


def said_of(user: User) -> list[tuple[str, dict[str, Any]]]:
    rows = Entry.objects.filter(subject=f"person/{user.pk}", type__startswith="delegation.").order_by("seq")
    return [(row.type, data_of(row.body)) for row in rows]


# --- what a delegate answers --------------------------------------------------------------------------------


def test_a_delegate_answers_the_queue_of_the_other_and_the_answer_says_for_whom(people: Cast) -> None:
    row = asked()
    with pytest.raises(NotAllowed, match="one for procurement; you answer those of finance"):
        cast.answer(row, "approve", by=people.bob)
    away(people.alice, people.bob)
    cast.answer(row, "approve", by=people.bob)
    assert cast.standing() == ("cleared", "human", [])
    assert Verdict.objects.get().on_behalf_of == f"human:{people.alice.pk}"
    entry = Entry.objects.get(subject=row.subject, type="verdict.given")
    assert entry.actor == f"human:{people.bob.pk}"
    data = data_of(entry.body)
    assert (data["on_behalf_of"], data["for"]) == (f"human:{people.alice.pk}", "Alice")
    cast.assert_sound()


def test_what_is_ones_own_is_answered_for_nobody(people: Cast) -> None:
    away(people.bob, people.alice)
    cast.answer(asked(), "approve", by=people.alice)
    assert Verdict.objects.get().on_behalf_of == ""
    assert "on_behalf_of" not in data_of(Entry.objects.get(type="verdict.given").body)


def test_what_the_other_has_claimed_is_answered_for_them(people: Cast) -> None:
    row = asked()
    assignment.claim(row.pk, by=people.alice)
    away(people.alice, people.bob)
    actor = f"human:{people.bob.pk}"
    [found] = listed(Filters("mine"), actor, [])
    assert found.pk == row.pk
    row.refresh_from_db()
    cast.answer(row, "approve", by=people.bob)
    assert Verdict.objects.get().on_behalf_of == f"human:{people.alice.pk}"


def test_of_a_manager_only_what_they_have_claimed_goes_over(people: Cast) -> None:
    """A manager answers every queue by their group, and no group goes over."""
    row = asked()
    gina = deputy("2000000.00")
    away(people.carol, gina)
    assert "one for procurement" in coverage.objection(row, coverage.who(gina))
    assignment.claim(row.pk, by=people.carol)
    row.refresh_from_db()
    assert coverage.objection(row, coverage.who(gina)) == ""
    cast.answer(row, "approve", by=gina)
    assert Verdict.objects.get().on_behalf_of == f"human:{people.carol.pk}"


def test_by_the_page_a_delegate_goes_on_with_what_the_other_has_claimed(people: Cast, client: Client) -> None:
    row = asked()
    assignment.claim(row.pk, by=people.alice)
    client.force_login(people.bob)
    assert "data-verdicts" not in client.get(f"/inbox/{row.pk}/").content.decode()
    away(people.alice, people.bob)
    page = client.get(f"/inbox/{row.pk}/").content.decode()
    assert "data-verdicts" in page
    assert "You answer for" in page
    assert "You answer this for Alice." in page


def test_the_delegates_own_limit_counts(people: Cast) -> None:
    """It was as high when it was arranged; it is their own that is asked when they answer."""
    row, gina = asked(), deputy("25000.00")
    away(people.alice, gina)
    SigningProfile.objects.filter(user=gina).update(limit=100)
    with pytest.raises(NotAllowed, match=r"over your limit of EUR 100\.00"):
        cast.answer(row, "approve", by=User.objects.get(pk=gina.pk))


def test_neither_what_the_delegate_nor_what_the_delegator_made(people: Cast) -> None:
    row = asked()
    away(people.alice, people.bob)
    row.makers = [f"human:{people.alice.pk}"]
    assert "Alice, for whom you answer, made what is decided here." in signing.objection(row, people.bob)
    assert "Bob" not in signing.signers(row)
    row.makers = [f"human:{people.bob.pk}"]
    assert "You made what is decided here" in signing.objection(row, people.bob)
    row.makers = []
    assert signing.objection(row, people.bob) == ""
    assert "Bob" in signing.signers(row)


def test_approver_is_maker_through_an_edit_of_whom_they_answer_for(people: Cast) -> None:
    """Alice brings the order's new price while Bob reads the page for her."""
    row = asked()
    away(people.alice, people.bob)
    seen = row.version
    cast.take_in(cast.table("orders", cast.order(unit_price="10.50")), actor=f"human:{people.alice.pk}")
    with pytest.raises(NotAllowed, match="Alice, for whom you answer, made"):
        cast.answer(row, "approve", by=people.bob, seen_version=seen)


def test_approver_is_maker_through_an_edit(people: Cast) -> None:
    """She could answer when the page was made; then she brings a new price of the order herself."""
    row = asked()
    assert signing.objection(row, people.alice) == ""
    cast.take_in(cast.table("orders", cast.order(unit_price="10.50")), actor=f"human:{people.alice.pk}")
    with pytest.raises(NotAllowed, match="You made what is decided here"):
        cast.answer(row, "approve", by=people.alice, seen_version=row.version)
    assert not Verdict.objects.exists()


def test_a_hold_of_the_other_stays_theirs(people: Cast) -> None:
    """What a person stopped, that person or a manager lifts."""
    cast.trade()
    manual_hold.hold(cast.invoice().id, "Wait for my call.", by=people.alice)
    cast.drain()
    row = cast.question()
    away(people.alice, people.bob)
    with pytest.raises(NotAllowed):
        cast.answer(row, "approve", by=people.bob)


# --- no chains, no circles ----------------------------------------------------------------------------------


def test_a_delegates_delegate_inherits_nothing(people: Cast) -> None:
    row, gina = asked(), deputy(department="operations")
    away(people.alice, people.bob)
    away(people.bob, gina)
    with pytest.raises(NotAllowed, match="one for procurement"):
        cast.answer(row, "approve", by=gina)
    assert [p.name for p in principals.principals_of(gina)] == ["Bob"]


def test_delegation_a_to_b_to_a_is_refused(people: Cast) -> None:
    away(people.alice, people.bob)
    with pytest.raises(Circle, match="Alice has handed over to Bob on some of these days"):
        away(people.bob, people.alice)
    assert Delegation.objects.count() == 1


def test_a_circle_by_a_detour_is_refused_and_one_of_other_days_is_none(people: Cast) -> None:
    gina = deputy(department="operations")
    away(people.alice, people.bob, 0, 10)
    away(people.bob, gina, 5, 15)
    with pytest.raises(Circle):
        away(gina, people.alice, 8, 9)
    away(gina, people.alice, 11, 20)  # by then Alice is back
    assert Delegation.objects.count() == 3


def test_the_database_refuses_a_circle_whoever_writes_it(people: Cast) -> None:
    row = away(people.alice, people.bob)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS reviews_no_circle IMMEDIATE")
    with pytest.raises(IntegrityError, match="in a circle"):
        Delegation.objects.create(
            delegator=people.bob, delegate=people.alice, begins=row.begins, ends=row.ends, by="x", at=row.at
        )


@pytest.mark.parametrize(("same", "backwards"), [(True, False), (False, True)])
def test_the_database_refuses_oneself_and_days_that_run_backwards(
    people: Cast, same: bool, backwards: bool
) -> None:
    now = cast.moment()
    with pytest.raises(IntegrityError, match="reviews_delegation_"):
        Delegation.objects.create(
            delegator=people.bob,
            delegate=people.bob if same else people.alice,
            begins=now,
            ends=now - DAY if backwards else now + DAY,
            by="x",
            at=now,
        )


PEOPLE, DAYS = st.integers(0, 3), st.integers(0, 6)


@settings(max_examples=30)
@given(st.lists(st.tuples(PEOPLE, PEOPLE, DAYS, DAYS), min_size=2, max_size=8))
def test_whatever_is_arranged_there_is_no_circle_on_any_day(plan: list[tuple[int, int, int, int]]) -> None:
    people = [
        User.objects.filter(username=f"p-{n}").first() or cast.person(f"p-{n}", "specialist", "finance")
        for n in range(4)
    ]
    kept: list[tuple[int, int, int, int]] = []
    for a, b, first, last in plan:
        try:
            row = away(people[a], people[b], first, last)
        except Refused:
            continue
        kept.append((a, b, first, last))
        assert (row.last - row.first).days == last - first
    for day in range(7):
        onward = {a: b for a, b, first, last in kept if first <= day <= last}
        for start in onward:
            at, steps = start, 0
            while at in onward and steps < 5:
                at, steps = onward[at], steps + 1
            assert steps < 5, "people stand in for each other in a circle"
    for row in Delegation.objects.filter(ended_at=None):
        delegation.end(row.pk, by=row.delegator)


# --- who may arrange what -----------------------------------------------------------------------------------


def test_only_to_somebody_whose_limit_is_as_high(people: Cast) -> None:
    gina = deputy("24999.99")
    with pytest.raises(NotAllowed, match=r"Gina signs up to EUR 24,999\.99, Alice up to EUR 25,000\.00"):
        away(people.alice, gina)
    with pytest.raises(NotAllowed, match="Choose somebody whose limit is as high"):
        away(people.carol, people.alice)
    away(people.alice, people.bob)  # as high is high enough


def test_a_manager_arranges_it_for_others_and_nobody_else_does(people: Cast) -> None:
    with pytest.raises(NotAllowed, match="Alice or a manager arranges"):
        away(people.alice, people.bob, by=people.bob)
    with pytest.raises(NotAllowed):
        away(people.alice, people.bob, by=people.frank)
    row = away(people.alice, people.bob, by=people.carol)
    assert row.by == f"human:{people.carol.pk}"
    with pytest.raises(NotAllowed, match="Alice or a manager takes this back"):
        delegation.end(row.pk, by=people.bob)
    delegation.end(row.pk, by=people.dave)


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [(-1, 3, "from today on"), (3, 2, "not before the first"), (0, 400, "within 366 days")],
)
def test_days_that_cannot_be_meant_are_refused(people: Cast, first: int, last: int, said: str) -> None:
    with pytest.raises(Refused, match=said):
        away(people.alice, people.bob, first, last)


def test_people_who_decide_nothing_neither_delegate_nor_stand_in(people: Cast) -> None:
    for a, b in ((people.alice, people.erin), (people.erin, people.alice), (people.alice, people.frank)):
        with pytest.raises(Refused, match="decides no cases"):
            delegation.arrange(a, b, today(), today(), by=people.carol)
    with pytest.raises(Refused, match="nobody answers for themselves"):
        away(people.alice, people.alice)


def test_one_colleague_at_a_time(people: Cast) -> None:
    away(people.alice, people.bob)
    with pytest.raises(Refused, match="Bob answers for Alice until"):
        away(people.alice, deputy(), 7, 9)
    away(people.alice, User.objects.get(username="gina"), 8, 9)


# --- when it begins and ends --------------------------------------------------------------------------------


def test_it_begins_and_ends_by_its_days_and_each_is_an_entry(people: Cast) -> None:
    row = away(people.alice, people.bob, 1, 1)
    assert [type_ for type_, _ in said_of(people.alice)] == ["delegation.arranged"]
    assert principals.principals_of(people.bob) == ()
    with clock.simulated(row.begins):
        assert [p.name for p in principals.principals_of(people.bob)] == ["Alice"]
        deadlines.run(clock.now())
        deadlines.run(clock.now())
    with clock.simulated(row.ends - timedelta(seconds=1)):
        assert [p.name for p in principals.principals_of(people.bob)] == ["Alice"]
    with clock.simulated(row.ends):
        assert principals.principals_of(people.bob) == ()
        deadlines.run(clock.now())
    types = [type_ for type_, _ in said_of(people.alice)]
    assert types == ["delegation.arranged", "delegation.begun", "delegation.ended"]
    assert said_of(people.alice)[-1][1]["why"] == "its last day is over"
    cast.assert_sound()


def test_days_are_those_of_the_house(people: Cast) -> None:
    row = away(people.alice, people.bob, 1, 1)
    assert row.begins.astimezone(BERLIN).hour == row.ends.astimezone(BERLIN).hour == 0
    assert row.first == row.last == today() + DAY


def test_taken_back_it_is_over_at_once(people: Cast) -> None:
    asked_ = asked()
    row = away(people.alice, people.bob)
    delegation.end(row.pk, by=people.alice)
    delegation.end(row.pk, by=people.alice)
    with pytest.raises(NotAllowed):
        cast.answer(asked_, "approve", by=people.bob)
    assert [type_ for type_, _ in said_of(people.alice)] == ["delegation.begun", "delegation.ended"]
    with pytest.raises(NoSuchDelegation):
        delegation.end(asked_.pk, by=people.alice)


@pytest.mark.parametrize("which", ["delegator", "delegate"])
@pytest.mark.parametrize("how", ["inactive", "until", "group"])
def test_it_ends_when_either_account_ends(people: Cast, which: str, how: str) -> None:
    row = away(people.alice, people.bob)
    gone: User = getattr(row, which)
    if how == "inactive":
        gone.is_active = False
        gone.save()
    elif how == "until":
        SigningProfile.objects.filter(user=gone).update(until=cast.moment() - DAY)
    else:
        gone.groups.set(Group.objects.filter(name="auditor"))
    if (which, how) != ("delegate", "group"):  # whose own rights are gone with their group
        assert principals.principals_of(people.bob) == ()
    deadlines.run(cast.moment())
    row.refresh_from_db()
    assert row.ended_at is not None
    assert said_of(people.alice)[-1][1]["why"].startswith("an account ended")
    cast.assert_sound()


def test_role_lost_while_the_page_is_open(people: Cast, client: Client) -> None:
    """Bob reads Alice's question for her; before he answers she loses her group, or he his."""
    row = asked()
    away(people.alice, people.bob)
    client.force_login(people.bob)
    page = client.get(f"/inbox/{row.pk}/").content.decode()
    assert "data-verdicts" in page
    people.alice.groups.clear()
    with pytest.raises(NotAllowed, match="one for procurement"):
        cast.answer(row, "approve", by=people.bob, seen_version=row.version)
    people.alice.groups.add(Group.objects.get(name="specialist"))
    people.bob.groups.clear()
    with pytest.raises(NotAllowed):
        cast.answer(row, "approve", by=people.bob, seen_version=row.version)
    row.refresh_from_db()
    assert (row.status, row.verdicts.count()) == ("open", 0)


# --- pages and the command ----------------------------------------------------------------------------------


def test_the_page_arranges_it_and_the_inbox_says_it(people: Cast, client: Client) -> None:
    client.force_login(people.alice)
    page = client.get("/inbox/delegations/").content.decode()
    assert "Everybody answers for themselves." in page
    form = {"delegate": people.bob.pk, "first": today().isoformat(), "last": (today() + DAY).isoformat()}
    found = client.post("/inbox/delegations/arrange/", form, follow=True)
    assert "Bob answers for Alice until" in found.content.decode()
    assert "Take back" in found.content.decode()
    assert "Bob answers for\n      you" in client.get("/inbox/").content.decode()
    client.force_login(people.bob)
    assert "You answer for\n      Alice" in client.get("/inbox/").content.decode()
    assert "Take back</button>" not in client.get("/inbox/delegations/").content.decode()
    row = Delegation.objects.get()
    assert client.post(f"/inbox/delegations/{row.pk}/end/").status_code == 403
    client.force_login(people.carol)
    client.post(f"/inbox/delegations/{row.pk}/end/")
    row.refresh_from_db()
    assert row.ended_at is not None


def test_what_is_refused_is_said_above_the_form_which_keeps_what_was_chosen(
    people: Cast, client: Client
) -> None:
    gina = deputy("100.00")
    client.force_login(people.alice)
    assert "Gina" not in client.get("/inbox/delegations/").content.decode()  # her limit is lower
    form = {"delegate": gina.pk, "first": today().isoformat(), "last": today().isoformat()}
    found = client.post("/inbox/delegations/arrange/", form)
    assert found.status_code == 403
    assert "Gina signs up to EUR 100.00, Alice up to EUR 25,000.00." in found.content.decode()
    assert f'value="{today().isoformat()}"' in found.content.decode()
    for wrong in ({}, {"delegate": "x"}, {"delegate": people.bob.pk, "first": "soon", "last": "later"}):
        assert client.post("/inbox/delegations/arrange/", wrong).status_code == 422
    assert not Delegation.objects.exists()


def run(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("delegation", *arguments, "--json", stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def test_the_command_adds_lists_and_ends(people: Cast) -> None:
    days = "--first", today().isoformat(), "--last", (today() + DAY).isoformat()
    made = run("add", "alice", "bob", *days, "--by", "carol")
    assert (made["from"], made["until"]) == (days[1], days[3])
    [row] = run("list")["delegations"]
    assert (row["delegator"], row["delegate"], row["in_force"]) == ("Alice", "Bob", True)
    run("end", made["delegation"], "--by", "alice")
    assert run("list")["delegations"] == []


@pytest.mark.parametrize(
    "arguments",
    [("add", "alice"), ("end",), ("end", "x", "--by", "alice"), ("add", "alice", "bob", "--by", "alice")],
)
def test_a_command_that_cannot_be_understood_says_how_it_is_called(
    people: Cast, arguments: tuple[str, ...]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(*arguments)
    assert ended.value.code == 2


def test_who_holds_a_claim_of_somebody_else_still_stops_everybody_else(people: Cast, client: Client) -> None:
    row = asked()
    assignment.claim(row.pk, by=people.alice)
    away(people.alice, people.bob)
    with pytest.raises(Claimed):
        assignment.claim(row.pk, by=people.carol)
