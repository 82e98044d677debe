"""Pairing lines: from the surest key to the weakest; a tie is no answer."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.agents import pairing
from coordination.domain.facts import Allocated, Snapshot

from .make import billed, document, line, order, ordered, propose, snapshot


def pairs(snap: Snapshot) -> list[tuple[int, str, str]]:
    return [(a.position, a.order_line, a.by) for a in pairing.pair(snap)]


def free(position: int = 1, **changes: object) -> Any:
    """A line without any reference."""
    return line(position, **{"order_line": "", "item": "", "description": ""} | changes)


@pytest.mark.parametrize(
    ("billed", "wanted", "found"),
    [
        (line(), (ordered(1), ordered(2)), [(1, "L1", "reference")]),
        (line(order_line=" 20 ", item="A-1"), (ordered(1), ordered(2)), [(1, "L2", "reference")]),
        (free(item="a-2"), (ordered(1), ordered(2)), [(1, "L2", "item")]),
        (free(buyer_item="B-9"), (ordered(1), ordered(2, buyer_item="B-9")), [(1, "L2", "item")]),
        (free(item="A-1", price="9"), (ordered(1), ordered(2, item="A-1", price="4")), []),
        (free(item="A-1", price="4"), (ordered(1), ordered(2, item="A-1", price="4")), [(1, "L2", "item")]),
        (free(item="A-1"), (ordered(1), ordered(2, item="A-1")), [(1, "L1", "item")]),
        (
            free(price="4", description="Desk lamp"),
            (ordered(1), ordered(2, price="4", description="Lamp, desk")),
            [(1, "L2", "content")],
        ),
        (
            free(price="4", description="Chair"),
            (ordered(1), ordered(2, price="4", description="Lamp, desk")),
            [],
        ),
        (free(description="Bolt M8"), (ordered(1), ordered(2)), [(1, "L1", "content")]),
        (free(description="Bolt"), (ordered(1), ordered(2, description="Bolt black")), []),
        (free(description="Bolt M10"), (ordered(1), ordered(2)), []),
        (
            free(price="4", unit="KGM", description="Lamp"),
            (ordered(1), ordered(2, price="4", description="Lamp")),
            [],
        ),
        (free(), (ordered(1),), [(1, "L1", "only line")]),
        (free(item="Z-9", description="Consulting"), (ordered(1),), []),
        (free(item="Z-9", description="M8 bolt"), (ordered(1),), [(1, "L1", "content")]),
        (free(item="Z-9", price="11", description="M8 bolt"), (ordered(1),), [(1, "L1", "wording")]),
        (free(item="Z-9", price="11", description="M8 bolt zinc"), (ordered(1),), [(1, "L1", "only line")]),
        (line(item="Z-9", description="Consulting"), (ordered(1), ordered(2)), []),
        (
            line(item="A-2", description="Nut"),
            (ordered(1), ordered(2, description="Nut")),
            [(1, "L2", "item")],
        ),
        (line(item="Z-9"), (ordered(1), ordered(2)), [(1, "L1", "reference")]),
        (
            line(item="Z-9", description=""),
            (ordered(1, item="", buyer_item="B-1"),),
            [(1, "L1", "reference")],
        ),
        (line(quantity="0", price=None, net="0"), (ordered(1),), []),
    ],
)
def test_a_line_finds_its_order_line_or_none(
    billed: Any, wanted: Any, found: list[tuple[int, str, str]]
) -> None:
    assert pairs(snapshot(document(billed), orders=(order(*wanted),))) == found


def test_two_lines_may_bill_one_order_line() -> None:
    snap = snapshot(document(line(1, quantity="40"), line(2, quantity="60", order_line="10")))
    assert pairs(snap) == [(1, "L1", "reference"), (2, "L1", "reference")]


def test_a_surer_pair_takes_the_line_before_a_weaker_one() -> None:
    snap = snapshot(document(free(1), line(2, order_line="10")))
    assert pairs(snap) == [(2, "L1", "reference")]


def test_a_line_looks_only_into_the_order_it_names() -> None:
    orders = (order(ordered(1)), order(ordered(2, line="10"), id="O2", number="PO-2"))
    snap = snapshot(document(line(order_number="po-2"), order_numbers=("PO-1", "PO-2")), orders=orders)
    assert pairs(snap) == [(1, "L2", "reference")]


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6, unique=True), st.randoms())
def test_pairs_do_not_depend_on_the_order_of_order_lines(positions: list[int], chance: Any) -> None:
    doc = document(*(line(p, quantity=p) for p in positions))
    wanted = [ordered(p) for p in range(1, 10)]
    straight = pairs(snapshot(doc, orders=(order(*wanted),)))
    chance.shuffle(wanted)
    assert pairs(snapshot(doc, orders=(order(*wanted),))) == straight
    assert [p for p, *_ in straight] == positions


@given(st.lists(st.sampled_from(["A-1", "A-2", "A-3", ""]), min_size=1, max_size=4))
def test_what_is_allocated_is_what_is_billed(items: list[str]) -> None:
    doc = document(*(free(n, item=item, quantity=n) for n, item in enumerate(items, 1)))  # type: ignore[arg-type]
    found = pairing.pair(snapshot(doc, orders=(order(ordered(1), ordered(2), ordered(3)),)))
    by_position = {x.position: x for x in doc.lines}
    assert len({a.position for a in found}) == len(found)
    assert all(
        (a.quantity, a.amount) == (by_position[a.position].quantity, by_position[a.position].net)
        for a in found
    )


# --- several invoices of one order --------------------------------------------------------------------------


def test_what_a_later_invoice_took_is_still_free_for_an_earlier_one() -> None:
    """Two equal order lines, and an invoice of a later day that sits on the first: the earlier one has it
    first."""
    later = billed("100", issue_date=date(2026, 9, 9), state="validated")
    lines = (ordered(billed=(later,)), ordered(2, item="A-1"))
    doc = document(line(order_line="", item="A-1"))
    [pair] = propose("procurement.matching", snapshot(doc, orders=(order(*lines),))).allocations or ()
    assert pair.order_line == "L1"


@given(st.lists(st.sampled_from(["40", "60", "100"]), min_size=2, max_size=4))
def test_invoices_that_bill_the_same_lines_come_to_rest(quantities: list[str]) -> None:
    """Each pairs anew whenever another has: after one round for each, nothing moves any more."""
    taken: dict[str, tuple[Allocated, ...]] = {}

    def paired(n: int) -> tuple[Allocated, ...]:
        own = str(n)
        lines = []
        for x in (ordered(), ordered(2, item="A-1"), ordered(3, item="A-1", quantity="60")):
            others = tuple(
                billed(
                    p.quantity, invoice=k, number=f"INV-{k}", issue_date=date(2026, 9, 3), state="validated"
                )
                for k, found in taken.items()
                for p in found
                if k != own and p.order_line == x.id
            )
            lines.append(replace(x, billed=others))
        doc = document(
            line(order_line="", item="A-1", quantity=quantities[n]),
            issue_date=date(2026, 9, 3),
            number=f"INV-{own}",
        )
        snap = replace(snapshot(doc, orders=(order(*lines),)), id=own)
        return propose("procurement.matching", snap).allocations or ()

    def round_() -> None:
        for n in reversed(range(len(quantities))):  # against their rank: the worst sequence
            taken[str(n)] = paired(n)

    for _ in quantities:
        round_()
    before = dict(taken)
    round_()
    assert taken == before
