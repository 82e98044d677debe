"""What very many invoices bill of one order line is summed up, and nothing is judged otherwise for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.models import Entry
from coordination.decisions import replay
from coordination.domain.amounts import billed_before, own_rank
from coordination.domain.facts import Billed, Snapshot
from coordination.facts import order_sums
from tests import cast
from tests.agents.make import ISSUED, propose
from tests.agents.strategies import cases
from tests.cast import bill, order, receipt, standing

OTHERS = st.lists(
    st.builds(
        Billed,
        invoice=st.integers(0, 99).map(lambda n: f"{n:032x}"),
        number=st.sampled_from(["INV-0", "INV-1", "INV-2", "RE-9"]),
        type=st.sampled_from(["invoice", "invoice", "credit_note"]),
        issue_date=st.none() | st.integers(-3, 3).map(lambda n: ISSUED + timedelta(days=n)),
        state=st.sampled_from(["validated", "cleared", "paid", "rejected", "void"]),
        quantity=st.integers(0, 60).map(Decimal),
        amount=st.integers(0, 900).map(Decimal),
    ),
    max_size=8,
    unique_by=lambda b: b.invoice,
).map(tuple)


def billed_by(snap: Snapshot, others: tuple[Billed, ...]) -> Snapshot:
    orders = tuple(replace(o, lines=tuple(replace(x, billed=others) for x in o.lines)) for o in snap.orders)
    return replace(snap, orders=orders)


def summed(snap: Snapshot) -> Snapshot:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(order_sums, "MANY", 0)
        return seen(snap)


def seen(snap: Snapshot) -> Snapshot:
    own = order_sums.Seen(snap.id, own_rank(snap), snap.credit)
    return replace(snap, orders=order_sums.seen_from(snap.orders, own, order_sums.Known()))


@given(cases(), OTHERS)
def test_agents_come_to_the_same_from_sums_as_from_single_invoices(
    snap: Snapshot, others: tuple[Billed, ...]
) -> None:
    one_by_one, together = seen(billed_by(snap, others)), summed(billed_by(snap, others))
    for whole, short in zip(one_by_one.orders, together.orders, strict=True):
        for a, b in zip(whole.lines, short.lines, strict=True):
            assert billed_before(one_by_one, a) == billed_before(together, b)
    for agent in ("procurement.matching", "operations.delivery", "control.crosscheck"):
        assert propose(agent, one_by_one) == propose(agent, together)


def row(number: str, **changes: Any) -> Billed:
    return Billed(number, number, "invoice", ISSUED, "cleared", Decimal(2), Decimal(20), **changes)


def test_the_last_invoice_before_stands_for_all_and_says_for_how_many() -> None:
    found = order_sums.Sums.of(
        [row("C"), row("A"), row("B"), replace(row("X"), type="credit_note"), replace(row("Y"), state="void")]
    )
    own = order_sums.place(row("C"))
    credit, last = found.before(own)
    assert (credit.number, last.number, last.quantity, last.others) == ("X", "B", Decimal(4), 1)
    assert found.before(order_sums.place(row("A"))) == (credit,)


@pytest.mark.django_db
def test_more_invoices_of_a_line_than_are_told_apart_are_judged_to_the_last_piece() -> None:
    count = order_sums.MANY + 5
    rows = [
        bill(
            invoice_number=f"{n:04}-{n * 7919 % 9973:04}-{n * 104729 % 9967:04}",
            quantity="1",
            unit_price=f"{9 - n / 1000:.3f}",
            issue_date="2026-09-05",
        )
        for n in range(count + 1)
    ]
    pieces = str(count)
    cast.trade(*rows, orders=(order(quantity=pieces),), receipts=(receipt(quantity=pieces),))
    numbers = [str(r["invoice_number"]) for r in rows]
    assert {standing(n)[1] for n in numbers[:-1]} == {"auto"}
    assert standing(numbers[-1])[2] == ["qty_over_ordered", "qty_over_received"]
    bodies = Entry.objects.filter(type="invoice.decided", actor__startswith="agent:operations").values_list(
        "body", flat=True
    )
    assert max(body.count('"quantity"') for body in bodies) < 12 + order_sums.MANY
    assert replay.reperform().different == []
    cast.assert_sound()
