"""Cases of every kind: clean, wrong in one way, wrong in many."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from coordination.domain.facts import Coded, Snapshot
from coordination.translation.canonical import Account, AllowanceCharge

from .make import (
    IBAN,
    ISSUED,
    billed,
    document,
    line,
    matched,
    order,
    ordered,
    receipt,
    sibling,
    snapshot,
    vendor,
)

MONEY = st.integers(1, 200_000).map(lambda n: Decimal(n) / 100)
PIECES = st.integers(1, 60)
SMALL = st.integers(-300, 300).map(lambda n: Decimal(n) / 100)
OTHER = "DE75512108001245126199"


HISTORIES = st.lists(
    st.builds(
        Coded,
        item=st.sampled_from(["A-1", "a-2", "Z-9", ""]),
        description=st.sampled_from(["Bolt M8", "Steel bolt M8", "Cleaning", ""]),
        account=st.sampled_from(["4400", "4410"]),
        cost_centre=st.sampled_from(["CC-1", ""]),
        lines=st.integers(1, 60),
        rank=st.integers(1, 900),
        since=st.integers(0, 5),
    ),
    max_size=4,
    unique_by=lambda c: c.rank,
).map(tuple)


@st.composite
def cases(draw: st.DrawFn) -> Snapshot:
    """A trade of one to three lines in which anything may be off."""
    numbers = range(1, draw(st.integers(1, 3)) + 1)
    rarely = st.sampled_from([False, False, False, True])
    prices = {n: draw(MONEY) for n in numbers}
    lines = [
        line(
            n,
            quantity=draw(PIECES),
            price=prices[n] + (draw(SMALL) if draw(rarely) else 0),
            unit=draw(st.sampled_from(["EA", "EA", "C62", "KGM"])),
            item=draw(st.sampled_from([f"A-{n}", f"A-{n}", "Z-9"])),
            order_line=draw(st.sampled_from([str(n * 10), str(n * 10), ""])),
            allowances=(AllowanceCharge(charge=True, amount=Decimal(5)),) if draw(rarely) else (),
        )
        for n in numbers
    ]
    off: dict[str, object] = {"gross": draw(MONEY)} if draw(rarely) else {}
    doc = document(
        *lines,
        number=draw(st.sampled_from(["INV-1", "INV-2", "7"])),
        type=draw(st.sampled_from(["invoice", "invoice", "credit_note"])),
        preceding=draw(st.sampled_from([(), ("INV-0",)])),
        account=Account(draw(st.sampled_from([IBAN, IBAN, OTHER, ""]))),
        issue_date=draw(st.sampled_from([ISSUED, ISSUED, None])),
        **off,
    )
    wanted = [
        ordered(
            n,
            quantity=draw(PIECES),
            price=prices[n],
            billed=tuple(billed(q, invoice=f"b{q}") for q in draw(st.lists(PIECES, max_size=2, unique=True))),
        )
        for n in numbers
    ]
    receipts = [receipt(q := draw(PIECES), draw(st.integers(0, q)), n) for n in numbers if not draw(rarely)]
    snap = snapshot(
        doc,
        vendor=draw(
            st.sampled_from([vendor(), vendor(), vendor(status="blocked"), vendor(proposed=OTHER), None])
        ),
        orders=(
            (order(*wanted, status=draw(st.sampled_from(["open", "open", "cancelled"]))),)
            if not draw(rarely)
            else ()
        ),
        receipts=tuple(receipts),
        siblings=tuple(
            draw(st.lists(st.builds(sibling, st.sampled_from(["INV-0", "INV-1", "INV-I"])), max_size=2))
        ),
        now=datetime(2026, 9, 5, tzinfo=UTC) + timedelta(days=draw(st.integers(0, 20))),
        allocations=(),
        coded=draw(HISTORIES),
    )
    return matched(snap)
