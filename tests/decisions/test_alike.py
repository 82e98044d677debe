"""Many invoices over one sum or of one order: the same pairs as by comparing each with each, in less time."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.facts import related_invoices, similar_invoices
from coordination.facts.related_invoices import Bill
from coordination.facts.similar_invoices import Lookalike
from coordination.models import Decision, Invalidation
from coordination.translation.identity import similar_numbers
from tests import cast
from tests.cast import bill, order, receipt, standing, table, take_in

DAY = date(2026, 9, 1)
NUMBERS = st.text(alphabet="0O1IL5S2-A ", min_size=0, max_size=6)
DAYS = st.none() | st.integers(0, 8).map(lambda n: DAY + timedelta(days=n))


@given(st.lists(st.tuples(NUMBERS, DAYS, st.sampled_from(["a", "b"])), min_size=2, max_size=12))
def test_the_pairs_are_those_that_comparing_each_with_each_finds(
    found: list[tuple[str, date | None, str]],
) -> None:
    claims = [Lookalike(UUID(int=n), (group,), day, number) for n, (number, day, group) in enumerate(found)]

    def one_claim(a: Lookalike, b: Lookalike) -> bool:
        close = a.day is None or b.day is None or abs((a.day - b.day).days) <= 5
        signs = [Counter(c for c in x.number.upper() if c.isalnum()) for x in (a, b)]
        return (close and similar_numbers(a.number, b.number)) or (a.day == b.day and signs[0] == signs[1])

    wanted = {
        (a.id, b.id) for a in claims for b in claims if a is not b and a.group == b.group and one_claim(a, b)
    }
    assert set(similar_invoices.resembling(claims, claims, 5)) == wanted


WIDE = st.text(alphabet="0O1IL5S27-Aaä", min_size=0, max_size=9)


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, str]:
    """A number, and what became of it in copying it once."""
    number, at, char = draw(WIDE), draw(st.integers(0, 9)), draw(st.sampled_from("0AÄ-"))
    before, after = number[:at], number[at:]
    copies = [
        before + char + after,
        before + after[1:],
        before + char + after[1:],
        before + after[:2][::-1] + after[2:],
        number + char * 2,
        char * 2 + number,
    ]
    return number, draw(st.sampled_from(copies))


@given(edited() | st.tuples(WIDE, WIDE))
def test_numbers_that_are_similar_share_a_key(pair: tuple[str, str]) -> None:
    one, other = pair
    if similar_numbers(one, other):
        assert similar_invoices.keys(one) & similar_invoices.keys(other)


def billed(group: str, n: int) -> Bill:
    day = None if n == 3 else DAY + timedelta(days=n * 5 % 4)
    kind, state = "credit_note" if n == 6 else "invoice", "paid" if n == 1 else "cleared"
    return Bill(group, UUID(int=n), kind, state, day, str(n % 2))


BILLS = st.builds(billed, st.sampled_from(["o1", "o2"]), st.integers(0, 9))


@given(st.lists(BILLS, max_size=6), st.lists(BILLS, max_size=8))
def test_those_are_asked_again_that_stand_behind_a_changed_one_or_beside_a_credit(
    mine: list[Bill], theirs: list[Bill]
) -> None:
    wanted = {
        t.id
        for t in theirs
        for m in mine
        if m.group == t.group and m.id != t.id and (m.type == "credit_note" or m.rank < t.rank)
    }
    asked = related_invoices.concerned(mine, theirs)
    flat = [one for group in asked.values() for one in group]
    assert set(flat) == wanted
    assert len(flat) == len(set(flat))


def apart(n: int) -> str:
    """Numbers that do not resemble each other."""
    return f"{n:04}-{n * 7919 % 9973:04}-{n * 104729 % 9967:04}"


def many(count: int, **changes: Any) -> list[cast.Row]:
    return [
        bill(invoice_number=apart(n), quantity="1", unit_price=f"{10 + n / 100:.2f}", **changes)
        for n in range(count)
    ]


@pytest.mark.django_db
def test_invoices_of_one_unknown_order_are_each_asked_about_once() -> None:
    take_in(table("vendors", cast.vendor()))
    for start in (0, 60):
        take_in(table("invoices", *many(120, order_number="PO-9")[start : start + 60]))
        cast.drain()
    assert set(
        Counter(Decision.objects.filter(agent="finance.validation").values_list("invoice")).values()
    ) == {1}
    assert set(
        Counter(Decision.objects.filter(agent="procurement.matching").values_list("invoice")).values()
    ) == {1}


@pytest.mark.django_db
def test_invoices_of_one_sum_are_known_to_each_other_only_where_they_may_be_one_claim() -> None:
    take_in(table("vendors", cast.vendor()))
    same = [bill(invoice_number=apart(n), order_number=f"PO-{n}") for n in range(60)]
    take_in(table("invoices", *same, bill(invoice_number=apart(7) + "A", order_number="PO-7")))
    ids = {row.number: row.id for row in (cast.invoice(apart(7)), cast.invoice(apart(7) + "A"))}
    assert set(similar_invoices.pairs(list(ids.values()), 5)) >= {
        tuple(ids.values()),
        tuple(reversed(ids.values())),
    }
    assert len(similar_invoices.pairs(list(ids.values()), 5)) < 10
    cast.drain()
    assert "duplicate_suspect" in standing(apart(7) + "A")[2]
    assert "duplicate_suspect" not in standing(apart(7))[2]


@pytest.mark.django_db
@pytest.mark.parametrize(("one", "other"), [("7801", "7810"), ("RE-4711", "RE-7411"), ("AB-12", "BA-12")])
def test_two_neighbours_exchanged_are_a_number_copied_wrongly(one: str, other: str) -> None:
    rows = [order(order_number=n, quantity="100") for n in ("PO-1", "PO-2")]
    came = [receipt(receipt_number=n, order_number=p) for n, p in (("GR-1", "PO-1"), ("GR-2", "PO-2"))]
    cast.trade(
        bill(invoice_number=one),
        bill(invoice_number=other, order_number="PO-2", issue_date="2026-09-07"),
        orders=(*rows,),
        receipts=(*came,),
    )
    assert standing(one) == ("cleared", "auto", [])
    assert standing(other)[1:] == ("escalated", ["duplicate_suspect"])


@pytest.mark.django_db
def test_a_late_invoice_wakes_those_that_stand_behind_it_and_no_others() -> None:
    days = ("2026-09-05", "2026-09-15")
    cast.trade(
        *(
            bill(invoice_number=n, quantity="10", issue_date=d)
            for n, d in zip(("A-1", "B-22"), days, strict=True)
        )
    )
    before = {n: Decision.objects.filter(invoice__number=n).count() for n in ("A-1", "B-22")}
    take_in(table("invoices", bill(invoice_number="C-333", quantity="10", issue_date="2026-09-10")))
    cast.drain()
    assert not Invalidation.objects.exists()
    after = {n: Decision.objects.filter(invoice__number=n).count() for n in ("A-1", "B-22")}
    assert after["A-1"] == before["A-1"]
    assert after["B-22"] > before["B-22"]
