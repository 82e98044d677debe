"""Currencies without a minor unit: nothing is planned that the file would refuse."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.domain.instalments import schedule
from coordination.services import payments
from coordination.translation.canonical import Instalment
from tests import cast
from tests.cast import Cast, bill, credit_of, order, receipt, standing, table, take_in, vendor
from tests.payments.test_instalments import LATE, SOON, claim, part
from tests.payments.test_parts_in_runs import sign
from tests.services.test_makers import by

pytestmark = pytest.mark.django_db
JAPAN = {"iban": "000123456789", "bic": "BOTKJPJT", "country": "JP", "currency": "JPY"}


@pytest.fixture
def people(db: None) -> Cast:
    return cast.people()


def trade(*invoices: bytes) -> None:
    take_in(
        table("vendors", vendor(**JAPAN)),
        table("orders", order(currency="JPY")),
        table("receipts", receipt()),
    )
    cast.intake([("claim.xml", i) for i in invoices], actor="system:intake", source="test")
    cast.drain()


def test_yen_in_three_parts_are_paid_in_whole_yen(people: Cast) -> None:
    thirds = part("396.66", SOON) + part("396.67", SOON + timedelta(days=7)) + part("396.67", LATE)
    trade(claim(thirds).replace(b"EUR", b"JPY"))
    batch = sign(people)
    assert sorted(p.amount for p in batch.payments.all()) == [396, 396, 398]
    assert payments.export(batch.number)
    cast.assert_sound()


def test_what_a_payment_in_yen_cannot_carry_of_a_credit_stays_with_it(people: Cast) -> None:
    yen = {"currency": "JPY", "iban": JAPAN["iban"]}
    trade()
    take_in(table("invoices", bill(**yen)))
    cast.drain()
    take_in(table("invoices", credit_of("INV-1", "CN-1", "1", unit_price="9.55", **yen)))
    cast.drain()
    cast.answer(cast.question("CN-1"), "approve", by=people.carol) if standing("CN-1")[2] else None
    assert standing("CN-1")[0] == "cleared"
    batch = sign(people)
    taken = batch.payments.get().amount
    assert taken == taken.to_integral_value() < Decimal(1190)
    assert payments.export(batch.number)
    assert payments.propose(by(people.carol)).batches == []
    cast.assert_sound()


@given(
    st.integers(1, 10**6).map(Decimal),
    st.lists(st.decimals("0.01", "500000", places=2), min_size=1, max_size=6),
)
def test_parts_of_a_whole_sum_are_whole_and_come_to_it(cleared: Decimal, amounts: list[Decimal]) -> None:
    found = schedule(cleared, [Instalment(a, None) for a in amounts], "JPY")
    assert sum(a for a, _ in found) == cleared
    assert all(a == a.to_integral_value() for a, _ in found)
