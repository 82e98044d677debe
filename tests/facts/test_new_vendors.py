"""A vendor is new with its first invoices; one that the company brought along is not."""

from datetime import datetime, timedelta

import pytest

from audit import clock
from coordination.facts.measured_confidence import NEW_VENDOR, of_new_vendors
from coordination.models import Invoice
from tests import cast

pytestmark = pytest.mark.django_db


def new() -> set[str]:
    """The numbers of all invoices that are of a new vendor."""
    rows = Invoice.objects.all()
    found = of_new_vendors([row.id for row in rows])
    return {row.number for row in rows if row.id in found}


def take_in(at: datetime, *files: bytes) -> None:
    with clock.simulated(at):
        cast.take_in(*files)


def of_vega(number: int) -> bytes:
    return cast.table("invoices", cast.bill(invoice_number=f"VEGA-{number}", vendor_id="V-2", iban=""))


def vega(**changes: object) -> bytes:
    return cast.table(
        "vendors", cast.vendor(vendor_id="V-2", name="Vega", iban="", vat_id="DE811569869", **changes)
    )


def test_a_vendor_of_the_first_days_master_data_is_none() -> None:
    start = clock.now() - timedelta(days=9)
    take_in(start, cast.table("vendors", cast.vendor()))
    take_in(start + timedelta(hours=20), vega())
    take_in(start + timedelta(days=1), of_vega(1), cast.table("invoices", cast.bill()))
    assert new() == set()


def test_one_that_came_later_is_with_its_first_five_and_stays_so_for_these() -> None:
    start = clock.now() - timedelta(days=9)
    take_in(start, cast.table("vendors", cast.vendor()))
    take_in(start + timedelta(days=2), vega())
    for n in range(NEW_VENDOR + 2):
        take_in(start + timedelta(days=3, hours=n), of_vega(n))
    assert new() == {f"VEGA-{n}" for n in range(NEW_VENDOR)}
    take_in(start + timedelta(days=5), vega(payment_terms="net 14"))
    assert new() == {f"VEGA-{n}" for n in range(NEW_VENDOR)}, "a correction makes it no newer"


def test_whom_nobody_knows_is_new() -> None:
    cast.take_in(cast.table("vendors", cast.vendor()))
    cast.take_in(cast.table("invoices", cast.bill(vendor_id="V-9", iban="")))
    assert new() == {"INV-1"}
