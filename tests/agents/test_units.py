"""Units: codes that mean one thing, what the standard declares, and counts of one thing in other packs."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.domain.facts import Conversion
from coordination.domain.units import ONE, PIECES, pack, same_unit, standard_factor, unit_factor

from .make import codes, document, line, matched, order, ordered, propose, receipt, snapshot

MATCHING, DELIVERY, CROSSCHECK = "procurement.matching", "operations.delivery", "control.crosscheck"


def test_codes_for_pieces_are_one_unit() -> None:
    assert all(same_unit(a, b.lower()) for a in PIECES for b in PIECES)
    assert {"EA", "C62", "H87", "PCE", "ST", "STK"} <= PIECES


@pytest.mark.parametrize(
    ("unit", "wanted", "factor"),
    [
        ("DZN", "EA", "12"),
        ("dzn", "H87", "12"),
        ("GRO", "C62", "144"),
        ("GRO", "DZN", "12"),
        ("MIL", "EA", "1000"),
        ("CEN", "ST", "100"),
        ("PR", "EA", "2"),
        ("MIL", "CEN", "10"),
        ("SET", "EA", None),
        ("BX", "EA", None),
        ("KGM", "TNE", None),
        ("DZN", "KGM", None),
    ],
)
def test_the_standard_declares_units_that_count(unit: str, wanted: str, factor: str | None) -> None:
    assert not same_unit(unit, wanted)
    assert standard_factor(unit, wanted) == (None if factor is None else Decimal(factor))


def test_a_dozen_is_twelve_whatever_anybody_declares() -> None:
    declared = (Conversion("", "DZN", "EA", Decimal(10)), Conversion("", "BX", "EA", Decimal(10)))
    assert unit_factor(declared, (), "DZN", "EA") == 12
    assert unit_factor(declared, (), "BX", "EA") == 10


@pytest.mark.parametrize("unit", ["", "  "])
def test_a_unit_that_is_not_stated_is_no_other(unit: str) -> None:
    assert unit_factor((), (), unit, "EA") is unit_factor((), (), "DZN", unit) is None
    assert unit_factor((), (), unit, unit.strip()) == ONE


PACKED = {"quantity": "312", "price": "1.19"}
DOZENS = {"quantity": "26", "price": "14.28"}


def traded(
    bills: dict[str, str], orders: dict[str, str], unit: str = "EA", order_unit: str = "EA"
) -> tuple[list[str], list[str], int]:
    """Codes of procurement and of operations, and objections of control, when all that was ordered was
    received."""
    wanted = ordered(unit=order_unit, **orders)
    snap = snapshot(
        document(line(unit=unit, **bills)),
        orders=(order(wanted),),
        receipts=(receipt(orders["quantity"], unit=order_unit),),
    )
    proposal = propose(MATCHING, snap)
    paired = (
        matched(snap)
        if proposal.allocations is None
        else replace(matched(snap), allocations=proposal.allocations)
    )
    return (
        [f.code for f in proposal.findings if f.code],
        codes(DELIVERY, paired),
        len(propose(CROSSCHECK, paired).objections),
    )


def test_a_dozen_billed_in_pieces_is_what_was_ordered() -> None:
    assert traded(PACKED, DOZENS, "EA", "DZN") == ([], [], 0)
    assert traded(DOZENS, PACKED, "DZN", "C62") == ([], [], 0)


@pytest.mark.parametrize(
    ("unit", "order_unit"), [("EA", "EA"), ("EA", "C62"), ("", "EA"), ("EA", ""), ("", ""), ("BX", "BX")]
)
@pytest.mark.parametrize("turned", [False, True])
def test_quantity_and_price_off_by_one_factor_are_a_unit_difference(
    unit: str, order_unit: str, turned: bool
) -> None:
    bills, orders = (DOZENS, PACKED) if turned else (PACKED, DOZENS)
    assert traded(bills, orders, unit, order_unit)[0] == ["uom_mismatch"]


def test_the_factor_is_said() -> None:
    doc, wanted = document(line(**PACKED)), ordered(**DOZENS)
    [finding] = [f for f in propose(MATCHING, snapshot(doc, orders=(order(wanted),))).findings if f.code]
    assert "factor 12" in finding.sentence
    assert (finding.expected, finding.found, finding.excess) == ("26 at 14.28", "312 at 1.19", "× 12")


def test_a_unit_difference_is_one_cause_and_one_hold() -> None:
    assert traded(PACKED, DOZENS) == (["uom_mismatch"], [], 0)


@pytest.mark.parametrize(
    ("bills", "held"),
    [
        ({"quantity": "27", "price": "14.28"}, ["qty_over_ordered"]),
        ({"quantity": "26", "price": "28.56"}, ["price_over"]),
        ({"quantity": "13", "price": "7.14"}, []),
        ({"quantity": "324", "price": "1.19"}, ["qty_over_ordered"]),
        ({"quantity": "30", "price": "7.00"}, ["qty_over_ordered"]),
    ],
)
def test_other_differences_stay_what_they_are(bills: dict[str, str], held: list[str]) -> None:
    assert codes(MATCHING, snapshot(document(line(**bills)), orders=(order(ordered(**DOZENS)),))) == held


@pytest.mark.parametrize(
    ("price", "held"),
    [("10.00", []), ("9.00", ["uom_mismatch"]), ("10.05", ["uom_mismatch"]), ("11.00", ["price_over"])],
)
@pytest.mark.parametrize(("unit", "order_unit"), [("", "EA"), ("EA", "")])
def test_a_blank_unit_is_implied_only_where_quantity_and_price_agree(
    price: str, held: list[str], unit: str, order_unit: str
) -> None:
    doc = document(line(unit=unit, price=price))
    assert codes(MATCHING, snapshot(doc, orders=(order(ordered(unit=order_unit)),))) == held


@pytest.mark.parametrize(
    ("unit", "order_unit", "held"),
    [
        ("", "EA", []),
        ("", "KGM", ["no_receipt"]),
        ("", "DZN", ["no_receipt"]),
        ("DZN", "", ["no_receipt"]),
        ("EA", "", []),
        ("C62", "EA", []),
    ],
)
def test_a_receipt_without_a_unit_counts_pieces_and_nothing_else(
    unit: str, order_unit: str, held: list[str]
) -> None:
    billed_unit = order_unit or "EA" if unit != "DZN" else ""
    snap = snapshot(
        document(line(unit=billed_unit)),
        orders=(order(ordered(unit=order_unit)),),
        receipts=(receipt(unit=unit),),
    )
    assert codes(DELIVERY, matched(snap)) == held


@given(st.integers(2, 500), st.integers(1, 400), st.integers(1, 50_000))
def test_whatever_is_packed_is_found_both_ways(count: int, packs: int, cents: int) -> None:
    unit, ordered_packs = Decimal(cents) / 100, Decimal(packs)
    pieces, pack_price = ordered_packs * count, unit * count
    assert pack(unit, pack_price, pieces, ordered_packs, ordered_packs) == count
    found = pack(pack_price, unit, ordered_packs, pieces, pieces)
    assert found is not None
    assert round(1 / found) == count
