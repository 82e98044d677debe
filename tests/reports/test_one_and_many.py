"""Papers and refusals say one thing in the singular and several in the plural."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from audit import sampling
from audit.sampling import Item, NoSample
from audit.words import how_many
from coordination.governance.policy import default_text
from coordination.reports.blocks import Facts
from coordination.reports.policy_words import policy_blocks
from coordination.reports.table import RunningTotal
from coordination.reports.words import clipped
from coordination.reports.writers import totals_in_words
from tests.agents.make import POLICY


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 days"), (1, "1 day"), (2, "2 days"), (-1, "-1 days"), (1000, "1,000 days"), (1001, "1,001 days")],
)
def test_one_of_a_thing_has_no_s(count: int, words: str) -> None:
    assert how_many(count, "day") == words


@pytest.mark.parametrize(
    ("text", "shown"),
    [("abc", "ab … (1 character more)"), ("abcd", "ab … (2 characters more)"), ("ab", "ab")],
)
def test_what_was_cut_off_is_counted_in_words(text: str, shown: str) -> None:
    assert clipped(text, 2) == shown


@pytest.mark.parametrize(
    ("credits_", "said"),
    [
        (0, "300.00 in 3"),
        (1, "300.00 in 3; of them 1 credit note, 100.00"),
        (2, "300.00 in 3; of them 2 credit notes, 200.00"),
    ],
)
def test_credit_notes_among_the_sums_are_counted_in_words(credits_: int, said: str) -> None:
    counted = RunningTotal()
    for n in range(3):
        counted.add(f"key-{n}", "credit_note" if n < credits_ else "invoice", "EUR", Decimal(100))
    assert totals_in_words(counted) == [("Invoices", "3"), ("Gross EUR", said)]


def settings(**changes: Any) -> dict[str, str]:
    policy = replace(POLICY, **changes)
    blocks = [b for b in policy_blocks(policy, default_text()) if isinstance(b, Facts)]
    return {name: value for block in blocks for name, value in block.rows}


@pytest.mark.parametrize(
    ("field", "name", "said"),
    [
        ("receipt_wait_days", "A missing receipt", "is waited for {} from"),
        ("backlog_days", "An old invoice", "dated more than {} before it came"),
        ("duplicate_days", "Duplicates", "gross within {} and a similar number"),
        ("split_days", "Splits", "of one vendor within {}, each"),
        ("dormant_days", "A vendor not paid for", "{} counts as dormant"),
        ("ahead_days", "A date ahead", "issued more than {} after it came"),
        ("oldest_days", "A date of old", "issued more than {} before it came"),
    ],
)
def test_the_days_of_a_policy_are_counted_in_words(field: str, name: str, said: str) -> None:
    for days, words in ((1, "1 day"), (2, "2 days"), (0, "0 days")):
        assert said.format(words) in settings(**{field: days})[name]


def test_the_hours_of_a_queue_are_counted_in_words() -> None:
    found = settings(sla_hours=(("finance", 1), ("procurement", 48)))
    assert found["Queue finance answers within"] == "1 hour"
    assert found["Queue procurement answers within"] == "48 hours"


@pytest.mark.parametrize(
    ("count", "said"), [(1, "has 1 item; 3"), (2, "has 2 items; 3"), (0, "has 0 items; 3")]
)
def test_a_population_too_small_for_a_sample_is_counted_in_words(count: int, said: str) -> None:
    population = [Item(f"INV-{n}", Decimal(1)) for n in range(count)]
    with pytest.raises(NoSample, match=said):
        sampling.random_sample(population, 3, "seed")
