"""Facts once: recorded snapshots come back whole from what is kept of them, whatever was on record before."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.verify import canonical_digest
from coordination.facts import taken
from coordination.facts.taken import OWN, FactsNotFound, Sets, digest_of, whole

Facts = dict[str, Any]
NAMES = ["vendor", "orders", "receipts", "makers", "sampling", *sorted(OWN)]
VALUES = st.recursive(
    st.booleans() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=4,
)
SNAPSHOTS = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6)
WRITES = st.lists(st.lists(SNAPSHOTS, min_size=1, max_size=3), min_size=1, max_size=4)
LINES = [{"line": str(n), "item": f"ITEM-{n}", "price": "9.40"} for n in range(200)]


@pytest.fixture
def any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taken, "WORTH_AN_ENTRY", 1)


@pytest.mark.usefixtures("any_size")
@given(WRITES)
def test_what_is_kept_of_snapshots_comes_back_whole(writes: list[list[Facts]]) -> None:
    sets, on_record = Sets(), {}
    for recorded in writes:
        named, new = sets.name(recorded)
        if new is not None:
            assert new[0] == digest_of(new[1])
            on_record[new[0]] = new[1]
        for one, kept in zip(recorded, named, strict=True):
            assert whole({"input": kept.input, "taken": kept.taken}, on_record) == one


@pytest.mark.usefixtures("any_size")
@given(WRITES)
def test_what_belongs_to_one_decision_stays_with_it(writes: list[list[Facts]]) -> None:
    sets = Sets()
    for recorded in writes:
        named, new = sets.name(recorded)
        assert not (new and OWN & new[1].keys())
        assert [{k: v for k, v in n.input.items() if k in OWN} for n in named] == [
            {k: v for k, v in one.items() if k in OWN} for one in recorded
        ]


@given(st.dictionaries(st.text("abcxyz_", min_size=1, max_size=4), VALUES, max_size=5))
def test_the_verifier_knows_facts_by_the_same_digest(facts: Facts) -> None:
    assert canonical_digest(facts) == digest_of(facts)


def test_few_facts_stay_with_each_decision() -> None:
    few = {"state": "received", "orders": LINES[:20]}
    named, new = Sets().name([few, few])
    assert new is None
    assert [n.input for n in named] == [few, few]
    assert [n.taken for n in named] == [{}, {}]


def test_many_facts_are_kept_once() -> None:
    many = {"orders": LINES, "vendor": {"name": "Northern Paper"}}
    named, new = Sets().name([many | {"version": "1"}, many | {"version": "2"}])
    assert new is not None
    digest, facts = new
    assert facts == many
    assert [n.input for n in named] == [{"version": "1"}, {"version": "2"}]
    assert [n.taken for n in named] == [{digest: ["orders", "vendor"]}] * 2


def test_only_what_is_new_is_taken_again() -> None:
    sets = Sets()
    _, first = sets.name([{"orders": LINES, "makers": ["system:intake"]}])
    [named], second = sets.name([{"orders": LINES, "makers": ["system:intake"], "receipts": LINES[:150]}])
    assert first is not None
    assert second is not None
    assert second[1] == {"receipts": LINES[:150]}
    assert named.taken == {first[0]: ["makers", "orders"], second[0]: ["receipts"]}


def test_few_new_facts_stay_with_the_decision_beside_many_old_ones() -> None:
    sets = Sets()
    _, first = sets.name([{"orders": LINES}])
    [named], second = sets.name([{"orders": LINES, "receipts": LINES[:2]}])
    assert first is not None
    assert second is None
    assert named.taken == {first[0]: ["orders"]}
    assert named.input == {"receipts": LINES[:2]}


def test_facts_that_two_decisions_of_one_moment_saw_otherwise_stay_with_the_second() -> None:
    other = [*LINES, {"line": "201"}]
    named, new = Sets().name([{"orders": LINES, "vendor": "V"}, {"orders": other, "vendor": "V"}])
    assert new is not None
    assert new[1] == {"orders": LINES, "vendor": "V"}
    assert named[1].input == {"orders": other}
    assert named[1].taken == {new[0]: ["vendor"]}


def test_a_decision_from_before_has_its_whole_input() -> None:
    assert whole({"input": {"orders": LINES}}, {}) == {"orders": LINES}


@pytest.mark.parametrize("there", [{}, {"d" * 64: {}}, {"d" * 64: {"vendor": "V"}}])
def test_facts_that_no_entry_has_are_said_and_not_left_out(there: dict[str, Facts]) -> None:
    with pytest.raises(FactsNotFound, match="orders of the facts dddddddddddd"):
        whole({"input": {}, "taken": {"d" * 64: ["orders"]}}, there)
