"""A known-answer case carries the remedies that the invoice would, takes them, and counts them."""

from __future__ import annotations

import pytest

from coordination.domain.oversight import Defect
from coordination.models import Invoice, KnownAnswer, KnownAnswerResult, SuppliedFact
from reviews.models import Escalation
from reviews.remedies import TermsRefused
from reviews.services import resolve
from tests import cast
from tests.cast import Cast
from tests.oversight.trade import planted, trade

pytestmark = pytest.mark.django_db
REASON = {
    "is_duplicate": "duplicate",
    "is_no_duplicate": "not_a_duplicate",
    "complete_field": "read_on_document",
}


@pytest.fixture(autouse=True)
def _traded(people: Cast) -> None:
    trade()


def say(known: KnownAnswer, people: Cast, remedy: str, terms: dict[str, str]) -> Escalation:
    said = {"reason": REASON[remedy], "comment": "I compared them."}
    return resolve(known.question_id, "edit", by=people.carol, remedy=remedy, terms=terms, **said)


def twin_of(known: KnownAnswer) -> str:
    remedies = {r["name"]: r for r in known.question.case["remedies"]}
    return str(remedies["is_duplicate"]["fields"][0]["choices"][0]["value"])


@pytest.mark.parametrize(
    ("remedy", "status", "outcome", "verdict"),
    [("is_duplicate", "rejected", "caught", "reject"), ("is_no_duplicate", "approved", "missed", "approve")],
)
def test_what_is_said_of_a_look_alike_counts_as_stopping_it_or_letting_it_go(
    people: Cast, remedy: str, status: str, outcome: str, verdict: str
) -> None:
    [known] = planted(Defect.DUPLICATE)
    assert set(known.question.options) >= {"approve", "reject", "is_duplicate", "is_no_duplicate"}
    assert Invoice.objects.filter(pk=twin_of(known)).exists()
    invoices = list(Invoice.objects.order_by("id").values())
    assert say(known, people, remedy, {"twin": twin_of(known)}).status == status
    result = KnownAnswerResult.objects.get()
    assert (result.outcome, result.verdict, result.why) == (outcome, verdict, "")
    assert (result.let_go > 0) == (verdict == "approve")
    assert list(Invoice.objects.order_by("id").values()) == invoices  # nothing moved
    assert SuppliedFact.objects.count() == 0
    cast.assert_sound()


def test_it_is_refused_as_an_invoices_would_be(people: Cast) -> None:
    [known] = planted(Defect.DUPLICATE)
    with pytest.raises(TermsRefused, match="choose the one that you mean"):
        say(known, people, "is_duplicate", {})
    assert KnownAnswerResult.objects.count() == 0


def test_an_answer_that_neither_stops_it_nor_lets_it_go_counts_nowhere(people: Cast) -> None:
    [known] = planted(Defect.PRICE)
    question = known.question
    fields = [{"name": "due_date", "words": "due date", "sort": "date"}]
    Escalation.objects.filter(pk=question.pk).update(
        case=question.case | {"remedies": [{"name": "complete_field", "fields": fields}]},
        options=[*question.options, "complete_field"],
        reasons=[r | {"code": "missing_data"} for r in question.reasons],
    )
    say(known, people, "complete_field", {"due_date": "2099-01-01"})
    result = KnownAnswerResult.objects.get()
    assert (result.outcome, result.why, result.let_go) == ("spent", "undecided", 0)
