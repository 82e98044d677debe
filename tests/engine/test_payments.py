"""Money out: proposed by one, approved by another, exported once, confirmed from the bank."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from lxml import etree

from audit.ids import new_id
from coordination.engine import payments
from coordination.engine.payments import Changed, NoSuchBatch, NotApproved
from coordination.models import Payment, PaymentBatch
from reviews.errors import LostRace, NotAllowed
from reviews.models import Escalation
from tests import cast
from tests.cast import (
    IBAN,
    OTHER_IBAN,
    Cast,
    bill,
    days_ago,
    order,
    receipt,
    standing,
    table,
    take_in,
    vendor,
)

pytestmark = pytest.mark.django_db
AGENT = "agent:finance.payment/1"


def two_cleared(**changes: object) -> None:
    """INV-1 over 1,190.00 and INV-2 over 595.00, both cleared."""
    cast.trade(
        bill(**changes),
        bill(invoice_number="INV-2", order_number="PO-2", quantity="50"),
        orders=(order(), order(order_number="PO-2")),
        receipts=(receipt(), receipt(receipt_number="GR-2", order_number="PO-2")),
    )


def proposed() -> PaymentBatch:
    [batch] = payments.propose(AGENT).batches
    return batch


def left() -> dict[str, str]:
    return {x.invoice: x.why for x in payments.propose(AGENT).left}


# --- propose ---------------------------------------------------------------------------------------


def test_cleared_invoices_become_a_run_that_a_person_is_asked_about() -> None:
    two_cleared()
    batch = proposed()
    assert (batch.status, batch.currency, batch.count, batch.control_sum) == (
        "proposed",
        "EUR",
        2,
        Decimal("1785.00"),
    )
    assert {(p.invoice.number, p.amount, p.account, p.status) for p in batch.payments.all()} == {
        ("INV-1", Decimal("1190.00"), IBAN, "proposed"),
        ("INV-2", Decimal("595.00"), IBAN, "proposed"),
    }
    question = Escalation.objects.get(kind="payment_run")
    assert (question.queue, question.amount_company) == ("payments", Decimal("1785.00"))
    cast.assert_sound()


def test_what_is_in_a_run_is_not_proposed_again() -> None:
    two_cleared()
    proposed()
    assert payments.propose(AGENT).batches == []


def test_what_is_not_cleared_is_not_proposed() -> None:
    cast.trade(bill(unit_price="11.00"))
    assert payments.propose(AGENT).batches == []


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"vendors": (vendor(iban="12345678"),)}, "SEPA"),
        ({"vendors": (vendor(iban=""),)}, "no verified account"),
    ],
)
def test_what_cannot_be_paid_is_left_out_with_the_reason(changes: dict[str, object], why: str) -> None:
    cast.trade(bill(iban=""), **changes)  # type: ignore[arg-type]
    assert standing()[0] == "cleared"
    assert why in left()["INV-1"]


def test_a_blocked_vendor_is_not_paid_even_before_the_agents_know() -> None:
    two_cleared()
    take_in(table("vendors", vendor(status="blocked")))
    assert left() == dict.fromkeys(("INV-1", "INV-2"), "the vendor is not active")


def test_another_currency_than_euro_is_left_out() -> None:
    cast.trade(bill(currency="USD"), orders=(order(currency="USD"),))
    assert "EUR" in left()["INV-1"]


def test_a_credit_is_taken_off_and_never_below_zero() -> None:
    two_cleared()
    note = {"type": "credit_note", "quantity": "10", "preceding_invoice": "INV-1"}
    take_in(table("invoices", bill(invoice_number="CN-1", **note)))
    cast.drain()
    assert proposed().control_sum == Decimal("1785.00") - Decimal("119.00")


def test_an_invoice_credited_in_full_leaves_nothing_to_pay() -> None:
    cast.trade()
    take_in(table("invoices", bill(invoice_number="CN-1", type="credit_note", preceding_invoice="INV-1")))
    cast.drain()
    assert standing("CN-1") == ("cleared", "auto", [])
    assert left() == {"INV-1": "nothing is left to pay after credits"}


@pytest.mark.parametrize(("age", "amount"), [(10, "1166.20"), (11, "1190.00")])
def test_a_discount_is_taken_while_it_lasts(age: int, amount: str) -> None:
    cast.trade(bill(issue_date=days_ago(age), due_date=""), vendors=(vendor(payment_terms="2/10 net 30"),))
    assert proposed().control_sum == Decimal(amount)


# --- approve ---------------------------------------------------------------------------------------


def test_a_second_person_approves_and_the_invoices_are_scheduled(people: Cast) -> None:
    two_cleared()
    batch = payments.approve(proposed().number, by=people.carol)
    assert (batch.status, batch.approved_by) == ("approved", f"human:{people.carol.pk}")
    assert standing()[0] == standing("INV-2")[0] == "scheduled"
    assert cast.entries(cast.invoice().subject)[-1] == "payment.scheduled"
    assert cast.entries(f"payment_batch/{batch.id}") == [
        "payment.proposed",
        "escalation.opened",
        "verdict.given",
        "payment.approved",
    ]
    cast.assert_sound()


def test_who_proposed_does_not_approve(people: Cast) -> None:
    two_cleared()
    [batch] = payments.propose(f"human:{people.carol.pk}").batches
    with pytest.raises(NotAllowed, match="You made"):
        payments.approve(batch.number, by=people.carol)
    assert payments.approve(batch.number, by=people.dave).status == "approved"


def test_the_database_keeps_four_eyes_itself(people: Cast) -> None:
    two_cleared()
    batch = proposed()
    with pytest.raises(IntegrityError, match="coordination_batch_four_eyes"), transaction.atomic():
        PaymentBatch.objects.filter(pk=batch.pk).update(approved_by=batch.proposed_by)


@pytest.mark.parametrize("who", ["alice", "erin", "frank"])
def test_only_a_manager_approves_and_confirms(people: Cast, who: str) -> None:
    two_cleared()
    batch = proposed()
    with pytest.raises(NotAllowed):
        payments.approve(batch.number, by=getattr(people, who))
    payments.approve(batch.number, by=people.carol)
    payments.export(batch.number)
    with pytest.raises(NotAllowed):
        payments.confirm(batch.number, by=getattr(people, who))


def test_a_run_is_approved_once(people: Cast) -> None:
    two_cleared()
    batch = proposed()
    payments.approve(batch.number, by=people.carol)
    with pytest.raises(LostRace, match="Carol"):
        payments.approve(batch.number, by=people.dave)


def test_a_refused_run_frees_its_invoices(people: Cast) -> None:
    two_cleared()
    batch = proposed()
    cast.answer(Escalation.objects.get(kind="payment_run"), "reject", by=people.carol)
    batch.refresh_from_db()
    assert (batch.status, standing()[0]) == ("cancelled", "cleared")
    assert set(batch.payments.values_list("status", flat=True)) == {"cancelled"}
    assert proposed().number == batch.number + 1
    cast.assert_sound()


CHANGES = {
    "a hold": lambda: take_in(table("orders", order(quantity="80"))),
    "the account": lambda: take_in(table("vendors", vendor(iban=OTHER_IBAN))),
    "the vendor": lambda: take_in(table("vendors", vendor(status="blocked"))),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_run_that_is_no_longer_what_was_proposed_is_not_approved(people: Cast, what: str) -> None:
    two_cleared()
    batch = proposed()
    CHANGES[what]()
    cast.drain()
    with pytest.raises(Changed, match="changed since the run was proposed"):
        payments.approve(batch.number, by=people.carol)
    batch.refresh_from_db()
    assert batch.status == "proposed"
    assert not Escalation.objects.get(kind="payment_run").verdicts.exists()
    cast.assert_sound()


def test_an_invoice_on_its_way_is_left_alone_by_new_facts(people: Cast) -> None:
    two_cleared()
    payments.approve(proposed().number, by=people.carol)
    take_in(table("orders", order(quantity="80")), table("vendors", vendor(status="blocked")))
    cast.drain()
    assert standing()[0] == "scheduled"
    cast.assert_sound()


# --- one live payment ------------------------------------------------------------------------------


def test_the_database_refuses_a_second_live_payment() -> None:
    two_cleared()
    payment = proposed().payments.first()
    assert payment is not None
    payment.pk = new_id()
    with pytest.raises(IntegrityError, match="coordination_one_live_payment"), transaction.atomic():
        cast.unseen(payment).save_without_historical_record(force_insert=True)


def test_the_database_refuses_a_payment_of_nothing() -> None:
    two_cleared()
    payment = proposed().payments.first()
    assert payment is not None
    with pytest.raises(IntegrityError, match="coordination_payment_positive"), transaction.atomic():
        Payment.objects.filter(pk=payment.pk).update(amount=0)


# --- export and confirm ----------------------------------------------------------------------------


def approved(people: Cast) -> PaymentBatch:
    two_cleared()
    return payments.approve(proposed().number, by=people.carol)


def test_an_export_is_written_once_and_comes_out_the_same_every_time(people: Cast) -> None:
    batch = approved(people)
    first = payments.export(batch.number)
    entries = cast.entries(f"payment_batch/{batch.id}")
    assert payments.export(batch.number) == first
    assert cast.entries(f"payment_batch/{batch.id}") == entries
    assert entries[-1] == "payment.exported"
    payments.confirm(batch.number, by=people.carol)
    assert payments.export(batch.number) == first
    cast.assert_sound()


def test_the_file_says_what_was_approved(people: Cast) -> None:
    batch = approved(people)
    root: Any = etree.fromstring(payments.export(batch.number))
    name = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}
    assert root.xpath("string(//p:GrpHdr/p:CtrlSum)", namespaces=name) == "1785.00"
    assert root.xpath("string(//p:GrpHdr/p:NbOfTxs)", namespaces=name) == "2"
    assert sorted(root.xpath("//p:InstdAmt/text()", namespaces=name)) == ["1190.00", "595.00"]
    assert set(root.xpath("//p:CdtrAcct//p:IBAN/text()", namespaces=name)) == {IBAN}


@pytest.mark.parametrize("step", ["export", "confirm"])
def test_no_money_leaves_before_a_second_person_approved(people: Cast, step: str) -> None:
    two_cleared()
    batch = proposed()
    with pytest.raises(NotApproved):
        payments.export(batch.number) if step == "export" else payments.confirm(batch.number, by=people.carol)


def test_a_confirmed_run_makes_its_invoices_paid(people: Cast) -> None:
    batch = approved(people)
    payments.export(batch.number)
    assert payments.confirm(batch.number, by=people.dave).status == "executed"
    cast.drain()
    assert standing()[0] == "paid"
    assert {x["status"] for x in cast.EXPORTS["payments"]()} == {"paid"}
    assert cast.invoice().status.response == "PD"
    with pytest.raises(NotApproved):
        payments.confirm(batch.number, by=people.dave)
    cast.assert_sound()


def test_a_run_that_does_not_exist_is_named_as_such(people: Cast) -> None:
    for step in (
        lambda: payments.export(9),
        lambda: payments.approve(9, by=people.carol),
        lambda: payments.find(9),
    ):
        with pytest.raises(NoSuchBatch):
            step()


COLUMNS = ", ".join(str(f.column) for f in Payment._meta.concrete_fields if not f.primary_key)
BREACHES = {
    "I1": f"INSERT INTO coordination_payment (id, {COLUMNS})"
    f" SELECT gen_random_uuid(), {COLUMNS} FROM coordination_payment LIMIT 1",
    "I2": "UPDATE coordination_paymentbatch SET control_sum = control_sum + 1",
    "I9": "UPDATE reviews_escalation SET makers = ARRAY(SELECT by FROM reviews_verdict)",
    "I12": "UPDATE coordination_invoice SET lane = 'escalated'",
    "I13": "UPDATE coordination_invoice SET state = 'cleared' WHERE number = 'INV-3'",
    "I14": "UPDATE reviews_escalation SET status = 'approved' WHERE status = 'open'",
}


@pytest.mark.parametrize("code", BREACHES)
def test_an_invariant_catches_what_it_is_for(people: Cast, code: str) -> None:
    approved(people)
    take_in(table("invoices", bill(invoice_number="INV-3", order_number="PO-7")))
    cast.drain()
    cast.assert_sound()
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX coordination_one_live_payment")
        for guarded in ("payment", "paymentbatch", "invoice"):
            cursor.execute(f"ALTER TABLE coordination_{guarded} DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE reviews_escalation DISABLE TRIGGER USER")
        cursor.execute(BREACHES[code])
        assert cursor.rowcount > 0
    assert code in {v["invariant"] for v in cast.invariants.check()["violations"]}
