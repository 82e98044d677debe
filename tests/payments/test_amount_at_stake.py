"""One amount at stake: limits, quorum, lists and payments go by the same figure, and none pays more than was
cleared."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from audit import trail
from audit.trail import Stamp
from coordination.models import Clearance, Payment
from coordination.services import payments
from reviews import signing
from reviews.errors import NotAllowed
from reviews.models import Escalation
from tests import cast
from tests.cast import Cast, bill, order, receipt, standing, table, take_in, vendor
from tests.translation import make

pytestmark = pytest.mark.django_db
ASKED = '<cbc:PayableAmount currencyID="EUR">'


def ubl(payable: str, more: str = "") -> bytes:
    """INV-1: 10 nails at 10.00, 119.00 in all, of which something else is asked for."""
    totals = make.TOTALS.replace(f"{ASKED}119.00", f"{more}{ASKED}{payable}")
    return make.invoice_xml(totals=totals)


def traded(content: bytes) -> Escalation:
    take_in(
        table("vendors", vendor()),
        table("orders", order(line="1", item="N-1", quantity="10")),
        table("receipts", receipt(order_line="1", quantity="10")),
        content,
    )
    cast.drain()
    return cast.question()


PREPAID = "<cbc:PrepaidAmount>-91000.00</cbc:PrepaidAmount>"
ROUNDED = "<cbc:PayableRoundingAmount>91000.00</cbc:PayableRoundingAmount>"


@pytest.mark.parametrize(
    ("payable", "more", "code"),
    [
        ("92119.00", "", "totals_unbalanced"),
        ("91119.00", PREPAID, "missing_data"),
        ("91119.00", ROUNDED, "missing_data"),
    ],
)
def test_limit_and_quorum_go_by_what_would_be_paid(people: Cast, payable: str, more: str, code: str) -> None:
    question = traded(ubl(payable, more))
    assert code in {r["code"] for r in question.reasons}
    assert "over_threshold" in {r["code"] for r in question.reasons}
    assert (question.amount, question.amount_company, question.quorum) == (
        Decimal(payable),
        Decimal(payable),
        2,
    )
    with pytest.raises(NotAllowed, match="over your limit"):
        cast.answer(question, "approve", by=people.bob)
    cast.answer(question, "approve", by=people.carol)
    assert standing()[0] != "cleared"
    cast.answer(question, "approve", by=people.dave)
    assert standing()[0] == "cleared"
    assert Clearance.objects.get().amount == Decimal(payable)
    cast.assert_sound()


def test_what_was_paid_in_advance_is_at_stake_too(people: Cast) -> None:
    question = traded(ubl("19.00", "<cbc:PrepaidAmount>100.00</cbc:PrepaidAmount>"))
    assert (question.amount, question.amount_company) == (Decimal("119.00"), Decimal("119.00"))
    cast.answer(question, "approve", by=people.bob, reason="difference_accepted")
    assert Clearance.objects.get().amount == Decimal("19.00")


def test_who_signs_parts_of_a_split_signs_for_the_whole(people: Cast) -> None:
    """The group makes up limit and number of signatures; it is no reason of its own to ask."""
    parts = [
        bill(
            invoice_number=f"INV-{n}",
            order_number="",
            order_line="",
            quantity="820",
            issue_date=f"2026-09-0{n}",
        )
        for n in (1, 2, 3)
    ]
    cast.trade(*parts, orders=(order(quantity="9999"),), receipts=(receipt(quantity="9999"),))
    question = cast.question("INV-3")
    assert {"split_suspect", "over_threshold"} & {r["code"] for r in question.reasons} == {"split_suspect"}
    assert question.amount_company == 3 * Decimal("9758.00")
    with pytest.raises(NotAllowed, match="over your limit"):
        cast.answer(question, "approve", by=people.bob)


# --- unknown ------------------------------------------------------------------------------------------


def without_rate() -> Escalation:
    cast.trade(
        bill(currency="KWD", unit_price="100000.00"),
        vendors=(vendor(currency="KWD"),),
        orders=(order(currency="KWD", unit_price="100000.00"),),
    )
    return cast.question()


def test_without_a_rate_an_amount_is_over_every_limit_and_a_rate_is_asked_for(people: Cast) -> None:
    question = without_rate()
    assert question.amount_company is None
    assert signing.signers(question) == []
    for somebody in (people.bob, people.carol, people.dave):
        with pytest.raises(NotAllowed, match="no rate for KWD"):
            cast.answer(question, "approve", by=somebody)
        with pytest.raises(NotAllowed, match="no rate for KWD"):
            cast.answer(question, "override", by=somebody)
    with pytest.raises(NotAllowed):
        cast.answer(question, "reject", by=people.bob)
    cast.answer(question, "reject", by=people.carol)
    assert standing()[0] == "rejected"


def test_when_the_rate_comes_it_is_asked_again_with_the_amount(people: Cast) -> None:
    before = without_rate()
    take_in(b"date,currency,rate\n2026-01-01,KWD,0.34\n")
    cast.drain()
    after = cast.question()
    assert after.supersedes_id == before.id
    assert (after.amount_company, after.quorum) == (Decimal("35000000.00"), 2)
    with pytest.raises(NotAllowed, match="over your limit"):
        cast.answer(after, "approve", by=people.carol)
    cast.assert_sound()


def test_an_amount_that_nobody_can_read_is_approved_by_nobody(people: Cast) -> None:
    question = traded(make.invoice_xml(totals=""))
    assert question.amount is None
    assert [c["verdict"] for c in question.case["consequences"]] == ["reject"]
    with pytest.raises(NotAllowed, match="no amount that can be read"):
        cast.answer(question, "approve", by=people.carol)
    cast.answer(question, "reject", by=people.carol)


def test_a_question_without_money_needs_no_rate(people: Cast) -> None:
    cast.trade()
    take_in(table("vendors", vendor(iban=cast.OTHER_IBAN)))
    question = Escalation.objects.get(kind="vendor_bank", status="open")
    assert not signing.stake_unknown(question)
    cast.answer(question, "approve", by=people.carol, reason="account_confirmed")


# --- the database's word ------------------------------------------------------------------------------


def proposed() -> Payment:
    cast.trade()
    payments.propose("agent:finance.payment/1")
    connection.check_constraints()
    return Payment.objects.get()


@transaction.atomic
def change(payment: Payment, field: str) -> None:
    """Write a changed payment past every service, with its history."""
    trail.update([payment], (field,), Stamp("human:1", cast.moment(), "changed"))
    connection.check_constraints()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", Decimal("1190.01")),
        ("discount", Decimal("0.01")),
        ("discount", Decimal("-1")),
        ("currency", "USD"),
    ],
)
def test_the_database_refuses_a_payment_of_what_nobody_cleared(field: str, value: object) -> None:
    payment = proposed()
    setattr(payment, field, value)
    with pytest.raises(IntegrityError, match="that was cleared"):
        change(payment, field)


def test_the_database_refuses_a_payment_of_an_invoice_that_nobody_cleared() -> None:
    payment = proposed()
    cast.take_in(table("invoices", bill(invoice_number="INV-2", order_number="PO-7")))
    cast.drain()
    payment.invoice = cast.invoice("INV-2")
    with pytest.raises(IntegrityError, match="cleared"):
        change(payment, "invoice_id")


def test_every_clearance_is_of_a_decision_and_nothing_changes_it() -> None:
    cast.trade()
    row = Clearance.objects.select_related("decision").get()
    assert (row.amount, row.currency, row.decision.agent) == (Decimal("1190.00"), "EUR", "finance.payment")
    with pytest.raises(IntegrityError), transaction.atomic():
        Clearance.objects.update(amount=Decimal("9999.00"))
