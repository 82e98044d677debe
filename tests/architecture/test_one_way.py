"""One way to do a thing: a state moves, a decision is recorded and a hold ends in one place each."""

import ast

import pytest
from django.utils import timezone

from coordination.agents import REGISTRY
from coordination.decisions.transition import transition
from coordination.domain.transitions import ENDED, TRANSITIONS, TransitionRefused
from coordination.models import Invoice, State
from tests.architecture.modules import Module, modules, within


def assigned(module: Module) -> set[str]:
    """Names of attributes that a module assigns."""
    targets: list[ast.expr] = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Assign):
            targets += node.targets
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            targets.append(node.target)
    flat = [x for t in targets for x in (t.elts if isinstance(t, ast.Tuple) else [t])]
    return {x.attr for x in flat if isinstance(x, ast.Attribute)}


def makes(module: Module, name: str) -> bool:
    """Does a module call this name?"""
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
        for node in ast.walk(module.tree)
    )


def test_one_function_assigns_an_invoices_state() -> None:
    found = {m.name for m in modules().values() if {"state", "state_since"} & assigned(m)}
    assert found == {"coordination.decisions.transition"}


def test_one_module_asks_the_system_what_time_it_is() -> None:
    """What asks elsewhere does not know of a clock that was set."""
    asks = {
        m.name
        for m in modules().values()
        for node in ast.walk(m.tree)
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and f"{node.value.id}.{node.attr}"
            in {"timezone.now", "datetime.now", "date.today", "datetime.utcnow"}
        )
        or (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "localdate"
            and not node.args
        )
    }
    assert asks == {"audit.clock"}, "ask audit.clock"


def test_one_function_records_a_decision() -> None:
    assert {m.name for m in modules().values() if makes(m, "Decision")} == {"coordination.decisions.record"}


def test_one_function_releases_a_hold() -> None:
    found = {m.name for m in modules().values() if {"release_reason", "released_at"} & assigned(m)}
    assert found == {"coordination.decisions.holds"}


def test_the_writer_of_decisions_names_no_agent() -> None:
    classes = {type(agent).__name__ for agent in REGISTRY.values()}
    named = {
        f"{m.name}: {node.id}"
        for m in within("coordination.decisions")
        for node in ast.walk(m.tree)
        if isinstance(node, ast.Name) and node.id in classes
    }
    assert named == set()
    quoted = {m.name for m in within("coordination.decisions") for name in REGISTRY if f'"{name}"' in m.text}
    assert quoted == set()


@pytest.mark.django_db
@pytest.mark.parametrize("before", State.values)
@pytest.mark.parametrize("after", State.values)
def test_a_move_that_the_table_does_not_name_is_refused(before: str, after: str) -> None:
    row = Invoice(state=before, version=3)
    if after in TRANSITIONS[before]:
        move = transition(row, after, timezone.now())
        assert move.as_json() == {"from": before, "to": after, "version": "4"}
        assert row.state == after
    else:
        with pytest.raises(TransitionRefused, match=f"from {before} to {after}"):
            transition(row, after, timezone.now())
        assert (row.state, row.version) == (before, 3)


def test_what_has_ended_stays_ended() -> None:
    assert {state: TRANSITIONS[state] for state in ENDED} == {state: {state} for state in ENDED}


def test_the_table_names_every_state() -> None:
    assert set(TRANSITIONS) == set(State.values)
