"""When an agent would only repeat itself, and from where the decisions on an invoice are counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from coordination.facts.answers import Answer, DecisionCount

NOW = datetime(2026, 9, 20, 12, tzinfo=UTC)
SECOND = timedelta(microseconds=1)


def answer(until: datetime | None = None) -> Answer:
    return Answer("act", Decimal("0.99"), (), "a" * 64, until, 3, 1)


def test_the_same_facts_are_answered_once() -> None:
    assert answer().holds_for("a" * 64, NOW)
    assert not answer().holds_for("b" * 64, NOW)
    assert not answer().holds_for("", NOW)


@pytest.mark.parametrize(
    ("until", "holds"),
    [
        (NOW + SECOND, True),
        (NOW, False),  # at its moment the wait is over
        (NOW - SECOND, False),
        (NOW.astimezone(timezone(timedelta(hours=9))) + SECOND, True),
        (datetime(2026, 9, 20, 13, tzinfo=timezone(timedelta(hours=2))), False),  # 11:00 UTC
    ],
)
def test_an_answer_that_waits_holds_until_its_moment(until: datetime, holds: bool) -> None:
    assert answer(until).holds_for("a" * 64, NOW) is holds


def test_an_answer_that_still_waits_does_not_hold_for_other_facts() -> None:
    assert not answer(NOW + SECOND).holds_for("b" * 64, NOW)


@pytest.mark.parametrize(
    ("fact", "counted"),
    [
        (6, DecisionCount(7, 4)),  # an older fact led to the task: the newer one counts on
        (7, DecisionCount(7, 4)),  # the same
        (8, DecisionCount(8, 0)),  # a newer one begins anew
    ],
)
def test_a_newer_fact_begins_to_count_anew(fact: int, counted: DecisionCount) -> None:
    assert DecisionCount(7, 4).since(fact) == counted


def test_an_invoice_that_was_never_decided_begins_at_its_first_fact() -> None:
    assert DecisionCount().since(0) == DecisionCount(0, 0)
    assert DecisionCount().since(1) == DecisionCount(1, 0)
