"""The page of a run: who may sign, what is marked, taking out and withdrawing; and what no SEPA transfer can
pay."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from coordination.models import PaidElsewhere, PaymentBatch
from coordination.services import payments
from reviews.models import Escalation
from tests import cast
from tests.cast import Cast, bill, order, receipt, table, take_in, vendor
from tests.services.test_makers import by

from .conftest import client, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(db: None) -> Cast:
    return cast.people()


def page(browser: Client, name: str, *args: object) -> str:
    return read(browser.get(reverse(f"coordination:{name}", args=args)))


def two(proposer: str, maker: str = "system:intake") -> PaymentBatch:
    take_in(
        table("vendors", vendor()),
        table("orders", order(), order(order_number="PO-2")),
        table("receipts", receipt(), receipt(receipt_number="GR-2", order_number="PO-2")),
        table("invoices", bill(), bill(invoice_number="INV-2", order_number="PO-2", quantity="50")),
        actor=maker,
    )
    cast.drain()
    [batch] = payments.propose(proposer).batches
    return batch


def test_the_page_marks_new_vendors_new_accounts_and_chains_that_one_person_brought(people: Cast) -> None:
    batch = two(by(people.carol), maker=by(people.alice))
    shown = page(client(people.dave), "payment_batch", batch.number)
    assert shown.count("new vendor") == shown.count("new account") == shown.count("all brought by Alice") == 2


def test_what_is_known_and_was_brought_by_the_system_is_not_marked(people: Cast) -> None:
    batch = two(by(people.carol))
    shown = page(client(people.dave), "payment_batch", batch.number)
    assert "all brought by" not in shown


def test_a_maker_is_told_why_and_who_may_sign_instead(people: Cast) -> None:
    batch = two(by(people.carol), maker=by(people.dave))
    shown = page(client(people.dave), "payment_batch", batch.number)
    assert "You made what is decided here" in shown
    assert "Nobody else here may sign it" in shown
    assert "payment_approve" not in shown
    assert reverse("coordination:payment_approve", args=[batch.number]) not in shown


def test_a_run_that_nobody_proposed_says_how_many_have_signed(people: Cast) -> None:
    batch = two(payments.agent())
    payments.approve(batch.number, by=people.carol)
    shown = page(client(people.dave), "payment_batch", batch.number)
    assert "1 of 2 signed: Carol" in shown


def test_its_proposer_takes_out_and_withdraws_by_the_page(people: Cast) -> None:
    batch = two(by(people.carol))
    carol, dave = client(people.carol), client(people.dave)
    out = reverse("coordination:payment_take_out", args=[batch.number, batch.payments.all()[0].id])
    back = reverse("coordination:payment_withdraw", args=[batch.number])
    assert out in page(carol, "payment_batch", batch.number)
    assert out not in page(dave, "payment_batch", batch.number)
    assert dave.post(out, {"text": "No"}).status_code == 403
    assert carol.post(out, {"text": ""}).status_code == 422
    assert carol.post(out, {"text": "Goods come back"}).status_code == 302
    shown = page(carol, "payment_batch", batch.number)
    assert "Goods come back" in shown
    assert out not in shown
    assert carol.post(back, {"text": "Too early"}).status_code == 302
    batch.refresh_from_db()
    assert batch.status == "cancelled"


@pytest.mark.parametrize(("who", "status"), [("alice", 403), ("erin", 403), ("frank", 403)])
def test_others_change_nothing(people: Cast, who: str, status: int) -> None:
    batch = two(by(people.carol))
    browser = client(getattr(people, who))
    for url in (
        reverse("coordination:payment_withdraw", args=[batch.number]),
        reverse("coordination:payment_take_out", args=[batch.number, batch.payments.all()[0].id]),
        reverse("coordination:paid_elsewhere", args=[cast.invoice().id]),
    ):
        assert browser.post(url, {"text": "x", "paid_on": "2026-10-01"}).status_code == status


def test_what_no_transfer_can_pay_is_listed_downloaded_stated_and_confirmed(people: Cast) -> None:
    cast.trade(bill(currency="USD"), vendors=(vendor(name="=Hartmann"),), orders=(order(currency="USD"),))
    carol, dave = client(people.carol), client(people.dave)
    assert "Not paid by a SEPA run" in page(carol, "payments")
    table_ = carol.get(reverse("coordination:payments_unpayable"))
    assert table_["Content-Type"].startswith("text/csv")
    assert table_.content.decode().splitlines()[1].startswith("INV-1,V-1,'=Hartmann,1190.00,USD,")
    assert client(people.alice).get(reverse("coordination:payments_unpayable")).status_code == 403
    url = reverse("coordination:paid_elsewhere", args=[cast.invoice().id])
    assert carol.post(url, {"text": "Wire", "paid_on": "yesterday"}).status_code == 400
    assert carol.post(url, {"text": "Wire", "paid_on": "2026-10-01", "reference": "FX-77"}).status_code == 302
    question = Escalation.objects.get(kind="paid_elsewhere")
    assert "Said by Carol" in page(carol, "payments")
    case = dave.get(reverse("reviews:case", args=[question.id])).content.decode()
    assert "Confirm as paid" in case
    assert "FX-77" in case
    assert client(people.alice).get(reverse("reviews:case", args=[question.id])).status_code == 404
    cast.answer(question, "approve", by=people.dave, reason="evidence_seen")
    assert PaidElsewhere.objects.get().status == "confirmed"
    assert "Paid elsewhere" in page(carol, "invoice", cast.invoice().id)


def test_a_case_whose_amount_nobody_knows_says_so_and_offers_only_to_reject(people: Cast) -> None:
    cast.trade(bill(currency="KWD"), vendors=(vendor(),), orders=(order(currency="KWD"),))
    case = client(people.carol).get(reverse("reviews:case", args=[cast.question().id])).content.decode()
    assert "there is no rate for KWD" in case
    assert 'value="reject"' in case
    assert 'value="approve"' not in case


# --- a signed run until its file, and after it ---------------------------------------------------------


def signed(people: Cast) -> PaymentBatch:
    batch = two(by(people.carol))
    return payments.approve(batch.number, by=people.dave)


def url(name: str, batch: PaymentBatch) -> str:
    return reverse(f"coordination:{name}", args=[batch.number])


def test_a_manager_stops_a_signed_run_by_the_page(people: Cast) -> None:
    batch = signed(people)
    stop = url("payment_stop", batch)
    assert stop in page(client(people.carol), "payment_batch", batch.number)
    assert stop not in page(client(people.erin), "payment_batch", batch.number)
    for nobody in (people.alice, people.erin, people.frank):
        assert client(nobody).post(stop, {"text": "No"}).status_code == 403
    carol = client(people.carol)
    assert carol.post(stop, {"text": " "}).status_code == 422
    assert carol.post(stop, {"text": "Wrong week"}).status_code == 302
    shown = page(carol, "payment_batch", batch.number)
    assert "Payment run stopped" in shown
    assert "Wrong week" in shown
    assert stop not in shown
    assert carol.post(stop, {"text": "Again"}).status_code == 409


def test_the_page_says_what_was_left_out_and_why(people: Cast) -> None:
    batch = signed(people)
    take_in(table("orders", order(quantity="80")))
    answered = client(people.carol).post(url("payment_file", batch))
    assert answered.status_code == 409
    assert "No file was written" in answered.content.decode()
    shown = page(client(people.dave), "payment_batch", batch.number)
    assert "1 left out" in shown
    assert "Left out before the file was written" in shown
    assert url("payment_approve", batch) in shown
    assert url("payment_file", batch) not in shown
    assert "1 left out" in page(client(people.dave), "payments")
    assert "Not paid by this run" in page(client(people.dave), "invoice", cast.invoice().id)


def test_payments_are_called_back_by_the_page(people: Cast) -> None:
    batch = signed(people)
    payments.export(batch.number)
    recall = url("payment_recall", batch)
    carol = client(people.carol)
    assert recall in page(carol, "payment_batch", batch.number)
    assert url("payment_stop", batch) not in page(carol, "payment_batch", batch.number)
    for nobody in (people.alice, people.erin, people.frank):
        assert client(nobody).post(recall, {"reason": "DUPL", "invoice": ""}).status_code == 403
    for said in (
        {"reason": "because", "invoice": ""},
        {"reason": "DUPL"},
        {"reason": "DUPL", "invoice": "", "format": "fax"},
    ):
        assert carol.post(recall, said).status_code == 422
    assert "Recall asked on" not in page(carol, "payment_batch", batch.number)
    done = carol.post(recall, {"reason": "DUPL", "invoice": "INV-1"})
    assert (done.status_code, done["Content-Type"]) == (200, "application/xml")
    assert b"camt.056.001.08" in done.content
    shown = page(carol, "payment_batch", batch.number)
    assert shown.count("Recall asked on") == 1
    assert (
        b"camt.055.001.08"
        in carol.post(recall, {"reason": "DUPL", "invoice": "", "format": "camt.055"}).content
    )
    assert page(carol, "payment_batch", batch.number).count("Recall asked on") == 2


def test_another_file_is_asked_for_and_agreed_to_by_the_page(people: Cast) -> None:
    batch = signed(people)
    payments.export(batch.number)
    carol, dave = client(people.carol), client(people.dave)
    assert client(people.erin).post(url("payment_again", batch), {"text": "Lost"}).status_code == 403
    assert carol.post(url("payment_again", batch), {"text": "The bank lost it"}).status_code == 302
    assert "Write another file" not in page(carol, "payment_batch", batch.number)
    assert "Write another file" in page(dave, "payment_batch", batch.number)
    question = Escalation.objects.get(subject=f"payment_file/{batch.id}")
    assert "The bank lost it" in dave.get(reverse("reviews:case", args=[question.id])).content.decode()
    cast.answer(question, "approve", by=people.dave, reason="payments_checked")
    assert "(file 2)" in page(dave, "payment_batch", batch.number)


def test_a_run_abroad_says_so_and_names_the_bank(people: Cast) -> None:
    cast.trade(bill(currency="USD"), orders=(order(currency="USD"),))
    [batch] = payments.propose(by(people.carol)).batches
    shown = page(client(people.dave), "payment_batch", batch.number)
    assert "Cross-border" in shown
    assert "COBADEFFXXX" in shown
    assert "no town: the bank may refuse it" in shown
    assert "cross-border" in page(client(people.dave), "payments")


def test_very_many_that_no_transfer_can_pay_stand_a_page_at_a_time(people: Cast) -> None:
    named = [(f"INV-{n:02}", f"PO-{n:02}", str(n + 1)) for n in range(52)]
    cast.trade(
        *(bill(invoice_number=i, order_number=o, quantity=q, currency="USD") for i, o, q in named),
        orders=tuple(order(order_number=o, quantity=q, currency="USD") for _, o, q in named),
        receipts=tuple(receipt(receipt_number=f"R-{o}", order_number=o, quantity=q) for _, o, q in named),
    )
    carol = client(people.carol)
    seen = []
    for number, count in ((1, 50), (2, 2)):
        shown = carol.get(reverse("coordination:payments"), {"page": number}).content.decode()
        found = [i for i, *_ in named if f">{i}</a>" in shown]
        assert len(found) == count
        seen += found
    assert sorted(seen) == [i for i, *_ in named]
    assert "51–52 of 52" in shown
    table_ = carol.get(reverse("coordination:payments_unpayable")).content.decode()
    assert len(table_.splitlines()) == 53
