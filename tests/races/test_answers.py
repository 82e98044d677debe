"""Several people, one question: one answer counts, and everybody else hears whose."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest
from django.contrib.auth.models import User

from coordination.models import Decision
from coordination.workers import runner
from reviews import assignment, bulk, services
from reviews.bulk import Sent
from reviews.errors import Claimed, LostRace, Refused
from reviews.models import Escalation, Verdict
from tests import cast
from tests.cast import answer, bill, order, standing, table, take_in
from tests.races.together import of, together
from tests.reviews.test_groups import open_questions, several

pytestmark = pytest.mark.django_db(transaction=True)


def crowd(size: int, group: str = "specialist") -> list[User]:
    return [cast.person(f"{group}-{n}", group, "procurement") for n in range(size)]


def test_of_eight_answers_one_counts_and_seven_hear_who_and_when() -> None:
    people = crowd(8)
    cast.trade(bill(unit_price="11.00"))
    question = cast.question()
    verdicts = ["approve", "reject"] * 4
    outcomes = together(*(partial(answer, question, v, by=p) for p, v in zip(people, verdicts, strict=True)))
    [won] = of(Escalation, outcomes)
    lost = of(LostRace, outcomes)
    assert len(lost) == 7
    winner = services.display(won.decided_by)
    assert {e.by for e in lost} == {winner}
    assert {e.verdict for e in lost} == {won.verdict}
    assert all(e.at and winner in e.message and "UTC" in e.message for e in lost)
    assert Verdict.objects.count() == 1
    assert Decision.objects.filter(agent="person").count() == 1
    assert standing()[0] == {"approve": "cleared", "reject": "rejected"}[won.verdict]
    cast.assert_sound()


def test_a_double_click_is_one_answer() -> None:
    [alice] = crowd(1)
    cast.trade(bill(unit_price="11.00"))
    click = partial(answer, cast.question(), "approve", by=alice, click="c-1")
    outcomes = together(click, click, click)
    assert len(of(Escalation, outcomes)) == 3, outcomes
    assert {o.status for o in outcomes} == {"approved"}
    assert Verdict.objects.count() == 1
    assert cast.entries(cast.invoice().subject).count("verdict.given") == 1


def test_a_quorum_of_two_takes_two_of_four() -> None:
    people = crowd(4, "manager")
    cast.trade(bill(unit_price="600.00"), orders=(order(unit_price="600.00"),))
    outcomes = together(*(partial(answer, cast.question(), "approve", by=p) for p in people))
    assert Counter(type(o).__name__ for o in outcomes) == {"Escalation": 2, "LostRace": 2}
    assert Verdict.objects.values("by").distinct().count() == 2
    assert standing()[:2] == ("cleared", "human")
    cast.assert_sound()


def test_one_person_in_two_windows_is_not_a_quorum() -> None:
    [carol] = crowd(1, "manager")
    cast.trade(bill(unit_price="600.00"), orders=(order(unit_price="600.00"),))
    job = partial(answer, cast.question(), "approve", by=carol)
    outcomes = together(job, job)
    assert (len(of(Escalation, outcomes)), len(of(Refused, outcomes))) == (1, 1), outcomes
    assert standing()[1] == "escalated"
    assert cast.question().version == 2


@pytest.mark.parametrize("new_price", ["11.00", "9.00"])
def test_a_person_and_the_agents_on_one_invoice_leave_one_sound_state(new_price: str) -> None:
    """While a person answers, a changed order takes the condition away or makes it another."""
    [alice] = crowd(1)
    cast.trade(bill(unit_price="11.00"))
    question = cast.question()
    take_in(table("orders", order(unit_price=new_price)))
    outcomes = together(partial(answer, question, "approve", by=alice), cast.drain, cast.drain)
    assert not [o for o in outcomes if isinstance(o, Exception) and not isinstance(o, LostRace)]
    cast.drain()
    question.refresh_from_db()
    if isinstance(outcomes[0], LostRace):
        assert question.status in {"withdrawn", "superseded"}
        assert not Verdict.objects.exists()
    else:
        assert question.status == "approved"
    expected = {"11.00": ("cleared",), "9.00": ("cleared", "validated")}[new_price]
    assert standing()[0] in expected
    cast.assert_sound()


def test_a_claim_and_an_answer_do_not_wait_for_each_other_crosswise() -> None:
    people = crowd(4)
    cast.trade(bill(unit_price="11.00"))
    question = cast.question()
    jobs = [partial(assignment.claim, question.id, by=p) for p in people[:3]]
    outcomes = together(*jobs, partial(answer, question, "approve", by=people[3]))
    assert all(isinstance(o, Escalation | LostRace | Claimed) for o in outcomes), outcomes
    assert isinstance(outcomes[3], Escalation)
    assert runner.sweep() >= 0
    cast.assert_sound()


def test_an_answer_to_many_and_single_answers_of_others_leave_each_case_exactly_one() -> None:
    alice, *others = crowd(4)
    several(6)
    rows = open_questions()
    sent = [Sent(row.pk, row.version, row.payload_hash, f"c-{row.pk}") for row in rows]
    many = partial(bulk.answer_together, sent, "approve", by=alice, reason="difference_accepted")
    backwards = partial(
        bulk.answer_together,
        [Sent(row.pk, row.version, row.payload_hash, f"d-{row.pk}") for row in reversed(rows)],
        "approve",
        by=others[0],
        reason="difference_accepted",
    )
    singles = [partial(answer, rows[n], "reject", by=p) for n, p in ((1, others[1]), (4, others[2]))]
    outcomes = together(many, many, backwards, *singles)
    assert not [o for o in outcomes if isinstance(o, Exception) and not isinstance(o, LostRace)], outcomes
    first, again, second = outcomes[:3]
    assert [r.answered for r in first] == [r.answered for r in again], "a double click says the same"
    assert all(isinstance(r.refusal, LostRace) for r in [*first, *second] if not r.answered)
    assert Counter(Verdict.objects.values_list("escalation", flat=True)) == {row.pk: 1 for row in rows}
    by = {row.pk: Verdict.objects.get(escalation=row).by for row in rows}
    mine = {f"human:{alice.pk}": first, f"human:{others[0].pk}": list(reversed(second))}
    for person, results in mine.items():
        assert [r.answered for r in results] == [by[row.pk] == person for row in rows]
    cast.assert_sound()
