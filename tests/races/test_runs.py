"""A signed run at its last moment: stopping, holding and changing against writing the file. One of them comes
first."""

from __future__ import annotations

from functools import partial

import pytest

from audit.errors import CountersignError
from coordination.models import Hold, Payment, PaymentBatch, PaymentRecall
from coordination.services import manual_hold, payments
from coordination.services.payments import second_file
from reviews.models import Escalation
from tests import cast
from tests.cast import Cast, bill, order, receipt, standing, table, take_in, vendor
from tests.races.together import of, together
from tests.services.test_makers import by

pytestmark = pytest.mark.django_db(transaction=True)


def signed(people: Cast) -> PaymentBatch:
    cast.trade(
        bill(),
        bill(invoice_number="INV-2", order_number="PO-2", quantity="50"),
        orders=(order(), order(order_number="PO-2")),
        receipts=(receipt(), receipt(receipt_number="GR-2", order_number="PO-2")),
    )
    [batch] = payments.propose(by(people.carol)).batches
    return payments.approve(batch.number, by=people.dave)


@pytest.mark.parametrize("turn", range(3))
def test_a_run_is_stopped_or_written_and_never_both(turn: int) -> None:
    people = cast.people()
    batch = signed(people)
    stop = partial(payments.stop, batch.number, by=people.carol, text="Stop")
    write = partial(payments.export, batch.number)
    jobs = [write, stop, write] if turn % 2 else [stop, write, stop]
    outcomes = together(*jobs)
    batch.refresh_from_db()
    files, stopped = of(bytes, outcomes), of(PaymentBatch, outcomes)
    assert bool(files) != bool(stopped), outcomes
    assert all(isinstance(o, bytes | PaymentBatch | CountersignError) for o in outcomes), outcomes
    assert batch.status == ("exported" if files else "cancelled")
    assert bool(batch.file_sha256) == bool(files)
    assert standing()[0] == ("scheduled" if files else "cleared")
    cast.drain()
    cast.assert_sound()


def test_a_hold_and_a_file_at_one_moment_pay_a_held_invoice_never() -> None:
    people = cast.people()
    batch = signed(people)
    ids = [cast.invoice(n).id for n in ("INV-2", "INV-1")]
    outcomes = together(
        partial(payments.export, batch.number),
        *(partial(manual_hold.hold, key, "Wait", by=people.bob) for key in ids),
    )
    assert all(not isinstance(o, Exception) or isinstance(o, CountersignError) for o in outcomes), outcomes
    held = {str(h.invoice_id) for h in of(Hold, outcomes)}
    sent = {str(p.invoice_id) for p in Payment.objects.filter(status="exported")}
    assert not held & sent
    assert (len(sent), len(held)) in {(2, 0), (0, 2)}
    cast.drain()
    cast.assert_sound()


def test_a_vendor_that_is_blocked_at_that_moment_is_not_paid_or_was_before() -> None:
    people = cast.people()
    batch = signed(people)
    outcomes = together(
        partial(payments.export, batch.number),
        lambda: take_in(table("vendors", vendor(status="blocked"))),
    )
    batch.refresh_from_db()
    assert isinstance(outcomes[0], bytes | payments.LeftOut), outcomes
    assert batch.status == ("exported" if isinstance(outcomes[0], bytes) else "cancelled")
    cast.drain()
    cast.assert_sound()


def test_many_exports_at_once_are_one_file() -> None:
    people = cast.people()
    batch = signed(people)
    outcomes = together(*[partial(payments.export, batch.number)] * 4)
    assert len(set(of(bytes, outcomes))) == 1, outcomes
    assert cast.entries(f"payment_batch/{batch.id}").count("payment.exported") == 1


def test_many_requests_at_once_are_one_recall_and_one_question() -> None:
    people = cast.people()
    batch = signed(people)
    payments.export(batch.number)
    asked = together(*[partial(payments.recall.ask, batch.number, by=people.carol, reason="DUPL")] * 3)
    assert len({a.content for a in asked}) == 1, asked
    assert PaymentRecall.objects.count() == 2
    together(*[partial(second_file.ask, batch.number, by=people.carol, text="Lost")] * 3)
    assert Escalation.objects.filter(subject=f"payment_file/{batch.id}", status="open").count() == 1
    cast.assert_sound()
