"""Facts as an entry keeps them: what is empty is left out, numbers are text, and all of it is read back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.canonical import dumps, loads
from coordination.domain.facts import HoldFacts, OrderFacts, Snapshot
from coordination.facts.serialization import decode, encode, record_snapshot
from coordination.translation.canonical import (
    Account,
    AllowanceCharge,
    Instalment,
    Invoice,
    InvoiceLine,
    Order,
    OrderLine,
    Party,
    TaxSubtotal,
)
from tests.agents.make import POLICY, document, hold, order, ordered, receipt, sibling, snapshot, vendor
from tests.agents.strategies import cases


@dataclass(frozen=True)
class Inner:
    amount: Decimal
    word: str = ""


@dataclass(frozen=True)
class Outer:
    """A field of every kind that facts have."""

    key: UUID
    count: int
    flag: bool
    amount: Decimal | None
    on: date | None
    at: datetime | None
    kind: Literal["one", "other"]
    words: tuple[str, ...]
    inner: Inner | None
    inners: tuple[Inner, ...]
    text: str


FULL = Outer(
    UUID(int=7),
    3,
    True,
    Decimal("1190.00"),
    date(2026, 9, 5),
    datetime(2026, 9, 5, 12, tzinfo=UTC),
    "one",
    ("a", "b"),
    Inner(Decimal("0.10")),
    (Inner(Decimal(1), "x"),),
    "Müller",
)
EMPTY = Outer(UUID(int=7), 0, False, None, None, None, "other", (), None, (), "")


def test_every_kind_of_field_as_json_by_hand() -> None:
    assert encode(FULL) == {
        "key": "00000000-0000-0000-0000-000000000007",
        "count": "3",
        "flag": True,
        "amount": "1190",
        "on": "2026-09-05",
        "at": "2026-09-05T12:00:00.000000Z",
        "kind": "one",
        "words": ["a", "b"],
        "inner": {"amount": "0.1"},
        "inners": [{"amount": "1", "word": "x"}],
        "text": "Müller",
    }


def test_what_is_empty_is_left_out_and_nought_and_no_are_not() -> None:
    assert encode(EMPTY) == {
        "key": "00000000-0000-0000-0000-000000000007",
        "count": "0",
        "flag": False,
        "kind": "other",
    }


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("1190.00", "1190"),  # without the zeros that a column adds
        ("1190.50", "1190.5"),
        ("100", "100"),  # zeros of the number itself stay
        ("1E+3", "1000"),
        ("0.000001", "0.000001"),
        ("1E-10", "0.0000000001"),
        ("-0.10", "-0.1"),
        ("0.00", "0"),
        ("0", "0"),
    ],
)
def test_a_number_is_written_in_full_and_without_the_zeros_of_a_column(amount: str, text: str) -> None:
    assert encode(Inner(Decimal(amount)))["amount"] == text


def test_a_moment_is_kept_in_utc_whatever_its_zone() -> None:
    tokyo = timezone(timedelta(hours=9))
    assert (
        encode(replace(FULL, at=datetime(2026, 1, 1, 8, tzinfo=tokyo)))["at"] == "2025-12-31T23:00:00.000000Z"
    )


def test_several_things_are_a_list() -> None:
    assert encode((Inner(Decimal(1)), Inner(Decimal(2)))) == [{"amount": "1"}, {"amount": "2"}]
    assert encode([]) == []


def test_what_is_read_back_fills_what_was_left_out() -> None:
    left_out = {"key": "x"}
    found = decode(Inner, left_out | {"amount": "5"})
    assert found == Inner(Decimal(5))
    read = decode(Outer, {"count": "0", "kind": "other"})
    assert (read.amount, read.on, read.words, read.inner, read.inners, read.text) == (
        None,
        None,
        (),
        None,
        (),
        "",
    )


def test_a_name_that_nobody_knows_any_more_is_passed_over() -> None:
    assert decode(Inner, {"amount": "5", "colour": "red"}) == Inner(Decimal(5))


def test_what_is_kept_elsewhere_is_given_beside() -> None:
    whole = snapshot()
    kept = record_snapshot(whole)
    assert "document" not in kept
    assert "policy" not in kept
    back = decode(Snapshot, kept, document=whole.document, policy=POLICY)
    assert back == whole
    changed = decode(Snapshot, kept, document=document(number="INV-2"), policy=POLICY)
    assert changed.document.number == "INV-2"


@given(cases())
def test_a_snapshot_of_any_case_is_read_back_as_it_was(snap: Snapshot) -> None:
    kept = loads(dumps(record_snapshot(snap)))
    assert decode(Snapshot, kept, document=snap.document, policy=snap.policy) == snap


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NUMBER = st.none() | st.decimals(-(10**9), 10**9, places=4)
DAYS = st.none() | st.dates()
PARTY = st.builds(Party, name=TEXT, vat_id=TEXT, party_ids=st.lists(TEXT, max_size=2).map(tuple))
CHARGES = st.lists(
    st.builds(AllowanceCharge, charge=st.booleans(), amount=st.decimals(0, 99, places=2), reason=TEXT),
    max_size=2,
).map(tuple)


@given(
    st.builds(
        Invoice,
        number=TEXT,
        type=st.sampled_from(["invoice", "credit_note"]),
        issue_date=DAYS,
        currency=TEXT,
        seller=PARTY,
        buyer=PARTY,
        account=st.builds(Account, number=TEXT, bic=TEXT),
        net=NUMBER,
        gross=NUMBER,
        payable=NUMBER,
        order_numbers=st.lists(TEXT, max_size=2).map(tuple),
        allowances=CHARGES,
        instalments=st.lists(st.builds(Instalment, st.decimals(0, 99, places=2), DAYS), max_size=2).map(
            tuple
        ),
        taxes=st.lists(st.builds(TaxSubtotal, TEXT, NUMBER, NUMBER, NUMBER), max_size=2).map(tuple),
        lines=st.lists(
            st.builds(
                InvoiceLine, position=st.integers(1, 9), line=TEXT, quantity=NUMBER, price=NUMBER, net=NUMBER
            ),
            max_size=2,
        ).map(tuple),
    )
)
def test_a_document_is_read_back_as_it_was(invoice: Invoice) -> None:
    assert decode(Invoice, loads(dumps(encode(invoice)))) == invoice


@given(
    st.builds(
        Order,
        number=TEXT,
        message=st.sampled_from(["order", "change", "response", "cancellation"]),
        order_date=DAYS,
        net=NUMBER,
        seller=PARTY,
        allowances=CHARGES,
        lines=st.lists(
            st.builds(OrderLine, line=TEXT, quantity=NUMBER, price=NUMBER, allowances=CHARGES), max_size=2
        ).map(tuple),
    )
)
def test_an_order_is_read_back_as_it_was(found: Order) -> None:
    assert decode(Order, loads(dumps(encode(found)))) == found


@pytest.mark.parametrize(
    "fact",
    [
        vendor(),
        order(ordered(), ordered(2, quantity=None, price=None)),
        receipt(),
        sibling(),
        hold(until=datetime(2026, 9, 9, tzinfo=UTC), money=Decimal("0.50"), line=3),
    ],
    ids=lambda fact: type(fact).__name__,
)
def test_each_fact_is_read_back_as_it_was(fact: Any) -> None:
    assert decode(type(fact), loads(dumps(encode(fact)))) == fact


def test_two_numbers_of_one_value_are_one_in_a_digest() -> None:
    one, other = hold(money=Decimal("1.50")), hold(money=Decimal("1.500000"))
    assert dumps(encode(one)) == dumps(encode(other))
    assert isinstance(one, HoldFacts)
    assert dumps(encode(order(net=Decimal(1)))) != dumps(encode(order(net=Decimal("1.01"))))
    assert decode(OrderFacts, encode(order(net=None))).net is None
