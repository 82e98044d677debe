"""Figures, days and texts as the pages show them, worked out by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from coordination.agents.completeness import QUOTED
from coordination.display import format as shown
from coordination.translation import values
from coordination.translation.canonical import Problem
from tests.agents.make import document, propose, snapshot

# --- figures ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "amount", "count", "signed"),
    [
        ("1234.5", "1,234.50", "1,235", "+1,234.50"),
        ("1,234.50", "1,234.50", "1,235", "+1,234.50"),
        (Decimal("-12"), "−12.00", "−12", "−12.00"),
        (0, "0.00", "0", "0.00"),
        ("-0", "0.00", "0", "0.00"),
        ("0.005", "0.01", "0", "+0.01"),
        ("-0.005", "−0.01", "0", "−0.01"),
        ("999999.995", "1,000,000.00", "1,000,000", "+1,000,000.00"),
        (None, "–", "–", "–"),
        ("", "–", "–", "–"),
        ("twelve", "–", "–", "–"),
        ("NaN", "–", "–", "–"),
        ("Infinity", "–", "–", "–"),
        ("1 000", "–", "–", "–"),
    ],
)
def test_a_figure_by_hand(value: Any, amount: str, count: str, signed: str) -> None:
    assert (shown.amount(value), shown.count(value), shown.signed(value)) == (amount, count, signed)


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [("6.04", 1, "+6.0"), ("-6.05", 1, "−6.1"), ("0.04", 1, "0.0"), ("6.5", 0, "+7"), ("-0.4", 0, "0")],
)
def test_a_variance_of_fewer_places_has_the_sign_of_what_is_shown(value: str, places: int, text: str) -> None:
    assert shown.signed(value, places) == text


@pytest.mark.parametrize(
    ("value", "quantity", "price"),
    [
        ("24", "24", "24.00"),
        ("24.000", "24", "24.00"),
        ("2.50", "2.5", "2.50"),
        ("0.125", "0.125", "0.125"),
        ("1200", "1,200", "1,200.00"),
        ("-3.5", "−3.5", "−3.50"),
        ("0", "0", "0.00"),
        ("0.000", "0", "0.00"),
        (None, "–", "–"),
        ("", "–", "–"),
        ("two packs", "two packs", "two packs"),
    ],
)
def test_a_quantity_and_a_price_by_hand(value: Any, quantity: str, price: str) -> None:
    assert (shown.quantity(value), shown.price(value)) == (quantity, price)


@pytest.mark.parametrize(
    ("part", "base", "text"),
    [
        (11, 13, "84.6"),
        (1, 3, "33.3"),
        (2, 3, "66.7"),
        (0, 5, "0.0"),
        (5, 5, "100.0"),
        ("1.5", "3", "50.0"),
        (1, 0, "–"),
        (None, 5, "–"),
        (5, None, "–"),
        ("x", 5, "–"),
    ],
)
def test_a_share_by_hand(part: Any, base: Any, text: str) -> None:
    assert shown.percent(part, base) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (4380000, "4.38 m"),
        ("38114.20", "38,114"),
        (-2500000, "−2.50 m"),
        (1_000_000, "1.00 m"),
        (999_999, "999,999"),
        (None, "0"),
        ("none", "0"),
    ],
)
def test_a_sum_for_a_chart_is_short(value: Any, text: str) -> None:
    assert shown.compact(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0.91", "91.0%"),
        (1, "100.0%"),
        (0, "0.0%"),
        ("1.5", "100.0%"),
        ("-1", "0.0%"),
        (None, "0%"),
        ("sure", "0%"),
        ("0.333", "33.3%"),
    ],
)
def test_a_confidence_is_never_longer_than_its_bar(value: Any, text: str) -> None:
    assert shown.per_cent_of_one(value) == text


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9))
def test_every_bar_is_between_nothing_and_all(value: Decimal) -> None:
    assert 0 <= float(shown.per_cent_of_one(value).rstrip("%")) <= 100


# --- evidence -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1190.00 EUR", "EUR 1,190.00"),
        ("1190.00", "1,190.00"),
        ("-5.00", "−5.00"),
        ("-5.00 USD", "USD −5.00"),
        ("1190.0", "1190.0"),
        ("1190", "1190"),
        ("1190.000", "1190.000"),
        ("PO-1190.00", "PO-1190.00"),
        ("1190.00 eur", "1190.00 eur"),
        ("DE89370400440532013000", "DE89370400440532013000"),
        (None, "None"),
        ("", ""),
    ],
)
def test_only_what_is_written_as_an_amount_is_read_as_one(value: Any, text: str) -> None:
    assert shown.evidence_value(value) == text


@given(st.text(max_size=40).filter(lambda text: not shown.VALUE.fullmatch(text)))
def test_a_value_that_is_no_amount_is_shown_as_it_was_found(text: str) -> None:
    assert shown.evidence_value(text) == text


@given(st.decimals(min_value=-(10**15), max_value=10**15, places=2), st.sampled_from(["EUR", "JPY", "USD"]))
def test_an_amount_among_evidence_loses_nothing(value: Decimal, currency: str) -> None:
    code, _, figure = shown.evidence_value(f"{value:.2f} {currency}").partition(" ")
    assert code == currency
    assert Decimal(figure.replace(",", "").replace("−", "-")) == value


TOO_LONG = "9" * 30 + ".00"
"""An amount as a document may state it; no reader takes it."""


def test_an_amount_of_too_many_digits_is_put_to_a_person_as_it_stands() -> None:
    with pytest.raises(values.BadValueError, match="more than 15 digits"):
        values.decimal(TOO_LONG)
    assert len(TOO_LONG) <= QUOTED
    problem = Problem("gross", "/Invoice/TaxInclusiveAmount", TOO_LONG, "a number with too many digits")
    unread = replace(document(), gross=None, unreadable=(problem,))
    findings = propose("finance.validation", snapshot(unread, gross_company=None)).findings
    assert TOO_LONG in {f.found for f in findings if f.code == "missing_data"}


@pytest.mark.parametrize("value", [TOO_LONG, f"{TOO_LONG} EUR"])
def test_a_question_about_an_amount_of_too_many_digits_can_be_shown(value: str) -> None:
    assert "999" in shown.evidence_value(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("2 % or 100.00", "2 %, at most 100.00"),
        ("1.5 % or 20.00", "1.5 %, at most 20.00"),
        ("0.02", "0.02"),
        ("1000.00 EUR", "EUR 1,000.00"),
        ("received + 0", "received + 0"),
        ("–", "–"),
    ],
)
def test_a_tolerance_says_where_it_ends(value: str, text: str) -> None:
    assert shown.limits(value) == text


# --- days and times -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "day", "weekday"),
    [
        (date(2026, 11, 20), "20 Nov 2026", "Fri 20 Nov 2026"),
        ("2026-11-20", "20 Nov 2026", "Fri 20 Nov 2026"),
        ("2024-02-29", "29 Feb 2024", "Thu 29 Feb 2024"),
        (date(2026, 3, 1), "1 Mar 2026", "Sun 1 Mar 2026"),
        ("2023-02-29", "–", "–"),
        ("20.11.2026", "–", "–"),
        ("tomorrow", "–", "–"),
        ("", "–", "–"),
        (None, "–", "–"),
        (20261120, "–", "–"),
    ],
)
def test_a_day_by_hand(value: Any, day: str, weekday: str) -> None:
    assert (shown.day(value), shown.weekday(value)) == (day, weekday)


INSTANT = datetime(2026, 7, 1, 22, 30, 7, 204999, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day", "clock", "exact", "name"),
    [
        ("UTC", "1 Jul 2026", "22:30", "22:30:07.204", "UTC"),
        ("Europe/Berlin", "2 Jul 2026", "00:30", "00:30:07.204", "CEST"),
        ("America/New_York", "1 Jul 2026", "18:30", "18:30:07.204", "EDT"),
        ("Asia/Kathmandu", "2 Jul 2026", "04:15", "04:15:07.204", "UTC+05:45"),
        ("Pacific/Kiritimati", "2 Jul 2026", "12:30", "12:30:07.204", "UTC+14:00"),
    ],
)
def test_one_moment_in_the_zones_of_the_world(zone: str, day: str, clock: str, exact: str, name: str) -> None:
    with timezone.override(zone):
        assert shown.day(INSTANT) == shown.day(INSTANT.isoformat()) == day
        assert shown.clock_time(INSTANT) == clock
        assert shown.clock_time(INSTANT, "%H:%M:%S") == f"{clock}:07"
        assert shown.exact_time(INSTANT) == exact
        assert shown.zone_of(INSTANT) == name


@pytest.mark.parametrize(
    "show", [shown.when, shown.when_zoned, shown.clock_time, shown.exact_time, shown.age]
)
@pytest.mark.parametrize("value", [None, "", "soon", date(2026, 7, 1), datetime(2026, 7, 1, 12), 7])
def test_what_is_no_moment_of_a_zone_is_a_dash(show: Any, value: Any) -> None:
    assert show(value) == "–"


def test_another_year_is_said() -> None:
    with timezone.override("UTC"):
        assert shown.when(datetime(1999, 11, 18, 14, 3, tzinfo=UTC)) == "18 Nov 1999 14:03"
        assert shown.when_zoned("1999-11-18T14:03:00+00:00") == "18 Nov 1999 14:03 UTC"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 ms"),
        (240, "240 ms"),
        ("999.4", "999 ms"),
        (1000, "1.0 s"),
        (1249, "1.2 s"),
        (1250, "1.3 s"),
        (59_940, "59.9 s"),
        (60_000, "1 m"),
        (240_000, "4 m"),
        (3_600_000, "1 h 0 m"),
        (None, "–"),
        ("slow", "–"),
    ],
)
def test_how_long_an_agent_took_by_hand(value: Any, text: str) -> None:
    assert shown.milliseconds(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0", "0 m 0 s"),
        ("59", "0 m 59 s"),
        (207, "3 m 27 s"),
        (3599, "59 m 59 s"),
        (3600, "1 h 0 m"),
        (90_000, "1 d 1 h"),
        ("-5", "–"),
        ("1.5", "–"),
        ("", "–"),
        (None, "–"),
    ],
)
def test_how_long_somebody_looked_by_hand(value: Any, text: str) -> None:
    assert shown.lasting(value) == text


# --- texts --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("9f2c" + "0" * 56 + "e41a", "9f2c…e41a"),
        ("abcdefghijklm", "abcd…jklm"),
        ("abcdefghijkl", "abcdefghijkl"),
        ("", ""),
    ],
)
def test_a_digest_is_cut_in_the_middle_and_a_short_text_is_not(value: str, text: str) -> None:
    assert shown.short_hash(value) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("DE89370400440532013000", "DE89 … 3000"),
        ("12345678901", "1234 … 8901"),
        ("1234567890", "1234567890"),
        ("", ""),
    ],
)
def test_an_account_shows_its_ends(number: str, text: str) -> None:
    assert shown.masked_account(number) == text


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("It is EUR 1,190.00 too much.", "It is <b>EUR 1,190.00</b> too much."),
        ("EUR 5 and USD 6.50", "<b>EUR 5</b> and <b>USD 6.50</b>"),
        ("RE-7 of V-1", "RE-7 of V-1"),
        ("<b>EUR 5</b>", "&lt;b&gt;<b>EUR 5</b>&lt;/b&gt;"),
        ("XEUR 5", "XEUR 5"),
        ("", ""),
        (None, ""),
    ],
)
def test_amounts_in_a_sentence_stand_out_and_nothing_else_does(text: Any, markup: str) -> None:
    assert shown.bold_amounts(text) == markup


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_json_to_read_is_the_same_json(value: Any) -> None:
    assert json.loads(shown.pretty(value)) == value


def test_json_to_read_keeps_its_order_and_its_letters() -> None:
    assert shown.pretty({"b": "ä", "a": 1}) == '{\n  "b": "ä",\n  "a": 1\n}'
