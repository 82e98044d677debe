"""What an invoice is shown of others that bill its order: what stands before it, credits once they are
cleared, and nothing that would make two invoices look at each other."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.agents import charges
from coordination.domain.amounts import own_rank
from coordination.domain.facts import Advance, Billed, Charged, OrderFacts
from coordination.facts import order_sums
from coordination.facts.order_sums import MANY, Known, Seen, Sums, place, seen_from
from coordination.translation.canonical import AllowanceCharge
from tests.agents.make import ISSUED, document, order, ordered, snapshot

OWN = Seen("this", (True, ISSUED, "INV-5", "this"))
BEFORE, SAME, AFTER = ISSUED - timedelta(days=1), ISSUED, ISSUED + timedelta(days=1)


def bill(
    number: str = "INV-1", issued: date | None = BEFORE, state: str = "matched", **changes: Any
) -> Billed:
    plain: dict[str, Any] = {"type": "invoice", "quantity": Decimal(2), "amount": Decimal(20)}
    values = {"invoice": f"id-{number}", "number": number, "issue_date": issued, "state": state}
    return Billed(**values | plain | changes)  # type: ignore[arg-type]


def charge(
    number: str = "INV-1", issued: date | None = BEFORE, state: str = "matched", **changes: Any
) -> Charged:
    values = {"invoice": f"id-{number}", "number": number, "issue_date": issued, "state": state}
    return Charged(**values | {"type": "invoice", "amount": Decimal(5)} | changes)  # type: ignore[arg-type]


def advance(
    number: str = "AD-1", issued: date | None = BEFORE, state: str = "cleared", **changes: Any
) -> Advance:
    plain: dict[str, Any] = {"type": "invoice", "currency": "EUR", "deducted": Decimal(0)}
    plain |= {"gross": Decimal(119), "net": Decimal(100)}
    values = {"invoice": f"id-{number}", "number": number, "issue_date": issued, "state": state}
    return Advance(**values | plain | changes)  # type: ignore[arg-type]


def seen(*billed: Billed, own: Seen = OWN, **changes: Any) -> OrderFacts:
    found = order(ordered(billed=billed), **changes)
    [shown] = seen_from([found], own, Known())
    return shown


def numbers(*billed: Billed, own: Seen = OWN) -> dict[str, str]:
    """Number and state of what is shown of the order line."""
    return {b.number: b.state for b in seen(*billed, own=own).lines[0].billed}


# --- what others bill ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "issued", "state", "shown"),
    [
        ("INV-9", BEFORE, "matched", True),  # an earlier day
        ("INV-1", AFTER, "matched", False),
        ("INV-4", SAME, "matched", True),  # of one day the number decides
        ("INV-6", SAME, "matched", False),
        ("INV-1", None, "matched", False),  # without a day it comes last
        ("INV-9", AFTER, "paid", True),  # money on its way is first, whatever its day
        ("INV-9", AFTER, "scheduled", True),
        ("INV-9", AFTER, "cleared", False),
        ("INV-1", BEFORE, "rejected", False),
        ("INV-1", BEFORE, "void", False),
        ("INV-1", BEFORE, "received", True),
    ],
)
def test_an_invoice_is_shown_those_before_it(
    number: str, issued: date | None, state: str, shown: bool
) -> None:
    assert (number in numbers(bill(number, issued, state))) is shown


def test_of_one_day_and_number_the_digest_decides_and_without_it_the_key() -> None:
    own = Seen("this", (True, ISSUED, "INV-5", "5555"))
    assert numbers(bill("INV-5", SAME, digest="4444"), own=own)
    assert not numbers(bill("INV-5", SAME, digest="6666"), own=own)
    assert numbers(bill("INV-5", SAME, invoice="4444"), own=own)
    assert not numbers(bill("INV-5", SAME, invoice="6666"), own=own)


@pytest.mark.parametrize(
    ("state", "shown_as"),
    [
        ("received", "received"),
        ("validated", "received"),
        ("matched", "received"),
        ("delivered", "received"),
        ("cleared", "received"),  # whether it is cleared makes no difference to those behind it
        ("scheduled", "paid"),
        ("paid", "paid"),
    ],
)
def test_the_steps_of_another_invoice_are_no_news(state: str, shown_as: str) -> None:
    assert numbers(bill(state=state)) == {"INV-1": shown_as}


@pytest.mark.parametrize(
    ("changes", "state", "shown"),
    [
        ({"type": "credit_note"}, "matched", {}),  # what is undecided gives nothing back
        ({"type": "credit_note"}, "cleared", {"CN-9": "cleared"}),
        ({"type": "credit_note"}, "paid", {"CN-9": "paid"}),
        ({"type": "credit_note"}, "rejected", {}),
        ({"quantity": Decimal(-2)}, "matched", {}),
        ({"amount": Decimal("-0.01")}, "matched", {}),
    ],
)
def test_what_gives_back_counts_from_its_clearing_on(
    changes: dict[str, Any], state: str, shown: dict[str, str]
) -> None:
    assert numbers(bill("CN-9", BEFORE, state, **changes)) == shown


def test_a_credit_counts_wherever_it_stands_and_a_negative_line_where_its_invoice_does() -> None:
    later = bill("CN-9", AFTER, "cleared", type="credit_note")
    assert numbers(later) == {"CN-9": "cleared"}
    negative = bill("INV-9", AFTER, "cleared", quantity=Decimal(-2))
    assert numbers(negative) == {}
    assert numbers(replace(negative, issue_date=BEFORE)) == {"INV-9": "cleared"}


def test_a_credit_note_looks_at_nobody_and_nobody_at_itself() -> None:
    credit = replace(OWN, credit=True)
    assert numbers(bill(), bill("CN-1", BEFORE, "cleared", type="credit_note"), own=credit) == {}
    assert numbers(bill("INV-0", invoice="this")) == {}


def test_an_order_that_nobody_bills_is_handed_on_as_it_is() -> None:
    found = order(ordered())
    assert seen_from([found], OWN, Known())[0] is found


# --- charges and advances -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        (charge(), {"INV-1": "received"}),
        (charge(issued=AFTER), {}),
        (charge(state="paid", issued=AFTER), {"INV-1": "paid"}),
        (charge(state="rejected"), {}),
        (charge("CN-1", type="credit_note"), {}),  # not decided
        (charge("CN-1", AFTER, "cleared", type="credit_note"), {"CN-1": "cleared"}),
        (charge(invoice="this"), {}),
    ],
)
def test_charges_are_shown_as_what_is_billed_is(asked: Charged, shown: dict[str, str]) -> None:
    assert {c.number: c.state for c in seen(charged=(asked,)).charged} == shown


@pytest.mark.parametrize(
    ("paid", "shown"),
    [
        (advance(), {"AD-1": "cleared"}),
        (advance(issued=AFTER), {"AD-1": "cleared"}),  # wherever it stands
        (advance(state="paid"), {"AD-1": "cleared"}),  # agreed to is all that is said here
        (advance(state="matched"), {}),
        (advance(state="rejected"), {}),
        (advance("INV-1", deducted=Decimal(119), state="matched"), {"INV-1": "received"}),
        (advance("INV-1", deducted=Decimal(119), state="paid"), {"INV-1": "paid"}),
        (advance("INV-9", AFTER, deducted=Decimal(119), state="cleared"), {}),
        (advance(invoice="this"), {}),
    ],
)
def test_an_advance_counts_once_agreed_and_a_deduction_where_its_invoice_stands(
    paid: Advance, shown: dict[str, str]
) -> None:
    assert {a.number: a.state for a in seen(advances=(paid,)).advances} == shown


def test_a_credit_note_is_shown_neither_charges_nor_advances() -> None:
    found = seen(charged=(charge(),), advances=(advance(),), own=replace(OWN, credit=True))
    assert (found.charged, found.advances) == ((), ())


# --- very many ----------------------------------------------------------------------------------------------


def many(count: int) -> list[Billed]:
    """So many invoices, a day between each and the next, of which twenty stand before ours."""
    return [bill(f"INV-{n:03}", ISSUED + timedelta(days=n - 20), invoice=f"{n:032}") for n in range(count)]


def test_up_to_fifty_each_is_told_and_of_more_the_last_before_stands_for_all() -> None:
    each = seen(*many(MANY)).lines[0].billed
    assert (len(each), {b.others for b in each}) == (
        21,
        {0},
    )  # ours is INV-5, so INV-020 of its day is before it
    [summed] = seen(*many(MANY + 1)).lines[0].billed
    assert (summed.number, summed.others, summed.quantity, summed.amount) == ("INV-020", 20, 42, 420)


def test_the_sums_of_a_line_are_worked_out_once_for_a_batch() -> None:
    known = Known()
    found = order(ordered(billed=tuple(many(MANY + 1))))
    first = seen_from([found], OWN, known)
    assert list(known.lines) == [found.lines[0].id]
    known.lines[found.lines[0].id] = Sums.of([])
    assert seen_from([found], OWN, known) != first


def test_of_very_many_credits_one_stands_for_those_before_and_one_for_those_after() -> None:
    given = [
        bill(f"CN-{n:03}", ISSUED + timedelta(days=n - 20), "cleared", type="credit_note", invoice=f"{n:032}")
        for n in range(MANY + 10)
    ]
    before, after = seen(*given).lines[0].billed
    assert (before.number, before.others, before.quantity) == ("CN-020", 20, 42)
    assert (after.number, after.others, after.quantity) == ("CN-059", 38, 78)


def test_of_very_many_charges_one_of_each_kind_stands_for_those_before() -> None:
    asked = [
        charge(f"INV-{n:03}", ISSUED + timedelta(days=n - 60), invoice=f"{n:032}", reason=r, reason_code=c)
        for n in range(MANY)
        for r, c in (("Freight", "FC"), ("Packing", "PC"))
    ]
    back = [charge("CN-1", AFTER, "cleared", type="credit_note", reason="Freight", reason_code="FC")]
    shown = seen(charged=(*asked, *back)).charged
    assert {(c.reason, c.type, c.amount, c.others) for c in shown} == {
        ("Freight", "invoice", 250, 49),
        ("Packing", "invoice", 250, 49),
        ("Freight", "credit_note", 5, 0),
    }


CHARGES = st.lists(
    st.builds(
        charge,
        number=st.sampled_from(["INV-0", "INV-1", "INV-7", "RE-9"]),
        issued=st.sampled_from([BEFORE, SAME, AFTER, None]),
        state=st.sampled_from(["matched", "cleared", "paid", "rejected"]),
        type=st.sampled_from(["invoice", "invoice", "credit_note"]),
        invoice=st.integers(0, 50).map(lambda n: f"{n:032}"),
        amount=st.integers(1, 9).map(Decimal),
        reason=st.sampled_from(["Freight", "Freight charge", ""]),
        reason_code=st.sampled_from(["FC", "PC", ""]),
    ),
    max_size=9,
)


@given(CHARGES, st.sampled_from(["Freight", "Packing", ""]), st.sampled_from(["FC", ""]))
def test_what_is_left_of_a_charge_is_the_same_by_sums_as_one_by_one(
    others: list[Charged], reason: str, code: str
) -> None:
    asked = AllowanceCharge(True, Decimal(20), reason, code)
    agreed = order(charges=(AllowanceCharge(True, Decimal(25), "Freight", "FC"),), charged=tuple(others))
    snap = snapshot(document(allowances=(asked,)), orders=(agreed,))
    found = []
    for most in (MANY, 0):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(order_sums, "MANY", most)
            orders = seen_from(snap.orders, Seen(snap.id, own_rank(snap)), Known())
        found.append(charges.unplanned(replace(snap, orders=orders)))
    assert found[0] == found[1]


STATES = st.sampled_from(["received", "matched", "cleared", "scheduled", "paid", "rejected", "void"])
OTHERS = st.lists(
    st.builds(
        lambda n, days, state, type_: bill(
            f"INV-{n}", None if days is None else ISSUED + timedelta(days=days), state, type=type_
        ),
        st.integers(0, 9),
        st.none() | st.integers(-2, 2),
        STATES,
        st.sampled_from(["invoice", "credit_note"]),
    ),
    max_size=6,
    unique_by=lambda b: b.number,
)


@given(OTHERS)
def test_no_two_invoices_look_at_each_other(found: list[Billed]) -> None:
    shown = {
        b.invoice: {o.invoice for o in seen(*found, own=Seen(b.invoice, place(b))).lines[0].billed}
        for b in found
        if b.type == "invoice"
    }
    for one, others in shown.items():
        assert all(one not in shown.get(other, set()) for other in others)


@given(OTHERS, st.randoms())
def test_what_is_shown_does_not_depend_on_the_order_of_intake(found: list[Billed], chance: Any) -> None:
    shuffled = list(found)
    chance.shuffle(shuffled)
    assert numbers(*found) == numbers(*shuffled)
    one, other = Sums.of(found), Sums.of(shuffled)
    assert {b.number for b in one.before(OWN.rank)} == {b.number for b in other.before(OWN.rank)}
    assert sum(b.quantity for b in one.before(OWN.rank)) == sum(b.quantity for b in other.before(OWN.rank))
