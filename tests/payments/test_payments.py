"""Money out: proposed by one, approved by another, exported once, confirmed from the bank."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from lxml import etree

from audit import trail
from audit.ids import new_id
from audit.models import Entry
from coordination.models import CreditUse, Invoice, Payment, PaymentBatch
from coordination.services import manual_hold, payments
from coordination.services.payments import Changed, NoSuchBatch, NotApproved
from reviews.errors import LostRace, NotAllowed
from reviews.models import Escalation
from tests import cast
from tests.cast import (
    IBAN,
    OTHER_IBAN,
    Cast,
    bill,
    order,
    receipt,
    standing,
    table,
    take_in,
    vendor,
)

pytestmark = pytest.mark.django_db
AGENT = "human:900"
"""Who proposes the runs here: a person who signs nothing. What the agent proposes takes two signatures
(test_makers)."""


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


THURSDAY = datetime(2026, 11, 19, 9, tzinfo=UTC)
EARLY = (vendor(payment_terms="2/10 net 30"),)


@pytest.mark.parametrize(
    ("issued", "amount", "saved", "day", "basis"),
    [
        ("2026-11-09", "1166.20", "23.80", "2026-11-19", "discount"),  # the tenth day is today
        ("2026-11-08", "1190.00", "0.00", "2026-12-08", "due"),  # it was yesterday
        ("2026-11-12", "1166.20", "23.80", "2026-11-20", "discount"),  # it is a Sunday: the Friday before
        ("2026-11-26", "1166.20", "23.80", "2026-12-04", "discount"),
        ("2026-11-27", "1166.20", "23.80", "2026-12-07", "discount"),
        ("2026-09-01", "1190.00", "0.00", "2026-11-19", "at_once"),  # overdue
    ],
)
def test_a_discount_is_taken_when_the_pay_day_is_inside_its_window(
    issued: str, amount: str, saved: str, day: str, basis: str
) -> None:
    cast.trade(bill(issue_date=issued, due_date=""), vendors=EARLY)
    [batch] = payments.propose(AGENT, now=THURSDAY).batches
    [payment] = batch.payments.select_related("terms")
    assert (f"{payment.amount}", f"{payment.discount}") == (amount, saved)
    assert (payment.terms.execute_on.isoformat(), payment.terms.basis) == (day, basis)
    assert batch.execute_on == payment.terms.execute_on
    cast.assert_sound()


def test_the_question_shows_days_discounts_count_sum_and_hash() -> None:
    cast.trade(bill(issue_date="2026-11-12", due_date=""), vendors=EARLY)
    [batch] = payments.propose(AGENT, now=THURSDAY).batches
    case = Escalation.objects.get(kind="payment_run").case
    assert (case["count"], case["control_sum"], case["content_sha256"]) == (
        "1",
        "1166.20",
        batch.content_hash,
    )
    assert case["payments"][0]["execute_on"] == "2026-11-20"
    assert case["payments"][0]["discount"] == "23.80"
    assert case["consequences"][0]["text"] == "Approving releases EUR 1,166.20 for the bank on 20 Nov 2026."


def test_a_run_may_take_only_what_is_to_be_paid_by_a_day() -> None:
    two_cleared(due_date="2026-12-31")
    done = payments.propose(AGENT, until=date(2026, 12, 1), now=THURSDAY)
    assert [p.invoice.number for p in done.batches[0].payments.all()] == ["INV-2"]
    assert [(x.invoice, x.why) for x in done.left] == [("INV-1", "to be paid on 31 Dec 2026, after this run")]


# --- credits ---------------------------------------------------------------------------------------


def credit(number: str = "CN-1", quantity: str = "10", **changes: object) -> None:
    """A credit note over so many bolts, with 19 %: 11.90 each."""
    note = {
        "invoice_number": number,
        "type": "credit_note",
        "quantity": quantity,
        "preceding_invoice": "INV-1",
    }
    take_in(table("invoices", bill(**(note | changes))))
    cast.drain()


def test_what_is_left_of_a_credit_stays_for_the_next_run(people: Cast) -> None:
    two_cleared()
    credit(quantity="100")  # all of INV-1
    [batch] = payments.propose(AGENT, now=THURSDAY).batches
    assert {(p.invoice.number, p.amount) for p in batch.payments.all()} == {("INV-2", Decimal("595.00"))}
    payments.approve(batch.number, by=people.carol)
    assert left() == {"INV-1": "nothing is left to pay after credits"}


def test_an_accepted_credit_without_an_invoice_is_netted_and_its_rest_kept(people: Cast) -> None:
    two_cleared()
    credit(quantity="60", preceding_invoice="", order_number="", order_line="")  # 714.00, of nothing
    assert standing("CN-1")[2] == ["credit_unlinked"] or "credit_unlinked" in standing("CN-1")[2]
    cast.answer(cast.question("CN-1"), "override", by=people.carol)
    cast.drain()
    assert standing("CN-1")[0] == "cleared"
    take_in(
        table("orders", order(order_number="PO-3")),
        table("receipts", receipt(receipt_number="GR-3", order_number="PO-3")),
    )
    [batch] = payments.propose(AGENT, now=THURSDAY).batches
    assert batch.control_sum == Decimal("1785.00") - Decimal("714.00")
    [use] = CreditUse.objects.all()
    assert (use.payment.invoice.number, use.amount) == ("INV-1", Decimal("714.00"))
    cast.answer(Escalation.objects.get(kind="payment_run"), "reject", by=people.carol)
    [again] = payments.propose(AGENT, now=THURSDAY).batches
    assert again.control_sum == batch.control_sum  # a cancelled run gives the credit back
    cast.assert_sound()


def test_a_credit_for_an_invoice_that_is_still_held_waits_for_it() -> None:
    cast.trade(
        bill(unit_price="11.00"),
        bill(invoice_number="INV-2", order_number="PO-2", quantity="50"),
        orders=(order(), order(order_number="PO-2")),
        receipts=(receipt(), receipt(receipt_number="GR-2", order_number="PO-2")),
    )
    credit()
    assert (standing()[1], standing("CN-1")[0]) == ("escalated", "cleared")
    assert proposed().control_sum == Decimal("595.00")


def test_a_credit_for_a_paid_invoice_is_taken_off_the_next_one(people: Cast) -> None:
    two_cleared()
    [batch] = payments.propose(AGENT, now=THURSDAY).batches
    payments.approve(batch.number, by=people.carol)
    credit()
    take_in(
        table("orders", order(order_number="PO-3")),
        table("receipts", receipt(receipt_number="GR-3", order_number="PO-3")),
        table("invoices", bill(invoice_number="R-77", order_number="PO-3", quantity="80")),
    )
    cast.drain()
    assert proposed().control_sum == Decimal("952.00") - Decimal("119.00")
    cast.assert_sound()


def test_a_run_whose_credit_is_questioned_meanwhile_is_not_approved(people: Cast) -> None:
    two_cleared()
    credit()
    batch = proposed()
    manual_hold.hold(cast.invoice("CN-1").id, "Which bolts?", by=people.bob)
    with pytest.raises(Changed, match="CN-1 changed since the run was proposed"):
        payments.approve(batch.number, by=people.carol)


def test_an_invariant_catches_a_credit_that_is_taken_twice() -> None:
    two_cleared()
    credit()
    [batch] = payments.propose(AGENT, now=THURSDAY).batches
    [use] = CreditUse.objects.all()
    other = batch.payments.exclude(pk=use.payment_id).get()
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("ALTER TABLE coordination_payment DISABLE TRIGGER coordination_payment_cleared")
    trail.insert_facts([CreditUse(id=new_id(), payment=other, credit=use.credit, amount=use.amount)])
    found = cast.invariants.check()["violations"]
    assert {v["subject"] for v in found if v["invariant"] == "I2"} == {"CN-1", "INV-2"}


# --- the same payment twice --------------------------------------------------------------------------


def namesake() -> None:
    """V-2 with the account of V-1 bills the same amount under the same number."""
    take_in(
        table("vendors", vendor(vendor_id="V-2", name="Hartmann AG", vat_id="DE129274202")),
        table("orders", order(order_number="PO-9", vendor_id="V-2")),
        table("receipts", receipt(receipt_number="GR-9", order_number="PO-9")),
        table("invoices", bill(vendor_id="V-2", order_number="PO-9")),
    )
    cast.drain()


def test_the_same_account_amount_and_reference_is_left_out_and_asked_about(people: Cast) -> None:
    cast.trade()
    namesake()
    second = Invoice.objects.get(vendor__vendor_id="V-2")
    assert second.state == "cleared"
    done = payments.propose(AGENT, now=THURSDAY)
    assert (done.batches[0].count, done.left[0].why) == (1, "looks like INV-1 in this run; a person is asked")
    cast.drain()
    second.refresh_from_db()
    assert (second.state, second.lane) == ("delivered", "escalated")
    question = Escalation.objects.get(subject=second.subject, status="open")
    assert [r["code"] for r in question.reasons] == ["duplicate_suspect"]
    cast.assert_sound()


def test_a_payment_that_a_person_calls_no_duplicate_is_made(people: Cast) -> None:
    cast.trade()
    namesake()
    second = Invoice.objects.get(vendor__vendor_id="V-2")
    payments.propose(AGENT, now=THURSDAY)
    cast.drain()
    question = Escalation.objects.get(subject=second.subject, status="open")
    cast.answer(question, "approve", by=people.carol, reason="not_a_duplicate")
    cast.drain()
    [batch] = payments.propose(AGENT, now=THURSDAY).batches
    assert batch.payments.get().invoice_id == second.id
    assert payments.approve(batch.number, by=people.dave).status == "approved"
    cast.assert_sound()


def test_a_run_is_not_approved_while_another_makes_the_same_payment(people: Cast) -> None:
    two_cleared()
    [batch] = payments.propose(AGENT, now=THURSDAY).batches
    take_in(
        table("vendors", vendor(vendor_id="V-2", name="Hartmann AG", vat_id="DE129274202", iban=OTHER_IBAN)),
        table("orders", order(order_number="PO-9", vendor_id="V-2")),
        table("receipts", receipt(receipt_number="GR-9", order_number="PO-9")),
        table("invoices", bill(vendor_id="V-2", order_number="PO-9", iban=OTHER_IBAN)),
    )
    cast.drain()
    [other] = payments.propose(AGENT, now=THURSDAY).batches
    payment = other.payments.get()
    payment.account = IBAN  # as nothing of ours would
    trail.update([payment], ("account",), trail.Stamp("system:test", THURSDAY, "moved"))
    with pytest.raises(Changed, match="INV-1 changed since the run was proposed: another run makes the same"):
        payments.approve(batch.number, by=people.carol)


# --- days that go by -------------------------------------------------------------------------------


def at(monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    """It is then."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: datetime.fromisoformat(moment))


def days(batch: PaymentBatch) -> list[str]:
    return sorted(d.isoformat() for d in batch.payments.values_list("terms__execute_on", flat=True))


def test_a_day_that_has_gone_by_at_the_signature_moves_to_the_next_bank_day(
    people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_cleared(due_date="2026-12-31")
    [batch] = payments.propose(AGENT, now=THURSDAY).batches
    assert days(batch) == ["2026-11-19", "2026-12-31"]
    at(monkeypatch, "2026-11-20T16:00:00+00:00")  # Friday, after the cut-off
    batch = payments.approve(batch.number, by=people.carol)
    assert (days(batch), batch.execute_on) == (["2026-11-23", "2026-12-31"], date(2026, 11, 23))
    cast.assert_sound()


def test_a_discount_that_the_signature_would_lose_is_not_signed_away(
    people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.trade(bill(issue_date="2026-11-09", due_date=""), vendors=EARLY)
    [batch] = payments.propose(AGENT, now=THURSDAY).batches
    at(monkeypatch, "2026-11-19T16:00:00+00:00")
    with pytest.raises(Changed, match=r"discount of EUR 23\.80 on INV-1 ended on 19 Nov 2026"):
        payments.approve(batch.number, by=people.carol)
    batch.refresh_from_db()
    assert batch.status == "proposed"


def test_a_file_is_never_written_with_a_day_in_the_past(
    people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_cleared(due_date="2026-12-31")
    at(monkeypatch, "2026-11-19T09:00:00+00:00")
    batch = approve_run(people)
    at(monkeypatch, "2026-12-24T16:00:00+00:00")
    root: Any = etree.fromstring(payments.export(batch.number))
    assert root.xpath("//p:ReqdExctnDt/p:Dt/text()", namespaces=NAME) == ["2026-12-28", "2026-12-31"]
    [told] = [e for e in Entry.objects.filter(type="payment.exported") if '"days_moved":"1"' in e.body]
    assert told.subject == f"payment_batch/{batch.id}"
    cast.assert_sound()


def approve_run(people: Cast) -> PaymentBatch:
    return payments.approve(proposed().number, by=people.carol)


NAME = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}


def test_payments_of_different_days_are_groups_of_one_file(
    people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_cleared(due_date="2026-12-31")
    at(monkeypatch, "2026-11-19T09:00:00+00:00")
    batch = approve_run(people)
    root: Any = etree.fromstring(payments.export(batch.number))
    groups = root.findall(".//p:PmtInf", NAME)
    told = [[g.findtext(f"p:{x}", "", NAME) for x in ("PmtInfId", "NbOfTxs", "CtrlSum")] for g in groups]
    assert told == [[f"{batch.id.hex}001", "1", "595.00"], [f"{batch.id.hex}002", "1", "1190.00"]]
    assert root.findtext(".//p:GrpHdr/p:CtrlSum", "", NAME) == "1785.00"


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
    assert root.xpath("string(//p:GrpHdr/p:CtrlSum)", namespaces=NAME) == "1785.00"
    assert root.xpath("string(//p:GrpHdr/p:NbOfTxs)", namespaces=NAME) == "2"
    assert sorted(root.xpath("//p:InstdAmt/text()", namespaces=NAME)) == ["1190.00", "595.00"]
    assert set(root.xpath("//p:CdtrAcct//p:IBAN/text()", namespaces=NAME)) == {IBAN}


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
    "I1": (
        f"INSERT INTO coordination_payment (id, {COLUMNS})"
        f" SELECT gen_random_uuid(), {COLUMNS} FROM coordination_payment LIMIT 1"
    ),
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
