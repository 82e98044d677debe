"""The clock that a test sets is the one that everything goes by: deadlines of questions, waits for facts,
days of payments."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from audit import clock
from coordination.decisions import changes
from coordination.models import PaymentTerms
from coordination.services import deadlines, payments
from tests import cast
from tests.cast import Cast, bill, order, receipt, standing

pytestmark = pytest.mark.django_db

BERLIN = ZoneInfo("Europe/Berlin")
MORNING = datetime(2027, 3, 1, 9, tzinfo=BERLIN)


def test_the_deadline_of_a_question_passes_when_the_clock_does(people: Cast) -> None:
    with clock.simulated(MORNING) as simulation:
        cast.trade(bill(unit_price="11.00"))
        asked = cast.question()
        assert asked.due_at - asked.opened_at == timedelta(hours=24)
        simulation.set(MORNING + timedelta(hours=11))
        assert deadlines.run(clock.now()) == (0, 0)
        simulation.set(MORNING + timedelta(hours=13))
        assert deadlines.run(clock.now()) == (1, 0)
        simulation.set(MORNING + timedelta(hours=25))
        assert deadlines.run(clock.now()) == (0, 1)
    asked.refresh_from_db()
    assert asked.breached_at is not None
    assert asked.breached_at - asked.opened_at >= timedelta(hours=24)


def test_what_waits_for_a_receipt_is_asked_about_after_five_days(people: Cast) -> None:
    with clock.simulated(MORNING) as simulation:
        issued = clock.today().isoformat()
        cast.take_in(
            cast.table("vendors", cast.vendor()),
            cast.table("orders", order(order_date=issued)),
            cast.table("invoices", bill(issue_date=issued)),
        )
        cast.drain()
        assert standing()[1:] == ("waiting", ["no_receipt"])
        simulation.set(MORNING + timedelta(days=4))
        assert changes.ask_overdue(clock.now()) == 0
        simulation.set(MORNING + timedelta(days=7))
        cast.drain()
        assert standing()[1:] == ("escalated", ["no_receipt"])


def test_what_came_meanwhile_clears_without_a_question(people: Cast) -> None:
    with clock.simulated(MORNING) as simulation:
        issued = clock.today().isoformat()
        cast.take_in(
            cast.table("vendors", cast.vendor()),
            cast.table("orders", order(order_date=issued)),
            cast.table("invoices", bill(issue_date=issued)),
        )
        cast.drain()
        simulation.set(MORNING + timedelta(days=3))
        cast.take_in(cast.table("receipts", receipt(received_date=clock.today().isoformat())))
        cast.drain()
        assert standing() == ("cleared", "auto", [])


@pytest.mark.parametrize(
    ("now", "first"),
    [
        (datetime(2026, 12, 23, 16, tzinfo=BERLIN), "2026-12-24"),
        (datetime(2026, 12, 24, 16, tzinfo=BERLIN), "2026-12-28"),  # Christmas, then a Sunday
        (datetime(2027, 3, 25, 16, tzinfo=BERLIN), "2027-03-30"),  # Good Friday to Easter Monday
    ],
)
def test_a_holiday_is_no_day_of_payment(now: datetime, first: str, people: Cast) -> None:
    with clock.simulated(now):
        cast.trade(bill(issue_date=(clock.today() - timedelta(days=40)).isoformat()))
        assert payments.propose(f"human:{people.carol.pk}").batches
    assert PaymentTerms.objects.get().execute_on.isoformat() == first
