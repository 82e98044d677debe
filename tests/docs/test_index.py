"""Every page of the docs stands once in their index, and every address on a page leads somewhere."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import ROOT

DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.glob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])
FILE = re.compile(r"`((?:coordination|reviews|audit|tests|static|templates)/[\w/.]+\.\w+)`")
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#]+)(?:#[^)]*)?\)")


def test_every_page_stands_once_in_the_index() -> None:
    listed = Counter(LINK.findall((DOCS / "README.md").read_text()))
    pages = Counter(p.name for p in DOCS.glob("*.md") if p.name != "README.md")
    assert listed == pages


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_address_leads_somewhere(page: Path) -> None:
    missing = [found for found in LINK.findall(page.read_text()) if not (page.parent / found).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_files_that_a_page_names_in_code_are_there(page: Path) -> None:
    if page.name == "extending.md":
        return  # its files are those that it tells to add
    found = set(FILE.findall(page.read_text()))
    assert [f for f in sorted(found) if not (ROOT / f).exists()] == []


def test_rooms_that_the_architecture_names_are_there() -> None:
    """`decisions/transition.py` and the like are named from `coordination` down."""
    text = (DOCS / "architecture.md").read_text()
    found = set(re.findall(r"`((?:[a-z_]+/)+(?:[a-z_0-9]+\.py)?)`", text))
    missing = [
        f for f in sorted(found) if not any((ROOT / base / f).exists() for base in ("", "coordination"))
    ]
    assert missing == []
