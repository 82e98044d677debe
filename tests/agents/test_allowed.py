"""What an order allows where it does not say all: two of quantity, price and amount make the third."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.agents.allowed import bounded, complete, priced_by_totals, worth
from coordination.agents.bounds import unstated
from coordination.domain.amounts import ordered_price
from coordination.domain.facts import OrderFacts, Snapshot
from coordination.translation.canonical import AllowanceCharge

from .make import allocated, billed, document, line, order, ordered, snapshot

PRICES = st.decimals("0.01", "500", places=2)
SUMS = st.decimals("1", "5000", places=2)
COUNTS = st.integers(1, 500)


def freight(amount: str) -> AllowanceCharge:
    return AllowanceCharge(charge=True, amount=Decimal(amount), reason="Freight")


@pytest.mark.parametrize(
    ("quantity", "price", "base", "net", "expected"),
    [
        ("100", "10.00", "1", None, "1000"),
        ("2000", "12.50", "100", None, "250"),
        ("100", "10.00", "1", "950.00", "950.00"),
        (None, "10.00", "1", "950.00", "950.00"),
        ("100", None, "1", "0.00", "0.00"),
        (None, "10.00", "1", None, None),
        ("100", None, "1", None, None),
        (None, None, "1", None, None),
        ("100", "10.00", "0", None, None),
        ("100", "0.00", "1", None, "0"),
    ],
)
def test_a_line_is_worth_its_amount_else_quantity_times_price(
    quantity: str | None, price: str | None, base: str, net: str | None, expected: str | None
) -> None:
    found = worth(ordered(quantity=quantity, price=price, base_quantity=base, net=net))
    assert found == (None if expected is None else Decimal(expected))


@pytest.mark.parametrize(
    ("net", "price", "base", "quantity"),
    [
        ("250.00", "12.50", "1", "20"),
        ("250.00", "12.50", "100", "2000"),
        ("100.01", "33.33", "1", "3"),  # 99.99: two cents of rounding are still three pieces
        ("10.00", "4.00", "1", "2.5"),
    ],
)
def test_an_amount_and_a_price_make_the_quantity(net: str, price: str, base: str, quantity: str) -> None:
    one = order(ordered(quantity=None, price=price, base_quantity=base, net=net), net=Decimal(net))
    assert complete(one).lines[0].quantity == Decimal(quantity)


def test_an_amount_and_a_quantity_make_the_price() -> None:
    one = complete(order(ordered(quantity="40", price=None, net="500.00")))
    assert ordered_price(one.lines[0]) == Decimal("12.5")


@pytest.mark.parametrize(
    ("total", "charges", "rest"),
    [
        ("1500.00", (), "500.00"),
        ("1500.00", (freight("35.00"),), "465.00"),
        ("1500.00", (freight("35.00"), freight("65.00")), "400.00"),
        ("1000.00", (), "0"),
        ("900.00", (), "0"),
    ],
)
def test_the_only_line_without_a_price_is_worth_what_the_order_leaves_for_it(
    total: str, charges: tuple[AllowanceCharge, ...], rest: str
) -> None:
    one = order(ordered(), ordered(2, price=None), net=Decimal(total), charges=charges)
    assert complete(one).lines[1].net == Decimal(rest)
    assert priced_by_totals([one]) == {"L2"}


@pytest.mark.parametrize("total", [None, Decimal(0)])
def test_a_total_of_nothing_is_no_agreement(total: Decimal | None) -> None:
    one = order(ordered(), ordered(2, price=None), net=total)
    assert complete(one) == one
    assert priced_by_totals([one]) == frozenset()
    assert bounded(one, one.lines[1])[0] is None


def test_two_lines_without_a_price_share_what_is_left_and_neither_gets_a_price() -> None:
    one = order(ordered(), ordered(2, price=None), ordered(3, price=None), net=Decimal(1600))
    done = complete(one)
    assert [x.net for x in done.lines[1:]] == [None, None]
    assert priced_by_totals([one]) == frozenset()
    for at in (1, 2):
        limit, sharing = bounded(done, done.lines[at])
        assert limit == 600
        assert [x.id for x in sharing] == ["L2", "L3"]


def test_a_line_without_a_quantity_is_not_priced_by_what_is_left() -> None:
    """Nobody knows how many the rest is for."""
    one = order(ordered(), ordered(2, quantity=None, price=None), net=Decimal(1600))
    assert complete(one).lines[1].net is None
    assert bounded(one, one.lines[1]) == (Decimal(600), (one.lines[1],))


def test_a_line_with_an_amount_is_bounded_by_it_and_by_nothing_of_the_order() -> None:
    one = order(ordered(), ordered(2, quantity=None, price=None, net="70.00"), net=Decimal(5000))
    assert bounded(one, one.lines[1]) == (Decimal("70.00"), (one.lines[1],))


@st.composite
def orders(draw: st.DrawFn) -> OrderFacts:
    """Lines of which any fact may be missing."""
    lines = []
    for n in range(1, draw(st.integers(1, 5)) + 1):
        quantity = draw(st.none() | COUNTS.map(str))
        price = draw(st.none() | PRICES)
        net = draw(st.none() | PRICES)
        lines.append(ordered(n, quantity=quantity, price=price, net=net))
    return order(*lines, net=draw(st.none() | st.decimals("0", "900000", places=2)))


@given(orders())
def test_completing_changes_nothing_that_is_stated(one: OrderFacts) -> None:
    for before, after in zip(one.lines, complete(one).lines, strict=True):
        for name in ("id", "line", "price", "base_quantity", "item", "unit", "billed"):
            assert getattr(before, name) == getattr(after, name)
        for name in ("quantity", "net"):
            assert getattr(before, name) in (None, getattr(after, name))


@given(orders(), st.randoms(use_true_random=False))
def test_what_follows_does_not_depend_on_the_order_of_the_lines(one: OrderFacts, chance: Any) -> None:
    lines = list(one.lines)
    chance.shuffle(lines)
    other = replace(one, lines=tuple(lines))
    assert {x.id: x for x in complete(one).lines} == {x.id: x for x in complete(other).lines}
    assert priced_by_totals([one]) == priced_by_totals([other])


@given(orders())
def test_what_an_order_leaves_is_never_less_than_nothing(one: OrderFacts) -> None:
    for each in complete(one).lines:
        limit, sharing = bounded(complete(one), each)
        assert each in sharing
        if each.net is None and limit is not None:
            assert limit >= 0


@given(st.integers(1, 400), PRICES)
def test_a_quantity_that_is_left_out_is_found_again_from_price_and_amount(count: int, price: Decimal) -> None:
    """The price is not lower than the rounding, else nobody can tell."""
    if price <= Decimal("0.05"):
        return
    one = order(ordered(quantity=None, price=price, net=count * price), net=count * price)
    assert complete(one).lines[0].quantity == count


# --- bounds: what is billed of lines that do not say all ----------------------------------------------------


def over_sum(asked: str, *, total: str | None = "1000.00", before: Any = (), **changes: Any) -> Snapshot:
    """100 pieces billed for so much, of an order line without a price and without a quantity."""
    own = line(price=Decimal(asked) / 100, net=asked)
    one = order(
        ordered(quantity=None, price=None, billed=before), net=None if total is None else Decimal(total)
    )
    pair = replace(allocated(), amount=Decimal(asked))
    return snapshot(document(own), orders=(one,), allocations=(pair,), **changes)


def found_codes(snap: Snapshot) -> list[str]:
    return [f.code for f in unstated(snap, snap.allocations)]


@pytest.mark.parametrize(("asked", "code"), [("900.00", ""), ("1000.00", ""), ("1300.00", "amount_over_po")])
def test_a_line_that_states_nothing_is_judged_by_what_the_order_comes_to(asked: str, code: str) -> None:
    [finding] = unstated(snap := over_sum(asked), snap.allocations)
    assert (finding.code or "", finding.expected, finding.found) == (
        code,
        "1,000.00",
        f"{Decimal(asked):,.2f}",
    )


def test_what_was_billed_before_counts() -> None:
    half = billed("50", amount=Decimal(600))
    assert found_codes(over_sum("300.00", before=(half,))) == [""]
    assert found_codes(over_sum("600.00", before=(half,))) == ["amount_over_po"]


def test_nothing_that_bounds_it_is_a_question_to_a_person() -> None:
    [finding] = unstated(snap := over_sum("10.00", total=None), snap.allocations)
    assert (finding.code, finding.question) == ("missing_data", "price")
    assert finding.expected == "a price and a quantity on the order"


def test_a_credit_is_not_judged_by_what_an_order_allows() -> None:
    snap = over_sum("5000.00")
    assert (
        unstated(replace(snap, document=replace(snap.document, type="credit_note")), snap.allocations) == []
    )


def test_an_order_that_says_all_is_not_judged_by_its_sum() -> None:
    snap = snapshot()
    assert unstated(snap, snap.allocations) == []


@given(st.decimals("1", "5000", places=2), st.decimals("0", "5000", places=2))
def test_more_money_never_clears_what_less_money_held(asked: Decimal, more: Decimal) -> None:
    held = "amount_over_po" in found_codes(over_sum(str(asked)))
    if held:
        assert found_codes(over_sum(str(asked + more))) == ["amount_over_po"]


@given(
    st.decimals("1", "5000", places=2), st.decimals("1", "5000", places=2), st.decimals("0", "999", places=2)
)
def test_a_larger_order_never_holds_what_a_smaller_one_let_through(
    asked: Decimal, total: Decimal, more: Decimal
) -> None:
    if found_codes(over_sum(str(asked), total=str(total))) == [""]:
        assert found_codes(over_sum(str(asked), total=str(total + more))) == [""]
