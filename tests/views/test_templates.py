"""What every template keeps to: tables say what they hold, and lines can be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
WIDEST = 160
SCOPES = {"col", "row", "colgroup", "rowgroup"}


def named(path: Path) -> str:
    return str(path.relative_to(settings.BASE_DIR / "templates"))


def tables() -> Iterator[tuple[str, str]]:
    for path in TEMPLATES:
        for table in re.findall(r"<table\b.*?</table>", path.read_text(), re.DOTALL):
            yield named(path), table


def test_there_are_templates_and_tables_to_look_at() -> None:
    assert len(TEMPLATES) > 100
    assert len(list(tables())) > 40


@pytest.mark.parametrize(("where", "table"), list(tables()))
def test_a_table_begins_with_the_caption_that_says_what_it_holds(where: str, table: str) -> None:
    found = re.match(r"<table[^>]*>\s*<caption\b[^>]*>(.+?)</caption>", table, re.DOTALL)
    assert found, f"{where}: let the table begin with a <caption>, of class unseen where a heading says it"
    assert found[1].strip()


@pytest.mark.parametrize(("where", "table"), list(tables()))
def test_a_head_of_a_table_says_which_cells_it_is_of_and_is_not_empty(where: str, table: str) -> None:
    for attributes, words in re.findall(r"<th\b((?:[^>{]|{%.*?%})*)>(.*?)</th>", table, re.DOTALL):
        scope = re.search(r'\bscope="(\w+)"', attributes)
        assert scope, f"{where}: give <th>{words}</th> a scope, col or row"
        assert scope[1] in SCOPES
        assert words.strip(), (
            f"{where}: say in <th> what the column holds, unseen where nothing is to be seen"
        )


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_no_line_of_a_template_is_too_long_to_be_read(path: Path) -> None:
    long = [
        f"{path.name}:{at}" for at, line in enumerate(path.read_text().splitlines(), 1) if len(line) > WIDEST
    ]
    assert not long, (
        f"over {WIDEST} characters: {', '.join(long)}. Break at a space, between attributes or beside a tag"
        " of a block; what stands inline keeps exactly the spaces it has."
    )
