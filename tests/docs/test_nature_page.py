"""The page on a document's nature is the one that the lists make."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.test import override_settings

from coordination.reports.nature_page import page
from coordination.translation import nature

PAGE = Path(__file__).resolve().parents[2] / "docs" / "nature.md"


@pytest.mark.django_db
def test_the_page_is_current(tmp_path: Path) -> None:
    call_command("code_lists", output=tmp_path / "nature.md")
    assert (tmp_path / "nature.md").read_text() == PAGE.read_text(), "manage.py code_lists -o docs/nature.md"


def test_the_page_names_editions_and_every_code_of_an_invoice() -> None:
    for file in (nature.DOCUMENTS, nature.MEANS):
        assert nature.edition(file).edition in page()
    missing = [
        n.code for n in nature.documents().values() if n.kind != "other" and f"| {n.code} |" not in page()
    ]
    assert missing == []


@pytest.mark.parametrize(("content", "says"), [('{"list": ""}', "write one object"), (None, "holds neither")])
def test_a_list_of_ones_own_is_checked_at_start(tmp_path: Path, content: str | None, says: str) -> None:
    if content is not None:
        (tmp_path / nature.DOCUMENTS).write_text(content)
    with override_settings(COUNTERSIGN_LISTS=str(tmp_path)):
        found = [e.msg for e in run_checks() if e.id == "countersign.E004"]
    assert [says in m for m in found] == [True]
