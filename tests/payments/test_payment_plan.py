"""Who is paid how much and when, and what a bank's word does: rules, without a database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.domain.payment_terms import Discount
from coordination.services.payments import bank_days, plan
from coordination.services.payments.plan import Credit, Payable

VENDOR, OTHER = UUID(int=1), UUID(int=2)
MONDAY = date(2026, 3, 2)


def claim(asked: str = "100.00", number: str = "INV-1", **changes: object) -> Payable:
    values: dict[str, object] = {
        "id": UUID(int=int.from_bytes(number.encode())),
        "vendor": VENDOR,
        "number": number,
        "currency": "EUR",
        "asked": Decimal(asked),
        "issued": date(2026, 3, 1),
        "due": date(2026, 3, 31),
    } | changes
    return Payable(**values)  # type: ignore[arg-type]


def credit(left: str, *names: Payable, number: str = "CN-1", **changes: object) -> Credit:
    values: dict[str, object] = {
        "id": uuid4(),
        "vendor": VENDOR,
        "number": number,
        "currency": "EUR",
        "left": Decimal(left),
        "issued": date(2026, 3, 1),
        "names": frozenset(c.id for c in names),
    } | changes
    return Credit(**values)  # type: ignore[arg-type]


def paid(claims: list[Payable], notes: list[Credit] | None = None, first: date = MONDAY) -> dict[str, str]:
    made = plan.make(claims, notes or [], first)
    return {p.claim.number: str(p.amount) for p in made.payments}


# --- days ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "open_"),
    [
        (date(2026, 4, 2), True),
        (date(2026, 4, 3), False),  # Good Friday
        (date(2026, 4, 6), False),  # Easter Monday
        (date(2026, 5, 1), False),
        (date(2026, 10, 3), False),  # a Saturday; German Unity Day is none of TARGET's anyway
        (date(2025, 10, 3), True),
        (date(2026, 12, 25), False),
        (date(2026, 12, 28), True),
        (date(2027, 1, 1), False),
    ],
)
def test_the_bank_works_on_the_days_of_target(day: date, open_: bool) -> None:
    assert bank_days.is_bank_day(day) is open_


@pytest.mark.parametrize(
    ("now", "first"),
    [
        ("2026-03-02T12:59:00+00:00", "2026-03-02"),  # 13:59 in Berlin
        ("2026-03-02T13:00:00+00:00", "2026-03-03"),  # the cut-off itself is too late
        ("2026-07-01T12:00:00+00:00", "2026-07-02"),  # in summer an hour earlier
        ("2026-03-06T16:00:00+00:00", "2026-03-09"),  # Friday evening
        ("2026-03-07T08:00:00+00:00", "2026-03-09"),  # Saturday
        ("2026-04-02T15:00:00+00:00", "2026-04-07"),  # before Easter
        ("2026-12-31T23:30:00+00:00", "2027-01-04"),  # already the new year in Berlin
    ],
)
def test_what_comes_after_the_cut_off_is_carried_out_on_the_next_bank_day(now: str, first: str) -> None:
    assert bank_days.earliest(datetime.fromisoformat(now)).isoformat() == first


def test_the_cut_off_is_a_setting(settings: object) -> None:
    settings.COUNTERSIGN_CUTOFF = (datetime(2026, 1, 1, 9, 0).time(), ZoneInfo("Europe/Lisbon"))
    assert bank_days.earliest(datetime(2026, 3, 2, 8, 59, tzinfo=UTC)) == MONDAY
    assert bank_days.earliest(datetime(2026, 3, 2, 9, 0, tzinfo=UTC)) == MONDAY + timedelta(days=1)


OFFER = Discount(Decimal(2), date(2026, 3, 11))


@pytest.mark.parametrize(
    ("due", "offer", "first", "expected"),
    [
        ("2026-03-31", OFFER, "2026-03-02", ("2026-03-11", "discount", True)),
        ("2026-03-31", OFFER, "2026-03-11", ("2026-03-11", "discount", True)),
        ("2026-03-31", OFFER, "2026-03-12", ("2026-03-31", "due", False)),
        (
            "2026-03-31",
            Discount(Decimal(2), date(2026, 3, 8)),
            "2026-03-02",
            ("2026-03-06", "discount", True),
        ),  # a Sunday
        ("2026-03-31", Discount(Decimal(2), date(2026, 3, 8)), "2026-03-09", ("2026-03-31", "due", False)),
        ("2026-03-05", OFFER, "2026-03-02", ("2026-03-05", "discount", True)),  # due before the discount ends
        ("2026-03-01", OFFER, "2026-03-02", ("2026-03-02", "discount", True)),  # overdue, and still cheaper
        ("2026-04-05", None, "2026-03-02", ("2026-04-02", "due", False)),  # Easter Sunday: paid on Thursday
        ("2026-02-01", None, "2026-03-02", ("2026-03-02", "at_once", False)),
        (None, None, "2026-03-02", ("2026-03-02", "at_once", False)),
        (None, OFFER, "2026-03-02", ("2026-03-11", "discount", True)),
    ],
)
def test_the_pay_day_follows_from_the_terms(
    due: str | None, offer: Discount | None, first: str, expected: tuple[str, str, bool]
) -> None:
    found = plan.pay_day(date.fromisoformat(due) if due else None, offer, date.fromisoformat(first))
    assert (found[0].isoformat(), *found[1:]) == expected


@pytest.mark.parametrize("due", ["2027-06-01", "9999-12-31"])
def test_nothing_is_ordered_more_than_a_year_ahead(due: str) -> None:
    made = plan.make([claim(due=date.fromisoformat(due))], [], MONDAY)
    assert "more than a year ahead" in made.left[0].why


@pytest.mark.parametrize("due", ["0001-01-01", "1900-01-01"])
def test_what_is_long_overdue_is_paid_at_once(due: str) -> None:
    [found] = plan.make([claim(due=date.fromisoformat(due))], [], MONDAY).payments
    assert (found.execute_on, found.basis) == (MONDAY, "at_once")


def test_a_run_until_a_day_leaves_out_what_is_paid_later() -> None:
    soon, late = claim(number="A", due=date(2026, 3, 10)), claim(number="B", due=date(2026, 3, 31))
    made = plan.make([soon, late], [], MONDAY, until=date(2026, 3, 20))
    assert [p.claim.number for p in made.payments] == ["A"]
    assert [(x.invoice, x.why) for x in made.left] == [("B", "to be paid on 31 Mar 2026, after this run")]


# --- discounts and credits ----------------------------------------------------------------------------------


def test_two_per_cent_are_kept_until_the_tenth_day() -> None:
    assert paid([claim("1000.00", terms="2/10 net 30")]) == {"INV-1": "980.00"}
    assert paid([claim("1000.00", terms="2/10 net 30")], first=date(2026, 3, 12)) == {"INV-1": "1000.00"}


def test_a_discount_is_taken_on_what_the_named_credit_leaves() -> None:
    bill = claim("1000.00", terms="2/10 net 30")
    [found] = plan.make([bill], [credit("100.00", bill)], MONDAY).payments
    assert (found.discount, found.amount) == (Decimal("18.00"), Decimal("882.00"))


def test_a_credit_that_names_no_invoice_here_does_not_shrink_the_discount() -> None:
    [found] = plan.make([claim("1000.00", terms="2/10 net 30")], [credit("100.00")], MONDAY).payments
    assert (found.discount, found.amount) == (Decimal("20.00"), Decimal("880.00"))


def test_a_credit_goes_to_the_invoice_it_names_and_the_rest_to_what_is_due_first() -> None:
    a, b, c = (
        claim(number="A", due=date(2026, 3, 30)),
        claim(number="B", due=date(2026, 3, 10)),
        claim(number="C"),
    )
    assert paid([a, b, c], [credit("130.00", c)]) == {"A": "100.00", "B": "70.00"}


def test_credits_never_take_a_payment_below_zero_and_the_rest_is_kept() -> None:
    made = plan.make([claim("40.00")], [credit("100.00")], MONDAY)
    assert made.payments == ()
    assert made.left[0].why == "nothing is left to pay after credits"


def test_what_asks_for_nothing_is_not_paid() -> None:
    assert plan.make([claim("0.00")], [], MONDAY).left[0].why == "nothing is left to pay"


@pytest.mark.parametrize("changes", [{"vendor": OTHER}, {"currency": "USD"}])
def test_a_credit_of_another_vendor_or_currency_is_not_taken(changes: dict[str, object]) -> None:
    bill = claim()
    assert paid(
        [bill], [credit("10.00", bill, **changes)] if "currency" in changes else [credit("10.00", **changes)]
    ) == {"INV-1": "100.00"}


def test_what_cannot_be_paid_takes_no_credit() -> None:
    bad, good = claim(number="A", why_not="the vendor is not active"), claim(number="B")
    assert paid([bad, good], [credit("30.00", bad)]) == {"B": "70.00"}


cents = st.decimals("0.01", "5000", places=2)
claims = st.lists(
    st.builds(
        lambda n, asked, vendor, due, terms: claim(str(asked), f"N{n}", vendor=vendor, due=due, terms=terms),
        st.integers(0, 10**6),
        cents,
        st.sampled_from([VENDOR, OTHER]),
        st.none() | st.dates(date(2026, 1, 1), date(2026, 12, 31)),
        st.sampled_from(["", "net 30", "2/10 net 30", "50/14 net 14"]),
    ),
    max_size=8,
    unique_by=lambda c: c.number,
)


@given(claims, st.data())
def test_every_cent_is_accounted_for_whatever_is_owed_and_credited(
    found: list[Payable], data: st.DataObject
) -> None:
    named = st.sets(st.sampled_from([c.id for c in found])) if found else st.just(set())
    notes = data.draw(
        st.lists(
            st.builds(
                lambda left, vendor, names: Credit(
                    uuid4(),
                    vendor,
                    "CN",
                    "EUR",
                    left,
                    None,
                    frozenset(i for i in names if _vendor(found, i) == vendor),
                ),
                cents,
                st.sampled_from([VENDOR, OTHER]),
                named,
            ),
            max_size=4,
        )
    )
    made = plan.make(found, notes, MONDAY)
    for p in made.payments:
        assert p.amount > 0
        assert p.claim.asked == p.amount + p.discount + sum(p.credits.values())
        assert p.discount >= 0
        assert bank_days.is_bank_day(p.execute_on)
        assert p.execute_on >= MONDAY
        assert not p.discount or p.execute_on <= (p.discount_until or date.min)
    for one in notes:
        used = sum(p.credits.get(one.id, 0) for p in made.payments)
        assert used <= one.left
        assert all(p.claim.vendor == one.vendor for p in made.payments if one.id in p.credits)
    assert len(made.payments) + len(made.left) == len(found)


def _vendor(found: list[Payable], key: UUID) -> UUID:
    return next(c.vendor for c in found if c.id == key)
