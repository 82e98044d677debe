"""A hold that a person sets: it stops payment at once, no agent releases it, and not everybody lifts it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from audit import commitments
from coordination.models import Hold, Invoice
from coordination.services import manual_hold, payments
from coordination.services.manual_hold import NoReason, Stale, TooLate
from reviews.errors import NotAllowed
from tests import cast
from tests.cast import Cast, answer, question, receipt, standing, table, take_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Cast:
    return cast.people()


def held(by: object, reason: str = "The goods are the wrong colour.", **seen: int) -> Hold:
    done = manual_hold.hold(cast.invoice().id, reason, by=by, **seen)  # type: ignore[arg-type]
    cast.drain()
    return done


def test_a_cleared_invoice_that_is_held_is_asked_about_and_not_paid(people: Cast) -> None:
    cast.trade()
    held(people.alice)
    assert standing() == ("delivered", "escalated", ["manual_hold"])
    assert [r["code"] for r in question().reasons] == ["manual_hold"]
    assert payments.propose("human:900").batches == []
    told = cast.entries(cast.invoice().subject)
    assert told.index("invoice.held") < told.index("escalation.opened")
    cast.assert_sound()


def test_who_set_it_lifts_it(people: Cast) -> None:
    cast.trade()
    held(people.alice)
    answer(question(), "approve", by=people.alice)
    assert standing() == ("cleared", "human", [])
    cast.assert_sound()


def test_a_colleague_does_not_lift_it_a_manager_does(people: Cast) -> None:
    cast.trade()
    held(people.alice)
    with pytest.raises(NotAllowed, match="Somebody else holds"):
        answer(question(), "approve", by=people.bob)
    assert standing()[2] == ["manual_hold"]
    answer(question(), "approve", by=people.carol)
    assert standing() == ("cleared", "human", [])


def test_new_facts_do_not_release_it(people: Cast) -> None:
    cast.trade()
    held(people.alice)
    take_in(table("receipts", receipt(receipt_number="GR-9", quantity="1")))
    cast.drain()
    assert standing()[2] == ["manual_hold"]


def test_it_joins_the_reasons_that_stand(people: Cast) -> None:
    cast.trade(cast.bill(unit_price="20.00"))
    held(people.alice)
    assert standing()[2] == ["manual_hold", "price_over"]
    assert {r["code"] for r in question().reasons} == {"manual_hold", "price_over"}


def test_a_hold_needs_a_reason_a_right_and_a_present_view(people: Cast) -> None:
    cast.trade()
    with pytest.raises(NoReason):
        held(people.alice, "  ")
    for nobody in (people.erin, people.frank):
        with pytest.raises(NotAllowed):
            held(nobody)
    with pytest.raises(Stale):
        held(people.alice, seen_version=cast.invoice().version - 1)
    assert not Hold.objects.exists()


def test_an_invoice_whose_payment_file_the_bank_has_is_too_late_to_hold(people: Cast) -> None:
    cast.trade()
    [batch] = payments.propose("human:900").batches
    payments.approve(batch.number, by=people.carol)
    payments.export(batch.number)
    with pytest.raises(TooLate):
        held(people.alice)


def test_the_page_holds_for_those_who_decide(people: Cast, client: Client) -> None:
    cast.trade()
    row = cast.invoice()
    url = reverse("coordination:invoice_hold", args=[row.id])
    client.force_login(people.erin)
    assert client.post(url, {"reason": "No", "version": row.version}).status_code == 403
    assert (
        "Hold this invoice" not in client.get(reverse("coordination:invoice", args=[row.id])).content.decode()
    )
    client.force_login(people.alice)
    assert "Hold this invoice" in client.get(reverse("coordination:invoice", args=[row.id])).content.decode()
    assert client.post(url, {"reason": "Late", "version": row.version - 1}).status_code == 409
    assert client.post(url, {"reason": "Late", "version": row.version}).status_code in {200, 302}
    assert commitments.reveal(Hold.objects.get().detail)["sentence"] == "Alice: Late"
    assert Invoice.objects.get().lane == "open"
