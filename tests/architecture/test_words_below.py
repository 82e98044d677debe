"""What lies below knows nothing of what lies above it, not even the words: another trade could use it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.modules import within
from tests.conftest import ROOT

OF_COORDINATION = (
    "coordination",
    "invoice",
    "vendor",
    "supplier",
    "payment",
    "purchase",
    "receipt",
    "goods",
    "deliver",
    "discount",
    "credit[_ ]note",
    "bank",
    "procurement",
)
OF_REVIEWS = ("escalation", "verdict", "quorum", "reviewer")
WORDS = {
    "reviews": (*OF_COORDINATION, "statement"),
    "audit": (*OF_COORDINATION, *OF_REVIEWS),  # its "statements" are those of SQL
}
EXCEPTIONS = {
    "audit/verify.py": {
        # types of entries that are stored and signed: bundles that were taken years ago name them
        "invoice.decided",
        "invoice.received",
        "verdict.given",
        # findings that others look for by name, and what one of them says
        "verdict_not_human",
        "decision_without_verdict",
        "A verdict was given by",
        # entries of a case with a known answer, and a field of them
        "escalation.opened",
        'get("verdict")',
        'data["verdict"]',
    },
}
"""File -> texts that a stored or published name forces on it."""


def files(app: str) -> Iterator[Path]:
    yield from (m.path for m in within(app))
    yield from (ROOT / "templates" / app).rglob("*.html")


@pytest.mark.parametrize(
    "path", [p for app in WORDS for p in files(app)], ids=lambda p: str(p.relative_to(ROOT))
)
def test_it_says_no_word_of_a_layer_above(path: Path) -> None:
    name = str(path.relative_to(ROOT))
    app = "audit" if name.startswith("audit/") else "reviews"
    text = path.read_text()
    for stored in EXCEPTIONS.get(name, ()):
        text = text.replace(stored, "")
    found = [word for word in WORDS[app] if re.search(word, text, re.IGNORECASE)]
    assert found == [], "let whoever owns the word register what is needed here, or rename it"


def test_no_exception_is_left_over() -> None:
    left = {
        (name, stored)
        for name, texts in EXCEPTIONS.items()
        for stored in texts
        if stored not in (ROOT / name).read_text()
    }
    assert left == set()
