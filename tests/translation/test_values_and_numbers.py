"""Single values, numbers of documents, terms of payment and settlements: the same for every format."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.translation import identity, payment_terms, values
from coordination.translation.canonical import Account, DiscountTerm, Instalment, Invoice, Party
from coordination.translation.payment_terms import Part
from coordination.translation.settlement import settled
from coordination.translation.values import BadValueError
from tests.agents.make import document, line

MARCH = date(2026, 3, 1)
ALPHABET = "abzABZ0158oOlIsS-/. _ßéÄ１ＲⅨ٣Б\u0301\u00ad"
NUMBERS = st.text(alphabet=ALPHABET, max_size=12)

# --- values -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1,234.50", "marks between the thousands"),
        ("1.234,50", "marks between the thousands"),
        ("1'234", "marks between the thousands"),
        ("1 234,5", "marks between the thousands"),
        ("12,5", "a comma where the decimal point belongs"),
        ("2.02612E+11", "a spreadsheet has shortened"),
        ("2,02612E+11", "a spreadsheet has shortened"),
        ("2.0E7", "a spreadsheet has shortened"),
        ("#N/A", "where it has no value"),
        ("#REF!", "where it has no value"),
        ("#####", "where it has no value"),
        ("1E5", "not a decimal number"),
        ("NaN", "not a decimal number"),
        ("", "not a decimal number"),
        ("٣", "not a decimal number"),
        ("+", "not a decimal number"),
        ("1 ", "not a decimal number"),
        ("1234567890123456", "more than 15 digits before the point"),
        ("0.12345678901", "more than 10 decimals"),
    ],
)
def test_why_a_text_is_no_number_is_said(text: str, why: str) -> None:
    with pytest.raises(BadValueError, match=why):
        values.decimal(text)


@pytest.mark.parametrize("text", ["1E5", "12E34", "RE-1", "", "2026", "1.5", "#1", "E+11"])
def test_what_may_be_an_identifier_is_not_called_spoilt(text: str) -> None:
    assert values.spoilt(text) == ""


@given(st.text(max_size=20))
def test_a_number_that_is_read_is_the_number_that_is_written(text: str) -> None:
    try:
        number = values.decimal(text)
    except BadValueError:
        return
    assert set(text) <= set("0123456789.+-")
    assert number == Decimal(text)
    assert not values.spoilt(text)


@pytest.mark.parametrize(
    ("text", "zone", "day"),
    [
        ("2026-03-01", False, MARCH),
        ("2026-03-01Z", True, MARCH),
        ("2026-03-01+14:00", True, MARCH),
        ("2026-03-01-11:00", True, MARCH),
        ("1900-01-01", False, date(1900, 1, 1)),
        ("2199-12-31", False, date(2199, 12, 31)),
    ],
)
def test_a_day_is_read_whatever_its_zone(text: str, zone: bool, day: date) -> None:
    assert values.day(text, zone=zone) == day


@pytest.mark.parametrize(
    ("text", "zone", "why"),
    [
        ("2026-03-01Z", False, "not a date"),
        ("2026-03-01T10:00:00", True, "a time behind the day"),
        ("01.03.2026", False, "not a date"),
        ("46082", False, "the count by which a spreadsheet keeps days"),
        ("46082.5", False, "the count by which a spreadsheet keeps days"),
        ("2026-02-30", False, "no such day"),
        ("0026-03-01", False, "of no year between"),
        ("2200-01-01", False, "of no year between"),
        ("", False, "not a date"),
    ],
)
def test_why_a_text_is_no_day_is_said(text: str, zone: bool, why: str) -> None:
    with pytest.raises(BadValueError, match=why):
        values.day(text, zone=zone)


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (values.truth, "true", True),
        (values.truth, "0", False),
        (values.key, "N/A", ""),
        (values.key, "DummyWert", ""),
        (values.key, "PO-1", "PO-1"),
        (values.currency, "eur", "EUR"),
        (values.country, "de", "DE"),
        (values.country, "DEU", ""),
        (values.country, "Ä1", ""),
        (values.book_code, "4400/10", "4400/10"),
        (values.book_code, "A", "A"),
        (values.order_kind, "220", ""),
        (values.order_kind, "227", "227"),
        (values.is_bic, "COBADEFFXXX", True),
        (values.is_bic, "COBADEFF", True),
        (values.is_bic, "COBADEFFX", False),
        (values.is_currency, "eur", True),
        (values.is_currency, "EURO", False),
    ],
)
def test_a_code_is_read(read: Any, text: str, value: Any) -> None:
    assert read(text) == value


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (values.truth, "yes"),
        (values.truth, "TRUE"),
        (values.key, "x" * 256),
        (values.currency, "EURO"),
        (values.currency, "E1R"),
        (values.currency, ""),
        (values.book_code, ""),
        (values.book_code, "-4400"),
        (values.book_code, "4400-"),
        (values.book_code, "x" * 41),
        (values.book_code, "44=00"),
    ],
)
def test_a_code_that_is_none_is_refused(read: Any, text: str) -> None:
    with pytest.raises(BadValueError):
        read(text)


# --- numbers of documents -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "normal", "shape"),
    [
        ("RE-2026/007", "RE2026007", "RE2026007"),
        ("re 2026 007", "RE2026007", "RE2026007"),
        ("ＲＥ－１", "RE1", "RE1"),
        ("straße", "STRASSE", "5TRA55E"),
        ("STRAẞE", "STRASSE", "5TRA55E"),
        ("١٢٣", "123", "123"),
        ("00-12", "0012", "12"),
        ("OIL-S", "OILS", "115"),
        ("РЕ-1", "РЕ1", "PE1"),  # Cyrillic
        ("---", "", ""),
        ("", "", ""),
    ],
)
def test_a_number_in_its_normal_form_and_as_it_prints(text: str, normal: str, shape: str) -> None:
    assert (identity.normalised_number(text), identity.skeleton(text)) == (normal, shape)


@given(NUMBERS)
def test_a_normal_form_is_its_own_and_has_only_letters_and_digits(text: str) -> None:
    form = identity.normalised_number(text)
    assert identity.normalised_number(form) == form
    assert all(c.isalnum() for c in form)
    assert len(identity.appearance(text)) == len(form)


@given(NUMBERS, NUMBERS)
def test_to_resemble_is_mutual_and_no_case_and_no_sign_prevents_it(one: str, other: str) -> None:
    assert identity.similar_numbers(one, other) == identity.similar_numbers(other, one)
    if identity.normalised_number(one):
        assert identity.similar_numbers(one, one.swapcase())
        assert identity.similar_numbers(one, f"-{one} ")
    else:
        assert not identity.similar_numbers(one, other)


@pytest.mark.parametrize(
    ("one", "other", "similar"),
    [
        ("RE-100", "RE-1OO", True),
        ("RE-100", "RE-010", True),  # neighbours exchanged
        ("RE-100", "RE-1000", True),
        ("RE-100", "RE-100-B1", True),
        ("RE-100", "RE-100-B12", False),
        ("RE-100", "XRE-100", True),
        ("100", "RE-100", True),
        ("RE-100", "RE-211", False),
        ("007", "7", True),
        ("", "", False),
        ("--", "1", False),
    ],
)
def test_numbers_that_could_be_one(one: str, other: str, similar: bool) -> None:
    assert identity.similar_numbers(one, other) is similar


def test_several_numbers_are_each_kept_once_and_in_their_order() -> None:
    assert identity.normalised_numbers(["PO-2", "po 1", "--", "PO2", ""]) == ["PO2", "PO1"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("RE-1", "re-1", True),
        ("RE-1", "RE 1", False),
        ("RE-1", "ＲＥ－１", True),
        ("RE  1", " RE 1 ", True),
        ("RE-1", "RE-2", False),
    ],
)
def test_numbers_written_with_the_same_signs(one: str, other: str, same: bool) -> None:
    assert identity.same_signs(one, other) is same


# --- one claim ----------------------------------------------------------------------------------------------


def digest(**changes: Any) -> str:
    return identity.canonical_digest(document(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"number": "INV-2"},
        {"type": "credit_note"},
        {"issue_date": MARCH},
        {"due_date": None},
        {"currency": "USD"},
        {"account": Account("DE02120300000000202051")},
        {"order_numbers": ("PO-2",)},
        {"prepaid": "5"},
        {"rounding": "0.01"},
        {"payable": "1.00"},
        {"gross": "1190.01", "payable": "1190.00"},
        {"withheld": Decimal(10)},
        {"instalments": (Instalment(Decimal(1190), MARCH),)},
        {"discounts": (DiscountTerm(percent=Decimal(2), days=10),)},
        {"seller": Party(name="Hartmann GmbH", vat_id="DE999999999")},
    ],
)
def test_what_makes_another_claim_makes_another_digest(changes: dict[str, Any]) -> None:
    assert digest(**changes) != digest()


@pytest.mark.parametrize(
    "changes",
    [
        {"note": "Thank you."},
        {"buyer": Party(name="We")},
        {"preceding": ("RE-0",)},
        {"payment_terms": "net 30"},
        {"account": Account("DE89 3704 0044 0532 0130 00", "COBADEFFXXX")},
        {"seller": Party(name="Hartmann", vat_id="de 136695976")},
        {"tax": "190.000"},
        {"number": " INV-1 "},
    ],
)
def test_what_is_no_other_claim_leaves_the_digest(changes: dict[str, Any]) -> None:
    assert digest(**changes) == digest()


@given(st.permutations([1, 2, 3]))
def test_the_order_of_lines_is_no_other_claim(order: list[int]) -> None:
    lines = [line(n, quantity=n) for n in order]
    assert identity.canonical_digest(document(*lines)) == identity.canonical_digest(
        document(*sorted(lines, key=lambda x: x.position))
    )


# --- terms of payment ---------------------------------------------------------------------------------------


def part(amount: str | None = None, percent: str | None = None, due: date | None = None) -> Part:
    return Part(*(None if n is None else Decimal(n) for n in (amount, percent)), due=due)


@pytest.mark.parametrize(
    ("parts", "amounts"),
    [
        ([part("50"), part("50")], ["50", "50"]),
        ([part(percent="50"), part(percent="50")], ["50.00", "50.00"]),
        ([part(percent="33.33"), part(percent="33.33"), part(percent="33.34")], ["33.33", "33.33", "33.34"]),
        ([part("100"), part("100")], []),  # two ways to pay it all
        ([part("100")], []),
        ([part(percent="100")], []),
        ([part("60"), part(percent="40")], ["60", "40.00"]),
        ([part()], []),
        ([], []),
        ([part("30")], ["30"]),
    ],
)
def test_the_parts_of_a_hundred_by_hand(parts: list[Part], amounts: list[str]) -> None:
    found = payment_terms.instalments(parts, Decimal(100))
    assert [i.amount for i in found] == [Decimal(a) for a in amounts]


@given(
    st.lists(st.integers(1, 50), min_size=2, max_size=6), st.decimals(min_value=1, max_value=10**6, places=2)
)
def test_parts_of_a_hundred_per_cent_come_to_all_of_it(weights: list[int], payable: Decimal) -> None:
    shares = [Decimal(w * 100 // sum(weights)) for w in weights[:-1]]
    shares.append(100 - sum(shares, Decimal(0)))
    found = payment_terms.instalments([Part(percent=s) for s in shares], payable)
    assert not found or sum(i.amount for i in found) == payable


def test_the_earliest_part_is_first_and_one_without_a_day_last() -> None:
    parts = [part("20"), part("30", due=date(2026, 5, 1)), part("50", due=MARCH)]
    assert [i.due for i in payment_terms.instalments(parts, Decimal(100))] == [MARCH, date(2026, 5, 1), None]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("#SKONTO#TAGE=10#PROZENT=2.00#", [("2.00", 10, None)]),
        (" #SKONTO#TAGE=14#PROZENT=3.00#BASISBETRAG=500.00# \nDanke", [("3.00", 14, "500.00")]),
        (
            "#SKONTO#TAGE=7#PROZENT=3.00#\n#SKONTO#TAGE=14#PROZENT=2.00#",
            [("3.00", 7, None), ("2.00", 14, None)],
        ),
        ("#SKONTO#TAGE=10#PROZENT=2#", []),
        ("#SKONTO#TAGE=10#PROZENT=2,00#", []),
        ("2 % within 10 days", []),
        ("", []),
    ],
)
def test_discounts_in_a_text_of_terms(text: str, terms: list[tuple[str, int, str | None]]) -> None:
    expected = [DiscountTerm(Decimal(p), days=d, base=Decimal(b) if b else None) for p, d, b in terms]
    assert payment_terms.skonto(text) == expected


def test_an_offer_said_twice_is_one_and_one_of_nothing_is_none() -> None:
    offer = DiscountTerm(percent=Decimal("2.00"), days=10)
    nothing = DiscountTerm(percent=Decimal(0), days=30)
    assert payment_terms.discounts([offer, nothing], "#SKONTO#TAGE=10#PROZENT=2.00#") == (offer,)


@pytest.mark.parametrize(
    ("count", "unit", "day"),
    [
        ("10", "DAY", date(2026, 2, 10)),
        ("10", "", date(2026, 2, 10)),
        ("2", "wee", date(2026, 2, 14)),
        ("1", "MON", date(2026, 2, 28)),  # of the thirty-first
        ("13", "M", date(2027, 2, 28)),
        ("1", "ANN", date(2027, 1, 31)),
        ("0", "DAY", date(2026, 1, 31)),
        ("1.5", "DAY", None),
        ("-1", "DAY", None),
        ("3661", "DAY", None),
        ("1", "HUR", None),
    ],
)
def test_the_day_a_period_ends(count: str, unit: str, day: date | None) -> None:
    assert payment_terms.later(date(2026, 1, 31), Decimal(count), unit) == day


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(0, 1200), st.integers(0, 1200))
def test_a_longer_period_never_ends_earlier(start: date, one: int, other: int) -> None:
    for unit in ("DAY", "WEE", "MON"):
        short, long = (payment_terms.later(start, Decimal(n), unit) for n in sorted((one, other)))
        assert short is not None
        assert long is not None
        assert start <= short <= long
    assert payment_terms.later(start, Decimal(one), "DAY") == start + timedelta(days=one)


def test_a_claim_is_due_with_its_first_part_and_a_credit_has_no_terms() -> None:
    parts = (
        Instalment(Decimal(595), date(2026, 12, 1)),
        Instalment(Decimal(595), MARCH),
        Instalment(Decimal(1)),
    )
    assert payment_terms.dated(document(instalments=parts)).due_date == MARCH
    credit = payment_terms.dated(document(type="credit_note", instalments=parts, discounts=(DiscountTerm(),)))
    assert (credit.instalments, credit.discounts) == ((), ())
    assert payment_terms.dated(document()) == document()


# --- settlements --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({}, set()),
        ({"prepaid": "100"}, set()),
        ({"prepaid": "-0.01"}, {"prepaid"}),
        ({"rounding": "1.00"}, set()),
        ({"rounding": "-1.00"}, set()),
        ({"rounding": "1.01"}, {"rounding"}),
        ({"rounding": "-1.01"}, {"rounding"}),
        ({"prepaid": "-5", "rounding": "2"}, {"prepaid", "rounding"}),
        ({"number": "2.02612E+11"}, {"number"}),
        ({"number": "#REF!"}, {"number"}),
    ],
)
def test_a_settlement_that_nobody_can_read_is_named(changes: dict[str, Any], fields: set[str]) -> None:
    found = settled(document(**changes))
    assert {p.field for p in found.unreadable} == fields
    assert not ("prepaid" in fields and found.prepaid)
    assert not ("rounding" in fields and found.rounding)


@given(
    st.decimals(min_value=-3, max_value=3, places=2),
    st.decimals(min_value=-3, max_value=3, places=2),
    st.sampled_from(["invoice", "credit_note"]),
)
def test_a_settled_document_has_no_advance_below_nothing_and_no_large_rounding(
    prepaid: Decimal, rounding: Decimal, type_: str
) -> None:
    found: Invoice = settled(replace(document(prepaid=prepaid, rounding=rounding), type=type_))
    assert abs(found.rounding) <= 1
    assert found.prepaid >= 0
    assert found.number == "INV-1"
    again = settled(replace(found, unreadable=()))
    assert (again.prepaid, again.rounding, again.unreadable) == (found.prepaid, found.rounding, ())
