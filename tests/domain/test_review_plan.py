"""What a plan of the quality review says of one invoice."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.domain.review_plan import Drawing, Plan
from coordination.facts.serialization import decode, encode

D = Decimal
PLAN = Plan(
    number=3,
    confidence=(D("0.90"), D("0.97")),
    value=(D(1_000), D(5_000)),
    rates=(
        (D("0.100"), D("0.020"), D("0.005")),
        (D("0.200"), D("0.040"), D("0.010")),
        (D("0.400"), D("0.080"), D("0.020")),
    ),
)
RESTS_ON = frozenset({"procurement.matching"})


@pytest.mark.parametrize(
    ("amount", "sure", "chance"),
    [
        ("999.99", "0.89", "0.100"),
        ("999.99", "0.90", "0.020"),
        ("1000.00", "0.969", "0.040"),
        ("5000.00", "0.97", "0.020"),
        ("5000.00", "0.999", "0.020"),
        (None, "0.50", "0.400"),
    ],
)
def test_the_chance_is_that_of_the_stratum(amount: str | None, sure: str, chance: str) -> None:
    found = PLAN.concerning(None if amount is None else D(amount), 99, ())
    assert found.chance(D(sure), RESTS_ON) == D(chance)


def test_the_larger_of_stratum_and_amount_counts_and_never_more_than_certainty() -> None:
    plan = replace(PLAN, interval=D(10_000))
    assert plan.concerning(D("900.00"), 99, ()).chance(D("0.99"), RESTS_ON) == D("0.09")
    assert plan.concerning(D("900.00"), 99, ()).chance(D("0.80"), RESTS_ON) == D("0.100")
    assert plan.concerning(D("90000.00"), 99, ()).chance(D("0.99"), RESTS_ON) == 1
    assert plan.concerning(D("-900.00"), 99, ()).chance(D("0.99"), RESTS_ON) == D("0.005")


def test_the_first_invoices_of_a_vendor_are_always_drawn() -> None:
    plan = replace(PLAN, first_of_vendor=20)
    first, later = plan.concerning(D(10), 19, ()), plan.concerning(D(10), 20, ())
    assert first.chance(D("0.99"), RESTS_ON) == 1
    assert "up to number 20" in first.always(RESTS_ON)
    assert later.chance(D("0.99"), RESTS_ON) == D("0.005")
    assert later.always(RESTS_ON) == ""


def test_what_rests_on_an_agent_with_a_critical_incident_is_always_drawn() -> None:
    plan = replace(PLAN, incidents=True)
    troubled = plan.concerning(D(10), 99, ("procurement.matching",))
    assert troubled.chance(D("0.99"), RESTS_ON) == 1
    assert "procurement.matching" in troubled.always(RESTS_ON)
    assert plan.concerning(D(10), 99, ("finance.coding",)).chance(D("0.99"), RESTS_ON) < 1
    unasked = PLAN.concerning(D(10), 99, ("procurement.matching",))
    assert unasked.always(RESTS_ON) == "", "only where the plan says so"


@given(st.decimals(0, 1, places=3), st.decimals(-100, 100_000, places=2) | st.none(), st.integers(0, 40))
def test_a_chance_is_a_chance(sure: Decimal, amount: Decimal | None, before: int) -> None:
    plan = replace(PLAN, interval=D(7_000), first_of_vendor=20)
    found = plan.concerning(amount, before, ())
    assert 0 < found.chance(sure, RESTS_ON) <= 1
    assert found == decode(Drawing, encode(found)), "what is recorded reads back"


def test_a_plan_reads_back_as_it_was_stored() -> None:
    plan = replace(PLAN, interval=D("7000.00"), first_of_vendor=20, incidents=True)
    assert Plan.from_json(3, plan.as_json()) == plan
    assert Plan.from_json(3, PLAN.as_json()) == PLAN
