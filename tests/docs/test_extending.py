"""docs/extending.md done word for word, in a copy of the project and to an installation that is running."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from coordination.governance.rule_facts import FACTS
from coordination.management.commands.dburl import url
from tests import cast
from tests.conftest import ROOT

PAGE = ROOT / "docs" / "extending.md"
FENCE = re.compile(r"^(?P<head>[^\n]+):\n\n```(?:python|text)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
ADDED = re.compile(r"[Aa]dd `([^`]+)`$")
PUT = re.compile(r"In `([^`]+)`, after `([^`]+)`, put$")


@dataclass(frozen=True)
class Step:
    """One block of the page: a file to be added, or, with `after`, lines for a file that is there."""

    path: str
    code: str
    after: str = ""


def steps() -> list[Step]:
    """All blocks in order. Raises where one says neither."""
    found = []
    for block in FENCE.finditer(PAGE.read_text()):
        head, code = block["head"], block["code"]
        if put := PUT.search(head):
            found.append(Step(put[1], code, put[2]))
        elif added := ADDED.search(head):
            found.append(Step(added[1], code))
        else:
            raise ValueError(f"neither a file nor a line: {head}")
    return found


def follow(step: Step, copy: Path) -> None:
    """Do what the step says. Raises where the file is there already, or the line is not there once."""
    file = copy / step.path
    if not step.after:
        assert not file.exists(), step.path
        file.write_text(step.code)
        return
    lines = file.read_text().splitlines(keepends=True)
    [at] = [n for n, line in enumerate(lines) if line.strip() == step.after.strip()]
    file.write_text("".join([*lines[: at + 1], step.code, *lines[at + 1 :]]))


# --- a copy, with a database of its own -------------------------------------------------------------------


@dataclass(frozen=True)
class Copy:
    """The copied project, and the environment of its processes."""

    folder: Path
    environment: dict[str, str]

    def run(self, *arguments: str) -> str:
        """What a process in the copy prints. Fails with what it says where its exit code is not 0."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{arguments}:\n{done.stdout[-6000:]}\n{done.stderr[-3000:]}"
        return done.stdout

    def manage(self, *commands: list[str]) -> list[dict[str, Any]]:
        """Several commands of manage.py in one process; the JSON objects that they print, a line each."""
        script = "import django; django.setup()\nfrom django.core.management import call_command\n"
        out = self.run("-c", script + "\n".join(f"call_command(*{command!r})" for command in commands))
        return [json.loads(line) for line in out.splitlines() if line.startswith("{")]


@pytest.fixture(scope="module")
def copy(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    folder = tmp_path_factory.mktemp("project")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    if (ROOT / ".venv").exists():
        (folder / ".venv").symlink_to(ROOT / ".venv")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("COUNTERSIGN_", "PYTEST_"))}
    server, name = connection.get_connection_params(), f"extending_{os.getpid()}"
    with psycopg.connect(url(server), autocommit=True) as own:
        own.execute(f"CREATE DATABASE {name}")
    # the checks of the page have a database of their own; it need not be migrated from nothing a second time
    checks = f"test_{name}"
    settings = {
        "DATABASE_URL": url(server | {"dbname": name}),
        "COUNTERSIGN_DATA": str(folder / "var"),
        "COUNTERSIGN_SAMPLING": "0",
        "COUNTERSIGN_TRUST_FIRST_IMPORT": "1",
        "DJANGO_SETTINGS_MODULE": "coordination.project.settings",
    }
    found = Copy(folder, kept | settings)
    found.manage(["migrate", "--verbosity=0"])
    with psycopg.connect(url(server), autocommit=True) as own:
        own.execute(f"CREATE DATABASE {checks} TEMPLATE {name}")
    yield found
    with psycopg.connect(url(server), autocommit=True) as own:
        own.execute(f"DROP DATABASE {checks} WITH (FORCE)")
        own.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def extended(copy: Copy) -> Copy:
    """An installation that cleared one invoice and holds another, and then gets all that the page adds."""
    papers = copy.folder / "papers"
    papers.mkdir()
    sunday = {"issue_date": "2026-09-06", "invoice_number": "RE-2207", "order_number": "PO-9"}
    for kind, rows in {
        "vendors": [cast.vendor()],
        "orders": [cast.order()],
        "receipts": [cast.receipt()],
        "invoices": [cast.bill(), cast.bill(**sunday)],
    }.items():
        (papers / f"{kind}.csv").write_bytes(cast.table(kind, *rows))
    before = standing(copy.manage(["intake", str(papers)], DRAIN, EXPORT))
    assert before["INV-1"] == ("cleared", [])
    assert before["RE-2207"][1] == ["po_unknown"]
    for step in steps():
        follow(step, copy.folder)
    return copy


DRAIN, EXPORT = ["work", "--drain"], ["export", "invoices", "--jsonl"]


def standing(printed: list[dict[str, Any]]) -> dict[str, tuple[str, list[str]]]:
    """State and codes of every invoice that was exported."""
    rows = [r for r in printed if "invoice_number" in r]
    return {r["invoice_number"]: (r["state"], sorted(h["code"] for h in r["holds"])) for r in rows}


# --- what holds -------------------------------------------------------------------------------------------


def test_every_section_says_what_one_gets_where_it_goes_and_how_to_see_it_work() -> None:
    sections = PAGE.read_text().split("\n## ")[1:]
    assert [s.partition("\n")[0] for s in sections] == [
        "Add an agent",
        "Add a hold code",
        "Add a kind of question",
        "Add a format",
        "Add a fact for rules",
        "Add a page",
        "Add a key figure",
    ]
    for section in sections:
        assert "*You get* " in section
        assert "*See it work:*" in section
        assert ", put:" in section
    assert PAGE.read_text().count("```") == 2 * len(steps())


def test_every_fact_for_rules_is_named_on_the_page() -> None:
    section = PAGE.read_text().partition("## Add a fact for rules")[2].partition("```")[0]
    assert [name for name in FACTS if f"`{name}`" not in section] == []


def test_each_extension_is_one_file_and_one_line_or_one_row() -> None:
    for section in PAGE.read_text().split("\n## ")[1:]:
        heads = [block["head"] for block in FENCE.finditer(section)]
        files = [m[1] for h in heads if (m := ADDED.search(h)) and not m[1].startswith("tests/")]
        lines = [m for h in heads if (m := PUT.search(h))]
        checks = [m[1] for h in heads if (m := ADDED.search(h)) and m[1].startswith("tests/")]
        kinds = 2 if section.startswith("Add a format") else 1
        assert (len(lines), len(checks)) == (kinds, 1), section[:40]
        assert len(files) in {0, kinds}, section[:40]


def test_a_running_installation_registers_and_asks_a_new_agent(extended: Copy) -> None:
    printed = extended.manage(DRAIN, ["agents", "list", "--json"], EXPORT)
    assert "control.weekends" in json.dumps([r for r in printed if "agents" in r])
    found = standing(printed)
    assert found["INV-1"] == ("cleared", [])
    assert found["RE-2207"][1] == ["po_unknown", "weekend_issue"]


def test_what_the_page_gives_to_see_it_work_passes_with_the_rules_of_the_house(extended: Copy) -> None:
    checks = [s.path for s in steps() if s.path.startswith("tests/")]
    rules = "tests/architecture/test_hold_codes.py"
    extended.run("-m", "pytest", "-q", "--reuse-db", "-p", "no:cacheprovider", *checks, rules)


def test_what_the_page_gives_is_written_as_the_rest(extended: Copy) -> None:
    paths = sorted({s.path for s in steps()})
    extended.run("-m", "ruff", "check", "--no-cache", *paths)
    extended.run("-m", "ruff", "format", "--no-cache", "--check", *paths)
