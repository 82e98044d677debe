"""What is overdue goes to the backup of its department, who may answer it; time itself answers nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from audit import clock
from audit.ledger import data_of
from audit.models import Entry
from coordination.facts import policies
from coordination.governance.policy import default_text, parse
from coordination.services import deadlines
from reviews import coverage, selectors, signing
from reviews.errors import NotAllowed
from reviews.models import Escalation
from reviews.open_lists import Filters
from tests import cast
from tests.cast import Cast, bill

pytestmark = pytest.mark.django_db

FRIDAY = datetime(2026, 11, 20, 14, tzinfo=UTC)


@pytest.fixture
def in_force(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Put a policy with these sections in force."""

    def put(**sections: Any) -> None:
        policy = parse(json.dumps(json.loads(default_text()) | sections), 1)
        monkeypatch.setattr(policies, "active", lambda: policy)

    return put


def asked() -> Escalation:
    """A question of procurement: a price is over."""
    cast.trade(bill(unit_price="11.00"))
    row = cast.question()
    assert row.queue == "procurement"
    return row


def overdue() -> Escalation:
    row = asked()
    deadlines.run(row.due_at)
    row.refresh_from_db()
    return row


def test_before_its_time_is_over_nobody_else_may_answer(people: Cast, in_force: Any) -> None:
    in_force(backup={"procurement": "finance"})
    row = asked()
    with pytest.raises(NotAllowed, match="one for procurement; you answer those of finance"):
        cast.answer(row, "approve", by=people.bob)


def test_when_its_time_is_over_the_backup_answers_it_as_its_own(people: Cast, in_force: Any) -> None:
    in_force(backup={"procurement": "finance"})
    row = overdue()
    assert (row.status, row.verdict, row.backup) == ("open", "", "finance")
    entry = Entry.objects.get(subject=row.subject, type="escalation.overdue")
    assert data_of(entry.body)["backup"] == "finance"
    cast.answer(row, "approve", by=people.bob)
    assert cast.standing() == ("cleared", "human", [])
    cast.assert_sound()


def test_who_is_the_backup_stands_on_the_case_and_in_the_list(
    people: Cast, client: Client, in_force: Any
) -> None:
    in_force(backup={"procurement": "finance"})
    row = overdue()
    client.force_login(people.alice)
    page = client.get(f"/inbox/{row.pk}/").content.decode()
    assert "Passed on to finance: Bob" in page
    [group] = selectors.listing(Filters(), "human:1").groups
    assert group.rows[0].passed_on == "finance"
    assert "to finance</span>" in page


def test_the_backup_signs_within_its_own_limit_and_never_its_own_work(people: Cast, in_force: Any) -> None:
    in_force(backup={"procurement": "finance"})
    row = overdue()
    profile = people.bob.signing_profile
    profile.limit = 100
    profile.save()
    with pytest.raises(NotAllowed, match=r"over your limit of EUR 100\.00"):
        cast.answer(row, "approve", by=people.bob)
    profile.limit = None
    profile.save()
    row.makers = [f"human:{people.bob.pk}"]
    people.bob.refresh_from_db()
    assert "You made what is decided here" in signing.objection(row, people.bob)


def test_without_a_backup_it_goes_to_the_managers_and_nobody_gains_a_right(people: Cast) -> None:
    row = overdue()
    assert row.backup == ""
    [group] = selectors.listing(Filters(), "human:1").groups
    assert group.rows[0].passed_on == "managers"
    assert coverage.objection(row, coverage.who(people.bob)) != ""
    assert coverage.objection(row, coverage.who(people.carol)) == ""


def test_time_never_answers_whatever_the_policy_says(people: Cast, in_force: Any) -> None:
    in_force(backup={"procurement": "finance", "finance": "operations", "operations": "procurement"})
    row = asked()
    for days in range(1, 60, 7):
        deadlines.run(row.due_at + timedelta(days=days))
    row.refresh_from_db()
    assert (row.status, row.verdict, row.decided_by, row.verdicts.count()) == ("open", "", "", 0)
    assert cast.standing()[1] == "escalated"
    cast.assert_sound()


def test_half_of_the_time_over_a_weekend_is_half_of_the_business_time(people: Cast) -> None:
    """Asked on Friday at 15:00 in Berlin, due on Monday at 15:00: the warning is not on Sunday."""
    with clock.simulated(FRIDAY):
        row = asked()
    assert (row.due_at - timedelta(days=3)).hour == row.opened_at.hour
    assert row.warn_at is not None
    monday = FRIDAY + timedelta(days=2, hours=12)
    assert row.warn_at - monday < timedelta(minutes=1)
    assert deadlines.run(FRIDAY + timedelta(days=1, hours=20)) == (0, 0)
    assert selectors.clock_of(row, FRIDAY + timedelta(days=1, hours=20)).level == ""
    assert deadlines.run(row.warn_at) == (1, 0)
    assert selectors.clock_of(row, row.warn_at).level == "warn"


def test_a_question_of_before_warns_at_half_of_all_its_time(people: Cast) -> None:
    row = asked()
    row.warn_at = None
    assert row.half_time == row.opened_at + (row.due_at - row.opened_at) / 2
