"""A run is changed and withdrawn by its proposer until it is signed; what no SEPA transfer can pay has a way
on."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from audit import trail
from audit.trail import Stamp
from coordination.models import PaidElsewhere, Payment, PaymentBatch
from coordination.services import payments
from coordination.services.payments import Changed, PaymentError, paid_elsewhere
from coordination.services.payments.changes import NotInRun
from reviews.errors import NotAllowed, Refused
from reviews.models import Escalation
from tests import cast
from tests.cast import Cast, bill, order, receipt, standing, table, take_in, vendor
from tests.services.test_makers import by

pytestmark = pytest.mark.django_db


def run(people: Cast) -> PaymentBatch:
    """INV-1 over 1,190.00 and INV-2 over 595.00 in a run that Carol proposed."""
    cast.trade(
        bill(),
        bill(invoice_number="INV-2", order_number="PO-2", quantity="50"),
        orders=(order(), order(order_number="PO-2")),
        receipts=(receipt(), receipt(receipt_number="GR-2", order_number="PO-2")),
    )
    [batch] = payments.propose(by(people.carol)).batches
    return batch


def of(batch: PaymentBatch, number: str) -> Payment:
    return batch.payments.get(invoice__number=number)


def test_a_payment_is_taken_out_and_the_rest_is_asked_about_anew(people: Cast) -> None:
    batch = run(people)
    before = Escalation.objects.get(kind="payment_run")
    changed = payments.take_out(batch.number, of(batch, "INV-1").id, by=people.carol, text="Goods come back")
    assert (changed.count, changed.control_sum) == (1, Decimal("595.00"))
    after = Escalation.objects.get(kind="payment_run", status="open")
    assert (after.supersedes_id, after.amount, after.case["count"]) == (before.id, Decimal("595.00"), "1")
    assert [p["invoice"] for p in after.case["payments"]] == ["INV-2"]
    with pytest.raises(Exception, match=r"superseded|answered|case"):
        cast.answer(before, "approve", by=people.dave)
    assert payments.approve(batch.number, by=people.dave).status == "approved"
    assert (standing("INV-1")[0], standing("INV-2")[0]) == ("cleared", "scheduled")
    content = payments.export(batch.number).decode()
    assert "INV-2" in content
    assert "INV-1" not in content
    cast.assert_sound()
    [again] = payments.propose(by(people.carol)).batches
    assert [p.invoice.number for p in again.payments.all()] == ["INV-1"]
    payments.confirm(batch.number, by=people.dave)
    assert payments.find(batch.number).status == "executed"
    cast.assert_sound()


def test_a_run_is_withdrawn_and_its_invoices_are_proposed_again(people: Cast) -> None:
    batch = run(people)
    assert payments.withdraw(batch.number, by=people.carol, text="Too early").status == "cancelled"
    assert Escalation.objects.get(kind="payment_run").status == "withdrawn"
    assert payments.propose(by(people.carol)).batches[0].count == 2
    assert "payment.withdrawn" in cast.entries(f"payment_batch/{batch.id}")
    cast.assert_sound()


@pytest.mark.parametrize("who", ["alice", "dave", "erin", "frank"])
def test_only_who_proposed_it_changes_a_run(people: Cast, who: str) -> None:
    batch = run(people)
    somebody = getattr(people, who)
    with pytest.raises(NotAllowed):
        payments.withdraw(batch.number, by=somebody, text="No")
    with pytest.raises(NotAllowed):
        payments.take_out(batch.number, of(batch, "INV-1").id, by=somebody, text="No")


def test_a_run_that_no_person_proposed_is_changed_by_a_manager(people: Cast) -> None:
    batch = run(people)
    payments.withdraw(batch.number, by=people.carol, text="Too early")
    [other] = payments.propose(payments.agent()).batches
    payments.approve(other.number, by=people.carol)
    with pytest.raises(Changed, match="has signed"):
        payments.withdraw(other.number, by=people.dave, text="Too early")
    cast.answer(Escalation.objects.get(kind="payment_run", status="open"), "reject", by=people.dave)
    [third] = payments.propose(payments.agent()).batches
    assert payments.withdraw(third.number, by=people.dave, text="Too early").status == "cancelled"


def test_a_signed_run_is_not_changed(people: Cast) -> None:
    batch = run(people)
    payments.approve(batch.number, by=people.dave)
    with pytest.raises(NotAllowed, match="waits for its signature"):
        payments.withdraw(batch.number, by=people.carol, text="Too late")


@pytest.mark.parametrize("text", ["", "  ", "x" * 501])
def test_a_change_says_why(people: Cast, text: str) -> None:
    batch = run(people)
    with pytest.raises(Refused, match="Say why"):
        payments.withdraw(batch.number, by=people.carol, text=text)


def test_the_last_payment_goes_with_the_run_and_a_stranger_is_none_of_it(people: Cast) -> None:
    batch = run(people)
    gone = of(batch, "INV-1").id
    payments.take_out(batch.number, gone, by=people.carol, text="No")
    with pytest.raises(NotInRun):
        payments.take_out(batch.number, gone, by=people.carol, text="No")
    with pytest.raises(Refused, match="withdraw the run"):
        payments.take_out(batch.number, of(batch, "INV-2").id, by=people.carol, text="No")


# --- not payable by SEPA ------------------------------------------------------------------------------

DOLLARS = {"currency": "USD"}


def abroad(**changes: object) -> None:
    cast.trade(bill(**DOLLARS, **changes), orders=(order(**DOLLARS),))
    assert standing()[0] == "cleared"


def stated(people: Cast, **changes: object) -> PaidElsewhere:
    told = {
        "paid_on": date(2026, 10, 1),
        "text": "Wire from the dollar account",
        "reference": "FX-77",
    } | changes
    return paid_elsewhere.claim(cast.invoice().id, paid_elsewhere.Evidence(**told), by=people.carol)  # type: ignore[arg-type]


def asked() -> Escalation:
    return Escalation.objects.get(kind="paid_elsewhere", status="open")


def test_what_no_transfer_can_pay_is_listed_with_all_that_another_way_needs() -> None:
    abroad()
    [line] = [u.as_json() for u in paid_elsewhere.unpayable()]
    assert line == {
        "invoice_number": "INV-1",
        "vendor_id": "V-1",
        "vendor_name": "Hartmann GmbH",
        "amount": "1190.00",
        "currency": "USD",
        "issue_date": "2026-09-05",
        "due_date": "2026-10-05",
        "account": cast.IBAN,
        "bic": "COBADEFFXXX",
        "why": "a cross-border run pays it",
    }


def test_paid_elsewhere_takes_evidence_and_another_manager(people: Cast) -> None:
    abroad()
    stated(people)
    assert paid_elsewhere.unpayable() == []
    assert standing()[0] == "cleared"
    with pytest.raises(NotAllowed, match="You made what is decided here"):
        cast.answer(asked(), "approve", by=people.carol, reason="evidence_seen")
    with pytest.raises(NotAllowed):
        cast.answer(asked(), "approve", by=people.alice, reason="evidence_seen")
    cast.answer(asked(), "approve", by=people.dave, reason="evidence_seen")
    cast.drain()
    assert standing()[0] == "paid"
    assert cast.invoice().status.response == "PD"
    assert payments.propose(by(people.carol)).batches == []
    cast.assert_sound()


def test_what_is_not_proven_stays_cleared_and_can_be_stated_again(people: Cast) -> None:
    abroad()
    stated(people)
    cast.answer(asked(), "reject", by=people.dave, reason="not_proven")
    assert standing()[0] == "cleared"
    assert len(paid_elsewhere.unpayable()) == 1
    stated(people, amount=Decimal("1000.00"))
    assert asked().amount == Decimal("1000.00")
    cast.assert_sound()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"text": " "}, "Say how"),
        ({"text": "x" * 1001}, "Say how"),
        ({"reference": "x" * 141}, "at most 140"),
        ({"paid_on": cast.today() + timedelta(days=2)}, "lies ahead"),
        ({"amount": Decimal("1190.01")}, "at most USD 1,190.00"),
        ({"amount": Decimal(0)}, "more than nothing"),
        ({"amount": Decimal("0.001")}, "more than nothing"),
    ],
)
def test_what_is_stated_is_whole_and_possible(people: Cast, changes: dict[str, object], words: str) -> None:
    abroad()
    with pytest.raises(Refused, match=words):
        stated(people, **changes)


def test_what_a_run_can_pay_is_paid_by_a_run(people: Cast) -> None:
    cast.trade()
    with pytest.raises(Refused, match="no SEPA transfer"):
        stated(people)


def test_one_invoice_is_stated_once(people: Cast) -> None:
    abroad()
    stated(people)
    with pytest.raises(Refused):
        stated(people)


def test_an_invoice_that_is_held_meanwhile_is_not_confirmed(people: Cast) -> None:
    abroad()
    stated(people)
    take_in(table("vendors", vendor(status="blocked")))
    cast.drain()
    with pytest.raises(PaymentError, match="held or being decided again"):
        cast.answer(asked(), "approve", by=people.dave, reason="evidence_seen")


def test_who_brought_the_order_does_not_confirm_that_it_was_paid(people: Cast) -> None:
    take_in(table("orders", order(**DOLLARS)), actor=by(people.dave))
    take_in(table("vendors", vendor()), table("receipts", receipt()), table("invoices", bill(**DOLLARS)))
    cast.drain()
    stated(people)
    with pytest.raises(NotAllowed, match="order PO-1"):
        cast.answer(asked(), "approve", by=people.dave, reason="evidence_seen")


def test_the_database_refuses_more_than_was_cleared_and_one_persons_word(people: Cast) -> None:
    abroad()
    row = stated(people)
    connection.check_constraints()
    for field, value in (("amount", Decimal("1190.01")), ("currency", "EUR")):
        before = getattr(row, field)
        setattr(row, field, value)
        with pytest.raises(IntegrityError, match="more than was cleared"):
            change(row, field)
        setattr(row, field, before)
    row.status, row.decided_by = "confirmed", row.proposed_by
    with pytest.raises(IntegrityError, match="four_eyes"):
        change(row, "status", "decided_by")


@transaction.atomic
def change(row: PaidElsewhere, *fields: str) -> None:
    """Write a changed row past every service, with its history."""
    trail.update([row], fields, Stamp("human:1", cast.moment(), "changed"))
    connection.check_constraints()
