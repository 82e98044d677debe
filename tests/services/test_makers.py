"""Makers are everybody who brought a fact that a decision stands on, and none of them is its checker."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import connection

from coordination.models import PaymentBatch
from coordination.services import payments
from reviews import signing
from reviews.errors import NotAllowed
from reviews.models import Escalation
from tests import cast
from tests.cast import Cast, bill, order, receipt, standing, table, take_in, vendor

pytestmark = pytest.mark.django_db
AGENT = payments.agent


def by(user: User) -> str:
    return f"human:{user.pk}"


VENDORS = table("vendors", vendor())
ORDERS = table("orders", order())
RECEIPTS = table("receipts", receipt())
DEARER = table("invoices", bill(unit_price="11.00"))
FACTS = {"vendor": VENDORS, "order": ORDERS, "receipt": RECEIPTS, "invoice": DEARER}


def asked(maker: User, brought: str) -> Escalation:
    """A question about INV-1, of which one fact was brought by somebody and the rest by the system."""
    for name, content in FACTS.items():
        take_in(content, actor=by(maker) if name == brought else "system:intake")
    cast.drain()
    return cast.question()


@pytest.mark.parametrize("brought", FACTS)
def test_who_brought_one_fact_does_not_decide(people: Cast, brought: str) -> None:
    question = asked(people.carol, brought)
    assert by(people.carol) in question.makers
    with pytest.raises(
        NotAllowed, match=f"You made what is decided here .*{brought}.*Hand over to Dave or Alice"
    ):
        cast.answer(question, "approve", by=people.carol)
    cast.answer(question, "approve", by=people.dave)
    cast.assert_sound()


def test_what_the_system_brought_makes_nobody_a_maker(people: Cast) -> None:
    question = asked(people.carol, "")
    assert question.makers == []


def test_who_brought_what_was_known_already_is_no_maker(people: Cast) -> None:
    question = asked(people.carol, "")
    for name in ("vendor", "order", "receipt", "invoice"):
        take_in(FACTS[name] + b"\n", actor=by(people.carol))
    cast.drain()
    cast.answer(question, "approve", by=people.carol)


def test_who_brings_a_fact_while_the_question_stands_is_its_maker_at_once(people: Cast) -> None:
    question = asked(people.carol, "")
    more = table("receipts", receipt(receipt_number="GR-2", quantity="1"))
    take_in(more, actor=by(people.carol))
    question.refresh_from_db()
    assert question.makers == []
    with pytest.raises(NotAllowed, match="receipt GR-2"):
        cast.answer(question, "approve", by=people.carol)


def test_an_account_and_a_rate_and_a_factor_are_facts_too(people: Cast) -> None:
    take_in(b"date,currency,rate\n2026-01-01,USD,1.10\n", actor=by(people.carol))
    cast.trade(
        bill(currency="USD", unit_price="11.00"), vendors=(vendor(iban=""),), orders=(order(currency="USD"),)
    )
    assert cast.question().makers == [by(people.carol)]
    take_in(table("vendors", vendor()), actor=by(people.dave))
    for proposal in Escalation.objects.filter(kind="vendor_bank", status="open"):
        cast.answer(proposal, "approve", by=people.carol, reason="account_confirmed")
    assert by(people.dave) in signing.makers(cast.question())


def test_where_all_who_may_answer_made_it_the_refusal_says_what_to_do(people: Cast) -> None:
    take_in(VENDORS, ORDERS, RECEIPTS, actor=by(people.carol))
    [batch] = (cleared(), payments.propose(by(people.dave)).batches)[1]
    with pytest.raises(
        NotAllowed, match="Nobody else here may sign it: whoever keeps the accounts names another manager"
    ):
        payments.approve(batch.number, by=people.carol)


# --- runs ---------------------------------------------------------------------------------------------


def cleared() -> None:
    """INV-1 over 1,190.00 is cleared without a person."""
    take_in(VENDORS, ORDERS, RECEIPTS, table("invoices", bill()))
    cast.drain()
    assert standing() == ("cleared", "auto", [])


@pytest.mark.parametrize("brought", ["vendor", "order", "receipt", "invoice", "all"])
def test_who_brought_anything_in_a_run_does_not_sign_it(people: Cast, brought: str) -> None:
    for name, content in (FACTS | {"invoice": table("invoices", bill())}).items():
        take_in(content, actor=by(people.carol) if brought in (name, "all") else "system:intake")
    cast.drain()
    [batch] = payments.propose(by(people.dave)).batches
    with pytest.raises(NotAllowed, match="You made what is decided here"):
        payments.approve(batch.number, by=people.carol)
    erna = cast.person("erna", "manager")
    assert payments.approve(batch.number, by=erna).status == "approved"
    cast.assert_sound()


def test_nobody_is_paid_an_account_that_they_brought_on_their_own_signature(people: Cast) -> None:
    take_in(VENDORS, actor=by(people.carol))
    cleared()
    [batch] = payments.propose(by(people.dave)).batches
    with pytest.raises(NotAllowed, match="account …3000"):
        payments.approve(batch.number, by=people.carol)
    assert batch.status == "proposed"


def test_who_cleared_an_invoice_alone_does_not_sign_the_run_that_pays_it(people: Cast) -> None:
    cast.answer(asked(people.alice, ""), "approve", by=people.carol)
    [batch] = payments.propose(by(people.dave)).batches
    with pytest.raises(NotAllowed, match="what you alone cleared"):
        payments.approve(batch.number, by=people.carol)


def test_a_run_that_no_person_proposed_takes_two_signatures(people: Cast) -> None:
    cleared()
    [batch] = payments.propose(AGENT()).batches
    assert Escalation.objects.get(kind="payment_run").quorum == 2
    assert payments.approve(batch.number, by=people.carol).status == "proposed"
    assert payments.approve(batch.number, by=people.dave).status == "approved"
    cast.assert_sound()


# --- invariants ---------------------------------------------------------------------------------------


def signed_run(people: Cast) -> PaymentBatch:
    cast.answer(asked(people.alice, "receipt"), "approve", by=people.carol)
    [batch] = payments.propose(by(people.carol)).batches
    return payments.approve(batch.number, by=people.dave)


@pytest.mark.parametrize(
    "breach",
    [
        "UPDATE coordination_document SET received_by = %s WHERE kind = 'order'",
        "UPDATE coordination_document SET received_by = %s WHERE kind = 'receipt'",
        "UPDATE coordination_document SET received_by = %s WHERE kind = 'vendor'",
        "UPDATE coordination_document SET received_by = %s WHERE kind = 'invoice'",
        "UPDATE coordination_historicalbankaccount SET history_user_id = %s",
        "UPDATE reviews_verdict SET by = %s WHERE reason <> 'not_stated'",
        "UPDATE coordination_paymentbatch SET proposed_by = 'agent:x' WHERE %s <> ''",
    ],
)
def test_the_invariant_finds_a_checker_who_was_a_maker(people: Cast, breach: str) -> None:
    signed_run(people)
    connection.check_constraints()
    assert "I9" not in {v["invariant"] for v in cast.invariants.check()["violations"]}
    with connection.cursor() as cursor:
        for name in (
            "coordination_document",
            "coordination_historicalbankaccount",
            "reviews_verdict",
            "coordination_paymentbatch",
        ):
            cursor.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
        cursor.execute(breach, [by(people.dave)])
        assert cursor.rowcount > 0
    assert "I9" in {v["invariant"] for v in cast.invariants.check()["violations"]}
