"""What the bank says comes to the same in whatever order it comes, down to invoices and questions: cases as
banks have them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from coordination.models import BankAnswer, Hold, Invoice, Payment, PaymentBatch, Statement
from coordination.selectors import payments as page
from coordination.selectors.invoices import payment_plan
from coordination.services import payments
from coordination.services.correspondence import responses
from coordination.services.correspondence.responses import letter
from reviews.models import Escalation
from tests import bank, cast
from tests.cast import Cast, bill, order, receipt, standing, table, take_in
from tests.payments.test_bank_answers import AGENT, exported, one, says, states

pytestmark = pytest.mark.django_db
Numbers = ("INV-1", "INV-2", "INV-3")


@pytest.fixture
def run(people: Cast) -> PaymentBatch:
    """Run 1, exported, one group: INV-1 over 1,000.00, INV-2 over 250.50 and INV-3 over 77.77."""
    amounts = {"INV-1": "1000.00", "INV-2": "250.50", "INV-3": "77.77"}
    lines: list[dict[str, Any]] = [
        {"order_number": f"PO-{n}", "quantity": "1", "unit_price": amount, "tax_rate": "0"}
        for n, amount in enumerate(amounts.values(), 1)
    ]
    cast.trade(
        *(bill(invoice_number=f"INV-{n}", **line) for n, line in enumerate(lines, 1)),
        orders=tuple(order(**line) for line in lines),
        receipts=tuple(
            receipt(receipt_number=f"GR-{n}", order_number=line["order_number"], quantity="1")
            for n, line in enumerate(lines, 1)
        ),
    )
    return exported(people)


def refusal(batch: PaymentBatch, number: str = "INV-1", **changes: Any) -> bytes:
    return bank.status_report(
        bank.of(batch),
        bank.answered(one(batch, number), "RJCT", "AC04"),
        number=f"PSR-{number}",
        when=bank.at(-15),
        **changes,
    )


def net(batch: PaymentBatch, count: int = 2, amount: str = "328.27", number: str = "NTF-NET") -> bytes:
    """One booking for so many payments of the file; as banks do, without a total of its own."""
    return bank.notice(bank.entry(amount, bank.whole(bank.of(batch), count=count)), number=number)


def refund(batch: PaymentBatch, amount: str, number: str, days: int = 3, **changes: Any) -> bytes:
    line = bank.detail(one(batch), amount, **changes)
    return bank.notice(
        bank.entry(amount, line, direction="CRDT", day=bank.on(days)), number=number, when=bank.at(days)
    )


def questions() -> list[tuple[str, str, list[str]]]:
    """Every open question: its kind, what it asks, and why."""
    rows = Escalation.objects.filter(status="open")
    return sorted((q.kind, q.question, [r["sentence"] for r in q.reasons]) for q in rows)


def the_end(batch: PaymentBatch) -> dict[str, Any]:
    """All that may not depend on the order of messages."""
    batch.refresh_from_db()
    return {
        "payments": {
            p.invoice.number: (p.status, p.returned) for p in batch.payments.select_related("invoice")
        },
        "invoices": {n: standing(n) for n in Numbers},
        "questions": questions(),
        "unexplained": sorted((a.reference, a.note) for a in page.unexplained()),
        "run": batch.status,
    }


def ends(batch: PaymentBatch, messages: Sequence[bytes]) -> list[dict[str, Any]]:
    """The end of every order of messages; after each the books are sound."""
    found = []
    for order_ in itertools.permutations(messages):
        with transaction.atomic():
            for message in order_:
                says(message)
            cast.assert_sound()
            found.append(the_end(batch))
            transaction.set_rollback(True)
    return found


def same(found: list[dict[str, Any]]) -> dict[str, Any]:
    """The one end that all orders have."""
    for other in found[1:]:
        assert other == found[0]
    return found[0]


# --- a sum net of what was refused --------------------------------------------------------------------------


def test_a_group_booked_net_of_a_refusal_ends_the_same_in_either_order(run: PaymentBatch) -> None:
    end = same(ends(run, [refusal(run), net(run)]))
    assert end["payments"] == {"INV-1": ("refused", None), "INV-2": ("paid", None), "INV-3": ("paid", None)}
    assert end["invoices"]["INV-2"][0] == "paid"
    assert [(kind, len(why)) for kind, _, why in end["questions"]] == [("invoice", 1)]
    assert (end["unexplained"], end["run"]) == ([], "executed")


def test_a_sum_that_agrees_with_nothing_is_asked_about_until_it_is_explained(
    run: PaymentBatch, people: Cast
) -> None:
    assert says(net(run)) == [("INV-1", "conflict")]
    [question] = Escalation.objects.filter(kind="bank_message", status="open")
    assert question.reasons[0]["sentence"] == "The bank says 2 payments; the run has 3."
    says(refusal(run))
    question.refresh_from_db()
    assert question.status == "withdrawn"
    newest = BankAnswer.objects.filter(document__number="NTF-NET").order_by("-id")[:3]
    assert {(a.payment.invoice.number, a.result) for a in newest if a.payment} == {
        ("INV-1", "known"),
        ("INV-2", "applied"),
        ("INV-3", "applied"),
    }
    assert page.unexplained() == []
    cast.assert_sound()


def test_a_group_of_which_one_was_booked_alone_and_one_refused_ends_the_same_in_any_order(
    run: PaymentBatch,
) -> None:
    alone = bank.debit([one(run, "INV-2")], number="NTF-2")
    end = same(ends(run, [refusal(run), net(run, 1, "77.77"), alone]))
    assert {p for p, _ in end["payments"].values()} == {"refused", "paid"}
    assert end["run"] == "executed"


def test_booked_and_refused_is_one_question_in_either_order(run: PaymentBatch) -> None:
    end = same(ends(run, [refusal(run), bank.debit([one(run)], number="NTF-2")]))
    assert end["payments"]["INV-1"] == ("refused", None)
    [(kind, text, why)] = end["questions"]
    assert kind == "invoice"
    assert (
        text
        == "Pay as billed, although the bank says two things of its payment: refused and yet booked by the"
        " bank, run 1?"
    )
    assert why == [
        (
            "The bank says that EUR 1,000.00 was not carried out, and also that it has left. Look at the"
            " account before it is paid again."
        )
    ]


# --- national namespaces ------------------------------------------------------------------------------------

NATIONAL = (
    "http://www.six-interbank-clearing.com/de/pain.002.001.03.ch.02.xsd",
    "urn:iso:std:iso:20022:tech:xsd:pain.002.003.03",
)


@pytest.mark.parametrize("namespace", NATIONAL)
def test_a_bank_answers_in_the_namespace_of_its_country(run: PaymentBatch, namespace: str) -> None:
    def national(message: bytes) -> bytes:
        return re.sub(rb'xmlns="[^"]*"', f'xmlns="{namespace}"'.encode(), message, count=1)

    when = {"when": bank.at(-20)}
    for code in ("ACTC", "ACCP"):
        accepted = bank.status_report(bank.of(run), file=code, number=code, **when)
        assert {r for _, r in says(national(accepted))} == {"noted"}
    assert says(national(refusal(run))) == [("INV-1", "applied")]
    assert states(run)["INV-1"] == ("refused", "delivered")


# --- charges ------------------------------------------------------------------------------------------------

CHARGES = '<Chrgs><TtlChrgsAndTaxAmt Ccy="EUR">2.50</TtlChrgsAndTaxAmt></Chrgs>'


def charged(payment: Payment, amounts: str = "") -> bytes:
    """An entry of 1,002.50 for a payment of 1,000.00, with charges of 2.50."""
    details = bank.detail(payment).replace("</TxDtls>", f"{amounts}</TxDtls>")
    return bank.notice(bank.entry("1002.50", details).replace("<NtryDtls>", f"{CHARGES}<NtryDtls>"))


@pytest.mark.parametrize(
    "amounts",
    [
        "",
        '<AmtDtls><TxAmt><Amt Ccy="EUR">1002.50</Amt></TxAmt></AmtDtls>',
        (
            '<AmtDtls><InstdAmt><Amt Ccy="EUR">1000.00</Amt></InstdAmt><TxAmt><Amt'
            ' Ccy="EUR">1002.50</Amt></TxAmt></AmtDtls>'
        ),
    ],
)
def test_charges_in_the_amount_are_noted_and_the_payment_is_paid(run: PaymentBatch, amounts: str) -> None:
    assert says(charged(one(run), amounts)) == [("INV-1", "applied")]
    assert states(run)["INV-1"] == ("paid", "paid")
    assert BankAnswer.objects.get().note == "The money has left. The bank took charges of EUR 2.50."
    cast.assert_sound()


@pytest.mark.parametrize("direction", ["DBIT", "CRDT"])
def test_charges_booked_beside_the_payment_are_noted_and_ask_nobody(
    run: PaymentBatch, direction: str
) -> None:
    code = "<BkTxCd><Domn><Cd>ACMT</Cd><Fmly><Cd>MDOP</Cd><SubFmlyCd>CHRG</SubFmlyCd></Fmly></Domn></BkTxCd>"
    fee = bank.entry("2.50", bank.detail(one(run), "2.50"), direction=direction).replace(
        "<NtryDtls>", f"{code}<NtryDtls>"
    )
    message = bank.notice(bank.entry("1000.00", bank.detail(one(run), "1000.00")), fee)
    assert says(message) == [("INV-1", "applied"), ("INV-1", "noted")]
    assert (one(run).status, one(run).returned, questions()) == ("paid", None, [])


def test_more_than_the_payment_without_a_word_of_charges_is_a_question(run: PaymentBatch) -> None:
    assert says(bank.notice(bank.entry("1002.50", bank.detail(one(run))))) == [("INV-1", "conflict")]
    assert [kind for kind, *_ in questions()] == ["bank_message"]


# --- a part comes back --------------------------------------------------------------------------------------


def paid_and_refunded(batch: PaymentBatch, amount: str = "400.00") -> None:
    says(bank.debit([one(batch)]))
    says(refund(batch, amount, "NTF-BACK"))


def test_a_part_that_comes_back_leaves_the_rest_paid_and_asks(run: PaymentBatch) -> None:
    paid_and_refunded(run)
    payment = one(run)
    assert (payment.status, payment.returned) == ("paid", Decimal("400.00"))
    assert standing() == ("delivered", "escalated", ["payment_refused"])
    question = cast.question()
    assert (question.queue, question.question) == (
        "payments",
        "EUR 400.00 of EUR 1,000.00 came back, run 1. Pay it again?",
    )
    [reason] = question.reasons
    assert (
        reason["sentence"] == "EUR 400.00 of EUR 1,000.00 came back. EUR 600.00 stays paid to DE89…3000. "
        "Ask Hartmann GmbH why before it is paid again."
    )
    assert [c["text"] for c in question.case["consequences"]] == [
        (
            "Approving clears EUR 400.00 to be paid again with the next payment run to the verified account"
            " of Hartmann GmbH, and no more."
        ),
        (
            "Rejecting pays nothing more: EUR 600.00 is paid or on its way and stays so, and EUR 400.00 is"
            " not paid again."
        ),
        "Overriding does the same as approving and names each rule that is set aside.",
    ]
    assert payments.propose(AGENT).batches == []
    assert "payment.returned" in cast.entries(cast.invoice().subject)
    cast.assert_sound()


def planned() -> list[tuple[str, str]]:
    plan = payment_plan(cast.invoice())
    return [(s["amount"], s["status"]) for s in plan["steps"]] if plan else []


@pytest.mark.parametrize(("verdict", "then"), [("approve", [("400.00", "to be paid")]), ("reject", [])])
def test_the_plan_promises_nothing_while_the_question_of_a_part_is_open(
    run: PaymentBatch, people: Cast, verdict: str, then: list[tuple[str, str]]
) -> None:
    paid_and_refunded(run)
    assert planned() == [("1000.00", "paid"), ("400.00", "if it is approved")]
    assert [s["status"] for s in cast.question().case["plan"]["steps"]][-1] == "if it is approved"
    cast.answer(cast.question(), verdict, by=people.dave)
    cast.drain()
    assert planned() == [("1000.00", "paid"), *then]


def test_what_came_back_is_paid_again_and_no_more(run: PaymentBatch, people: Cast) -> None:
    paid_and_refunded(run)
    cast.answer(cast.question(), "approve", by=people.dave)
    cast.drain()
    assert standing() == ("cleared", "human", [])
    again = exported(people)
    assert [(p.invoice.number, p.amount, p.discount, p.part) for p in again.payments.all()] == [
        ("INV-1", Decimal("400.00"), Decimal("0.00"), 2)
    ]
    assert payments.propose(AGENT).batches == []
    cast.assert_sound()
    assert says(bank.debit([one(again)], number="NTF-3")) == [("INV-1", "applied")]
    assert standing() == ("paid", "human", [])
    assert payments.propose(AGENT).batches == []
    cast.assert_sound()


def test_what_is_not_to_be_paid_again_leaves_the_invoice_paid_for_the_rest(
    run: PaymentBatch, people: Cast
) -> None:
    paid_and_refunded(run)
    cast.answer(cast.question(), "reject", by=people.dave)
    cast.drain()
    assert standing() == ("paid", "human", [])
    assert (one(run).status, one(run).returned) == ("paid", Decimal("400.00"))
    assert payments.propose(AGENT).batches == []
    assert questions() == []
    cast.assert_sound()


def test_the_vendor_is_told_what_is_with_it_and_a_statement_that_claims_the_rest_agrees(
    run: PaymentBatch, people: Cast
) -> None:
    paid_and_refunded(run)
    row = Invoice.objects.select_related("vendor", "facts").get(number="INV-1")
    assert "A payment was not carried out or came back to us; we are looking into it." in letter(
        responses.answer_for(row)
    )
    cast.answer(cast.question(), "reject", by=people.dave)
    cast.drain()
    row.refresh_from_db()
    assert "EUR 600.00" in letter(responses.answer_for(row))
    claimed = {
        "statement_number": "ST-1",
        "vendor_id": "V-1",
        "date": cast.days_ago(-60),
        "currency": "EUR",
        "reference": "INV-1",
        "reference_date": "2026-09-05",
        "type": "invoice",
        "amount": "400.00",
        "balance": "",
    }
    take_in(table("statements", claimed))
    cast.drain()
    line = Statement.objects.get().lines.get()
    assert (line.kind, line.ours) == ("matched", Decimal(400))
    assert line.sentence.endswith("400.00 of it came back and is open here too.")


def test_a_second_part_is_asked_about_in_the_same_question(run: PaymentBatch) -> None:
    paid_and_refunded(run)
    says(refund(run, "150.00", "NTF-BACK-2", days=5))
    assert one(run).returned == Decimal("550.00")
    assert cast.question().question == "EUR 550.00 of EUR 1,000.00 came back, run 1. Pay it again?"
    assert Hold.objects.filter(code="payment_refused").count() == 1
    cast.assert_sound()


def test_a_part_that_comes_back_while_the_first_is_paid_again_is_a_new_question(
    run: PaymentBatch, people: Cast
) -> None:
    paid_and_refunded(run)
    cast.answer(cast.question(), "approve", by=people.dave)
    cast.drain()
    again = exported(people)
    says(refund(run, "100.00", "NTF-BACK-2", days=5))
    assert standing() == ("delivered", "escalated", ["payment_refused"])
    says(bank.debit([one(again)], number="NTF-3"))
    assert standing()[0] == "delivered"
    cast.answer(cast.question(), "approve", by=people.dave)
    cast.drain()
    [third] = payments.propose(AGENT).batches
    assert [(p.amount, p.part) for p in third.payments.all()] == [(Decimal("100.00"), 3)]
    cast.assert_sound()


def test_all_of_it_in_two_parts_is_a_payment_that_came_back(run: PaymentBatch, people: Cast) -> None:
    paid_and_refunded(run)
    says(refund(run, "600.00", "NTF-BACK-2", days=5))
    assert (one(run).status, one(run).returned) == ("refused", None)
    assert standing() == ("delivered", "escalated", ["payment_refused"])
    cast.answer(cast.question(), "approve", by=people.dave)
    cast.drain()
    assert [p.amount for p in exported(people).payments.all()] == [Decimal("1000.00")]
    cast.assert_sound()


def test_a_return_less_a_stated_fee_is_a_whole_return(run: PaymentBatch) -> None:
    says(bank.debit([one(run)]))
    fee = '<Chrgs><TtlChrgsAndTaxAmt Ccy="EUR">5.00</TtlChrgsAndTaxAmt></Chrgs>'
    back = bank.entry("995.00", bank.detail(one(run), back="AC04"), direction="CRDT", day=bank.on(3))
    says(bank.notice(back.replace("<NtryDtls>", f"{fee}<NtryDtls>"), number="NTF-BACK"))
    assert (one(run).status, one(run).returned) == ("refused", None)
    assert "EUR 5.00 of it was kept as charges" in cast.question().reasons[0]["sentence"]
    cast.assert_sound()


def test_a_collective_return_names_each_payment_and_a_stranger_is_reported(run: PaymentBatch) -> None:
    says(bank.debit([one(run), one(run, "INV-2"), one(run, "INV-3")]))
    details = [bank.detail(one(run, n), back="AC04") for n in ("INV-2", "INV-3")]
    back = bank.entry("328.27", *details, direction="CRDT", day=bank.on(3))
    assert says(bank.notice(back, number="NTF-BACK")) == [("INV-2", "applied"), ("INV-3", "applied")]
    wrong = bank.entry(
        "900.00",
        bank.detail(one(run), back="AC04"),
        bank.detail("e" * 32, back="AC04"),
        direction="CRDT",
        day=bank.on(3),
    )
    assert sorted(says(bank.notice(wrong, number="NTF-WRONG"))) == [("", "unknown"), ("INV-1", "conflict")]
    assert {n: s for n, (s, _) in states(run).items()} == {
        "INV-1": "paid",
        "INV-2": "refused",
        "INV-3": "refused",
    }
    cast.assert_sound()


def test_more_back_than_was_paid_is_a_question_and_at_most_the_payment_is_paid_again(
    run: PaymentBatch,
) -> None:
    says(bank.debit([one(run)]))
    assert says(refund(run, "1200.00", "NTF-MUCH")) == [("INV-1", "conflict")]
    assert (one(run).status, one(run).returned) == ("paid", None)
    assert [kind for kind, *_ in questions()] == ["bank_message"]


# --- any order, any repetition ------------------------------------------------------------------------------

Make = Callable[[PaymentBatch], bytes]
SETS: dict[str, list[Make]] = {
    "paid, a part back, another part back": [
        lambda b: bank.debit([one(b)]),
        lambda b: refund(b, "400.00", "B-1"),
        lambda b: refund(b, "150.00", "B-2", 5),
    ],
    "accepted, a part back, the rest back": [
        lambda b: bank.status_report(bank.of(b), file="ACCP", when=bank.at(-20)),
        lambda b: refund(b, "400.00", "B-1"),
        lambda b: refund(b, "600.00", "B-2", 5),
    ],
    "refused, a sum of the others, the same sum on the statement": [
        refusal,
        net,
        lambda b: net(b, number="STM-NET"),
    ],
    "refused, booked for the whole file, back": [
        refusal,
        lambda b: net(b, 3, "1328.27"),
        lambda b: refund(b, "1000.00", "B-1", back="AC04"),
    ],
    "a wrong amount, the right one, a part back": [
        lambda b: bank.notice(bank.entry("999.00", bank.detail(one(b))), number="W-1"),
        lambda b: bank.debit([one(b)]),
        lambda b: refund(b, "400.00", "B-1"),
    ],
    "more back than was paid, in two": [
        lambda b: bank.debit([one(b)]),
        lambda b: refund(b, "700.00", "B-1"),
        lambda b: refund(b, "400.00", "B-2", 5),
    ],
}


@pytest.mark.parametrize("name", SETS)
def test_the_end_does_not_depend_on_the_order(run: PaymentBatch, name: str) -> None:
    same(ends(run, [make(run) for make in SETS[name]]))


@pytest.mark.parametrize("name", SETS)
def test_the_end_does_not_depend_on_repetition(run: PaymentBatch, name: str) -> None:
    messages = [make(run) for make in SETS[name]]
    again = [
        re.sub(rb"<MsgId>([A-Z][^<]*)</MsgId><CreDtTm>", rb"<MsgId>\1-again</MsgId><CreDtTm>", m)
        for m in messages
    ]
    for message in messages:
        says(message)
    end = the_end(run)
    for message in (*again, *messages):
        cast.intake([("again.xml", message)], actor="system:intake")
        cast.drain()
    repeated = the_end(run)
    assert [repeated[k] for k in ("payments", "invoices", "run")] == [
        end[k] for k in ("payments", "invoices", "run")
    ]
    assert len(repeated["questions"]) == len(end["questions"])
    cast.assert_sound()


def test_a_person_who_confirmed_is_not_contradicted_by_a_part_that_comes_back(
    run: PaymentBatch, people: Cast
) -> None:
    payments.confirm(run.number, by=people.carol)
    says(refund(run, "400.00", "NTF-BACK"))
    assert (one(run).status, one(run).returned) == ("paid", Decimal("400.00"))
    assert states(run)["INV-2"] == ("paid", "paid")
    cast.assert_sound()


def test_a_part_that_came_back_because_of_the_account_keeps_other_payments_to_it_waiting(
    run: PaymentBatch,
) -> None:
    says(bank.debit([one(run)]))
    says(refund(run, "995.00", "NTF-BACK", back="AC04"))
    assert "The bank says: the vendor's account is closed (AC04)." in cast.question().reasons[0]["sentence"]
    take_in(
        table("orders", order(order_number="PO-9")),
        table("receipts", receipt(receipt_number="GR-9", order_number="PO-9")),
        table("invoices", bill(invoice_number="R-77", order_number="PO-9", quantity="80")),
    )
    cast.drain()
    assert payments.propose(AGENT).batches == []


def test_a_new_bill_of_the_vendor_is_not_kept_waiting_by_a_part_that_came_back(run: PaymentBatch) -> None:
    paid_and_refunded(run)
    take_in(
        table("orders", order(order_number="PO-9")),
        table("receipts", receipt(receipt_number="GR-9", order_number="PO-9")),
        table("invoices", bill(invoice_number="R-77", order_number="PO-9", quantity="80")),
    )
    cast.drain()
    assert [p.invoice.number for p in payments.propose(AGENT).batches[0].payments.all()] == ["R-77"]
