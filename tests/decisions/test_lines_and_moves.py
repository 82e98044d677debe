"""Ordered, received and invoiced beside each other; how a hold ends and an invoice moves, without
a table."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.decisions import holds
from coordination.decisions.case_lines import (
    CaseLine,
    KnownLines,
    Ordered,
    Received,
    Variance,
    compare_line,
    received_worth,
    total_variance,
)
from coordination.decisions.transition import Move, transition
from coordination.domain.facts import Snapshot
from coordination.domain.hold_codes import CATALOGUE
from coordination.domain.transitions import TRANSITIONS, TransitionRefused, allowed
from coordination.models import Hold, Invoice
from coordination.translation.canonical import InvoiceLine
from tests.agents.make import allocated, document, line, order, ordered, receipt, snapshot

NOW = datetime(2026, 9, 20, 12, tzinfo=UTC)
BEFORE = datetime(2026, 9, 6, tzinfo=UTC)


def held(code: str, at: int | None = 1, **detail: str) -> Hold:
    return Hold(code=code, line=at, detail=detail, status=Hold.Status.OPEN)


def compared(
    one: InvoiceLine | None = None, *open_holds: Hold, snap: Snapshot | None = None, **changes: Any
) -> CaseLine:
    """The first line of the case, ordered 100 at 10.00 and received in full unless changed."""
    one = one or line()
    snap = snap or snapshot(document(one), **changes)
    found = compare_line(snap, one, KnownLines.of(snap, list(open_holds)))
    assert found is not None
    return found


def test_a_line_as_it_should_be() -> None:
    found = compared()
    assert found.ordered == Ordered("100", "10.00", "PO-1", "10")
    assert found.received == Received("100", "100")
    assert (found.invoiced.quantity, found.invoiced.price, found.invoiced.net) == ("100", "10.00", "1000.00")
    assert found.variance == Variance("0.00", "0.0", "1000.00")
    assert (found.marks, found.result, found.tolerance) == ([], [], "2 % or 100.00")


@pytest.mark.parametrize(
    ("one", "received", "hold", "variance"),
    [
        (line(price="10.60"), receipt(), None, Variance("60.00", "6.0", "1000.00")),
        (line(price="9.50"), receipt(), None, Variance("-50.00", "-5.0", "1000.00")),
        (line(), receipt("80"), None, Variance("200.00", "25.0", "800.00")),
        (line(), receipt("100", "90"), None, Variance("100.00", "11.1", "900.00")),
        (line(quantity="80"), receipt("100"), None, Variance("0.00", "0.0", "800.00")),
        # of what was ordered, where the quantity is over
        (
            line(quantity="110"),
            receipt("110"),
            held("qty_over_ordered", money="100.00"),
            Variance("100.00", "10.0", "1000.00"),
        ),
        (line(), receipt("80"), held("qty_over_received"), Variance("200.00", "20.0", "800.00")),
        # earlier invoices count in what a hold says is too much
        (line(), receipt(), held("qty_over_received", money="300.00"), Variance("300.00", "30.0", "700.00")),
        (line(), receipt(), held("qty_over_received", money="3000.00"), Variance("1000.00", "100.0", "0.00")),
        (line(), None, held("no_receipt"), Variance("1000.00", "", "0.00")),
        (line(), None, None, Variance("0.00", "0.0", "1000.00")),
    ],
)
def test_how_much_a_line_is_over_by_hand(
    one: InvoiceLine, received: Any, hold: Hold | None, variance: Variance
) -> None:
    found = compared(one, *([hold] if hold else []), receipts=(received,) if received else ())
    assert found.variance == variance


def test_a_line_that_bills_nothing_is_left_out() -> None:
    nothing = line(quantity="0", price="10.00", net="0")
    snap = snapshot(document(nothing))
    assert compare_line(snap, nothing, KnownLines.of(snap, [])) is None


def test_a_line_that_leads_nowhere_is_compared_with_nothing() -> None:
    found = compared(allocations=())
    assert (found.ordered, found.received, found.variance) == (None, None, None)


def test_a_line_that_was_not_ordered_is_over_by_all_of_it() -> None:
    found = compared(None, held("item_not_ordered"), allocations=())
    assert found.variance == Variance("1000.00", "", "0.00")


def test_the_order_line_that_is_billed_first_is_shown() -> None:
    lines = (ordered(1, price="10.00"), ordered(2, price="7.00"))
    both = (allocated(1, "60"), replace(allocated(2, "40"), position=1))
    assert compared(orders=(order(*lines),), allocations=both).ordered == Ordered(
        "100", "10.00", "PO-1", "10"
    )


def test_only_what_arrived_counts_and_not_what_was_announced() -> None:
    announced = receipt("100", kind="despatch")
    assert compared(receipts=(announced,)).received == Received("0", "0")
    assert compared(receipts=(announced, receipt("40"), receipt("50", id="R9"))).received == Received(
        "90", "90"
    )


@pytest.mark.parametrize(
    ("codes", "tolerance"),
    [
        ((), "2 % or 100.00"),
        (("price_over",), "2 % or 100.00"),
        (("qty_over_ordered",), "ordered + 0"),
        (("qty_over_received",), "received + 0"),
        (("qty_not_accepted",), "accepted + 0"),
        (("qty_over_ordered", "qty_over_received"), "received + 0"),
    ],
)
def test_the_tolerance_is_that_of_what_is_held(codes: tuple[str, ...], tolerance: str) -> None:
    assert compared(None, *map(held, codes)).tolerance == tolerance


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_a_hold_marks_the_cell_of_its_row_and_says_its_size(code: str) -> None:
    found = compared(None, held(code, excess="+8"))
    assert found.marks == ([CATALOGUE[code].cell] if CATALOGUE[code].cell else [])
    assert [(r.code, r.words, r.excess) for r in found.result] == [(code, CATALOGUE[code].words, "+8")]


def test_a_hold_of_another_line_marks_nothing_here() -> None:
    assert compared(None, held("price_over", 2), held("tax_mismatch", None)).result == []


def test_all_lines_together_are_over_by_what_each_is() -> None:
    over, right = compared(line(price="10.60")), compared()
    found = total_variance([over, right])
    assert found is not None
    assert (found.money, found.pct) == ("60.00", "3.0")
    assert total_variance([over, compared(allocations=())]) is None
    assert total_variance([]) is None


def test_what_came_is_worth_its_agreed_price() -> None:
    short = compared(receipts=(receipt("80", "75"),))
    assert received_worth([short, compared()]) == "1750.00"
    assert received_worth([compared(allocations=())]) == ""
    assert received_worth([]) == ""


@given(
    st.integers(1, 500),
    st.integers(1, 500),
    st.decimals(min_value=Decimal("0.01"), max_value=1000, places=2),
    st.integers(0, 500),
)
def test_what_is_due_and_what_is_over_come_to_what_is_billed(
    quantity: int, came: int, price: Decimal, accepted: int
) -> None:
    one = line(quantity=quantity, price=price)
    found = compared(one, receipts=(receipt(max(came, accepted), accepted),)).variance
    assert found is not None
    assert Decimal(found.due) + Decimal(found.money) == quantity * price
    assert Decimal(found.due) <= Decimal(10) * min(quantity, accepted)


# --- holds --------------------------------------------------------------------------------------------------


def test_released_holds_say_who_when_how_and_why_and_wait_for_nothing() -> None:
    waiting = Hold(code="no_receipt", status=Hold.Status.WAITING, until=NOW)
    holds.release([waiting, one := held("price_over")], Hold.Release.OVERRIDE, "human:7", "agreed", NOW)
    for hold in (waiting, one):
        assert (hold.status, hold.release, hold.until) == ("released", "override", None)
        assert (hold.released_at, hold.released_by, hold.release_reason) == (NOW, "human:7", "agreed")


def test_a_release_writes_the_columns_that_it_names_and_no_other() -> None:
    one = Hold(code="no_receipt", status=Hold.Status.WAITING, until=NOW, opened_at=BEFORE, line=1)
    names = [f.attname for f in Hold._meta.concrete_fields]
    before = {name: getattr(one, name) for name in names}
    holds.release([one], Hold.Release.MATCHED, "agent:operations.delivery", "arrived", NOW)
    assert {name for name in names if getattr(one, name) != before[name]} == set(holds.RELEASED)


# --- moves --------------------------------------------------------------------------------------------------


def invoice(state: str) -> Invoice:
    return Invoice(state=state, lane="open", version=4, state_since=BEFORE)


@pytest.mark.parametrize("before", sorted(TRANSITIONS))
@pytest.mark.parametrize("after", sorted(TRANSITIONS))
def test_an_invoice_moves_as_the_table_says_or_not_at_all(before: str, after: str) -> None:
    row = invoice(before)
    if not allowed(before, after):
        with pytest.raises(TransitionRefused, match=f"{row.id} cannot go from {before} to {after}"):
            transition(row, after, NOW, lane="auto")
        assert (row.state, row.lane, row.version, row.state_since) == (before, "open", 4, BEFORE)
        return
    assert transition(row, after, NOW) == Move(before, after, 5)
    assert (row.state, row.lane, row.version) == (after, "open", 5)
    assert row.state_since == (BEFORE if before == after else NOW)


def test_a_state_that_counts_anew_counts_from_now() -> None:
    row = invoice("received")
    transition(row, "received", NOW, anew=True)
    assert row.state_since == NOW


def test_a_lane_is_left_where_none_is_named() -> None:
    row = invoice("received")
    transition(row, "cleared", NOW, lane="human")
    transition(row, "scheduled", NOW)
    assert (row.lane, row.version) == ("human", 6)


def test_a_move_is_kept_as_text() -> None:
    assert Move("received", "cleared", 5).as_json() == {"from": "received", "to": "cleared", "version": "5"}


@given(st.lists(st.sampled_from(sorted(TRANSITIONS)), max_size=12))
def test_every_move_counts_the_version_on_and_no_refusal_does(states: list[str]) -> None:
    row, moves = invoice("received"), 0
    for state in states:
        try:
            transition(row, state, NOW)
        except TransitionRefused:
            continue
        moves += 1
    assert row.version == 4 + moves
