"""A suspected duplicate is told: one of that invoice, or none, which is remembered for the pair."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from coordination.decisions.replay import reperform
from coordination.facts import supplied
from coordination.models import Decision, Hold, SuppliedFact
from coordination.tasks import work_queue
from reviews.errors import NotAllowed
from reviews.models import Escalation
from reviews.remedies import TermsRefused
from reviews.services import resolve
from tests import cast
from tests.cast import Cast, bill, order, receipt, standing

pytestmark = pytest.mark.django_db

REASON = {"is_duplicate": "duplicate", "is_no_duplicate": "not_a_duplicate"}


def say(by: User, remedy: str, of: str = "INV-1", number: str = "INV-2", **terms: str) -> Escalation:
    given = terms or {"twin": str(cast.invoice(of).id)}
    said = {"reason": REASON[remedy], "comment": "I compared them."}
    return resolve(cast.question(number).id, "edit", by=by, remedy=remedy, terms=given, **said)


@pytest.fixture
def pair(people: Cast) -> Cast:
    """INV-1, and INV-2 over the same sum a day later; of both orders everything was ordered and came."""
    plenty = {"quantity": "400"}
    cast.trade(
        bill(),
        bill(invoice_number="INV-2", issue_date="2026-09-06"),
        orders=(order(**plenty),),
        receipts=(receipt(**plenty),),
    )
    assert standing("INV-2") == ("received", "escalated", ["duplicate_suspect"])
    return people


def test_both_answers_name_the_invoice_that_it_resembles(pair: Cast) -> None:
    remedies = {r["name"]: r["fields"] for r in cast.question("INV-2").case["remedies"]}
    assert set(remedies) == {"is_duplicate", "is_no_duplicate"}
    [choice] = remedies["is_duplicate"][0]["choices"]
    assert (choice["value"], choice["words"]) == (str(cast.invoice("INV-1").id), "INV-1")
    assert dict(choice["fit"])["Gross"] == "EUR 1,190.00"


def test_a_duplicate_is_void_and_linked_to_the_other(pair: Cast) -> None:
    assert say(pair.bob, "is_duplicate").status == "rejected"
    cast.drain()
    assert standing("INV-2")[:2] == ("void", "void")
    assert standing("INV-1") == ("cleared", "auto", [])
    fact = SuppliedFact.objects.get()
    assert (fact.field, fact.value) == (f"duplicate_of/{cast.invoice('INV-1').id}", "INV-1")
    assert Decision.objects.get(agent="person").outcome == "reject"
    cast.assert_sound()


def test_two_claims_go_on_and_the_pair_is_not_asked_about_again(pair: Cast) -> None:
    assert say(pair.bob, "is_no_duplicate").status == "approved"
    cast.drain()
    assert standing("INV-2") == ("cleared", "human", [])
    one, other = cast.invoice("INV-1"), cast.invoice("INV-2")
    assert supplied.apart([one.id, other.id]) == {one.id: (str(other.id),), other.id: (str(one.id),)}
    for row in (one, other):
        work_queue.invalidate([row.id], "siblings", "a test")
    cast.drain()
    assert standing("INV-2") == ("cleared", "human", [])
    assert not Escalation.objects.filter(status="open").exists()
    assert reperform().different == []
    cast.assert_sound()


def test_of_two_that_it_resembles_the_other_is_asked_about(people: Cast) -> None:
    plenty = {"quantity": "400"}
    cast.trade(
        bill(),
        bill(invoice_number="INV-2", issue_date="2026-09-06"),
        bill(invoice_number="INV-3", issue_date="2026-09-07"),
        orders=(order(**plenty),),
        receipts=(receipt(**plenty),),
    )
    say(people.bob, "is_no_duplicate", "INV-1", "INV-3")
    cast.drain()
    held = Hold.objects.live().get(invoice__number="INV-3", code="duplicate_suspect")
    assert held.detail["found"] == "INV-2"
    assert cast.question("INV-3").makers == []
    say(people.bob, "is_no_duplicate", "INV-2", "INV-3")
    cast.drain()
    assert standing("INV-3") == ("cleared", "human", [])
    cast.assert_sound()


def test_who_clears_it_so_alone_does_not_sign_the_run(pair: Cast) -> None:
    from coordination.facts import makers

    say(pair.carol, "is_no_duplicate")
    assert makers.alone([cast.invoice("INV-2").id]) == {cast.invoice("INV-2").id: f"human:{pair.carol.pk}"}


@pytest.mark.parametrize("remedy", ["is_duplicate", "is_no_duplicate"])
def test_only_one_of_those_named_is_meant(pair: Cast, remedy: str) -> None:
    for terms in ({"twin": str(cast.invoice("INV-2").id)}, {"twin": ""}, {"twin:typed": "INV-1"}):
        with pytest.raises(TermsRefused, match=r"choose the one that you mean|no field"):
            say(pair.bob, remedy, **terms)
    assert SuppliedFact.objects.count() == 0


@pytest.mark.parametrize("remedy", ["is_duplicate", "is_no_duplicate"])
def test_the_limit_is_that_of_letting_it_go_or_stopping_it(people: Cast, remedy: str) -> None:
    big = {"unit_price": "300.00"}
    cast.trade(
        bill(**big),
        bill(invoice_number="INV-2", issue_date="2026-09-06", **big),
        orders=(order(**big, quantity="400"),),
        receipts=(receipt(quantity="400"),),
    )
    with pytest.raises(NotAllowed, match="over your limit"):
        say(people.bob, remedy)


def test_the_reason_codes_of_before_still_answer(pair: Cast) -> None:
    cast.answer(cast.question("INV-2"), "approve", by=pair.bob, reason="not_a_duplicate")
    cast.drain()
    assert standing("INV-2") == ("cleared", "human", [])
    assert SuppliedFact.objects.count() == 0
