"""Prices are compared net with net: what a line allowance takes off is not billed, what it only claims to
take off is."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.domain.amounts import unit_price
from coordination.services.intake.folding import agreed, worth
from coordination.translation.canonical import AllowanceCharge, Order, OrderLine
from tests.agents.make import codes, document, line, order, ordered, propose, snapshot

MATCHING, FINANCE = "procurement.matching", "finance.validation"


def off(amount: object) -> AllowanceCharge:
    return AllowanceCharge(charge=False, amount=Decimal(str(amount)))


def on(amount: object) -> AllowanceCharge:
    return AllowanceCharge(charge=True, amount=Decimal(str(amount)), reason="Freight")


@pytest.mark.parametrize(
    ("price", "net", "allowances", "expected"),
    [
        ("12.50", "1000", (off(250),), []),
        ("12.50", "1000", (off(125), off(125)), []),
        ("12.50", "1250", (), ["price_over"]),
        ("12.50", "1125", (off(125),), ["price_over"]),
        ("10.00", "900", (off(100),), []),
        ("10.00", "1000", (), []),
        ("12.50", "1250", (off(250),), ["price_over"]),
        ("12.50", "1050", (off(250), on(50)), ["charge_unplanned"]),
        ("9.00", "1000", (on(100),), ["charge_unplanned"]),
    ],
)
def test_a_gross_price_counts_after_its_allowances(
    price: str, net: str, allowances: tuple[AllowanceCharge, ...], expected: list[str]
) -> None:
    """100 ordered at 10.00."""
    doc = document(line(price=price, net=net, allowances=allowances))
    assert codes(MATCHING, snapshot(doc)) == expected


def test_what_is_said_is_the_net_price() -> None:
    doc = document(line(price="12.50", net="1125", allowances=(off(125),)))
    [finding] = [f for f in propose(MATCHING, snapshot(doc)).findings if f.code]
    assert (finding.expected, finding.found, finding.money) == ("10.00", "11.25", Decimal("125.0000000000"))


@pytest.mark.parametrize("printed", ["12.50", "10.00"])
def test_lines_without_a_key_are_found_by_either_price(printed: str) -> None:
    """Ordered at the list price or at the net one."""
    plain = {"item": "", "order_line": "", "description": "Bolt M8, zinc"}
    doc = document(line(price="12.50", net="1000", allowances=(off(250),), **plain))
    lines = (
        ordered(1, price=printed, item="", description="Bolt M8, zinc"),
        ordered(2, price="99", item="", description="Nut"),
    )
    found = propose(MATCHING, snapshot(doc, orders=(order(*lines),)))
    assert [a.order_line for a in found.allocations or ()] == ["L1"]
    assert not [f for f in found.findings if f.code]


MONEY = st.integers(0, 30_000).map(lambda n: Decimal(n) / 100)


@given(MONEY, st.lists(st.builds(AllowanceCharge, st.booleans(), MONEY), max_size=3), MONEY)
def test_no_allowance_hides_what_is_paid(
    price: Decimal, allowances: list[AllowanceCharge], net: Decimal
) -> None:
    """Whatever a line claims to take off: if nobody holds it, it asks for no more than the order and its
    tolerance."""
    one = replace(line(quantity="10", price="1", net="1"), price=price, net=net, allowances=tuple(allowances))
    doc = document(one, net=net)
    snap = snapshot(doc, orders=(order(ordered(quantity="10", price="10.00")),))
    held = codes(MATCHING, snap) + [c for c in codes(FINANCE, snap) if c == "totals_unbalanced"]
    if not held:
        assert net <= Decimal("102.02")


@given(st.integers(1, 500), MONEY, MONEY)
def test_a_net_price_is_the_amount_of_its_line(quantity: int, price: Decimal, less: Decimal) -> None:
    whole = quantity * price
    less = min(less, whole)
    one = line(quantity=quantity, price=price, net=whole - less, allowances=(off(less),))
    found = unit_price(one)
    assert found is not None
    assert abs(found * quantity - (whole - less)) <= Decimal("1E-7")


# --- orders -------------------------------------------------------------------------------------------------


def of_order(**changes: object) -> OrderLine:
    plain = {"line": "1", "quantity": Decimal(10), "price": Decimal("12.50"), "net": Decimal(100)}
    return OrderLine(**(plain | {"allowances": (off(25),)} | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given_", "price", "net"),
    [
        (of_order(), "10", 100),
        (of_order(net=None), "10", None),
        (of_order(net=Decimal(125)), "12.50", 125),
        (of_order(allowances=()), "12.50", 100),
        (of_order(allowances=(off(25), on(7)), net=Decimal(107)), "10", 100),
        (of_order(allowances=(on(5),), net=Decimal(130)), "12.50", 125),
        (of_order(base_quantity=Decimal(5), price=Decimal("62.50")), "50", 100),
        (of_order(quantity=None), "12.50", 100),
        (of_order(allowances=(off(1000),), net=None), "12.50", None),
    ],
)
def test_the_agreed_price_of_an_order_is_net_of_its_allowances(
    given_: OrderLine, price: str, net: int | None
) -> None:
    found = agreed(given_)
    assert found.price is not None
    assert (found.price.normalize(), found.net) == (Decimal(price).normalize(), net)


def test_an_order_without_totals_is_worth_what_its_lines_come_to() -> None:
    assert worth(Order("PO-1", lines=(of_order(net=None, allowances=(off(25), on(7))),))) == 107
