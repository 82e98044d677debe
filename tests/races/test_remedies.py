"""Several people supply facts of one invoice at once: exactly one answer counts."""

from __future__ import annotations

from functools import partial

import pytest

from coordination.models import SuppliedFact
from reviews.errors import LostRace
from reviews.models import Escalation, Verdict
from reviews.services import resolve
from tests import cast
from tests.cast import bill, standing
from tests.races.together import of, together

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_six_who_supply_a_day_one_counts() -> None:
    people = [cast.person(f"specialist-{n}", "specialist", "finance") for n in range(6)]
    cast.trade(bill() | {"issue_date": ""})  # type: ignore[operator]
    question = cast.question()
    given = {"reason": "read_on_document", "comment": "Read.", "remedy": "complete_field"}
    jobs = [
        partial(resolve, question.id, "edit", by=who, terms={"issue_date": f"2026-09-0{n}"}, **given)
        for n, who in enumerate(people, 1)
    ]
    outcomes = together(*jobs)
    [won] = of(Escalation, outcomes)
    assert len(of(LostRace, outcomes)) == 5
    assert (won.status, Verdict.objects.count(), SuppliedFact.objects.count()) == ("edited", 1, 1)
    cast.drain()
    assert str(cast.invoice().issue_date) == SuppliedFact.objects.get().value
    assert standing() == ("cleared", "auto", [])
    cast.assert_sound()
