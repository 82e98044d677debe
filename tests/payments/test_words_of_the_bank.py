"""What one line of the bank says of one payment: which difference charges explain, what came back, and of
which file a refusal is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.services.payments.answers import Given, Reading, classify, of_copy
from coordination.translation.canonical import BankLine

START = datetime(2026, 11, 30, 9, tzinfo=UTC)
PAY_DAY = date(2026, 12, 18)
ONE = Given(UUID(int=1), UUID(int=2), 7, "exported", Decimal("100.00"), "EUR", PAY_DAY, START)
AMOUNTS = ("amount", "instructed", "charges")


def said(status: str, given_: Given = ONE, *, at: datetime = START, **changes: Any) -> Reading:
    """The word of a line about a payment of 100.00 euro; amounts are written as text."""
    values = {k: Decimal(v) if k in AMOUNTS else v for k, v in changes.items()}
    line = BankLine(**{"scope": "payment", "status": status, "currency": "EUR"} | values)
    return classify(line, given_, line.day, at)


def paying(amount: str, currency: str = "EUR") -> Given:
    return replace(ONE, amount=Decimal(amount), currency=currency)


# --- before anything else -----------------------------------------------------------------------------------


def test_a_word_before_the_file_existed_is_a_contradiction() -> None:
    assert said("booked", at=START).kind == "left"
    early = said("booked", at=START - timedelta(microseconds=1))
    assert (early.kind, early.asks) == ("conflict", True)
    assert "had not been given to the bank" in early.note


def test_a_payment_that_was_never_given_out_is_named_by_how_it_stands() -> None:
    found = said("rejected", replace(ONE, since=None, status="proposed"))
    assert found.note == "This payment was never given to the bank: it is proposed."
    assert found.asks


@pytest.mark.parametrize("status", ["accepted", "pending"])
def test_a_promise_is_no_money_and_asks_nobody(status: str) -> None:
    assert said(status, amount="99.00") == Reading("promised", "The bank has it; the money has not left yet.")


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"amount": "5"}, "The bank booked charges of EUR 5.00 for it."),
        ({"amount": "5", "currency": "USD"}, "The bank booked charges of USD 5.00 for it."),
        ({"amount": "5", "currency": ""}, "The bank booked charges of EUR 5.00 for it."),
        ({}, "The bank booked charges for it."),
        ({"amount": "0"}, "The bank booked charges of EUR 0.00 for it."),
    ],
)
def test_charges_of_their_own_are_told_and_ask_nobody(changes: dict[str, str], note: str) -> None:
    assert said("charged", **changes) == Reading("charged", note)


# --- money that left ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("owed", "moved", "kind", "charges"),
    [
        ("100.00", "100.00", "left", None),
        ("100.00", "105.00", "left", "5.00"),  # five per cent
        ("100.00", "105.01", "conflict", None),
        ("100.00", "95.00", "left", None),  # what less moved is no charge of ours
        ("100.00", "94.99", "conflict", None),
        ("1000.00", "1050.00", "left", "50.00"),  # five per cent and the most are the same here
        ("2000.00", "2050.00", "left", "50.00"),  # fifty at the most
        ("2000.00", "2050.01", "conflict", None),
        ("2000.00", "1949.99", "conflict", None),
        ("0.10", "0.11", "conflict", None),  # half a cent is no cent
        ("0.20", "0.21", "left", "0.01"),
    ],
)
def test_what_moved_may_differ_from_what_was_instructed_by_what_a_bank_charges(
    owed: str, moved: str, kind: str, charges: str | None
) -> None:
    found = said("booked", paying(owed), amount=moved, instructed=owed, instructed_currency="EUR")
    assert (found.kind, found.charges) == (kind, None if charges is None else Decimal(charges))


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"amount": "130.00", "charges": "30.00"}, "left"),  # of any size, to the cent
        ({"amount": "130.01", "charges": "30.00"}, "conflict"),
        ({"amount": "100.00", "charges": "30.00", "charges_beside": True}, "left"),
        ({"amount": "130.00", "charges": "30.00", "charges_beside": True}, "conflict"),  # then why 130?
        ({"amount": "130.00", "charges": "0"}, "conflict"),
    ],
)
def test_charges_that_the_bank_states_explain_the_difference_to_the_cent(
    changes: dict[str, Any], kind: str
) -> None:
    assert said("booked", instructed="100.00", instructed_currency="EUR", **changes).kind == kind


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"amount": "107.00", "charges": "7.00"}, "left"),
        ({"amount": "107.00", "charges": "6.99"}, "conflict"),
        ({"amount": "107.00", "charges": "7.00", "charges_beside": True}, "conflict"),
        ({"amount": "100.01"}, "conflict"),  # nothing was said to have been instructed: to the cent
        ({"amount": "99.99"}, "conflict"),
        ({}, "left"),  # it says no amount
        ({"amount": "100.00", "currency": "USD"}, "conflict"),
        ({"amount": "100.00", "currency": ""}, "left"),
        ({"amount": "100.00", "instructed": "99.99", "instructed_currency": "EUR"}, "conflict"),
        (
            {"amount": "110.00", "currency": "USD", "instructed": "100.00", "instructed_currency": "EUR"},
            "left",
        ),
        ({"amount": "100.00", "instructed": "110.00", "instructed_currency": "USD"}, "left"),
    ],
)
def test_what_was_instructed_decides_and_without_it_what_moved(changes: dict[str, Any], kind: str) -> None:
    assert said("booked", **changes).kind == kind


def test_another_amount_is_told_with_both_sides_and_asks() -> None:
    found = said("booked", amount="1234.5", currency="USD")
    assert found.note == "The bank says USD 1,234.50; the payment is EUR 100.00."
    assert found.asks
    unexplained = said("booked", amount="130.00", instructed="100.00", instructed_currency="EUR")
    assert unexplained.note.endswith("It states no charges that explain the difference.")


def test_charges_are_told_in_the_currency_of_the_line() -> None:
    found = said("booked", amount="107.00", charges="7.00")
    assert found == Reading(
        "left", "The money has left. The bank took charges of EUR 7.00.", charges=Decimal("7.00")
    )
    assert said("booked", amount="100.00").note == "The money has left."


def test_a_payment_in_yen_is_compared_in_whole_yen() -> None:
    yen = paying("12000", "JPY")
    assert said("booked", yen, amount="12000", currency="JPY").kind == "left"
    assert said("booked", yen, amount="12001", currency="JPY").kind == "conflict"
    # fifty of its currency at the most, and not five per cent
    more = {"currency": "JPY", "instructed": "12000", "instructed_currency": "JPY"}
    assert said("booked", yen, amount="12050", **more).kind == "left"
    assert said("booked", yen, amount="12051", **more).kind == "conflict"


@pytest.mark.parametrize(
    ("day", "planned", "kind"),
    [
        (PAY_DAY - timedelta(days=1), PAY_DAY, "early"),
        (PAY_DAY, PAY_DAY, "left"),
        (PAY_DAY + timedelta(days=1), PAY_DAY, "left"),
        (None, PAY_DAY, "left"),
        (PAY_DAY - timedelta(days=1), None, "left"),
    ],
)
def test_money_that_leaves_before_its_day_is_early(day: date | None, planned: date | None, kind: str) -> None:
    found = said("booked", replace(ONE, execute_on=planned), amount="100.00", day=day)
    assert (found.kind, found.asks) == (kind, kind == "early")


def test_early_money_is_told_with_both_days() -> None:
    found = said("booked", amount="100.00", day=date(2026, 12, 1))
    assert (
        found.note == "The bank says that the money left on 2026-12-01; it was given 2026-12-18 as the day."
    )


# --- refusals -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"amount": "100.00"}, "rejected"),
        ({}, "rejected"),
        ({"amount": "100.01"}, "conflict"),
        ({"amount": "100.00", "currency": "USD"}, "conflict"),
        ({"amount": "350.00", "scope": "group"}, "rejected"),  # the sum of a group is no amount of one
        ({"amount": "350.00", "scope": "file"}, "rejected"),
    ],
)
def test_a_refusal_of_another_amount_is_of_another_payment(changes: dict[str, Any], kind: str) -> None:
    assert said("rejected", **changes).kind == kind


REFUSED = Reading("rejected", "The bank did not carry it out.")


@pytest.mark.parametrize(
    ("copies", "copy", "kind"),
    [
        (1, None, "rejected"),  # there is one file: no need to name it
        (1, 1, "rejected"),
        (3, 3, "rejected"),  # the newest
        (3, 2, "overtaken"),
        (3, 1, "overtaken"),
        (3, 4, "conflict"),  # there is none such
        (3, None, "conflict"),  # which one?
        (2, 2, "rejected"),
    ],
)
def test_a_refusal_stops_a_payment_only_in_the_newest_file(copies: int, copy: int | None, kind: str) -> None:
    found = of_copy(REFUSED, replace(ONE, copies=copies), copy)
    assert (found.kind, found.asks) == (kind, kind == "conflict")


def test_a_refusal_of_an_older_file_says_where_the_payment_is() -> None:
    three = replace(ONE, copies=3)
    assert of_copy(REFUSED, three, 1).note == (
        "The bank refused file 1 of run 7. The payment is in file 3, and waits for an answer to that."
    )
    assert of_copy(REFUSED, three, 4).note == (
        "The bank refused it in a file of run 7 that was never written."
    )
    assert "3 files of run 7 were written" in of_copy(REFUSED, three, None).note


@pytest.mark.parametrize("kind", ["left", "early", "back", "promised", "charged", "conflict"])
@pytest.mark.parametrize("copy", [None, 1, 9])
def test_no_other_word_hangs_on_the_file(kind: Any, copy: int | None) -> None:
    found = Reading(kind, "x")
    assert of_copy(found, replace(ONE, copies=3), copy) is found


# --- money that came back -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "came_back", "charges"),
    [
        ({}, "100.00", None),
        ({"amount": "100.00"}, "100.00", None),
        ({"amount": "40.00"}, "40.00", None),
        ({"amount": "0.01"}, "0.01", None),
        ({"amount": "95.00", "charges": "5.00"}, "100.00", "5.00"),  # the rest was kept
        ({"amount": "95.00", "charges": "4.00"}, "95.00", None),  # explains nothing: a part
        ({"amount": "95.00", "charges": "5.00", "charges_beside": True}, "95.00", None),
        ({"amount": "35.00", "charges": "5.00", "instructed": "40.00"}, "40.00", "5.00"),
        ({"amount": "350.00", "scope": "file"}, "100.00", None),
        (
            {"amount": "108", "currency": "USD", "instructed": "100", "instructed_currency": "EUR"},
            "100.00",
            None,
        ),
        ({"amount": "40.00", "currency": ""}, "40.00", None),
    ],
)
def test_how_much_came_back(changes: dict[str, Any], came_back: str, charges: str | None) -> None:
    found = said("returned", **changes)
    assert found.kind == "back"
    assert found.came_back == Decimal(came_back)
    assert found.charges == (None if charges is None else Decimal(charges))


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": "100.01"},
        {"amount": "0.00"},
        {"amount": "-100.00"},
        {"amount": "100.00", "currency": "USD"},
        {"amount": "108", "currency": "USD", "instructed": "100", "instructed_currency": "CHF"},
        {"amount": "108", "currency": "USD", "instructed": "101", "instructed_currency": "EUR"},
    ],
)
def test_more_nothing_or_another_currency_does_not_come_back(changes: dict[str, Any]) -> None:
    found = said("returned", **changes)
    assert (found.kind, found.asks, found.came_back) == ("conflict", True, None)
    assert found.note.endswith("; the payment is EUR 100.00.")


def test_a_part_and_what_was_kept_of_it_are_told() -> None:
    assert said("returned", amount="40.00").note == "EUR 40.00 of EUR 100.00 came back."
    assert said("returned", amount="95.00", charges="5.00").note == (
        "The money came back. EUR 5.00 of it was kept as charges."
    )


CENTS = st.integers(0, 300_00).map(lambda n: Decimal(n) / 100)


@given(st.sampled_from(["returned", "credited"]), CENTS, CENTS, st.none() | st.booleans())
def test_no_more_ever_comes_back_than_was_paid(
    status: str, amount: Decimal, charges: Decimal, beside: bool | None
) -> None:
    found = said(status, amount=str(amount), charges=str(charges), charges_beside=beside)
    if found.kind == "back":
        assert found.came_back is not None
        assert 0 < found.came_back <= ONE.amount
    else:
        assert (found.kind, found.asks) == ("conflict", True)


@given(CENTS, st.none() | CENTS, st.none() | CENTS, st.none() | st.booleans())
def test_what_is_read_as_left_differs_by_charges_alone(
    moved: Decimal, instructed: Decimal | None, charges: Decimal | None, beside: bool | None
) -> None:
    optional = {"instructed": instructed, "charges": charges}
    told = {k: str(v) for k, v in optional.items() if v is not None}
    found = said("booked", amount=str(moved), instructed_currency="EUR", charges_beside=beside, **told)
    if found.kind == "left":
        inside = Decimal(0) if beside or charges is None else charges
        most = Decimal(5) if instructed is not None else Decimal(0)
        assert moved - inside == ONE.amount or abs(moved - ONE.amount) <= most
