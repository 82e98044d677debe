"""Several managers, or one who clicks twice, have a plan of the quality review made: there is one."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import pytest

from audit import clock
from coordination.models import ReviewPlan
from coordination.services.behaviour import plan_review
from reviews.models import Escalation
from tests import cast
from tests.behaviour.reviewed import Went, write
from tests.races.together import of, together

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_of_several_clicks_and_the_clock_at_one_moment_one_makes_a_plan(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(plan_review, "LEAST", 1)
    people = cast.people()
    write([Went("0.98", amount="500.00") for _ in range(110)], NOW)
    with clock.simulated(NOW):
        clicks = [partial(plan_review.make, by=who) for who in (people.carol, people.carol, people.dave)]
        outcomes = together(*clicks, partial(plan_review.make_monthly, NOW))
    assert len(of(ReviewPlan, outcomes)) == 1, outcomes
    assert len(of(plan_review.StillWaits, outcomes)) in {2, 3}, outcomes
    assert ReviewPlan.objects.count() == Escalation.objects.filter(kind="review_plan").count() == 1
