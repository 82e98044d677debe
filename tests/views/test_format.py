"""Numbers and dates as shown."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from coordination.display import format as shown
from coordination.display.words import format_words, reason_chip
from reviews.models import Escalation
from reviews.selectors import clock_of


@pytest.mark.parametrize(
    ("given", "expected"),
    [("9522.86", "9,522.86"), ("0", "0.00"), ("-12", "−12.00"), (None, "–"), ("", "–"), ("2.675", "2.68")],
)
def test_amounts_have_two_decimals_and_a_real_minus(given: object, expected: str) -> None:
    assert shown.amount(given) == expected


@pytest.mark.parametrize(("given", "expected"), [("113.6", "+113.60"), ("-12", "−12.00"), ("0", "0.00")])
def test_variances_carry_their_sign(given: str, expected: str) -> None:
    assert shown.signed(given) == expected


@pytest.mark.parametrize(
    ("given", "quantity", "price"),
    [
        ("24.000000", "24", "24.00"),
        ("2.5", "2.5", "2.50"),
        ("0.0125", "0.0125", "0.0125"),
        ("1e3", "1,000", "1,000.00"),
    ],
)
def test_quantities_and_prices_are_as_precise_as_given(given: str, quantity: str, price: str) -> None:
    assert (shown.quantity(given), shown.price(given)) == (quantity, price)


def test_money_puts_the_code_first_and_escapes_it() -> None:
    assert shown.money("1284.16", "EUR") == '<span class="cur">EUR</span> <span class="num">1,284.16</span>'
    assert "<b>" not in shown.money("1", "<b>")


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, "0 s"), (59, "59 s"), (540, "9 m"), (17760, "4 h 56 m"), (532800, "6 d 4 h"), (-5, "0 s")],
)
def test_durations(seconds: int, expected: str) -> None:
    assert shown.duration(timedelta(seconds=seconds)) == expected


def test_days_are_in_words_and_in_the_persons_zone() -> None:
    late = datetime(2026, 11, 19, 23, 30, tzinfo=UTC)
    assert shown.day("2026-11-20") == "20 Nov 2026"
    with timezone.override("Europe/Berlin"):
        assert shown.weekday(late) == "Fri 20 Nov 2026"
        assert shown.clock_time(late) == "00:30"


def test_amounts_in_a_sentence_are_bold_and_the_rest_is_escaped() -> None:
    assert shown.bold_amounts("Pays EUR 9,332.40 to <A>.") == "Pays <b>EUR 9,332.40</b> to &lt;A&gt;."


@pytest.mark.parametrize(("value", "expected"), [("4380000", "4.38 m"), ("38114.2", "38,114"), ("0", "0")])
def test_compact_amounts(value: str, expected: str) -> None:
    assert shown.compact(value) == expected


def test_only_hard_stops_are_red() -> None:
    soft = {
        "code": "price_over",
        "words": "price over",
        "excess": "+6.0 %",
        "question": "price",
        "hard": False,
    }
    assert "hard" not in reason_chip(soft)
    assert "<b>+6.0 %</b>" in reason_chip(soft)
    assert "hard" in reason_chip(soft | {"hard": True})
    assert "EUR 16,215.94" in reason_chip(soft | {"excess": "16215.94 EUR"})


@pytest.mark.parametrize(
    ("hours_open", "hours_left", "text", "level"),
    [
        (1, 5, "5 h 0 m · discount", ""),
        (6, 5, "5 h 0 m · discount", "warn"),
        (6, -2, "overdue 2 h 0 m", "bad"),
    ],
)
def test_the_clock_warns_at_half_time_and_never_stops(
    hours_open: int, hours_left: int, text: str, level: str
) -> None:
    now = datetime(2026, 11, 19, 9, tzinfo=UTC)
    question = Escalation(
        opened_at=now - timedelta(hours=hours_open),
        due_at=now + timedelta(hours=hours_left),
        clock="discount",
    )
    with timezone.override(UTC):
        found = clock_of(question, now)
    assert (found.text, found.level) == (text, level)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("51187.68 EUR", "EUR 51,187.68"),
        ("50000.00", "50,000.00"),
        ("62", "62"),
        ("2 % or 100.00", "2 % or 100.00"),
    ],
)
def test_an_amount_among_evidence_reads_as_money(given: str, expected: str) -> None:
    assert shown.evidence_value(given) == expected


@pytest.mark.parametrize(("given", "expected"), [("0.9", "0.90"), ("0.970", "0.97"), (None, "–")])
def test_a_confidence_has_two_decimals(given: str | None, expected: str) -> None:
    assert shown.sure(given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("ubl-2.1", "UBL 2.1"),
        ("cii-d16b", "CII D16B"),
        ("csv-invoices", "CSV invoices"),
        ("pdf", "PDF"),
        ("other", "other"),
    ],
)
def test_a_format_is_named_as_people_name_it(given: str, expected: str) -> None:
    assert format_words(given) == expected
