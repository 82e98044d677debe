"""Duplicates, splits and credits: findings about a group of invoices sit on its latest member."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.domain.facts import Sibling, Snapshot
from coordination.translation.identity import normalised_number, skeleton

from .make import ISSUED, codes, document, line, propose, sibling, snapshot

FINANCE = "finance.validation"


def suspects(snap: Snapshot) -> list[str]:
    return [f.found for f in propose(FINANCE, snap).findings if f.code == "duplicate_suspect"]


# --- duplicates ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("other", "held"),
    [
        (sibling("INV-1"), True),
        (sibling("inv 1", gross="1"), True),
        (sibling("INV-1", currency="USD", issue_date=date(2020, 1, 1)), True),
        (sibling("INV-I"), True),
        (sibling("INV-01"), True),
        (sibling("INV-1A"), True),
        (sibling("INV-2"), True),
        (sibling("INV-1XY"), True),
        (sibling("INV-1XYZ"), False),
        (sibling("RE-2026-77"), False),
        (sibling("INV-2", gross="1190.01"), False),
        (sibling("INV-2", currency="USD"), False),
        (sibling("INV-2", issue_date=ISSUED - timedelta(days=5)), True),
        (sibling("INV-2", issue_date=ISSUED - timedelta(days=6)), False),
        (sibling("INV-2", issue_date=None), False),
        (sibling("INV-1", state="rejected"), False),
        (sibling("INV-1", state="void"), False),
        (sibling("INV-1", type="credit_note"), False),
        (sibling("INV-1", issue_date=ISSUED + timedelta(days=1)), False),
        (sibling("INV-1", issue_date=ISSUED + timedelta(days=1), state="scheduled"), True),
    ],
)
def test_a_claim_that_was_made_before_is_suspected(other: Sibling, held: bool) -> None:
    assert suspects(snapshot(siblings=(other,))) == ([other.number] if held else [])


def test_rent_a_month_apart_is_no_duplicate() -> None:
    assert suspects(snapshot(siblings=(sibling("INV-0", issue_date=ISSUED - timedelta(days=30)),))) == []


def test_one_suspicion_is_enough_and_names_the_first() -> None:
    others = (sibling("INV-2", issue_date=date(2026, 9, 4)), sibling("INV-3", issue_date=date(2026, 9, 2)))
    assert suspects(snapshot(siblings=others)) == suspects(snapshot(siblings=others[::-1])) == ["INV-3"]


def test_a_credit_note_is_no_duplicate_of_its_invoice() -> None:
    doc = document(type="credit_note", preceding=("INV-1",))
    assert codes(FINANCE, snapshot(doc, siblings=(sibling("INV-1"),))) == []


NUMBERS = st.text("INV0O1l5S-/ 23", min_size=1, max_size=6).filter(normalised_number)
DAYS = st.integers(0, 9).map(lambda n: ISSUED + timedelta(days=n))


def seen_as_sibling(snap: Snapshot) -> Sibling:
    d = snap.document
    return Sibling(
        snap.id,
        d.number,
        normalised_number(d.number),
        skeleton(d.number),
        d.type,
        "",
        d.issue_date,
        d.currency,
        d.net,
        d.gross,
        d.order_numbers,
        d.preceding,
        snap.state,
        "open",
        "",
    )


@given(NUMBERS, NUMBERS, DAYS, DAYS, st.sampled_from(["10.00", "11.00"]))
def test_the_finding_sits_on_exactly_one_of_two(a: str, b: str, on_a: date, on_b: date, price: str) -> None:
    one = snapshot(document(number=a, issue_date=on_a), id="1")
    two = snapshot(document(line(price=price), number=b, issue_date=on_b), id="2")
    first = suspects(replace(one, siblings=(seen_as_sibling(two),)))
    second = suspects(replace(two, siblings=(seen_as_sibling(one),)))
    assert not (first and second)
    same_number = normalised_number(a) == normalised_number(b)
    assert bool(first or second) or not same_number
    if first or second:
        assert bool(second) == ((on_b, b) > (on_a, a) or ((on_b, b) == (on_a, a)))


# --- splits ----------------------------------------------------------------------------------------


def parts(*gross: str, orders: bool = False, days: int = 1) -> tuple[Sibling, ...]:
    return tuple(
        sibling(
            f"SP-{n}",
            gross=g,
            issue_date=ISSUED - timedelta(days=days),
            order_numbers=(f"PO-{n}",) if orders else ("PO-1",),
        )
        for n, g in enumerate(gross, 2)
    )


def large(gross: str = "9000.00") -> Snapshot:
    net = Decimal(gross)
    doc = document(line(quantity="1", price=net), rate="0", number="XX-77")
    return snapshot(doc, gross_company=net)


@pytest.mark.parametrize(
    ("gross", "others", "held"),
    [
        ("9000.00", parts("9100", "9200"), True),
        ("8000.00", parts("8000", "10000"), True),
        ("10000.00", parts("8000", "10000"), True),
        ("7999.99", parts("9100", "9200"), False),
        ("10000.01", parts("9100", "9200"), False),
        ("9000.00", parts("9100"), False),
        ("9000.00", parts("9100", "7999.99"), False),
        ("9000.00", parts("9100", "9200", days=6), True),
        ("9000.00", parts("9100", "9200", days=7), False),
        ("9000.00", parts("9100", "9200", orders=True), False),
        ("45000.00", parts("41000", "49000"), True),
    ],
)
def test_three_invoices_just_under_a_threshold_within_a_week_are_a_split(
    gross: str, others: tuple[Sibling, ...], held: bool
) -> None:
    assert ("split_suspect" in codes(FINANCE, replace(large(gross), siblings=others))) is held


def test_a_split_is_approved_as_one_sum() -> None:
    [finding] = [
        f for f in propose(FINANCE, replace(large(), siblings=parts("9100", "9200"))).findings if f.code
    ]
    assert finding.money == Decimal("27300.00")
    assert "27,300.00 in all" in finding.sentence


# --- credits ---------------------------------------------------------------------------------------


def credit(gross: str = "1190.00", preceding: tuple[str, ...] = ("INV-0",), **changes: object) -> Snapshot:
    doc = document(
        line(quantity="1", price=gross), rate="0", type="credit_note", preceding=preceding, number="CN-9"
    )
    return snapshot(doc, **changes)


def note(number: str, gross: str, **changes: object) -> Sibling:
    return sibling(number, type="credit_note", gross=gross, preceding=("INV-0",), **changes)


@pytest.mark.parametrize(
    ("snap", "expected"),
    [
        (credit(), ["credit_unlinked"]),
        (credit(preceding=()), ["credit_unlinked"]),
        (credit(siblings=(sibling("INV-0"),)), []),
        (credit("1190.02", siblings=(sibling("INV-0"),)), []),
        (credit("1190.03", siblings=(sibling("INV-0"),)), ["credit_over"]),
        (credit("190.00", siblings=(sibling("INV-0"), note("CN-1", "1000.00"))), []),
        (credit("191.00", siblings=(sibling("INV-0"), note("CN-1", "1000.00"))), ["credit_over"]),
        (credit("191.00", siblings=(sibling("INV-0"), note("CN-1", "1000.00", state="rejected"))), []),
        (
            credit(
                "191.00", siblings=(sibling("INV-0"), note("CN-1", "1000.00", issue_date=date(2026, 9, 9)))
            ),
            [],
        ),
        (credit(preceding=("INV 0",), siblings=(sibling("INV-0"),)), []),
        (credit(siblings=(note("INV-0", "1190.00"),)), ["credit_unlinked"]),
    ],
)
def test_a_credit_names_an_invoice_and_takes_no_more_than_is_left(
    snap: Snapshot, expected: list[str]
) -> None:
    assert codes(FINANCE, snap) == expected


@pytest.mark.parametrize(("gross", "expected"), [("1191", []), ("1192", ["credit_over"])])
def test_a_yen_of_rounding_is_no_credit_too_many(gross: str, expected: list[str]) -> None:
    asked = credit(gross, siblings=(sibling("INV-0", currency="JPY"),))
    orders = tuple(replace(order, currency="JPY") for order in asked.orders)
    yen = replace(asked, document=replace(asked.document, currency="JPY"), orders=orders)
    assert codes(FINANCE, yen) == expected


def test_a_corrected_invoice_names_the_one_it_corrects() -> None:
    doc = document(number="RE-5", type_code="384", preceding=("INV-0",))
    assert codes(FINANCE, snapshot(doc)) == ["credit_unlinked"]
    assert codes(FINANCE, snapshot(doc, siblings=(sibling("INV-0"),))) == [
        "duplicate_suspect"
    ]  # may replace it
    less = document(line(), line(2, quantity="-2"), number="RE-5", type_code="384", preceding=("INV-0",))
    assert codes(FINANCE, snapshot(less, siblings=(sibling("INV-0"),))) == []


@given(st.lists(st.integers(1, 1500), min_size=1, max_size=4))
def test_credits_are_held_exactly_once_they_come_to_more_than_the_invoice(amounts: list[int]) -> None:
    notes = [note(f"CN-{n}", f"{a}.00") for n, a in enumerate(amounts)]
    for n, own in enumerate(amounts):
        snap = credit(f"{own}.00", siblings=(sibling("INV-0"), *notes[:n]))
        assert ("credit_over" in codes(FINANCE, snap)) is (sum(amounts[: n + 1]) > 1190)
