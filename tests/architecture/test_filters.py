"""Which rows count, and how they are locked, is said once: by the QuerySet of their model."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.modules import modules

ONCE = {
    "Hold.objects.live()": [
        ("exclude", {"status": "Hold.Status.RELEASED"}),
        ("exclude", {"status": "'released'"}),
    ],
    "Payment.objects.live()": [("filter", {"status__in": "LIVE"})],
    "Payment.objects.not_cancelled()": [
        ("exclude", {"status": "Payment.Status.CANCELLED"}),
        ("exclude", {"status": "'cancelled'"}),
    ],
    "Quarantine.objects.open()": [
        ("filter", {"status": "Quarantine.Status.OPEN"}),
        ("Quarantine filter", {"status": "'open'"}),
    ],
    "LegalHold.objects.in_force()": [("filter", {"lifted_at": "None"})],
    "locked()": [("select_for_update", {"of": "('self',)", "no_key": "True"})],
}
"""What to say -> the calls that would say it again: method (with the model that the chain begins with, where
that matters) and keywords."""


def calls(tree: ast.Module) -> Iterator[tuple[int, str, str, dict[str, str]]]:
    """Line, the name that the chain begins with, method and keywords of every call of a method."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            start: ast.expr = node.func
            while isinstance(start, ast.Attribute | ast.Call):
                start = start.value if isinstance(start, ast.Attribute) else start.func
            first = start.id if isinstance(start, ast.Name) else ""
            yield (
                node.lineno,
                first,
                node.func.attr,
                {k.arg or "": ast.unparse(k.value) for k in node.keywords},
            )


def repeated(tree: ast.Module, instead: str) -> list[int]:
    """Lines that say by hand what a QuerySet says."""
    return [
        line
        for line, first, method, given in calls(tree)
        for again, keywords in ONCE[instead]
        if again in {method, f"{first} {method}"} and keywords.items() <= given.items()
    ]


@pytest.mark.parametrize("instead", ONCE)
def test_no_module_says_again_which_rows_count(instead: str) -> None:
    outside = [m for m in modules().values() if not m.name.startswith("coordination.models.")]
    found = {m.name: lines for m in outside if (lines := repeated(m.tree, instead))}
    assert found == {}, f"say {instead}"


@pytest.mark.parametrize("instead", ONCE)
def test_what_is_said_again_is_found(instead: str) -> None:
    for again, keywords in ONCE[instead]:
        model, _, method = again.rpartition(" ")
        given = ", ".join(f"{name}={value}" for name, value in keywords.items())
        written = f"{model or 'rows'}.objects.filter(pk=1).{method}({given}, code=2)"
        assert repeated(ast.parse(written), instead) == [1]


def test_an_open_question_is_no_open_file() -> None:
    written = 'Escalation.objects.filter(status="open")'
    assert repeated(ast.parse(written), "Quarantine.objects.open()") == []
