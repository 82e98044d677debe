"""The papers keep up with the code: what they name exists, and what exists is named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from coordination.agents import REGISTRY
from coordination.display.words import VERDICT_KEYS
from coordination.project import settings as project_settings
from coordination.translation import QuarantineCode

ROOT = Path(__file__).resolve().parents[2]
PAPERS = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])


def paper(name: str) -> str:
    return (ROOT / name).read_text()


def test_every_setting_is_documented() -> None:
    names = re.findall(r"^([A-Z][A-Z_]+)\b", project_settings.__doc__ or "", re.MULTILINE)
    assert len(names) > 20
    missing = [n for n in names if n not in paper("docs/settings.md")]
    assert missing == [], f"Add to docs/settings.md: {missing}"


@pytest.mark.parametrize("path", PAPERS, ids=lambda p: p.name)
def test_every_link_and_picture_of_the_papers_exists(path: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", path.read_text())
    missing = [t for t in targets if "://" not in t and not (path.parent / t).exists()]
    assert missing == [], f"{path.name} points to what is not there: {missing}"


@pytest.mark.parametrize("path", PAPERS, ids=lambda p: p.name)
def test_every_command_the_papers_name_exists(path: Path) -> None:
    named = set(re.findall(r"manage\.py ([a-z_]+)", path.read_text()))
    assert named <= set(get_commands()), f"{path.name} names commands that do not exist"


def test_the_quick_start_is_the_two_commands_of_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z-]+):", paper("Makefile"), re.MULTILINE))
    assert set(re.findall(r"^make ([a-z]+)", paper("README.md"), re.MULTILINE)) == {"run", "test"} <= targets


def test_every_quarantine_code_is_documented() -> None:
    text = paper("docs/integrate.md")
    assert [c for c in QuarantineCode if f"`{c}`" not in text] == []


def test_every_command_says_what_it_is_for() -> None:
    own = [name for name, app in get_commands().items() if app == "coordination"]
    silent = [name for name in own if not load_command_class("coordination", name).help]
    assert own
    assert silent == []


def test_every_agent_says_what_it_is_for_and_how_fast() -> None:
    assert all(agent.purpose.endswith(".") and agent.sla.total_seconds() > 0 for agent in REGISTRY.values())


def test_the_licence_is_the_one_the_project_names() -> None:
    assert "Apache License" in paper("LICENSE")
    assert 'license = "Apache-2.0"' in paper("pyproject.toml")


def test_no_lock_file_names_an_address() -> None:
    for lock in ROOT.glob("*.lock"):
        text = lock.read_text()
        assert "://" not in text
        assert "--index" not in text
        assert "--hash=sha256:" in text


# --- keys --------------------------------------------------------------------------------------------

BY_BROWSER = {"Enter", "Esc", "Ctrl-K"}
"""Keys that a browser or an open field has of its own."""


def keys_of_the_desk() -> dict[str, str]:
    """Single keys as the pages' script has them, with what they do."""
    [table] = re.findall(r"const KEYS = \{\n(.*?)\n\};", paper("static/js/keys.js"), re.DOTALL)
    return {
        key.strip('"'): does for key, does in re.findall(r'^  ("?[^:\s]+"?): (.*),$', table, re.MULTILINE)
    }


def test_the_papers_name_the_keys_that_there_are_and_all_of_them() -> None:
    text = paper("docs/tour-specialist.md").partition("\nKeys: ")[2].partition("\n\n")[0]
    assert set(re.findall(r"`([^`]+)`", text)) - BY_BROWSER == keys_of_the_desk().keys()


@pytest.mark.parametrize("path", PAPERS, ids=lambda p: p.name)
def test_a_key_gives_the_verdict_that_the_papers_say(path: Path) -> None:
    keys = keys_of_the_desk()
    for key, verdict in re.findall(r"`([a-z])` (approve|reject|override|partial)", path.read_text()):
        assert keys.get(key) == f'verdict("{verdict}")', f"{path.name} says `{key}` for {verdict}"


def test_the_help_and_the_caps_on_the_buttons_are_the_keys_of_the_script() -> None:
    keys, dialog = keys_of_the_desk(), paper("templates/shell/_keys.html")
    caps = set(re.findall(r'class="cap">([^<{]+)</kbd>', dialog)) - BY_BROWSER - {"G"}
    assert {cap.lower() for cap in caps} == keys.keys()
    offered = {v: k.lower() for v, k in VERDICT_KEYS.items() if v != "partial"}
    assert {f'verdict("{v}")': k for v, k in offered.items()} == {
        does: k for k, does in keys.items() if "verdict(" in does
    }


def test_buttons_that_the_papers_set_in_italics_as_stopping_are_there() -> None:
    page = paper("templates/coordination/_autonomy.html")
    for button in ("Stop agent", "Resume agent"):
        assert f"*{button}*" in paper("docs/tour-manager.md")
        assert f"{button}</button>" in page
