"""What a list shows of a question: the vendor or the question itself, its number, and who is least sure."""

from __future__ import annotations

from typing import Any

import pytest

from coordination import questions
from coordination.questions import shown
from coordination.questions.payment_run import KIND as RUN
from reviews.kinds import Summary


def position(agent: str, outcome: str = "hold", confidence: str | None = "0.90") -> dict[str, Any]:
    return {"agent": agent, "outcome": outcome, "confidence": confidence}


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ({}, Summary("Pay it?", "", "", "")),
        ({"vendor": "Hartmann GmbH", "number": "INV-1"}, Summary("Hartmann GmbH", "INV-1", "", "")),
        ({"vendor": "", "number": "INV-1"}, Summary("Pay it?", "INV-1", "", "")),
        ({"vendor": None, "number": None, "positions": None}, Summary("Pay it?", "", "", "")),
        ({"number": 7}, Summary("Pay it?", "7", "", "")),
    ],
)
def test_the_title_is_the_vendor_and_else_the_question(case: dict[str, Any], expected: Summary) -> None:
    assert shown.of_vendor("Pay it?", case) == expected


@pytest.mark.parametrize(
    ("positions", "speaker"),
    [
        ([position("a")], ("a", "0.90")),
        ([position("a", "approve", "0.10"), position("b")], ("b", "0.90")),  # who approves put it not here
        ([position("a", "act", "0.10"), position("b", "note", "0.10"), position("c")], ("c", "0.90")),
        ([position("a"), position("b", confidence="0.20")], ("b", "0.20")),
        ([position("a", "approve", "0.80"), position("b", "approve", "0.70")], ("b", "0.70")),  # all approve
        ([position("a", confidence="0.9"), position("b", confidence="0.10")], ("b", "0.10")),  # as numbers
        ([position("a", confidence=None), position("b", confidence="0.99")], ("b", "0.99")),
        ([position("a", confidence=None)], ("a", "")),  # it does not say how sure it is
        ([position("a", confidence="0.50"), position("b", confidence="0.5")], ("a", "0.50")),
    ],
)
def test_who_speaks_is_the_least_sure_of_those_who_object(
    positions: list[dict[str, Any]], speaker: tuple[str, str]
) -> None:
    found = shown.of_vendor("?", {"positions": positions})
    assert (found.speaker, found.confidence) == speaker


@pytest.mark.parametrize(
    ("case", "title", "number"),
    [
        ({"number": "12"}, "Payment run 12", "12"),
        ({}, "Payment run", ""),
        ({"number": None}, "Payment run", ""),
    ],
)
def test_a_run_is_called_by_its_number(case: dict[str, Any], title: str, number: str) -> None:
    found = RUN.summary("Pay 3 payments?", case)
    assert (found.title, found.number) == (title, number)


def test_a_list_is_given_all_that_it_reads_of_a_case() -> None:
    for kind in questions.all_kinds():
        if kind.summary is shown.of_vendor:
            assert set(shown.EXCERPT) <= set(kind.excerpt)


def test_every_kind_can_be_approved_and_rejected_for_a_reason_of_its_own_words() -> None:
    for kind in questions.all_kinds():
        assert {"approve", "reject"} <= kind.reasons.keys()
        for reasons in kind.reasons.values():
            assert len({r.code for r in reasons}) == len({r.words for r in reasons}) == len(reasons)


def test_only_where_nobody_is_paid_by_it_may_makers_refuse() -> None:
    assert {k.name for k in questions.all_kinds() if k.makers_may_reject} == {"payment_run", "paid_elsewhere"}
