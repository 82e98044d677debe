"""A credit and the invoices that it names: what it can still be taken off later does not stop a payment
now."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from coordination.services import payments
from coordination.services.payments import LeftOut
from coordination.tasks import work_queue as work
from tests import cast
from tests.cast import Cast, credit_of, standing, table, take_in
from tests.decisions import papers
from tests.decisions.papers import Line, Paper, takes
from tests.payments.test_instalments import SOON, claim, trade
from tests.payments.test_parts_in_runs import sign
from tests.services.test_makers import by

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(db: None) -> Cast:
    return cast.people()


def test_a_credit_over_more_than_one_part_stays_with_the_invoice_and_the_next_part_is_paid(
    people: Cast,
) -> None:
    trade(claim())
    take_in(table("invoices", credit_of("RE-1", "CN-1", "70", issue_date=cast.days_ago(0))))
    cast.drain()
    assert standing("CN-1")[0] == "cleared"
    batch = sign(people)
    assert b"357.00" in payments.export(batch.number)
    cast.assert_sound()


def test_a_credit_of_a_later_part_does_not_stop_an_earlier_one_that_is_signed(people: Cast) -> None:
    trade(claim())
    first = sign(people, SOON + timedelta(days=5))
    take_in(table("invoices", credit_of("RE-1", "CN-1", "10", issue_date=cast.days_ago(0))))
    cast.drain()
    assert b"595.00" in payments.export(first.number)
    [second] = payments.propose(by(people.carol)).batches
    assert second.control_sum == Decimal("476.00")
    cast.assert_sound()


def test_what_no_part_can_take_any_more_stops_the_payment(people: Cast) -> None:
    trade(claim())
    batch = sign(people)
    take_in(table("invoices", credit_of("RE-1", "CN-1", "10", issue_date=cast.days_ago(0))))
    cast.drain()
    with pytest.raises(LeftOut, match=r"credit CN-1 over EUR 119\.00 names it and is not taken off"):
        payments.export(batch.number)
    cast.assert_sound()


def test_a_credit_that_two_invoices_share_lets_the_second_be_paid(people: Cast) -> None:
    takes(
        *papers.trade("20", "20"),
        papers.ubl(Paper("RE-A")),
        papers.ubl(Paper("RE-B", day="2026-09-20")),
        papers.ubl(Paper("CN-1", "381", (Line("15", "10.00"),), ("RE-A", "RE-B"), day="2026-09-25")),
    )
    assert {standing(n)[0] for n in ("RE-A", "RE-B", "CN-1")} == {"cleared"}
    batch = sign(people)
    assert [(p.invoice.number, p.amount) for p in batch.payments.all()] == [("RE-B", Decimal("59.50"))]
    assert b"59.50" in payments.export(batch.number)
    cast.assert_sound()


@pytest.mark.parametrize("known", [True, False], ids=["work is noted", "work is open"])
def test_an_invoice_waits_while_the_credit_that_names_it_is_looked_at_again(
    people: Cast, known: bool
) -> None:
    cast.trade()
    take_in(table("invoices", credit_of("INV-1", "CN-1", "10")))
    cast.drain()
    note = cast.invoice("CN-1")
    assert standing("CN-1")[0] == "cleared"
    if known:
        work.invalidate([note.id], "billing", "a test")
    else:
        work.open_tasks([("finance.validation", note.id, "a test")])
    done = payments.propose(by(people.carol))
    assert done.batches == []
    assert [x.why for x in done.left] == ["credit CN-1 names it and is being looked at again"]
    cast.drain()
    [batch] = payments.propose(by(people.carol)).batches
    assert batch.control_sum == Decimal("1071.00")


def test_the_last_look_counts_a_credit_that_is_looked_at_again(people: Cast) -> None:
    cast.trade()
    batch = sign(people)
    take_in(table("invoices", credit_of("INV-1", "CN-1", "10")))
    cast.drain()
    work.invalidate([cast.invoice("CN-1").id], "billing", "a test")
    with pytest.raises(LeftOut, match=r"credit CN-1 over EUR 119\.00 names it"):
        payments.export(batch.number)
