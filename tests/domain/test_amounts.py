"""Sums, prices and places in line that the agents share, by hand and in general."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.domain import amounts
from coordination.domain.amounts import CENT
from coordination.translation.canonical import AllowanceCharge
from tests.agents.make import billed, document, hold, line, order, ordered, sibling, snapshot

MONEY = st.decimals(min_value=-(10**9), max_value=10**9, places=4)


def off(amount: str) -> AllowanceCharge:
    return AllowanceCharge(False, Decimal(amount))


def on(amount: str) -> AllowanceCharge:
    return AllowanceCharge(True, Decimal(amount))


# --- rounding and words -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "unit", "rounded"),
    [
        ("1.005", "0.01", "1.01"),
        ("-1.005", "0.01", "-1.01"),
        ("1.0049", "0.01", "1.00"),
        ("1.0005", "0.001", "1.001"),  # finer where the currency is
        ("1.4", "1", "1.40"),  # never coarser: rounding to whole yen has to be seen
        ("2", "0.01", "2.00"),
    ],
)
def test_an_amount_is_rounded_to_cents_or_finer(amount: str, unit: str, rounded: str) -> None:
    found = amounts.cents(Decimal(amount), Decimal(unit))
    assert (found, str(found)) == (Decimal(rounded), rounded)


@given(MONEY)
def test_rounding_moves_an_amount_by_half_a_cent_at_most_and_twice_is_once(amount: Decimal) -> None:
    found = amounts.cents(amount)
    assert abs(found - amount) <= CENT / 2
    assert amounts.cents(found) == found
    assert amounts.cents(-amount) == -found


@pytest.mark.parametrize(
    ("number", "amount", "count"),
    [
        ("0", "0.00", "0"),
        ("1234.5", "1,234.50", "1,234.5"),
        ("1234.5678", "1,234.5678", "1,234.5678"),
        ("100", "100.00", "100"),
        ("-7.10", "-7.10", "-7.1"),
        ("1000000", "1,000,000.00", "1,000,000"),
        ("0.0000004", "0.00", "0"),
        ("2.500000", "2.50", "2.5"),
    ],
)
def test_an_amount_and_a_quantity_in_a_sentence(number: str, amount: str, count: str) -> None:
    assert (amounts.format_amount(Decimal(number)), amounts.counted(Decimal(number))) == (amount, count)


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=6))
def test_a_sentence_loses_nothing_of_a_number(number: Decimal) -> None:
    for text in (amounts.format_amount(number), amounts.counted(number)):
        assert Decimal(text.replace(",", "")) == number
    assert len(amounts.format_amount(number).partition(".")[2]) >= 2


@pytest.mark.parametrize(
    ("number", "places", "text"),
    [
        ("113.6", 2, "+113.60"),
        ("-12", 2, "−12.00"),
        ("0", 2, "0.00"),
        ("1234.56", 1, "+1,234.6"),
        ("-8", 0, "−8"),
    ],
)
def test_a_difference_has_its_sign(number: str, places: int, text: str) -> None:
    assert amounts.signed(Decimal(number), places) == text


@pytest.mark.parametrize(
    ("amount", "text"), [(None, ""), ("1", "1.00"), ("1.5", "1.50"), ("-0.126", "-0.13")]
)
def test_an_amount_that_is_kept_has_two_decimals(amount: str | None, text: str) -> None:
    assert amounts.two_decimals(None if amount is None else Decimal(amount)) == text


# --- at stake -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gross", "payable", "asked", "stake"),
    [
        ("119.00", "119.00", "119.00", "119.00"),
        ("119.00", "19.00", "19.00", "119.00"),  # an advance
        ("119.00", "120.00", "120.00", "120.00"),
        ("119.00", None, "119.00", "119.00"),
        (None, "19.00", "19.00", "19.00"),
        ("119.00", "-5.00", "-5.00", "119.00"),
        ("-119.00", "5.00", "5.00", "119.00"),
        ("119.00", "0.00", "0.00", "119.00"),
        ("119.005", None, "119.01", "119.005"),
        (None, None, None, None),
    ],
)
def test_what_is_asked_and_what_is_at_stake(
    gross: str | None, payable: str | None, asked: str | None, stake: str | None
) -> None:
    known = [None if a is None else Decimal(a) for a in (gross, payable)]
    assert amounts.asked(*known) == (None if asked is None else Decimal(asked))
    assert amounts.at_stake(*known) == (None if stake is None else Decimal(stake))


@given(st.none() | MONEY, st.none() | MONEY)
def test_no_less_is_at_stake_than_is_asked(gross: Decimal | None, payable: Decimal | None) -> None:
    asked, stake = amounts.asked(gross, payable), amounts.at_stake(gross, payable)
    assert (asked is None) == (stake is None)
    if asked is not None and stake is not None:
        assert stake >= abs(asked) - CENT / 2
        assert stake >= 0


# --- lines --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "total"),
    [
        ({"quantity": "3", "price": "9.99"}, "29.97"),
        ({"quantity": "3", "price": "10.00", "base_quantity": "100"}, "0.30"),
        ({"quantity": "3", "price": "10.00", "allowances": (off("5.00"), on("1.50"))}, "26.50"),
        ({"quantity": "0.333", "price": "0.105"}, "0.03"),
        ({"quantity": "-2", "price": "10.00"}, "-20.00"),
        ({"quantity": None, "price": "10.00"}, None),
        ({"quantity": "2", "price": None}, None),
    ],
)
def test_what_a_line_should_come_to(changes: dict[str, Any], total: str | None) -> None:
    assert amounts.line_total(line(**changes)) == (None if total is None else Decimal(total))


def test_a_line_without_a_base_quantity_comes_to_nothing_that_is_known() -> None:
    nothing = replace(line(), base_quantity=Decimal(0))
    assert (amounts.line_total(nothing), amounts.unit_price(nothing)) == (None, None)
    assert amounts.billed_prices(nothing) == frozenset()


@pytest.mark.parametrize(
    ("changes", "price"),
    [
        ({"quantity": "10", "price": "5.00"}, "5.00"),
        ({"quantity": "10", "price": "500.00", "base_quantity": "100"}, "5.00"),
        ({"quantity": "10", "price": "5.00", "net": "45.00", "allowances": (off("5.00"),)}, "4.50"),
        (
            {"quantity": "10", "price": "5.00", "net": "50.00", "allowances": (off("5.00"),)},
            "5.00",
        ),  # not taken off
        (
            {"quantity": "10", "price": "5.00", "net": "47.00", "allowances": (off("5.00"), on("2.00"))},
            "4.50",
        ),
        ({"quantity": "10", "price": "5.00", "net": "52.00", "allowances": (on("2.00"),)}, "5.00"),
        ({"quantity": "3", "price": "1.00", "net": "2.00", "allowances": (off("1.00"),)}, "0.6666666667"),
        ({"quantity": "10", "price": None}, None),
        ({"quantity": "0", "price": "5.00", "allowances": (off("1.00"),)}, "5.00"),
    ],
)
def test_what_one_unit_is_billed_at(changes: dict[str, Any], price: str | None) -> None:
    assert amounts.unit_price(line(**changes)) == (None if price is None else Decimal(price))


def test_a_line_is_known_by_its_printed_price_and_its_net_one() -> None:
    discounted = line(quantity="10", price="5.00", net="45.00", allowances=(off("5.00"),))
    assert amounts.billed_prices(discounted) == {Decimal("5.00"), Decimal("4.50")}
    assert amounts.billed_prices(line(price="5.00")) == {Decimal("5.00")}
    assert amounts.billed_prices(line(price=None)) == frozenset()


@given(st.integers(1, 10**4), st.decimals(min_value=Decimal("0.01"), max_value=10**4, places=2))
def test_a_plain_line_comes_to_its_price_times_its_quantity(quantity: int, price: Decimal) -> None:
    one = line(quantity=quantity, price=price)
    assert amounts.line_total(one) == amounts.line_amount(one) == quantity * price
    assert amounts.unit_price(one) == price


def test_a_stated_amount_of_a_line_stands_above_one_worked_out() -> None:
    assert amounts.line_amount(line(quantity="2", price="10.00", net="19.00")) == Decimal("19.00")


@pytest.mark.parametrize(
    ("changes", "price", "contradicts"),
    [
        ({"quantity": "100", "price": "10.00"}, "10.00", False),
        ({"quantity": "100", "price": "10.00", "net": "1000.00"}, "10.00", False),
        ({"quantity": "100", "price": "10.00", "net": "1009.00"}, "10.00", False),  # under one per cent
        ({"quantity": "100", "price": "10.00", "net": "1010.01"}, "10.1001", True),
        ({"quantity": "100", "price": "1000.00", "net": "1000.00"}, "10.00", True),  # priced per hundred
        ({"quantity": "100", "price": "1000.00", "base_quantity": "100"}, "10.00", False),
        ({"quantity": "100", "price": None, "net": "1000.00"}, "10.00", False),
        ({"quantity": None, "price": "10.00", "net": "1000.00"}, "10.00", False),
        ({"quantity": "100", "price": None}, None, False),
        ({"quantity": "1", "price": "0.50", "net": "0.51"}, "0.50", False),  # within two cents
    ],
)
def test_the_agreed_price_of_one_unit(changes: dict[str, Any], price: str | None, contradicts: bool) -> None:
    agreed = ordered(**changes)
    assert amounts.ordered_price(agreed) == (None if price is None else Decimal(price))
    assert amounts.contradicts_itself(agreed) is contradicts


# --- who stands before whom ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "seen"),
    [
        ("received", "received"),
        ("validated", "received"),
        ("matched", "received"),
        ("delivered", "received"),
        ("cleared", "cleared"),
        ("scheduled", "paid"),
        ("paid", "paid"),
        ("rejected", "rejected"),
        ("void", "rejected"),
    ],
)
def test_what_neighbours_see_of_a_state(state: str, seen: str) -> None:
    assert amounts.coarse(state) == seen
    assert amounts.coarse(seen) == seen


@pytest.mark.parametrize(
    ("changes", "earlier"),
    [
        ({"issue_date": date(2026, 9, 4)}, True),
        ({"issue_date": date(2026, 9, 6)}, False),
        ({"issue_date": date(2026, 9, 6), "state": "paid"}, True),  # money that is on its way goes first
        ({"issue_date": date(2026, 9, 5), "number": "INV-0"}, True),
        ({"issue_date": date(2026, 9, 5), "number": "INV-2"}, False),
        ({"issue_date": date(2026, 9, 5), "number": "INV-1", "digest": "a"}, True),
        ({"issue_date": date(2026, 9, 5), "number": "INV-1", "digest": "z"}, False),
        ({"issue_date": None}, False),
    ],
)
def test_who_stands_before_an_invoice(changes: dict[str, Any], earlier: bool) -> None:
    assert amounts.earlier(snapshot(digest="m"), sibling(**{"number": "INV-0"} | changes)) is earlier


@given(
    st.lists(st.sampled_from(["received", "cleared", "scheduled", "paid"]), min_size=2, max_size=2), st.data()
)
def test_of_two_invoices_exactly_one_stands_before_the_other(states: list[str], data: st.DataObject) -> None:
    days, digests = st.dates(date(2026, 9, 1), date(2026, 9, 3)), st.sampled_from("abc")
    ranks = [
        amounts.rank(state, data.draw(days), data.draw(st.sampled_from(["1", "2"])), data.draw(digests))
        for state in states
    ]
    assert (ranks[0] < ranks[1]) + (ranks[1] < ranks[0]) + (ranks[0] == ranks[1]) == 1
    settled = [state in amounts.SETTLED for state in states]
    if settled == [True, False]:
        assert ranks[0] < ranks[1]


@pytest.mark.parametrize(
    ("others", "quantity", "amount"),
    [
        ([], "0", "0"),
        ([billed(30)], "30", "300"),
        ([billed(30), billed(20, invoice="b")], "50", "500"),
        ([billed(30, state="rejected")], "0", "0"),
        ([billed(30, state="void")], "0", "0"),
        ([billed(30, state="received")], "30", "300"),
        ([billed(30, issue_date=date(2026, 9, 10))], "0", "0"),  # behind this one
        ([billed(30, issue_date=date(2026, 9, 10), state="paid")], "30", "300"),
        ([billed(30, invoice="this")], "0", "0"),
        ([billed(30), billed(10, type="credit_note", invoice="c")], "20", "200"),
        ([billed(30), billed(10, type="credit_note", invoice="c", state="received")], "30", "300"),
        ([billed(10, type="credit_note", invoice="c")], "-10", "-100"),
        ([billed(30), billed(-5, invoice="d", state="received")], "30", "300"),
        ([billed(30), billed(-5, invoice="d")], "25", "250"),
    ],
)
def test_what_is_billed_of_an_order_line_before(others: list[Any], quantity: str, amount: str) -> None:
    found = amounts.billed_before(snapshot(), ordered(billed=tuple(others)))
    assert found == (Decimal(quantity), Decimal(amount))


@given(
    st.lists(
        st.builds(
            lambda n, q, kind, state: billed(q, invoice=f"o{n}", type=kind, state=state),
            st.integers(0, 9),
            st.integers(0, 50),
            st.sampled_from(["invoice", "credit_note"]),
            st.sampled_from(["received", "cleared", "paid", "rejected"]),
        ),
        max_size=5,
    )
)
def test_credits_give_back_what_they_say_and_no_more(others: list[Any]) -> None:
    quantity, _ = amounts.billed_before(snapshot(), ordered(billed=tuple(others)))
    live = [o for o in others if amounts.counts(o)]
    given_back = sum((o.quantity for o in live if o.type == "credit_note"), Decimal(0))
    billed_by_others = sum((o.quantity for o in live if o.type != "credit_note"), Decimal(0))
    assert -given_back <= quantity <= billed_by_others


@pytest.mark.parametrize(("status", "suspected"), [("open", True), ("waiting", True), ("released", False)])
def test_a_duplicate_is_suspected_while_its_hold_lives(status: str, suspected: bool) -> None:
    assert amounts.may_be_duplicate(snapshot(holds=(hold("duplicate_suspect", status),))) is suspected
    assert not amounts.may_be_duplicate(snapshot(holds=(hold("price_over", status),)))


def test_a_sum_leaves_out_what_is_not_known() -> None:
    assert amounts.total([Decimal(1), None, Decimal("2.5")]) == Decimal("3.5")
    assert amounts.total([]) == 0


def test_the_stake_of_a_document_is_that_of_its_totals() -> None:
    assert amounts.stake_of(document(gross="119.00", payable="19.00")) == Decimal("119.00")
    assert amounts.stake_of(document(gross=None, payable=None)) is None


@pytest.mark.parametrize(("unit", "level"), [("EA", 4), ("HUR", 4), ("", 4)])
def test_the_default_matches_everything_against_what_was_accepted(unit: str, level: int) -> None:
    assert amounts.matching_level(snapshot(orders=(order(),)), unit) == level
    assert amounts.matching_level(snapshot(vendor=None), unit) == level
