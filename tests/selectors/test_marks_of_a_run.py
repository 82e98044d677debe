"""What a second person should look at twice in a run: vendors and accounts that are new to us."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from coordination.models import Payment
from coordination.selectors import run_marks
from tests.models import rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("undone")]

ACCOUNT, OTHER = "DE89370400440532013000", "DE75512108001245126199"
MONTH, MOMENT = timedelta(days=30), timedelta(microseconds=1)
LONG_AGO = rows.AT - timedelta(days=900)


def known(created: Any = LONG_AGO, since: Any = LONG_AGO, paid: str = ACCOUNT) -> Any:
    """A vendor since a day, with an account since another, of which one was paid before."""
    vendor = rows.vendor(created_at=created)
    rows.account(vendor=vendor, number=ACCOUNT, since=since)
    if paid:
        rows.payment(rows.invoice(), vendor=vendor, account=paid, status="paid")
    return vendor


def marks(*vendors: Any, **changes: Any) -> list[list[str]]:
    """What is marked of one payment to each, proposed at `rows.AT`."""
    run = rows.run(proposed_at=rows.AT)
    plain = {"account": ACCOUNT, "batch": run}
    made = [rows.payment(rows.invoice(), vendor=vendor, **plain | changes) for vendor in vendors]
    found = run_marks.marks(made)
    return [found[p.pk] for p in made]


def test_whom_we_have_long_known_and_paid_there_before_is_not_marked() -> None:
    assert marks(known()) == [[]]


@pytest.mark.parametrize(("age", "new"), [(MONTH, False), (MONTH - MOMENT, True), (timedelta(0), True)])
def test_a_vendor_is_new_for_thirty_days(age: timedelta, new: bool) -> None:
    assert marks(known(created=rows.AT - age)) == [["new vendor"] if new else []]


@pytest.mark.parametrize(("age", "new"), [(MONTH, False), (MONTH - MOMENT, True)])
def test_an_account_is_new_for_thirty_days(age: timedelta, new: bool) -> None:
    assert marks(known(since=rows.AT - age)) == [["new account"] if new else []]


def test_to_whom_nothing_was_ever_paid_stays_new() -> None:
    assert marks(known(paid="")) == [["new vendor", "new account"]]


def test_an_account_to_which_nothing_was_paid_is_new_although_another_was_paid() -> None:
    assert marks(known(paid=OTHER)) == [["new account"]]


@pytest.mark.parametrize("status", ["proposed", "approved", "exported", "refused", "cancelled"])
def test_only_what_arrived_was_paid(status: str) -> None:
    vendor = known(paid="")
    rows.payment(rows.invoice(), vendor=vendor, account=ACCOUNT, status=status)
    assert marks(vendor) == [["new vendor", "new account"]]


def test_what_another_vendor_was_paid_there_makes_the_account_no_older() -> None:
    known(paid=ACCOUNT)
    assert marks(known(paid=OTHER)) == [["new account"]]


def test_payments_of_the_run_itself_are_no_reason_to_trust() -> None:
    assert marks(known(paid=""), status="paid") == [["new vendor", "new account"]]


def test_an_account_that_is_no_longer_on_record_is_new_unless_it_was_paid() -> None:
    assert marks(known(), account=OTHER) == [["new account"]]
    assert marks(known(paid=OTHER), account=OTHER) == [[]]


def test_each_payment_is_marked_for_itself() -> None:
    assert marks(known(), known(paid=""), known(created=rows.AT)) == [
        [],
        ["new vendor", "new account"],
        ["new vendor"],
    ]
    assert run_marks.marks(list(Payment.objects.none())) == {}
