"""What of an invoice is still to be paid: parts, what lives, what came back. Rules, without a database."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.domain.instalments import Made, Open, label, schedule, still_open
from coordination.domain.payment_terms import best, offered
from coordination.services.payments import plan
from coordination.services.payments.plan import Credit, Payable
from coordination.translation.canonical import DiscountTerm, Instalment

DAY = date(2026, 3, 1)
CENTS = st.decimals("0.01", "500", places=2)


def parts(*amounts: str) -> tuple[Instalment, ...]:
    """A part a month."""
    return tuple(Instalment(Decimal(a), DAY + timedelta(days=30 * n)) for n, a in enumerate(amounts, 1))


def made(*taken: tuple[int | None, str]) -> list[Made]:
    return [Made(part, Decimal(amount)) for part, amount in taken]


def opened(found: list[Open]) -> list[tuple[int | None, str]]:
    return [(o.part, str(o.amount)) for o in found]


# --- parts ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cleared", "instalments", "living", "expected"),
    [
        ("100", (), [], [(None, "100")]),
        ("100", (), [(None, "100")], []),
        ("1000", (), [(None, "600")], [(2, "400")]),  # 400 came back: the next free number
        ("1000", (), [(None, "600"), (2, "400")], []),
        ("1000", (), [(None, "600"), (2, "300")], [(3, "100")]),
        ("100", ("40", "60"), [], [(1, "40"), (2, "60")]),
        ("100", ("40", "60"), [(1, "40")], [(2, "60")]),
        ("100", ("40", "60"), [(2, "60")], [(1, "40")]),  # the first came back, the second is out
        ("100", ("40", "60"), [(1, "30")], [(3, "10"), (2, "60")]),  # ten of the first came back
        ("100", ("40", "60"), [(1, "30"), (3, "10")], [(2, "60")]),
        ("100", ("40", "60"), [(None, "100")], []),
        ("100", ("40", "60"), [(None, "80")], [(2, "20")]),
        ("100", ("40", "59.99"), [], [(1, "40.00"), (2, "60.00")]),  # the cent goes to the last
        ("100", ("40", "80"), [], [(1, "40.00"), (2, "60.00")]),  # no more than was cleared
        ("100", ("120", "80"), [], [(1, "100.00")]),
        ("100", ("-40", "60"), [], [(2, "100.00")]),
    ],
)
def test_the_table_of_what_is_open(
    cleared: str,
    instalments: tuple[str, ...],
    living: list[tuple[int | None, str]],
    expected: list[tuple[int | None, str]],
) -> None:
    found = still_open(Decimal(cleared), parts(*instalments), made(*living))
    assert [(p, Decimal(a)) for p, a in opened(found)] == [(p, Decimal(a)) for p, a in expected]


def test_each_part_keeps_its_day_also_for_what_came_back_of_it() -> None:
    first, second = parts("40", "60")
    found = still_open(Decimal(100), (first, second), made((1, "30")))
    assert [o.due for o in found] == [first.due, second.due]


def test_a_payment_is_named_by_its_part_only_where_there_are_several() -> None:
    assert [label("RE-1", None, 1), label("RE-1", 1, 2), label("RE-1", 3, 2)] == [
        "RE-1",
        "RE-1 1/2",
        "RE-1 3/3",
    ]


@given(CENTS, st.lists(CENTS, max_size=5))
def test_the_parts_are_together_what_was_cleared(cleared: Decimal, amounts: list[Decimal]) -> None:
    found = schedule(cleared, [Instalment(a, DAY) for a in amounts])
    assert sum((a for a, _ in found), Decimal(0)) == cleared
    assert all(a >= 0 for a, _ in found)


@given(st.data())
def test_whatever_is_paid_refused_and_returned_all_of_it_is_paid_once(data: st.DataObject) -> None:
    """Runs take parts in any number and order, payments are refused or come back in part, and in the end the
    living payments take exactly what was cleared, under numbers that are each used once."""
    amounts = data.draw(st.lists(CENTS, min_size=1, max_size=5))
    cleared = sum(amounts, Decimal(0))
    instalments = [Instalment(a, DAY + timedelta(days=n)) for n, a in enumerate(amounts)]
    instalments = instalments if len(instalments) > 1 else []
    living: list[Made] = []
    for _ in range(data.draw(st.integers(0, 6))):
        found = still_open(cleared, instalments, living)
        assert sum((o.amount for o in found), Decimal(0)) == cleared - sum(
            (m.taken for m in living), Decimal(0)
        )
        chosen = data.draw(st.lists(st.sampled_from(found), unique=True)) if found else []
        living += [Made(o.part, o.amount) for o in chosen]
        if living and data.draw(st.booleans()):
            gone = data.draw(st.sampled_from(living))
            living.remove(gone)
            kept = data.draw(st.sampled_from([Decimal(0), gone.taken / 2]))
            living += [Made(gone.part, kept)] if kept else []
        numbers = [m.part for m in living]
        assert len(numbers) == len(set(numbers))
    living += [Made(o.part, o.amount) for o in still_open(cleared, instalments, living)]
    assert sum((m.taken for m in living), Decimal(0)) == cleared
    assert len({m.part for m in living}) == len(living)
    assert still_open(cleared, instalments, living) == []


# --- discounts that a document offers -------------------------------------------------------------------

WHOLE = Decimal(1000)


@pytest.mark.parametrize(
    ("term", "saved", "until"),
    [
        ({"percent": 2, "days": 10}, "20.00", "2026-03-11"),
        ({"percent": 2, "until": date(2026, 3, 20)}, "20.00", "2026-03-20"),
        ({"percent": 2, "days": 10, "base": 500}, "10.00", "2026-03-11"),
        ({"amount": 30, "days": 10}, "30.00", "2026-03-11"),
        ({"amount": 30, "percent": 2, "days": 10}, "20.00", "2026-03-11"),  # the smaller of two that differ
        ({"percent": 2, "days": 0}, "20.00", "2026-03-01"),
    ],
)
def test_an_offer_is_worth_what_it_says(term: dict[str, object], saved: str, until: str) -> None:
    found = offered(_term(term), WHOLE, WHOLE, DAY)
    assert found is not None
    assert (str(found.amount), found.until.isoformat()) == (saved, until)


@pytest.mark.parametrize(
    "term",
    [
        {"percent": 0, "days": 10},
        {"percent": 100, "days": 10},
        {"percent": -2, "days": 10},
        {"percent": 2},
        {"percent": 2, "days": 99999},
        {"percent": 2, "until": date(2026, 2, 28)},
        {"percent": 2, "days": 10, "base": 1001},
        {"percent": 2, "days": 10, "base": -5},
        {"amount": 1000, "days": 10},
        {"amount": -5, "days": 10},
        {"days": 10},
    ],
)
def test_an_offer_that_makes_no_sense_is_not_taken(term: dict[str, object]) -> None:
    assert offered(_term(term), WHOLE, WHOLE, DAY) is None


def _term(said: dict[str, object]) -> DiscountTerm:
    return DiscountTerm(
        **{k: Decimal(v) if isinstance(v, int) and k != "days" else v for k, v in said.items()}
    )  # type: ignore[arg-type]


def test_the_better_of_what_is_agreed_and_what_is_offered_is_taken_while_it_can_be_had() -> None:
    ladder = (DiscountTerm(percent=Decimal(3), days=7), DiscountTerm(percent=Decimal(1), days=30))
    taken = {
        day: (
            found.amount
            if (found := best(WHOLE, WHOLE, DAY, "2/14 net 30", ladder, DAY + timedelta(days=day)))
            else None
        )
        for day in (0, 7, 8, 14, 15, 30)
    }
    assert taken == {0: 30, 7: 30, 8: 20, 14: 20, 15: 10, 30: 10}


@pytest.mark.parametrize(
    ("term", "saved"), [({"percent": 2, "days": 10}, "18.00"), ({"amount": 50, "days": 10}, "45.00")]
)
def test_an_offer_is_taken_of_what_credits_leave(term: dict[str, object], saved: str) -> None:
    found = best(Decimal(900), WHOLE, DAY, "", (_term(term),))
    assert found is not None
    assert str(found.amount) == saved


# --- parts in a plan ------------------------------------------------------------------------------------


def claims(*amounts: str, **changes: object) -> list[Payable]:
    return [
        Payable(
            UUID(int=7),
            UUID(int=1),
            "RE-1",
            "EUR",
            one.amount,
            DAY,
            one.due,
            "2/90 net 90",
            part=n,
            count=len(amounts),
            discounts=(DiscountTerm(percent=Decimal(3), days=90),),
            **changes,  # type: ignore[arg-type]
        )
        for n, one in enumerate(parts(*amounts), 1)
    ]


MONDAY = date(2026, 3, 2)


def test_each_part_is_paid_on_its_own_day_and_without_discount() -> None:
    found = plan.make(claims("40.00", "60.00"), [], MONDAY).payments
    assert [(p.claim.label, str(p.amount), p.execute_on.isoformat(), p.discount) for p in found] == [
        ("RE-1 1/2", "40.00", "2026-03-31", 0),
        ("RE-1 2/2", "60.00", "2026-04-30", 0),
    ]


def test_a_part_that_is_due_after_the_run_is_left_and_named() -> None:
    found = plan.make(claims("40.00", "60.00"), [], MONDAY, until=date(2026, 4, 10))
    assert [p.claim.label for p in found.payments] == ["RE-1 1/2"]
    assert [(x.invoice, x.why) for x in found.left] == [
        ("RE-1 2/2", "to be paid on 30 Apr 2026, after this run")
    ]


def test_an_invoice_that_cannot_be_paid_is_left_once_whatever_its_parts() -> None:
    found = plan.make(claims("40.00", "60.00", why_not="a hold is open"), [], MONDAY)
    assert [(x.invoice, x.why) for x in found.left] == [("RE-1", "a hold is open")]


@given(st.decimals("0.01", "150", places=2), st.lists(CENTS, min_size=2, max_size=4))
def test_a_credit_takes_the_earliest_parts_first(credit: Decimal, amounts: list[Decimal]) -> None:
    asked = claims(*(str(a) for a in amounts))
    note = Credit(UUID(int=9), UUID(int=1), "CN-1", "EUR", credit, DAY, frozenset({UUID(int=7)}))
    found = plan.make(asked, [note], MONDAY)
    paid = {p.claim.part: p.amount for p in found.payments}
    left = credit
    for number, amount in enumerate(amounts, 1):
        off = min(left, amount)
        left -= off
        assert paid.get(number, Decimal(0)) == amount - off
