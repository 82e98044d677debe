"""People, clocks and delegations at one moment: one order of things holds, and time answers nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from coordination.facts import policies
from coordination.governance.policy import default_text, parse
from coordination.services import deadlines
from reviews import delegation, policy, unanswerable
from reviews.delegation import Circle
from reviews.errors import NotAllowed
from reviews.models import Delegation, Escalation, Verdict
from tests import cast
from tests.cast import Cast, answer, bill
from tests.races.together import of, together

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)


def asked() -> Escalation:
    cast.trade(bill(unit_price="11.00"))
    return cast.question()


@pytest.mark.parametrize("attempt", range(3))
def test_reviewer_and_expiry_at_once(people: Cast, attempt: int) -> None:
    """A person answers in the moment in which the time is over, seen by three clocks."""
    row = asked()
    tick = partial(deadlines.run, row.due_at + attempt * DAY)
    outcomes = together(tick, partial(answer, row, "approve", by=people.alice), tick, tick)
    assert not of(Exception, outcomes), outcomes
    row.refresh_from_db()
    assert (row.status, row.decided_by) == ("approved", f"human:{people.alice.pk}")
    assert Verdict.objects.count() == 1
    assert cast.entries(row.subject).count("escalation.overdue") <= 1
    assert cast.standing()[:2] == ("cleared", "human")
    cast.assert_sound()


def test_delegation_a_to_b_and_b_to_a_at_once_is_one_of_the_two(people: Cast) -> None:
    day = datetime.now(UTC).date() + DAY
    one = partial(delegation.arrange, people.alice, people.bob, day, day, by=people.alice)
    other = partial(delegation.arrange, people.bob, people.alice, day, day, by=people.bob)
    outcomes = together(one, other)
    assert (len(of(Delegation, outcomes)), len(of(Circle, outcomes))) == (1, 1), outcomes
    cast.assert_sound()


@pytest.mark.parametrize("attempt", range(3))
def test_an_answer_while_the_delegation_is_taken_back_counts_or_is_refused(
    people: Cast, attempt: int
) -> None:
    row, today = asked(), datetime.now(UTC).astimezone(policy.zone()).date()
    made = delegation.arrange(people.alice, people.bob, today, today + attempt * DAY, by=people.alice)
    outcomes = together(
        partial(answer, row, "approve", by=people.bob), partial(delegation.end, made.pk, by=people.alice)
    )
    row.refresh_from_db()
    assert len(of(Delegation, outcomes)) == 1, outcomes
    if row.status == "approved":
        assert Verdict.objects.get().on_behalf_of == f"human:{people.alice.pk}"
    else:
        assert len(of(NotAllowed, outcomes)) == 1, outcomes
        assert not Verdict.objects.exists()
    cast.assert_sound()


def test_role_lost_in_the_moment_of_the_answer(people: Cast) -> None:
    """Either the answer came first, or it is refused; there is none by somebody without the right."""
    row = asked()
    outcomes = together(partial(answer, row, "approve", by=people.alice), people.alice.groups.clear)
    row.refresh_from_db()
    if row.status == "approved":
        assert Verdict.objects.get().by == f"human:{people.alice.pk}"
    else:
        assert of(NotAllowed, outcomes), outcomes
        assert not Verdict.objects.exists()
    cast.assert_sound()


def test_last_approver_leaves_in_the_moment_of_the_look(people: Cast) -> None:
    """The look is right of one moment or the other, and the next one of now; nothing is answered by it."""
    row = asked()

    def leave() -> None:
        for user in (people.alice, people.carol, people.dave):
            user.is_active = False
            user.save()

    look = partial(deadlines.look_for_unanswerable, row.opened_at)
    outcomes = together(leave, look, look)
    assert not of(Exception, outcomes), outcomes
    look()
    assert unanswerable.seen_why(row.pk).startswith("Nobody may answer this")
    row.refresh_from_db()
    assert (row.status, Verdict.objects.count()) == ("open", 0)
    cast.assert_sound()


def test_two_of_a_group_at_once_are_not_one_of_each(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    data = json.loads(default_text())
    [rule] = [r for r in data["rules"] if r["id"] == "B-02"]
    rule["signers"] = ["finance", "manager"]
    stated = parse(json.dumps(data), 1)
    monkeypatch.setattr(policies, "active", lambda: stated)
    cast.trade(bill(unit_price="100.00"), orders=(cast.order(unit_price="100.00"),))
    row = cast.question()
    outcomes = together(*(partial(answer, row, "approve", by=p) for p in (people.carol, people.dave)))
    assert (len(of(Escalation, outcomes)), len(of(NotAllowed, outcomes))) == (1, 1), outcomes
    assert answer(row, "approve", by=people.bob).status == "approved"
    cast.assert_sound()
