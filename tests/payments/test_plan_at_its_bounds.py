"""A plan at its bounds: the day itself, the last day of a year ahead, the last unit of a credit, and the
order in which equals come."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.domain.payment_terms import Discount
from coordination.services.payments import plan
from coordination.services.payments.plan import HORIZON, Planned

from .test_payment_plan import MONDAY, claim, credit, paid

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("due", "basis"),
    [(MONDAY, "due"), (MONDAY - DAY, "at_once"), (MONDAY + DAY, "due")],
)
def test_what_is_due_today_is_paid_as_due_and_not_as_overdue(due: date, basis: str) -> None:
    [found] = plan.make([claim(due=due)], [], MONDAY).payments
    assert (found.execute_on, found.basis) == (max(due, MONDAY), basis)


def test_a_discount_that_ends_today_is_kept_today() -> None:
    assert plan.pay_day(None, Discount(Decimal(2), MONDAY), MONDAY) == (MONDAY, "discount", True)
    assert plan.pay_day(None, Discount(Decimal(2), MONDAY - DAY), MONDAY) == (MONDAY, "at_once", False)


def test_the_bank_takes_orders_for_a_year_ahead_and_no_day_more() -> None:
    last = MONDAY + HORIZON  # Wednesday, 3 March 2027
    assert last == date(2027, 3, 3)
    assert len(plan.make([claim(due=last)], [], MONDAY).payments) == 1
    [left] = plan.make([claim(due=last + DAY)], [], MONDAY).left
    assert left.why == "due on 4 Mar 2027, more than a year ahead"


def test_a_run_until_a_day_takes_what_is_paid_on_that_day() -> None:
    for until, number in ((date(2026, 3, 10), 1), (date(2026, 3, 9), 0)):
        made = plan.make([claim(due=date(2026, 3, 10))], [], MONDAY, until=until)
        assert len(made.payments) == number
    past = plan.make([claim(due=MONDAY)], [], MONDAY, until=MONDAY - DAY)
    assert len(past.payments) == 1  # what is due now is not left out by a day that is over


def test_what_is_left_out_gives_its_credit_back() -> None:
    late = claim(number="A", due=date(2026, 3, 31))
    soon = claim(number="B", due=date(2026, 3, 10))
    note = credit("30.00", late)
    made = plan.make([late, soon], [note], MONDAY, until=date(2026, 3, 20))
    assert [(p.claim.number, p.amount) for p in made.payments] == [("B", Decimal("70.00"))]


def test_older_credits_are_taken_before_newer_ones_and_undated_ones_last() -> None:
    bill, other = claim("100.00", "A"), claim("200.00", "B")
    old = credit("60.00", bill, number="CN-2", issued=date(2026, 1, 1))
    new = credit("60.00", bill, number="CN-1", issued=date(2026, 2, 1))
    undated = credit("60.00", bill, number="CN-0", issued=None)
    made = plan.make([bill, other], [undated, new, old], MONDAY)
    assert [x.why for x in made.left] == ["nothing is left to pay after credits"]
    [found] = made.payments  # to the other invoice goes what the first could not bear
    assert found.credits == {new.id: Decimal("20.00"), undated.id: Decimal("60.00")}


def test_a_credit_without_a_name_goes_to_what_is_paid_first_then_to_the_older_invoice() -> None:
    due = date(2026, 3, 10)
    newer = claim("50.00", "A", issued=date(2026, 2, 2), due=due)
    older = claim("50.00", "B", issued=date(2026, 2, 1), due=due)
    undated = claim("50.00", "C", issued=None, due=due)
    assert paid([newer, undated, older], [credit("70.00")]) == {"A": "30.00", "C": "50.00"}


def test_a_credit_goes_to_the_earlier_part_of_one_invoice() -> None:
    second = claim("50.00", "A", part=2, count=2)
    first = claim("50.00", "A", part=1, count=2)
    made = plan.make([second, first], [credit("20.00")], MONDAY)
    assert {p.claim.part: p.amount for p in made.payments} == {1: Decimal("30.00"), 2: Decimal("50.00")}


def test_a_part_is_paid_without_a_discount() -> None:
    [found] = plan.make([claim("50.00", terms="2/10 net 30", part=1, count=2)], [], MONDAY).payments
    assert (found.discount, found.amount) == (0, Decimal("50.00"))
    assert found.claim.label == "INV-1 1/2"


def test_of_a_credit_in_yen_only_whole_yen_are_taken() -> None:
    bill = claim("1000", currency="JPY")
    note = credit("99.90", bill, currency="JPY")
    [found] = plan.make([bill], [note], MONDAY).payments
    assert (found.credits, found.amount) == ({note.id: Decimal(99)}, Decimal(901))


def test_a_discount_in_yen_is_of_whole_yen() -> None:
    [found] = plan.make([claim("1255", currency="JPY", terms="2/10 net 30")], [], MONDAY).payments
    assert (found.discount, found.amount) == (Decimal(25), Decimal(1230))  # 25.10


def test_a_currency_with_a_later_first_day_waits_for_it() -> None:
    later = MONDAY + 3 * DAY
    made = plan.make([claim(due=MONDAY), claim(number="B", due=MONDAY, earliest=later)], [], MONDAY)
    assert {p.claim.number: p.execute_on for p in made.payments} == {"INV-1": MONDAY, "B": later}


def test_why_a_claim_cannot_be_paid_is_said_once_for_all_its_parts() -> None:
    parts = [claim(number="A", part=n, count=2, why_not="the vendor is not active") for n in (1, 2)]
    assert plan.make(parts, [], MONDAY).left == (plan.Excluded("A", "the vendor is not active"),)


@pytest.mark.parametrize(
    ("amount", "cents"), [(None, "0.00"), ("1.005", "1.01"), ("-1.005", "-1.01"), ("7", "7.00")]
)
def test_a_bank_carries_cents(amount: str | None, cents: str) -> None:
    assert str(plan.whole_cents(None if amount is None else Decimal(amount))) == cents


PARTS = st.lists(
    st.builds(
        lambda n, due, currency: claim(
            "100", f"N{n}", due=None if due is None else MONDAY + due * DAY, currency=currency
        ),
        st.integers(0, 99),
        st.none() | st.integers(-5, 500),
        st.sampled_from(["EUR", "JPY"]),
    ),
    max_size=6,
    unique_by=lambda c: c.number,
)


@given(PARTS, st.none() | st.integers(-3, 40), st.randoms())
def test_the_order_of_claims_changes_nothing(
    claims: list[plan.Payable], until: int | None, chance: object
) -> None:
    notes = [credit("50", *claims[:1], id=UUID(int=7)), credit("30", id=UUID(int=8), currency="JPY")]
    last = None if until is None else MONDAY + until * DAY

    def made(found: list[plan.Payable]) -> set[tuple[object, ...]]:
        done = plan.make(found, notes, MONDAY, until=last)
        return {_key(p) for p in done.payments} | {(x.invoice, x.why) for x in done.left}

    shuffled = list(claims)
    chance.shuffle(shuffled)
    assert made(claims) == made(shuffled)


def _key(p: Planned) -> tuple[object, ...]:
    return p.claim.number, p.execute_on, p.basis, p.amount, tuple(sorted(p.credits.items()))
