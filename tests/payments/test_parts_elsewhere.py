"""A part that was paid another way than by a run: stated beside the parts that runs pay, and never twice."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from audit import trail
from coordination.models import PaidElsewhere
from coordination.services import payments
from coordination.services.payments import Changed, paid_elsewhere
from coordination.services.payments.paid_elsewhere import Evidence
from reviews.errors import Refused
from reviews.models import Escalation
from tests import bank, cast
from tests.cast import Cast, standing, take_in
from tests.payments.test_instalments import claim, trade
from tests.payments.test_parts_in_runs import FIRST, sign
from tests.services.test_makers import by

pytestmark = pytest.mark.django_db
NEW_YORK = {"iban": "000123456789", "bic": "CHASUS33", "country": "US"}


@pytest.fixture
def people(db: None) -> Cast:
    return cast.people()


def state(people: Cast, amount: str | None = None) -> PaidElsewhere:
    told = Evidence(date(2026, 10, 1), "From the dollar account", amount=Decimal(amount) if amount else None)
    return paid_elsewhere.claim(cast.invoice("RE-1").id, told, by=people.carol)


def confirm(people: Cast) -> None:
    asked = Escalation.objects.get(kind="paid_elsewhere", status="open")
    cast.answer(asked, "approve", by=people.dave, reason="evidence_seen")


def first_part_paid(people: Cast) -> None:
    trade(claim(), **NEW_YORK)
    first = sign(people, FIRST)
    payments.export(first.number)
    take_in(bank.debit(list(first.payments.all()), when=bank.at(60)))
    cast.drain()
    assert standing("RE-1")[0] == "scheduled"


@pytest.mark.parametrize("far", ["proposed", "approved", "exported"])
def test_nothing_is_stated_while_a_run_pays_a_part(people: Cast, far: str) -> None:
    trade(claim(), **NEW_YORK)
    [batch] = payments.propose(by(people.carol), until=FIRST).batches
    if far != "proposed":
        payments.approve(batch.number, by=people.dave)
    if far == "exported":
        payments.export(batch.number)
    with pytest.raises(Refused, match=f"Payment run {batch.number} pays invoice RE-1 or a part of it"):
        state(people)
    cast.assert_sound()


def test_the_part_that_is_open_is_stated_and_confirmed(people: Cast) -> None:
    first_part_paid(people)
    with pytest.raises(Refused, match=r"state all that is open of it, EUR 595\.00"):
        state(people, "500")
    assert state(people).amount == Decimal("595.00")
    assert payments.propose(by(people.carol)).batches == []
    confirm(people)
    assert standing("RE-1")[0] == "paid"
    cast.assert_sound()


def test_an_answer_waits_while_something_else_is_open_than_was_stated(people: Cast) -> None:
    first_part_paid(people)
    stated = state(people)
    payment = cast.invoice("RE-1").payments.get(status="paid")
    payment.returned = Decimal("95.00")  # came back meanwhile, and its question is answered
    trail.update([payment], ("returned",), trail.Stamp("system:test", cast.moment(), "came back"))
    with pytest.raises(Changed, match="Something else is open of invoice RE-1"):
        confirm(people)
    stated.refresh_from_db()
    assert stated.status == "proposed"
