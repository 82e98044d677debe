"""Very many invoices just under a threshold are told as one group, and nothing is judged otherwise for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from coordination.agents import claims
from coordination.domain.amounts import SETTLED, own_rank, stake_of
from coordination.domain.facts import Sibling, Snapshot
from coordination.domain.proposal import Finding
from coordination.facts import related_invoices, split_groups
from coordination.models import Decision
from coordination.translation.identity import normalised_number, skeleton
from tests import cast
from tests.agents.make import ISSUED, POLICY, document, snapshot
from tests.cast import bill, invoice, order, question, receipt, standing, table, take_in, vendor

VENDOR, LIMIT = UUID(int=1), Decimal(10_000)


@st.composite
def others(draw: st.DrawFn) -> list[Sibling]:
    """Invoices of one vendor, some just under a threshold and within a week, some not."""
    return [
        Sibling(
            id=str(UUID(int=n + 10)),
            number=(number := draw(st.sampled_from(["INV-0", "INV-1", "INV-2", "RE-9"]))),
            number_key=normalised_number(number),
            skeleton=skeleton(number),
            type="invoice",
            type_code="380",
            issue_date=ISSUED + timedelta(days=draw(st.integers(-8, 2))),
            currency="EUR",
            net=None,
            gross=draw(st.sampled_from([Decimal(v) for v in (7000, 8000, 8400, 9999, 10_000, 45_000)])),
            order_numbers=draw(st.sampled_from([(), ("PO-2",), ("PO-3",), (f"PO-{n + 10}",), (f"PO-{n}x",)])),
            preceding=(),
            state=draw(st.sampled_from(["received", "received", "cleared", "paid"])),
            digest=f"{n:012}",
        )
        for n in range(draw(st.integers(0, 9)))
    ]


def looking(gross: str, orders: tuple[str, ...], state: str) -> Snapshot:
    claim = replace(document(), number="INV-1", gross=Decimal(gross), payable=None, order_numbers=orders)
    return replace(snapshot(claim), state=state, gross_company=Decimal(gross), digest="000000000004x")


def told(snap: Snapshot, known: list[Sibling], many: int) -> list[Finding]:
    """What a split check says, where more than so many are told as a group."""
    (flag, day, number, digest), stake = own_rank(snap), stake_of(snap.document)
    assert stake is not None
    asked = split_groups.Asked(
        UUID(int=2),
        VENDOR,
        "EUR",
        (day, number, digest),
        not flag,
        Decimal(1),
        stake,
        claims.order_keys(snap.document),
    )
    parts = [
        split_groups.Part(
            UUID(s.id),
            (s.issue_date or ISSUED, s.number, s.digest),
            s.state in SETTLED,
            s.number,
            s.gross or Decimal(0),
            split_groups.keys_of(s.order_numbers),
        )
        for s in known
    ]
    keys = [
        (VENDOR, "EUR", limit)
        for limit, (low, high) in split_groups.thresholds(POLICY).items()
        if low <= stake <= high
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(split_groups, "MANY", many)
        pairs, groups = split_groups.tell({k: [asked] for k in keys}, dict.fromkeys(keys, parts), POLICY)
    beside = {str(other) for _, other in pairs}
    return claims.split(
        replace(
            snap,
            siblings=tuple(s for s in known if s.id in beside),
            split_groups=groups.get(UUID(int=2), ()),
        )
    )


def worth(findings: list[Finding]) -> list[tuple[str, str, str, Decimal | None, Decimal | None]]:
    return [(f.code, f.expected, f.found, f.money, f.confidence) for f in findings]


@given(
    others(),
    st.sampled_from(["8400.00", "9999.00", "12000.00", "45000.00"]),
    st.sampled_from([(), ("PO-1",), ("PO-2",), ("PO-1", "PO-2")]),
    st.sampled_from(["received", "received", "paid"]),
)
def test_a_group_is_judged_as_its_invoices_are_one_by_one(
    known: list[Sibling], gross: str, orders: tuple[str, ...], state: str
) -> None:
    snap = looking(gross, orders, state)
    earlier = [s for s in known if claims.earlier(snap, s)]
    plain = claims.split(replace(snap, siblings=tuple(earlier)))
    assert told(snap, known, many=99) == plain
    assert worth(told(snap, known, many=0)) == worth(plain)


def test_of_a_large_group_the_last_are_named_and_the_others_counted() -> None:
    snap = looking("9000.00", ("PO-1",), "received")
    known = [replace(s, gross=Decimal(9000)) for s in same_week(30)]
    [finding] = told(snap, known, many=5)
    names = ", ".join(f"A-{n}" for n in range(20, 30))
    assert finding.sentence == (
        f"With {names} and 20 more this makes 31 invoices within 7 days just under 10,000.00, 279,000.00 in"
        " all."
    )
    assert len(finding.evidence) == split_groups.SHOWN


def test_many_that_are_each_for_an_order_of_their_own_are_no_fact_at_all() -> None:
    snap = looking("9000.00", ("PO-1",), "received")
    apart = [replace(s, order_numbers=(f"PO-{n + 100}",)) for n, s in enumerate(same_week(30))]
    assert told(snap, apart, many=5) == []
    assert told(snap, [replace(apart[0], order_numbers=("PO-1",)), *apart[1:]], many=5) != []


def same_week(count: int) -> list[Sibling]:
    return [
        Sibling(
            id=str(UUID(int=n + 10)),
            number=f"A-{n:02}",
            number_key=f"A{n}",
            skeleton=f"A{n}",
            type="invoice",
            type_code="380",
            issue_date=ISSUED - timedelta(days=1),
            currency="EUR",
            net=None,
            gross=Decimal(9000),
            order_numbers=("PO-9",),
            preceding=(),
            state="received",
            digest=f"{n:012}",
        )
        for n in range(count)
    ]


def apart(n: int) -> str:
    """Numbers that do not resemble each other."""
    return f"{n:04}-{n * 7919 % 9973:04}-{n * 104729 % 9967:04}"


@pytest.mark.django_db
def test_what_is_told_of_a_week_does_not_grow_with_it() -> None:
    """Sixty invoices for one order: the last ones have as many neighbours, and are told ten of them."""
    bills = [bill(invoice_number=apart(n), unit_price="75", issue_date="2026-09-05") for n in range(60)]
    cast.trade(
        *bills,
        orders=[order(quantity=6000, unit_price="75")],
        receipts=[receipt(quantity=6000)],
    )
    last = max(apart(n) for n in range(60))
    assert "split_suspect" in standing(last)[2]
    decided = Decision.objects.filter(invoice=invoice(last), agent="finance.validation").get()
    data = cast.body_of(decided)
    assert data["input"].get("siblings", []) == []
    [group] = data["input"]["split_groups"]
    assert (group["count"], group["gross"], len(group["named"])) == ("59", "526575", 10)
    [said] = [r["sentence"] for r in question(last).reasons if r["code"] == "split_suspect"]
    assert "and 49 more this makes 60 invoices within 7 days just under 10,000.00, 535,500.00 in all" in said


@pytest.mark.django_db
def test_one_that_comes_late_and_stands_before_makes_the_group_another() -> None:
    bills = [bill(invoice_number=f"B-{n}4-{n}", unit_price="75", issue_date="2026-09-05") for n in range(2)]
    cast.trade(*bills, orders=[order(quantity=900, unit_price="75")], receipts=[receipt(quantity=900)])
    assert "split_suspect" not in standing("B-14-1")[2]
    take_in(table("invoices", bill(invoice_number="Z-99", unit_price="75", issue_date="2026-09-02")))
    cast.drain()
    assert "split_suspect" in standing("B-14-1")[2]


@pytest.mark.django_db
def test_who_asks_for_more_than_its_gross_hears_of_a_part_that_comes_later() -> None:
    """What is at stake in INV-1 lies under the threshold, its gross does not."""
    late = bill(invoice_number="INV-0", net="9000.00", tax="0.00", gross="9000.00", issue_date="2026-09-04")
    take_in(table("vendors", vendor()), table("invoices", bill(net="7000.00", tax="0.00", gross="7000.00")))
    take_in(table("invoices", late))
    asked = [invoice("INV-0").id]
    assert invoice().id not in related_invoices.alike_now(asked)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE coordination_invoicefacts DISABLE TRIGGER ALL")
        cursor.execute(
            "UPDATE coordination_invoicefacts SET payable = 9500 WHERE invoice_id = %s", [invoice().id]
        )
    assert related_invoices.alike_now(asked) == [invoice().id]
