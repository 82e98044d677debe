"""A line's own order, despatch or receipt comes first: for the pairing, and among what arrived."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.agents import pairing
from coordination.domain.facts import Led, Snapshot
from coordination.translation.canonical import AllowanceCharge

from .make import allocated, codes, document, line, order, ordered, propose, receipt, snapshot

DELIVERY = "operations.delivery"
MATCHING = "procurement.matching"
NO_KEY: dict[str, Any] = {"order_line": "", "item": "", "description": ""}


def pairs(snap: Snapshot) -> list[tuple[int, str, str]]:
    return [(a.position, a.order_line, a.by) for a in pairing.pair(snap)]


def led(*found: Led, billed: Any = None, orders: Any = None) -> Snapshot:
    orders = orders or (order(ordered(1), ordered(2)),)
    return snapshot(document(billed or line(**NO_KEY)), orders=orders, led=found)


# --- which order line ---------------------------------------------------------------------------------------


def test_a_line_bills_the_order_line_that_its_delivery_was_for() -> None:
    assert pairs(led(Led(1, "PO-1", "20"))) == [(1, "L2", "delivery")]


def test_the_lines_own_order_line_comes_before_its_delivery() -> None:
    assert pairs(led(Led(1, "PO-1", "20"), billed=line())) == [(1, "L1", "reference")]


def test_the_delivery_comes_before_the_item() -> None:
    billed = line(order_line="", item="A-1", description="Bolt M8")
    two = (order(ordered(1), ordered(2, item="A-1")),)
    assert pairs(led(Led(1, "PO-1", "20"), billed=billed, orders=two)) == [(1, "L2", "delivery")]


@pytest.mark.parametrize(
    "found",
    [
        (Led(1, "PO-1", "10"), Led(1, "PO-1", "20")),  # a despatch of both lines
        (Led(1, "PO-1"),),
        (Led(1, "PO-1", "90"),),
        (Led(2, "PO-1", "20"),),
        (Led(1, "PO-9", "20"),),
        (),
    ],
)
def test_a_delivery_that_leads_to_no_one_line_is_no_key(found: tuple[Led, ...]) -> None:
    assert pairs(led(*found)) == []


def test_goods_that_contradict_the_delivery_are_not_its() -> None:
    billed = line(order_line="", item="Z-9", description="Consulting")
    assert pairs(led(Led(1, "PO-1", "20"), billed=billed)) == []


def test_a_delivery_narrows_the_orders_of_a_line_that_names_none() -> None:
    orders = (order(ordered(1)), order(ordered(2, item="A-1"), id="O2", number="PO-2"))
    silent = line(order_number="", order_line="", item="A-1")
    assert pairs(led(Led(1, "PO-2"), billed=silent, orders=orders)) == [(1, "L2", "item")]
    named = replace(silent, order_number="PO-1")
    assert pairs(led(Led(1, "PO-2", "20"), billed=named, orders=orders)) == [(1, "L1", "item")]


def test_each_line_of_a_collective_invoice_goes_its_own_way() -> None:
    orders = (order(ordered(1)), order(ordered(2), id="O2", number="PO-2"))
    silent = [line(n, order_number="", **NO_KEY) for n in (1, 2)]
    snap = snapshot(document(*silent), orders=orders, led=(Led(1, "PO-2", "20"), Led(2, "PO-1", "10")))
    assert pairs(snap) == [(1, "L2", "delivery"), (2, "L1", "delivery")]


# --- what arrived -------------------------------------------------------------------------------------------


def covered(snap: Snapshot) -> list[tuple[int, str, Decimal]]:
    return [(d.position, d.receipt_line, d.quantity) for d in propose(DELIVERY, snap).deliveries or ()]


def arrived(*billed: Any, receipts: tuple[Any, ...], quantities: tuple[int, ...]) -> Snapshot:
    allocations = tuple(
        replace(allocated(n, quantity=q), order_line="L1") for n, q in enumerate(quantities, 1)
    )
    return snapshot(
        document(*billed), orders=(order(ordered(1)),), allocations=allocations, receipts=receipts
    )


TWO = (
    receipt(60, id="Ra", receipt="GR-1", line="1"),
    receipt(40, id="Rb", receipt="GR-2", line="4", despatch="DA7"),
)


@pytest.mark.parametrize(
    "reference",
    [
        {"receipt_number": "GR-2"},
        {"receipt_number": "gr 2", "receipt_line": "4"},
        {"despatch_number": "DA-7"},
        {"despatch_number": "DA-7", "despatch_line": "1"},  # a line of the despatch, not of the receipt
        {"despatch_number": "DA-7", "receipt_number": "GR-404"},
    ],
)
def test_a_line_is_covered_by_the_receipt_it_names(reference: dict[str, str]) -> None:
    one = line(1, quantity=40, **reference)
    assert covered(arrived(one, receipts=TWO, quantities=(40,))) == [(1, "Rb", Decimal(40))]


def test_who_names_a_receipt_has_it_before_the_lines_above() -> None:
    both = [line(1, quantity=60), line(2, quantity=40, receipt_number="GR-1", order_line="10", item="A-1")]
    assert covered(arrived(*both, receipts=TWO, quantities=(60, 40))) == [
        (1, "Ra", Decimal(20)),
        (1, "Rb", Decimal(40)),
        (2, "Ra", Decimal(40)),
    ]


def test_another_line_of_the_named_receipt_is_not_meant() -> None:
    one = line(1, quantity=40, receipt_number="GR-2", receipt_line="5")
    proposal = propose(DELIVERY, arrived(one, receipts=TWO, quantities=(40,)))
    assert [d.receipt_line for d in proposal.deliveries or ()] == ["Ra"]
    [remark] = proposal.findings
    assert (remark.code, remark.line) == ("", 1)


@pytest.mark.parametrize(
    ("number", "words"),
    [("GR-404", "which we do not have for this order"), ("GR-5", "which is of line 20 of order PO-1")],
)
def test_a_receipt_of_another_line_or_of_nothing_is_recorded_and_changes_no_answer(
    number: str, words: str
) -> None:
    receipts = (*TWO, receipt(7, position=2, id="Rc", receipt="GR-5"))
    plain = arrived(line(1), receipts=receipts, quantities=(100,))
    snap = arrived(line(1, receipt_number=number), receipts=receipts, quantities=(100,))
    proposal = propose(DELIVERY, snap)
    assert proposal.outcome == propose(DELIVERY, plain).outcome == "approve"
    assert covered(snap) == covered(plain)
    [remark] = proposal.findings
    assert remark.code == ""
    assert words in remark.sentence


REFERENCE = st.fixed_dictionaries(
    {},
    optional={
        "receipt_number": st.sampled_from(["GR-1", "GR-2", "GR-5", "x"]),
        "receipt_line": st.sampled_from(["1", "4", "9"]),
        "despatch_number": st.sampled_from(["DA-7", "DA-8"]),
        "despatch_line": st.sampled_from(["1", "9"]),
    },
)


@given(st.lists(st.tuples(st.integers(1, 90), REFERENCE), min_size=1, max_size=4), st.integers(0, 60))
def test_naming_deliveries_changes_no_hold_and_covers_no_more(
    lines: list[tuple[int, dict[str, str]]], rejected: int
) -> None:
    """The sum over the order line decides, whatever the lines name."""
    receipts = (replace(TWO[0], accepted=Decimal(60 - rejected)), TWO[1])
    quantities = tuple(q for q, _ in lines)
    snaps = [
        arrived(
            *(
                line(n, quantity=q, order_line="10", **(names if named else {}))
                for n, (q, names) in enumerate(lines, 1)
            ),
            receipts=receipts,
            quantities=quantities,
        )
        for named in (True, False)
    ]
    assert codes(DELIVERY, snaps[0]) == codes(DELIVERY, snaps[1])
    found = covered(snaps[0])
    for n, quantity in enumerate(quantities, 1):
        assert sum(d[2] for d in found if d[0] == n) <= quantity
    for one in receipts:
        assert sum(d[2] for d in found if d[1] == one.id) <= one.accepted
    assert sum(d[2] for d in found) == sum(d[2] for d in covered(snaps[1]))


# --- for somebody else --------------------------------------------------------------------------------------


def test_what_is_collected_for_others_is_a_charge_that_nobody_ordered() -> None:
    tax = AllowanceCharge(True, Decimal("4.50"), "City tax")
    snap = snapshot(document(line(), collected=(tax,), payable="1194.50"))
    assert codes(MATCHING, snap) == ["charge_unplanned"]
    planned = replace(snap, orders=(replace(snap.orders[0], charges=(tax,)),))
    assert codes(MATCHING, planned) == []
    assert codes("finance.validation", snap) == []
