"""What an agent said is shown in words, whatever codes it was kept with."""

from __future__ import annotations

import pytest

from coordination.display.reasoning import reasoning_in_words
from coordination.monitoring.alarms import kind_in_words


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            "1 holds stand against paying EUR 2,502.62: credit_over.",
            "1 hold stands against paying EUR 2,502.62: credit too high.",
        ),
        (
            "2 holds stand against paying EUR 5.00: no_po, price_over.",
            "2 holds stand against paying EUR 5.00: no order named, price over.",
        ),
        (
            "2 holds stand against paying EUR 5.00: of_another_time.",
            "2 holds stand against paying EUR 5.00: of another time.",
        ),
        (
            "Only no_receipt is missing; it may still come.",
            "It waits for what may still come: no receipt.",
        ),
        ("Line 1 of INV_1 is over.", "Line 1 of INV_1 is over."),
        ("", ""),
    ],
)
def test_codes_are_read_as_words_and_one_hold_stands(said: str, shown: str) -> None:
    assert reasoning_in_words(said) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("credit_note", "credit note"),
        ("version 2_1", "version 2_1"),
        ("high amount", "high amount"),
    ],
)
def test_a_kind_of_work_is_read_in_words_and_a_version_as_it_is_called(name: str, shown: str) -> None:
    assert kind_in_words(name) == shown
