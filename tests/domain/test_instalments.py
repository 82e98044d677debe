"""The parts in which an invoice is paid: together what was cleared, whatever the document says."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.domain.instalments import Made, Open, carried, label, schedule, still_open
from coordination.translation.canonical import Instalment

MAY, JUNE, JULY = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)


def parts(*amounts: str) -> list[Instalment]:
    """Parts due on the first of May, June and July."""
    return [Instalment(Decimal(a), due) for a, due in zip(amounts, (MAY, JUNE, JULY), strict=False)]


@pytest.mark.parametrize(
    ("cleared", "stated", "planned"),
    [
        ("100.00", [], ["100.00"]),
        ("100.00", ["50.00", "50.00"], ["50.00", "50.00"]),
        ("100.01", ["50.00", "50.00"], ["50.00", "50.01"]),  # what is left goes to the last
        ("90.00", ["50.00", "50.00"], ["50.00", "40.00"]),  # no more than was cleared
        ("40.00", ["50.00", "50.00"], ["40.00", "0.00"]),
        ("100.00", ["50.00", "-10.00", "50.00"], ["50.00", "0", "50.00"]),
        ("100.00", ["33.333", "33.333", "33.334"], ["33.33", "33.33", "33.34"]),
        ("100.00", ["10.00"], ["100.00"]),
    ],
)
def test_a_plan_by_hand(cleared: str, stated: list[str], planned: list[str]) -> None:
    plan = schedule(Decimal(cleared), parts(*stated))
    assert [amount for amount, _ in plan] == [Decimal(p) for p in planned]


def test_a_plan_keeps_the_days_of_the_document_and_one_part_has_none() -> None:
    assert [due for _, due in schedule(Decimal(100), parts("50", "50"))] == [MAY, JUNE]
    assert schedule(Decimal(100), []) == [(Decimal(100), None)]


@pytest.mark.parametrize(
    ("amount", "currency", "whole"),
    [("10.99", "EUR", "10.99"), ("10.99", "JPY", "10"), ("10.00", "JPY", "10"), ("0.99", "KRW", "0")],
)
def test_a_bank_carries_whole_units_where_there_are_no_smaller_ones(
    amount: str, currency: str, whole: str
) -> None:
    assert carried(Decimal(amount), currency) == Decimal(whole)


def test_what_a_bank_cannot_carry_goes_to_the_last_part() -> None:
    plan = schedule(Decimal(1001), parts("500.5", "500.5"), "JPY")
    assert [amount for amount, _ in plan] == [Decimal(500), Decimal(501)]


@pytest.mark.parametrize(
    ("cleared", "stated", "made", "left"),
    [
        ("100.00", [], [], [Open(None, Decimal("100.00"))]),
        ("100.00", [], [Made(None, Decimal("100.00"))], []),
        ("100.00", [], [Made(None, Decimal("60.00"))], [Open(2, Decimal("40.00"))]),
        (
            "100.00",
            ["50.00", "50.00"],
            [],
            [Open(1, Decimal("50.00"), MAY), Open(2, Decimal("50.00"), JUNE)],
        ),
        ("100.00", ["50.00", "50.00"], [Made(1, Decimal("50.00"))], [Open(2, Decimal("50.00"), JUNE)]),
        ("100.00", ["50.00", "50.00"], [Made(2, Decimal("50.00"))], [Open(1, Decimal("50.00"), MAY)]),
        # twenty of the first part came back: they are a payment of their own
        (
            "100.00",
            ["50.00", "50.00"],
            [Made(1, Decimal("30.00")), Made(2, Decimal("50.00"))],
            [Open(3, Decimal("20.00"), MAY)],
        ),
        # one payment took more than its part: that is off the next
        ("100.00", ["50.00", "50.00"], [Made(1, Decimal("70.00"))], [Open(2, Decimal("30.00"), JUNE)]),
        # a payment beyond the plan is off the earliest
        (
            "100.00",
            ["50.00", "50.00"],
            [Made(3, Decimal("60.00"))],
            [Open(2, Decimal("40.00"), JUNE)],
        ),
        ("100.00", ["50.00", "50.00"], [Made(1, Decimal("50.00")), Made(2, Decimal("60.00"))], []),
    ],
)
def test_what_is_open_by_hand(cleared: str, stated: list[str], made: list[Made], left: list[Open]) -> None:
    assert still_open(Decimal(cleared), parts(*stated), made) == left


CENTS = st.integers(0, 50_000).map(lambda n: Decimal(n) / 100)
STATED = st.lists(st.builds(Instalment, CENTS, st.none() | st.dates(MAY, JULY)), max_size=4)
PAYMENTS = st.lists(st.builds(Made, st.integers(1, 6), CENTS), max_size=4)


@given(CENTS, STATED, st.sampled_from(["EUR", "JPY", "USD"]))
def test_a_plan_comes_to_what_was_cleared_and_no_part_is_below_nothing(
    cleared: Decimal, stated: list[Instalment], currency: str
) -> None:
    plan = schedule(cleared, stated, currency)
    assert sum(amount for amount, _ in plan) == cleared
    assert all(amount >= 0 for amount, _ in plan)
    assert len(plan) == max(1, len(stated))


@given(CENTS.filter(bool), STATED, PAYMENTS)
def test_what_is_open_and_what_is_made_come_to_what_was_cleared(
    cleared: Decimal, stated: list[Instalment], made: list[Made]
) -> None:
    left = still_open(cleared, stated, made)
    taken = sum((m.taken for m in made), Decimal(0))
    assert sum((o.amount for o in left), Decimal(0)) == max(Decimal(0), cleared - taken)
    assert all(o.amount > 0 for o in left)


@given(CENTS.filter(bool), STATED, PAYMENTS)
def test_no_payment_gets_the_number_of_one_that_lives(
    cleared: Decimal, stated: list[Instalment], made: list[Made]
) -> None:
    numbers = [o.part or 1 for o in still_open(cleared, stated, made)]
    assert len(set(numbers)) == len(numbers)
    assert not set(numbers) & {m.part or 1 for m in made}


@given(CENTS.filter(bool), STATED.filter(bool))
def test_paying_what_is_open_leaves_nothing_open(cleared: Decimal, stated: list[Instalment]) -> None:
    made = [Made(o.part, o.amount) for o in still_open(cleared, stated, [])]
    assert still_open(cleared, stated, made) == []


@pytest.mark.parametrize(
    ("part", "count", "name"),
    [(None, 1, "RE-1"), (1, 2, "RE-1 1/2"), (2, 2, "RE-1 2/2"), (3, 2, "RE-1 3/3"), (1, 1, "RE-1 1/1")],
)
def test_a_part_is_named_by_its_number_among_all(part: int | None, count: int, name: str) -> None:
    assert label("RE-1", part, count) == name
