"""Statuses and codes are said in words, each with an icon that the sprite has; a text of strangers stays
text."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils.html import escape
from hypothesis import given
from hypothesis import strategies as st

from coordination.display import words
from coordination.domain.hold_codes import CATALOGUE
from coordination.models import Invoice, PaymentBatch
from coordination.translation.canonical import QuarantineCode
from reviews.models import Status
from reviews.selectors import Person

SPRITE = Path(__file__).resolve().parents[2] / "static" / "icons.svg"
ICONS = frozenset(re.findall(r'id="([a-z-]+)"', SPRITE.read_text(encoding="utf-8")))
SHOWN: dict[str, Callable[[str], Any]] = {
    "state": words.state,
    "state_chip": words.state_chip,
    "lane": words.lane,
    "lane_chip": words.lane_chip,
    "outcome": words.outcome,
    "outcome_chip": words.outcome_chip,
    "batch_chip": words.batch_chip,
    "statement_chip": words.statement_chip,
    "line_result": words.line_result,
    "position_chip": words.position_chip,
    "result_word": words.result_word,
}
HOSTILE = "<script>alert(1)</script>"


def icons_of(markup: str) -> list[str]:
    return re.findall(r'href="[^"#]*#([^"]*)"', markup)


def text_of(markup: str) -> str:
    """What is read of it, with its entities."""
    return re.sub(r"<[^>]*>", "", markup)


# --- the tables are whole -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "table"),
    [
        ({str(v) for v, _ in Invoice._meta.get_field("state").choices or ()}, words.STATES),
        ({str(v) for v, _ in Invoice._meta.get_field("lane").choices or ()}, words.LANES),
        (set(Status.values), words.OUTCOMES),
        (set(PaymentBatch.Status.values), words.BATCHES),
    ],
    ids=["state", "lane", "question", "run"],
)
def test_every_status_has_words_of_its_own(known: set[str], table: dict[str, Any]) -> None:
    assert known
    assert known <= table.keys()


@pytest.mark.parametrize(
    "table",
    [
        words.STATES,
        words.LANES,
        words.OUTCOMES,
        words.BATCHES,
        words.STATEMENTS,
        words.LINE_RESULTS,
        words.POSITIONS,
        words.RESULTS,
    ],
)
def test_every_status_has_an_icon_that_is_drawn(table: dict[str, tuple[str, ...]]) -> None:
    assert {row[0] for row in table.values()} <= ICONS


def test_every_question_and_every_code_has_an_icon_that_is_drawn() -> None:
    assert set(words.QUESTIONS.values()) <= ICONS
    assert {row.icon for row in CATALOGUE.values() if row.icon} <= ICONS
    assert "question" in ICONS


def test_no_two_answers_to_a_question_look_and_read_alike() -> None:
    assert len({text for _, text in words.OUTCOMES.values()}) == len(words.OUTCOMES)
    assert len({text for _, text in words.LANES.values()}) == len(words.LANES)
    assert len(set(words.VERDICT_KEYS.values())) == len(words.VERDICT_KEYS)
    assert words.VERDICT_KEYS.keys() == words.VERDICT_WORDS.keys()


# --- one status ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("show", "value", "icon", "text"),
    [
        ("state", "received", "document", "Received"),
        ("state_chip", "paid", "check-ring", "Paid"),
        ("lane", "auto", "agent", "Automatic"),
        ("lane_chip", "human", "person", "Decided by a person"),
        ("lane", "open", "turn", "Being decided"),
        ("outcome", "withdrawn", "return", "Withdrawn"),
        ("outcome_chip", "partial", "half", "Partial"),
        ("batch_chip", "executed", "check-ring", "Paid"),
        ("batch_chip", "refused", "cross-ring", "Refused"),
        ("statement_chip", "open", "scales", "Differs"),
        ("statement_chip", "agreed", "check-ring", "Agrees"),
        ("line_result", "missing_invoice", "document", "Invoice missing"),
        ("line_result", "", "clock", "Not compared yet"),
        ("position_chip", "act", "check", "Approve"),
        ("position_chip", "wait", "clock", "Wait"),
        ("result_word", "quarantined", "octagon", "Quarantined"),
    ],
)
def test_a_status_is_its_icon_and_its_word(show: str, value: str, icon: str, text: str) -> None:
    markup = SHOWN[show](value)
    assert (icons_of(markup), text_of(markup)) == ([icon], text)
    assert 'aria-hidden="true"' in markup


@pytest.mark.parametrize("show", sorted(SHOWN))
def test_a_status_that_nobody_knows_is_a_question_mark_with_its_own_name(show: str) -> None:
    markup = SHOWN[show]("teleported")
    assert icons_of(markup) == ["question"]
    assert text_of(markup).casefold() == "teleported"


@pytest.mark.parametrize("show", sorted(SHOWN))
def test_a_status_cannot_bring_markup(show: str) -> None:
    markup = SHOWN[show](HOSTILE)
    assert "<script" not in markup.casefold()
    assert "&lt;" in markup


@given(st.text(min_size=1, max_size=30), st.sampled_from(["lane", "outcome", "batch_chip", "statement_chip"]))
def test_an_unknown_status_stands_there_to_the_letter(value: str, show: str) -> None:
    tables = {
        "lane": words.LANES,
        "outcome": words.OUTCOMES,
        "batch_chip": words.BATCHES,
        "statement_chip": words.STATEMENTS,
    }
    if value not in tables[show]:  # type: ignore[operator]
        assert f"<span>{escape(value)}</span>" in SHOWN[show](value)


def test_only_what_is_paid_is_green_among_runs() -> None:
    green = {status for status in words.BATCHES if 'class="chip ok"' in words.batch_chip(status)}
    assert green == {"executed", "paid"}


# --- reasons ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_a_reason_has_the_icon_of_its_code_or_else_of_its_question(code: str) -> None:
    row = CATALOGUE[code]
    markup = words.reason_chip({"code": code, "question": row.question, "words": row.words})
    assert icons_of(markup) == [row.icon or words.QUESTIONS.get(row.question, "gauge")]
    assert text_of(markup) == escape(row.words)


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ({"words": "price over order", "excess": "+6.0 %"}, "price over order +6.0 %"),
        ({"words": "price over order", "excess": "1234.50 EUR"}, "price over order EUR 1,234.50"),
        ({"words": "no receipt", "until": "2026-09-20"}, "no receipt waiting"),
        ({"words": "no receipt", "until": "2026-09-20", "excess": "+8"}, "no receipt waiting"),
        ({"words": "tax differs"}, "tax differs"),
        ({"words": "tax differs", "excess": ""}, "tax differs"),
        ({}, ""),
    ],
)
def test_a_reason_says_its_size_or_that_it_waits(reason: dict[str, Any], text: str) -> None:
    assert text_of(words.reason_chip(reason)) == text


def test_a_reason_of_no_code_and_no_question_still_has_an_icon() -> None:
    assert icons_of(words.reason_chip({"code": "gone", "words": "gone"})) == ["gauge"]


@pytest.mark.parametrize("field", ["words", "excess"])
def test_a_reason_cannot_bring_markup(field: str) -> None:
    assert "<script" not in words.reason_chip({"code": "price_over", "words": "x", field: HOSTILE})


@pytest.mark.parametrize(
    ("excess", "shown"),
    [
        ("113.60 EUR", "EUR 113.60"),
        ("1234567.00 USD", "USD 1,234,567.00"),
        ("+6.0 %", "+6.0 %"),
        ("+8", "+8"),
        ("113.60", "113.60"),
        ("113.60 EURO", "113.60 EURO"),
        ("113.60 eur", "113.60 eur"),
        ("", ""),
    ],
)
def test_only_an_amount_with_its_currency_reads_as_money(excess: str, shown: str) -> None:
    assert words.sized(excess) == shown


# --- codes in words -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_a_hold_is_said_as_its_row_says_it(code: str) -> None:
    assert words.hold_words(code) == CATALOGUE[code].words
    assert "_" not in words.hold_words(code)


@pytest.mark.parametrize(
    ("code", "shown"), [("of_the_future", "of the future"), ("plain", "plain"), ("", ""), (7, "7")]
)
def test_a_code_without_a_row_is_read_with_spaces(code: Any, shown: str) -> None:
    assert words.plain_words(code) == shown
    assert words.hold_words(code) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("CreditNote", "Credit note"),
        ("credit_note", "Credit note"),
        ("invoice", "Invoice"),
        ("ReceiptAdvice", "Receipt advice"),
        ("UBLInvoice", "Ublinvoice"),
        ("", ""),
    ],
)
def test_a_type_reads_alike_however_it_is_written(name: str, shown: str) -> None:
    assert words.type_words(name) == shown


@pytest.mark.parametrize("code", [str(code) for code in QuarantineCode])
def test_why_a_file_is_in_quarantine_is_said_in_words(code: str) -> None:
    said = words.quarantine_words(code)
    assert said
    assert "_" not in said


@pytest.mark.parametrize("code", sorted(words.RESPONSES))
def test_an_answer_to_the_vendor_is_never_shown_as_its_code(code: str) -> None:
    assert words.response_words(code) == words.RESPONSES[code]
    assert words.RESPONSES[code] != code


def test_an_answer_that_the_standard_does_not_know_stays_as_it_is() -> None:
    assert words.response_words("ZZ") == "ZZ"


def test_every_answer_that_a_hold_gives_the_vendor_has_words() -> None:
    given_ = {row.vendor.response for row in CATALOGUE.values() if row.vendor}
    assert given_
    assert given_ <= words.RESPONSES.keys()


@pytest.mark.parametrize(
    ("verdict", "key", "word"),
    [
        ("approve", "A", "Approve"),
        ("reject", "R", "Reject"),
        ("override", "V", "Override"),
        ("partial", "P", "Partial"),
        ("dance", "", "Dance"),
        ("", "", ""),
    ],
)
def test_a_verdict_has_a_key_and_a_word(verdict: str, key: str, word: str) -> None:
    assert (words.verdict_key(verdict), words.verdict_word(verdict, "gone_by")) == (key, word)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("ubl-2.1", "UBL 2.1"),
        ("cii-d16b", "CII D16B"),
        ("csv-invoices", "CSV invoices"),
        ("xlsx", "Excel"),
        ("zugferd-2.3", "ZUGFeRD 2.3"),
        ("factur-x-1.0", "Factur-X 1.0"),
        ("order-x", "Order-X"),
        ("pdf-text", "PDF text"),
        ("ublish", "ublish"),
        ("carrier pigeon", "carrier pigeon"),
        ("", ""),
    ],
)
def test_a_format_is_said_as_people_say_it(value: str, shown: str) -> None:
    assert words.format_words(value) == shown


# --- who ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "initials"),
    [("Alice Adams", "AA"), ("Bob", "B"), ("c.dora.evans", "CE"), ("Anna Maria von Berg", "AB"), ("", "")],
)
def test_a_person_is_a_circle_with_initials(name: str, initials: str) -> None:
    markup = words.avatar(Person("human:1", name, "human"), "large")
    assert text_of(markup) == initials
    assert "large" in markup


def test_an_agent_has_no_initials_and_nobody_is_said_to_be_nobody() -> None:
    agent = words.avatar(Person("agent:finance.payment", "finance.payment", "agent"))
    assert (icons_of(agent), text_of(agent)) == (["agent"], "")
    assert 'title="finance.payment"' in agent
    assert 'title="Unassigned"' in words.avatar(None)


@pytest.mark.parametrize("kind", ["human", "agent"])
def test_a_name_cannot_bring_markup(kind: str) -> None:
    markup = words.avatar(Person("human:1", f'"><b>{HOSTILE}', kind))
    assert "<script" not in markup
    assert "<b>" not in markup


@pytest.mark.parametrize(
    ("level", "bars"),
    [("shadow", 1), ("advise", 2), ("supervised", 3), ("autonomous", 4), ("unheard", 0)],
)
def test_autonomy_is_so_many_bars_of_four_and_its_word(level: str, bars: int) -> None:
    markup = words.autonomy(level)
    assert (markup.count('class="on"'), markup.count('class="off"')) == (bars, 4 - bars)
    assert text_of(markup) == level.capitalize()


def test_a_stopped_agent_says_so_in_words() -> None:
    assert text_of(words.agent_state(True)) == "Stopped"
    assert text_of(words.agent_state(False)) == "Running"
