"""The pages of payment runs and of vendors' statements: what they show, and to whom."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from coordination.models import PaymentBatch, Statement
from coordination.services import payments
from reviews.models import Escalation
from tests import bank, cast
from tests.cast import Cast, bill, order, receipt, table, take_in, vendor

from .conftest import HTMX, answer, client, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def carol(people: Cast) -> Client:
    return client(people.carol)


def text(browser: Client, name: str, *args: object, **query: str) -> str:
    return read(browser.get(reverse(f"coordination:{name}", args=args), query))


def trade(**changes: object) -> None:
    """INV-1 over 1,190.00 and INV-2 over 595.00; INV-3 in dollars."""
    cast.trade(
        bill(**changes),
        bill(invoice_number="INV-2", order_number="PO-2", quantity="50", due_date=cast.days_ago(1)),
        bill(invoice_number="INV-3", order_number="PO-3", quantity="30", currency="USD"),
        orders=(order(), order(order_number="PO-2"), order(order_number="PO-3", currency="USD")),
        receipts=(
            receipt(),
            receipt(receipt_number="GR-2", order_number="PO-2"),
            receipt(receipt_number="GR-3", order_number="PO-3"),
        ),
        vendors=(vendor(payment_terms="2/10 net 30"),),
    )


def exported(people: Cast) -> PaymentBatch:
    batch, abroad = payments.propose(f"human:{people.dave.pk}").batches
    assert (batch.currency, abroad.currency) == ("EUR", "USD")
    payments.approve(batch.number, by=people.carol)
    payments.export(batch.number)
    return batch


# --- payments --------------------------------------------------------------------------------------


def test_the_next_run_is_shown_before_it_is_proposed(carol: Client) -> None:
    trade(issue_date=cast.today().isoformat(), due_date="")
    page = text(carol, "payments")
    assert "1,761.20" in page  # 1,166.20 after 2 % and 595.00
    assert "23.80" in page
    assert "Not paid by a SEPA run" in page
    assert "in 1 cross-border payment" in page
    assert "INV-3" in page
    assert not PaymentBatch.objects.exists()


def test_a_run_may_be_proposed_up_to_a_day(carol: Client) -> None:
    trade(issue_date=cast.today().isoformat(), due_date="")
    posted = carol.post(reverse("coordination:payments_propose"), {"until": cast.today().isoformat()})
    assert posted.status_code == 302
    batch = PaymentBatch.objects.get(currency="EUR")
    assert [p.invoice.number for p in batch.payments.all()] == ["INV-2"]
    bad = carol.post(reverse("coordination:payments_propose"), {"until": "soon"}, headers=HTMX)
    assert (bad.status_code, "calendar" in bad.content.decode()) == (400, True)


def test_a_run_shows_days_credits_the_banks_word_and_its_trail(people: Cast, carol: Client) -> None:
    trade()
    take_in(
        table(
            "invoices",
            bill(invoice_number="CN-1", type="credit_note", quantity="10", preceding_invoice="INV-1"),
        )
    )
    cast.drain()
    batch = exported(people)
    refused = batch.payments.get(invoice__number="INV-2")
    cast.intake(
        [("p.xml", bank.status_report(bank.of(batch), bank.answered(refused, "RJCT", "AC04")))], actor="x"
    )
    page = text(carol, "payment_batch", batch.number)
    for shown in (
        "119.00",
        "Refused",
        "RJCT AC04",
        "at once",
        batch.content_hash,
        "1 refused",
        "Bank file written",
    ):
        assert shown in page, shown
    assert page.count('class="step"') == len(cast.entries(f"payment_batch/{batch.id}"))


def test_what_the_bank_names_and_nobody_knows_is_on_the_page(people: Cast, carol: Client) -> None:
    trade()
    batch = exported(people)
    strange = bank.notice(
        bank.entry("12.34", bank.detail("<script>RENT</script>".replace("<", "&lt;"), "12.34"))
    )
    cast.intake([("n.xml", strange)], actor=f"human:{people.carol.pk}")
    wrong = batch.payments.first()
    assert wrong is not None
    other = bank.entry("1.00", bank.detail(wrong, "1.00"))
    cast.intake([("m.xml", bank.notice(other, number="NTF-2"))], actor=f"human:{people.carol.pk}")
    page = text(carol, "payments")
    assert "It names no payment of ours." in page
    assert "<script>RENT" not in page
    assert "The bank says EUR 1.00" in page
    assert page.index("The bank says EUR 1.00") < page.index("It names no payment of ours.")
    assert reverse("coordination:intake") in page


@pytest.mark.parametrize(("who", "status"), [("carol", 200), ("erin", 200), ("alice", 403), ("frank", 403)])
def test_payments_are_for_managers_and_auditors(people: Cast, who: str, status: int) -> None:
    assert client(getattr(people, who)).get(reverse("coordination:payments")).status_code == status


# --- statements ------------------------------------------------------------------------------------


@pytest.fixture
def statement(people: Cast) -> Statement:
    """ST-1 of V-1: INV-1 agrees, INV-I0 looks like one of ours, the total is wrong."""
    cast.trade(bill(), bill(invoice_number="INV-10", quantity="5", order_number="PO-7"))
    head = {
        "statement_number": "ST-1",
        "vendor_id": "V-1",
        "date": "2026-11-20",
        "currency": "EUR",
        "balance": "2.00",
    }
    lines = [
        ("INV-1", "1190.00", "invoice"),
        ("INV-I0", "77.00", "invoice"),
        ("<b>X</b>", "-5.00", "credit_note"),
    ]
    rows = [head | {"reference": r, "amount": a, "type": t} for r, a, t in lines]
    take_in(table("statements", *rows))
    cast.drain()
    return Statement.objects.get()


def test_the_list_says_how_many_lines_agree_and_differ(statement: Statement, carol: Client) -> None:
    page = text(carol, "statements")
    for shown in ("Hartmann GmbH", "ST-1", "Differs", "1,249.50", "Its totals do not agree with its lines"):
        assert shown in page, shown
    assert "No statement matches" in text(carol, "statements", q="nobody")
    assert "ST-1" in text(carol, "statements", q="hartm")
    assert "ST-1" not in text(carol, "statements", status="agreed")


def test_a_statement_is_shown_line_by_line_with_what_it_may_have_meant(
    statement: Statement, carol: Client
) -> None:
    page = text(carol, "statement", statement.pk)
    for shown in (
        "Agrees",
        "No counterpart",
        "Did they mean",
        "INV-10",
        "Credit not applied",
        "+77.00",
        "1,262.00",
        "The statement states",
        "In our books, and not so on the statement",
        "Compared: it differs",
    ):
        assert shown in page, shown
    assert "<b>X</b>" not in page
    assert reverse("coordination:invoice", args=[cast.invoice().pk]) in page
    assert carol.get(reverse("coordination:statement", args=[uuid4()])).status_code == 404


def test_the_question_about_a_statement_has_buttons_of_its_own(statement: Statement, carol: Client) -> None:
    question = Escalation.objects.get(kind="statement")
    page = carol.get(reverse("reviews:case", args=[question.pk])).content.decode()
    for shown in (
        "Accept the differences",
        "Ask the vendor",
        "Ask for missing documents",
        "It states",
        "INV-I0",
    ):
        assert shown in page, shown
    assert "Fraud suspected" not in page
    given = answer(question, by="carol") | {
        "verdict": "reject",
        "reason": "reject:ask_about_amounts",
        "comment": "Which one?",
    }
    carol.post(reverse("reviews:decide", args=[question.pk]), given)
    statement.refresh_from_db()
    assert statement.status == "asked"
    assert "Vendor asked" in text(carol, "statement", statement.pk)


@pytest.mark.parametrize(("who", "status"), [("bob", 200), ("erin", 200), ("frank", 403)])
def test_statements_are_for_those_who_read_cases(
    statement: Statement, people: Cast, who: str, status: int
) -> None:
    browser = client(getattr(people, who))
    assert browser.get(reverse("coordination:statements")).status_code == status
    assert browser.get(reverse("coordination:statement", args=[statement.pk])).status_code == status


def test_the_pages_ask_the_database_as_often_for_many_lines_as_for_few(
    statement: Statement, carol: Client, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(35):  # type: ignore[operator]
        text(carol, "statement", statement.pk)
    with django_assert_max_num_queries(35):  # type: ignore[operator]
        text(carol, "payments")
