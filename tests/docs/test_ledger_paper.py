"""docs/ledger.md names every finding that `verify` can make, and every test it points to exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from coordination.assurance import row_checks

ROOT = Path(__file__).resolve().parents[2]
PAPER = (ROOT / "docs" / "ledger.md").read_text()
COMPLIANCE = (ROOT / "docs" / "compliance.md").read_text()
HARDENING = (ROOT / "docs" / "hardening.md").read_text()


def codes() -> set[str]:
    """Codes of findings as the source writes them."""
    found = set()
    for path in [*(ROOT / "audit").glob("*.py"), *(ROOT / "coordination" / "assurance").glob("*.py")]:
        found |= set(re.findall(r'Finding\(\s*"([a-z_]+)"', path.read_text()))
    return found


def test_every_code_of_a_finding_is_explained() -> None:
    told = set(re.findall(r"`([a-z_]+)`", PAPER + HARDENING))
    assert len(codes()) > 40
    assert codes() - told == set()


def test_every_kind_of_row_that_repeats_an_entry_is_explained() -> None:
    source = Path(row_checks.__file__).read_text()
    kinds = set(re.findall(r'_found\("([a-z_]+)"', source))
    assert kinds
    assert {kind for kind in kinds if f"`{kind}_" not in PAPER} == set()


@pytest.mark.parametrize("paper", [PAPER, COMPLIANCE], ids=["ledger", "compliance"])
def test_every_test_a_paper_points_to_exists(paper: str) -> None:
    named = set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", paper))
    assert named
    for path, name in sorted(named):
        file = ROOT / path
        assert file.exists(), f"{path} is not there"
        assert not name or f"def {name}(" in file.read_text(), f"{path} has no {name}"
