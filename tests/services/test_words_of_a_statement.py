"""The question about a statement of account says in words how many of its lines differ."""

from __future__ import annotations

from decimal import Decimal

import pytest

from coordination.agents.statement_facts import LineResult, Reconciliation
from coordination.models import Statement
from coordination.services.statements import questions


def asked(differing: int, lines: int) -> str:
    """The question about a statement of which so many lines differ."""
    found = tuple(
        LineResult(n, "wrong_amount" if n < differing else "matched", "x", Decimal(2), Decimal(1))
        for n in range(lines)
    )
    whole = Reconciliation(found, (), (), Decimal(0), Decimal(0))
    return questions._text(Statement(number="ST-1"), "Hartmann GmbH", whole)


@pytest.mark.parametrize(
    ("differing", "lines", "said"),
    [
        (1, 1, "1 of 1 line differs"),
        (1, 3, "1 of 3 lines differs"),
        (3, 3, "3 of 3 lines differ"),
        (0, 3, "the books differ"),
        (0, 0, "the books differ"),
    ],
)
def test_the_lines_that_differ_are_counted_in_words(differing: int, lines: int, said: str) -> None:
    assert asked(differing, lines) == f"Accept the statement ST-1 of Hartmann GmbH, although {said}?"
