"""A question that nobody may answer any more is found and shown, with why; nothing answers it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client

from coordination import jobs
from coordination.facts import policies
from coordination.governance.policy import default_text, parse
from coordination.services import deadlines
from reviews import delegation, policy, signing, unanswerable
from reviews.errors import NotAllowed
from reviews.models import Escalation, OpenQuestion, SigningProfile
from reviews.open_lists import queues
from tests import cast
from tests.cast import Cast, bill, order

pytestmark = pytest.mark.django_db


def asked(price: str = "11.00", ordered: str = "10.00") -> Escalation:
    cast.trade(bill(unit_price=price), orders=(order(unit_price=ordered),))
    return cast.question()


def large() -> Escalation:
    """59,500.00: two people sign, and managers alone for so much."""
    row = asked("500.00", "500.00")
    assert row.quorum == 2
    return row


def leave(*people: User) -> None:
    for user in people:
        user.is_active = False
        user.save()


def seen() -> str:
    """Why nobody may answer the question, as the minute's look finds it."""
    deadlines.look_for_unanswerable(cast.moment())
    return OpenQuestion.objects.get().nobody


def test_what_somebody_may_answer_is_not_found(people: Cast) -> None:
    asked()
    assert seen() == ""
    assert OpenQuestion.objects.get().looked_at is not None


def test_last_approver_leaves(people: Cast) -> None:
    """One after the other; with the last of them it is seen, and when one comes back it is over."""
    row = asked()
    leave(people.alice, people.carol)
    assert seen() == ""
    leave(people.dave)
    assert seen() == "Nobody may answer this: nobody who is here has the right to."
    row.refresh_from_db()
    assert (row.status, row.verdict, row.verdicts.count()) == ("open", "", 0)
    assert cast.standing()[1] == "escalated"
    people.dave.is_active = True
    people.dave.save()
    assert seen() == ""
    cast.assert_sound()


def test_of_two_signatures_the_second_is_nobodys(people: Cast) -> None:
    row = large()
    assert seen() == ""
    cast.answer(row, "approve", by=people.carol)
    leave(people.dave)
    said = seen()
    assert said.startswith("Nobody may answer this: ")
    assert "Carol has signed" in said
    assert "Bob signs up to EUR 25,000.00" in said


def test_one_is_left_where_two_have_to_sign(people: Cast) -> None:
    large()
    leave(people.dave)
    assert seen().startswith("2 have still to sign, and 1 may: ")


def test_whoever_is_left_has_made_it(people: Cast) -> None:
    row = asked()
    leave(people.alice, people.dave)
    cast.take_in(cast.table("orders", order(unit_price="10.50")), actor=f"human:{people.carol.pk}")
    assert seen() == "Nobody may answer this: Carol made it."
    with pytest.raises(NotAllowed):
        cast.answer(row, "approve", by=people.carol)


def test_a_limit_that_is_lowered_leaves_nobody_and_the_words_say_the_limits(people: Cast) -> None:
    asked("300.00", "290.00")
    SigningProfile.objects.filter(user__in=[people.carol, people.dave]).update(limit=10_000)
    said = seen()
    assert "Carol signs up to EUR 10,000.00" in said
    assert "Dave signs up to EUR 10,000.00" in said
    SigningProfile.objects.filter(user=people.dave).update(limit=None)
    assert seen() == ""


def test_a_group_that_has_to_sign_is_gone(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    data = json.loads(default_text())
    [rule] = [r for r in data["rules"] if r["id"] == "B-02"]
    rule["signers"] = ["finance", "manager"]
    stated = parse(json.dumps(data), 1)
    monkeypatch.setattr(policies, "active", lambda: stated)
    asked("100.00", "100.00")
    assert seen() == ""
    leave(people.bob)
    assert seen().startswith("Nobody may sign for finance")


def test_a_delegate_is_somebody(people: Cast) -> None:
    asked()
    today = cast.moment().astimezone(policy.zone()).date()
    row = delegation.arrange(people.alice, people.bob, today, today, by=people.alice)
    leave(people.carol, people.dave)
    assert seen() == ""
    delegation.end(row.pk, by=people.alice)
    assert seen() == ""  # Alice herself
    leave(people.alice)
    assert seen() != ""


def test_what_states_no_amount_is_a_managers_to_reject(people: Cast) -> None:
    row = asked()
    row.amount = row.amount_company = None
    members = unanswerable.everybody()
    assert unanswerable.why_nobody(row, members) == ""
    left = [m for m in members if m.user not in (people.carol, people.dave)]
    assert unanswerable.why_nobody(row, left) != ""


GONE = [(), ("alice",), ("carol", "dave"), ("alice", "carol", "dave"), ("bob", "carol"), ("alice", "bob")]


@pytest.mark.parametrize("gone", GONE)
@pytest.mark.parametrize("make", [asked, large])
def test_it_is_found_just_where_the_refusals_leave_too_few(
    people: Cast, gone: tuple[str, ...], make: Callable[[], Escalation]
) -> None:
    """Held against what each person would be told who answered."""
    row = make()
    leave(*(getattr(people, name) for name in gone))
    able = [u for u in User.objects.filter(is_active=True) if not signing.objection(row, u)]
    assert (seen() != "") == (len(able) < row.quorum)


def test_it_is_looked_at_so_many_at_a_time_the_longest_unseen_first(people: Cast) -> None:
    lines = [bill(invoice_number=f"INV-{n}", order_number="", order_line="") for n in range(4)]
    cast.trade(*lines)
    now = cast.moment()
    unanswerable.check(now, at_most=3)
    assert OpenQuestion.objects.filter(looked_at=now).count() == 3
    later = now + timedelta(minutes=1)
    unanswerable.check(later, at_most=1)
    assert not OpenQuestion.objects.filter(looked_at=None).exists()


def test_list_count_row_and_case_say_it(people: Cast, client: Client) -> None:
    row = asked()
    actor = f"human:{people.carol.pk}"
    assert "nobody" not in [q.key for q in queues(actor)[1]]
    SigningProfile.objects.filter(user__in=[people.carol, people.dave]).update(limit=1)
    leave(people.alice)
    seen()
    [found] = [q for q in queues(actor)[1] if q.key == "nobody"]
    assert (found.title, found.count) == ("Nobody may answer", 1)
    client.force_login(people.carol)
    page = client.get("/inbox/?queue=nobody").content.decode()
    assert "nobody may answer</span>" in page
    assert "Nobody may answer this: Carol signs up to EUR 1.00" in page
    people.alice.is_active = True
    people.alice.save()
    seen()
    page = client.get("/inbox/?queue=nobody").content.decode()
    assert "Everything that is open may be answered by somebody." in page
    assert row.status == "open"


def test_managers_and_administrators_see_the_number_on_the_overview(people: Cast, client: Client) -> None:
    asked()
    leave(people.alice)
    SigningProfile.objects.filter(user__in=[people.carol, people.dave]).update(limit=1)
    seen()
    for user, sees in ((people.carol, True), (people.frank, True), (people.bob, False), (people.erin, False)):
        client.force_login(user)
        page = client.get("/").content.decode()
        assert ("that nobody may answer" in page) == sees
    client.force_login(people.frank)
    assert "queue=nobody" not in client.get("/").content.decode()  # administrators read no cases


def test_an_answered_question_leaves_the_list(people: Cast) -> None:
    row = asked()
    cast.answer(row, "approve", by=people.alice)
    deadlines.look_for_unanswerable(cast.moment())
    assert unanswerable.seen_why(row.pk) == ""


def test_the_minutes_job_looks(people: Cast) -> None:
    row = asked()
    leave(people.alice)
    SigningProfile.objects.filter(user__in=[people.carol, people.dave]).update(limit=1)
    assert unanswerable.seen_why(row.pk) == ""
    jobs.run_clocks(timestamp=0)
    assert unanswerable.seen_why(row.pk).startswith("Nobody may answer this")
