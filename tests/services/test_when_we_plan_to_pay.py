"""When a vendor is told that we plan to pay: on a day on which the banks of its currency work, and not at all
where no run pays it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from coordination.models import Invoice
from coordination.services.correspondence import responses
from coordination.services.correspondence.responses import answer_for, letter
from tests import cast
from tests.cast import bill, order, receipt, standing, vendor
from tests.flows.test_nature import take

pytestmark = pytest.mark.django_db
THURSDAY = datetime(2026, 11, 19, 9, tzinfo=UTC)


def row(number: str = "INV-1") -> Invoice:
    return Invoice.objects.select_related("vendor", "facts", "document").get(number=number)


def due(day: str, currency: str) -> None:
    """INV-1, in this currency, is due on this day and cleared."""
    cast.trade(
        bill(currency=currency, issue_date="2026-11-01", due_date=day),
        vendors=(vendor(currency=currency),),
        orders=(order(currency=currency),),
        receipts=(receipt(),),
    )
    assert standing()[0] == "cleared"


@pytest.mark.parametrize(
    ("day", "currency", "planned"),
    [
        ("2026-11-26", "EUR", date(2026, 11, 26)),
        ("2026-11-26", "USD", date(2026, 11, 25)),  # Thanksgiving: the day before
        ("2026-11-27", "USD", date(2026, 11, 27)),
        ("2026-11-23", "JPY", date(2026, 11, 20)),  # Labour Thanksgiving Day, a Monday
        ("2026-11-28", "EUR", date(2026, 11, 27)),  # a Saturday
    ],
)
def test_the_day_is_one_of_the_banks_of_the_currency(day: str, currency: str, planned: date) -> None:
    due(day, currency)
    found = responses._planned(row(), THURSDAY)
    assert found is not None
    assert (found.how, found.on) == ("planned", planned)


@pytest.mark.parametrize(("code", "said"), [("58", True), ("59", False), ("49", False)])
def test_what_the_vendor_collects_we_do_not_say_that_we_pay(code: str, said: bool) -> None:
    take("ubl", means=((code, "MND-2231" if code != "58" else ""),), **({} if said else {"account": ""}))
    assert standing() == ("cleared", "auto", [])
    assert ("We plan to pay" in letter(answer_for(row()))) is said
