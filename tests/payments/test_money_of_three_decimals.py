"""Currencies whose smallest unit is a thousandth: what is asked for is asked for to the last of them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from coordination.domain.amounts import asked, cents, format_amount
from coordination.services.payments import plan

from .test_payment_plan import MONDAY, claim, credit

FILS = Decimal("0.001")


@pytest.mark.xfail(
    strict=True,
    reason="what is asked for, and every payment, is kept in hundredths: of a dinar up to five fils are paid"
    " too many or too few (docs/payments.md: amounts have the decimals of the currency)",
)
@pytest.mark.parametrize("amount", ["112.525", "112.524", "0.001"])
def test_a_dinar_is_asked_for_to_its_thousandth(amount: str) -> None:
    assert asked(Decimal(amount), None) == Decimal(amount)


@pytest.mark.parametrize(
    ("amount", "unit", "rounded"),
    [
        ("112.5250", FILS, "112.525"),
        ("112.5255", FILS, "112.526"),  # half away from zero
        ("-112.5255", FILS, "-112.526"),
        ("112.525", Decimal("0.01"), "112.53"),
        ("112.5", Decimal(1), "112.50"),  # never coarser than cents, whatever the unit is
    ],
)
def test_an_amount_is_rounded_to_the_smallest_unit_and_never_coarser_than_cents(
    amount: str, unit: Decimal, rounded: str
) -> None:
    assert str(cents(Decimal(amount), unit)) == rounded


@pytest.mark.parametrize(
    ("amount", "said"),
    [("112.525", "112.525"), ("112.520", "112.52"), ("1112.5", "1,112.50"), ("-0.001", "-0.001")],
)
def test_an_amount_is_said_with_all_its_decimals(amount: str, said: str) -> None:
    assert format_amount(Decimal(amount)) == said


def test_a_plan_adds_and_takes_off_without_rounding() -> None:
    bill = claim("112.525", currency="KWD")
    note = credit("10.001", bill, currency="KWD")
    [found] = plan.make([bill], [note], MONDAY).payments
    assert (found.credits, found.amount) == ({note.id: Decimal("10.001")}, Decimal("102.524"))
