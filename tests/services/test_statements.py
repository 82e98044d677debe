"""Statements of account: taken in, reconciled at once and again, asked about once, answered once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from audit.models import Entry
from coordination.models import Document, Statement, StatementChange
from coordination.services import payments
from coordination.services.intake import Report
from coordination.services.statements import reconciling
from coordination.workers import runner
from reviews.errors import LostRace, NotAllowed, Refused
from reviews.models import Escalation
from reviews.services import resolve
from tests import cast
from tests.cast import Cast, Row, bill, order, receipt, table, take_in, vendor

pytestmark = pytest.mark.django_db
AGENT = "human:900"


def row(reference: str = "INV-1", amount: str = "1190.00", **changes: object) -> Row:
    """One line of ST-1 of V-1: INV-1 over 1,190.00."""
    return {
        "statement_number": "ST-1",
        "vendor_id": "V-1",
        "date": "2026-11-20",
        "currency": "EUR",
        "reference": reference,
        "reference_date": "2026-09-05",
        "type": "invoice",
        "amount": amount,
        "balance": "",
    } | changes


def stated(*rows: Row) -> Report:
    """Take a statement in and let the workers run."""
    report = take_in(table("statements", *(rows or (row(),))))
    cast.drain()
    return report


def statement(number: str = "ST-1") -> Statement:
    return Statement.objects.get(number=number)


def kinds(number: str = "ST-1") -> list[str]:
    return list(statement(number).lines.order_by("position").values_list("kind", flat=True))


def question(number: str = "ST-1") -> Escalation:
    return Escalation.objects.get(subject=statement(number).subject, status="open")


def entries(number: str = "ST-1") -> list[str]:
    return cast.entries(statement(number).subject)


# --- at once ---------------------------------------------------------------------------------------


def test_a_statement_that_agrees_is_filed_without_a_question() -> None:
    cast.trade()
    stated(row(balance="1190.00"))
    found = statement()
    assert (found.status, found.matched, found.differences, found.our_balance) == (
        "agreed",
        1,
        0,
        Decimal(1190),
    )
    assert entries() == ["statement.received", "statement.reconciled"]
    assert not Escalation.objects.filter(kind="statement").exists()
    assert found.lines.get().invoice == cast.invoice()
    cast.assert_sound()


def test_each_kind_of_difference_is_found_on_its_line() -> None:
    cast.trade()
    stated(
        row(),
        row("INV-9", "100.00"),
        row("CN-9", "-50.00", type="credit_note"),
        row("INV-I", "77.00"),
        row("INV-1", "-1190.00", type="payment"),
    )
    assert kinds() == ["matched", "missing_invoice", "unapplied_credit", "missing_invoice", "unmatched"]
    assert statement().lines.get(position=4).suggestions == []  # INV-1 stands on a line of its own
    assert (statement().differences, statement().matched, statement().timing) == (4, 1, 0)
    cast.assert_sound()


def test_the_order_of_intake_does_not_matter() -> None:
    stated()
    assert (statement().status, kinds()) == ("open", ["unmatched"])
    assert question().reasons[0]["code"] == "supplier_unknown"
    cast.trade()
    assert (statement().status, kinds()) == ("agreed", ["matched"])
    assert Escalation.objects.get(kind="statement").status == "withdrawn"
    cast.assert_sound()


def test_a_seller_is_found_by_its_keys_as_for_invoices() -> None:
    cast.trade()
    stated(row(vendor_id="V-2"))
    assert statement().vendor is None
    take_in(table("vendors", vendor(vendor_id="V-2", vat_id="DE129274202", name="Other")))
    cast.drain()
    assert statement().vendor is not None
    assert kinds() == ["missing_invoice"]


def test_the_same_statement_in_other_bytes_is_a_duplicate() -> None:
    cast.trade()
    stated()
    report = take_in(table("statements", row()) + b"\n")
    assert report.as_json()["duplicates"] == 1
    assert Statement.objects.count() == 1
    assert Document.objects.filter(kind="statement").count() == 2


def test_the_decision_says_what_was_read_and_why() -> None:
    cast.trade()
    stated(row(amount="1200.00", balance="1300.00"))
    [body] = Entry.objects.filter(type="statement.reconciled").values_list("body", flat=True)
    assert '"agent":"finance.statements"' in body
    assert '"number":"INV-1"' in body  # the books it was compared with
    assert "0 of 1 lines of ST-1 agree. The rest: 1 of another amount." in body
    assert "It states 1,300.00 as its balance; its lines come to 1,200.00." in body
    assert '"policy":{"revision":"1"' in body


# --- again -----------------------------------------------------------------------------------------


def test_an_invoice_that_comes_later_settles_the_difference() -> None:
    cast.trade()
    stated(row(), row("R-77", "595.00"))
    assert (kinds(), question().amount) == (["matched", "missing_invoice"], Decimal(595))
    take_in(table("invoices", bill(invoice_number="R-77", quantity="50", order_number="PO-2")))
    cast.drain()
    assert (statement().status, kinds()) == ("agreed", ["matched", "matched"])
    assert Escalation.objects.get(kind="statement").status == "withdrawn"
    assert entries().count("statement.reconciled") == 2
    cast.assert_sound()


def test_a_payment_makes_an_open_line_a_matter_of_days(people: Cast) -> None:
    cast.trade()
    stated(row(date=cast.today().isoformat()))
    [batch] = payments.propose(AGENT).batches
    payments.approve(batch.number, by=people.carol)
    cast.drain()
    assert kinds() == ["matched"]
    payments.export(batch.number)
    payments.confirm(batch.number, by=people.carol)
    cast.drain()
    assert (statement().status, statement().timing, kinds()) == ("agreed", 1, ["timing"])
    cast.assert_sound()


def test_an_invoice_that_a_person_rejects_is_in_dispute_and_asks_nobody(people: Cast) -> None:
    cast.trade(bill(unit_price="11.00"))
    stated(row(amount="1309.00"))
    assert kinds() == ["matched"]
    cast.answer(cast.question(), "reject", by=people.alice)
    cast.drain()
    assert kinds() == ["disputed"]
    assert "we rejected it" in statement().lines.get().sentence
    assert (statement().status, statement().differences) == ("agreed", 0)
    assert not Escalation.objects.filter(kind="statement").exists()
    cast.assert_sound()


def test_a_rejection_does_not_enlarge_a_question_that_stands(people: Cast) -> None:
    cast.trade(bill(unit_price="11.00"))
    stated(row(amount="1309.00"), row("R-77", "595.00"))
    asked = question()
    cast.answer(cast.question(), "reject", by=people.alice)
    cast.drain()
    assert kinds() == ["disputed", "missing_invoice"]
    assert (question().pk, question().amount) == (asked.pk, Decimal(595))


def test_what_was_answered_stays_answered_when_something_is_rejected(people: Cast) -> None:
    cast.trade(bill(unit_price="11.00"))
    stated(row(amount="1309.00"), row("R-77", "595.00"))
    cast.answer(question(), "approve", by=people.bob, reason="difference_accepted")
    cast.answer(cast.question(), "reject", by=people.alice)
    cast.drain()
    assert statement().status == "accepted"
    assert not Escalation.objects.filter(kind="statement", status="open").exists()


def test_a_difference_ends_with_the_rejection_of_what_it_is_about(people: Cast) -> None:
    cast.trade(bill(unit_price="11.00"))
    stated(row(amount="1500.00"))
    assert kinds() == ["wrong_amount"]
    cast.answer(cast.question(), "reject", by=people.alice)
    cast.drain()
    assert kinds() == ["disputed"]
    assert Escalation.objects.get(kind="statement").status == "withdrawn"
    cast.assert_sound()


def test_a_statement_that_comes_after_the_rejection_asks_nobody_either(people: Cast) -> None:
    cast.trade(bill(unit_price="11.00"))
    cast.answer(cast.question(), "reject", by=people.alice)
    stated(row(amount="1309.00"))
    assert (kinds(), statement().status) == (["disputed"], "agreed")


def test_what_changes_nothing_writes_nothing() -> None:
    cast.trade()
    stated(row(amount="1200.00"))
    before = entries()
    take_in(table("invoices", bill(invoice_number="R-77", issue_date="2026-11-21", order_number="PO-2")))
    cast.drain()
    assert entries() == before
    assert not StatementChange.objects.exists()


def test_a_newer_statement_takes_the_place_of_the_older(people: Cast) -> None:
    cast.trade()
    stated(row(amount="1200.00"))
    old = question()
    stated(row(statement_number="ST-2", date="2026-11-21"))
    old.refresh_from_db()
    assert (statement().status, statement("ST-2").status, old.status) == ("superseded", "agreed", "withdrawn")
    assert entries()[-2:] == ["statement.reconciled", "escalation.withdrawn"]
    stated(row(statement_number="ST-0", date="2026-11-01", amount="5.00"))
    assert statement("ST-0").status == "superseded"
    assert kinds("ST-0") == ["wrong_amount"]
    cast.assert_sound()


def test_a_statement_that_cannot_be_reconciled_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = reconciling.agent.reconcile

    def breaks(stated_: Any, books: Any) -> Any:
        if stated_.number == "ST-1":
            raise ZeroDivisionError("no such thing")
        return whole(stated_, books)

    monkeypatch.setattr(reconciling.agent, "reconcile", breaks)
    cast.trade()
    stated(row())
    stated(row(statement_number="ST-2", currency="USD"))
    assert (statement().status, statement("ST-2").status) == ("failed", "open")
    assert entries()[-1] == "statement.failed"
    assert runner.sweep() == 0
    cast.assert_sound()


# --- the question ----------------------------------------------------------------------------------


def test_open_differences_are_one_question_to_finance() -> None:
    cast.trade()
    stated(row(amount="1200.00"), row("X-1", "50.00"), row("X-2", "25.00"))
    asked = question()
    assert (asked.queue, asked.options, asked.amount) == ("finance", ["approve", "reject"], Decimal(85))
    assert [(r["code"], r["words"], r["excess"]) for r in asked.reasons] == [
        ("missing_invoice", "2 invoices missing", "75.00 EUR"),
        ("wrong_amount", "amount differs", "10.00 EUR"),
    ]
    assert asked.question == "Accept the statement ST-1 of Hartmann GmbH, although 3 of 3 lines differ?"
    assert [d["reference"] for d in asked.case["differences"]] == ["INV-1", "X-1", "X-2"]


@pytest.mark.parametrize(
    ("verdict", "reason", "comment", "status"),
    [
        ("approve", "vendor_is_wrong", "", "accepted"),
        ("reject", "ask_about_amounts", "Why ten euro more?", "asked"),
    ],
)
def test_an_answer_is_kept_and_the_same_differences_are_not_asked_again(
    people: Cast, verdict: str, reason: str, comment: str, status: str
) -> None:
    cast.trade()
    stated(row(amount="1200.00"))
    asked = question()
    cast.answer(asked, verdict, by=people.bob, reason=reason, comment=comment)
    assert statement().status == status
    assert entries()[-2:] == ["verdict.given", "statement.answered"]
    take_in(table("invoices", bill(invoice_number="R-77", issue_date="2026-11-25", order_number="PO-2")))
    cast.drain()
    assert statement().status == status
    assert Escalation.objects.filter(kind="statement").count() == 1
    with pytest.raises(LostRace):
        cast.answer(asked, "approve", by=people.alice, reason="difference_accepted")
    cast.assert_sound()


def test_other_differences_are_asked_about_anew(people: Cast) -> None:
    cast.trade()
    stated(row(amount="1200.00"), row("R-77", "100.00"))
    cast.answer(question(), "approve", by=people.bob, reason="difference_accepted")
    take_in(table("invoices", bill(invoice_number="R-77", quantity="50", order_number="PO-2")))
    cast.drain()
    assert (statement().status, kinds()) == ("open", ["wrong_amount", "wrong_amount"])
    assert question().opened_at is not None
    cast.assert_sound()


def test_reasons_are_those_of_statements(people: Cast) -> None:
    cast.trade()
    stated(row(amount="1200.00"))
    with pytest.raises(Refused, match="ask_for_documents"):
        cast.answer(question(), "reject", by=people.bob, reason="fraud_suspected")
    asked = question()
    with pytest.raises(Refused, match="why you ask the vendor"):
        resolve(asked.id, "reject", by=people.bob, reason="ask_about_amounts")
    with pytest.raises(NotAllowed):
        cast.answer(question(), "approve", by=people.erin, reason="difference_accepted")


# --- a whole trade ---------------------------------------------------------------------------------


def test_invoice_payment_and_credit_of_a_whole_month_agree_line_by_line(people: Cast) -> None:
    cast.trade(
        bill(),
        bill(invoice_number="R-77", order_number="PO-2", quantity="50"),
        orders=(order(), order(order_number="PO-2")),
        receipts=(receipt(), receipt(receipt_number="GR-2", order_number="PO-2")),
    )
    take_in(
        table(
            "invoices",
            bill(invoice_number="CN-1", type="credit_note", quantity="10", preceding_invoice="INV-1"),
        )
    )
    cast.drain()
    [batch] = payments.propose(AGENT).batches
    payments.approve(batch.number, by=people.carol)
    payments.export(batch.number)
    payments.confirm(batch.number, by=people.carol)
    today = cast.today().isoformat()
    stated(
        row(date=today, balance="0.00"),
        row("R-77", "595.00", date=today, balance="0.00"),
        row("CN-1", "-119.00", type="credit_note", date=today, balance="0.00"),
        row("INV-1", "-1071.00", type="payment", date=today, balance="0.00"),
        row("R-77", "-595.00", type="payment", date=today, balance="0.00"),
    )
    found = statement()
    assert kinds() == ["matched"] * 5
    assert (found.status, found.our_balance, found.own) == ("agreed", 0, [])
    cast.assert_sound()
