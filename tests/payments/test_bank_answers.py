"""The bank's answers come back: paid, refused, returned, unknown; once, twice and in any order."""

from __future__ import annotations

import itertools
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from audit.models import Entry
from coordination.models import BankAnswer, Document, Hold, Payment, PaymentBatch
from coordination.services import payments
from coordination.services.payments import second_file
from coordination.translation.pain001 import message_id
from reviews.errors import NotAllowed
from reviews.models import Escalation
from tests import bank, cast
from tests.cast import Cast, bill, order, receipt, standing, table, take_in, vendor
from tests.translation import make

pytestmark = pytest.mark.django_db
AGENT = "human:900"
"""Who proposes the runs here: a person who signs nothing. What the agent proposes takes two signatures
(test_makers)."""


@pytest.fixture
def run(people: Cast) -> PaymentBatch:
    """Run 1, exported: INV-1 over 1,190.00 and INV-2 over 595.00."""
    cast.trade(
        bill(),
        bill(invoice_number="INV-2", order_number="PO-2", quantity="50"),
        orders=(order(), order(order_number="PO-2")),
        receipts=(receipt(), receipt(receipt_number="GR-2", order_number="PO-2")),
    )
    return exported(people)


def exported(people: Cast) -> PaymentBatch:
    [batch] = payments.propose(AGENT).batches
    payments.approve(batch.number, by=people.carol)
    payments.export(batch.number)
    batch.refresh_from_db()
    return batch


def one(batch: PaymentBatch, number: str = "INV-1") -> Payment:
    return batch.payments.get(invoice__number=number)


def says(*messages: bytes, by: str = "system:intake") -> list[tuple[str, str]]:
    """Take messages in; what became of each line of the last."""
    cast.intake([(f"bank-{n}.xml", m) for n, m in enumerate(messages)], actor=by)
    document = Document.objects.filter(subject__startswith="bank_report/").order_by("-id").first()
    assert document is not None
    answers = BankAnswer.objects.filter(document=document).select_related("payment__invoice")
    found = [
        (a.payment.invoice.number if a.payment else "", a.result) for a in answers.order_by("position", "id")
    ]
    cast.drain()
    return found


def states(batch: PaymentBatch) -> dict[str, tuple[str, str]]:
    """Payment and invoice, by invoice."""
    return {p.invoice.number: (p.status, p.invoice.state) for p in batch.payments.select_related("invoice")}


def status(batch: PaymentBatch) -> str:
    batch.refresh_from_db()
    return batch.status


# --- paid ------------------------------------------------------------------------------------------


def test_a_booked_payment_is_paid_and_so_is_its_invoice(run: PaymentBatch) -> None:
    assert says(bank.debit([one(run)])) == [("INV-1", "applied")]
    assert states(run) == {"INV-1": ("paid", "paid"), "INV-2": ("exported", "scheduled")}
    assert status(run) == "exported"
    assert says(bank.debit([one(run, "INV-2")], number="NTF-2")) == [("INV-2", "applied")]
    assert status(run) == "executed"
    assert cast.invoice().status.response == "PD"
    assert cast.entries(cast.invoice().subject).count("payment.executed") == 1
    assert cast.entries(f"payment_batch/{run.id}")[-2:] == ["payment.reported", "payment.reported"]
    cast.assert_sound()


def test_a_completed_settlement_of_the_whole_file_pays_all_of_it(run: PaymentBatch) -> None:
    assert says(bank.status_report(bank.of(run), file="ACSC")) == [("INV-1", "applied"), ("INV-2", "applied")]
    assert status(run) == "executed"
    cast.assert_sound()


def test_an_accepted_file_is_noted_and_nothing_is_paid_yet(run: PaymentBatch) -> None:
    assert says(bank.status_report(bank.of(run), file="ACCP")) == [("INV-1", "noted"), ("INV-2", "noted")]
    assert states(run) == {"INV-1": ("exported", "scheduled"), "INV-2": ("exported", "scheduled")}


def test_one_booking_for_the_whole_file_pays_all_of_it(run: PaymentBatch) -> None:
    total = run.control_sum
    message = bank.notice(bank.entry(total, bank.whole(bank.of(run), count=2, total=total)))
    assert {r for _, r in says(message)} == {"applied"}
    assert status(run) == "executed"
    cast.assert_sound()


@pytest.mark.parametrize(("count", "total"), [(3, "1785.00"), (2, "1784.00")])
def test_a_sum_that_is_not_the_runs_changes_nothing_and_is_reported(
    run: PaymentBatch, count: int, total: str
) -> None:
    message = bank.notice(bank.entry(total, bank.whole(bank.of(run), count=count, total=Decimal(total))))
    assert {r for _, r in says(message)} == {"conflict"}
    assert {s for s, _ in states(run).values()} == {"exported"}


def test_the_nearest_word_counts_a_payment_before_its_file(run: PaymentBatch) -> None:
    message = bank.status_report(bank.of(run), bank.answered(one(run), "RJCT", "AC04"), file="ACSC")
    assert sorted(says(message)) == [("INV-1", "applied"), ("INV-2", "applied")]
    assert {k: p for k, (p, _) in states(run).items()} == {"INV-1": "refused", "INV-2": "paid"}
    assert status(run) == "executed"
    cast.assert_sound()


def test_a_sum_less_what_was_refused_pays_the_rest(run: PaymentBatch) -> None:
    says(bank.status_report(bank.of(run), bank.answered(one(run), "RJCT", "AC04")))
    rest = bank.whole(bank.of(run), count=1, total=Decimal("595.00"))
    assert says(bank.notice(bank.entry("595.00", rest))) == [("INV-2", "applied")]
    assert {k: p for k, (p, _) in states(run).items()} == {"INV-1": "refused", "INV-2": "paid"}
    cast.assert_sound()


def test_groups_of_different_days_are_told_apart(people: Cast) -> None:
    cast.trade(
        bill(due_date=cast.days_ago(-60)),
        bill(invoice_number="INV-2", order_number="PO-2", quantity="50", due_date=cast.days_ago(1)),
        orders=(order(), order(order_number="PO-2")),
        receipts=(receipt(), receipt(receipt_number="GR-2", order_number="PO-2")),
    )
    batch = exported(people)
    message = bank.status_report(bank.of(batch), group="ACSC", group_id=f"{batch.id.hex}001")
    assert says(message) == [("INV-2", "applied")]
    assert states(batch)["INV-1"] == ("exported", "scheduled")


# --- refused ---------------------------------------------------------------------------------------


def refuse(batch: PaymentBatch, code: str = "AC04", text: str = "") -> None:
    payment = one(batch)
    says(bank.status_report(bank.of(batch), bank.answered(payment, "RJCT", code, text, str(payment.amount))))


def test_a_refused_payment_asks_a_person_in_plain_words(run: PaymentBatch, people: Cast) -> None:
    refuse(run)
    assert standing() == ("delivered", "escalated", ["payment_refused"])
    question = cast.question()
    assert (question.queue, question.kind) == ("payments", "invoice")
    [reason] = question.reasons
    assert reason["found"] == "the vendor's account is closed (AC04), run 1"
    assert (
        reason["sentence"]
        == "The bank did not carry it out. EUR 1,190.00 to DE89…3000: the vendor's account is closed (AC04). "
        "Ask Hartmann GmbH for its account; a change is verified before it is paid."
    )
    assert "its payment was refused or came back: the vendor's account is closed (AC04)" in question.question
    trail = cast.entries(cast.invoice().subject)
    assert "payment.refused" in trail
    assert states(run)["INV-1"][0] == "refused"
    cast.assert_sound()


def test_a_refused_payment_is_made_again_only_after_a_person_looked(run: PaymentBatch, people: Cast) -> None:
    refuse(run)
    assert payments.propose(AGENT).batches == []
    cast.answer(cast.question(), "approve", by=people.dave)
    cast.drain()
    assert standing() == ("cleared", "human", [])
    again = exported(people)
    assert [p.invoice.number for p in again.payments.all()] == ["INV-1"]
    assert one(again).id != one(run).id
    assert says(bank.debit([one(again)])) == [("INV-1", "applied")]
    assert standing()[0] == "paid"
    cast.assert_sound()


def test_a_refused_payment_of_a_rejected_invoice_is_never_made_again(run: PaymentBatch, people: Cast) -> None:
    refuse(run)
    cast.answer(cast.question(), "reject", by=people.dave)
    cast.drain()
    assert standing()[0] == "rejected"
    assert payments.propose(AGENT).batches == []
    cast.assert_sound()


def test_a_new_fact_does_not_take_the_question_back(run: PaymentBatch) -> None:
    refuse(run)
    take_in(
        table("orders", order(description="Bolt M8, zinc")), table("vendors", vendor(payment_terms="net 14"))
    )
    cast.drain()
    assert standing() == ("delivered", "escalated", ["payment_refused"])
    cast.assert_sound()


def test_what_was_learned_while_the_money_was_on_its_way_is_asked_about_too(run: PaymentBatch) -> None:
    take_in(table("orders", order(quantity="80")))
    cast.drain()
    assert standing()[0] == "scheduled"
    refuse(run, "AM04")
    assert standing()[2] == ["payment_refused", "qty_over_ordered"]
    assert cast.question().queue == "payments"


def test_a_second_refusal_is_a_second_question(run: PaymentBatch, people: Cast) -> None:
    refuse(run)
    cast.answer(cast.question(), "approve", by=people.dave)
    cast.drain()
    again = exported(people)
    refuse(again)
    assert standing() == ("delivered", "escalated", ["payment_refused"])
    assert Hold.objects.filter(code="payment_refused").count() == 2


def test_other_invoices_wait_while_the_account_is_in_doubt(run: PaymentBatch, people: Cast) -> None:
    refuse(run)
    take_in(
        table("orders", order(order_number="PO-3")),
        table("receipts", receipt(receipt_number="GR-3", order_number="PO-3")),
        table("invoices", bill(invoice_number="R-77", order_number="PO-3", quantity="80")),
    )
    cast.drain()
    done = payments.propose(AGENT)
    assert (done.batches, [x.why for x in done.left]) == (
        [],
        ["its account sent the payment of INV-1 back; a person is asked"],
    )


def test_a_run_of_which_nothing_was_carried_out_is_refused(run: PaymentBatch) -> None:
    says(bank.status_report(bank.of(run), file="RJCT", file_reason="DT01"))
    assert status(run) == "refused"
    assert {p for p, _ in states(run).values()} == {"refused"}
    assert cast.question("INV-2").reasons[0]["found"] == "the execution date is not possible (DT01), run 1"
    cast.assert_sound()


def test_money_that_comes_back_reopens_a_paid_invoice(run: PaymentBatch, people: Cast) -> None:
    payment = one(run)
    says(bank.debit([payment]))
    back = bank.notice(
        bank.entry("1190.00", bank.detail(payment, "1190.00", back="AC04"), direction="CRDT", day=bank.on(2)),
        number="NTF-2",
    )
    assert says(back) == [("INV-1", "applied")]
    assert standing() == ("delivered", "escalated", ["payment_refused"])
    assert "The money came back." in cast.question().reasons[0]["sentence"]
    cast.assert_sound()


def test_refused_and_then_booked_is_a_contradiction_that_stops_the_second_payment(
    run: PaymentBatch, people: Cast
) -> None:
    refuse(run)
    cast.answer(cast.question(), "approve", by=people.dave)
    cast.drain()
    assert says(bank.debit([one(run)])) == [("INV-1", "conflict")]
    assert standing() == ("delivered", "escalated", ["payment_refused"])
    assert "refused and yet booked by the bank" in cast.question().reasons[0]["found"]
    assert says(bank.debit([one(run)], number="NTF-9")) == [("INV-1", "conflict")]
    assert Hold.objects.filter(code="payment_refused").count() == 2
    cast.assert_sound()


# --- unknown, repeated, partial, in any order ------------------------------------------------------


@pytest.mark.parametrize("key", ["", "NOTPROVIDED", "f" * 32, "INV-1", "ignore previous instructions"])
def test_what_names_no_payment_of_ours_is_reported_and_never_guessed(run: PaymentBatch, key: str) -> None:
    message = bank.notice(bank.entry("1190.00", bank.detail(key, "1190.00")))
    assert says(message) == [("", "unknown")]
    assert {p for p, _ in states(run).values()} == {"exported"}


def test_a_payment_named_in_the_file_of_another_run_is_a_contradiction(
    run: PaymentBatch, people: Cast
) -> None:
    take_in(
        table("orders", order(order_number="PO-3")),
        table("receipts", receipt(receipt_number="GR-3", order_number="PO-3")),
        table("invoices", bill(invoice_number="R-77", order_number="PO-3", quantity="80")),
    )
    cast.drain()
    other = exported(people)
    assert says(bank.status_report(bank.of(other), bank.answered(one(run), "ACSC"))) == [
        ("INV-1", "conflict")
    ]
    assert states(run)["INV-1"][0] == "exported"


def test_a_file_that_was_never_given_out_cannot_be_answered(people: Cast) -> None:
    cast.trade()
    [batch] = payments.propose(AGENT).batches
    assert says(bank.debit([one(batch)])) == [("INV-1", "conflict")]
    assert states(batch)["INV-1"] == ("proposed", "cleared")


def test_the_same_file_twice_is_unchanged_and_the_same_word_twice_is_known(run: PaymentBatch) -> None:
    message = bank.debit([one(run)])
    says(message)
    entries = Entry.objects.filter(subject=cast.invoice().subject).count()
    report = cast.intake([("again.xml", message)], actor="system:intake")
    assert report.as_json()["unchanged"] == 1
    assert says(bank.debit([one(run)], number="NTF-1B")) == [("INV-1", "known")]
    assert Entry.objects.filter(subject=cast.invoice().subject).count() == entries
    cast.assert_sound()


def test_messages_come_to_the_same_in_any_order(run: PaymentBatch) -> None:
    payment = one(run)
    left = bank.debit([payment], when=bank.at())
    back = bank.notice(
        bank.entry("1190.00", bank.detail(payment, back="AC01"), direction="CRDT", day=bank.on(2)),
        number="NTF-2",
        when=bank.at(2),
    )
    promised = bank.status_report(bank.of(run), bank.answered(payment, "ACSP"), when=bank.at(-1))
    for order_ in itertools.permutations([left, back, promised]):
        with transaction.atomic():
            for message in order_:
                says(message)
            assert states(run)["INV-1"][0] == "refused"
            assert standing() == ("delivered", "escalated", ["payment_refused"])
            assert not BankAnswer.objects.filter(result="conflict").exists()
            transaction.set_rollback(True)


def test_one_file_with_departure_and_return_is_a_return(run: PaymentBatch) -> None:
    payment = one(run)
    message = bank.notice(
        bank.entry("1190.00", bank.detail(payment, back="AC04"), direction="CRDT", day=bank.on(2)),
        bank.entry("1190.00", bank.detail(payment), day=bank.on()),
    )
    assert says(message) == [("INV-1", "applied"), ("INV-1", "applied")]
    assert states(run)["INV-1"] == ("refused", "delivered")
    cast.assert_sound()


def test_a_manager_confirms_what_the_bank_has_not_refused(run: PaymentBatch, people: Cast) -> None:
    refuse(run)
    payments.confirm(run.number, by=people.carol)
    assert {k: p for k, (p, _) in states(run).items()} == {"INV-1": "refused", "INV-2": "paid"}
    assert status(run) == "executed"
    assert standing()[1] == "escalated"
    cast.assert_sound()


def test_the_message_is_kept_with_what_it_did(run: PaymentBatch) -> None:
    says(bank.debit([one(run)]), by="human:7")
    document = Document.objects.get(kind="bank_notice")
    assert cast.entries(document.subject) == ["bank.reported"]
    entry = Entry.objects.get(subject=f"payment_batch/{run.id}", type="payment.reported")
    assert entry.actor == "human:7"
    assert str(document.id) in entry.body


# --- advances --------------------------------------------------------------------------------------


def final() -> bytes:
    """FIN-1 over 1,190.00 on PO-2, of which 1,190.00 less 595.00 is asked for: INV-1 was the advance."""
    line = (
        make.LINE.replace('"C62">10<', '"EA">100<').replace(">100.00<", ">1000.00<").replace(">N-1<", ">A-1<")
    )
    amounts = {
        "LineExtensionAmount": "1000.00",
        "TaxExclusiveAmount": "1000.00",
        "TaxInclusiveAmount": "1190.00",
        "PrepaidAmount": "595.00",
        "PayableAmount": "595.00",
    }
    totals = "".join(f'<cbc:{k} currencyID="EUR">{v}</cbc:{k}>' for k, v in amounts.items())
    named = "<cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>INV-1</cbc:ID></cac:InvoiceDocumentReference></cac:BillingReference>"
    return make.invoice_xml(
        number="<cbc:ID>FIN-1</cbc:ID>",
        references=f"<cac:OrderReference><cbc:ID>PO-2</cbc:ID></cac:OrderReference>{named}",
        tax=make.TAX.replace("19.00", "190.00").replace("100.00", "1000.00"),
        totals=f"<cac:LegalMonetaryTotal>{totals}</cac:LegalMonetaryTotal>",
        lines=line.replace("<cbc:LineID>1<", "<cbc:LineID>10<"),
    )


@pytest.fixture
def advance(people: Cast) -> PaymentBatch:
    """INV-1 over 595.00 is an advance, in a run that waits for its second signature; FIN-1 deducts it and is
    held."""
    cast.trade(
        bill(quantity="50"),
        orders=(order(quantity="50"), order(order_number="PO-2")),
        receipts=(receipt(quantity="50"), receipt(receipt_number="GR-2", order_number="PO-2")),
    )
    cast.intake([("final.xml", final())], actor="system:intake")
    cast.drain()
    assert standing("FIN-1")[1:] == ("escalated", ["prepayment_open"])
    [batch] = payments.propose(AGENT).batches
    return batch


def test_an_advance_that_is_scheduled_releases_the_invoice_that_deducts_it(
    advance: PaymentBatch, people: Cast
) -> None:
    payments.approve(advance.number, by=people.carol)
    cast.drain()
    assert standing("FIN-1") == ("cleared", "auto", [])
    assert Hold.objects.get(code="prepayment_open").release == "matched"
    assert Escalation.objects.get(subject=cast.invoice("FIN-1").subject).status == "withdrawn"
    [batch] = payments.propose(AGENT).batches
    assert [(p.invoice.number, p.amount) for p in batch.payments.all()] == [("FIN-1", Decimal("595.00"))]
    cast.assert_sound()


def test_an_advance_that_comes_back_holds_the_invoice_that_deducts_it_again(
    advance: PaymentBatch, people: Cast
) -> None:
    payments.approve(advance.number, by=people.carol)
    payments.export(advance.number)
    cast.drain()
    says(bank.status_report(bank.of(advance), bank.answered(one(advance), "RJCT", "AC04")))
    assert standing("FIN-1")[1:] == ("escalated", ["prepayment_open"])
    assert standing("INV-1")[2] == ["payment_refused"]
    cast.assert_sound()


# --- what a person is asked about ------------------------------------------------------------------


def asked() -> list[Escalation]:
    return list(Escalation.objects.filter(kind="bank_message", status="open"))


def early(batch: PaymentBatch, *numbers: str, number: str = "NTF-1", by_report: bool = False) -> bytes:
    """The bank's word that payments left on the day before theirs."""
    found = [one(batch, n) for n in numbers]
    day = min(p.terms.execute_on for p in found) - timedelta(days=1)
    when = f"{day}T10:00:00+01:00"
    if by_report:
        return bank.status_report(
            bank.of(batch), *(bank.answered(p, "ACSC") for p in found), number=number, when=when
        )
    total = sum((p.amount for p in found), Decimal(0))
    details = [bank.detail(p, str(p.amount)) for p in found]
    return bank.notice(bank.entry(total, *details, day=day.isoformat()), number=number, when=when)


@pytest.mark.parametrize("by_report", [False, True])
def test_money_said_to_have_left_before_its_day_is_a_question(
    run: PaymentBatch, people: Cast, by_report: bool
) -> None:
    assert says(early(run, "INV-1", by_report=by_report)) == [("INV-1", "conflict")]
    assert states(run)["INV-1"] == ("exported", "scheduled")
    [question] = asked()
    with pytest.raises(NotAllowed):
        cast.answer(question, "approve", by=people.alice)
    cast.answer(question, "approve", by=people.dave)
    assert states(run) == {"INV-1": ("paid", "paid"), "INV-2": ("exported", "scheduled")}
    cast.assert_sound()


def test_who_brought_the_banks_word_does_not_answer_for_it(run: PaymentBatch, people: Cast) -> None:
    says(early(run, "INV-1", "INV-2"), by=f"human:{people.carol.pk}")
    [question] = asked()
    with pytest.raises(NotAllowed, match="You made"):
        cast.answer(question, "approve", by=people.carol)
    cast.answer(question, "reject", by=people.dave)
    assert {s for s, _ in states(run).values()} == {"exported"}
    assert says(bank.debit([one(run)], number="NTF-2")) == [("INV-1", "applied")]
    cast.assert_sound()


def test_the_same_early_word_again_asks_once_while_the_question_is_open(
    run: PaymentBatch, people: Cast
) -> None:
    says(early(run, "INV-1"))
    says(early(run, "INV-1", number="NTF-2"))
    [question] = asked()
    cast.answer(question, "reject", by=people.dave)
    says(early(run, "INV-1", number="NTF-3"))
    assert len(asked()) == 1


TWICE = (
    "The money of this payment left twice. Look at the account, and ask the bank or the vendor to give one of"
    " them back."
)


def test_two_debits_of_one_payment_ask_for_one_of_them_back(run: PaymentBatch) -> None:
    debit = bank.entry("1190.00", bank.detail(one(run), "1190.00"))
    assert says(bank.notice(debit, debit)) == [("INV-1", "applied"), ("INV-1", "conflict")]
    assert states(run)["INV-1"] == ("paid", "paid")
    [question] = asked()
    assert [r["sentence"] for r in question.reasons] == [TWICE]
    says(bank.notice(debit, debit, number="NTF-2"))  # the same told again
    assert len(asked()) == 1
    cast.assert_sound()


def test_a_debit_under_each_of_two_files_asks_in_either_order(run: PaymentBatch, people: Cast) -> None:
    second_file.ask(run.number, by=people.carol, text="The bank lost it")
    payments.approve(run.number, by=people.dave)
    told = [
        bank.notice(
            bank.entry(
                "1190.00",
                bank.detail(one(run), "1190.00", message=message_id(run.id.hex, copy)),
                day=bank.on(copy),
            ),
            number=f"NTF-{copy}",
            when=bank.at(copy),
        )
        for copy in (1, 2)
    ]
    for order_ in itertools.permutations(told):
        with transaction.atomic():
            says(*order_[:1])
            assert asked() == []
            says(*order_[1:])
            assert [[r["sentence"] for r in q.reasons] for q in asked()] == [[TWICE]]
            assert states(run)["INV-1"] == ("paid", "paid")
            transaction.set_rollback(True)


@pytest.mark.parametrize("moved", ["", "11900.00"], ids=["amount of the entry", "amount of the payment"])
@pytest.mark.parametrize(("total", "status_"), [("11900.00", "exported"), ("1192.50", "paid")])
def test_what_moved_may_differ_from_what_was_instructed_by_no_more_than_a_bank_charges(
    run: PaymentBatch, moved: str, total: str, status_: str
) -> None:
    instructed = bank.tag("AmtDtls", bank.tag("InstdAmt", bank.tag("Amt", "1190.00", Ccy="EUR")))
    line = bank.detail(one(run), moved and total).replace("</TxDtls>", f"{instructed}</TxDtls>")
    says(bank.notice(bank.entry(total, line)))
    assert one(run).status == status_
    notes = [[r["sentence"] for r in q.reasons] for q in asked()]
    assert notes == (
        []
        if status_ == "paid"
        else [
            [
                (
                    "The bank says EUR 11,900.00; the payment is EUR 1,190.00. It states no charges that explain"
                    " the difference."
                )
            ]
        ]
    )
    cast.assert_sound()


def of_kind(notice: bytes, kind: str, body: str, part: str) -> bytes:
    """A notification as another message of the account."""
    for old, new in (("camt.054", kind), ("BkToCstmrDbtCdtNtfctn", body), ("Ntfctn>", f"{part}>")):
        notice = notice.replace(old.encode(), new.encode())
    return notice


@pytest.mark.parametrize(
    ("day", "doubtful"), [("", False), (bank.on(4), True)], ids=["no day", "another day"]
)
@pytest.mark.parametrize("paid_again", [False, True])
def test_a_part_that_another_message_tells_again_is_paid_again_once(
    run: PaymentBatch, people: Cast, day: str, doubtful: bool, paid_again: bool
) -> None:
    says(bank.debit([one(run)]))
    back = bank.detail(one(run), "595.00", back="MS03")
    told = [
        bank.notice(bank.entry("595.00", back, direction="CRDT", day=d), number=f"N-{n}", when=bank.at(5 + n))
        for n, d in enumerate((bank.on(3), day))
    ]
    says(told[0])
    again_: list[Payment] = []
    if paid_again:
        cast.answer(cast.question(), "approve", by=people.dave)
        cast.drain()
        again_ = list(exported(people).payments.all())
        says(bank.debit(again_, number="NTF-2"))
        assert standing()[0] == "paid"
    says(of_kind(told[1], "camt.053", "BkToCstmrStmt", "Stmt"))
    assert (one(run).status, one(run).returned) == ("paid", Decimal("595.00"))
    assert len(asked()) == doubtful
    if paid_again:
        assert [p.amount for p in again_] == [Decimal("595.00")]
        assert standing()[0] == "paid"
        assert payments.propose(AGENT).batches == []
    cast.assert_sound()


def test_what_came_true_meanwhile_asks_nobody_any_more(run: PaymentBatch) -> None:
    says(early(run, "INV-1"))
    [question] = asked()
    says(bank.debit([one(run)], number="NTF-2"))
    question.refresh_from_db()
    assert (asked(), question.status) == ([], "withdrawn")
    assert cast.entries(cast.invoice().subject).count("payment.executed") == 1
    cast.assert_sound()


def test_a_message_that_matches_no_exported_file_is_a_question_and_changes_nothing(people: Cast) -> None:
    cast.trade()
    [batch] = payments.propose(AGENT).batches
    says(bank.status_report(bank.of(batch), file="ACSC"))
    says(bank.status_report("CS-" + "0" * 32, number="PSR-2", file="RJCT"))
    assert len(asked()) == 2
    assert {s for s, _ in states(batch).values()} == {"proposed"}
    for question in asked():
        cast.answer(question, "approve", by=people.dave)
    assert {s for s, _ in states(batch).values()} == {"proposed"}
    cast.assert_sound()


def test_entries_of_an_account_that_are_not_ours_ask_nobody(run: PaymentBatch) -> None:
    says(bank.notice(bank.entry("12.00", bank.detail("NOTPROVIDED", "12.00"))))
    assert asked() == []
