"""What has happened in the demonstration before anybody looks: answers of its people, and one payment run."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from coordination.models import PaymentBatch
from coordination.project.people import DEMO_PEOPLE, create_demo_people
from coordination.world import story
from reviews.models import Escalation, SigningProfile, Verdict
from tests import cast
from tests.cast import bill, order, receipt, standing, take_in

pytestmark = pytest.mark.django_db

DEAR = bill(invoice_number="INV-DEAR", order_number="PO-2", unit_price="11.00")
"""Over the agreed price, which is the first act."""
SHORT = bill(invoice_number="INV-SHORT", order_number="PO-3")
"""Two pieces fewer came than are billed."""


def stage(*more: cast.Row) -> None:
    """INV-1 clears by itself; the others wait for a person."""
    take_in(
        cast.table("vendors", cast.vendor()),
        cast.table("orders", order(), order(order_number="PO-2"), order(order_number="PO-3")),
        cast.table(
            "receipts",
            receipt(),
            receipt(receipt_number="GR-2", order_number="PO-2"),
            receipt(receipt_number="GR-3", order_number="PO-3", quantity="98"),
        ),
        cast.table("invoices", bill(), *more),
    )


def who_answered() -> dict[str, tuple[str, str]]:
    """Who gave which verdict, by the number of the invoice."""
    subjects = {cast.invoice(n).subject: n for n in ("INV-DEAR", "INV-SHORT")}
    names = {f"human:{u.pk}": u.username for u in User.objects.all()}
    return {
        subjects[v.escalation.subject]: (names[v.by], v.verdict)
        for v in Verdict.objects.select_related("escalation")
        if v.escalation.subject in subjects
    }


def test_each_person_answers_the_case_with_exactly_their_reason() -> None:
    create_demo_people()
    stage(DEAR, SHORT)
    assert story.tell() == 2
    assert who_answered() == {"INV-DEAR": ("marta", "approve"), "INV-SHORT": ("ingrid", "reject")}
    assert not Escalation.objects.filter(status="open").exists()
    cast.assert_sound()


def test_what_is_cleared_is_paid_in_one_run_by_two_managers() -> None:
    create_demo_people()
    stage(DEAR)
    story.tell()
    assert standing("INV-1")[0] == "paid"
    assert standing("INV-DEAR")[0] == "paid"
    batch = PaymentBatch.objects.get()
    assert {p.status for p in batch.payments.all()} == {"paid"}
    cast.assert_sound()


def test_a_case_with_two_reasons_is_left_to_the_visitor() -> None:
    create_demo_people()
    stage(bill(invoice_number="INV-DEAR", order_number="PO-3", unit_price="11.00"))
    assert story.tell() == 0
    assert set(standing("INV-DEAR")[2]) == {"price_over", "qty_over_received"}
    assert Escalation.objects.filter(status="open").count() == 1


def test_only_the_first_case_of_a_reason_is_answered() -> None:
    create_demo_people()
    again = bill(invoice_number="INV-X", order_number="PO-3", unit_price="12.00", quantity="98")
    stage(DEAR, again)
    assert story.tell() == 1
    assert Escalation.objects.filter(status="open").count() == 1


def test_without_the_people_of_the_demonstration_nothing_is_answered_and_nothing_paid() -> None:
    stage(DEAR, SHORT)
    assert story.tell() == 0
    assert Escalation.objects.filter(status="open").count() == 2
    assert not PaymentBatch.objects.exists()
    assert standing("INV-1")[0] == "cleared"


def test_who_has_left_answers_nothing() -> None:
    create_demo_people()
    User.objects.filter(username__in=["marta", "jonas"]).update(is_active=False)
    stage(DEAR, SHORT)
    assert story.tell() == 1
    assert who_answered() == {"INV-SHORT": ("ingrid", "reject")}
    assert not PaymentBatch.objects.exists()


def test_an_empty_house_has_no_story() -> None:
    create_demo_people()
    assert story.tell() == 0
    assert not PaymentBatch.objects.exists()


def test_everybody_of_the_plot_is_of_the_demonstration_and_may_answer() -> None:
    known = {person.username: person for person in DEMO_PEOPLE}
    create_demo_people()
    for _, who, _, _, _ in story.PLOT:
        assert known[who].group in {"specialist", "manager"}
        assert SigningProfile.objects.get(user__username=who).limit is not None
