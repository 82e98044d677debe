"""operations.delivery: billed within received and accepted, and patience for what is on its way."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.domain.facts import Snapshot

from .make import (
    ISSUED,
    NOW,
    allocated,
    billed,
    codes,
    document,
    hold,
    line,
    order,
    ordered,
    propose,
    receipt,
    snapshot,
)

DELIVERY = "operations.delivery"


def case(own: str = "100", others: tuple = (), receipts: tuple = ()) -> Snapshot:  # type: ignore[type-arg]
    return snapshot(
        document(line(quantity=own)),
        orders=(order(ordered(billed=others)),),
        allocations=(allocated(quantity=own),),
        receipts=receipts,
    )


@pytest.mark.parametrize(
    ("own", "others", "receipts", "expected"),
    [
        ("100", (), (receipt("100"),), []),
        ("60", (), (receipt("100"),), []),
        ("100", (), (receipt("90"),), ["qty_over_received"]),
        ("100", (), (receipt("60"), receipt("40", id="R2")), []),
        ("2", (), (receipt("2", "1"),), ["qty_not_accepted"]),
        ("4", (), (receipt("3", "0"),), ["qty_over_received"]),
        ("50", (), (receipt("60"),), []),
        ("20", (billed("50"),), (receipt("60"),), ["qty_over_received"]),
        ("20", (billed("50"),), (receipt("60"), receipt("10", id="R2")), []),
        ("20", (billed("50", state="void"),), (receipt("60"),), []),
        ("60", (billed("60"), billed("60", type="credit_note", invoice="cn")), (receipt("60"),), []),
        ("60", (), (receipt("60", order_line=""),), []),
        ("60", (), (receipt("60", order_line="", item="X"),), []),
        ("60", (), (receipt("60", order_number=" po-1 "),), []),
    ],
)
def test_billed_stays_within_received_and_accepted(
    own: str, others: Any, receipts: Any, expected: list[str]
) -> None:
    assert codes(DELIVERY, case(own, others, receipts)) == expected


def test_the_excess_is_said_in_pieces_and_money() -> None:
    [finding] = propose(DELIVERY, case("20", (billed("50"),), (receipt("60"),))).findings
    assert (finding.expected, finding.found, finding.excess, finding.money) == (
        "60",
        "70",
        "+10",
        Decimal(100),
    )
    assert finding.question == "quantity_received"
    assert finding.until is None


def test_goods_of_another_line_or_order_are_not_counted() -> None:
    for other in (receipt("100", order_line="20"), receipt("100", order_number="PO-2")):
        assert codes(DELIVERY, case(receipts=(other,))) == ["no_receipt"]


def test_an_item_tells_the_line_of_a_receipt_without_one() -> None:
    lines = (ordered(1), ordered(2))
    snap = snapshot(orders=(order(*lines),), receipts=(receipt("100", order_line="", item="A-1"),))
    assert codes(DELIVERY, snap) == []
    assert codes(DELIVERY, replace(snap, receipts=(receipt("100", order_line="", item="A-2"),))) == [
        "no_receipt"
    ]


@pytest.mark.parametrize(
    ("now", "waits"),
    [
        (datetime(2026, 9, 5, tzinfo=UTC), True),
        (datetime(2026, 9, 10, 23, 59, 59, tzinfo=UTC), True),
        (datetime(2026, 9, 11, tzinfo=UTC), False),
        (datetime(2026, 12, 1, tzinfo=UTC), False),
    ],
)
def test_a_missing_receipt_is_waited_for_five_days_from_the_issue_date(now: datetime, waits: bool) -> None:
    proposal = propose(DELIVERY, replace(case(), now=now))
    [finding] = proposal.findings
    assert finding.code == "no_receipt"
    assert (finding.until is not None) is waits
    assert proposal.outcome == ("wait" if waits else "hold")
    assert finding.until is None or finding.until == datetime(2026, 9, 11, tzinfo=UTC)


def test_a_document_taken_over_from_history_waits_from_its_arrival() -> None:
    snap = replace(case(), received_on=NOW.date())
    old = replace(snap, document=replace(snap.document, issue_date=NOW.date() - timedelta(days=366)))
    [finding] = propose(DELIVERY, old).findings
    assert finding.until == datetime(2026, 9, 26, tzinfo=UTC)
    recent = replace(snap, document=replace(snap.document, issue_date=NOW.date() - timedelta(days=365)))
    [finding] = propose(DELIVERY, recent).findings
    assert finding.until is None


def test_an_announcement_explains_a_missing_receipt_and_does_not_cure_it() -> None:
    [finding] = propose(DELIVERY, case(receipts=(receipt("90", kind="despatch"),))).findings
    assert finding.code == "no_receipt"
    assert "90 announced" in finding.sentence


def test_a_line_short_by_any_receipt_is_asked_about_at_once() -> None:
    [finding] = propose(
        DELIVERY, replace(case("100", (), (receipt("1"),)), now=datetime(2026, 9, 5, tzinfo=UTC))
    ).findings
    assert (finding.code, finding.until) == ("qty_over_received", None)


def test_a_credit_note_needs_no_receipt() -> None:
    assert propose(DELIVERY, snapshot(document(type="credit_note"), receipts=())).outcome == "approve"


def test_lines_that_fit_no_order_line_are_procurements_matter() -> None:
    assert propose(DELIVERY, snapshot(allocations=(), receipts=())).outcome == "approve"


def test_a_suspected_duplicate_is_not_counted_twice() -> None:
    snap = replace(case("100", (billed("100"),), (receipt("100"),)), holds=(hold("duplicate_suspect"),))
    assert codes(DELIVERY, snap) == []
    assert codes(DELIVERY, replace(snap, holds=())) == ["qty_over_received"]


def test_deliveries_cover_what_is_billed_in_order_of_arrival() -> None:
    late = receipt("60", id="late", received_date=date(2026, 9, 8))
    early = receipt("60", id="early", received_date=date(2026, 9, 3))
    deliveries = propose(DELIVERY, case("100", (), (late, early))).deliveries
    assert deliveries is not None
    assert [(d.receipt_line, d.quantity) for d in deliveries] == [
        ("early", Decimal(60)),
        ("late", Decimal(40)),
    ]


QUANTITY = st.integers(0, 50)


@given(
    st.lists(QUANTITY.filter(bool), min_size=1, max_size=4),
    st.lists(st.tuples(QUANTITY, QUANTITY), min_size=1, max_size=4),
)
def test_an_invoice_is_held_exactly_when_billing_passes_what_arrived(
    invoiced: list[int], arrived: list[tuple[int, int]]
) -> None:
    receipts = tuple(receipt(q, min(q, a), id=str(n)) for n, (q, a) in enumerate(arrived))
    received, accepted = sum(r.quantity for r in receipts), sum(r.accepted for r in receipts)
    for n, own in enumerate(invoiced):
        earlier = tuple(billed(q, invoice=str(i)) for i, q in enumerate(invoiced[:n]))
        so_far = sum(invoiced[: n + 1])
        expected = (
            ["qty_over_received"] if so_far > received else ["qty_not_accepted"] if so_far > accepted else []
        )
        assert codes(DELIVERY, case(str(own), earlier, receipts)) == expected


@given(st.lists(QUANTITY, min_size=1, max_size=4), st.integers(1, 120))
def test_no_receipt_line_covers_more_than_it_accepted(arrived: list[int], own: int) -> None:
    receipts = tuple(receipt(q, id=str(n)) for n, q in enumerate(arrived))
    covered = propose(DELIVERY, case(str(own), (), receipts)).deliveries or ()
    assert sum(d.quantity for d in covered) == min(own, sum(arrived))
    for r in receipts:
        assert sum(d.quantity for d in covered if d.receipt_line == r.id) <= r.accepted


@given(st.integers(0, 400))
def test_the_wait_ends_for_good(days: int) -> None:
    moment = datetime.combine(ISSUED, datetime.min.time(), UTC) + timedelta(days=days)
    outcome = propose(DELIVERY, replace(case(), now=moment)).outcome
    assert outcome == ("wait" if days <= 5 else "hold")
