"""Parts of one invoice in signed runs: what stops one of them leaves the others as they are."""

from __future__ import annotations

from datetime import timedelta

import pytest

from audit import ledger
from audit.models import Entry
from coordination.models import PaymentBatch
from coordination.services import manual_hold, payments
from coordination.services.payments import LeftOut, withdrawal
from tests import bank, cast
from tests.cast import Cast, standing, table, take_in, vendor
from tests.payments.test_instalments import SOON, claim, trade
from tests.services.test_makers import by

pytestmark = pytest.mark.django_db
FIRST = SOON + timedelta(days=5)


@pytest.fixture
def people(db: None) -> Cast:
    return cast.people()


def sign(people: Cast, until: object = None) -> PaymentBatch:
    """The next run: proposed by Carol, signed by Dave."""
    [batch] = payments.propose(by(people.carol), until=until).batches  # type: ignore[arg-type]
    return payments.approve(batch.number, by=people.dave)


def entries(number: str = "RE-1") -> list[str]:
    return cast.entries(cast.invoice(number).subject)


def test_a_run_of_two_parts_of_one_invoice_is_stopped(people: Cast) -> None:
    trade(claim())
    batch = sign(people)
    payments.stop(batch.number, by=people.dave, text="Wrong week")
    cast.drain()
    assert standing("RE-1")[0] == "cleared"
    assert entries().count("payment.unscheduled") == 1
    assert sign(people).count == 2
    cast.assert_sound()


def test_a_hold_takes_both_parts_out_of_a_signed_run(people: Cast) -> None:
    trade(claim())
    batch = sign(people)
    manual_hold.hold(cast.invoice("RE-1").id, "Call me first", by=people.carol)
    cast.drain()
    batch.refresh_from_db()
    assert (batch.status, standing("RE-1")[2]) == ("cancelled", ["manual_hold"])
    cast.assert_sound()


def test_the_file_leaves_out_both_parts(people: Cast) -> None:
    trade(claim())
    batch = sign(people)
    take_in(table("vendors", vendor(status="blocked")))
    with pytest.raises(LeftOut, match="the run is cancelled"):
        payments.export(batch.number)
    assert entries().count("payment.unscheduled") == 1
    cast.assert_sound()


def test_the_reason_of_the_part_that_left_is_told_of_its_invoice(people: Cast) -> None:
    trade(claim())
    batch = sign(people)
    first = batch.payments.get(part=1)
    withdrawal.leave(batch, {first.id: "the first is wrong"}, "system:export", cast.moment())
    told = Entry.objects.get(subject=cast.invoice("RE-1").subject, type="payment.unscheduled")
    assert ledger.data_of(told.body)["why"] == "the first is wrong"
    cast.assert_sound()


def test_stopping_the_run_of_one_part_leaves_the_signed_run_of_another(people: Cast) -> None:
    trade(claim())
    first, second = sign(people, FIRST), sign(people)
    payments.stop(second.number, by=people.dave, text="Not yet")
    cast.drain()
    assert standing("RE-1")[0] == "scheduled"
    assert b"RE-1 1/2" in payments.export(first.number)
    cast.assert_sound()


def test_what_the_bank_has_of_an_invoice_keeps_it_scheduled(people: Cast) -> None:
    trade(claim())
    first = sign(people, FIRST)
    payments.export(first.number)
    second = sign(people)
    payments.stop(second.number, by=people.dave, text="Not yet")
    cast.drain()
    assert standing("RE-1")[0] == "scheduled"
    take_in(bank.debit(list(first.payments.all()), when=bank.at(60)))
    cast.drain()
    assert "payment.executed_in_part" in entries()
    third = sign(people)
    payments.export(third.number)
    take_in(bank.debit(list(third.payments.all()), number="NTF-2", when=bank.at(61)))
    cast.drain()
    assert standing("RE-1")[0] == "paid"
    cast.assert_sound()


def test_the_other_part_is_held_while_the_bank_has_the_first(people: Cast) -> None:
    trade(claim())
    first = sign(people, FIRST)
    payments.export(first.number)
    second = sign(people)
    manual_hold.hold(cast.invoice("RE-1").id, "Call me first", by=people.carol)
    cast.drain()
    second.refresh_from_db()
    assert (second.status, standing("RE-1")[2]) == ("cancelled", ["manual_hold"])
    cast.assert_sound()
