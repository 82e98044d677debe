"""A fact for rules is one row: named, of a kind, said in words and read from what is ruled on."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from coordination.governance.lint import lint
from coordination.governance.policy import default_text, parse
from coordination.governance.rule_facts import FACTS, OPERATORS, Ruled, RuleFact, holds_true, release_facts
from coordination.reports.policy_words import condition
from tests.agents.make import propose, snapshot

OF_KIND = {"number": Decimal, "money": Decimal, "text": str, "codes": frozenset}
VALUES = {"number": "1", "money": "1000.00", "text": "x", "codes": "no_po"}


def ruled() -> Ruled:
    given = snapshot()
    return Ruled(propose("finance.payment", given), given, (), ())


@pytest.mark.parametrize("fact", FACTS.values(), ids=lambda f: f.name)
def test_a_fact_is_read_as_what_its_row_says(fact: RuleFact) -> None:
    value = fact.read(ruled())
    assert value is None or isinstance(value, OF_KIND[fact.kind])
    assert release_facts(ruled()).values[fact.name] == value


@pytest.mark.parametrize("fact", FACTS.values(), ids=lambda f: f.name)
def test_every_operator_of_its_kind_can_be_written_ruled_on_and_read(fact: RuleFact) -> None:
    signs = [sign for sign, row in OPERATORS.items() if fact.kind in row.kinds]
    assert signs
    for sign in signs:
        rule = {
            "id": "B-00",
            "section": "B",
            "text": "x",
            "when": [[fact.name, sign, VALUES[fact.kind]]],
            "then": "escalate",
        }
        data = json.loads(default_text())
        data["rules"].insert(6, rule)
        text = json.dumps(data)
        assert lint(text) == []
        row = parse(text, 1).rules[6]
        assert holds_true(row, release_facts(ruled()).values) in {True, False, None}
        assert condition(row).startswith(f"{fact.words} {OPERATORS[sign].words} ")
