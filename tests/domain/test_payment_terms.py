"""What an early payment saves, until when it has to be made, and when a claim is due."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.domain import payment_terms as terms
from coordination.domain.payment_terms import Discount
from coordination.translation.canonical import DiscountTerm, Instalment
from tests.agents.make import document, vendor

MARCH = date(2026, 3, 1)
THOUSAND = Decimal("1000.00")
MONEY = st.decimals(min_value=Decimal("0.01"), max_value=10**9, places=2)
DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))


def term(**stated: Any) -> DiscountTerm:
    """An offer; numbers as text, `until` as ISO day."""
    numbers = {k: Decimal(v) for k, v in stated.items() if k in {"percent", "amount", "base"}}
    until = {"until": date.fromisoformat(stated["until"])} if "until" in stated else {}
    return DiscountTerm(**numbers, **until, **({"days": stated["days"]} if "days" in stated else {}))


# --- terms agreed -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "amount", "saved", "until"),
    [
        ("2/10 net 30", "1000.00", "20.00", date(2026, 3, 11)),
        ("2/10 NET 30", "1000.00", "20.00", date(2026, 3, 11)),
        ("  3 / 14   net  60 ", "119.00", "3.57", date(2026, 3, 15)),
        ("2.5/8 net 30", "333.33", "8.33", date(2026, 3, 9)),  # 8.33325
        ("1.5/0 net 30", "100.00", "1.50", date(2026, 3, 1)),
        ("2/31 net 60", "1000.00", "20.00", date(2026, 4, 1)),
        ("10/10 net 10", "0.05", "0.01", date(2026, 3, 11)),  # half a cent is a cent
    ],
)
def test_a_discount_agreed_by_hand(text: str, amount: str, saved: str, until: date) -> None:
    assert terms.saving(Decimal(amount), MARCH, text) == Discount(Decimal(saved), until)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "net 30",
        "2/10",
        "2/10 net",
        "2/10 net 30 days",
        "100/10 net 30",
        "-2/10 net 30",
        "2,5/10 net 30",
        "on sight",
    ],
)
def test_terms_that_offer_nothing_save_nothing(text: str) -> None:
    assert terms.saving(THOUSAND, MARCH, text) is None


@pytest.mark.parametrize(
    ("amount", "issued"),
    [(None, MARCH), ("0", MARCH), ("-100.00", MARCH), ("1000.00", None), ("0.20", MARCH)],
)
def test_no_discount_on_nothing_of_no_day_or_under_half_a_cent(
    amount: str | None, issued: date | None
) -> None:
    assert terms.saving(None if amount is None else Decimal(amount), issued, "2/10 net 30") is None


@given(MONEY, DAYS, st.integers(1, 99), st.integers(0, 999))
def test_a_discount_agreed_is_less_than_the_claim_and_its_days_count_from_the_issue(
    amount: Decimal, issued: date, per_cent: int, days: int
) -> None:
    found = terms.saving(amount, issued, f"{per_cent}/{days} net 30")
    exact = amount * per_cent / 100
    if found is None:
        assert exact < Decimal("0.005")
        return
    assert abs(found.amount - exact) <= Decimal("0.005")
    assert found.until == issued + timedelta(days=days)
    assert not found.stated


@given(MONEY, MONEY, st.integers(1, 99))
def test_a_larger_claim_never_saves_less(one: Decimal, other: Decimal, per_cent: int) -> None:
    small, large = (terms.saving(a, MARCH, f"{per_cent}/10 net 30") for a in sorted((one, other)))
    assert (small.amount if small else 0) <= (large.amount if large else 0)


# --- what is due --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("net 30", date(2026, 3, 31)),
        ("NET 0", date(2026, 3, 1)),
        ("net 31", date(2026, 4, 1)),
        ("2/10 net 45", date(2026, 4, 15)),
        ("net 306", date(2027, 1, 1)),
        ("net", None),
        ("net 1000", None),
        ("30 days", None),
        ("", None),
    ],
)
def test_the_day_that_terms_make_a_claim_due(text: str, due: date | None) -> None:
    assert terms.due(MARCH, text) == due
    assert terms.due(None, text) is None


def test_the_printed_due_date_stands_above_the_terms() -> None:
    printed = date(2026, 12, 24)
    assert terms.due_date(printed, MARCH, "net 30") == printed
    assert terms.due_date(printed, None, "") == printed
    assert terms.due_date(None, MARCH, "net 30") == date(2026, 3, 31)
    assert terms.due_date(None, None, "net 30") is None


@given(DAYS, st.integers(0, 999), st.integers(0, 99), st.integers(0, 999))
def test_a_discount_changes_nothing_of_when_a_claim_is_due(
    issued: date, net: int, per_cent: int, days: int
) -> None:
    plain = terms.due(issued, f"net {net}")
    assert plain == terms.due(issued, f"{per_cent}/{days} net {net}") == issued + timedelta(days=net)


# --- what a document offers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stated", "amount", "saved"),
    [
        ({"percent": "2", "days": 10}, "1000.00", "20.00"),
        ({"percent": "2", "until": "2026-03-11"}, "1000.00", "20.00"),
        ({"amount": "15.00", "days": 10}, "1000.00", "15.00"),
        ({"amount": "15.00", "percent": "2", "days": 10}, "1000.00", "15.00"),  # the smaller one counts
        ({"amount": "25.00", "percent": "2", "days": 10}, "1000.00", "20.00"),
        ({"percent": "2", "base": "500.00", "days": 10}, "1000.00", "10.00"),
        ({"percent": "2", "days": 10}, "400.00", "8.00"),  # a credit of 600.00 is off
        ({"amount": "15.00", "days": 10}, "400.00", "6.00"),
        ({"percent": "2", "base": "500.00", "days": 10}, "250.00", "2.50"),
        ({"percent": "2.345", "days": 0}, "1000.00", "23.45"),
    ],
)
def test_an_offer_by_hand(stated: dict[str, Any], amount: str, saved: str) -> None:
    found = terms.offered(term(**stated), Decimal(amount), THOUSAND, MARCH)
    until = date(2026, 3, 1) if stated.get("days") == 0 else date(2026, 3, 11)
    assert found == Discount(Decimal(saved), until, stated=True)


@pytest.mark.parametrize(
    "stated",
    [
        {"percent": "2"},  # until when?
        {"days": 10},  # how much?
        {"percent": "2", "until": "2026-02-28"},
        {"percent": "0", "days": 10},
        {"percent": "100", "days": 10},
        {"percent": "-2", "days": 10},
        {"percent": "2", "amount": "-1.00", "days": 10},
        {"amount": "0.00", "days": 10},
        {"amount": "1000.00", "days": 10},
        {"amount": "1000.01", "days": 10},
        {"percent": "2", "base": "0.00", "days": 10},
        {"percent": "2", "base": "-5.00", "days": 10},
        {"percent": "2", "base": "1000.01", "days": 10},
        {"percent": "0.0001", "days": 10},  # a tenth of a cent
        {"percent": "2", "days": 3661},
        {"percent": "100", "amount": "5.00", "days": 10},
    ],
)
def test_an_offer_that_nobody_can_take_is_none(stated: dict[str, Any]) -> None:
    assert terms.offered(term(**stated), THOUSAND, THOUSAND, MARCH) is None


@pytest.mark.parametrize(
    ("amount", "whole"),
    [(None, "1000.00"), ("1000.00", None), ("0.00", "1000.00"), ("-1.00", "1000.00"), ("1000.01", "1000.00")],
)
def test_no_offer_on_what_is_not_known_or_more_than_all(amount: str | None, whole: str | None) -> None:
    known = [None if a is None else Decimal(a) for a in (amount, whole)]
    assert terms.offered(term(percent="2", days=10), known[0], known[1], MARCH) is None


def test_without_an_issue_date_only_a_named_day_counts() -> None:
    assert terms.offered(term(percent="2", days=10), THOUSAND, THOUSAND, None) is None
    found = terms.offered(term(percent="2", until="2026-03-11"), THOUSAND, THOUSAND, None)
    assert found is not None
    assert found.until == date(2026, 3, 11)


OFFERS = st.builds(
    DiscountTerm,
    percent=st.none() | st.decimals(min_value=-5, max_value=120, places=2),
    amount=st.none() | st.decimals(min_value=-5, max_value=2000, places=2),
    days=st.none() | st.integers(0, 4000),
    until=st.none() | st.dates(date(2025, 1, 1), date(2027, 12, 31)),
    base=st.none() | st.decimals(min_value=-5, max_value=2000, places=2),
)


@given(OFFERS, MONEY, MONEY)
def test_an_offer_never_costs_anything_and_never_takes_it_all(
    offer: DiscountTerm, one: Decimal, other: Decimal
) -> None:
    amount, whole = sorted((one, other))
    found = terms.offered(offer, amount, whole, MARCH)
    if found is not None:
        assert 0 < found.amount < amount
        assert found.until >= MARCH
        assert found.stated


# --- the best -----------------------------------------------------------------------------------------------

TEN = term(percent="2", until="2026-03-11")
THIRTY = term(percent="1", until="2026-03-31")


@pytest.mark.parametrize(
    ("agreed", "stated", "today", "saved", "until"),
    [
        ("2/10 net 30", [], None, "20.00", date(2026, 3, 11)),
        ("", [TEN, THIRTY], None, "20.00", date(2026, 3, 11)),
        ("", [THIRTY, TEN], None, "20.00", date(2026, 3, 11)),
        ("3/5 net 30", [TEN], None, "30.00", date(2026, 3, 6)),
        (
            "3/5 net 30",
            [TEN, THIRTY],
            date(2026, 3, 6),
            "30.00",
            date(2026, 3, 6),
        ),  # the last day still counts
        ("3/5 net 30", [TEN, THIRTY], date(2026, 3, 7), "20.00", date(2026, 3, 11)),
        ("3/5 net 30", [TEN, THIRTY], date(2026, 3, 12), "10.00", date(2026, 3, 31)),
        (
            "3/5 net 30",
            [TEN, THIRTY],
            date(2026, 4, 1),
            "10.00",
            date(2026, 3, 31),
        ),  # the one that ended last
        ("2/5 net 30", [TEN], None, "20.00", date(2026, 3, 11)),  # as much, and longer
    ],
)
def test_the_best_discount_by_hand(
    agreed: str, stated: list[DiscountTerm], today: date | None, saved: str, until: date
) -> None:
    found = terms.best(THOUSAND, THOUSAND, MARCH, agreed, stated, today)
    assert found is not None
    assert (found.amount, found.until) == (Decimal(saved), until)


def test_nothing_agreed_and_nothing_offered_saves_nothing() -> None:
    assert terms.best(THOUSAND, THOUSAND, MARCH, "net 30", []) is None
    assert terms.best(None, None, MARCH, "2/10 net 30", [TEN]) is None


@given(st.lists(OFFERS, max_size=4), MONEY, st.dates(date(2026, 1, 1), date(2027, 1, 1)))
def test_the_best_is_one_of_those_that_there_are_and_none_that_stands_is_better(
    stated: list[DiscountTerm], whole: Decimal, today: date
) -> None:
    single = [
        terms.best(whole, whole, MARCH, "2/10 net 30", []),
        *(terms.offered(t, whole, whole, MARCH) for t in stated),
    ]
    known = [d for d in single if d is not None]
    found = terms.best(whole, whole, MARCH, "2/10 net 30", stated, today)
    if not known:
        assert found is None
        return
    assert found in known
    standing = [d for d in known if d.until >= today]
    if standing:
        assert found is not None
        assert found.until >= today
        assert found.amount == max(d.amount for d in standing)


def test_a_document_is_discounted_by_its_vendors_terms_on_what_is_payable() -> None:
    found = terms.discount(document(payable="1000.00", issue_date=MARCH), vendor(payment_terms="2/10 net 30"))
    assert found == Discount(Decimal("20.00"), date(2026, 3, 11))


def test_a_vendor_that_is_not_known_and_a_plan_of_parts_have_no_discount() -> None:
    assert terms.discount(document(discounts=(TEN,)), None) is None
    parts = (Instalment(Decimal("590.00"), MARCH), Instalment(Decimal("600.00"), MARCH))
    assert terms.discount(document(instalments=parts), vendor(payment_terms="2/10 net 30")) is None


def test_a_discount_is_kept_with_two_decimals_and_an_iso_day() -> None:
    assert Discount(Decimal("20"), MARCH).as_json() == {"amount": "20.00", "until": "2026-03-01"}
