"""Amounts of currencies with three decimals are printed and written whole: no fil of a dinar is cut off."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest

from coordination.models import Invoice
from coordination.reports.table import Head, RunningTotal
from coordination.reports.writers import FORMATS
from coordination.services.correspondence.responses import answer_for, letter
from tests import cast
from tests.audit_work.reading import text_of
from tests.audit_work.rows import row
from tests.cast import bill, table, take_in, vendor

HEAD = Head("Population 1", [("Made", "2026-11-20T12:00:00Z")])


@pytest.mark.parametrize(
    ("gross", "printed"),
    [
        ("1190.125000", "1,190.125"),
        ("1190.000000", "1,190.00"),
        ("0.005", "0.005"),
        ("-12.5", "-12.50"),
        ("5000", "5,000.00"),
        ("1234567.891", "1,234,567.891"),
    ],
)
def test_a_printed_list_has_every_decimal_of_an_amount(gross: str, printed: str) -> None:
    out = io.BytesIO()
    FORMATS["pdf"].write(out, iter([row(1, currency="KWD", gross=Decimal(gross))]), HEAD, RunningTotal())
    assert f" {printed} " in text_of(out.getvalue())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("price", "currency", "said"),
    [
        ("1.1250", "KWD", "over KWD 112.525 has"),
        ("10.00", "JPY", "over JPY 1,000.00 has"),
    ],
)
def test_a_letter_to_the_vendor_names_the_amount_as_it_was_billed(
    price: str, currency: str, said: str
) -> None:
    gross = "112.525" if currency == "KWD" else "1000"
    take_in(
        table("vendors", vendor()),
        table("invoices", bill(unit_price=price, currency=currency, net=gross, tax="0", gross=gross)),
    )
    found = Invoice.objects.select_related("vendor", "facts", "document").get(pk=cast.invoice().pk)
    assert said in letter(answer_for(found))
