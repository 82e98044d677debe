"""Small files, short functions, one file per agent, migrations that match the models."""

import io

import pytest
from django.core.management import call_command

from coordination.agents import REGISTRY
from tests.architecture.modules import modules

LONGEST_MODULE = 400
LONGEST_FUNCTION = 60
LONG_MODULES = {
    "coordination.domain.hold_codes": 800,  # one table on purpose: all that is known of a code is its row
    "coordination.domain.facts": 420,  # all that an agent may know, in one place
    "coordination.facts.loader": 420,  # and where it comes from
    "coordination.translation.canonical": 600,
    "coordination.models.invoices": 420,  # the rows of one document, with what the database refuses of them
    "audit.verify": 960,  # one file on purpose: a copy of it goes into every bundle
}
"""Modules that may be longer, and how long."""


def test_no_module_is_long() -> None:
    too_long = {
        m.name: m.lines for m in modules().values() if m.lines > LONG_MODULES.get(m.name, LONGEST_MODULE)
    }
    assert too_long == {}, "split it, or say here why it may be longer"


def test_no_function_is_long() -> None:
    too_long = {
        f"{m.name}.{f.name}": length
        for m in modules().values()
        for f in m.functions()
        if (length := (f.end_lineno or f.lineno) - f.lineno + 1) > LONGEST_FUNCTION
    }
    assert too_long == {}


def test_every_module_says_what_it_is_for() -> None:
    import ast

    silent = [m.name for m in modules().values() if m.text.strip() and not ast.get_docstring(m.tree)]
    assert [name for name in silent if not name.endswith(".apps")] == []


@pytest.mark.parametrize("name", REGISTRY)
def test_every_agent_has_a_file_of_its_own_with_its_name(name: str) -> None:
    assert type(REGISTRY[name]).__module__ == f"coordination.agents.{name.replace('.', '_')}"


@pytest.mark.parametrize("name", REGISTRY)
def test_every_agent_says_what_it_is_for_and_by_when(name: str) -> None:
    agent = REGISTRY[name]
    assert agent.name == name
    assert agent.purpose
    assert agent.version
    assert agent.department
    assert agent.sla.total_seconds() > 0
    assert agent.contract.owns


@pytest.mark.django_db
def test_the_migrations_are_those_of_the_models() -> None:
    out = io.StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=out, stderr=out, skip_checks=True)
    except SystemExit:
        pytest.fail(f"run manage.py makemigrations:\n{out.getvalue()}")
