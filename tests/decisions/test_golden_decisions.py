"""Golden decisions are replayed in every run: what was decided once is decided again, by the version that
decided it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from coordination.agents import REGISTRY
from coordination.decisions.replay import ARCHIVE, ENGINES, compute, equal
from coordination.domain.policy import Policy
from coordination.facts import taken
from coordination.facts.serialization import decode
from coordination.governance import policy as rules
from coordination.translation.canonical import Invoice

HERE = Path(__file__).parent / "golden"
DECISIONS = [json.loads(line) for line in (HERE / "decisions.jsonl").read_text().splitlines()]
ADVICE = (
    "A decision recorded earlier would come out otherwise. If this version was released: give the agent a new"
    " version, keep the old one in decisions.replay.ARCHIVE. If it never was: run tests.decisions.golden"
)


@cache
def policy(sha256: str) -> Policy:
    kept = json.loads((HERE / "policies.json").read_text())[sha256]
    return rules.parse(kept["text"], int(kept["revision"]))


def name(golden: dict[str, Any]) -> str:
    decision = golden["decision"]
    return "-".join([decision["agent"], decision["result"], *sorted(set(decision["reasons"]))])


@pytest.mark.parametrize("golden", DECISIONS, ids=name)
def test_a_golden_decision_comes_out_the_same(golden: dict[str, Any]) -> None:
    decision = golden["decision"]
    assert (decision["agent"], decision["agent_version"]) in ARCHIVE, "keep every version that ever decided"
    assert decision["engine_version"] in ENGINES
    document = decode(Invoice, golden["document"])
    again = compute(decision, document, policy(decision["policy"]["sha256"]))
    differ = {k: (decision.get(k), v) for k, v in again.items() if not equal(k, decision.get(k), v)}
    assert differ == {}, ADVICE


@pytest.mark.parametrize("golden", DECISIONS, ids=name)
def test_it_comes_out_the_same_where_its_facts_were_taken_once(
    golden: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As decisions on many facts are kept: its own input, and the rest in an entry of its chain."""
    monkeypatch.setattr(taken, "WORTH_AN_ENTRY", 1)
    [kept], new = taken.Sets().name([golden["decision"]["input"]])
    assert new is not None
    decision = golden["decision"] | {"input": kept.input, "taken": kept.taken}
    whole = decision | {"input": taken.whole(decision, dict([new]))}
    document = decode(Invoice, golden["document"])
    again = compute(whole, document, policy(decision["policy"]["sha256"]))
    assert all(equal(k, decision.get(k), v) for k, v in again.items()), ADVICE


def test_they_are_of_every_agent_and_many_reasons() -> None:
    assert {g["decision"]["agent"] for g in DECISIONS} >= set(REGISTRY) - {"finance.coding"}
    reasons = {code for g in DECISIONS for code in g["decision"]["reasons"]}
    assert len(reasons) >= 25
    assert {
        "price_over",
        "bank_mismatch",
        "duplicate_suspect",
        "qty_over_received",
        "over_threshold",
    } <= reasons
