"""A policy on paper: each rule, tolerance and setting as a sentence, and nothing of its text left out."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.domain.hold_codes import CATALOGUE
from coordination.domain.policy import Rule, Tolerance
from coordination.governance.policy import default_text
from coordination.governance.rule_facts import FACTS, OPERATORS
from coordination.reports import policy_words
from coordination.reports.blocks import Facts, Grid, Report, Section, Text
from coordination.reports.markdown import markdown
from coordination.reports.policy_words import condition, leaves, policy_blocks, result
from tests.agents.make import POLICY


def rule(*when: tuple[str, str, str], **changes: Any) -> Rule:
    return Rule(**{"id": "B-09", "section": "B", "text": "x", "when": when, "then": "escalate"} | changes)


def settings(**changes: Any) -> dict[str, str]:
    """The lines of names and values about a policy."""
    policy = replace(POLICY, **changes)
    facts = [b for b in policy_blocks(policy, default_text()) if isinstance(b, Facts)]
    return {name: value for block in facts for name, value in block.rows}


# --- rules --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("id_", "said", "then"),
    [
        (
            "A-01",
            f"the open reasons have among them “{CATALOGUE['bank_mismatch'].words}” (bank_mismatch)",
            "one person decides, reason bank_mismatch",
        ),
        (
            "B-01",
            "the gross amount in company currency is over 50,000.00",
            "2 persons decide, reason over_threshold",
        ),
        (
            "B-02",
            "the gross amount in company currency is over 10,000.00",
            "one person decides, reason over_threshold",
        ),
        ("B-03", "the number of open reasons is over 0", "one person decides"),
        (
            "B-04",
            "the number of open reasons is 0",
            "a share of 2 % is drawn: one person decides, reason random_audit",
        ),
        (
            "B-05",
            "the number of open reasons is 0 and the confidence of the least sure agent is at least 0.80",
            "it clears without a person",
        ),
        ("Z-99", "always", "one person decides, reason low_confidence"),
    ],
)
def test_a_row_of_the_default_in_words(id_: str, said: str, then: str) -> None:
    [row] = [r for r in POLICY.rules if r.id == id_]
    assert (condition(row), result(row)) == (said, then)


@pytest.mark.parametrize("fact", sorted(FACTS))
@pytest.mark.parametrize("sign", sorted(OPERATORS))
def test_every_fact_with_every_sign_is_said_in_words(fact: str, sign: str) -> None:
    said = condition(rule((fact, sign, "1000")))
    shown = "1,000.00" if FACTS[fact].kind == "money" else "1000"
    assert said == f"{FACTS[fact].words} {OPERATORS[sign].words} {shown}"


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_a_code_is_said_in_its_words_and_named(code: str) -> None:
    assert condition(rule(("codes", "has", code))).endswith(f"“{CATALOGUE[code].words}” ({code})")


def test_what_nobody_knows_any_more_stays_as_it_is_written() -> None:
    assert condition(rule(("mood", "≈", "blue"))) == "mood ≈ blue"
    assert condition(rule(("codes", "has", "gone"))) == "the open reasons have among them gone"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"then": "auto"}, "it clears without a person"),
        ({"then": "block"}, "it is blocked"),
        ({"then": "block", "reason": "no_po"}, "it is blocked, reason no_po"),
        ({"then": "escalate", "quorum": 5}, "5 persons decide"),
        ({"then": "sample", "rate": Decimal("0.005")}, "a share of 0.5 % is drawn: one person decides"),
        ({"then": "sample", "rate": Decimal(1), "quorum": 2}, "a share of 100 % is drawn: 2 persons decide"),
        ({"then": "sample"}, "sample"),
    ],
)
def test_what_a_row_does_in_words(changes: dict[str, Any], said: str) -> None:
    assert result(rule(**changes)) == said


# --- tolerances ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tolerance", "said"),
    [
        (POLICY.price, "more than 2 % or more than 100.00 in the currency of the invoice"),
        (POLICY.quantity, "more than 0"),
        (
            POLICY.tax,
            (
                "more than 0.02 in the currency of the invoice or more than 1 of the smallest unit of its"
                " currency, whichever is more"
            ),
        ),
        (POLICY.order_amount, "more than 5 %"),
        (POLICY.charge, "more than 0.00 in the currency of the invoice"),
        (Tolerance("T-none", "", None, None), "anything: no tolerance is configured"),
        (
            Tolerance("T-01", "", Decimal("0.5"), Decimal(12345)),
            "more than 0.5 % or more than 12,345.00 in the currency of the invoice",
        ),
    ],
)
def test_a_tolerance_in_words(tolerance: Tolerance, said: str) -> None:
    assert policy_words.tolerance(tolerance) == said


# --- settings -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "name", "said"),
    [
        ({}, "Company currency", "EUR"),
        ({}, "A missing receipt", "is waited for 5 days from"),
        ({}, "An old invoice", "dated more than 365 days before"),
        ({}, "A date ahead", "issued more than 1 day after"),
        ({}, "Matching for everything else", "four-way"),
        ({"matching": (("V-1", "", 2),)}, "Matching for vendor V-1", "two-way"),
        ({"matching": (("V-1", "HUR", 3),)}, "Matching for vendor V-1 and unit HUR", "three-way"),
        ({}, "Duplicates", "within 5 days and a similar number; about a month apart (25 to 35 days)"),
        ({}, "Splits", "3 or more of one vendor within 7 days, each from 80 %"),
        ({}, "Confidence", "an answer under 0.80 goes to a person"),
        (
            {"agent_confidence": (("finance.validation", Decimal("0.95")),)},
            "Confidence",
            "an answer under 0.80 goes to a person; of finance.validation under 0.95",
        ),
        ({}, "Two vendors with one account", "is recorded, not held"),
        ({"shared_account": "hold"}, "Two vendors with one account", "is a reason to hold"),
        ({}, "A vendor not paid for", "365 days counts as dormant"),
        ({}, "A manager signs up to", "EUR 1,000,000.00"),
        ({}, "Queue payments answers within", "12 hours"),
        ({}, "Any other queue", "24 hours"),
        ({}, "A group that is not named", "signs nothing"),
        ({}, "Billed in units of 0.001", "BHD, IQD, JOD, KWD, LYD, OMR, TND; every other"),
    ],
)
def test_a_setting_in_words(changes: dict[str, Any], name: str, said: str) -> None:
    assert said in settings(**changes)[name]


def test_a_bound_that_is_not_set_is_not_printed() -> None:
    assert not {"A date ahead", "A date of old"} & settings(ahead_days=None, oldest_days=None).keys()
    assert not any(name.startswith("Billed in units") for name in settings(units=()))


# --- the whole text -----------------------------------------------------------------------------------------


def test_every_setting_of_the_text_is_printed_once_with_its_value() -> None:
    blocks = list(policy_blocks(POLICY, default_text()))
    printed = next(b for b in reversed(blocks) if isinstance(b, Grid))
    rows = [(path, value) for path, value in printed.rows]
    assert rows == [r for r in leaves(json.loads(default_text())) if not r[0].startswith("rules[")]
    assert len({path for path, _ in rows}) == len(rows)


def test_every_rule_is_printed_in_its_order() -> None:
    grids = [b for b in policy_blocks(POLICY, default_text()) if isinstance(b, Grid)]
    assert [row[0] for row in grids[1].rows] == [r.id for r in POLICY.rules]
    assert [row[0] for row in grids[0].rows] == [f"T-0{n}" for n in range(1, 7)]
    for grid in grids:
        assert len(grid.heads) == len(grid.widths)
        assert {len(row) for row in grid.rows} == {len(grid.heads)}


def test_a_policy_reads_as_markdown() -> None:
    text = markdown(
        Report("Policy", "v1", "", [Section("Rules", list(policy_blocks(POLICY, default_text())))])
    )
    assert "### Rules, in their order" in text
    assert all(r.id in text for r in POLICY.rules)
    assert all(isinstance(b, Facts | Grid | Text) for b in policy_blocks(POLICY, default_text()))


@pytest.mark.parametrize(
    ("value", "paths"),
    [
        ({}, []),
        ({"a": "1"}, [("a", "1")]),
        ({"a": {"b": ["x", {"c": "y"}]}}, [("a.b[0]", "x"), ("a.b[1].c", "y")]),
        ({"a": []}, [("a", "(none)")]),
        ({"a": None, "b": True}, [("a", "(none)"), ("b", "True")]),
        ([["x"]], [("[0][0]", "x")]),
    ],
)
def test_the_places_of_a_text(value: Any, paths: list[tuple[str, str]]) -> None:
    assert list(leaves(value)) == paths


NAMES = st.text(alphabet="abc", min_size=1, max_size=3)
TREES = st.recursive(
    st.text(max_size=4),
    lambda t: st.lists(t, min_size=1, max_size=3) | st.dictionaries(NAMES, t, min_size=1, max_size=3),
)


def _count(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value
    return 1 if isinstance(value, str) else sum(map(_count, inner))


@given(TREES)
def test_no_value_of_a_text_is_lost_or_said_under_the_name_of_another(value: Any) -> None:
    found = list(leaves(value))
    assert len(found) == _count(value)
    assert len({path for path, _ in found}) == len(found)
