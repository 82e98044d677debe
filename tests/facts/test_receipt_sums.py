"""Very many receipts of one order are told as one row, and nothing is judged otherwise for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.domain.facts import ReceiptLineFacts, Snapshot
from coordination.facts import receipt_sums
from coordination.facts.receipt_sums import KEPT, MANY, Arrivals
from coordination.models import Decision
from tests import cast
from tests.agents.make import document, line, matched, propose, receipt, snapshot
from tests.cast import bill, invoice, standing

DAY = date(2026, 9, 4)


def row(n: int, quantity: object = 2, **changes: object) -> ReceiptLineFacts:
    return receipt(
        quantity, id=f"R{n:04}", receipt=f"GR-{n}", received_date=DAY + timedelta(days=n), **changes
    )


ARRIVED = st.lists(
    st.builds(
        row,
        st.integers(0, 9),
        st.integers(0, 40),
        accepted=st.integers(0, 40).map(Decimal),
        kind=st.sampled_from(["receipt", "receipt", "receipt", "despatch"]),
        order_line=st.sampled_from(["10", "10", "", "20"]),
        unit=st.sampled_from(["EA", "EA", "PCE", "BX", ""]),
        despatch=st.sampled_from(["", "LS1"]),
    ),
    max_size=12,
    unique_by=lambda r: r.id,
).map(lambda rows: sorted(rows, key=lambda r: (r.received_date, r.id)))


@given(
    ARRIVED, st.sampled_from(["", "GR-3", "GR-5"]), st.sampled_from(["", "LS-1"]), st.sampled_from([5, 60])
)
def test_agents_come_to_the_same_from_sums_as_from_single_receipts(
    rows: list[ReceiptLineFacts], named: str, despatch: str, quantity: int
) -> None:
    billed = line(1, quantity=quantity, receipt_number=named, despatch_number=despatch)
    snap = replace(matched(snapshot(document(billed))), receipts=tuple(rows))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(receipt_sums, "MANY", 2)
        patch.setattr(receipt_sums, "KEPT", 1)
        told = Arrivals.of(rows, snap.orders).seen_by(receipt_sums.named_by(snap.document))
    together = replace(snap, receipts=tuple(told))
    assert said("operations.delivery", together) == said("operations.delivery", snap)
    assert propose("control.crosscheck", together) == propose("control.crosscheck", snap)


def said(agent: str, snap: Snapshot) -> object:
    """Outcome and findings; of which receipts is another question."""
    proposal = propose(agent, snap)
    covered = sum((d.quantity for d in proposal.deliveries or ()), Decimal(0))
    return proposal.outcome, [replace(f, evidence=()) for f in proposal.findings], covered


def test_those_after_the_first_are_one_row_with_their_sums() -> None:
    rows = [row(n) for n in range(MANY + 1)]
    *first, rest = Arrivals.of(rows, snapshot().orders).seen_by(())
    assert first == rows[:KEPT]
    assert (rest.id, rest.quantity, rest.others) == (rows[KEPT].id, 2 * (MANY + 1 - KEPT), MANY - KEPT)
    assert Arrivals.of(rows[:-1], snapshot().orders).seen_by(()) == rows[:-1]


def test_what_an_invoice_names_stays_apart() -> None:
    rows = [row(n) for n in range(MANY + 1)]
    *_, rest, named = Arrivals.of(rows, snapshot().orders).seen_by({"GR40"})
    assert (named, rest.quantity, rest.others) == (rows[40], 2 * (MANY - KEPT), MANY - KEPT - 1)


def test_receipts_in_another_unit_than_the_order_are_not_added_up() -> None:
    rows = [row(n, unit="BX") for n in range(MANY + 1)]
    assert Arrivals.of(rows, snapshot().orders).seen_by(()) == rows


@pytest.mark.django_db
def test_a_question_names_the_first_receipts_and_counts_the_others() -> None:
    """Sixty bolts arrived one by one; sixty-one are billed."""
    cast.trade(
        bill(quantity="61"),
        receipts=[cast.receipt(receipt_number=f"GR-{n:02}", quantity="1") for n in range(60)],
    )
    assert standing()[2] == ["qty_over_received"]
    decided = Decision.objects.get(invoice=invoice(), agent="operations.delivery")
    body = cast.body_of(decided)
    assert len(body["input"]["receipts"]) == KEPT + 1
    [finding] = [f for f in body["findings"] if f.get("code")]
    assert finding["sentence"] == "61 of line 1 are billed, 60 were received."
    assert "receipt GR-10 and 49 more" in str(finding["evidence"])
    assert cast.question().case["receipts"][-1] == "49 more"
