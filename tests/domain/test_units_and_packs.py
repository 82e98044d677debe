"""Units count the same thing, so many of another, or nothing that can be compared; packs are found by price
and quantity together."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.domain import units
from coordination.domain.facts import Conversion

CODES = st.sampled_from(["EA", "C62", "STK", "DZN", "GRO", "CEN", "PR", "KGM", "HUR", "SET", ""])
BOX = Conversion("A-1", "BX", "EA", Decimal(12))
ANY_BOX = Conversion("", "BX", "EA", Decimal(10))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("EA", "ea ", True),
        ("EA", "C62", True),
        ("STÜCK", "stück", True),
        ("KGM", "KGM", True),
        ("KGM", "kgm", True),
        ("KGM", "TNE", False),
        ("EA", "DZN", False),
        ("", "", True),
        ("", "EA", False),
        (" ", "", True),
    ],
)
def test_two_codes_of_one_unit(one: str, other: str, same: bool) -> None:
    assert units.same_unit(one, other) is same


@given(CODES, CODES, CODES)
def test_to_be_the_same_unit_is_mutual_and_goes_on(a: str, b: str, c: str) -> None:
    assert units.same_unit(a, a)
    assert units.same_unit(a, b) == units.same_unit(b, a)
    if units.same_unit(a, b) and units.same_unit(b, c):
        assert units.same_unit(a, c)


@pytest.mark.parametrize(
    ("unit", "wanted", "factor"),
    [
        ("DZN", "EA", "12"),
        ("GRO", "DZN", "12"),
        ("GGR", "GRO", "12"),
        ("MIL", "CEN", "10"),
        ("CEN", "SCO", "5"),
        ("PR", "EA", "2"),
        ("DPR", "PR", "12"),
        ("TPR", "PR", "10"),
        ("KGM", "EA", None),
        ("KGM", "TNE", None),
        ("SET", "EA", None),
        ("", "EA", None),
    ],
)
def test_the_standard_by_hand(unit: str, wanted: str, factor: str | None) -> None:
    assert units.standard_factor(unit, wanted) == (None if factor is None else Decimal(factor))


@given(CODES, CODES)
def test_there_and_back_is_where_one_was(a: str, b: str) -> None:
    there, back = units.standard_factor(a, b), units.standard_factor(b, a)
    assert (there is None) == (back is None)
    if there is not None and back is not None:
        assert (there * back).quantize(units.PLACES) == 1


@pytest.mark.parametrize(
    ("declared", "items", "unit", "wanted", "factor"),
    [
        ((BOX,), ["A-1"], "BX", "EA", "12"),
        ((BOX,), [" a-1 "], "bx", "C62", "12"),
        ((BOX,), ["A-2"], "BX", "EA", None),
        ((BOX,), [], "BX", "EA", None),
        ((ANY_BOX,), [], "BX", "EA", "10"),
        ((ANY_BOX, BOX), ["A-1"], "BX", "EA", "12"),  # of the item before a general one
        ((ANY_BOX, BOX), ["A-2"], "BX", "EA", "10"),
        ((Conversion("", "EA", "BX", Decimal("0.1")),), [], "BX", "EA", "10"),  # declared the other way
        ((Conversion("", "EA", "BX", Decimal(0)),), [], "BX", "EA", None),
        (
            (Conversion("", "DZN", "EA", Decimal(13)),),
            [],
            "DZN",
            "EA",
            "12",
        ),  # nobody declares the standard away
        ((ANY_BOX,), [], "BX", "", None),
        ((ANY_BOX,), [], "", "EA", None),
        ((), [], "EA", "STK", "1"),
        ((), [], "", " ", "1"),
    ],
)
def test_a_declared_factor(
    declared: tuple[Conversion, ...], items: list[str], unit: str, wanted: str, factor: str | None
) -> None:
    found = units.unit_factor(declared, items, unit, wanted)
    assert found == (None if factor is None else Decimal(factor))


@pytest.mark.parametrize(
    ("quantity", "factor", "times", "per"),
    [
        ("5", "1", "5", "5"),
        ("2", "12", "24.0000000000", "0.1666666667"),
        ("1", "0.3333333333", "0.3333333333", "3.0000000003"),
        ("0", "12", "0E-10", "0E-10"),
    ],
)
def test_a_quantity_and_a_price_in_another_unit(quantity: str, factor: str, times: str, per: str) -> None:
    assert units.times(Decimal(quantity), Decimal(factor)) == Decimal(times)
    assert units.per(Decimal(quantity), Decimal(factor)) == Decimal(per)


def test_a_third_of_a_dozen_is_four_and_not_nearly_four() -> None:
    assert units.times(Decimal(1) / 3, Decimal(12)) == 4
    assert units.times(Decimal(4), Decimal(1) / 12) == Decimal("0.3333333333")


@pytest.mark.parametrize(
    ("asked", "agreed", "billed", "ordered", "left", "factor"),
    [
        ("1.19", "14.28", "312", "26", "26", "12"),  # billed in pieces, ordered in dozens
        ("14.28", "1.19", "26", "312", "312", "1/12"),
        ("14.28", "1.19", "10", "312", "120", "1/12"),  # all that is left
        ("14.28", "1.19", "11", "312", "120", None),
        ("1.19", "14.28", "313", "26", "26", None),  # more money than was ordered
        ("1.19", "14.28", "26", "26", "26", None),  # cheaper, and no more than was ordered
        ("1.50", "14.28", "312", "26", "26", None),  # no whole number
        ("10.00", "10.00", "26", "26", "26", None),
        ("0", "10.00", "26", "26", "26", None),
        ("-1.00", "10.00", "26", "26", "26", None),
        ("10.00", "0", "26", "26", "26", None),
        ("10.00", "14.00", "30", "26", "26", None),  # once is no pack
        ("0.08", "1.00", "312", "26", "26", None),  # twelve and a half: 0.96 is not 1.00
    ],
)
def test_a_pack_by_hand(
    asked: str, agreed: str, billed: str, ordered: str, left: str, factor: str | None
) -> None:
    found = units.pack(*map(Decimal, (asked, agreed, billed, ordered, left)))
    if factor == "1/12":
        assert found == Decimal(1) / 12
    else:
        assert found == (None if factor is None else Decimal(factor))


PRICES = st.decimals(min_value=Decimal("0.01"), max_value=1000, places=2)


@given(PRICES, PRICES, st.integers(1, 500), st.integers(1, 500), st.integers(0, 500))
def test_a_pack_never_lets_more_money_pass_than_was_ordered(
    asked: Decimal, agreed: Decimal, billed: int, ordered: int, left: int
) -> None:
    factor = units.pack(asked, agreed, Decimal(billed), Decimal(ordered), Decimal(left))
    if factor is None:
        return
    assert factor > 0
    assert factor >= 2 or (1 / factor).quantize(Decimal("1e-9")) >= 2
    slack = Decimal("0.02") * ordered * agreed + Decimal("0.01") * billed
    assert asked * billed <= agreed * max(ordered, left) + slack


@given(st.integers(2, 144), st.integers(1, 100), st.decimals(min_value=1, max_value=100, places=2))
def test_the_same_goods_counted_in_pieces_and_in_packs_are_one_factor(
    count: int, packs: int, price: Decimal
) -> None:
    pieces = Decimal(count * packs)
    assert units.pack(price, price * count, pieces, Decimal(packs), Decimal(packs)) == count
    assert units.pack(price * count, price, Decimal(packs), pieces, pieces) == Decimal(1) / count
