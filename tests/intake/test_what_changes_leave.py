"""A change of an order says what it changes and no more: its words, prices, allowances and totals otherwise
stay, and what no longer follows from anything is not known."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.services.intake.folding import agreed, charges, fold, worth
from coordination.translation.canonical import AllowanceCharge, Order, OrderLine, Problem

FREIGHT = AllowanceCharge(charge=True, amount=Decimal(20), reason="Freight")
PACKING = AllowanceCharge(charge=True, amount=Decimal(3), reason="Packing")
REBATE = AllowanceCharge(charge=False, amount=Decimal(5), reason="Rebate")
NUMBERS = ("quantity", "price", "base_quantity", "net", "tax_rate")


def line(number: str = "1", **changes: Any) -> OrderLine:
    """A line with these values, amounts written as text."""
    values = {k: Decimal(v) if k in NUMBERS and v is not None else v for k, v in changes.items()}
    return OrderLine(**{"line": number} | values)


BOLTS = line(
    item="A-1",
    buyer_item="B-1",
    standard_item="4006381333931",
    description="Bolt M8",
    quantity="10",
    unit="EA",
    price="40",
    base_quantity="1",
    net="395",
    tax_rate="19",
    allowances=(REBATE,),
)
NUTS = line("2", quantity="50", price="2", net="100")
ORDER = Order("PO-1", lines=(BOLTS, NUTS), net=Decimal(495), tax=Decimal("94.05"), gross=Decimal("589.05"))


def change(*lines: OrderLine, sequence: str = "1", **changes: Any) -> Order:
    return Order(**{"number": "PO-1", "message": "change", "sequence": sequence, "lines": lines} | changes)


def folded(*messages: Order) -> Order:
    found, _ = fold(messages)
    assert found is not None
    return found


def first(*changes: Order) -> OrderLine:
    """The first line of the order after these changes."""
    return folded(ORDER, *changes).lines[0]


# --- a line -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["item", "buyer_item", "standard_item", "description", "unit"])
def test_a_word_that_a_change_states_replaces_the_one_before_and_the_others_stay(name: str) -> None:
    found = first(change(line(**{name: "Z-9"})))
    words = ("item", "buyer_item", "standard_item", "description", "unit")
    expected = {w: "Z-9" if w == name else getattr(BOLTS, w) for w in words}
    assert {w: getattr(found, w) for w in words} == expected


@pytest.mark.parametrize(
    ("said", "quantity", "price", "net"),
    [
        ({}, "10", "40", "395"),  # nothing of it is changed: the amount still stands
        ({"quantity": "10"}, "10", "40", "395"),  # the same quantity once more
        ({"price": "40"}, "10", "40", "395"),
        ({"quantity": "9"}, "9", "40", None),  # the amount of ten is none of nine
        ({"price": "41"}, "10", "41", None),
        ({"quantity": "9", "net": "355"}, "9", "40", "355"),
        ({"net": "390"}, "10", "40", "390"),
        ({"quantity": "10", "price": "40", "net": "400"}, "10", "40", "400"),
        ({"quantity": "0"}, "0", "40", None),  # nought is a quantity
        ({"price": "0"}, "10", "0", None),  # and nothing a price
    ],
)
def test_the_amount_of_a_line_stands_while_nothing_changes_what_it_comes_from(
    said: dict[str, str], quantity: str, price: str, net: str | None
) -> None:
    found = first(change(line(**said)))
    assert (found.quantity, found.price) == (Decimal(quantity), Decimal(price))
    assert found.net == (None if net is None else Decimal(net))


def test_a_price_for_another_base_is_another_price() -> None:
    found = first(change(line(price="40", base_quantity="100")))
    assert (found.base_quantity, found.net) == (Decimal(100), None)


def test_a_change_without_a_price_says_nothing_of_its_base_either() -> None:
    per_hundred = replace(BOLTS, base_quantity=Decimal(100), base_unit="EA")
    found = folded(replace(ORDER, lines=(per_hundred,)), change(line(quantity="20"))).lines[0]
    assert (found.base_quantity, found.base_unit, found.price) == (Decimal(100), "EA", Decimal(40))


@pytest.mark.parametrize(
    ("said", "allowances"),
    [
        ({"quantity": "9"}, (REBATE,)),  # the price stays, and so does what is taken off it
        ({"price": "38"}, ()),  # a new price is stated with what is taken off it, here nothing
        ({"price": "38", "allowances": (PACKING,)}, (PACKING,)),
        ({"allowances": (PACKING,)}, (PACKING,)),
    ],
)
def test_allowances_of_a_line_stay_with_its_price(
    said: dict[str, Any], allowances: tuple[AllowanceCharge, ...]
) -> None:
    assert first(change(line(**said))).allowances == allowances


@pytest.mark.parametrize(("said", "rate"), [({}, "19"), ({"tax_rate": "7"}, "7"), ({"tax_rate": "0"}, "0")])
def test_a_rate_of_nothing_is_a_rate(said: dict[str, str], rate: str) -> None:
    assert first(change(line(**said))).tax_rate == Decimal(rate)


@pytest.mark.parametrize(
    ("status", "named", "left"),
    [
        ("changed", "1", ["1", "2"]),
        ("", "1", ["1", "2"]),
        ("deleted", "1", ["2"]),
        ("deleted", "9", ["1", "2"]),  # what was never ordered cannot be taken away
        ("added", "3", ["1", "2", "3"]),
        ("", "3", ["1", "2", "3"]),
        ("unchanged", "3", ["1", "2", "3"]),  # it is told of for the first time
    ],
)
def test_what_becomes_of_a_line_that_a_change_names(status: str, named: str, left: list[str]) -> None:
    found = folded(ORDER, change(line(named, quantity="5", price="1", status=status)))
    assert [x.line for x in found.lines] == left


def test_a_line_that_is_said_to_be_unchanged_is_whatever_stands_beside_it() -> None:
    assert first(change(line(quantity="7", price="1", status="unchanged"))) == BOLTS


def test_line_numbers_are_one_whatever_their_case_and_spaces() -> None:
    lettered = replace(ORDER, lines=(replace(BOLTS, line="A1"),))
    found = folded(lettered, change(line(" a1 ", quantity="5")))
    assert [(x.line, x.quantity) for x in found.lines] == [(" a1 ", Decimal(5))]


def test_a_line_that_a_change_names_twice_is_changed_twice() -> None:
    found = folded(ORDER, change(line(quantity="5"), line(price="41")))
    assert (found.lines[0].quantity, found.lines[0].price) == (Decimal(5), Decimal(41))


def test_a_change_with_a_value_that_nobody_can_read_keeps_nothing_of_the_line() -> None:
    torn = change(
        line(quantity="5"), unreadable=(Problem("lines/1/unit", "LIN+1", "??", "no code of a unit"),)
    )
    found = first(torn)
    assert (found.item, found.price, found.tax_rate, found.allowances) == ("", None, None, ())


# --- the sequence of changes --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "quantity"),
    [
        ("1", "2", 6),
        ("2", "10", 6),  # as numbers, not as words
        ("02", "1", 5),
        ("", "1", 6),  # without a number it comes first
        ("999", "1000", 6),
    ],
)
def test_changes_apply_in_the_order_of_their_numbers(one: str, other: str, quantity: int) -> None:
    five = change(line(quantity="5"), sequence=one, message_id="A")
    six = change(line(quantity="6"), sequence=other, message_id="B")
    assert first(five, six).quantity == first(six, five).quantity == quantity


def test_changes_of_one_number_apply_in_the_order_of_their_own_ids() -> None:
    five = change(line(quantity="5"), message_id="C-2")
    six = change(line(quantity="6"), message_id="C-1")
    assert first(five, six).quantity == first(six, five).quantity == 5


def test_the_last_of_two_ends_counts() -> None:
    cancelled, rejected = (Order("PO-1", message=m) for m in ("cancellation", "rejection"))
    assert fold([ORDER, cancelled, rejected])[1] == "rejected"
    assert fold([ORDER, rejected, cancelled])[1] == "cancelled"


def test_an_acceptance_ends_and_states_nothing() -> None:
    assert fold([Order("PO-1", message="acceptance", lines=(BOLTS,))]) == (None, "open")


# --- what the messages say of the order as a whole ----------------------------------------------------------


def test_the_number_that_the_seller_gave_it_is_kept_from_the_newest_message_that_says_one() -> None:
    early, late = change(sales_order="S-1"), change(sales_order="S-2")
    assert folded(ORDER, early, late, change()).sales_order == "S-2"
    assert folded(replace(ORDER, sales_order="S-0"), early).sales_order == "S-0"
    assert folded(ORDER, change()).sales_order == ""


def test_the_kind_of_the_order_is_that_of_the_newest_order_message_that_says_one() -> None:
    goods, consignment = replace(ORDER, type_code="220"), replace(ORDER, type_code="227")
    assert folded(goods, consignment).type_code == "227"
    assert folded(consignment, goods).type_code == "220"
    assert folded(consignment, ORDER).type_code == "227"
    assert folded(replace(ORDER, message="response", type_code="231")).type_code == "231"


def test_charges_that_a_change_states_take_the_place_of_those_before() -> None:
    with_freight = replace(ORDER, allowances=(FREIGHT,))
    assert folded(with_freight, change()).allowances == (FREIGHT,)
    assert folded(with_freight, change(allowances=(PACKING,))).allowances == (PACKING,)


def test_what_was_agreed_to_be_charged_is_of_the_order_and_of_its_lines_and_no_rebate() -> None:
    both = replace(ORDER, allowances=(FREIGHT, REBATE), lines=(replace(BOLTS, allowances=(REBATE, PACKING)),))
    assert charges(both) == [FREIGHT, PACKING]
    assert charges(ORDER) == []


# --- totals -------------------------------------------------------------------------------------------------


def totals(*messages: Order) -> tuple[str | None, ...]:
    found = folded(*messages)
    return tuple(None if a is None else str(a) for a in (found.net, found.tax, found.gross))


@pytest.mark.parametrize(
    ("lines", "said", "expected"),
    [
        ((), {}, ("495", "94.05", "589.05")),
        ((line(description="Bolt M8, zinc"),), {}, ("495", "94.05", "589.05")),  # nothing moves
        ((line("2", quantity="50"),), {}, ("495", "94.05", "589.05")),
        ((line("2", quantity="40"),), {}, ("475", None, None)),  # ten nuts at 2 less
        ((line("2", quantity="60", net="118"),), {}, ("513", None, None)),
        ((line("2", status="deleted"),), {}, ("395", None, None)),
        ((line("3", quantity="1", price="7"),), {}, ("502", None, None)),
        ((line("3", quantity="1", price="7", allowances=(PACKING, REBATE)),), {}, ("500", None, None)),
        ((line("3", quantity="3"),), {}, (None, None, None)),  # at which price?
        ((line("2", quantity="40"),), {"tax": "90.25"}, ("475", "90.25", None)),
        ((line("2", quantity="40"),), {"net": "470", "tax": "89.30", "gross": "559.30"}, None),
        ((line("3", quantity="3"),), {"net": "500"}, ("500", "94.05", "589.05")),
        ((line("2", quantity="40"), line("3", quantity="20", price="1")), {}, ("495", "94.05", "589.05")),
    ],
)
def test_the_total_moves_with_its_lines_unless_the_change_states_it(
    lines: tuple[OrderLine, ...], said: dict[str, str], expected: tuple[str | None, ...] | None
) -> None:
    found = totals(ORDER, change(*lines, **{k: Decimal(v) for k, v in said.items()}))
    assert found == (expected or (said["net"], said["tax"], said["gross"]))


def test_a_total_that_was_never_stated_does_not_begin_with_a_change() -> None:
    bare = replace(ORDER, net=None, tax=None, gross=None)
    assert totals(bare, change(line("2", quantity="40"))) == (None, None, None)
    assert totals(bare, change(net=Decimal(475))) == ("475", None, None)


QUANTITIES = st.lists(st.integers(0, 99), min_size=1, max_size=4)


@given(st.lists(QUANTITIES, min_size=1, max_size=4), st.randoms())
def test_a_total_that_only_moves_is_what_its_lines_come_to_in_the_end(
    rounds: list[list[int]], chance: Any
) -> None:
    plain = Order("PO-1", lines=(line(quantity="1", price="3"),), net=Decimal(3))
    changes = [
        change(*(line(str(n), quantity=str(q), price="3") for n, q in enumerate(found, 1)), sequence=str(at))
        for at, found in enumerate(rounds)
    ]
    chance.shuffle(changes)
    found = folded(plain, *changes)
    assert found.net == sum((x.quantity or 0) * 3 for x in found.lines)


# --- the agreed price and the worth -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "price", "net"),
    [
        ({"quantity": "10", "price": "40"}, "40", None),  # nothing is taken off
        ({"quantity": "10", "price": "40", "allowances": (REBATE,)}, "39.5", None),  # 395 / 10
        ({"quantity": "10", "price": "40", "net": "395", "allowances": (REBATE,)}, "39.5", "395"),
        (
            {"quantity": "10", "price": "40", "net": "400", "allowances": (REBATE,)},
            "40",
            "400",
        ),  # a net price
        ({"quantity": "10", "price": "40", "net": "400.02", "allowances": (REBATE,)}, "40", "400.02"),
        ({"quantity": "10", "price": "40", "net": "399.97", "allowances": (REBATE,)}, "39.5", "399.97"),
        ({"quantity": "10", "price": "40", "net": "403", "allowances": (PACKING,)}, "40", "400"),
        ({"quantity": "10", "price": "40", "net": "398", "allowances": (PACKING, REBATE)}, "39.5", "395"),
        ({"quantity": "1000", "price": "40", "base_quantity": "100", "allowances": (REBATE,)}, "39.5", None),
        ({"quantity": "3", "price": "40", "allowances": (REBATE,)}, "38.3333333333", None),
        ({"quantity": "1", "price": "5", "allowances": (REBATE,)}, "0", None),  # given away
        (
            {"quantity": "1", "price": "4.99", "allowances": (REBATE,)},
            "4.99",
            None,
        ),  # below nothing: as printed
        ({"quantity": "0", "price": "40", "allowances": (REBATE,)}, "40", None),
        ({"price": "40", "allowances": (REBATE,)}, "40", None),
        ({"quantity": "10", "price": None, "allowances": (REBATE,)}, None, None),
    ],
)
def test_the_agreed_price_is_what_is_left_after_allowances(
    said: dict[str, Any], price: str | None, net: str | None
) -> None:
    found = agreed(line(**said))
    assert found.price == (None if price is None else Decimal(price))
    assert found.net == (None if net is None else Decimal(net))


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (ORDER, "495"),
        (replace(ORDER, net=None), "495"),  # 395 and 100
        (replace(ORDER, net=Decimal(1)), "1"),  # what is stated counts
        (Order("PO-1", lines=(line(quantity="3", price="7"),)), "21"),
        (Order("PO-1", lines=(line(quantity="3", price="7", allowances=(FREIGHT, REBATE)),)), "36"),
        (Order("PO-1", lines=(line(quantity="300", price="7", base_quantity="100"),)), "21"),
        (Order("PO-1", lines=(BOLTS, line("2", quantity="3"))), None),  # one line does not say enough
        (Order("PO-1", lines=(line(quantity="3", price="7", base_quantity="0"),)), None),
        (Order("PO-1"), None),
        (Order("PO-1", lines=(line(quantity="0", price="7"),)), "0"),
    ],
)
def test_what_an_order_is_worth(order: Order, expected: str | None) -> None:
    assert worth(order) == (None if expected is None else Decimal(expected))
