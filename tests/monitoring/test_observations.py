"""A recorded stream is read whole or not at all, and each line that cannot be read is named."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson
import pytest

from coordination.monitoring.observations import SHOWN, Unreadable, read_stream
from tests.monitoring.make import LINE


def lines(*rows: dict[str, Any] | bytes) -> list[bytes]:
    return [row if isinstance(row, bytes) else orjson.dumps(row) for row in rows]


def refused(*rows: dict[str, Any] | bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        read_stream(lines(*rows))
    return caught.value.message


def test_a_line_is_a_decision_with_its_place_in_the_file() -> None:
    first, second = read_stream(lines(LINE, LINE | {"amount": "7.5", "extra": 1}))
    assert (first.position, second.position) == (0, 1)
    assert second.amount == Decimal("7.5")
    assert first.stamp == LINE["at"]


def test_blank_lines_are_passed_over_and_counted() -> None:
    assert [o.position for o in read_stream(lines(LINE, b"\n", LINE))] == [0, 2]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"outcome": "maybe"}, "outcome is approve, reject or escalate, not 'maybe'"),
        ({"reviewed": "twice"}, "reviewed is no, escalated or sample, not 'twice'"),
        ({"verdict": "fine"}, "not 'fine'"),
        ({"at": "yesterday"}, "at is no time"),
        ({"at": "2026-03-02T09:00:00"}, "no time zone"),
        ({"amount": "much"}, "amount is no number"),
        ({"amount": "NaN"}, "amount is no number"),
        ({"confidence": 1.2}, "not between 0 and 1"),
        ({"confidence": None}, "confidence is a number, not null"),
        ({"latency_ms": -1}, "latency_ms cannot be -1"),
        ({"po_missing": 1}, "po_missing is true or false, not 1"),
        ({"vendor_new": "no"}, "vendor_new is true or false, not"),
        ({"agent": None}, "agent is text, not null"),
    ],
)
def test_a_value_that_means_nothing_is_refused(change: dict[str, Any], words: str) -> None:
    message = refused(LINE, LINE | change)
    assert message.startswith("line 2: ")
    assert words in message


@pytest.mark.parametrize("name", LINE)
def test_a_missing_field_is_named(name: str) -> None:
    assert refused({k: v for k, v in LINE.items() if k != name}).startswith(f"line 1: {name} missing")


@pytest.mark.parametrize("text", [b"{", b"[]", b"3", b'"x"', b"\xff"])
def test_a_line_that_is_no_object_is_refused(text: bytes) -> None:
    assert "line 1: no JSON" in refused(text)


def test_times_that_go_back_are_refused_and_equal_ones_are_not() -> None:
    later = LINE | {"at": "2026-03-02T09:00:01Z"}
    assert len(read_stream(lines(LINE, LINE, later))) == 3
    assert "line 2: 2026-03-02T09:00:00Z is earlier" in refused(later, LINE)


def test_each_bad_line_is_one_line_of_the_message_up_to_a_number() -> None:
    assert refused(b"{", LINE, b"{").splitlines() == [
        "line 1: no JSON",
        "line 3: no JSON",
        "Nothing was learned.",
    ]
    many = refused(*[b"{"] * (SHOWN + 5)).splitlines()
    assert len(many) == SHOWN + 2
    assert many[-2] == "and 5 more lines"
