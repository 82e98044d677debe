"""A hold code is one row of `coordination.domain.hold_codes`: no other module keeps a table of them."""

from __future__ import annotations

import ast
import re
from string import Formatter

import pytest

from coordination.agents import OWNERS
from coordination.domain.hold_codes import CATALOGUE, QUEUES, ROWS, HoldCode
from coordination.questions.invoice_reasons import REASONS
from tests.architecture.modules import Module, modules
from tests.conftest import ROOT

TABLE = "coordination.domain.hold_codes"
ALLOWED: dict[str, str] = {
    "coordination.world.office": "what the people of the demonstration answer; the trade has no opinion",
    "coordination.oversight.draw": "which cases can be imitated: it says nothing of a code but that",
}
"""Modules that name several codes in one literal, and why."""

REASON_CODES = {c.code: c for codes in REASONS.values() for c in codes}

FILLED = {
    "clause": {"line", "excess", "found", "expected", "tolerance"},
    "clause_of_lines": {"lines"},
}
"""What the texts of a row may be filled with."""


def tables(module: Module) -> list[int]:
    """Lines of literals with two hold codes and more as keys of a dictionary or members of a set."""
    found = []
    for node in ast.walk(module.tree):
        members = node.keys if isinstance(node, ast.Dict) else node.elts if isinstance(node, ast.Set) else []
        codes = {m.value for m in members if isinstance(m, ast.Constant) and m.value in CATALOGUE}
        if len(codes) > 1:
            found.append(node.lineno)
    return found


def test_no_other_module_has_a_table_of_hold_codes() -> None:
    others = [m for m in modules().values() if m.name not in {TABLE, *ALLOWED}]
    assert {m.name: lines for m in others if (lines := tables(m))} == {}, (
        "add a field to the row, or say in ALLOWED why not"
    )


def test_what_is_allowed_is_still_there() -> None:
    assert [name for name in ALLOWED if not tables(modules()[name])] == []


def test_a_table_is_seen() -> None:
    source = 'A = {"no_po": 1, "price_over": 2}\nB = frozenset({"no_po", "price_over"})\nC = {"no_po"}'

    class Written(Module):
        tree = ast.parse(source)

    assert tables(Written(ROOT)) == [1, 2]


def test_a_code_is_in_the_table_once() -> None:
    assert len(ROWS) == len(CATALOGUE)


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.code)
def test_a_row_is_complete(row: HoldCode) -> None:
    assert re.fullmatch("[a-z][a-z_]+", row.code)
    assert row.owner in QUEUES
    assert row.question in OWNERS, "no agent answers this question"
    assert row.words
    assert row.clause
    assert not row.clause.endswith(".")
    assert row.words == row.words.strip()
    assert row.reasons <= REASON_CODES.keys(), "no such reason code (`questions.invoice_reasons`)"
    assert row.explains <= {"arithmetic", "duplicate", "price", "quantity_received", "vendor_bank"}


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.code)
def test_the_texts_of_a_row_are_filled_with_what_a_finding_has(row: HoldCode) -> None:
    for field, known in FILLED.items():
        assert _names(getattr(row, field)) <= known
    if row.vendor:
        assert row.vendor.words.endswith(".")
        assert _names(row.vendor.words) == set()
        assert _names(row.vendor.sentence) <= {"line", "found", "expected"}


def _names(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_the_icons_of_the_rows_are_in_the_sprite() -> None:
    sprite = (ROOT / "static" / "icons.svg").read_text(encoding="utf-8")
    assert [row.code for row in ROWS if row.icon and f'id="{row.icon}"' not in sprite] == []


def test_the_review_queue_has_the_reasons_of_the_rows() -> None:
    named = frozenset[str]().union(*(row.reasons for row in ROWS))
    for name, reason in REASON_CODES.items():
        found = {row.code for row in ROWS if name in row.reasons} if name in named else None
        assert (reason.causes and set(reason.causes)) == found


def test_every_code_that_is_raised_has_a_row() -> None:
    raised = {
        word.value.value: module.name
        for module in modules().values()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Finding"
        for word in node.keywords
        if word.arg == "code" and isinstance(word.value, ast.Constant) and word.value.value
    }
    assert len(raised) > 20
    assert {code: name for code, name in raised.items() if code not in CATALOGUE} == {}
