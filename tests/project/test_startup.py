"""A command loads what it needs: no web server, no PDF, no format that it does not read."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from functools import cache

import pytest

from tests import cast
from tests.architecture.modules import modules
from tests.conftest import ROOT

WEB = {"daphne", "twisted", "autobahn", "whitenoise", "django.core.handlers.asgi"}
PAPER = {"reportlab", "openpyxl", "pikepdf", "PIL"}
FORMATS = {"lxml", "pydifact", "saxonche", "coordination.translation.registry"}
MONEY_OUT = {"sepaxml", "holidays", "schwifty", "pycountry"}
OURS = {"coordination.services.payments", "coordination.services.intake", "coordination.questions.invoice"}

NEEDED: dict[str, set[str]] = {
    "agents": set(),
    "check_invariants": set(),
    "dburl": set(),
    "policy": set(),
    "reperform": set(),
    "retention": set(),
    "seal": set(),
    "setup_people": set(),
    "up": set(),
    "verify": set(),
    "hold": {"lxml", "coordination.services.payments"},
    "population": {"lxml", "reportlab", "openpyxl", "PIL"},
    "payments": {"lxml", "coordination.services.payments"},
    "intake": {*FORMATS, "coordination.services.payments", "coordination.services.intake"},
    "work": {"lxml", "coordination.services.payments"},
}
"""Command -> of what is named above the modules that it may load before it does anything."""

PROGRAM = """
import sys
sys.path.insert(0, ".")
import manage
sys.argv = ["manage.py", sys.argv[1], "--help"]
try:
    manage.main()
except SystemExit:
    pass
import json
print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


@cache
def loaded(command: str) -> frozenset[str]:
    """The modules of a process that was asked for the help of this command."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, command],
        cwd=ROOT,
        env=cast.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("usage: manage.py")
    return frozenset(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.parametrize("command", NEEDED)
def test_a_command_loads_nothing_heavy_that_it_does_not_need(command: str) -> None:
    heavy = WEB | PAPER | FORMATS | MONEY_OUT | OURS
    assert loaded(command) & (heavy - NEEDED[command]) == set()


def test_the_list_looks_at_something() -> None:
    assert "coordination.translation.registry" in loaded("intake")
    assert "reportlab" in loaded("population")
    assert len(loaded("seal")) < len(loaded("intake"))


@pytest.mark.parametrize("name", sorted(m.name for m in modules().values()))
def test_what_is_loaded_late_can_be_loaded(name: str) -> None:
    """An import inside of a function fails here and not when somebody needs it."""
    importlib.import_module(name)
