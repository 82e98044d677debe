"""docs/compliance.md keeps its word: what it names exists, and no agent can reject."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
from django.core.management import get_commands
from django.urls import get_resolver

from coordination.agents import REGISTRY
from coordination.governance import gate

ROOT = Path(__file__).resolve().parents[2]
PAPER = (ROOT / "docs" / "compliance.md").read_text()


def test_every_command_it_names_exists() -> None:
    named = set(re.findall(r"manage\.py ([a-z_]+)", PAPER))
    assert len(named) > 8
    assert named <= set(get_commands())


def test_every_page_it_names_exists() -> None:
    named = set(re.findall(r"`(/[a-z/]+/)`", PAPER))
    assert named
    for page in named:
        assert get_resolver().resolve(page), page


def test_no_agent_can_reject() -> None:
    """A ruling lets an answer act, holds, waits, notes or asks a person: nothing an agent proposes ends a
    claim."""
    outcomes = set(get_args(get_type_hints(gate.Ruling)["outcome"]))
    assert outcomes
    assert not {"reject", "void", "rejected"} & outcomes
    assert REGISTRY


@pytest.mark.parametrize("name", REGISTRY)
def test_no_agent_names_a_rejected_state(name: str) -> None:
    source = inspect.getsource(type(REGISTRY[name]))
    assert "State.REJECTED" not in source
    assert '"rejected"' not in source
